"""The ERP's customers, ship-tos and credit."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sandbox.call import Call
from sandbox.facts_customers import Credit, Customer
from sandbox.operation import Operation
from sandbox.paging import Page, PageAsked, page_asked, page_of
from sandbox.problems import bad_request
from sandbox.reach import reach

R = TypeVar("R")


def customers(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("number"), lambda key: call.dataset.customers.find(key, company))
    return {"customers": rows, "errors": errors}


def search_customers(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    asked = page_asked(call.query, 2)
    rows = matching(call.dataset.customer_list, call.dataset.customer_texts, call.query.text("text"))
    own = (row for row in rows if company in {None, row.company})
    within = reach(call.query)
    seen = (row for row in own if within.has_account(call.books, row.company, row.number))
    return page_of(seen, asked, _place).named("customers")


def children(call: Call) -> dict[str, Any]:
    company = call.query.required("company")
    numbers = call.query.keys("number")
    asked = paged_keys(call, numbers)

    def page(number: str) -> Iterable[dict[str, Any]]:
        if call.dataset.customers.one(company, number) is None:
            return ()
        rows = [row for row in call.dataset.children.find(number, company) if row.number != number]
        found: Page[Customer] = page_of(rows, asked, _place)
        return ({"number": number, **found.named("customers")},)

    pages, errors = call.batch(numbers, page)
    return {"pages": pages, "errors": errors}


def paged_keys(call: Call, numbers: Sequence[str], size: int = 2) -> PageAsked:
    """A page for each key; going on only where there is one key to go on with."""
    asked = page_asked(call.query, size)
    if asked.after is not None and len(numbers) > 1:
        raise bad_request("A cursor goes with exactly one number.", "cursor")
    return asked


def customer_ship_tos(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("number"), lambda key: call.dataset.ship_tos_of.find(key, company))
    return {"shipTos": rows, "errors": errors}


def customer_credit(call: Call) -> dict[str, Any]:
    company = call.query.key("company")

    def rows_of(number: str) -> Iterable[Credit]:
        return [call.books.credit(row) for row in call.dataset.customers.find(number, company)]

    rows, errors = call.batch(call.query.keys("number"), rows_of)
    return {"credit": rows, "errors": errors}


def ship_tos(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("code"), lambda key: call.dataset.ship_tos.find(key, company))
    return {"shipTos": rows, "errors": errors}


def matching(rows: Sequence[R], texts: Sequence[str], text: str | None) -> Iterator[R]:
    if text is None:
        return iter(rows)
    wanted = text.casefold()
    return (row for row, each in zip(rows, texts, strict=True) if wanted in each)


def _place(row: Customer) -> tuple[str, str]:
    return row.company, row.number


OPERATIONS = (
    Operation("GET", "/customers", customers, "number"),
    Operation("GET", "/customers/search", search_customers),
    Operation("GET", "/customers/children", children, "number"),
    Operation("GET", "/customers/ship-tos", customer_ship_tos, "number"),
    Operation("GET", "/customers/credit", customer_credit, "number"),
    Operation("GET", "/ship-tos", ship_tos, "code"),
)
