"""Tracking of generated parcels, worked out from the tracking number when it is asked for: it says the same every time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sandbox.dice import Dice
from sandbox.facts_shipments import Shipment, Tracking, TrackingEvent, TrackingStatus
from sandbox.generate_names import GIVEN, SURNAMES

_HUBS = ("Sparks, NV", "Dallas, TX", "Memphis, TN", "Louisville, KY", "Atlanta, GA", "Toronto, ON", "Chicago, IL")
_ON_THE_WAY: tuple[tuple[TrackingStatus, float], ...] = (
    ("IN_TRANSIT", 0.5),
    ("OUT_FOR_DELIVERY", 0.15),
    ("AVAILABLE_FOR_PICKUP", 0.12),
    ("EXCEPTION", 0.13),
    ("RETURNED", 0.1),
)
_WORDS: dict[TrackingStatus, str] = {
    "PRE_TRANSIT": "Label created",
    "IN_TRANSIT": "In transit",
    "OUT_FOR_DELIVERY": "On vehicle for delivery",
    "AVAILABLE_FOR_PICKUP": "Held at location for pickup",
    "DELIVERED": "Delivered",
    "EXCEPTION": "Receiver closed, will try again",
    "RETURNED": "Returned to sender",
    "CANCELLED": "Label voided",
}


class GeneratedTracking(Mapping[str, Sequence[Tracking]]):
    def __init__(self, shipments: Iterable[Shipment], today: date) -> None:
        self._shipments = {parcel.tracking_number: row for row in shipments for parcel in row.parcels}
        self._midnight = datetime.combine(today, time(), UTC)
        self._known: dict[str, tuple[Tracking]] = {}

    def __getitem__(self, number: str) -> Sequence[Tracking]:
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = (self._tracking(number, self._shipments[number]),)
        return found

    def __contains__(self, number: object) -> bool:
        return number in self._shipments

    def __iter__(self) -> Iterator[str]:
        return iter(self._shipments)

    def __len__(self) -> int:
        return len(self._shipments)

    def _tracking(self, number: str, shipment: Shipment) -> Tracking:
        dice = Dice(int(number[2:]))
        if shipment.shipped_at is None:
            return self._at_the_dock(number, shipment)
        if shipment.status == "DELIVERED":
            return self._delivered(dice, number, shipment)
        return self._on_the_way(dice, number, shipment)

    def _at_the_dock(self, number: str, shipment: Shipment) -> Tracking:
        """Printed last night; for a cancelled shipment voided again."""
        printed = self._midnight - timedelta(hours=1)
        status: TrackingStatus = "CANCELLED" if shipment.status == "CANCELLED" else "PRE_TRANSIT"
        second = "Label voided" if status == "CANCELLED" else "Shipment information sent to the carrier"
        events = (
            TrackingEvent(printed, "PRE_TRANSIT", _WORDS["PRE_TRANSIT"]),
            TrackingEvent(printed + timedelta(minutes=5), status, second),
        )
        return Tracking(
            tracking_number=number,
            carrier=shipment.carrier,
            status=status,
            status_text=_WORDS[status],
            events=events,
        )

    def _delivered(self, dice: Dice, number: str, shipment: Shipment) -> Tracking:
        start = shipment.shipped_at or self._midnight
        days = max(min(dice.between(1, 5), (self._midnight.date() - start.date()).days - 1), 1)
        morning = datetime.combine(start.date() + timedelta(days=days), time(8), UTC)
        done = morning + timedelta(minutes=dice.between(60, 540))
        signed = f"{dice.pick(GIVEN)[0]}. {dice.pick(SURNAMES)}"
        events = (
            *_travel(dice, start, morning),
            TrackingEvent(morning, "OUT_FOR_DELIVERY", _WORDS["OUT_FOR_DELIVERY"]),
            TrackingEvent(done, "DELIVERED", f"Delivered, signed by {signed}"),
        )
        return Tracking(
            tracking_number=number,
            carrier=shipment.carrier,
            status="DELIVERED",
            status_text=_WORDS["DELIVERED"],
            estimated_delivery=done.date(),
            delivered_at=done,
            signed_by=signed,
            events=events,
        )

    def _on_the_way(self, dice: Dice, number: str, shipment: Shipment) -> Tracking:
        start = shipment.shipped_at or self._midnight
        last = min(start + timedelta(hours=dice.between(20, 110)), self._midnight - timedelta(minutes=5))
        status = dice.weighted(_ON_THE_WAY)
        events = (*_travel(dice, start, last), TrackingEvent(last, status, _WORDS[status], dice.pick(_HUBS)))
        return Tracking(
            tracking_number=number,
            carrier=shipment.carrier,
            status=status,
            status_text=_WORDS[status],
            estimated_delivery=max(last.date(), start.date()) + timedelta(days=2),
            events=events,
        )


def _travel(dice: Dice, start: datetime, end: datetime) -> list[TrackingEvent]:
    """The label, the pick-up and up to four hubs, all before `end`."""
    stops = 1 + dice.below(5)
    step = (end - start) / (stops + 1)
    events = [TrackingEvent(start, "PRE_TRANSIT", _WORDS["PRE_TRANSIT"])]
    for stop in range(1, stops + 1):
        at = (start + step * stop).replace(microsecond=0)
        text = "Picked up" if stop == 1 else "Departed facility"
        events.append(TrackingEvent(at, "IN_TRANSIT", text, dice.pick(_HUBS)))
    return events
