"""What has moved and was not told yet: written down with the move itself, forgotten once the bus has it.

A process that dies between the two leaves it behind, and another one, or the next, tells it.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from orders.database import create_tables
from orders.leases import Leases
from orders.moves import events_of
from orders.record import Submission
from sources.events import Event, decoded, encoded

T = TypeVar("T")

AT_ONCE: Final = 500

_metadata = sa.MetaData()
_untold = sa.Table(
    "submission_untold",
    _metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("event", sa.String(256), nullable=False, index=True),
    sa.Column("executor", sa.String(64), nullable=False, index=True),
    sa.Column("message", sa.LargeBinary, nullable=False),
)


class Untold:
    """`note` belongs into the transaction that saves the move, and runs where that does; the rest runs in the threads."""

    def __init__(self, engine: sa.Engine, threads: ThreadPoolExecutor, leases: Leases) -> None:
        self._engine, self._threads, self._leases = engine, threads, leases

    async def create_tables(self) -> None:
        await self._in_thread(lambda: create_tables(self._engine, _metadata))

    def note(self, connection: sa.Connection, submission: Submission) -> None:
        rows = [
            {"event": event.id, "executor": self._leases.own, "message": encoded(event)}
            for event in events_of(submission, datetime.now(UTC))
        ]
        connection.execute(sa.insert(_untold), rows)

    async def left_behind(self) -> list[Event]:
        """What processes that are no longer alive did not tell, in the order of its being written down."""
        query = (
            sa.select(_untold.c.message)
            .where(_untold.c.executor != self._leases.own, _untold.c.executor.not_in(self._leases.live()))
            .order_by(_untold.c.number)
            .limit(AT_ONCE)
        )
        messages = await self._in_thread(lambda: self._column(query))
        return [decoded(message, received=datetime.now(UTC)) for message in messages]

    async def forget(self, events: Collection[str]) -> None:
        """Those with these ids: they were told."""
        gone = sa.delete(_untold).where(_untold.c.event.in_(list(events)))
        await self._in_thread(lambda: self._execute(gone))

    # ------------------------------------------------------------ in the threads

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _execute(self, query: sa.Delete) -> None:
        with self._engine.begin() as connection:
            connection.execute(query)

    def _column(self, query: sa.Select[Any]) -> list[bytes]:
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())
