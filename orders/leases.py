"""Which processes are alive: each holds a lease that it renews; one that cannot renew it writes nothing more.

Times are the database's own clock, so that clocks which differ between machines take no lease away too early.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa

from orders.database import create_tables

T = TypeVar("T")

_metadata = sa.MetaData()
_executor = sa.Table(
    "submission_executor",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
)


class LeaseLost(Exception):
    """This process may not write: another one may already be at its work."""


class Leases:
    """`own` is this process's id, new at every start; `clock` tells how long its own lease surely lasts."""

    def __init__(
        self,
        engine: sa.Engine,
        threads: ThreadPoolExecutor,
        *,
        own: str,
        version: str,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.own, self.version = own, version
        self._engine, self._threads, self._seconds, self._clock = engine, threads, seconds, clock
        self._surely_until = 0.0

    async def create_tables(self) -> None:
        await self._in_thread(lambda: create_tables(self._engine, _metadata))

    def remaining_seconds(self) -> float:
        """How long nobody else can take over this process's work."""
        return self._surely_until - self._clock()

    def demand(self, seconds: float) -> None:
        """Raises LeaseLost unless the lease surely lasts so long: as long as a write may take."""
        if self.remaining_seconds() < seconds:
            raise LeaseLost(f"the lease lasts {self.remaining_seconds():.1f} s more, and {seconds:.1f} s are needed")

    async def renew(self) -> None:
        begun = self._clock()
        await self._in_thread(self._renewed)
        self._surely_until = begun + self._seconds

    async def give_up(self) -> None:
        """The work is free for others at once."""
        self._surely_until = 0.0
        await self._in_thread(lambda: self._expire(self.own))

    async def expire_others(self) -> None:
        """Where one process alone may use the database, whoever else is listed is dead."""
        await self._in_thread(lambda: self._expire(None))

    async def live_versions(self) -> list[str]:
        """The version of every live process."""
        query = sa.select(_executor.c.version).where(_executor.c.lease_until >= self._now())
        return await self._in_thread(lambda: self._column(query))

    def live(self) -> sa.Select[Any]:
        """The ids of the live processes, for a query of somebody else's."""
        return sa.select(_executor.c.id).where(_executor.c.lease_until >= self._now())

    async def dead(self) -> list[str]:
        query = sa.select(_executor.c.id).where(_executor.c.lease_until < self._now(), _executor.c.id != self.own)
        return await self._in_thread(lambda: self._column(query))

    async def bury(self, executor: str) -> None:
        """Once all that it was at work on has been taken over."""
        gone = sa.delete(_executor).where(_executor.c.id == executor, _executor.c.lease_until < self._now())
        await self._in_thread(lambda: self._execute(gone))

    # ------------------------------------------------------------ in the threads

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _now(self) -> sa.ColumnElement[float]:
        if self._engine.dialect.name == "sqlite":
            return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Float)
        return sa.literal_column("extract(epoch from clock_timestamp())", sa.Float)

    def _renewed(self) -> None:
        until: Any = self._now() + self._seconds
        own = _executor.c.id == self.own
        if self._execute(sa.update(_executor).where(own).values(lease_until=until)) == 0:
            new = sa.insert(_executor).values(id=self.own, version=self.version, lease_until=until)
            self._execute(new)

    def _expire(self, executor: str | None) -> None:
        whose = _executor.c.id != self.own if executor is None else _executor.c.id == executor
        self._execute(sa.update(_executor).where(whose).values(lease_until=0.0))

    def _execute(self, query: Any) -> int:
        with self._engine.begin() as connection:
            done: Any = connection.execute(query)
            return int(done.rowcount)

    def _column(self, query: sa.Select[Any]) -> list[str]:
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())
