"""Polling: only what somebody watches, once however many do, together, adaptively; and what is new is told once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from happened import Listening
from stack import stack_over
from streaming import SHIPMENT_EVENTS, socket

from gateway.eventing import Eventing
from sandbox.facts import Dataset
from sources.bus import BusUnavailable, MemoryBus
from sources.errors import SourceRateLimited, SourceUnavailable
from sources.events import new_event
from sources.happenings import ShipmentMoved
from sources.models import (
    Parcel,
    Shipment,
    ShipmentStatus,
    Tracking,
    TrackingEvent,
    TrackingKey,
    TrackingStatus,
    Warehouse,
)
from sources.polling import Polling, PollingLimits
from sources.ports import Sources
from sources.wanted import SHIPMENTS, Wanted

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


class Carrier:
    """A carrier and a WMS that count what they are asked."""

    name = "carrier"

    def __init__(self, max_batch: int = 100) -> None:
        self.max_batch = {"tracking": max_batch}
        self.scans: dict[str, list[TrackingEvent]] = {}
        self.asked: list[tuple[str, ...]] = []
        self.failing: Exception | None = None
        self.called = asyncio.Event()
        self.status = TrackingStatus.IN_TRANSIT

    async def tracking(self, _call: Any, _carrier: str | None, numbers: Sequence[str]) -> dict[TrackingKey, Any]:
        self.asked.append(tuple(numbers))
        self.called.set()
        if self.failing is not None:
            raise self.failing
        return {
            TrackingKey(None, number): Tracking(self.status, tuple(self.scans.get(number, ())), NOON)
            for number in numbers
        }

    async def shipments(self, _call: Any, _company: str | None, numbers: Sequence[str]) -> dict[str, Any]:
        parcels = (Parcel("1Z", ()), Parcel("2Z", ()))
        place = Warehouse("US", "RNO", "Reno")
        return {
            each: Shipment("US", each, place, ShipmentStatus.SHIPPED, parcels, order_number="7") for each in numbers
        }

    async def shipments_by_order(self, call: Any, company: str | None, numbers: Sequence[str]) -> dict[str, Any]:
        return {each: tuple((await self.shipments(call, company, ["S1"])).values()) for each in numbers}

    def scan(self, number: str, at: int, status: TrackingStatus = TrackingStatus.IN_TRANSIT) -> None:
        self.scans.setdefault(number, []).append(TrackingEvent(NOON + timedelta(minutes=at), status, "scan", "Reno"))


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Watching:
    def __init__(self, polling: Polling, carrier: Carrier, bus: MemoryBus, clock: Time) -> None:
        self.polling, self.carrier, self.bus, self.clock = polling, carrier, bus, clock

    async def after(self, seconds: float) -> list[tuple[str, ...]]:
        """What was asked within so much time of the test's own clock."""
        before = len(self.carrier.asked)
        self.clock.now += seconds
        self.polling.look()
        for _ in range(50):
            await asyncio.sleep(0)
        return self.carrier.asked[before:]


@asynccontextmanager
async def watching(carrier: Carrier | None = None, **limits: Any) -> AsyncIterator[Watching]:
    carrier, bus, clock = carrier or Carrier(), MemoryBus(), Time()
    sources: Any = Sources(erp=None, crm=None, wms=carrier, carrier=carrier)  # type: ignore[arg-type]  # plays the roles' tested parts
    async with Polling(bus, sources, PollingLimits(min_seconds=60, max_seconds=600, **limits), clock=clock) as polling:
        yield Watching(polling, carrier, bus, clock)


def parcel(number: str, **more: Any) -> Wanted:
    return Wanted(topic="shipments", types=SHIPMENTS, tracking_number=number, **more)


async def test_ten_thousand_watchers_of_five_hundred_parcels_cost_five_hundred_parcels_polling() -> None:
    async with watching() as watched:
        for number in range(10_000):
            watched.polling.begin(parcel(f"P{number % 500}", customer=f"C{number % 7}"))
        asked = await watched.after(0)
        assert sorted(len(each) for each in asked) == [100] * 5
        assert sorted(number for each in asked for number in each) == sorted(f"P{number}" for number in range(500))
        assert len(watched.polling) == 500
        for number in range(10_000):
            watched.polling.end(parcel(f"P{number % 500}", customer=f"C{number % 7}"))
        assert len(watched.polling) == 0
        assert await watched.after(10_000) == []


