"""Wide World Importers' shipments: one of each picked order. Deliveries are recorded for the last month, and synthetic before."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from sandbox.amounts import ZERO
from sandbox.facts_orders import Order
from sandbox.facts_shipments import Content, Parcel, Shipment, Tracking, TrackingEvent
from sandbox.facts_stock import Warehouse
from sandbox.wwi_tables import Tables, moment

_SYNTHETIC = "SYN-"


class _Event(msgspec.Struct, rename={"event": "Event", "at": "EventTime", "note": "ConNote"}):
    event: str
    at: datetime
    note: str
    comment: str | None = msgspec.field(default=None, name="Comment")


class _Delivery(msgspec.Struct):
    events: list[_Event] = msgspec.field(name="Events")
    delivered: datetime | None = msgspec.field(default=None, name="DeliveredWhen")
    signed_by: str | None = msgspec.field(default=None, name="ReceivedBy")


class _Picked(NamedTuple):
    order: Order
    at: datetime
    carrier: str


class Deliveries(Mapping[str, Sequence[Tracking]]):
    """Tracking by consignment note; that of older orders is made up when it is asked for, and says so."""

    def __init__(self, recorded: Mapping[str, Tracking], picked: Mapping[str, tuple[datetime, str]]) -> None:
        self._recorded = recorded
        self._picked = picked

    def __getitem__(self, number: str) -> Sequence[Tracking]:
        known = self._recorded.get(number)
        return (known,) if known is not None else (_made_up(number, *self._picked[number]),)

    def __contains__(self, number: object) -> bool:
        return number in self._recorded or number in self._picked

    def __iter__(self) -> Iterator[str]:
        yield from self._recorded
        yield from self._picked

    def __len__(self) -> int:
        return len(self._recorded) + len(self._picked)


def read_shipments(
    tables: Tables, orders: Sequence[Order], warehouse: Warehouse
) -> tuple[list[Shipment], Mapping[str, Sequence[Tracking]]]:
    deliveries = _read_deliveries(tables)
    weigh = _Scales(tables)
    recorded: dict[str, Tracking] = {}
    made_up: dict[str, tuple[datetime, str]] = {}
    shipments: list[Shipment] = []
    for picked in _read_picked(tables, orders):
        tracking = deliveries.get(picked.order.number)
        if tracking is None:
            number = f"{_SYNTHETIC}{picked.order.number}"
            made_up[number] = (picked.at, picked.carrier)
        else:
            number = tracking.tracking_number
            recorded[number] = tracking
        parcel = Parcel(number, *weigh(picked.order))
        shipments.append(_shipment(picked, warehouse, tracking, parcel))
    return shipments, Deliveries(recorded, made_up)


def _shipment(picked: _Picked, warehouse: Warehouse, tracking: Tracking | None, parcel: Parcel) -> Shipment:
    waiting = tracking is not None and tracking.status == "PRE_TRANSIT"
    text = "Ready for collection" if waiting else "Delivered" if tracking else "Delivered (synthetic)"
    return Shipment(
        company=picked.order.company,
        number=f"S{picked.order.number}",
        order=picked.order.number,
        warehouse=warehouse,
        status="PACKED" if waiting else "DELIVERED",
        status_text=text,
        carrier=picked.carrier,
        shipped_at=None if waiting else picked.at,
        parcels=(parcel,),
    )


def _read_picked(tables: Tables, orders: Sequence[Order]) -> Iterator[_Picked]:
    methods = dict(tables.rows("DeliveryMethods", "DeliveryMethodID", "DeliveryMethodName"))
    by_customer = {
        str(customer): methods[method]
        for customer, method in tables.rows("Customers", "CustomerID", "DeliveryMethodID")
    }
    (finished,) = tables.columns("Orders", "PickingCompletedWhen")
    for order, at in zip(orders, finished, strict=True):
        if at is not None:
            yield _Picked(order, moment(at), by_customer[order.customer])


def _read_deliveries(tables: Tables) -> dict[str, Tracking]:
    methods = dict(tables.rows("DeliveryMethods", "DeliveryMethodID", "DeliveryMethodName"))
    decode = msgspec.json.Decoder(_Delivery).decode
    rows = tables.rows("Invoices", "OrderID", "DeliveryMethodID", "ReturnedDeliveryData")
    return {str(order): _tracking(decode(data), methods[method]) for order, method, data in rows}


def _tracking(delivery: _Delivery, carrier: str) -> Tracking:
    ready = delivery.events[0]
    events = [TrackingEvent(moment(ready.at), "PRE_TRANSIT", ready.event)]
    events += [
        TrackingEvent(moment(event.at), "EXCEPTION", f"{event.event}: {event.comment}")
        for event in delivery.events[1:]
        if event.comment is not None
    ]
    done = None if delivery.delivered is None else moment(delivery.delivered)
    if done is not None:
        events.append(TrackingEvent(done, "DELIVERED", f"Delivered, received by {delivery.signed_by}"))
    return Tracking(
        tracking_number=ready.note,
        carrier=carrier,
        status="PRE_TRANSIT" if done is None else "DELIVERED",
        status_text=ready.event if done is None else "Delivered",
        delivered_at=done,
        signed_by=delivery.signed_by,
        events=tuple(events),
    )


def _made_up(number: str, picked: datetime, carrier: str) -> Tracking:
    done = picked + timedelta(hours=22)
    events = (
        TrackingEvent(picked, "PRE_TRANSIT", "Ready for collection (synthetic)"),
        TrackingEvent(done, "DELIVERED", "Delivered (synthetic)"),
    )
    return Tracking(
        tracking_number=number,
        carrier=carrier,
        status="DELIVERED",
        status_text="Delivered (synthetic)",
        delivered_at=done,
        signed_by=None,
        events=events,
    )


class _Scales:
    """Weight and contents of an order; equal contents are one object."""

    def __init__(self, tables: Tables) -> None:
        self._unit = {
            str(key): Decimal(f"{weight:.3f}")
            for key, weight in tables.rows("StockItems", "StockItemID", "TypicalWeightPerUnit")
        }
        self._known: dict[tuple[str, Decimal], tuple[Content, Decimal]] = {}

    def __call__(self, order: Order) -> tuple[Decimal, tuple[Content, ...]]:
        weighed = [self._content(line.sku, line.progress.shipped) for line in order.lines]
        return sum((weight for _, weight in weighed), ZERO), tuple(content for content, _ in weighed)

    def _content(self, sku: str, quantity: Decimal) -> tuple[Content, Decimal]:
        key = (sku, quantity)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = (Content(sku, quantity), self._unit[sku] * quantity)
        return found
