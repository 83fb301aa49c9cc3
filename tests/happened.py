"""Events for tests of the bus and of what hangs on it: a shipment's life, and whoever listens to it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sources.bus import Bus, Placed
from sources.events import Event, new_event
from sources.happenings import ShipmentMoved
from sources.models import TrackingStatus

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
PATIENCE_SECONDS = 10

LIFE = (
    ("shipment.created", "/wms", TrackingStatus.PRE_TRANSIT),
    ("shipment.confirmed", "/wms", TrackingStatus.PRE_TRANSIT),
    ("shipment.in_transit", "/carrier", TrackingStatus.IN_TRANSIT),
    ("shipment.in_transit", "/carrier", TrackingStatus.OUT_FOR_DELIVERY),
    ("shipment.delivered", "/carrier", TrackingStatus.DELIVERED),
)


def moved(kind: str = "shipment.in_transit", *, at: int = 0, source: str = "/carrier", **data: Any) -> Event:
    """An event `at` so many minutes after noon; of parcel 1Z of shipment S1 unless told otherwise."""
    data = {"company": "US", "shipment": "S1", "tracking_number": "1Z", **data}
    identity = f"{kind}-{data['tracking_number']}-{data['shipment']}-{at}"
    return new_event(kind, ShipmentMoved(**data), id=identity, source=source, time=NOON + timedelta(minutes=at))


def life() -> list[Event]:
    """From the warehouse to the door: the warehouse speaks of the shipment, the carrier of the parcel."""
    return [
        moved(kind, at=at, source=source, status=status, **({"tracking_number": None} if source == "/wms" else {}))
        for at, (kind, source, status) in enumerate(LIFE)
    ]


class Listening:
    """What a bus tells, as it tells it."""

    def __init__(self, bus: Bus) -> None:
        self.heard: list[Placed] = []
        self._news = asyncio.Event()
        bus.listeners.append(self._hear)

    def _hear(self, placed: Placed) -> None:
        self.heard.append(placed)
        self._news.set()

    async def until(self, enough: Callable[[list[Placed]], bool]) -> list[Placed]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not enough(self.heard):
                self._news.clear()
                await self._news.wait()
        return self.heard

    async def count(self, wanted: int) -> list[Placed]:
        return await self.until(lambda heard: len(heard) >= wanted)


def told(placed: list[Placed]) -> list[tuple[str, bool, str]]:
    return [(each.event.type, each.late, each.status) for each in placed]
