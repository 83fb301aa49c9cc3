"""An order placed: numbered, priced, allocated as far as the stock goes, the rest backordered, and written to the journal."""

import time
from datetime import datetime
from decimal import Decimal

from sandbox.amounts import ZERO, floor_like
from sandbox.books import Books
from sandbox.entries import OrderPlaced
from sandbox.facts_orders import Order, OrderLine, Progress
from sandbox.facts_shipments import Shipment
from sandbox.facts_stock import Warehouse
from sandbox.fingerprint import fingerprint
from sandbox.flows import Place
from sandbox.ordering import OrderAsked, Priced, PricedLine, priced
from sandbox.problems import Problem, rejected
from sandbox.promising import free_at, promise, ready


async def place_order(books: Books, asked: OrderAsked, now: datetime) -> tuple[Order, bool]:
    """The order, and whether it is new."""
    async with books.writing():
        known = _known(books, asked)
        if known is not None:
            return known, False
        entry = _entry(books, asked, now)
        books.append(entry)
        return entry.order, True


def _known(books: Books, asked: OrderAsked) -> Order | None:
    orders = books.orders_by_reference(asked.external_reference, asked.company)
    if not orders:
        return None
    if books.written.fingerprints.get((asked.company, asked.external_reference)) != fingerprint(asked):
        message = f"Order {orders[0].number} has the reference {asked.external_reference} and asked for something else."
        raise Problem(409, message, path="externalReference")
    return orders[0]


def _entry(books: Books, asked: OrderAsked, now: datetime) -> OrderPlaced:
    found = _admitted(books, asked)
    order = _order(books, asked, found, now)
    refusal = books.dataset.refusal("erp", order)
    if refusal is not None:
        raise rejected(refusal.reason, refusal.sentence, "shipTo" if refusal.ship_to else "customer")
    return OrderPlaced(
        order=order,
        shipment=waiting(books, order, found.warehouse, asked.carrier_service),
        warehouse=found.warehouse,
        fingerprint=fingerprint(asked),
        written=time.time(),
    )


def _admitted(books: Books, asked: OrderAsked) -> Priced:
    """What a real order is refused for, and a simulation is not."""
    found = priced(books, asked)
    if found.customer.blocked:
        raise rejected("CUSTOMER_BLOCKED", f"Customer {asked.customer} is blocked.", "customer")
    if books.paying_credit(found.customer).on_hold and not asked.approves("CREDIT_HOLD"):
        raise rejected("CREDIT_HOLD", f"Customer {asked.customer} is on credit hold.", "customer")
    for at, line in enumerate(found.lines):
        if line.item.status == "BLOCKED":
            raise rejected("ITEM_BLOCKED", f"{line.item.sku} is blocked for sale.", f"lines[{at}].sku")
    found = found._replace(warehouse=first_of(books, asked.company, asked.warehouses or []) or found.warehouse)
    if asked.allow_backorder is False and not asked.approves("INSUFFICIENT_AVAILABILITY"):
        _require_supply(books, found)
    return found


def first_of(books: Books, company: str, codes: list[str]) -> str | None:
    """The first of the warehouses asked for; all of them are to exist."""
    for at, code in enumerate(codes):
        if books.dataset.warehouses.one(company, code) is None:
            raise rejected("UNKNOWN_WAREHOUSE", f"{company} has no warehouse {code}.", f"warehouses[{at}]")
    return codes[0] if codes else None


def _require_supply(books: Books, found: Priced) -> None:
    """Without backorders, stock and what is on its way have to be enough: what is not in sight does not count."""
    needed: dict[str, Decimal] = {}
    for at, line in enumerate(found.lines):
        sku = line.item.sku
        needed[sku] = needed.get(sku, ZERO) + line.needed
        if ready(books, Place(line.item.company, sku, found.warehouse), needed[sku]) is None:
            message = f"{found.warehouse} neither has nor expects so many {sku}."
            raise rejected("INSUFFICIENT_AVAILABILITY", message, f"lines[{at}].quantity")


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
        backorder_of=asked.backorder_of,
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


def waiting(books: Books, order: Order, code: str, service: str | None) -> Shipment:
    known = books.dataset.warehouses.one(order.company, code)
    return Shipment(
        company=order.company,
        number=f"S{order.number}",
        order=order.number,
        warehouse=known or Warehouse(company=order.company, code=code or "MAIN", name=code or "MAIN"),
        status="WAITING",
        status_text="Waiting",
        service=service,
    )
