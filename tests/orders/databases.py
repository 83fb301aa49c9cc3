"""The two databases that submissions may be kept in, each empty and a test's own."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import sqlalchemy as sa

from orders.database import engine_of
from tests.postgres import database

KINDS = ("sqlite", "postgresql")


@asynccontextmanager
async def engine(kind: str, folder: Path) -> AsyncIterator[tuple[sa.Engine, ThreadPoolExecutor]]:
    """With threads to use it in."""
    if kind == "sqlite":
        with used(f"sqlite:///{folder}/submissions.db") as found:
            yield found
        return
    async with database() as url:
        with used(url) as found:
            yield found


@contextmanager
def used(url: str) -> Iterator[tuple[sa.Engine, ThreadPoolExecutor]]:
    """The threads end first: what is still under way in one of them gives its connection back."""
    made = engine_of(url)
    try:
        with ThreadPoolExecutor(4) as threads:
            yield made, threads
    finally:
        made.dispose()
