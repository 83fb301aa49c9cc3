"""Canonical facts in the trade's words: frozen, Decimal, aware datetimes. Vendors' spellings end before they reach this file.

`as_of` is the gateway's own clock when the fact was read from its system; `stale` says that it was served past its policy.
"""

import enum
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

import msgspec

from sources.atp import AtpBucket, AtpMethod, Flow

__all__ = ["AtpBucket", "AtpMethod", "Flow"]


class Key(msgspec.Struct, frozen=True, gc=False):
    """What a record is asked by: its legal entity and its own number. Without a company: in whichever it exists."""

    company: str | None
    number: str


T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A stretch of a list. `next`: the source's own cursor to the row behind it, None at the end."""

    rows: tuple[T, ...]
    next: str | None = None
    total: int | None = None


class PageRequest(NamedTuple):
    """How much of a list to read: at most `limit` rows from the source's own cursor on, and whether to count all.

    Without `lines`, orders may come as heads: nobody will look at their lines (sources/heads.py).
    """

    limit: int
    cursor: str | None = None
    counted: bool = False
    lines: bool = True


class Money(msgspec.Struct, frozen=True, gc=False):
    amount: Decimal
    currency: str


class Address(msgspec.Struct, frozen=True, gc=False):
    line1: str
    city: str
    country: str
    line2: str | None = None
    region: str | None = None
    postal_code: str | None = None


# ---------------------------------------------------------------- customers


class Customer(msgspec.Struct, frozen=True, gc=False):
    company: str
    number: str
    name: str
    currency: str
    as_of: datetime
    segment: str | None = None
    payment_terms: str | None = None
    buying_group: str | None = None
    bill_to_number: str | None = None
    blocked: bool = False
    stale: bool = False


class ShipTo(msgspec.Struct, frozen=True, gc=False):
    company: str
    code: str
    customer_number: str
    name: str
    address: Address
    warehouse_code: str | None = None
    transit_days: Mapping[str, int] = {}  # by warehouse code


class Credit(msgspec.Struct, frozen=True, gc=False):
    exposure: Money
    on_hold: bool
    as_of: datetime
    limit: Money | None = None
    available: Money | None = None


class Contact(msgspec.Struct, frozen=True, gc=False):
    name: str
    email: str | None = None
    phone: str | None = None
    role: str | None = None


class Opportunity(msgspec.Struct, frozen=True, gc=False):
    name: str
    stage: str | None = None
    amount: Money | None = None
    closes_on: date | None = None


class Relationship(msgspec.Struct, frozen=True, gc=False):
    contacts: tuple[Contact, ...]
    open_opportunities: tuple[Opportunity, ...]
    as_of: datetime
    owner: str | None = None
    stage: str | None = None
    last_activity_at: datetime | None = None


# ---------------------------------------------------------------- items and prices


class ItemStatus(enum.Enum):
    ACTIVE = "ACTIVE"
    DISCONTINUED = "DISCONTINUED"
    BLOCKED = "BLOCKED"
    UNKNOWN = "UNKNOWN"


class ItemUom(msgspec.Struct, frozen=True, gc=False):
    """`factor`: how many base units one of this unit holds."""

    code: str
    factor: Decimal


class QuantityRule(msgspec.Struct, frozen=True, gc=False):
    """In the base unit; minimum > 0, increment > 0."""

    minimum: Decimal
    increment: Decimal
    maximum: Decimal | None = None


class Item(msgspec.Struct, frozen=True, gc=False):
    company: str
    sku: str
    name: str
    status: ItemStatus
    uom: str
    uoms: tuple[ItemUom, ...]
    quantity_rule: QuantityRule
    hazardous: bool
    as_of: datetime
    description: str | None = None
    category: str | None = None
    replaced_by_sku: str | None = None
    substitute_skus: tuple[str, ...] = ()
    lead_time_days: int | None = None
    stale: bool = False


class PriceSource(enum.Enum):
    CONTRACT = "CONTRACT"
    PROMOTION = "PROMOTION"
    PRICE_LIST = "PRICE_LIST"


class PriceTerms(msgspec.Struct, frozen=True, gc=False):
    """One price question: who buys how much of what, in which unit, to where, on which day."""

    company: str
    customer: str
    sku: str
    quantity: Decimal
    uom: str | None = None
    ship_to: str | None = None
    on: date | None = None


class PriceBreak(msgspec.Struct, frozen=True, gc=False):
    minimum: Decimal
    unit: Money


class Price(msgspec.Struct, frozen=True, gc=False):
    """`unit` is the price of one `uom` at the quantity asked; the breaks' minimums are in the same unit."""

    unit: Money
    uom: str
    breaks: tuple[PriceBreak, ...]
    source: PriceSource
    as_of: datetime
    list_price: Money | None = None
    valid_from: date | None = None
    valid_to: date | None = None


# ---------------------------------------------------------------- stock, supply and demand


class Warehouse(msgspec.Struct, frozen=True, gc=False):
    """`priority` is the routing order: 1 is tried first."""

    company: str
    code: str
    name: str
    priority: int = 1


class WarehouseStock(msgspec.Struct, frozen=True, gc=False):
    """What stands in one warehouse, in the base unit. `allocated` is part of `on_hand`, promised to orders."""

    warehouse: Warehouse
    on_hand: Decimal
    allocated: Decimal
    unsellable: Decimal
    safety_stock: Decimal


class Stock(msgspec.Struct, frozen=True, gc=False):
    """All warehouses' stock of one item; `today` is the warehouses' own date."""

    rows: tuple[WarehouseStock, ...]
    today: date
    as_of: datetime
    stale: bool = False


