"""Parcels of carriers that do not tell: asked for as long as somebody watches them, however many do, and no oftener than it is worth.

A parcel's interval grows while nothing changes and shrinks when something does; parcels that are due are asked for together, as many at
once as the carrier takes, through the door and its limits. What is new becomes events on the bus, which drops what a webhook told before.
"""

import asyncio
import logging
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from redis.exceptions import RedisError

from sources import links
from sources.bus import Bus, BusUnavailable, Placed
from sources.call import CallContext, Deadline
from sources.ending import ended
from sources.errors import SourceError
from sources.events import Event, new_event
from sources.happenings import ShipmentMoved
from sources.models import Shipment, Tracking, TrackingEvent, TrackingStatus
from sources.ports import Sources
from sources.viewer import Viewer
from sources.wanted import Wanted

POLLER = Viewer(subject="crossdock polling")
_GROWTH, _AT_ONCE, _LOOK_SECONDS, _ATTEMPTS = 1.5, 4, 60.0, 5
_OVER = frozenset((TrackingStatus.DELIVERED, TrackingStatus.RETURNED, TrackingStatus.CANCELLED))
_TYPES = {
    TrackingStatus.PRE_TRANSIT: "shipment.created",
    TrackingStatus.DELIVERED: "shipment.delivered",
    TrackingStatus.EXCEPTION: "shipment.exception",
    TrackingStatus.RETURNED: "shipment.exception",
    TrackingStatus.CANCELLED: "shipment.cancelled",
    TrackingStatus.UNKNOWN: "shipment.unknown",
}
_log = logging.getLogger("crossdock.events")


class PollingLimits(msgspec.Struct, frozen=True, kw_only=True):
    """`carriers`: only these, where a parcel's carrier is known; none named: all. Beyond `max_parcels` nothing more is watched."""

    min_seconds: float = 60.0
    max_seconds: float = 1_800.0
    max_parcels: int = 10_000
    carriers: tuple[str, ...] = ()
    timeout_seconds: float = 5.0


class _Parcel:
    """`seen`: the scans that are known, None before the first answer: those are no news."""

    __slots__ = ("due", "interval", "number", "seen", "watchers")

    def __init__(self, number: str, interval: float) -> None:
        self.number, self.interval = number, interval
        self.watchers, self.due = 0, 0.0
        self.seen: frozenset[TrackingEvent] | None = None


