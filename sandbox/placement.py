"""An order placed: numbered, priced, allocated as far as the stock goes, the rest backordered, and written to the journal."""

import hashlib
from datetime import datetime
from decimal import Decimal

import msgspec

from sandbox.amounts import ZERO, floor_like
from sandbox.books import Books
from sandbox.facts_orders import Order, OrderLine, Progress
from sandbox.facts_shipments import Shipment
from sandbox.facts_stock import Warehouse
from sandbox.flows import Place
from sandbox.journal import Entry, JournalBusyError
from sandbox.ordering import OrderAsked, Priced, PricedLine, priced
from sandbox.problems import Problem, rejected
from sandbox.promising import free_at, promise


async def place_order(books: Books, asked: OrderAsked, now: datetime) -> tuple[Order, bool]:
    """The order, and whether it is new."""
    try:
        async with books.journal.locked():
            books.catch_up()
            known = _known(books, asked)
            if known is not None:
                return known, False
            entry = _entry(books, asked, now)
            books.append(entry)
            return entry.order, True
    except JournalBusyError as busy:
        raise Problem(503, "The ERP is busy writing; try again.") from busy


def _known(books: Books, asked: OrderAsked) -> Order | None:
    orders = books.orders_by_reference(asked.external_reference, asked.company)
    if not orders:
        return None
    if books.fingerprints.get((asked.company, asked.external_reference)) != _fingerprint(asked):
        message = f"Order {orders[0].number} has the reference {asked.external_reference} and asked for something else."
        raise Problem(409, message, path="externalReference")
    return orders[0]


def _fingerprint(asked: OrderAsked) -> str:
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()


def _entry(books: Books, asked: OrderAsked, now: datetime) -> Entry:
    found = priced(books, asked)
    if found.customer.blocked or books.paying_credit(found.customer).on_hold:
        raise rejected("CREDIT_HOLD", f"Customer {asked.customer} is on hold.", "customer")
    order = _order(books, asked, found, now)
    return Entry(
        order=order,
        shipment=_shipment(books, order, found.warehouse),
        warehouse=found.warehouse,
        fingerprint=_fingerprint(asked),
    )


def _order(books: Books, asked: OrderAsked, found: Priced, now: datetime) -> Order:
    taken: dict[str, Decimal] = {}
    return Order(
        company=asked.company,
        number=books.next_number(),
        external_reference=asked.external_reference,
        po_number=asked.po_number,
        customer=asked.customer,
        ship_to=asked.ship_to,
        status="OPEN",
        status_text="Open",
        channel=asked.channel,
        placed_at=now,
        requested_date=asked.requested_date,
        currency=found.customer.currency,
        total=found.total,
        lines=tuple(_line(books, asked, line, (found.warehouse, taken)) for line in found.lines),
    )


def _line(books: Books, asked: OrderAsked, line: PricedLine, stand: tuple[str, dict[str, Decimal]]) -> OrderLine:
    """`stand`: the warehouse, and what earlier lines of this order have taken of each item there."""
    warehouse, taken = stand
    sku = line.item.sku
    place = Place(asked.company, sku, warehouse)
    before = taken.get(sku, ZERO)
    free = max(free_at(books, place) - before, ZERO)
    allocated = min(line.quantity, floor_like(free / line.factor, line.quantity))
    taken[sku] = before + allocated * line.factor
    day = asked.requested_date or books.dataset.today
    promised = promise(books, line.item, place, before + line.needed)
    return OrderLine(
        number=line.line,
        sku=sku,
        quantity=line.quantity,
        uom=line.uom,
        unit_price=line.unit_price,
        total=line.total,
        promised_date=None if promised is None else max(promised, day),
        progress=Progress(line.quantity, allocated=allocated, backordered=line.quantity - allocated),
    )


def _shipment(books: Books, order: Order, code: str) -> Shipment:
    known = books.dataset.warehouses.one(order.company, code)
    return Shipment(
        company=order.company,
        number=f"S{order.number}",
        order=order.number,
        warehouse=known or Warehouse(company=order.company, code=code or "MAIN", name=code or "MAIN"),
        status="WAITING",
        status_text="Waiting",
    )
