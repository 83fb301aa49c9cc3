"""How what happens gets into the ledger: once for all replicas, never in the bus's way, and not lost over a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from happened import moved
from redis_server import RedisServer
from scripted_day import DAY, END, KEPT_DAYS, events, submissions
from sqlalchemy.exc import OperationalError

from gateway import bookkeeping
from gateway.bookkeeping import Bookkeeping
from orders.desk import Desk, Parking
from orders.ledger import Ledger, Period
from orders.moves import Moves, events_of
from orders.observations import Observation
from orders.record import SubmissionStatus
from orders.settings import SubmissionSettings
from orders.store import Store
from sources.bus import Bus, BusLimits, MemoryBus
from sources.events import Event
from sources.stream_bus import StreamBus
from tests.orders.databases import used
from tests.orders.invented import submission
from tests.postgres import database

TWO_DAYS = Period(round(DAY.timestamp() * 1000), round(END.timestamp() * 1000))
PATIENCE_SECONDS = 10


class Replica:
    """What one gateway keeps its books with."""

    def __init__(self, bus: Bus, store: Store, ledger: Ledger) -> None:
        nothing: Any = None
        parking = Parking(lambda _: "erp", lambda _: False)
        settings = SubmissionSettings(keep_days=KEPT_DAYS)
        self.desk = Desk(
            store,
            nothing,
            ledger=ledger,
            untold=nothing,
            settings=settings,
            executor="x",
            parking=parking,
            audit=lambda *_: None,
        )
        self.bus, self.store, self.ledger, self.moves = bus, store, ledger, Moves()
        self.books = Bookkeeping(self.desk, bus, self.moves)
        self.told: list[Observation] = []
        ledger.listeners.append(self.told.append)

    async def written(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.books.written()


@asynccontextmanager
async def replica(url: str, bus: Bus, ledger: type[Ledger] = Ledger) -> AsyncIterator[Replica]:
    with used(url) as (engine, threads):
        store, kept = Store(engine, threads), ledger(engine, threads)
        await store.create_tables()
        await kept.create_tables()
        made = Replica(bus, store, kept)
        async with made.books:
            yield made


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/submissions.db"


def delivered(number: int) -> Event:
    return moved(
        "shipment.delivered", at=number, order=str(number), shipment=f"S{number}", tracking_number=f"Z{number}"
    )


# ---------------------------------------------------------------- several gateways


async def test_two_replicas_over_redis_and_postgresql_count_as_one_alone_does_and_each_figure_is_told_once(
    file: str,
) -> None:
    async with replica(file, MemoryBus()) as alone:
        for each in submissions():
            alone.moves.told(each)
        for event in events():
            await alone.bus.publish(event)
        await alone.written()
        wanted = await alone.ledger.rows(TWO_DAYS, None)
    async with RedisServer() as redis, database() as url, AsyncExitStack() as both:
        limits = BusLimits(url=redis.url)
        buses = [await both.enter_async_context(StreamBus(limits)) for _ in range(2)]
        one, other = [await both.enter_async_context(replica(url, bus)) for bus in buses]
        for at, each in enumerate(submissions()):
            (one, other)[at % 2].moves.told(each)
        for event in reversed(list(events())):  # both are told of everything, the last of it first
            placed = await asyncio.gather(one.bus.publish(event), other.bus.publish(event))
            assert placed.count(None) >= 1
        await one.written()
        await other.written()
        assert await one.ledger.rows(TWO_DAYS, None) == await other.ledger.rows(TWO_DAYS, None) == wanted
        firsts = [(each.figure, each.part, each.company, each.at) for each in one.told + other.told]
        assert len(firsts) >= sum(row.times for row in wanted)
        assert len(set(firsts)) == len(firsts)


async def test_what_a_database_cannot_take_at_all_is_dropped_and_what_came_with_it_is_not() -> None:
    async with database() as url, replica(url, MemoryBus()) as running:
        await running.written()
        too_long = moved("shipment.delivered", order="9" * 300)
        for event in (delivered(1), too_long, delivered(2)):
            running.books.hear(event)
        await running.written()
        assert running.books.state() == {"written": 2, "unfit": 1, "waiting": 0}
        assert {each.part for each in running.told} == {""}
        assert len(running.told) == 2


# ---------------------------------------------------------------- in nobody's way


class Slow(Ledger):
    """Whose database takes nothing until it is told to."""

    gate: asyncio.Event

    async def learn(self, news: Any, now: datetime) -> int:
        await self.gate.wait()
        return await super().learn(news, now)


async def test_the_bus_goes_on_while_nothing_is_written_and_what_is_too_much_is_dropped_and_counted(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "MAX_WAITING", 5)
    Slow.gate = asyncio.Event()
    async with replica(file, MemoryBus(), Slow) as running:
        for number in range(1, 9):
            assert await running.bus.publish(delivered(number)) is not None
        assert running.books.state() == {"dropped": 3, "waiting": 5}
        assert running.told == []
        Slow.gate.set()
        await running.written()
        assert running.books.state() == {"dropped": 3, "written": 5, "waiting": 0}
        assert len(running.told) == 5


class Away(Ledger):
    """Whose database does not answer the first few times."""

    times = 0

    async def learn(self, news: Any, now: datetime) -> int:
        self.times += 1
        if self.times <= 3:
            raise OperationalError("", {}, Exception())
        return await super().learn(news, now)


async def test_what_the_database_does_not_take_for_the_moment_waits(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeping, "PAUSE_SECONDS", 0)
    async with replica(file, MemoryBus(), Away) as running:
        running.books.hear(delivered(1))
        await running.written()
        assert running.books.state() == {"written": 1, "waiting": 0}
        assert len(running.told) == 1


async def test_a_gateway_that_stops_writes_what_it_has_heard_and_hears_no_more(file: str) -> None:
    bus = MemoryBus()
    async with replica(file, bus) as running:
        await running.written()
        for number in range(1, 4):
            await bus.publish(delivered(number))
        assert running.books.state() == {"waiting": 3}
    assert running.books.state() == {"written": 3, "waiting": 0}
    assert (bus.taken, running.moves.listeners) == ([], [])


async def test_a_database_that_stays_away_holds_up_no_shutdown(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeping, "CLOSE_SECONDS", 0.05)
    Slow.gate = asyncio.Event()
    async with replica(file, MemoryBus(), Slow) as running:
        await running.bus.publish(delivered(1))
    assert running.books.state() == {"waiting": 1}


# ---------------------------------------------------------------- whoever was killed


async def test_a_submission_that_ended_and_that_nobody_wrote_down_is_caught_up_with_at_the_next_start(
    file: str,
) -> None:
    ended = datetime(2026, 6, 30, 13, tzinfo=UTC)
    async with replica(file, MemoryBus()) as killed:
        await killed.written()
        await killed.store.insert(submission(1, status=SubmissionStatus.REJECTED, ended_at=ended))
        await killed.store.insert(submission(2, status=SubmissionStatus.FAILED, ended_at=ended))
        await killed.store.insert(submission(3, status=SubmissionStatus.NEEDS_ATTENTION, ended_at=ended))
        assert killed.told == []
    async with replica(file, MemoryBus()) as running:
        await running.written()
        assert {each.label for each in running.told} == {"DIRECT:REJECTED", "DIRECT:FAILED"}
        assert running.books.state() == {"caught up": 2, "waiting": 0}
    async with replica(file, MemoryBus()) as again:
        await again.written()
        assert (again.told, again.books.state()) == ([], {"waiting": 0})


async def test_our_own_events_of_an_order_tell_nothing_that_its_record_does_not(file: str) -> None:
    accepted = next(submissions())
    async with replica(file, MemoryBus()) as running:
        for event in events_of(accepted, datetime.now(UTC)):
            await running.bus.publish(event)
        await running.written()
        assert running.books.state() == {"waiting": 0}


async def test_a_listener_that_fails_ends_no_books(file: str) -> None:
    def fails(_: Observation) -> None:
        raise ZeroDivisionError

    async with replica(file, MemoryBus()) as running:
        running.ledger.listeners.insert(0, fails)
        running.books.hear(delivered(1))
        running.books.hear(delivered(2))
        await running.written()
        assert sum(row.times for row in await running.ledger.rows(TWO_DAYS, None)) == 2