class WarehousePlan(msgspec.Struct, frozen=True, gc=False):
    """Supply and demand of one item in one warehouse, in the base unit; `atp` where the source works it out itself."""

    warehouse_code: str
    supply: tuple[Flow, ...] = ()
    demand: tuple[Flow, ...] = ()
    atp: tuple[AtpBucket, ...] | None = None


class SupplyDemand(msgspec.Struct, frozen=True, gc=False):
    plans: tuple[WarehousePlan, ...]
    as_of: datetime
    stale: bool = False


# ---------------------------------------------------------------- orders


class OrderStatus(enum.Enum):
    OPEN = "OPEN"
    RELEASED = "RELEASED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class HoldCode(enum.Enum):
    CREDIT = "CREDIT"
    PRICE = "PRICE"
    INVENTORY = "INVENTORY"
    ADDRESS = "ADDRESS"
    CARRIER_RESTRICTION = "CARRIER_RESTRICTION"
    DUPLICATE_PO = "DUPLICATE_PO"
    COMPLIANCE = "COMPLIANCE"
    MANUAL = "MANUAL"
    OTHER = "OTHER"


class Hold(msgspec.Struct, frozen=True, gc=False):
    code: HoldCode
    reason: str
    placed_at: datetime | None = None
    owner: str | None = None


class LineProgress(msgspec.Struct, frozen=True, gc=False):
    ordered: Decimal
    allocated: Decimal
    picked: Decimal
    shipped: Decimal
    backordered: Decimal
    cancelled: Decimal


class OrderLine(msgspec.Struct, frozen=True, gc=False):
    company: str
    number: int
    sku: str
    quantity: Decimal
    uom: str
    unit_price: Money
    total: Money
    progress: LineProgress
    promised_date: date | None = None


class Order(msgspec.Struct, frozen=True, gc=False):
    company: str
    number: str
    customer_number: str
    status: OrderStatus
    holds: tuple[Hold, ...]
    placed_at: datetime
    total: Money
    lines: tuple[OrderLine, ...]
    po_number: str | None = None
    ship_to_code: str | None = None
    source_status: str | None = None
    requested_date: date | None = None
    backorder_of_number: str | None = None
    external_reference: str | None = None


class OrderFilter(NamedTuple):
    """`reach`: only orders of these accounts and of those billed to them, as `Viewer.reach` spells them."""

    company: str | None = None
    customer: str | None = None
    po_number: str | None = None
    statuses: tuple[OrderStatus, ...] = ()
    placed_from: date | None = None
    placed_to: date | None = None
    reach: tuple[str, ...] = ()


class BasketLine(NamedTuple):
    sku: str
    quantity: Decimal
    uom: str | None = None


class Basket(NamedTuple):
    """What an order would be: the question that a simulation answers."""

    company: str
    customer: str
    lines: tuple[BasketLine, ...]
    ship_to: str | None = None
    requested_date: date | None = None


class CreditCheck(msgspec.Struct, frozen=True, gc=False):
    """Whether the paying account bears a basket: `exposure` is without it."""

    exposure: Money
    on_hold: bool
    exceeded: bool
    limit: Money | None = None


class Simulation(msgspec.Struct, frozen=True, gc=False):
    """The ERP's own figures for a basket; nothing was saved. `credit` is None where the ERP does not check it here."""

    subtotal: Money
    tax: Money
    freight: Money
    total: Money
    as_of: datetime
    credit: CreditCheck | None = None


# ---------------------------------------------------------------- shipments and tracking


class ShipmentStatus(enum.Enum):
    WAITING = "WAITING"
    ALLOCATED = "ALLOCATED"
    PICKING = "PICKING"
    SHORT_PICKED = "SHORT_PICKED"
    PACKED = "PACKED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class ParcelItem(msgspec.Struct, frozen=True, gc=False):
    sku: str
    quantity: Decimal
    lots: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()


class Parcel(msgspec.Struct, frozen=True, gc=False):
    tracking_number: str
    contents: tuple[ParcelItem, ...]
    carrier: str | None = None
    weight_kg: Decimal | None = None


class Shipment(msgspec.Struct, frozen=True, gc=False):
    company: str
    number: str
    warehouse: Warehouse
    status: ShipmentStatus
    parcels: tuple[Parcel, ...]
    order_number: str | None = None
    source_status: str | None = None
    carrier: str | None = None
    service: str | None = None
    shipped_at: datetime | None = None
    freight: Money | None = None


class TrackingStatus(enum.Enum):
    UNKNOWN = "UNKNOWN"
    PRE_TRANSIT = "PRE_TRANSIT"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    AVAILABLE_FOR_PICKUP = "AVAILABLE_FOR_PICKUP"
    DELIVERED = "DELIVERED"
    EXCEPTION = "EXCEPTION"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


class TrackingKey(msgspec.Struct, frozen=True, gc=False):
    carrier: str | None
    number: str


class TrackingEvent(msgspec.Struct, frozen=True, gc=False):
    at: datetime
    status: TrackingStatus
    description: str
    location: str | None = None


class Tracking(msgspec.Struct, frozen=True, gc=False):
    """Events oldest first."""

    status: TrackingStatus
    events: tuple[TrackingEvent, ...]
    as_of: datetime
    source_status: str | None = None
    estimated_delivery: date | None = None
    delivered_at: datetime | None = None
    signed_by: str | None = None
    stale: bool = False
