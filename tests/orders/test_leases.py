"""Which processes are alive, by the database's own clock; and that one which cannot be sure of it writes nothing."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from orders.leases import LeaseLost, Leases
from tests.orders.databases import KINDS, engine

SECONDS = 30.0


class Clock:
    """This process's own, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Processes:
    """Over one database."""

    def __init__(self, made: sa.Engine, threads: ThreadPoolExecutor) -> None:
        self.engine, self._threads = made, threads

    async def process(self, own: str, version: str = "1", **more: Any) -> Leases:
        leases = Leases(self.engine, self._threads, own=own, version=version, **{"seconds": SECONDS, **more})
        await leases.create_tables()
        return leases

    def told(self, own: str) -> float:
        """How long the lease lasts by the database's own clock, from now on."""
        sqlite = "select lease_until - (julianday('now') - 2440587.5) * 86400.0"
        postgresql = "select lease_until - extract(epoch from clock_timestamp())"
        now = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        with self.engine.connect() as connection:
            rows = connection.execute(sa.text(f"{now} from submission_executor where id = :id"), {"id": own})
            return float(rows.scalar_one())


@pytest.fixture(params=KINDS)
async def processes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Processes]:
    async with engine(request.param, tmp_path) as (made, threads):
        yield Processes(made, threads)


async def test_two_processes_are_alive_until_one_dies(processes: Processes) -> None:
    one, two = await processes.process("one"), await processes.process("two", "2")
    await one.renew()
    await two.renew()
    assert sorted(await one.live_versions()) == ["1", "2"]
    assert (await one.dead(), await two.dead()) == ([], [])
    await two.give_up()
    assert await one.live_versions() == ["1"]
    assert await one.dead() == ["two"]
    assert await two.dead() == [], "a process does not bury itself"


async def test_a_lease_that_was_not_renewed_runs_out(processes: Processes) -> None:
    one, late = await processes.process("one"), await processes.process("late", seconds=-0.001)
    await one.renew()
    await late.renew()
    assert await one.dead() == ["late"]
    assert late.remaining_seconds() < 0


async def test_the_dead_are_buried_once_and_the_living_never(processes: Processes) -> None:
    one, two, three = [await processes.process(own) for own in ("one", "two", "three")]
    for each in (one, two, three):
        await each.renew()
    await two.give_up()
    await one.bury("two")
    await one.bury("three")
    assert await one.dead() == []
    assert len(await one.live_versions()) == 2
    await two.renew()
    assert len(await one.live_versions()) == 3, "one that was thought dead is alive under a new lease"


async def test_where_one_process_alone_may_be_the_others_are_dead(processes: Processes) -> None:
    one, two = await processes.process("one"), await processes.process("two")
    await one.renew()
    await two.renew()
    await two.expire_others()
    assert await two.dead() == ["one"]
    assert await two.live_versions() == ["1"]


async def test_a_lease_is_counted_from_before_it_was_asked_for(processes: Processes) -> None:
    clock = Clock()
    one = await processes.process("one", clock=clock)
    assert one.remaining_seconds() == -1_000
    await one.renew()
    assert one.remaining_seconds() == SECONDS
    clock.now += 12.5
    assert one.remaining_seconds() == SECONDS - 12.5
    await one.renew()
    assert one.remaining_seconds() == SECONDS


async def test_the_database_tells_the_time_whatever_this_processes_clock_says(processes: Processes) -> None:
    clock = Clock()
    clock.now = -1e9
    one = await processes.process("one", clock=clock)
    await one.renew()
    assert SECONDS - 5 < processes.told("one") <= SECONDS + 0.01
    assert await one.live_versions() == ["1"]


async def test_a_write_needs_a_lease_that_lasts_as_long_as_it_may_take(processes: Processes) -> None:
    clock = Clock()
    one = await processes.process("one", clock=clock)
    with pytest.raises(LeaseLost):
        one.demand(0.0)
    await one.renew()
    one.demand(SECONDS)
    with pytest.raises(LeaseLost, match=r"lasts 30\.0 s more, and 30\.1 s are needed"):
        one.demand(SECONDS + 0.1)
    clock.now += SECONDS - 3
    one.demand(3.0)
    clock.now += 0.5
    with pytest.raises(LeaseLost):
        one.demand(3.0)


async def test_a_process_that_gave_up_writes_nothing_more(processes: Processes) -> None:
    one = await processes.process("one")
    await one.renew()
    await one.give_up()
    with pytest.raises(LeaseLost):
        one.demand(0.1)


async def test_a_renewal_that_fails_lengthens_nothing(processes: Processes) -> None:
    clock = Clock()
    one = await processes.process("one", clock=clock)
    await one.renew()
    with processes.engine.begin() as connection:
        connection.execute(sa.text("alter table submission_executor rename to elsewhere"))
    clock.now += 10
    with pytest.raises(sa.exc.SQLAlchemyError):
        await one.renew()
    assert one.remaining_seconds() == SECONDS - 10
