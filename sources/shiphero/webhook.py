"""ShipHero's webhooks: a shipment that was made, stock that changed, an order that was cancelled. It knows no legal entities."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec

from sources.delivery import Delivery, Reading, read_json
from sources.events import Event, new_event
from sources.happenings import InventoryAdjusted, OrderMoved, ShipmentMoved
from sources.shiphero.mapping import aware


class _Head(msgspec.Struct):
    webhook_type: str


class _Line(msgspec.Struct):
    sku: str


class _Fulfillment(msgspec.Struct):
    shipment_id: int | str
    order_number: str
    created_at: datetime
    tracking_number: str | None = None
    shipping_carrier: str | None = None
    line_items: tuple[_Line, ...] = ()


class _ShipmentUpdate(msgspec.Struct):
    fulfillment: _Fulfillment


class _Shelf(msgspec.Struct):
    sku: str
    on_hand: Decimal | None = None
    warehouse_id: int | str | None = None


class _InventoryUpdate(msgspec.Struct):
    inventory: tuple[_Shelf, ...]


class _OrderCanceled(msgspec.Struct):
    order_number: str


_HEAD = msgspec.json.Decoder(_Head)
_SHIPMENT = msgspec.json.Decoder(_ShipmentUpdate)
_INVENTORY = msgspec.json.Decoder(_InventoryUpdate)
_CANCELED = msgspec.json.Decoder(_OrderCanceled)


def read(delivery: Delivery) -> Reading:
    head = read_json(_HEAD.decode, delivery.body)
    reader = _READERS.get(head.webhook_type) if isinstance(head, _Head) else None
    return Reading([], ignored=1) if reader is None else Reading(reader(delivery))


def _shipped(delivery: Delivery) -> list[Event]:
    body = read_json(_SHIPMENT.decode, delivery.body)
    if not isinstance(body, _ShipmentUpdate):
        return []
    made = body.fulfillment
    data = ShipmentMoved(
        company=delivery.company,
        shipment=str(made.shipment_id),
        order=made.order_number,
        carrier=made.shipping_carrier,
        tracking_numbers=(made.tracking_number,) if made.tracking_number else (),
        skus=tuple(each.sku for each in made.line_items),
    )
    return [_event("shipment.confirmed", data, delivery, aware(made.created_at))]


def _counted(delivery: Delivery) -> list[Event]:
    """It says no moment: the delivery's own is taken."""
    body = read_json(_INVENTORY.decode, delivery.body)
    if not isinstance(body, _InventoryUpdate):
        return []
    rows = [
        InventoryAdjusted(
            company=delivery.company,
            sku=row.sku,
            on_hand=row.on_hand,
            warehouse=None if row.warehouse_id is None else str(row.warehouse_id),
        )
        for row in body.inventory
    ]
    return [_event("inventory.adjusted", data, delivery, delivery.received) for data in rows]


def _canceled(delivery: Delivery) -> list[Event]:
    body = read_json(_CANCELED.decode, delivery.body)
    if not isinstance(body, _OrderCanceled):
        return []
    data = OrderMoved(company=delivery.company, order=body.order_number)
    return [_event("order.cancelled", data, delivery, delivery.received)]


def _event(
    kind: str, data: ShipmentMoved | InventoryAdjusted | OrderMoved, delivery: Delivery, time: datetime
) -> Event:
    """Its message id is the same for each attempt at one delivery."""
    sent = delivery.headers.get("x-shiphero-message-id") or hashlib.sha256(delivery.body).hexdigest()[:32]
    return new_event(kind, data, id=f"{sent}/{data.subject}", source=f"/{delivery.source}", time=time)


_READERS: dict[str, Callable[[Delivery], list[Event]]] = {
    "Shipment Update": _shipped,
    "Inventory Update": _counted,
    "Order Canceled": _canceled,
}
