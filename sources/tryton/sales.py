"""From Tryton's sales and shipments to canonical orders and shipments: pure functions, states in tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal

from sources import models
from sources.codes import Codes, Meaning
from sources.models import OrderStatus, ShipmentStatus
from sources.tryton import payload
from sources.tryton.directory import Directory, tidy
from sources.tryton.mapping import warehouse

ORDER_STATES = Codes(
    "tryton",
    Meaning("order.unknown", OrderStatus.UNKNOWN),
    {
        "draft": Meaning("", OrderStatus.OPEN),
        "quotation": Meaning("", OrderStatus.OPEN),
        "confirmed": Meaning("", OrderStatus.OPEN),
        "processing/none": Meaning("", OrderStatus.RELEASED),
        "processing/waiting": Meaning("", OrderStatus.RELEASED),
        "processing/partially shipped": Meaning("", OrderStatus.PARTIALLY_SHIPPED),
        "processing/sent": Meaning("", OrderStatus.SHIPPED),
        "processing/exception": Meaning("", OrderStatus.RELEASED),
        "done": Meaning("", OrderStatus.CLOSED),
        "cancelled": Meaning("", OrderStatus.CANCELLED),
    },
)
"""By a sale's state, and while it is processed by that of its shipments."""

SHIPMENT_STATES = Codes(
    "tryton",
    Meaning("", ShipmentStatus.UNKNOWN),
    {
        "draft": Meaning("", ShipmentStatus.WAITING),
        "waiting": Meaning("", ShipmentStatus.WAITING),
        "assigned": Meaning("", ShipmentStatus.ALLOCATED),
        "picked": Meaning("", ShipmentStatus.PICKING),
        "packed": Meaning("", ShipmentStatus.PACKED),
        "shipped": Meaning("", ShipmentStatus.SHIPPED),
        "done": Meaning("", ShipmentStatus.SHIPPED),
        "cancelled": Meaning("", ShipmentStatus.CANCELLED),
    },
)
"""Done is not delivered: Tryton books the goods out then, and hears nothing of what becomes of them."""

PLACED = ("confirmed", "processing", "done")
"""The states of a sale that is an order: before them it is an offer, or is still being written."""

STATES_OF: Mapping[OrderStatus, tuple[tuple[str, tuple[str, ...]], ...]] = {
    OrderStatus.OPEN: (("confirmed", ()),),
    OrderStatus.RELEASED: (("processing", ("none", "waiting", "exception")),),
    OrderStatus.PARTIALLY_SHIPPED: (("processing", ("partially shipped",)),),
    OrderStatus.SHIPPED: (("processing", ("sent",)),),
    OrderStatus.CLOSED: (("done", ()),),
    OrderStatus.CANCELLED: (("cancelled", ()),),
    OrderStatus.UNKNOWN: (),
}
"""The way back: state, and the states of shipments where they tell."""


def order_code(row: payload.SaleRow) -> str:
    return f"{row.state}/{row.shipment_state}" if row.state == "processing" else row.state


def order(row: payload.SaleRow, company: str) -> models.Order:
    code = ORDER_STATES.read(order_code(row))
    currency = row.currency.code or ""
    lines = (order_line(line, company, currency) for line in row.lines)
    return models.Order(
        company=company,
        number=row.number or "",
        customer_number=row.party.code or "",
        status=OrderStatus(code.status.value),
        holds=holds(row),
        placed_at=row.create_date.moment(),
        total=models.Money(row.total_amount.decimal, currency),
        lines=tuple(line for line in lines if line is not None),
        po_number=row.reference,
        ship_to_code=None if row.shipment_address is None else str(row.shipment_address),
        source_status=code.source_status,
        requested_date=row.shipping_date.date() if row.shipping_date is not None else None,
        external_reference=row.description,
    )


def holds(row: payload.SaleRow) -> tuple[models.Hold, ...]:
    """Tryton waits for a person where a shipment was given up: that much it has of a hold."""
    if row.state != "processing" or row.shipment_state != "exception":
        return ()
    return (models.Hold(models.HoldCode.INVENTORY, "A shipment was cancelled: decide about it in Tryton"),)


def order_line(row: payload.SaleLineRow, company: str, currency: str) -> models.OrderLine | None:
    """None for titles, comments and sums between."""
    if row.product is None or row.quantity is None or row.unit is None or row.unit_price is None:
        return None
    quantity = tidy(row.quantity)
    return models.OrderLine(
        company=company,
        number=row.id if row.sequence is None else row.sequence,
        sku=row.product.code or "",
        quantity=quantity,
        uom=row.unit.symbol,
        unit_price=models.Money(row.unit_price.decimal, currency),
        total=models.Money(row.amount.decimal if row.amount is not None else Decimal(0), currency),
        progress=progress(quantity, row.moves),
        promised_date=row.shipping_date.date() if row.shipping_date is not None else None,
    )


def progress(ordered: Decimal, moves: Sequence[payload.SaleMove]) -> models.LineProgress:
    """A line's moves leave the warehouse: they are assigned when the goods are picked. Of what is reserved for that they do not tell."""

    def of(state: str) -> Decimal:
        return sum((tidy(move.quantity) for move in moves if move.state == state), Decimal(0))

    return models.LineProgress(
        ordered=ordered,
        allocated=Decimal(0),
        picked=of("assigned"),
        shipped=of("done"),
        backordered=Decimal(0),
        cancelled=of("cancelled"),
    )


# ---------------------------------------------------------------- shipments


def shipment(row: payload.ShipmentRow, company: str, directory: Directory) -> models.Shipment:
    places = {place.id: place for place in directory.places}
    place = places.get(row.warehouse)
    orders = [move.sale.number for move in row.outgoing_moves if move.sale is not None and move.sale.number]
    return models.Shipment(
        company=company,
        number=row.number,
        warehouse=warehouse(place, company, directory)
        if place is not None
        else models.Warehouse(company, str(row.warehouse), str(row.warehouse)),
        status=ShipmentStatus(SHIPMENT_STATES.read(row.state).status.value),
        parcels=parcels(row),
        order_number=orders[0] if orders else None,
        source_status=row.state,
        carrier=row.carrier.party.name if row.carrier is not None else None,
        shipped_at=shipped_at(row),
    )


def shipped_at(row: payload.ShipmentRow) -> datetime | None:
    """Tryton keeps the day only: it stands for its beginning in UTC."""
    if row.effective_date is None or row.state not in {"shipped", "done"}:
        return None
    return datetime.combine(row.effective_date.date(), time(), UTC)


def parcels(row: payload.ShipmentRow) -> tuple[models.Parcel, ...]:
    """Packages that a carrier knows: one without a reference cannot be followed."""
    carrier = row.carrier.party.name if row.carrier is not None else None
    return tuple(
        models.Parcel(package.shipping_reference, contents(package), carrier)
        for package in row.packages
        if package.shipping_reference
    )


def contents(package: payload.PackageRow) -> tuple[models.ParcelItem, ...]:
    return tuple(
        models.ParcelItem(move.product.code, tidy(move.quantity)) for move in package.moves if move.product.code
    )
