"""Price rows: what a customer, a buying group or everybody pays for an item, by quantity."""

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from sandbox.fact import COMPANY, Fact

PriceSource: TypeAlias = Literal["CONTRACT", "PROMOTION", "PRICE_LIST"]


class Break(Fact, frozen=True):
    minimum: Decimal
    unit: Decimal


class PriceRow(Fact, frozen=True, kw_only=True):
    """`customer` and `buying_group` None: everybody. `uom` None: the base unit. `breaks` by minimum, never empty."""

    company: str = COMPANY
    sku: str
    customer: str | None = None
    buying_group: str | None = None
    uom: str | None = None
    currency: str | None = None
    breaks: tuple[Break, ...]
    source: PriceSource = "PRICE_LIST"
    valid_from: date | None = None
    valid_to: date | None = None


class Price(Fact, frozen=True, kw_only=True):
    ref: str
    currency: str
    unit: Decimal
    list: Decimal | None
    uom: str
    breaks: tuple[Break, ...]
    source: PriceSource
    valid_from: date | None
    valid_to: date | None
