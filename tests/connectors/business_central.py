"""Business Central, as a server of our own speaks it after the vendor's documentation."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from starlette.types import ASGIApp

from sources.business_central import MANIFEST
from sources.call import CallContext
from sources.changes import Cancellation, NewOrder, NewOrderLine
from sources.models import OrderFilter, PageRequest, PriceTerms
from tests.connectors.case import COMPANY, Asked, Case, Read, Walk, Write
from tests.connectors.central import COMPANY_ID, OWN, STANDARD, Central, Tables, guid, order, order_line

LIMIT, LISTED = 100, 50
FULL = 20
"""More rows than any list here has."""

BAD = "BAD"
EAST, WEST = guid(0xE1), guid(0xE2)

OPTIONS: Mapping[str, Any] = {
    "companies": {COMPANY: {"id": COMPANY_ID, "currency": "USD", "blank_location": "MAIN"}},
    "prices": {"api": OWN, "entity": "customerPrices"},
    "ship_tos": {"api": OWN, "entity": "shipTos"},
    "bill_tos": {"api": OWN, "entity": "billTos"},
    "flows": {"api": OWN, "entity": "flows"},
}


def item(number: str, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "displayName": f"Tape {number}",
        "displayName2": "",
        "itemCategoryCode": "TAPE",
        "blocked": False,
        "inventory": 40,
        "unitPrice": 12.5,
        "priceIncludesTax": False,
        "baseUnitOfMeasureCode": "PCS",
        **more,
    }


def customer(number: str, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "displayName": f"Adatum {number}",
        "addressLine1": "Station Road, 21",
        "addressLine2": "",
        "city": "Cambridge",
        "state": "",
        "country": "GB",
        "postalCode": "CB1 2FB",
        "currencyCode": "USD",
        "blocked": "_x0020_",
        "creditLimit": 1000,
        "paymentTerm": {"code": "30 DAYS"},
        **more,
    }


def balance(number: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "balance": 250.5, "totalSalesExcludingTax": 0, "overdueAmount": 0, **more}


def tables() -> Tables:
    """One company's; the rows that are bad are so in one field only."""
    orders = [
        order("S1001", "C1", lines=[order_line(10_000, "I1", 5)], externalDocumentNumber="XD-1"),
        order("S1002", "C1", lines=[order_line(10_000, "I2", 2, shippedQuantity=1)], externalDocumentNumber="XD-2", status="Open"),
        order("S1003", "C2", lines=[], status="In_x0020_Review", orderDate="2026-11-21"),
        order("S1004", "C9", lines=[], externalDocumentNumber=BAD, totalAmountExcludingTax=None) | {"number": BAD},
        order("S1005", BAD, lines=[], orderDate=None),
    ]  # fmt: skip
    return {
        COMPANY_ID: {
            "items": [item("I1"), item("I2", itemCategoryCode="BOX"), item(BAD, unitPrice="much", itemCategoryCode="NONE")],
            "customers": [customer("C1"), customer("C2"), customer("C3"), customer(BAD, displayName=None, blocked=None)],
            "customerFinancialDetails": [balance("C1"), balance("C2"), balance("C3"), balance(BAD, balance=None)],
            "locations": [{"id": EAST, "code": "EAST"}, {"id": WEST, "code": "WEST"}],
            "salesOrders": orders,
            "purchaseOrders": [],
            "customerPrices": [
                {"itemNumber": "I1", "customerNumber": "C1", "minimumQuantity": 0, "unitOfMeasureCode": "", "unitPrice": 11},
                {"itemNumber": "I1", "customerNumber": "C1", "minimumQuantity": 30, "unitOfMeasureCode": "PCS", "unitPrice": 9.5},
            ],
            "shipTos": [{"customerNumber": "C1", "code": "DOCK", "displayName": "Dock", "city": "Ely", "locationCode": "EAST"}],
            "billTos": [
                {"customerNumber": "C2", "billToCustomerNumber": "C1"},
                {"customerNumber": "C3", "billToCustomerNumber": "C1"},
                {"customerNumber": "C1", "billToCustomerNumber": "C4"},
                {"customerNumber": BAD, "billToCustomerNumber": "CX"},
            ],
            "flows": [
                {"itemNumber": "I1", "locationCode": "", "date": "2026-01-05", "quantity": -4},
                {"itemNumber": "I1", "locationCode": "EAST", "date": "2026-01-06", "quantity": 10.5},
                {"itemNumber": "I2", "locationCode": "EAST", "date": "2026-01-06", "quantity": 1},
            ],
        }
    }  # fmt: skip


def server() -> ASGIApp:
    return Central(tables()).app


def by_key(name: str, *known: str, **more: Any) -> Read:
    async def ask(connector: Any, call: CallContext, numbers: Sequence[str]) -> Mapping[Any, Any]:
        found: Mapping[Any, Any] = await getattr(connector, name)(call, COMPANY, numbers)
        return found

    given = {"bad": None if "whole" in more else BAD, "limit": LIMIT, **more}
    return Read(name=name, ask=ask, known=known, **given)


