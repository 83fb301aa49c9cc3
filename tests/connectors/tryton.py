"""Tryton, as the ERP and as the WMS."""

import base64
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sources.call import CallContext
from sources.changes import Cancellation, NewOrder, NewOrderLine, NewRelease
from sources.models import Basket, BasketLine, Key, OrderFilter, Page, PageRequest, PriceTerms
from sources.tryton import MANIFEST
from sources.tryton.erp import MAX_KEYS
from tests.connectors.case import COMPANY, Asked, Case, One, Read, Walk, Write
from tests.connectors.tryton_books import BAD, TOKEN, server

DIRECTORY = 4
"""Requests that the first question of all takes: companies, warehouses, units, the default price list."""

WHOLE_PAGE = "a page is one answer: a row that is missing in it would be told to be none"
AUTH = {"username": "gateway", "password": "password-of-the-suite"}
SECRETS = (TOKEN, base64.b64encode(f"gateway:7:{TOKEN}".encode()).decode())


def is_login(asked: Asked) -> bool:
    return b"common.db.login" in asked.body


def sent(method: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.query == f"model.sale.sale.{method}"


def by_key(name: str, *known: str, **more: Any) -> Read:
    async def ask(connector: Any, call: CallContext, numbers: Sequence[str]) -> Mapping[Any, Any]:
        found: Mapping[Any, Any] = await getattr(connector, name)(call, COMPANY, numbers)
        return found

    given = {"bad": BAD, "limit": MAX_KEYS, "requests": DIRECTORY + 1, **more}
    return Read(name=name, ask=ask, known=known, **given)


def terms(sku: str) -> PriceTerms:
    return PriceTerms(COMPANY, "C1", sku, Decimal(4))


def order(customer: str) -> NewOrder:
    line = NewOrderLine(1, "TAPE", Decimal(2), "u", None)
    return NewOrder(reference="suite-1", company=COMPANY, customer=customer, ship_to="1", lines=(line,))


ERP_READS = (
    by_key("items", "TAPE", "BOX"),
    by_key("customers", "C1", "C2"),
    by_key("ship_tos", "1", "2", bad="9"),
    by_key("ship_tos_by_customer", "C1", "C2", is_nothing=lambda held: held == ()),
    by_key("credit_by_customer", "C1", "C2"),
    by_key("orders", "1001", "1002"),
    by_key("orders_by_reference", "web-1001", "web-1002"),
    Read(
        name="prices",
        ask=lambda erp, call, skus: erp.prices(call, [terms(sku) for sku in skus]),
        key=terms,
        known=("TAPE", "BOX"),
        bad=BAD,
        limit=MAX_KEYS,
        requests=DIRECTORY + 2,
    ),
    Read(
        name="supply_demand",
        ask=lambda erp, call, skus: erp.supply_demand(call, COMPANY, skus, warehouses=(), days=30),
        known=("TAPE", "BOX"),
        bad=BAD,
        limit=MAX_KEYS,
        requests=DIRECTORY + 2,
        is_nothing=lambda held: held.plans == (),
    ),
    Read(
        name="orders_by_customer",
        ask=lambda erp, call, numbers: erp.orders_by_customer(
            call, COMPANY, numbers, statuses=(), page=PageRequest(50)
        ),
        known=("C1", "C1"),
        whole=WHOLE_PAGE,
        limit=1,
        requests=DIRECTORY + 1,
        is_nothing=lambda held: held.rows == (),
    ),
)


async def orders_of(erp: Any, call: CallContext, page: PageRequest) -> Any:
    found = await erp.orders_by_customer(call, COMPANY, ["C1"], statuses=(), page=page)
    return found.get(Key(COMPANY, "C1"), Page(()))  # there is none in a company that Tryton does not tell of


ERP_WALKS = (
    Walk(
        name="search_items",
        ask=lambda erp, call, page: erp.search_items(call, page, text=None, category=None, company=None),
        rows=("TAPE", "BOX"),
        row=lambda item: item.sku,
    ),
    Walk(
        name="search_customers",
        ask=lambda erp, call, page: erp.search_customers(call, page, text="customer", company=COMPANY),
        rows=("C1", "C2"),
        row=lambda customer: customer.number,
    ),
    Walk(
        name="search_orders",
        ask=lambda erp, call, page: erp.search_orders(call, page, OrderFilter(company=COMPANY)),
        rows=("1003", "1002", "1001"),
        row=lambda found: found.number,
        limit=2,
    ),
    Walk(
        name="orders_by_customer", ask=orders_of, rows=("1003", "1002", "1001"), row=lambda found: found.number, limit=2
    ),
)
SIMULATE = One(
    name="simulate",
    ask=lambda erp, call: erp.simulate(call, Basket(COMPANY, "C1", (BasketLine("TAPE", Decimal(2)),))),
)
ERP_WRITES = (
    Write(
        name="create_order",
        do=lambda erp, call: erp.create_order(call, order("C1")),
        is_sent=sent("create"),
        refused=lambda erp, call: erp.create_order(call, order("C2")),
        word="CREDIT_LIMIT",
    ),
    Write(
        name="cancel_order",
        do=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "1001", "wrong", "Dana")),
        is_sent=sent("draft"),
        refused=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "1002", "wrong", "Dana")),
        word="ALREADY_PROCESSED",
    ),
)

WMS_READS = (
    by_key(
        "warehouses",
        "CHI",
        "DAL",
        bad=None,
        whole="they are Tryton's own directory, read as a whole",
        requests=DIRECTORY,
    ),
    Read(
        name="stock",
        ask=lambda wms, call, skus: wms.stock(call, COMPANY, skus, warehouses=()),
        known=("TAPE", "BOX"),
        bad=BAD,
        limit=MAX_KEYS,
        requests=DIRECTORY + 4,
    ),
    by_key("shipments", "S1", "S2"),
    by_key("shipments_by_order", "1001", "1002", is_nothing=lambda held: held == ()),
)
RELEASE = Write(
    name="release_order",
    do=lambda wms, call: wms.release_order(call, NewRelease(COMPANY, "1001", ("CHI",), "suite-1")),
    is_sent=sent("process"),
    refused=lambda wms, call: wms.release_order(call, NewRelease(COMPANY, "1003", ("CHI",), "suite-1")),
    word="ORDER_CANCELLED",
)


def case(role: str, **given: Any) -> Case:
    return Case(
        manifest=MANIFEST,
        role=role,
        server=server,
        auth=AUTH,
        options={"directory_seconds": 0},  # so that the second question asks as much as the first
        path="/erp",
        is_sign_in=is_login,
        secrets=SECRETS,
        **given,
    )


CASES = (
    case("erp", reads=ERP_READS, walks=ERP_WALKS, ones=(SIMULATE,), writes=ERP_WRITES),
    case("wms", reads=WMS_READS, writes=(RELEASE,)),
)
