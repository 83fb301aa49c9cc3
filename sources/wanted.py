"""What somebody wants to be told of: which events, of which records. Whose they are is asked where it is known, by who delivers them."""

from collections.abc import Iterable

import msgspec

from sources.events import EVENTS, Event
from sources.happenings import PickShort, ShipmentMoved, skus_of

SHIPMENTS: frozenset[str] = frozenset(name for name, kind in EVENTS.items() if kind.data in {ShipmentMoved, PickShort})
AVAILABILITY: frozenset[str] = frozenset(
    (
        "inventory.adjusted",
        "order.accepted",
        "order.cancelled",
        "shipment.confirmed",
        "shipment.cancelled",
        "pick.short",
    )
)
"""What changes how much of an item can be promised."""

SUBMISSIONS: frozenset[str] = frozenset(("submission.moved",))


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is given must hold. `topic` is the family's own, for those who want all of it."""

    topic: str
    types: frozenset[str]
    company: str | None = None
    customer: str | None = None
    order: str | None = None
    shipment: str | None = None
    tracking_number: str | None = None
    submission: str | None = None
    skus: frozenset[str] = frozenset()

    def topics(self) -> frozenset[str]:
        """Under which of an event's topics it is found: the rarest of those that are given."""
        for name in ("tracking_number", "shipment", "order", "submission"):
            value = getattr(self, name)
            if value is not None:
                return frozenset((f"{name}/{value}",))
        return frozenset(f"sku/{sku}" for sku in self.skus) or frozenset((self.topic,))

    def holds(self, event: Event) -> bool:
        """Whether it is wanted, as far as the event itself says; whose it is may have to be asked."""
        data = event.data
        if event.type not in self.types or (self.company is not None and data.company not in {self.company, None}):
            return False
        if self.skus and self.skus.isdisjoint(skus_of(data)):
            return False
        if self.tracking_number is not None and self.tracking_number not in _tracking_numbers(data):
            return False
        given = (("order", self.order), ("shipment", self.shipment), ("submission", self.submission))
        return all(getattr(data, name, None) == value for name, value in given if value is not None)


def topics_of(event: Event) -> Iterable[str]:
    """Every topic under which somebody may want this event."""
    data = event.data
    if event.type in SHIPMENTS:
        yield "shipments"
        for number in _tracking_numbers(data):
            yield f"tracking_number/{number}"
    if event.type in SUBMISSIONS:
        yield "submissions"
    for name in ("shipment", "order", "submission"):
        value = getattr(data, name, None)
        if value is not None:
            yield f"{name}/{value}"
    for sku in skus_of(data):
        yield f"sku/{sku}"


def _tracking_numbers(data: object) -> tuple[str, ...]:
    if not isinstance(data, ShipmentMoved):
        return ()
    return data.tracking_numbers if data.tracking_number is None else (data.tracking_number,)
