"""Orders and shipments of a facts block: totals, progress and status words are filled in."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from sandbox.amounts import ONE, ZERO, money
from sandbox.fact import COMPANY, Fact, Moment
from sandbox.facts_orders import Hold, HoldCode, Order, OrderLine, OrderStatus, Progress
from sandbox.facts_shipments import Freight, Parcel, Shipment, ShipmentStatus
from sandbox.facts_stock import Warehouse


class ProgressFacts(Fact, frozen=True, kw_only=True):
    ordered: Decimal | None = None
    allocated: Decimal = ZERO
    picked: Decimal = ZERO
    shipped: Decimal = ZERO
    backordered: Decimal = ZERO
    cancelled: Decimal = ZERO


class HoldFacts(Fact, frozen=True, kw_only=True):
    code: HoldCode = "MANUAL"
    reason: str | None = None
    placed_at: Moment | None = None
    owner: str | None = None


class LineFacts(Fact, frozen=True, kw_only=True):
    sku: str
    number: int | None = None
    quantity: Decimal = ONE
    uom: str | None = None
    unit_price: Decimal = ZERO
    total: Decimal | None = None
    promised_date: date | None = None
    progress: ProgressFacts = ProgressFacts()

    def line(self, number: int, uom: str, currency: str) -> OrderLine:
        made = self.progress
        ordered = self.quantity if made.ordered is None else made.ordered
        return OrderLine(
            number=self.number or number,
            sku=self.sku,
            quantity=self.quantity,
            uom=self.uom or uom,
            unit_price=self.unit_price,
            total=money(self.unit_price * self.quantity, currency) if self.total is None else self.total,
            promised_date=self.promised_date,
            progress=Progress(ordered, made.allocated, made.picked, made.shipped, made.backordered, made.cancelled),
        )


class OrderFacts(Fact, frozen=True, kw_only=True):
    """`warehouse` is where the order ships from; else its ship-to's, else the company's first."""

    company: str = COMPANY
    number: str
    external_reference: str | None = None
    po_number: str | None = None
    customer: str
    ship_to: str | None = None
    warehouse: str | None = None
    status: OrderStatus = "OPEN"
    status_text: str = ""
    channel: str | None = None
    holds: tuple[HoldFacts, ...] = ()
    placed_at: Moment | None = None
    requested_date: date | None = None
    currency: str | None = None
    total: Decimal | None = None
    backorder_of: str | None = None
    lines: tuple[LineFacts, ...] = ()

    def order(self, morning: datetime, currency: str, base_uoms: Mapping[tuple[str, str], str]) -> Order:
        placed_at = (self.placed_at or morning).astimezone(UTC)
        currency = self.currency or currency
        lines = tuple(
            line.line(at, base_uoms.get((self.company, line.sku), "EA"), currency)
            for at, line in enumerate(self.lines, 1)
        )
        return Order(
            company=self.company,
            number=self.number,
            external_reference=self.external_reference,
            po_number=self.po_number,
            customer=self.customer,
            ship_to=self.ship_to,
            status=self.status,
            status_text=self.status_text or in_words(self.status),
            channel=self.channel,
            holds=tuple(Hold(row.code, row.reason, row.placed_at or placed_at, row.owner) for row in self.holds),
            placed_at=placed_at,
            requested_date=self.requested_date,
            currency=currency,
            total=money(sum((line.total for line in lines), ZERO), currency) if self.total is None else self.total,
            backorder_of=self.backorder_of,
            lines=lines,
        )


class ShipmentFacts(Fact, frozen=True, kw_only=True):
    company: str = COMPANY
    number: str
    order: str | None = None
    warehouse: str | None = None
    status: ShipmentStatus = "SHIPPED"
    status_text: str = ""
    carrier: str | None = None
    service: str | None = None
    shipped_at: Moment | None = None
    freight: Freight | None = None
    parcels: tuple[Parcel, ...] = ()

    def shipment(self, warehouse: Warehouse) -> Shipment:
        return Shipment(
            company=self.company,
            number=self.number,
            order=self.order,
            warehouse=warehouse,
            status=self.status,
            status_text=self.status_text or in_words(self.status),
            carrier=self.carrier,
            service=self.service,
            shipped_at=self.shipped_at,
            freight=self.freight,
            parcels=self.parcels,
        )


def in_words(status: str) -> str:
    return status.replace("_", " ").capitalize()
