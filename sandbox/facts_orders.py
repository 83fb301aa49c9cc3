"""Orders with their lines and holds. Each ordered unit is in one place: allocated, picked, shipped, backordered or cancelled."""

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from sandbox.amounts import ZERO
from sandbox.fact import Fact, Moment

OrderStatus: TypeAlias = Literal["OPEN", "RELEASED", "PARTIALLY_SHIPPED", "SHIPPED", "CLOSED", "CANCELLED"]
ORDER_STATUSES: tuple[OrderStatus, ...] = get_args(OrderStatus)
OPEN_STATUSES: frozenset[OrderStatus] = frozenset({"OPEN", "RELEASED", "PARTIALLY_SHIPPED"})
HoldCode: TypeAlias = Literal[
    "CREDIT", "PRICE", "INVENTORY", "ADDRESS", "CARRIER_RESTRICTION", "DUPLICATE_PO", "COMPLIANCE", "MANUAL", "OTHER"
]
HOLD_CODES: tuple[HoldCode, ...] = get_args(HoldCode)


class Hold(Fact, frozen=True):
    code: HoldCode
    reason: str | None
    placed_at: Moment
    owner: str | None


class Progress(Fact, frozen=True):
    """In the line's unit. `allocated` is reserved and not yet picked, `picked` is picked and not yet shipped."""

    ordered: Decimal
    allocated: Decimal = ZERO
    picked: Decimal = ZERO
    shipped: Decimal = ZERO
    backordered: Decimal = ZERO
    cancelled: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        return self.ordered - self.shipped - self.cancelled


class OrderLine(Fact, frozen=True):
    number: int
    sku: str
    quantity: Decimal
    uom: str
    unit_price: Decimal
    total: Decimal
    promised_date: date | None
    progress: Progress


class Order(Fact, frozen=True, kw_only=True):
    company: str
    number: str
    external_reference: str | None = None
    po_number: str | None = None
    customer: str
    ship_to: str | None = None
    status: OrderStatus
    status_text: str
    channel: str | None = None
    holds: tuple[Hold, ...] = ()
    placed_at: Moment
    requested_date: date | None = None
    currency: str
    total: Decimal
    backorder_of: str | None = None
    lines: tuple[OrderLine, ...]
