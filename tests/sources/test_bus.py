"""The bus in one process and over Redis: one order, every event once, lateness, cursors, gaps. Each claim is made of both."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from happened import NOON, Listening, life, moved, told
from hypothesis import given
from hypothesis import strategies as st
from redis_server import RedisServer

from sources.bus import Bus, BusLimits, BusUnavailable, MemoryBus, UnknownCursor
from sources.events import new_event
from sources.happenings import InventoryAdjusted, OrderMoved
from sources.models import TrackingStatus
from sources.stream_bus import StreamBus


@asynccontextmanager
async def opened(kind: str, **limits: Any) -> AsyncIterator[Bus]:
    if kind == "memory":
        yield MemoryBus(BusLimits(**limits))
        return
    async with RedisServer() as redis, StreamBus(BusLimits(url=redis.url, **limits)) as bus:
        yield bus


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    async with opened(request.param) as running:
        yield running


async def test_a_shipments_life_is_told_in_order_once(bus: Bus) -> None:
    listening = Listening(bus)
    for event in life():
        assert await bus.publish(event) is not None
    assert told(await listening.count(5)) == [
        ("shipment.created", False, "PRE_TRANSIT"),
        ("shipment.confirmed", False, "PRE_TRANSIT"),
        ("shipment.in_transit", False, "IN_TRANSIT"),
        ("shipment.in_transit", False, "OUT_FOR_DELIVERY"),
        ("shipment.delivered", False, "DELIVERED"),
    ]
    assert [each.place for each in listening.heard] == [1, 2, 3, 4, 5]
    assert len({each.cursor for each in listening.heard}) == 5


async def test_the_same_event_and_the_same_meaning_under_another_id_are_dropped_and_counted(bus: Bus) -> None:
    listening = Listening(bus)
    event = moved()
    assert await bus.publish(event) is not None
    assert await bus.publish(event) is None
    assert await bus.publish(msgspec.structs.replace(event, id="other", source="/easypost")) is None
    assert await bus.publish(moved(at=1)) is not None
    assert [each.event.time for each in await listening.count(2)] == [NOON, NOON + timedelta(minutes=1)]
    counts = (await bus.state()).counts
    assert (counts["duplicate by id"], counts["duplicate by meaning"], counts["published"]) == (1, 1, 2)


async def test_a_late_event_is_told_as_late_and_moves_nothing_backwards(bus: Bus) -> None:
    listening = Listening(bus)
    created, confirmed, transit, out, arrived = life()
    for event in (created, arrived, transit, confirmed, out):
        await bus.publish(event)
    assert told(await listening.count(5)) == [
        ("shipment.created", False, "PRE_TRANSIT"),
        ("shipment.delivered", False, "DELIVERED"),
        ("shipment.in_transit", True, "DELIVERED"),
        ("shipment.confirmed", True, "DELIVERED"),
        ("shipment.in_transit", True, "DELIVERED"),
    ]
    assert (await bus.state()).counts["late"] == 3


async def test_a_warehouse_whose_clock_runs_ahead_does_not_bring_a_parcel_back(bus: Bus) -> None:
    listening = Listening(bus)
    await bus.publish(moved("shipment.in_transit", at=0))
    await bus.publish(moved("shipment.confirmed", at=5, source="/wms", tracking_number=None))
    assert told(await listening.count(2))[1] == ("shipment.confirmed", True, "IN_TRANSIT")


async def test_an_exception_may_be_followed_by_the_next_attempt(bus: Bus) -> None:
    listening = Listening(bus)
    for at, (kind, status) in enumerate(
        (
            ("shipment.in_transit", TrackingStatus.OUT_FOR_DELIVERY),
            ("shipment.exception", TrackingStatus.EXCEPTION),
            ("shipment.in_transit", TrackingStatus.IN_TRANSIT),
            ("shipment.in_transit", TrackingStatus.OUT_FOR_DELIVERY),
        )
    ):
        await bus.publish(moved(kind, at=at, status=status))
    assert [each.late for each in await listening.count(4)] == [False] * 4


async def test_an_unknown_status_moves_nothing(bus: Bus) -> None:
    listening = Listening(bus)
    await bus.publish(moved("shipment.in_transit", at=0))
    await bus.publish(moved("shipment.unknown", at=1, source_status="beamed_up"))
    heard = await listening.count(2)
    assert told(heard)[1] == ("shipment.unknown", False, "IN_TRANSIT")
    assert heard[1].event.data.status is TrackingStatus.UNKNOWN  # type: ignore[attr-defined]


async def test_a_carriers_event_is_completed_by_what_the_warehouse_and_the_erp_told(bus: Bus) -> None:
    listening = Listening(bus)
    ordered = OrderMoved(company="US", order="7", customer="C1", skus=("BOLT",))
    await bus.publish(new_event("order.accepted", ordered, id="o", source="/erp", time=NOON))
    await bus.publish(
        moved("shipment.confirmed", source="/wms", tracking_number=None, order="7", tracking_numbers=("1Z", "2Z"))
    )
    await bus.publish(moved(at=1, company=None, shipment=None, tracking_number="2Z"))
    await bus.publish(moved(at=1, company=None, shipment=None, tracking_number="stranger"))
    heard: list[Any] = [each.event.data for each in await listening.count(4)]
    known = heard[2]
    assert (known.company, known.shipment, known.order, known.customer) == ("US", "S1", "7", "C1")
    assert (heard[3].company, heard[3].shipment) == (None, None)


async def test_a_cursor_gives_what_followed_it_and_nothing_else(bus: Bus) -> None:
    placed = [await bus.publish(event) for event in life()]
    listening = Listening(bus)
    await bus.publish(moved(at=9, tracking_number="9Z"))
    await listening.until(lambda heard: bool(heard) and heard[-1].place == 6)
    second = placed[1]
    assert second is not None
    past = await bus.since(second.cursor)
    assert ([each.place for each in past.events], past.gap) == ([3, 4, 5, 6], False)
    assert await bus.since(listening.heard[-1].cursor) == ([], False)


async def test_a_cursor_of_another_history_starts_from_what_is_kept_and_says_so(bus: Bus) -> None:
    await bus.publish(moved())
    past = await bus.since("abcd1234.17.1-0")
    assert ([each.place for each in past.events], past.gap) == ([1], True)


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.1.x-y", "é.1", "a.-1", "a.1.1-0-0", "a." + "9" * 200])
async def test_a_text_that_is_no_cursor_is_refused(bus: Bus, text: str) -> None:
    with pytest.raises(UnknownCursor):
        await bus.since(text)


async def test_history_is_bounded_by_count_and_what_is_missing_is_told() -> None:
    bus = MemoryBus(BusLimits(max_events=3))
    placed = [await bus.publish(moved(at=at)) for at in range(6)]
    first, third = placed[0], placed[2]
    assert first is not None
    assert third is not None
    assert [each.place for each in (await bus.since(first.cursor)).events] == [4, 5, 6]
    assert (await bus.since(first.cursor)).gap
    assert not (await bus.since(third.cursor)).gap
    assert (await bus.state()).kept == 3


async def test_history_is_bounded_by_age() -> None:
    now = [NOON.timestamp()]
    bus = MemoryBus(BusLimits(max_age_seconds=60), clock=lambda: now[0])
    first = await bus.publish(moved(at=0))
    assert first is not None
    now[0] += 61
    assert await bus.since(first.cursor) == ([], False)
    await bus.publish(moved(at=1))
    now[0] += 61
    assert (await bus.state()).kept == 0
    assert await bus.since(first.cursor) == ([], True)


async def test_redis_keeps_about_as_many_as_it_is_told_and_says_what_is_missing() -> None:
    async with opened("redis", max_events=100) as bus:
        placed = [await bus.publish(moved(at=at)) for at in range(500)]
        first, last = placed[0], placed[-1]
        assert first is not None
        assert last is not None
        past = await bus.since(first.cursor)
        assert past.gap
        assert 100 <= len(past.events) <= 200  # whole nodes of a hundred are dropped at once
        assert past.events[-1].place == 500
        assert not (await bus.since(last.cursor)).gap


async def test_an_event_from_a_clock_that_runs_far_ahead_happened_now() -> None:
    bus = MemoryBus(clock=NOON.timestamp)
    placed = await bus.publish(moved(at=60 * 24 * 365))
    assert placed is not None
    assert placed.event.time == NOON
    soon = await bus.publish(moved(at=1))
    assert soon is not None
    assert not soon.late


# ---------------------------------------------------------------- several gateways


async def test_two_gateways_hear_the_same_in_the_same_order_and_either_takes_a_cursor_of_the_other() -> None:
    async with RedisServer() as redis:
        limits = BusLimits(url=redis.url)
        async with StreamBus(limits) as one, StreamBus(limits) as other:
            first, second = Listening(one), Listening(other)
            for at, event in enumerate(life()):
                await (one, other)[at % 2].publish(event)
            assert await other.publish(life()[0]) is None
            heard, elsewhere = await first.count(5), await second.count(5)
            assert heard == elsewhere
            assert [each.place for each in (await other.since(heard[1].cursor)).events] == [3, 4, 5]
            assert (await one.state())[3:] == (0, 0.0, True)


async def test_how_far_a_gateway_lags_behind_the_stream_is_told() -> None:
    async with RedisServer() as redis, StreamBus(BusLimits(url=redis.url)) as bus:
        idle = StreamBus(BusLimits(url=redis.url))  # never opened: it reads nothing
        assert (await idle.state()).lag == 0
        for at in range(3):
            await bus.publish(moved(at=at))
        state = await idle.state()
        await idle.__aexit__(None, None, None)
        assert (state.lag, state.connected, state.kept) == (3, False, 3)
        assert 0 <= state.lag_seconds < 10


async def test_a_redis_that_was_restarted_has_lost_nothing_that_it_keeps_on_disk(tmp_path: Any) -> None:
    async with RedisServer(tmp_path) as redis, StreamBus(BusLimits(url=redis.url)) as bus:
        listening = Listening(bus)
        before = await bus.publish(moved(at=0))
        assert before is not None
        await listening.count(1)
        await redis.kill()
        with pytest.raises(BusUnavailable):
            await bus.publish(moved(at=1))
        assert not (await bus.state()).connected
        await redis.start()
        await bus.publish(moved(at=1))
        assert await bus.publish(moved(at=0)) is None
        assert [each.place for each in await listening.count(2)] == [1, 2]
        past = await bus.since(before.cursor)
        assert ([each.place for each in past.events], past.gap) == ([2], False)


async def test_a_redis_that_lost_everything_is_noticed_and_its_old_cursors_have_a_gap() -> None:
    async with RedisServer() as redis, StreamBus(BusLimits(url=redis.url)) as bus:
        listening = Listening(bus)
        losses: list[bool] = []
        bus.lost.append(lambda: losses.append(True))
        before = await bus.publish(moved(at=0))
        assert before is not None
        await listening.count(1)
        await redis.kill()
        await redis.start()
        await bus.publish(moved(at=1))
        await listening.count(2)
        assert losses == [True]
        past = await bus.since(before.cursor)
        assert ([each.event.id for each in past.events], past.gap) == ([listening.heard[1].event.id], True)


async def test_a_redis_that_hangs_is_given_up_after_a_second_and_nothing_is_said_of_where_it_is() -> None:
    async with RedisServer() as redis, StreamBus(BusLimits(url=redis.url)) as bus:
        redis.freeze()
        with pytest.raises(BusUnavailable) as refused:
            await bus.publish(moved())
        assert "127.0.0.1" not in f"{refused.value}{refused.value.detail}"


async def test_without_redis_a_gateway_starts_and_goes_on_when_it_is_there() -> None:
    async with RedisServer() as redis:
        await redis.kill()
        async with StreamBus(BusLimits(url=redis.url)) as bus:
            listening = Listening(bus)
            with pytest.raises(BusUnavailable):
                await bus.publish(moved(at=0))
            await redis.start()
            await listening.until(lambda _: True)
            async with StreamBus(BusLimits(url=redis.url)) as other:
                placed = await other.publish(moved(at=0))
                assert placed is not None
                assert (await bus.since(placed.cursor)).events == []


# ---------------------------------------------------------------- any order


@given(st.randoms(use_true_random=False), st.integers(0, 10))
async def test_in_whatever_order_a_life_arrives_the_status_never_runs_backwards_and_ends_the_same(
    chance: random.Random, repeats: int
) -> None:
    events = life()
    arriving = events + chance.choices(events, k=repeats)
    chance.shuffle(arriving)
    bus = MemoryBus()
    heard = [placed for event in arriving if (placed := await bus.publish(event)) is not None]
    order = ["PRE_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"]
    ranks = [order.index(each.status) for each in heard]
    assert ranks == sorted(ranks)
    assert heard[-1].status == "DELIVERED"
    assert sorted(each.event.id for each in heard) == sorted(each.id for each in events)
    latest = NOON - timedelta(days=1)
    for each in heard:
        is_carriers = each.event.source == "/carrier"
        if is_carriers:
            assert each.late is (each.event.time < latest)
            latest = max(latest, each.event.time)


async def test_stock_is_late_by_its_time_alone(bus: Bus) -> None:
    listening = Listening(bus)
    for at in (1, 0, 2):
        data = InventoryAdjusted(company="US", sku="BOLT", warehouse="RNO")
        await bus.publish(
            new_event("inventory.adjusted", data, id=str(at), source="/wms", time=NOON + timedelta(minutes=at))
        )
    assert [each.late for each in await listening.count(3)] == [False, True, False]
