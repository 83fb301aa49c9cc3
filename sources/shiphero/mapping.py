"""From ShipHero's answers to canonical facts: pure functions."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sources import models
from sources.codes import Codes
from sources.shiphero import payload
from sources.shiphero.options import ShipHeroOptions
from sources.shiphero.statuses import LABELS

HOLDS = {
    "fraud_hold": "FRAUD_HOLD",
    "payment_hold": "PAYMENT_HOLD",
    "address_hold": "ADDRESS_HOLD",
    "shipping_method_hold": "SHIPPING_METHOD_HOLD",
    "client_hold": "CLIENT_HOLD",
    "operator_hold": "OPERATOR_HOLD",
}
"""ShipHero's holds and our words for them, the gravest first."""

CANCELLED = {"canceled", "cancelled"}
"""Of an order's fulfillment status."""

LARGEST_NUMBER = 2**63


# ---------------------------------------------------------------- names


def is_number(text: str) -> bool:
    """Whether it can be a number that ShipHero gives: else there is no such record, and nobody needs to be asked."""
    return text.isascii() and text.isdigit() and str(int(text[:20])) == text and int(text) < LARGEST_NUMBER


def shipment_id(number: str) -> str:
    """The id of a shipment by its number: what all ids of ShipHero's documentation are made of."""
    return b64encode(f"Shipment:{number}".encode()).decode()


def warehouse_number(place: payload.Place | payload.PlaceOwn) -> str:
    return str(place.legacy_id)


def warehouse_code(number: str, options: ShipHeroOptions) -> str:
    return options.warehouse_codes.get(number, number)


def warehouse(place: payload.Place, options: ShipHeroOptions) -> models.Warehouse:
    """Without a name it is called by its code."""
    number = warehouse_number(place)
    order = list(options.warehouse_codes)
    code = warehouse_code(number, options)
    priority = order.index(number) + 1 if number in order else len(order) + 1
    return models.Warehouse(options.company, code, place.identifier or code, priority)


# ---------------------------------------------------------------- stock


def warehouse_stock(shelf: payload.Shelf, options: ShipHeroOptions) -> models.WarehouseStock:
    """What cannot be sold and what is kept back are nothing where ShipHero says null."""
    return models.WarehouseStock(
        warehouse(shelf.warehouse, options),
        on_hand=Decimal(shelf.on_hand),
        allocated=Decimal(shelf.allocated),
        unsellable=Decimal(shelf.non_sellable_quantity or 0),
        safety_stock=Decimal(shelf.reserve_inventory or 0),
    )


def stock(rows: Iterable[models.WarehouseStock], options: ShipHeroOptions, as_of: datetime) -> models.Stock:
    routed = sorted(rows, key=lambda row: (row.warehouse.priority, row.warehouse.code))
    return models.Stock(tuple(routed), today(options, as_of), as_of)


def today(options: ShipHeroOptions, at: datetime) -> date:
    return at.astimezone(ZoneInfo(options.timezone)).date()


# ---------------------------------------------------------------- shipments


def aware(moment: datetime) -> datetime:
    """A time without a zone is taken to be UTC; its webhooks have such."""
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def shipment(
    row: payload.Shipment,
    lines: Sequence[payload.Line],
    options: ShipHeroOptions,
    *,
    order_number: str | None = None,
    codes: Codes = LABELS,
) -> models.Shipment:
    """`lines`: those of all pages. Its carrier and service are those of the first label that is good, or else of the first."""
    told = [_status(label, codes) for label in row.shipping_labels]
    good = [label for label, status in zip(row.shipping_labels, told, strict=True) if status is not _VOID]
    first = next(iter([*good, *row.shipping_labels]), None)
    status, word = _shipped(row, told)
    return models.Shipment(
        company=options.company,
        number=str(row.legacy_id),
        warehouse=warehouse(row.warehouse, options),
        status=status,
        parcels=tuple(_parcels(good, lines)),
        order_number=row.order.order_number if row.order is not None else order_number,
        source_status=word,
        carrier=(first.carrier if first is not None else None) or None,
        service=(first.shipping_method if first is not None else None) or None,
        shipped_at=None if row.created_date is None else aware(row.created_date),
    )


_VOID = models.ShipmentStatus.CANCELLED


def _status(label: payload.Label, codes: Codes) -> models.ShipmentStatus:
    """A label that tells no status is as good as any."""
    if not label.status:
        return models.ShipmentStatus.SHIPPED
    status = codes.read(label.status).status
    return status if isinstance(status, models.ShipmentStatus) else models.ShipmentStatus.UNKNOWN


def _shipped(row: payload.Shipment, told: Sequence[models.ShipmentStatus]) -> tuple[models.ShipmentStatus, str | None]:
    """What a shipment has come to, and the label's word for it: delivered; or a label says what nobody knows; or all are void."""
    words = [label.status for label in row.shipping_labels]
    first = words[0] if words else None
    if row.delivered:
        return models.ShipmentStatus.DELIVERED, first
    if models.ShipmentStatus.UNKNOWN in told:
        return models.ShipmentStatus.UNKNOWN, words[told.index(models.ShipmentStatus.UNKNOWN)]
    if told and all(status is _VOID for status in told):
        return _VOID, first
    return models.ShipmentStatus.SHIPPED, first


def _parcels(labels: Sequence[payload.Label], lines: Sequence[payload.Line]) -> Iterable[models.Parcel]:
    """One a label that can be tracked. Lines of no label are in the only parcel where there is but one."""
    for label in labels:
        if not label.tracking_number:
            continue
        own = [line for line in lines if _is_in(line, label, is_only=len(labels) == 1)]
        contents = tuple(models.ParcelItem(line.line_item.sku, Decimal(line.quantity)) for line in own)
        yield models.Parcel(label.tracking_number, contents, carrier=label.carrier or None)


def _is_in(line: payload.Line, label: payload.Label, *, is_only: bool) -> bool:
    return line.shipping_label_id == label.id or (line.shipping_label_id is None and is_only)


# ---------------------------------------------------------------- holds


def holds(order: payload.HeldOrder) -> tuple[str, ...]:
    """Those that it is on, the gravest first."""
    return tuple(name for name in HOLDS if getattr(order.holds, name))


def is_cancelled(order: payload.HeldOrder) -> bool:
    return (order.fulfillment_status or "").strip().lower() in CANCELLED
