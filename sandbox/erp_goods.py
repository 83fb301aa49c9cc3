"""The ERP's items, prices, supply and demand."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import msgspec

from sandbox.call import Call, key_error
from sandbox.erp_parties import matching
from sandbox.facts_items import Item
from sandbox.facts_prices import Price
from sandbox.facts_stock import Plan
from sandbox.operation import Operation
from sandbox.paging import page_asked, page_of
from sandbox.pricing import Question, price_of
from sandbox.problems import bad_request, limit_exceeded
from sandbox.query import MOST_KEYS
from sandbox.reach import reach

_DAYS = 30
_MOST_DAYS = 365

Key: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
# The contract writes decimals as plain strings: no signs, no exponents, no JSON numbers.
Amount: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^\d{1,12}(\.\d{1,6})?$")]


class PriceLine(msgspec.Struct, rename="camel"):
    ref: Key
    company: Key
    customer: Key
    sku: Key
    quantity: Amount
    uom: Key | None = None
    ship_to: Key | None = None
    on: date | None = None


class PriceQuestions(msgspec.Struct):
    lines: Annotated[list[PriceLine], msgspec.Meta(min_length=1)]


def items(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("sku"), lambda key: call.dataset.items.find(key, company))
    return {"items": rows, "errors": errors}


def search_items(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    category = call.query.text("category")
    asked = page_asked(call.query, 2)
    rows = matching(call.dataset.item_list, call.dataset.item_texts, call.query.text("text"))
    within = reach(call.query)
    own = (row for row in rows if company in {None, row.company} and category in {None, row.category})
    return page_of((row for row in own if within.has_company(row.company)), asked, _place).named("items")


def _place(row: Item) -> tuple[str, str]:
    return row.company, row.sku


def prices(call: Call) -> dict[str, Any]:
    found: list[Price] = []
    errors: list[dict[str, str]] = []
    for line in _price_lines(call):
        problem = call.failing.get(line.sku)
        if problem is not None:
            errors.append(key_error(line.ref, problem))
        elif (price := _price(call, line)) is not None:
            found.append(price)
    return {"prices": found, "errors": errors}


def _price_lines(call: Call) -> list[PriceLine]:
    lines = call.read(PriceQuestions).lines
    if len(lines) > MOST_KEYS:
        raise limit_exceeded(f"At most {MOST_KEYS} lines in one call, {len(lines)} were given.", "lines")
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if line.ref in seen:
            raise bad_request("Each ref is given once.", f"lines[{at}].ref")
        seen.add(line.ref)
        positive(line.quantity, f"lines[{at}].quantity")
    return lines


def positive(amount: str, path: str) -> Decimal:
    quantity = Decimal(amount)
    if quantity <= 0:
        raise bad_request("A quantity is more than 0.", path)
    return quantity


def _price(call: Call, line: PriceLine) -> Price | None:
    data = call.dataset
    customer = data.customers.one(line.company, line.customer)
    item = data.items.one(line.company, line.sku)
    if customer is None or item is None:
        return None
    uom = line.uom or item.uom
    on = line.on or data.today
    return price_of(data, Question(line.ref, customer, item, uom, Decimal(line.quantity), on))


def _skus_asked(call: Call) -> Sequence[str]:
    return [line.sku for line in call.read(PriceQuestions).lines]


def supply_demand(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    wanted = call.query.some("warehouse")
    days = call.query.integer("days", _DAYS, (0, _MOST_DAYS))

    def rows_of(sku: str) -> Iterable[Plan]:
        return [row for row in call.books.plans(sku, company, days) if not wanted or row.warehouse in wanted]

    rows, errors = call.batch(call.query.keys("sku"), rows_of)
    return {"today": call.dataset.today, "plans": rows, "errors": errors}


OPERATIONS = (
    Operation("GET", "/items", items, "sku"),
    Operation("GET", "/items/search", search_items),
    Operation("POST", "/prices", prices, _skus_asked),
    Operation("GET", "/supply-demand", supply_demand, "sku"),
)
