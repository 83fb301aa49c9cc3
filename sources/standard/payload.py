"""The Crossdock source contract over the wire (docs/contracts/*.yaml); these shapes never leave this folder.

What the contract spells as the canonical model does is decoded as the model at once.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from sources import models


class Wire(msgspec.Struct, rename="camel", gc=False):
    """The contract spells in camelCase; what it has and we do not read is passed over."""


class Failure(Wire):
    key: str
    code: str


class Batch(Wire, kw_only=True):
    errors: tuple[Failure, ...] = ()


class AddressRow(Wire):
    line1: str
    city: str
    country: str
    line2: str | None = None
    region: str | None = None
    postal_code: str | None = None


class AmountRow(Wire):
    amount: Decimal
    currency: str


# ---------------------------------------------------------------- ERP: customers


class CustomerRow(Wire):
    company: str
    number: str
    name: str
    currency: str
    segment: str | None = None
    payment_terms: str | None = None
    buying_group: str | None = None
    bill_to: str | None = None
    blocked: bool = False


class CustomersAnswer(Batch):
    customers: tuple[CustomerRow, ...]


class CustomersPage(Wire, kw_only=True):
    customers: tuple[CustomerRow, ...]
    next: str | None = None
    total: int | None = None


class ChildrenRow(CustomersPage, kw_only=True):
    number: str


class ChildrenAnswer(Batch):
    pages: tuple[ChildrenRow, ...]


class TransitRow(Wire):
    warehouse: str
    days: int


class ShipToRow(Wire):
    company: str
    code: str
    customer: str
    name: str
    address: AddressRow
    warehouse: str | None = None
    transit_days: tuple[TransitRow, ...] = ()


class ShipTosAnswer(Batch):
    ship_tos: tuple[ShipToRow, ...]


class CreditRow(Wire):
    company: str
    number: str
    currency: str
    exposure: Decimal
    on_hold: bool
    limit: Decimal | None = None
    available: Decimal | None = None


class CreditAnswer(Batch):
    credit: tuple[CreditRow, ...]


# ---------------------------------------------------------------- ERP: items, prices, supply and demand


class ItemRow(Wire):
    company: str
    sku: str
    name: str
    status: str
    uom: str
    uoms: tuple[models.ItemUom, ...]
    quantity_rule: models.QuantityRule
    hazardous: bool
    description: str | None = None
    category: str | None = None
    replaced_by: str | None = None
    substitutes: tuple[str, ...] = ()
    lead_time_days: int | None = None


class ItemsAnswer(Batch):
    items: tuple[ItemRow, ...]


class ItemsPage(Wire, kw_only=True):
    items: tuple[ItemRow, ...]
    next: str | None = None
    total: int | None = None


class PriceLine(Wire):
    """A question of POST /prices; `ref` comes back with the answer."""

    ref: str
    company: str
    customer: str
    sku: str
    quantity: Decimal
    uom: str | None
    ship_to: str | None
    on: date | None


class PricesQuestion(Wire):
    lines: tuple[PriceLine, ...]


class BreakRow(Wire):
    minimum: Decimal
    unit: Decimal


class PriceRow(Wire):
    ref: str
    currency: str
    unit: Decimal
    uom: str
    breaks: tuple[BreakRow, ...]
    source: str
    list: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class PricesAnswer(Batch):
    prices: tuple[PriceRow, ...]


class PlanRow(Wire):
    company: str
    sku: str
    warehouse: str
    supply: tuple[models.Flow, ...]
    demand: tuple[models.Flow, ...]
    atp: tuple[models.AtpBucket, ...] | None = None


class SupplyDemandAnswer(Batch):
    plans: tuple[PlanRow, ...]


# ---------------------------------------------------------------- ERP: orders


class HoldRow(Wire):
    code: str
    placed_at: datetime | None = None
    reason: str | None = None
    owner: str | None = None


class OrderLineRow(Wire):
    number: int
    sku: str
    quantity: Decimal
    uom: str
    unit_price: Decimal
    total: Decimal
    progress: models.LineProgress
    promised_date: date | None = None


class OrderHeadRow(Wire, kw_only=True):
    """An order whose lines are passed over."""

    company: str
    number: str
    customer: str
    status: str
    holds: tuple[HoldRow, ...]
    placed_at: datetime
    currency: str
    total: Decimal
    status_text: str | None = None
    po_number: str | None = None
    ship_to: str | None = None
    requested_date: date | None = None
    backorder_of: str | None = None
    external_reference: str | None = None


class OrderRow(OrderHeadRow, kw_only=True):
    lines: tuple[OrderLineRow, ...]


class OrdersAnswer(Batch):
    orders: tuple[OrderRow, ...]


class SimulateLine(Wire):
    line: int
    sku: str
    quantity: Decimal
    uom: str | None


class SimulateQuestion(Wire):
    company: str
    customer: str
    ship_to: str | None
    requested_date: date | None
    lines: tuple[SimulateLine, ...]


class CreditCheckRow(Wire):
    exposure: Decimal
    on_hold: bool
    exceeded: bool
    limit: Decimal | None = None


class SimulationAnswer(Wire):
    currency: str
    subtotal: Decimal
    tax: Decimal
    freight: Decimal
    total: Decimal
    credit: CreditCheckRow | None = None


class ApprovalRow(Wire):
    code: str
    by: str
    at: datetime
    note: str


class NewOrderLine(Wire):
    line: int
    sku: str
    quantity: Decimal
    uom: str
    unit_price: Decimal | None


class NewOrder(Wire, kw_only=True):
    external_reference: str
    company: str
    customer: str
    ship_to: str
    lines: tuple[NewOrderLine, ...]
    warehouses: tuple[str, ...]
    po_number: str | None
    requested_date: date | None
    channel: str | None
    carrier_service: str | None
    allow_backorder: bool
    backorder_of: str | None
    approvals: tuple[ApprovalRow, ...]


class NewHold(Wire):
    company: str
    number: str
    code: str
    reason: str
    by: str


class HoldLifted(Wire):
    company: str
    number: str
    code: str
    by: str
    note: str


class Cancellation(Wire):
    company: str
    number: str
    reason: str
    by: str


# ---------------------------------------------------------------- CRM


class OpportunityRow(Wire):
    name: str
    stage: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    closes_on: date | None = None


class RelationshipRow(Wire):
    company: str
    customer: str
    contacts: tuple[models.Contact, ...]
    opportunities: tuple[OpportunityRow, ...]
    owner: str | None = None
    stage: str | None = None
    last_activity_at: datetime | None = None


class RelationshipsAnswer(Batch):
    relationships: tuple[RelationshipRow, ...]


class NoteRow(Wire, kw_only=True):
    """A note, as it is sent and as it comes back."""

    reference: str
    company: str
    customer: str
    text: str
    at: datetime
    order: str | None = None


# ---------------------------------------------------------------- WMS


class WarehousesAnswer(Batch):
    warehouses: tuple[models.Warehouse, ...]


class StockRow(Wire):
    company: str
    sku: str
    warehouse: str
    on_hand: Decimal
    allocated: Decimal
    unsellable: Decimal = Decimal(0)
    safety_stock: Decimal = Decimal(0)


class StockAnswer(Batch):
    today: date
    warehouses: tuple[models.Warehouse, ...]
    stock: tuple[StockRow, ...]


class ParcelRow(Wire):
    tracking_number: str
    contents: tuple[models.ParcelItem, ...]
    weight_kg: Decimal | None = None


class ShipmentRow(Wire):
    company: str
    number: str
    warehouse: models.Warehouse
    status: str
    parcels: tuple[ParcelRow, ...]
    order: str | None = None
    status_text: str | None = None
    carrier: str | None = None
    service: str | None = None
    shipped_at: datetime | None = None
    freight: AmountRow | None = None


class ShipmentsAnswer(Batch):
    shipments: tuple[ShipmentRow, ...]


class NewRelease(Wire):
    company: str
    order: str
    warehouses: tuple[str, ...]
    reference: str
    carrier_service: str | None


class ReleaseAnswer(Wire):
    company: str
    order: str
    released_at: datetime
    shipments: tuple[ShipmentRow, ...]


# ---------------------------------------------------------------- carrier


class TrackingEventRow(Wire):
    at: datetime
    status: str
    description: str
    location: str | None = None


class TrackingRow(Wire):
    tracking_number: str
    status: str
    events: tuple[TrackingEventRow, ...]
    carrier: str | None = None
    status_text: str | None = None
    estimated_delivery: date | None = None
    delivered_at: datetime | None = None
    signed_by: str | None = None


class TrackingAnswer(Batch):
    tracking: tuple[TrackingRow, ...]
