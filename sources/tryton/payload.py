"""Tryton's answers over JSON-RPC, in its own spelling; a field's name with a dot behind it holds the record that the field points to.

Numbers of Tryton's Numeric fields come as objects, those of its Float fields as JSON numbers; both are Decimal from here on. A
boolean is 0 or 1 on one database and false or true on another.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType, field

T = TypeVar("T")
Flag = bool | int
Text = Annotated[str, msgspec.Meta(max_length=10_000)]
"""Longer is no name, code or address."""

Count = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
"""What numbers a line: as much as clients can be told."""

_Year = Annotated[int, msgspec.Meta(ge=1, le=9_999)]
_Month = Annotated[int, msgspec.Meta(ge=1, le=12)]
_DayOfMonth = Annotated[int, msgspec.Meta(ge=1, le=31)]
_MOST = Decimal(10) ** 15


def _sane(*numbers: Decimal | None) -> None:
    """Raises ValueError for what no warehouse holds and no order costs; msgspec says where it stands."""
    if any(number is not None and not (number.is_finite() and abs(number) < _MOST) for number in numbers):
        raise ValueError("a number beyond all measure")


def _positive(*numbers: Decimal | None) -> None:
    _sane(*numbers)
    if any(number is not None and number <= 0 for number in numbers):
        raise ValueError("a number that must be more than 0")


class Answered(msgspec.Struct, Generic[T]):
    """One of both: an `error` also comes with status 200, and holds its kind and what there is to say of it."""

    result: T | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


class Wire(msgspec.Struct):
    """Members that are not named here are left where they are."""


class Numeric(Wire, tag_field="__class__", tag="Decimal"):
    decimal: Decimal

    def __post_init__(self) -> None:
        _sane(self.decimal)


class SentNumeric(Wire, tag_field="__class__", tag="Decimal"):
    """As Tryton wants to be told one: as a text, or it takes it for floating point."""

    decimal: str


class Day(msgspec.Struct, frozen=True, tag_field="__class__", tag="date"):
    year: _Year
    month: _Month
    day: _DayOfMonth

    def __post_init__(self) -> None:
        """Raises ValueError for a day that no calendar has, which breaks the contract where it stands."""
        date(self.year, self.month, self.day)

    def date(self) -> date:
        return date(self.year, self.month, self.day)


class Moment(Wire, tag_field="__class__", tag="datetime"):
    """In UTC: Tryton keeps no zone."""

    year: _Year
    month: _Month
    day: _DayOfMonth
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)]
    minute: Annotated[int, msgspec.Meta(ge=0, le=59)]
    second: Annotated[int, msgspec.Meta(ge=0, le=59)]
    microsecond: Annotated[int, msgspec.Meta(ge=0, le=999_999)]

    def __post_init__(self) -> None:
        self.moment()

    def moment(self) -> datetime:
        clock = (self.hour, self.minute, self.second, self.microsecond)
        return datetime(self.year, self.month, self.day, *clock, tzinfo=UTC)


class Span(Wire, tag_field="__class__", tag="timedelta"):
    seconds: Annotated[float, msgspec.Meta(ge=-(10**10), le=10**10)]


# ---------------------------------------------------------------- what others point to


class Coded(msgspec.Struct, frozen=True):
    id: int
    code: Text | None


class Owner(Wire):
    """A party that has a code, for without one it is no customer."""

    id: int
    code: Text


class Named(Wire):
    id: int
    name: Text | None


class Symbol(Wire):
    id: int
    symbol: Text


class Numbered(Wire):
    id: int
    number: Text | None


# ---------------------------------------------------------------- the directory


class CompanyRow(Wire):
    id: int
    party: Coded = field(name="party.")
    currency: Coded = field(name="currency.")


class UnitRow(Wire):
    id: int
    symbol: Text
    category: int
    factor: Decimal
    rounding: Decimal

    def __post_init__(self) -> None:
        _positive(self.factor, self.rounding)


class PlaceRow(Wire):
    """A warehouse; what lies in it has its `left` and `right` between these."""

    id: int
    name: Text
    left: int
    right: int
    code: Text | None = None


class SaleDefaults(Wire):
    id: int
    sale_price_list: int | None = None


# ---------------------------------------------------------------- parties


class AddressRow(Wire):
    id: int
    party: Owner = field(name="party.")
    party_name: Text | None = None
    street: Text | None = None
    city: Text | None = None
    postal_code: Text | None = None
    country: Coded | None = field(name="country.", default=None)
    subdivision: Coded | None = field(name="subdivision.", default=None)


class PartyRow(Wire):
    id: int
    code: Text
    name: Text | None
    active: Flag
    customer_currency: Coded | None = field(name="customer_currency.", default=None)
    customer_payment_term: Named | None = field(name="customer_payment_term.", default=None)
    categories: tuple[Named, ...] = field(name="categories.", default=())


class CreditRow(Wire):
    id: int
    code: Text
    credit_amount: Numeric
    currency: Coded = field(name="currency.")
    credit_limit_amount: Numeric | None = None


class BuyerRow(msgspec.Struct, frozen=True):
    """What prices and orders must know of who buys."""

    id: int
    code: Text
    active: Flag
    customer_currency: Coded | None = field(name="customer_currency.", default=None)
    sale_price_list: int | None = None
    customer_tax_rule: int | None = None


# ---------------------------------------------------------------- products


class ProductRow(Wire):
    id: int
    code: Text
    name: Text
    active: Flag
    default_uom: int
    salable: Flag | None = None
    sale_uom: int | None = None
    description: Text | None = None
    replaced_by: Coded | None = field(name="replaced_by.", default=None)
    categories: tuple[Named, ...] = field(name="categories.", default=())
    sale_quantity_minimal: Decimal | None = None
    sale_quantity_rounding: Decimal | None = None
    lead_time: Span | None = None

    def __post_init__(self) -> None:
        _positive(self.sale_quantity_minimal, self.sale_quantity_rounding)


class PricedRow(Wire):
    """The price is of one unit of the call's context, else of the `sale_uom`; the list price of one `default_uom`."""

    id: int
    code: Text
    default_uom: int
    sale_uom: int | None = None
    sale_price_uom: Numeric | None = None
    list_price_used: Numeric | None = None