async def test_nobody_is_asked_for_while_nobody_watches_nor_for_all_of_a_customers() -> None:
    async with watching() as watched:
        watched.polling.begin(Wanted(topic="shipments", types=SHIPMENTS, customer="C1"))
        assert await watched.after(10_000) == []


async def test_what_is_new_is_told_once_and_what_was_there_at_first_is_not() -> None:
    async with watching() as watched:
        listening = Listening(watched.bus)
        watched.carrier.scan("1Z", 0)
        watched.polling.begin(parcel("1Z"))
        await watched.after(0)
        assert listening.heard == []
        watched.carrier.scan("1Z", 1, TrackingStatus.OUT_FOR_DELIVERY)
        watched.carrier.scan("1Z", 2, TrackingStatus.DELIVERED)
        await watched.after(100)
        await watched.after(100)
        assert [(each.event.type, each.status, each.late) for each in listening.heard] == [
            ("shipment.in_transit", "OUT_FOR_DELIVERY", False),
            ("shipment.delivered", "DELIVERED", False),
        ]


async def test_what_a_webhook_told_is_not_told_again() -> None:
    async with watching() as watched:
        listening = Listening(watched.bus)
        watched.polling.begin(parcel("1Z"))
        await watched.after(0)
        data = ShipmentMoved(tracking_number="1Z", status=TrackingStatus.IN_TRANSIT)
        await watched.bus.publish(new_event("shipment.in_transit", data, id="w", source="/ups", time=NOON))
        watched.carrier.scan("1Z", 0)
        await watched.after(100)
        assert [each.event.id for each in listening.heard] == ["w"]


async def test_the_interval_grows_while_nothing_changes_and_begins_anew_with_news() -> None:
    async with watching() as watched:
        watched.polling.begin(parcel("1Z"))
        assert len(await watched.after(0)) == 1
        assert await watched.after(80) == []  # 60 seconds, and half as much more, give or take a tenth
        assert len(await watched.after(20)) == 1
        assert await watched.after(120) == []
        assert len(await watched.after(30)) == 1
        watched.carrier.scan("1Z", 1)
        assert len(await watched.after(240)) == 1
        assert await watched.after(53) == []
        assert len(await watched.after(14)) == 1


async def test_a_delivered_parcel_is_left_alone_for_as_long_as_can_be() -> None:
    async with watching() as watched:
        watched.carrier.status = TrackingStatus.DELIVERED
        watched.polling.begin(parcel("1Z"))
        assert len(await watched.after(0)) == 1
        assert await watched.after(530) == []
        assert len(await watched.after(140)) == 1


@pytest.mark.parametrize(
    ("error", "silent"),
    [(SourceUnavailable("carrier"), 80), (SourceRateLimited("carrier", retry_after_seconds=300), 260)],
)
async def test_a_carrier_that_fails_is_asked_later_and_as_late_as_it_says(error: Exception, silent: float) -> None:
    async with watching() as watched:
        watched.carrier.failing = error
        watched.polling.begin(parcel("1Z"))
        assert len(await watched.after(0)) == 1
        assert await watched.after(silent) == []
        watched.carrier.failing = None
        assert len(await watched.after(100)) == 1
        assert watched.polling.counts["failures"] == 1


async def test_no_more_are_asked_for_at_once_than_the_carrier_takes() -> None:
    async with watching(Carrier(max_batch=1)) as watched:
        for number in range(20):
            watched.polling.begin(parcel(f"P{number}"))
        assert [len(each) for each in await watched.after(0)] == [1] * 20


