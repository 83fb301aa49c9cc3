"""Everything that order submission needs, opened together in the running loop and closed together."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aiolimiter import AsyncLimiter
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from orders import database
from orders.check import Checker
from orders.checking import Checking
from orders.desk import Audit, Desk, Parking
from orders.fulfilment import Fulfilment
from orders.keeper import Answers, Keeper
from orders.leases import Leases
from orders.ledger import Ledger
from orders.moves import Listener
from orders.placing import Placing
from orders.settings import SubmissionSettings
from orders.steps import Steps
from orders.store import Store
from orders.submission import Runs
from orders.untold import Untold
from orders.workflow import DbosWorkflows
from sources.call import Observer
from sources.ending import ended
from sources.ports import WrittenSources

_log = logging.getLogger("crossdock.submission")

_THREADS = 4
_SLACK = 1.15
"""Between two orders out of the queue passes this much of the rate's share: they are on their way for different times, and no second is
to see more than the rate."""


class Around(NamedTuple):
    """What submissions are told of the world around them. `erp_of`: the source that a company's orders go to."""

    observer: Observer
    is_down: Callable[[str], bool]
    answers: Answers
    audit: Audit
    moved: Listener
    erp_of: Callable[[str | None], str]


@asynccontextmanager
async def opened_submissions(
    settings: SubmissionSettings, sources: WrittenSources, checker: Checker, around: Around
) -> AsyncIterator[Desk]:
    """Raises DatabaseTaken where another process has the SQLite file."""
    async with AsyncExitStack() as stack:
        stack.enter_context(database.held(settings.url))
        engine = database.engine_of(settings.url)
        stack.callback(engine.dispose)  # after the threads, which may still have a connection each
        threads = stack.enter_context(ThreadPoolExecutor(_THREADS, "submissions"))
        leases = await _leases(settings, engine, threads)
        untold = Untold(engine, threads, leases)
        await untold.create_tables()
        store = Store(engine, threads, around.moved, untold)
        await store.create_tables()
        ledger = Ledger(engine, threads, ZoneInfo(settings.timezone))
        await ledger.create_tables()
        stack.push_async_callback(_given_up, leases)
        workflows = DbosWorkflows(engine, settings, leases.own)
        keeper = Keeper(store, leases, workflows, settings=settings, answers=around.answers)
        parking = Parking(around.erp_of, around.is_down)
        desk = Desk(
            store,
            workflows,
            ledger=ledger,
            untold=untold,
            settings=settings,
            executor=leases.own,
            parking=parking,
            audit=around.audit,
        )
        stack.push_async_callback(ended, asyncio.create_task(keeper.renew_for_ever()))
        steps = Steps(settings, leases, around.observer, around.is_down)
        pace = Pace(settings.per_second, lambda: keeper.live)
        await workflows.open(_runs(Parts(store, leases, steps, pace, desk), sources, checker).run)
        stack.push_async_callback(workflows.close)
        stack.push_async_callback(ended, asyncio.create_task(keeper.keep_for_ever()))
        yield desk


async def _leases(settings: SubmissionSettings, engine: Engine, threads: ThreadPoolExecutor) -> Leases:
    own, seconds = secrets.token_hex(8), settings.lease_seconds
    leases = Leases(engine, threads, own=own, version=settings.application_version, seconds=seconds)
    await leases.create_tables()
    if database.is_sqlite(settings.url):
        await leases.expire_others()
    await leases.renew()
    return leases


async def _given_up(leases: Leases) -> None:
    try:
        await leases.give_up()
    except SQLAlchemyError:
        _log.warning("the lease could not be given back: it runs out by itself")


class Parts(NamedTuple):
    store: Store
    leases: Leases
    steps: Steps
    pace: "Pace"
    desk: Desk


def _runs(parts: Parts, sources: WrittenSources, checker: Checker) -> Runs:
    placing = Placing(parts.steps, sources.erp)
    return Runs(
        parts.store,
        parts.leases,
        steps=parts.steps,
        checking=Checking(parts.steps, checker),
        placing=placing,
        fulfilment=Fulfilment(parts.steps, sources.wms, sources.crm, placing),
        pace=parts.pace.wait,
        told=parts.desk.told,
    )


class Pace:
    """This process's share of the rate at which orders out of the queue are written, evenly spread."""

    def __init__(self, per_second: float, live: Callable[[], int]) -> None:
        self._per_second, self._live = per_second, live
        self._limiter, self._for = AsyncLimiter(1, _SLACK / per_second), 1

    async def wait(self) -> None:
        live = self._live()
        if live != self._for:
            self._limiter, self._for = AsyncLimiter(1, _SLACK * live / self._per_second), live
        await self._limiter.acquire()
