"""The WMS: warehouses, what stands in them, and shipments on their way out."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.applications import Starlette

from sandbox.application import TOKEN, application
from sandbox.books import Books
from sandbox.call import Call
from sandbox.facts_stock import Stock, Warehouse
from sandbox.operation import Made, Operation
from sandbox.releasing import ReleaseAsked, release


def warehouses(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("code"), lambda key: call.dataset.warehouses.find(key, company))
    return {"warehouses": rows, "errors": errors}


def stock(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    wanted = call.query.some("warehouse")

    def rows_of(sku: str) -> Iterable[Stock]:
        return [row for row in call.books.stock(sku, company) if not wanted or row.warehouse in wanted]

    rows, errors = call.batch(call.query.keys("sku"), rows_of)
    kept = dict.fromkeys((row.company, row.warehouse) for row in rows)
    named = [_warehouse(call, *each) for each in kept]
    return {"today": call.dataset.today, "warehouses": named, "stock": rows, "errors": errors}


def _warehouse(call: Call, company: str, code: str) -> Warehouse:
    return call.dataset.warehouses.one(company, code) or Warehouse(company=company, code=code, name=code)


def shipments(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("number"), lambda key: call.books.shipments(key, company))
    return {"shipments": rows, "errors": errors}


def shipments_by_order(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("order"), lambda key: call.books.shipments_of(key, company))
    return {"shipments": rows, "errors": errors}


async def release_order(call: Call) -> Made:
    released, is_new = await release(call.books, call.read(ReleaseAsked), call.clock.now())
    return Made(201 if is_new else 200, released)


def _released_order(call: Call) -> Sequence[str]:
    return (call.read(ReleaseAsked).order,)


OPERATIONS = (
    Operation("GET", "/warehouses", warehouses, "code"),
    Operation("GET", "/stock", stock, "sku"),
    Operation("GET", "/shipments", shipments, "number"),
    Operation("GET", "/shipments/by-order", shipments_by_order, "order"),
    Operation("POST", "/orders/release", release_order, _released_order, batch=False),
)


def wms_app(books: Books, token: str = TOKEN) -> Starlette:
    return application("wms", OPERATIONS, books=books, token=token)
