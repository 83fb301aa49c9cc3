"""Canonical business events in the CloudEvents 1.0 envelope: one table says which there are, and what each carries.

A vendor's own codes become these in the vendor's folder, by a table (sources/codes.py). docs/events.md shows an example of each.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from sources.happenings import (
    CustomerChanged,
    Happening,
    InventoryAdjusted,
    InvoicePosted,
    ItemChanged,
    OrderMoved,
    PickShort,
    PriceChanged,
    PurchaseAcknowledged,
    ReturnMoved,
    ShipmentMoved,
    SubmissionMoved,
)
from sources.models import OrderStatus, TrackingStatus

SPEC_VERSION = "1.0"


class NotAnEvent(Exception):
    """The message is no event of ours; it says where it breaks, and nothing of what stands there."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is unique within `source`, which is where it happened, such as "/wms". `time`: when it happened there."""

    id: str
    source: str
    type: str
    time: datetime
    data: Happening

    @property
    def key(self) -> str:
        """The same for the same event, however often it is sent."""
        return f"{self.source}#{self.id}"

    @property
    def subject(self) -> str:
        """What it happened to: events of one subject have an order."""
        return self.data.subject

    @property
    def meaning(self) -> str:
        """The same for two events that say the same thing under two ids."""
        said = self.data.said
        text = "\n".join((self.type, self.subject, self.time.astimezone(UTC).isoformat(timespec="seconds"), said))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class Kind(NamedTuple):
    """One type of event. `version` goes up when a reader of the one before could misread it."""

    version: int
    data: type[Happening]
    description: str
    status: TrackingStatus | OrderStatus | None = None

    def schema(self, name: str) -> str:
        return f"urn:crossdock:event:{name}:{self.version}"


def _order(description: str, status: OrderStatus) -> Kind:
    return Kind(1, OrderMoved, description, status)


def _shipment(description: str, status: TrackingStatus) -> Kind:
    return Kind(1, ShipmentMoved, description, status)


EVENTS: Mapping[str, Kind] = {
    "order.accepted": _order("The ERP took an order.", OrderStatus.OPEN),
    "order.held": _order("An order was put on hold; reason says why.", OrderStatus.OPEN),
    "order.released": _order("An order went to the warehouse.", OrderStatus.RELEASED),
    "order.cancelled": _order("An order was cancelled.", OrderStatus.CANCELLED),
    "order.unknown": _order("Something happened to an order that has no name here.", OrderStatus.UNKNOWN),
    "pick.short": Kind(1, PickShort, "Less was found than was to be picked.", TrackingStatus.PRE_TRANSIT),
    "shipment.created": _shipment("The warehouse has a shipment to make.", TrackingStatus.PRE_TRANSIT),
    "shipment.confirmed": _shipment("It is packed and handed over.", TrackingStatus.PRE_TRANSIT),
    "shipment.in_transit": _shipment("It is on its way; the status says how far.", TrackingStatus.IN_TRANSIT),
    "shipment.exception": _shipment("Something went wrong on its way.", TrackingStatus.EXCEPTION),
    "shipment.delivered": _shipment("It arrived.", TrackingStatus.DELIVERED),
    "shipment.cancelled": _shipment("It will not be sent.", TrackingStatus.CANCELLED),
    "shipment.unknown": _shipment("Something happened to it that has no name here.", TrackingStatus.UNKNOWN),
    "inventory.adjusted": Kind(1, InventoryAdjusted, "What stands in a warehouse changed."),
    "item.changed": Kind(1, ItemChanged, "An item's record changed; without a SKU, some items' did."),
    "price.changed": Kind(1, PriceChanged, "Prices changed: of an item, of a customer, or some."),
    "customer.changed": Kind(1, CustomerChanged, "A customer's record or relationship changed."),
    "purchase.acknowledged": Kind(1, PurchaseAcknowledged, "A supplier acknowledged a purchase order."),
    "invoice.posted": Kind(1, InvoicePosted, "An invoice was posted."),
    "return.authorised": Kind(1, ReturnMoved, "A return was authorised."),
    "return.received": Kind(1, ReturnMoved, "A return came in."),
    "submission.moved": Kind(1, SubmissionMoved, "A submission of an order moved on."),
}
"""Type → what it carries. `status` is what the type means where the data says no status of its own."""


def new_event(kind: str, data: Happening, *, id: str, source: str, time: datetime) -> Event:  # noqa: A002 - CloudEvents' name for it
    """An event of this type; its data gets the status that the type means, where it says none."""
    status = EVENTS[kind].status
    if status is not None and getattr(data, "status", None) is None and hasattr(data, "status"):
        data = msgspec.structs.replace(data, status=status)
    return Event(id=id, source=source, type=kind, time=time, data=data)


# ---------------------------------------------------------------- the envelope


class _Envelope(msgspec.Struct, kw_only=True):
    specversion: str
    id: str
    source: str
    type: str
    data: msgspec.Raw
    time: datetime | None = None
    subject: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_DATA: Mapping[str, Callable[[Any], Happening]] = {
    name: msgspec.json.Decoder(kind.data).decode for name, kind in EVENTS.items()
}


def encoded(event: Event) -> bytes:
    """As a CloudEvents 1.0 message in structured mode, JSON."""
    return msgspec.json.encode(as_message(event))


def as_message(event: Event) -> dict[str, Any]:
    return {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": event.time.astimezone(UTC),
        "datacontenttype": "application/json",
        "dataschema": EVENTS[event.type].schema(event.type),
        "data": event.data,
    }


def decoded(message: bytes | msgspec.Raw, *, received: datetime) -> Event:
    """Raises NotAnEvent. A message that says no time happened when it was received."""
    try:
        envelope = _ENVELOPE.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnEvent(_where(error)) from None
    if envelope.specversion != SPEC_VERSION:
        raise NotAnEvent("it is not CloudEvents 1.0")
    kind = EVENTS.get(envelope.type)
    if kind is None:
        raise NotAnEvent("its type is not known")
    if envelope.dataschema is not None and envelope.dataschema != kind.schema(envelope.type):
        raise NotAnEvent("its data is of another version")
    if not envelope.id or not envelope.source:
        raise NotAnEvent("its id or its source is empty")
    time = envelope.time or received
    if time.tzinfo is None:
        raise NotAnEvent("its time has no time zone")
    try:
        data = _DATA[envelope.type](envelope.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnEvent(f"{_where(error)} of its data") from None
    return new_event(envelope.type, data, id=envelope.id, source=envelope.source, time=time)


def _where(error: Exception) -> str:
    """The place, by msgspec's own words where it says one; the value that stands there never."""
    _, found, path = str(error).rpartition(" - at ")
    return (
        f"it does not fit at {path}" if found and isinstance(error, msgspec.ValidationError) else "it is no JSON object"
    )
