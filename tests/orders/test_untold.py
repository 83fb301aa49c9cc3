"""What was written down and not told is told by whoever is left, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from happened import Listening

from gateway import moving
from gateway.moving import Moving
from orders.leases import Leases
from orders.record import SubmissionStatus
from orders.store import Store
from orders.untold import Untold
from sources.bus import Bus, BusUnavailable, MemoryBus, Placed
from sources.ending import ended
from sources.events import Event
from tests.orders.databases import KINDS, engine
from tests.orders.invented import submission

S = SubmissionStatus


class Process(NamedTuple):
    """One that saves submissions; `store` notes what it saves."""

    leases: Leases
    untold: Untold
    store: Store

    async def dies(self) -> None:
        await self.leases.give_up()


class House:
    def __init__(self, made: sa.Engine, threads: object) -> None:
        self._parts = (made, threads)

    async def process(self, own: str) -> Process:
        leases = Leases(*self._parts, own=own, version="1", seconds=30.0)  # type: ignore[arg-type]  # as the fixture made them
        untold = Untold(*self._parts, leases)  # type: ignore[arg-type]
        store = Store(*self._parts, untold=untold)  # type: ignore[arg-type]
        for each in (leases, untold, store):
            await each.create_tables()
        await leases.renew()
        return Process(leases, untold, store)


@pytest.fixture(params=KINDS)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with engine(request.param, tmp_path) as (made, threads):
        yield House(made, threads)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "SETTLE_SECONDS", 0.02)


async def left(process: Process) -> list[str]:
    return [event.id for event in await process.untold.left_behind()]


@asynccontextmanager
async def telling(process: Process, bus: Bus) -> AsyncIterator[Moving]:
    made = Moving(bus, process.untold)
    tasks = [asyncio.create_task(each) for each in (made.tell_for_ever(), made.settle_for_ever())]
    try:
        yield made
    finally:
        await ended(*tasks)


async def nothing_left(process: Process) -> None:
    async with asyncio.timeout(10):
        while await left(process):  # noqa: ASYNC110 - another task forgets it
            await asyncio.sleep(0.01)


async def test_what_a_dead_process_did_not_tell_is_left_behind_in_its_order(house: House) -> None:
    first, second = await house.process("first"), await house.process("second")
    made = submission(1, status=S.RUNNING)
    await first.store.insert(made)
    accepted = made.changed(status=S.ACCEPTED, erp_order_number="SO-1")
    assert await first.store.save(accepted, run=1)
    assert await left(second) == []  # it is alive, and will tell it itself
    await first.dies()
    place = f"{made.reference}/1/0"
    assert await left(second) == [f"{place}/RUNNING", f"{place}/ACCEPTED", f"{place}/ACCEPTED/order"]


async def test_what_was_not_saved_is_not_noted(house: House) -> None:
    first, second = await house.process("first"), await house.process("second")
    made = submission(1, status=S.RUNNING)
    await first.store.insert(made)
    assert not await first.store.save(made.changed(status=S.ACCEPTED), run=7)
    await first.dies()
    assert await left(second) == [f"{made.reference}/1/0/RUNNING"]


async def test_what_was_told_is_forgotten(house: House) -> None:
    first, second = await house.process("first"), await house.process("second")
    made = submission(1, status=S.RUNNING)
    bus = MemoryBus()
    listening = Listening(bus)
    async with telling(first, bus) as moving_of_first:
        await first.store.insert(made)
        moving_of_first.hear(made)
        await listening.count(1)
        await moving_of_first.all_told()
    await first.dies()
    assert await left(second) == []


async def test_another_tells_it_once_even_if_the_bus_had_it_already(house: House) -> None:
    first, second = await house.process("first"), await house.process("second")
    one, two = submission(1, status=S.RUNNING), submission(2, status=S.RUNNING)
    bus = MemoryBus()
    listening = Listening(bus)
    async with telling(first, bus) as moving_of_first:
        await first.store.insert(one)
        moving_of_first.hear(one)
        await listening.count(1)
    await first.store.insert(one.changed(id=two.id, idempotency_key=two.idempotency_key))  # and it dies before it tells
    await first.dies()
    async with telling(second, bus):
        await nothing_left(second)
    assert [placed.event.id for placed in listening.heard] == [f"{each.reference}/1/0/RUNNING" for each in (one, two)]


class Away(MemoryBus):
    """Takes nothing."""

    async def publish(self, event: Event) -> Placed | None:  # noqa: ARG002 - as the bus spells it
        raise BusUnavailable("it is away")


async def test_what_the_bus_did_not_take_before_the_end_is_told_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "LAST_SECONDS", 0.05)
    first, made = await house.process("first"), submission(1, status=S.RUNNING)
    async with telling(first, Away()) as waiting:
        await first.store.insert(made)
        waiting.hear(made)
        await waiting.all_told()
    await first.dies()
    bus = MemoryBus()
    listening = Listening(bus)
    second = await house.process("second")
    async with telling(second, bus):
        await listening.count(1)
        await nothing_left(second)
    assert [placed.event.id for placed in listening.heard] == [f"{made.reference}/1/0/RUNNING"]