def terms(sku: str) -> PriceTerms:
    return PriceTerms(COMPANY, "C1", sku, Decimal(40))


def is_empty(page: Any) -> bool:
    return page.rows == () and page.next is None  # type: ignore[no-any-return]  # a page of anything


READS = (
    by_key("items", "I1", "I2"),
    by_key("customers", "C1", "C2", requests=2),
    by_key("ship_tos", "C1", "C2"),
    by_key("ship_tos_by_customer", "C1", "C2", requests=2, is_nothing=lambda held: held == ()),
    by_key("credit_by_customer", "C1", "C2"),
    by_key("orders", "S1001", "S1002"),
    by_key("orders_by_reference", "XD-1", "XD-2"),
    Read(
        name="prices",
        ask=lambda erp, call, skus: erp.prices(call, [terms(sku) for sku in skus]),
        key=terms,
        known=("I1", "I2"),
        bad=BAD,
        limit=LIMIT,
        requests=2,
    ),
    Read(
        name="supply_demand",
        ask=lambda erp, call, skus: erp.supply_demand(call, COMPANY, skus, warehouses=(), days=30),
        known=("I1", "I2"),
        whole="flows have no key of their own: one that cannot be read fails the items that were asked with it",
        limit=LIMIT,
        is_nothing=lambda held: held.plans == (),
    ),
    Read(
        name="customers_by_bill_to",
        ask=lambda erp, call, numbers: erp.customers_by_bill_to(call, COMPANY, numbers, page=PageRequest(FULL)),
        known=("C1", "C4"),
        bad="CX",
        requests=3,
        limit=LISTED,
        is_nothing=is_empty,
    ),
    Read(
        name="orders_by_customer",
        ask=lambda erp, call, numbers: erp.orders_by_customer(
            call, COMPANY, numbers, statuses=(), page=PageRequest(FULL)
        ),
        known=("C1", "C2"),
        bad=BAD,
        limit=LISTED,
        is_nothing=is_empty,
    ),
)


async def children(erp: Any, call: CallContext, page: PageRequest) -> Any:
    (found,) = (await erp.customers_by_bill_to(call, COMPANY, ["C1"], page=page)).values()
    return raised(found)


def raised(found: Any) -> Any:
    if isinstance(found, BaseException):
        raise found
    return found


async def orders_of(erp: Any, call: CallContext, page: PageRequest) -> Any:
    (found,) = (await erp.orders_by_customer(call, COMPANY, ["C1"], statuses=(), page=page)).values()
    return raised(found)


WALKS = (
    Walk(
        name="search_items",
        ask=lambda erp, call, page: erp.search_items(call, page, text="Tape I", category=None, company=COMPANY),
        rows=("I1", "I2"),
        row=lambda row: row.sku,
    ),
    Walk(
        name="search_customers",
        ask=lambda erp, call, page: erp.search_customers(call, page, text="Adatum C", company=COMPANY),
        rows=("C1", "C2", "C3"),
        row=lambda row: row.number,
        limit=2,
    ),
    Walk(name="customers_by_bill_to", ask=children, rows=("C2", "C3"), row=lambda row: row.number),
    Walk(
        name="search_orders",
        ask=lambda erp, call, page: erp.search_orders(call, page, OrderFilter(COMPANY, customer="C1")),
        rows=("S1002", "S1001"),
        row=lambda row: row.number,
    ),
    Walk(name="orders_by_customer", ask=orders_of, rows=("S1002", "S1001"), row=lambda row: row.number),
)


def new_order(customer_number: str) -> NewOrder:
    line = NewOrderLine(1, "I1", Decimal(2), "PCS", Decimal("9.50"))
    return NewOrder(
        reference="XD-suite", company=COMPANY, customer=customer_number, ship_to=f"{customer_number}/DOCK"
        if customer_number == "C1" else customer_number, lines=(line,), warehouses=("EAST",),
    )  # fmt: skip


def is_batch_of(method: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.path == f"{STANDARD}/$batch" and f'"method":"{method}"'.encode() in asked.body


WRITES = (
    Write(
        name="create_order",
        do=lambda erp, call: erp.create_order(call, new_order("C1")),
        is_sent=is_batch_of("POST"),
        refused=lambda erp, call: erp.create_order(call, new_order("NONE")),
        word="Application_DialogException",
    ),
    Write(
        name="cancel_order",
        do=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "S1001", "mistaken", "us")),
        is_sent=lambda asked: asked.method == "DELETE",
        refused=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "S1003", "mistaken", "us")),
        word="Application_DialogException",
    ),
)

CASES = (
    Case(
        manifest=MANIFEST,
        role="erp",
        server=server,
        auth={"client_id": "gateway", "client_secret": "entra-secret", "scope": "https://api.businesscentral.dynamics.com/.default"},
        options=OPTIONS,
        reads=READS,
        walks=WALKS,
        writes=WRITES,
    ),
)  # fmt: skip
