"""An order to try, in the gateway's own spelling; what is not given is left out."""

from datetime import date
from decimal import Decimal

from sandbox.fact import Fact


class SampleLine(Fact, frozen=True, kw_only=True, omit_defaults=True):
    sku: str
    quantity: Decimal
    uom: str | None = None
    expected_unit_price: Decimal | None = None


class SampleOrder(Fact, frozen=True, kw_only=True, omit_defaults=True):
    company: str
    customer: str
    ship_to: str
    po_number: str | None = None
    carrier_service: str | None = None
    requested_date: date | None = None
    allow_backorder: bool | None = None
    allow_substitutes: bool | None = None
    lines: tuple[SampleLine, ...]
