"""What the systems are asked to do, in the trade's words: frozen, Decimal, aware datetimes.

Every change names itself, so that the system can tell the second asking of the same from something new.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from sources.models import HoldCode, Shipment


class Approval(msgspec.Struct, frozen=True):
    """What a person let pass: the system is not to refuse the order for `code`."""

    code: str
    by: str
    at: datetime
    note: str


class NewOrderLine(msgspec.Struct, frozen=True):
    """Without a `unit_price` the ERP finds it."""

    number: int
    sku: str
    quantity: Decimal
    uom: str
    unit_price: Decimal | None


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`reference` is the gateway's own name for it, unique for ever; `warehouses` in the order to ship from."""

    reference: str
    company: str
    customer: str
    ship_to: str
    lines: tuple[NewOrderLine, ...]
    warehouses: tuple[str, ...] = ()
    po_number: str | None = None
    requested_date: date | None = None
    channel: str | None = None
    carrier_service: str | None = None
    allow_backorder: bool = True
    backorder_of: str | None = None
    approvals: tuple[Approval, ...] = ()


class NewHold(msgspec.Struct, frozen=True):
    """Placed once: an order has no two holds of one code."""

    company: str
    number: str
    code: HoldCode
    reason: str
    by: str


class HoldLifted(msgspec.Struct, frozen=True):
    company: str
    number: str
    code: HoldCode
    by: str
    note: str


class Cancellation(msgspec.Struct, frozen=True):
    company: str
    number: str
    reason: str
    by: str


class NewRelease(msgspec.Struct, frozen=True):
    """An order given to the warehouses, once."""

    company: str
    order: str
    warehouses: tuple[str, ...]
    reference: str
    carrier_service: str | None = None


class Released(msgspec.Struct, frozen=True):
    company: str
    order: str
    released_at: datetime
    shipments: Sequence[Shipment]


class NewNote(msgspec.Struct, frozen=True):
    """Something said of a customer, once for each reference."""

    reference: str
    company: str
    customer: str
    text: str
    at: datetime
    order: str | None = None
