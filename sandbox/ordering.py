"""An order as it is asked for, and what it comes to: customer, items, prices and quantities looked up, or a refusal."""

from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from sandbox.amounts import money, plain
from sandbox.books import Books
from sandbox.erp_goods import Amount, Key, positive
from sandbox.fact import Moment
from sandbox.facts_customers import Customer
from sandbox.facts_items import Item
from sandbox.facts_refusals import Reason
from sandbox.pricing import Question, price_of
from sandbox.problems import bad_request, rejected

_MOST_LINES = 500
_MOST_APPROVALS = 50
_MOST_WAREHOUSES = 50


class SimulatedLine(msgspec.Struct, rename="camel"):
    line: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    sku: Key
    quantity: Amount
    uom: Key | None = None


class OrderedLine(SimulatedLine, rename="camel"):
    unit_price: Amount | None = None


class SimulationAsked(msgspec.Struct, rename="camel", kw_only=True):
    company: Key
    customer: Key
    ship_to: Key | None = None
    requested_date: date | None = None
    lines: Annotated[list[SimulatedLine], msgspec.Meta(min_length=1, max_length=_MOST_LINES)]


class Approval(msgspec.Struct, rename="camel", kw_only=True):
    """What a person decided to let pass."""

    code: Reason
    by: Key
    at: Moment
    note: str | None = None


class OrderAsked(msgspec.Struct, rename="camel", kw_only=True):
    external_reference: Key
    company: Key
    customer: Key
    ship_to: Key
    po_number: str | None = None
    requested_date: date | None = None
    channel: str | None = None
    approvals: Annotated[list[Approval], msgspec.Meta(max_length=_MOST_APPROVALS)] | None = None
    warehouses: Annotated[list[Key], msgspec.Meta(max_length=_MOST_WAREHOUSES)] | None = None
    allow_backorder: bool | None = None
    carrier_service: str | None = None
    backorder_of: Key | None = None
    lines: Annotated[list[OrderedLine], msgspec.Meta(min_length=1, max_length=_MOST_LINES)]

    def approves(self, code: str) -> bool:
        return any(approval.code == code for approval in self.approvals or ())


A = TypeVar("A", SimulationAsked, OrderAsked)


class PricedLine(NamedTuple):
    """`needed` is the quantity in base units."""

    line: int
    item: Item
    quantity: Decimal
    uom: str
    factor: Decimal
    unit_price: Decimal
    total: Decimal

    @property
    def needed(self) -> Decimal:
        return self.quantity * self.factor


class Priced(NamedTuple):
    customer: Customer
    warehouse: str
    lines: tuple[PricedLine, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))


def checked(asked: A) -> A:
    """What the shape alone cannot say."""
    seen: set[int] = set()
    for at, line in enumerate(asked.lines):
        positive(line.quantity, f"lines[{at}].quantity")
        if line.line in seen:
            raise bad_request("Each line number is given once.", f"lines[{at}].line")
        seen.add(line.line)
    return asked


def priced(books: Books, asked: SimulationAsked | OrderAsked) -> Priced:
    data = books.dataset
    customer = data.customers.one(asked.company, asked.customer)
    if customer is None:
        raise rejected("UNKNOWN_CUSTOMER", f"{asked.company} has no customer {asked.customer}.", "customer")
    if asked.ship_to is not None and not _delivers_to(books, customer, asked.ship_to):
        raise rejected("UNKNOWN_SHIP_TO", f"{asked.customer} has no ship-to {asked.ship_to}.", "shipTo")
    lines = tuple(_line(books, customer, line, f"lines[{at}]") for at, line in enumerate(asked.lines))
    return Priced(customer, data.warehouse_for(asked.company, asked.ship_to) or "", lines)


def _delivers_to(books: Books, customer: Customer, code: str) -> bool:
    """Its own addresses, those of the customers it pays for, and those of the ones that pay for it."""
    data, company = books.dataset, customer.company
    ship_to = data.ship_tos.one(company, code)
    if ship_to is None:
        return False
    paid_for = (company, customer.number) in data.accounts(company, ship_to.customer)
    return paid_for or (company, ship_to.customer) in data.accounts(company, customer.number)


def _line(books: Books, customer: Customer, asked: SimulatedLine, path: str) -> PricedLine:
    item = books.dataset.items.one(customer.company, asked.sku)
    if item is None:
        raise rejected("UNKNOWN_ITEM", f"{customer.company} has no item {asked.sku}.", f"{path}.sku")
    uom = asked.uom or item.uom
    factor = item.factor(uom)
    if factor is None:
        raise rejected("UNKNOWN_UOM", f"{asked.sku} is not sold by the {uom}.", f"{path}.uom")
    quantity = plain(Decimal(asked.quantity))
    unit = _unit_price(books, Question("", customer, item, uom, quantity, books.dataset.today), asked)
    if unit is None:
        raise rejected("PRICE_UNAVAILABLE", f"{asked.sku} has no price for {customer.number}.", f"{path}.sku")
    total = money(unit * quantity, customer.currency)
    return PricedLine(asked.line, item, quantity, uom, factor, unit, total)


def _unit_price(books: Books, question: Question, asked: SimulatedLine) -> Decimal | None:
    if isinstance(asked, OrderedLine) and asked.unit_price is not None:
        return Decimal(asked.unit_price)
    price = price_of(books.dataset, question)
    return price.unit if price else None
