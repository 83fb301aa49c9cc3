"""Dead letters: deliveries that were verified and could not be understood, kept in a file until somebody can read them. Bounded.

When there is no room left, or the disk fails, the delivery is not taken in at all, and its sender keeps it.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import (
    Column,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

T = TypeVar("T")

MAX_LETTERS = 10_000


class LettersUnavailable(Exception):
    """There is no room for another letter, or the file cannot be written."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` says what was not understood, and where. `number` is its place in the file."""

    source: str
    reason: str
    received: datetime
    body: bytes
    message_id: str = ""
    number: int = 0
    attempts: int = 0

    def __repr__(self) -> str:
        return f"Letter(number={self.number}, source={self.source!r}, {len(self.body)} bytes)"


class Letters(Protocol):
    async def keep(self, letter: Letter) -> int:
        """Its number. Raises LettersUnavailable."""
        ...

    async def all(self, source: str | None = None, *, limit: int = MAX_LETTERS) -> list[Letter]: ...

    async def tried(self, number: int, reason: str) -> None:
        """It was read again and still not understood."""
        ...

    async def drop(self, number: int) -> bool: ...

    async def count(self) -> int: ...


_META = MetaData()
_LETTERS = Table(
    "letter",
    _META,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("source", String(100), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("received", Float, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("attempts", Integer, nullable=False),
)


class LetterFile:
    """An SQLite file, made when the first letter is kept. Every access runs in a thread, one after the other."""

    def __init__(self, path: Path, *, limit: int = MAX_LETTERS) -> None:
        self._path, self._limit = path, limit
        self._engine: Engine | None = None
        self._turn = asyncio.Lock()

    async def keep(self, letter: Letter) -> int:
        return await self._run(lambda engine: self._keep(engine, letter))

    async def all(self, source: str | None = None, *, limit: int = MAX_LETTERS) -> list[Letter]:
        if not self._exists():
            return []
        return await self._run(lambda engine: _all(engine, source, limit))

    async def tried(self, number: int, reason: str) -> None:
        changed = update(_LETTERS).where(_LETTERS.c.number == number)
        values = {"attempts": _LETTERS.c.attempts + 1, "reason": reason[:500]}
        await self._run(lambda engine: _carried_out(engine, changed.values(values)))

    async def drop(self, number: int) -> bool:
        if not self._exists():
            return False
        dropped = delete(_LETTERS).where(_LETTERS.c.number == number)
        return bool(await self._run(lambda engine: _carried_out(engine, dropped)))

    async def count(self) -> int:
        return await self._run(_count) if self._exists() else 0

    async def aclose(self) -> None:
        async with self._turn:
            if self._engine is not None:
                await asyncio.to_thread(self._engine.dispose)
                self._engine = None

    def _exists(self) -> bool:
        return self._engine is not None or self._path.exists()

    def _keep(self, engine: Engine, letter: Letter) -> int:
        if _count(engine) >= self._limit:
            raise LettersUnavailable("there is no room for another letter")
        row = {
            "source": letter.source,
            "reason": letter.reason[:500],
            "received": letter.received.timestamp(),
            "body": letter.body,
            "message_id": letter.message_id[:200],
            "attempts": letter.attempts,
        }
        with engine.begin() as connection:
            key = connection.execute(insert(_LETTERS).values(row)).inserted_primary_key
        return int(key[0]) if key is not None else 0

    async def _run(self, work: Callable[[Engine], T]) -> T:
        async with self._turn:
            try:
                return await asyncio.to_thread(lambda: work(self._opened()))
            except (SQLAlchemyError, OSError) as error:
                raise LettersUnavailable(f"the file cannot be used: {type(error).__name__}") from None

    def _opened(self) -> Engine:
        if self._engine is None:
            engine = create_engine(f"sqlite:///{self._path}", connect_args={"timeout": 5})
            event.listen(engine, "connect", _durable)
            _META.create_all(engine)
            self._engine = engine
        return self._engine


def _durable(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _all(engine: Engine, source: str | None, limit: int) -> list[Letter]:
    asked = select(_LETTERS).order_by(_LETTERS.c.number).limit(limit)
    if source is not None:
        asked = asked.where(_LETTERS.c.source == source)
    with engine.connect() as connection:
        rows = connection.execute(asked).mappings().all()
    return [Letter(**{**row, "received": datetime.fromtimestamp(row["received"], UTC)}) for row in rows]


def _carried_out(engine: Engine, statement: Any) -> int:
    with engine.begin() as connection:
        return int(connection.execute(statement).rowcount)


def _count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(_LETTERS)).scalar_one())
