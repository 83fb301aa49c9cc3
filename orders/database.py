"""The database of the submissions: a SQLite file of one process, or PostgreSQL for several."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

BUSY_SECONDS = 30
POOL_SIZE = 10


class DatabaseTaken(Exception):
    """Another process works with this SQLite file."""


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def engine_of(url: str) -> sa.Engine:
    if not is_sqlite(url):
        chosen = make_url(url).set(drivername="postgresql+psycopg")
        return sa.create_engine(chosen, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_pre_ping=True)
    engine = sa.create_engine(url, pool_size=1, max_overflow=0, connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: object) -> None:
    """Writers queue up at the start of their transactions; what is committed outlives a power cut."""
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def held(url: str) -> Iterator[None]:
    """A SQLite file belongs to one process at a time, for as long as that lives. Raises DatabaseTaken."""
    path = make_url(url).database
    if not is_sqlite(url) or not path:
        yield
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise DatabaseTaken(f"{path} belongs to another process: several need PostgreSQL") from None
    try:
        yield
    finally:
        os.close(lock)