class CategoryTaxes(Wire):
    id: int
    customer_taxes_used: tuple[int, ...] = ()


class SoldRow(Wire):
    """What an order's line must know of what is sold."""

    id: int
    code: Text
    default_uom: int
    salable: Flag | None = None
    sale_uom: int | None = None
    account_category: CategoryTaxes | None = field(name="account_category.", default=None)


class StepRow(Wire):
    """A line of a price list: from `quantity` on, in the default unit of what is sold."""

    id: int
    price_list: int
    quantity: Decimal | None = None

    def __post_init__(self) -> None:
        _sane(self.quantity)


class QuantityRow(Wire):
    id: int
    code: Text
    quantity: Decimal

    def __post_init__(self) -> None:
        _sane(self.quantity)


# ---------------------------------------------------------------- moves


class Whereabouts(Wire):
    id: int
    left: int


class MoveRow(Wire):
    """`internal_quantity` is in the product's default unit."""

    id: int
    state: Text
    internal_quantity: Decimal
    product: Coded = field(name="product.")
    from_location: Whereabouts = field(name="from_location.")
    to_location: Whereabouts = field(name="to_location.")
    planned_date: Day | None = None

    def __post_init__(self) -> None:
        _sane(self.internal_quantity)


# ---------------------------------------------------------------- sales


class SaleMove(Wire):
    id: int
    state: Text
    quantity: Decimal

    def __post_init__(self) -> None:
        _sane(self.quantity)


class SaleLineRow(Wire):
    """Titles and comments are lines, too, and have neither product nor quantity."""

    id: Count
    type: Text
    sequence: Count | None = None
    quantity: Decimal | None = None
    unit_price: Numeric | None = None
    amount: Numeric | None = None
    product: Coded | None = field(name="product.", default=None)
    unit: Symbol | None = field(name="unit.", default=None)
    shipping_date: Day | None = None
    moves: tuple[SaleMove, ...] = field(name="moves.", default=())

    def __post_init__(self) -> None:
        _sane(self.quantity)


class SaleRow(Wire):
    id: int
    state: Text
    shipment_state: Text
    create_date: Moment
    total_amount: Numeric
    party: Coded = field(name="party.")
    company: int
    currency: Coded = field(name="currency.")
    lines: tuple[SaleLineRow, ...] = field(name="lines.")
    number: Text | None = None
    reference: Text | None = None
    description: Text | None = None
    shipment_address: int | None = None
    shipping_date: Day | None = None


class SaleHead(Wire):
    """What `on_change_party` fills in, as Tryton's own client has it done. What a customer's record does not say is null."""

    invoice_method: Text
    shipment_method: Text
    invoice_address: int | None = None
    payment_term: int | None = None
    price_list: int | None = None


class LineTaxes(Wire):
    taxes: tuple[int, ...] = ()


class SaleFigures(Wire):
    untaxed_amount: Numeric
    tax_amount: Numeric
    total_amount: Numeric


# ---------------------------------------------------------------- shipments


class ShipmentMove(Wire):
    id: int
    quantity: Decimal
    state: Text
    product: Coded = field(name="product.")
    sale: Numbered | None = field(name="sale.", default=None)

    def __post_init__(self) -> None:
        _sane(self.quantity)


class PackageRow(Wire):
    id: int
    shipping_reference: Text | None = None
    moves: tuple[ShipmentMove, ...] = field(name="moves.", default=())


class CarrierRow(Wire):
    id: int
    party: Named = field(name="party.")


class ShipmentRow(Wire):
    id: int
    number: Text
    state: Text
    company: int
    warehouse: int
    effective_date: Day | None = None
    carrier: CarrierRow | None = field(name="carrier.", default=None)
    outgoing_moves: tuple[ShipmentMove, ...] = field(name="outgoing_moves.", default=())
    packages: tuple[PackageRow, ...] = field(name="packages.", default=())
    origins: Text | None = None