class Polling:
    """`begin` and `end` say what is watched: by a parcel's own number, or by its shipment or order. `counts` says what it cost."""

    def __init__(
        self,
        bus: Bus,
        sources: Sources,
        limits: PollingLimits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus, self._sources, self._limits, self._clock = bus, sources, limits, clock
        self._parcels: dict[str, _Parcel] = {}
        self._wanted: Counter[Wanted] = Counter()
        self._numbers: dict[Wanted, set[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._due = asyncio.Event()
        self.counts: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self._bus.listeners.append(self._heard)
        self._run(self._poll())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bus.listeners.remove(self._heard)
        await ended(*self._tasks)

    def __len__(self) -> int:
        """How many parcels are watched."""
        return len(self._parcels)

    def look(self) -> None:
        """Whether anything is due: now, not when it was thought to be."""
        self._due.set()

    # ------------------------------------------------------------ what is watched

    def begin(self, wanted: Wanted) -> None:
        self._wanted[wanted] += 1
        if self._wanted[wanted] > 1:
            return
        self._numbers[wanted] = set()
        if wanted.tracking_number is not None:
            self._watch(wanted, [wanted.tracking_number])
        elif wanted.shipment is not None or wanted.order is not None:
            self._run(self._find(wanted))

    def end(self, wanted: Wanted) -> None:
        self._wanted[wanted] -= 1
        if self._wanted[wanted] > 0:
            return
        del self._wanted[wanted]
        for number in self._numbers.pop(wanted):
            parcel = self._parcels[number]
            parcel.watchers -= 1
            if not parcel.watchers:
                del self._parcels[number]

    def _watch(self, wanted: Wanted, numbers: Iterable[str]) -> None:
        watched = self._numbers.get(wanted)
        if watched is None:
            return
        for number in numbers:
            if number in watched:
                continue
            parcel = self._parcels.get(number)
            if parcel is None:
                if len(self._parcels) >= self._limits.max_parcels:
                    self.counts["too many"] += 1
                    continue
                parcel = self._parcels[number] = _Parcel(number, self._limits.min_seconds)
            parcel.watchers += 1
            watched.add(number)
            self._due.set()

    def _heard(self, placed: Placed) -> None:
        """A shipment that is watched gets its parcels when it is packed."""
        data = placed.event.data
        if not isinstance(data, ShipmentMoved) or not data.tracking_numbers or not self._polls(data.carrier):
            return
        for wanted in self._numbers:
            if (wanted.shipment is not None or wanted.order is not None) and wanted.holds(placed.event):
                self._watch(wanted, data.tracking_numbers)

    async def _find(self, wanted: Wanted) -> None:
        """Its parcels as the WMS knows them, which also teaches whose they are."""
        for attempt in range(_ATTEMPTS):
            await asyncio.sleep(attempt**2)
            try:
                found = await self._shipments(wanted)
                await self._bus.learn({name: link for each in found for name, link in _links(each).items()})
            except (SourceError, RedisError, OSError) as error:
                _log.warning("what is to be watched cannot be read: %s", error)
                continue
            for each in found:
                if self._polls(each.carrier):
                    self._watch(wanted, [parcel.tracking_number for parcel in each.parcels])
            return

    async def _shipments(self, wanted: Wanted) -> Sequence[Shipment]:
        wms, call = self._sources.wms, self._call()
        if wanted.shipment is not None:
            one = await wms.shipments(call, wanted.company, [wanted.shipment])
            return [each for each in one.values() if isinstance(each, Shipment)]
        several = await wms.shipments_by_order(call, wanted.company, [wanted.order or ""])
        return [each for rows in several.values() if isinstance(rows, tuple) for each in rows]

    def _polls(self, carrier: str | None) -> bool:
        return not self._limits.carriers or carrier is None or carrier in self._limits.carriers

    # ------------------------------------------------------------ asking

    async def _poll(self) -> None:
        while True:
            self._due.clear()
            now = self._clock()
            due = [parcel for parcel in self._parcels.values() if parcel.due <= now]
            if due:
                await self._asked(due)
            soonest = min((parcel.due for parcel in self._parcels.values()), default=now + _LOOK_SECONDS)
            try:
                async with asyncio.timeout(max(0.001, min(soonest - self._clock(), _LOOK_SECONDS))):
                    await self._due.wait()
            except TimeoutError:
                continue

    async def _asked(self, due: Sequence[_Parcel]) -> None:
        try:
            await self._ask(due)
        except Exception:  # noqa: BLE001 - one parcel that cannot be understood does not end the polling of all
            _log.exception("polling failed")
            for each in due:
                self._later(each)

    async def _ask(self, due: Sequence[_Parcel]) -> None:
        size = self._sources.carrier.max_batch["tracking"]
        slots = asyncio.Semaphore(_AT_ONCE)

        async def part(parcels: Sequence[_Parcel]) -> None:
            async with slots:
                await self._ask_part(parcels)

        async with asyncio.TaskGroup() as side_by_side:
            for start in range(0, len(due), size):
                side_by_side.create_task(part(due[start : start + size]))

    async def _ask_part(self, parcels: Sequence[_Parcel]) -> None:
        self.counts["calls"] += 1
        self.counts["parcels"] += len(parcels)
        try:
            found = await self._sources.carrier.tracking(self._call(), None, [each.number for each in parcels])
        except SourceError as error:
            for each in parcels:
                self._later(each, failed=error)
            return
        by_number = {key.number: answer for key, answer in found.items()}
        for each in parcels:
            answer = by_number.get(each.number)
            if isinstance(answer, SourceError):
                self._later(each, failed=answer)
            else:
                await self._answered(each, answer)

    async def _answered(self, parcel: _Parcel, answer: Tracking | None) -> None:
        scans = frozenset(answer.events) if answer is not None else frozenset()
        news = sorted(scans - parcel.seen, key=lambda each: each.at) if parcel.seen is not None else []
        try:
            for scan in news:
                await self._bus.publish(_event(parcel.number, scan))
        except BusUnavailable as error:
            self._later(parcel, failed=error)  # what is new stays new until it is on the bus
            return
        parcel.seen = scans
        self.counts["news"] += len(news)
        self._later(parcel, is_new=bool(news), is_over=answer is not None and answer.status in _OVER)

    def _later(
        self, parcel: _Parcel, *, is_new: bool = False, is_over: bool = False, failed: SourceError | None = None
    ) -> None:
        limits = self._limits
        parcel.interval = limits.min_seconds if is_new else min(parcel.interval * _GROWTH, limits.max_seconds)
        if is_over:
            parcel.interval = limits.max_seconds  # a delivered parcel may still come back
        wait = max(parcel.interval, (failed.retry_after_seconds or 0.0) if failed is not None else 0.0)
        self.counts["failures"] += failed is not None
        parcel.due = self._clock() + wait * random.uniform(0.9, 1.1)  # noqa: S311 - jitter, no secret

    def _call(self) -> CallContext:
        deadline = Deadline.after(self._limits.timeout_seconds)
        return CallContext(POLLER, deadline, secrets.token_hex(16), max_age_seconds=0)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _links(shipment: Shipment) -> dict[str, links.Link]:
    link = links.Link(
        company=shipment.company, shipment=shipment.number, order=shipment.order_number, carrier=shipment.carrier
    )
    return {links.parcel(each.tracking_number): link for each in shipment.parcels} | {
        links.shipment(shipment.company, shipment.number): link
    }


def _event(number: str, scan: TrackingEvent) -> Event:
    data = ShipmentMoved(
        tracking_number=number, status=scan.status, source_status=scan.description, location=scan.location
    )
    kind = _TYPES.get(scan.status, "shipment.in_transit")
    return new_event(
        kind, data, id=f"{number}/{scan.status.value}/{scan.at.isoformat()}", source="/polled", time=scan.at
    )
