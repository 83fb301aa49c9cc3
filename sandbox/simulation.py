"""An order tried out: what it would cost, when it would ship, and whether the customer's credit bears it. Nothing is kept."""

from datetime import date
from decimal import Decimal

from sandbox.amounts import ZERO, floor_like, money
from sandbox.books import Books
from sandbox.fact import Fact
from sandbox.facts_customers import Customer
from sandbox.flows import Place
from sandbox.ordering import PricedLine, SimulationAsked, priced
from sandbox.promising import free_at, promise


class SimulatedOrderLine(Fact, frozen=True, kw_only=True):
    """`available` in the line's unit."""

    line: int
    unit_price: Decimal
    total: Decimal
    available: Decimal
    confirmed_date: date | None


class SimulatedCredit(Fact, frozen=True, kw_only=True):
    limit: Decimal | None
    exposure: Decimal
    on_hold: bool
    exceeded: bool


class Simulation(Fact, frozen=True, kw_only=True):
    currency: str
    lines: tuple[SimulatedOrderLine, ...]
    subtotal: Decimal
    tax: Decimal
    freight: Decimal
    total: Decimal
    credit: SimulatedCredit


def simulate(books: Books, asked: SimulationAsked) -> Simulation:
    order = priced(books, asked)
    currency = order.customer.currency
    subtotal = money(order.total, currency)
    tax = money(subtotal * books.dataset.company(asked.company).tax_rate, currency)
    freight = money(ZERO, currency)
    total = subtotal + tax + freight
    day = asked.requested_date or books.dataset.today
    lines = tuple(_line(books, line, order.warehouse, day) for line in order.lines)
    return Simulation(
        currency=currency,
        lines=lines,
        subtotal=subtotal,
        tax=tax,
        freight=freight,
        total=total,
        credit=_credit(books, order.customer, total),
    )


def _line(books: Books, line: PricedLine, warehouse: str, day: date) -> SimulatedOrderLine:
    place = Place(line.item.company, line.item.sku, warehouse)
    promised = promise(books, line.item, place, line.needed)
    return SimulatedOrderLine(
        line=line.line,
        unit_price=line.unit_price,
        total=line.total,
        available=floor_like(free_at(books, place) / line.factor, line.quantity),
        confirmed_date=None if promised is None else max(promised, day),
    )


def _credit(books: Books, customer: Customer, total: Decimal) -> SimulatedCredit:
    credit = books.paying_credit(customer)
    exceeded = credit.limit is not None and credit.exposure + total > credit.limit
    return SimulatedCredit(limit=credit.limit, exposure=credit.exposure, on_hold=credit.on_hold, exceeded=exceeded)