async def test_a_watched_shipments_parcels_are_found_in_the_wms_and_in_its_events() -> None:
    async with watching() as watched:
        wanted = Wanted(topic="shipments", types=SHIPMENTS, shipment="S1")
        watched.polling.begin(wanted)
        asked = await watched.after(0)
        assert sorted(number for each in asked for number in each) == ["1Z", "2Z"]
        packed = ShipmentMoved(company="US", shipment="S1", tracking_numbers=("2Z", "3Z"))
        await watched.bus.publish(new_event("shipment.confirmed", packed, id="c", source="/wms", time=NOON))
        assert await watched.after(0) == [("3Z",)]
        listening = Listening(watched.bus)
        watched.carrier.scan("1Z", 5)
        await watched.after(100)
        (told,) = listening.heard
        data: Any = told.event.data
        assert (data.shipment, data.company, data.order) == ("S1", "US", "7")
        watched.polling.end(wanted)
        assert len(watched.polling) == 0


async def test_what_cannot_be_put_on_the_bus_stays_news_until_it_can() -> None:
    async with watching() as watched:
        watched.polling.begin(parcel("1Z"))
        await watched.after(0)
        publish, watched.bus.publish = watched.bus.publish, _unavailable  # type: ignore[method-assign]
        watched.carrier.scan("1Z", 1)
        await watched.after(100)
        watched.bus.publish = publish  # type: ignore[method-assign]
        listening = Listening(watched.bus)
        await watched.after(200)
        assert len(listening.heard) == 1


async def _unavailable(_: Any) -> None:
    raise BusUnavailable


async def test_a_watched_orders_parcels_are_found_and_an_answer_that_cannot_be_read_ends_nothing() -> None:
    async with watching() as watched:
        watched.polling.begin(Wanted(topic="shipments", types=SHIPMENTS, order="7", company="US"))
        asked = await watched.after(0)
        assert sorted(number for each in asked for number in each) == ["1Z", "2Z"]
        watched.carrier.failing = ZeroDivisionError()
        assert len(await watched.after(100)) == 1
        watched.carrier.failing = None
        assert len(await watched.after(300)) == 1


async def test_only_the_carriers_that_are_named_are_polled() -> None:
    async with watching(carriers=("UPS",)) as watched:
        watched.polling.begin(Wanted(topic="shipments", types=SHIPMENTS, shipment="S1", company="US"))
        await watched.after(0)
        packed = ShipmentMoved(company="US", shipment="S1", carrier="FEDEX", tracking_numbers=("9F",))
        await watched.bus.publish(new_event("shipment.confirmed", packed, id="c", source="/wms", time=NOON))
        assert await watched.after(0) == []


async def test_beyond_the_bound_no_more_parcels_are_watched() -> None:
    async with watching(max_parcels=2) as watched:
        for number in range(3):
            watched.polling.begin(parcel(f"P{number}"))
        assert (len(watched.polling), watched.polling.counts["too many"]) == (2, 1)
        for number in range(3):
            watched.polling.end(parcel(f"P{number}"))
        assert len(watched.polling) == 0


async def test_a_subscriber_hears_of_a_parcel_whose_carrier_never_tells(tmp_path: Path) -> None:
    facts = {
        "today": "2026-06-30",
        "warehouses": [{"company": "US", "code": "RNO"}],
        "shipments": [{"number": "S1", "warehouse": "RNO", "parcels": [{"trackingNumber": "1Z"}]}],
    }
    polling = {"enabled": True, "min_seconds": 0.05, "max_seconds": 0.2}
    chosen = {"letters": str(tmp_path / "l")}
    async with (
        stack_over(Dataset.from_builtins(facts), polling=polling, events=chosen) as running,
        socket(running.url) as client,
    ):
        eventing: Eventing = running.app.state.eventing
        assert eventing.polling is not None
        await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1"})
        async with asyncio.timeout(10):
            while not eventing.polling.counts["calls"]:  # noqa: ASYNC110 - a real carrier is asked
                await asyncio.sleep(0.01)
        await running.client.post(f"{running.addresses['carrier']}/_sandbox/advance", json={"trackingNumber": "1Z"})
        told = await client.events(3)
        assert [each["status"] for each in told] == ["IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"]
        assert {each["shipmentNumber"] for each in told} == {"S1"}
        await client.silence()
