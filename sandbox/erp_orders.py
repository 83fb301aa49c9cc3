"""The ERP's orders: finding, simulating and placing them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sandbox.call import Call
from sandbox.erp_parties import paged_keys
from sandbox.facts_orders import ORDER_STATUSES, Order, OrderStatus
from sandbox.operation import Made, Operation
from sandbox.ordering import OrderAsked, SimulationAsked, checked
from sandbox.paging import page_asked, page_of
from sandbox.placement import place_order
from sandbox.query import Query
from sandbox.reach import reach
from sandbox.simulation import Simulation, simulate


class _Filter(NamedTuple):
    company: str | None
    customer: str | None
    po_number: str | None
    statuses: frozenset[OrderStatus]
    placed_from: date | None
    placed_to: date | None

    def fits(self, order: Order) -> bool:
        if self.statuses and order.status not in self.statuses:
            return False
        if self.company not in {None, order.company} or self.customer not in {None, order.customer}:
            return False
        return self.po_number in {None, order.po_number} and self._in_time(order.placed_at.date())

    def _in_time(self, day: date) -> bool:
        begun = self.placed_from is None or self.placed_from <= day
        return begun and (self.placed_to is None or day <= self.placed_to)


def orders(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("number"), lambda key: call.books.orders(key, company))
    return {"orders": rows, "errors": errors}


def search_orders(call: Call) -> dict[str, Any]:
    asked, within = page_asked(call.query, 3), reach(call.query)
    found = (
        each
        for each in _found(call, _filter(call.query))
        if within.has_account(call.books, each.company, each.customer)
    )
    return page_of(found, asked, _place, descending=True).named("orders")


def _filter(query: Query) -> _Filter:
    return _Filter(
        company=query.key("company"),
        customer=query.key("customer"),
        po_number=query.key("poNumber"),
        statuses=query.choices("status", ORDER_STATUSES),
        placed_from=query.day("placedFrom"),
        placed_to=query.day("placedTo"),
    )


def _found(call: Call, wanted: _Filter) -> Iterator[Order]:
    rows = call.books.newest_first(company=wanted.company, customer=wanted.customer, po_number=wanted.po_number)
    return (order for order in rows if wanted.fits(order))


def orders_by_customer(call: Call) -> dict[str, Any]:
    company = call.query.required("company")
    numbers = call.query.keys("number")
    asked = paged_keys(call, numbers, 3)
    statuses = call.query.choices("status", ORDER_STATUSES)

    def page(number: str) -> Iterable[dict[str, Any]]:
        if not call.books.knows_customer(company, number):
            return ()
        found = _found(call, _Filter(company, number, None, statuses, None, None))
        return ({"number": number, **page_of(found, asked, _place, descending=True).named("orders")},)

    pages, errors = call.batch(numbers, page)
    return {"pages": pages, "errors": errors}


def orders_by_reference(call: Call) -> dict[str, Any]:
    company = call.query.key("company")

    def rows_of(reference: str) -> Iterable[Order]:
        return [row for row in call.books.orders_by_reference(reference, company) if call.has_settled(reference, row)]

    rows, errors = call.batch(call.query.keys("reference"), rows_of)
    return {"orders": rows, "errors": errors}


def _place(order: Order) -> tuple[str, str, str]:
    return order.placed_at.isoformat(), order.number, order.company


def simulate_order(call: Call) -> Simulation:
    return simulate(call.books, checked(call.read(SimulationAsked)))


async def create_order(call: Call) -> Made:
    order, is_new = await place_order(call.books, checked(call.read(OrderAsked)), call.clock.now())
    return Made(201 if is_new else 200, order)


def _simulating_customer(call: Call) -> Sequence[str]:
    return (call.read(SimulationAsked).customer,)


def _ordering_customer(call: Call) -> Sequence[str]:
    return (call.read(OrderAsked).customer,)


OPERATIONS = (
    Operation("GET", "/orders", orders, "number"),
    Operation("GET", "/orders/search", search_orders),
    Operation("GET", "/orders/by-customer", orders_by_customer, "number"),
    Operation("GET", "/orders/by-reference", orders_by_reference, "reference"),
    Operation("POST", "/orders/simulate", simulate_order, _simulating_customer, batch=False),
    Operation("POST", "/orders", create_order, _ordering_customer, batch=False),
)
