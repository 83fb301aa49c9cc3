"""One flight for all who ask the same, and what becomes invalid while it is remembered or on its way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from ledger import BOLT, Caller, Clock, Desk, Ledger

from sources.cache import Cache
from sources.errors import DeadlineExceeded, SourceUnavailable
from sources.remembered import RememberedErp


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = Clock()
    async with Cache(clock=clock) as cache:
        yield Desk(cache, Ledger("US", "CA"), clock)


# ---------------------------------------------------------------- one flight


async def test_two_hundred_identical_reads_at_once_cost_one_call(desk: Desk) -> None:
    answers = await asyncio.gather(*[desk.name() for _ in range(200)])
    assert answers == [{BOLT: "1"}] * 200
    assert desk.ledger.calls["items"] == 1


async def test_batches_that_overlap_ask_for_each_key_once(desk: Desk) -> None:
    call = desk.caller.call()
    one, other = await asyncio.gather(desk.erp.items(call, "US", ["A", "B"]), desk.erp.items(call, "US", ["B", "C"]))
    assert (len(one), len(other)) == (2, 2)
    assert dict(desk.ledger.asked) == {"A": 1, "B": 1, "C": 1}


async def test_whoever_gives_up_or_is_cancelled_leaves_the_flight_to_the_others(desk: Desk) -> None:
    desk.ledger.gate.clear()
    first = asyncio.create_task(desk.name())
    await desk.ledger.entered.wait()
    second = asyncio.create_task(desk.name())
    hasty = desk.erp.items(desk.caller.call(seconds=0.02), "US", ["BOLT"])
    with pytest.raises(DeadlineExceeded):
        raise (await hasty)[BOLT]
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    desk.ledger.gate.set()
    assert await second == {BOLT: "1"}
    assert desk.ledger.calls["items"] == 1


async def test_without_time_left_nothing_is_asked(desk: Desk) -> None:
    found = await desk.erp.items(desk.caller.call(seconds=0), "US", ["BOLT"])
    assert [type(each) for each in found.values()] == [DeadlineExceeded]
    assert desk.ledger.calls["items"] == 0


async def test_a_cache_that_closes_takes_its_flights_along() -> None:
    ledger = Ledger()
    ledger.gate.clear()
    async with Cache() as cache:
        erp: Any = RememberedErp(ledger, cache)  # type: ignore[arg-type]  # plays the role's tested parts
        asking = asyncio.create_task(erp.items(Caller().call(), "US", ["BOLT"]))
        await ledger.entered.wait()
    assert [type(each) for each in (await asking).values()] == [SourceUnavailable]


# ---------------------------------------------------------------- invalidation


@pytest.mark.parametrize(
    ("fact", "tag"), [(None, None), ("item", None), (None, "item:US:BOLT"), ("item", "item:US:BOLT")]
)
@pytest.mark.parametrize("company", ["US", None])
async def test_what_was_declared_invalid_is_asked_for_again(
    desk: Desk, fact: str | None, tag: str | None, company: str | None
) -> None:
    await desk.name(company)
    desk.ledger.version = 2
    desk.clock.now += 1
    await desk.cache.invalidate(fact, tag)
    desk.clock.now += 1
    assert set((await desk.name(company)).values()) == {"2"}


@pytest.mark.parametrize(
    ("fact", "tag"), [("price", None), ("item", "item:CA:BOLT"), ("item", "item:US:NUT"), ("price", "item:US:BOLT")]
)
async def test_what_it_does_not_concern_stays(desk: Desk, fact: str, tag: str | None) -> None:
    await desk.name()
    desk.clock.now += 1
    await desk.cache.invalidate(fact, tag)
    desk.clock.now += 1
    await desk.name()
    assert desk.ledger.calls["items"] == 1


async def test_a_load_that_began_before_the_invalidation_is_answered_to_those_who_waited_and_to_nobody_else(
    desk: Desk,
) -> None:
    desk.ledger.gate.clear()
    before = asyncio.create_task(desk.name())
    await desk.ledger.entered.wait()
    desk.ledger.entered.clear()
    desk.clock.now += 0.1
    desk.ledger.version = 2
    await desk.cache.invalidate("item", "item:US:BOLT")
    desk.clock.now += 0.1
    after = asyncio.create_task(desk.name())
    await desk.ledger.entered.wait()
    desk.ledger.gate.set()
    assert (await before, await after) == ({BOLT: "1"}, {BOLT: "2"})
    assert await desk.name() == {BOLT: "2"}
    assert desk.ledger.calls["items"] == 2


async def test_what_is_invalid_is_not_served_stale_either(desk: Desk) -> None:
    await desk.name()
    desk.clock.now += 1
    await desk.cache.invalidate("item")
    desk.ledger.is_down = True
    desk.clock.now += 700
    with pytest.raises(SourceUnavailable):
        await desk.name()


async def test_stock_dies_with_its_warehouse_a_price_with_its_customer(desk: Desk) -> None:
    call = desk.caller.call()
    await desk.wms.stock(call, "US", ["BOLT"], warehouses=())
    await desk.wms.stock(call, "US", ["BOLT"], warehouses=("RNO",))
    await desk.wms.stock(call, "US", ["BOLT"], warehouses=("ATL",))
    await desk.price()
    desk.clock.now += 0.1
    await desk.cache.invalidate("stock", "warehouse:US:RNO")
    await desk.cache.invalidate("price", "customer:US:C1")
    desk.clock.now += 0.1
    await desk.wms.stock(call, "US", ["BOLT"], warehouses=())
    await desk.wms.stock(call, "US", ["BOLT"], warehouses=("RNO",))
    await desk.wms.stock(call, "US", ["BOLT"], warehouses=("ATL",))
    await desk.price()
    assert dict(desk.ledger.calls) == {"stock": 5, "prices": 2}
