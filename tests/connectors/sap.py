"""SAP S/4HANA Cloud, as a server of our own speaks it after the vendor's documentation."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from starlette.types import ASGIApp

from sources.call import CallContext
from sources.changes import Cancellation, HoldLifted, NewHold, NewOrder, NewOrderLine
from sources.models import Basket, BasketLine, HoldCode, OrderFilter, PageRequest, PriceTerms
from sources.sap import MANIFEST
from tests.connectors.case import COMPANY, Asked, Case, One, Read, Walk, Write
from tests.connectors.s4hana import COOKIE, ROOT, TOKEN, S4Hana, Tables, order, order_item

LIMIT, LISTED = 50, 10
FULL = 20
"""More rows than any list here has."""

BAD = "BAD"
AREA = {"SalesOrganization": "1710", "DistributionChannel": "10", "Division": "00"}

OPTIONS: Mapping[str, Any] = {
    "companies": {
        COMPANY: {
            "sales_organization": "1710", "distribution_channel": "10", "division": "00", "currency": "USD",
            "plants": {"1710": "EAST"},
        }
    },
    "delivery_blocks": {"01": "CREDIT", "02": "ADDRESS"},
    "billing_blocks": {"08": "PRICE"},
    "rejection_reason": "61",
    "freight_conditions": ["YBHD"],
}  # fmt: skip


def product(number: str, **more: Any) -> dict[str, Any]:
    return {
        "Product": number, "BaseUnit": "PC", "ProductGroup": "TAPE", "CrossPlantStatus": "",
        "IsMarkedForDeletion": False, "IsRelevantForHzdsSubstances": False,
        "to_Description": {"results": [
            {"Language": "DE", "ProductDescription": f"Band {number}"},
            {"Language": "EN", "ProductDescription": f"Tape {number}"},
        ]},
        "to_SalesDelivery": {"results": [{
            "ProductSalesOrg": "1710", "ProductDistributionChnl": "10", "MinimumOrderQuantity": "2.000",
            "DeliveryQuantity": "1.000", "DeliveryQuantityUnit": "PC", "ProductSalesStatus": "", "IsMarkedForDeletion": False,
        }]},
        "to_ProductUnitsOfMeasure": {"results": [
            {"AlternativeUnit": "PC", "QuantityNumerator": "1", "QuantityDenominator": "1"},
            {"AlternativeUnit": "CAR", "QuantityNumerator": "12", "QuantityDenominator": "1"},
        ]},
        **more,
    }  # fmt: skip


def function(customer: str, code: str, other: str) -> dict[str, Any]:
    return {"Customer": customer, **AREA, "PartnerFunction": code, "BPCustomerNumber": other}


def customer(number: str, bill_to: str = "", **more: Any) -> dict[str, Any]:
    sold = {
        **AREA, "Currency": "USD", "CustomerPaymentTerms": "NT30", "CustomerGroup": "01", "OrderIsBlockedForCustomer": "",
        "DeliveryIsBlockedForCustomer": "", "DeletionIndicator": False,
        "to_PartnerFunction": {"results": [function(number, "BP", bill_to or number)]},
    }  # fmt: skip
    return {
        "Customer": number, "CustomerName": f"Domestic {number}", "OrderIsBlockedForCustomer": "",
        "DeliveryIsBlocked": "", "DeletionIndicator": False, "to_CustomerSalesArea": {"results": [sold]}, **more,
    }  # fmt: skip


def partner(number: str, **more: Any) -> dict[str, Any]:
    address = {
        "StreetName": "Main Street", "HouseNumber": "1", "StreetPrefixName": "", "CityName": "Palo Alto",
        "PostalCode": "94304", "Region": "CA", "Country": "US",
    }  # fmt: skip
    return {
        "Customer": number, "BusinessPartnerName": f"Dock of {number}", "to_BusinessPartnerAddress": {"results": [address]}, **more,
    }  # fmt: skip


def described(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"Product": row["Product"], **each} for each in row["to_Description"]["results"]]


def tables() -> Tables:
    """The rows that are bad are so in one field only."""
    products = [
        product("I1"),
        product("I2"),
        product("I3", ProductGroup="BOX"),
        product("I4"),
        product(BAD, BaseUnit=None),
    ]
    customers = [
        customer("C1"),
        customer("C2", "C1"),
        customer("C3", "C1"),
        customer("C4", "C2"),
        customer(BAD, CustomerName=None),
    ]
    orders = [
        order("4001", "C1", [order_item("4001", "10", "I1", "5.000")], PurchaseOrderByCustomer="XD-1", PurchaseOrderByShipToParty="PO-1"),
        order("4002", "C1", [order_item("4002", "10", "I2", "2.000")], PurchaseOrderByCustomer="XD-2", DeliveryBlockReason="01"),
        order("4003", "C2", SalesOrderDate="/Date(1781654400000)/", OverallDeliveryStatus="B"),
        order("4004", "C2", PurchaseOrderByCustomer="XD-4"),
        order("4005", "C5", PurchaseOrderByCustomer=BAD, TotalNetAmount=None) | {"SalesOrder": BAD},
        order("4006", "C6", SalesOrderDate=None),
        order("4007", "C1", SalesOrganization="2000"),
    ]  # fmt: skip
    functions = [
        function("C1", "SH", "C1"), function("C1", "SH", "D1"), function("C2", "SH", "C2"), function("C2", "SH", BAD),
        function("C3", "SH", "D3"), function(BAD, "SH", "C4") | {"PartnerFunction": "SH", "Division": "00"},
        function("C2", "BP", "C1"), function("C3", "BP", "C1"), function("C4", "BP", "C2"), function(BAD, "BP", "C3"),
    ]  # fmt: skip
    return {
        "A_Product": products,
        "A_ProductDescription": [each for row in products for each in described(row)],
        "A_ProductPlant": [{"Product": number, "Plant": "1710"} for number in ("I1", "I2", "I3", "I4", BAD)],
        "A_Customer": customers,
        "A_CustSalesPartnerFunc": functions,
        "A_BusinessPartner": [partner("C1"), partner("C2"), partner("D1"), partner("D3"), partner(BAD, BusinessPartnerName=None)],
        "A_SalesOrder": orders,
    }  # fmt: skip


def period(start: str, quantity: str) -> dict[str, Any]:
    return {
        "PeriodStartUTCDateTime": start, "PeriodStartTimeZone": "UTC", "AvailableQuantityInBaseUnit": quantity, "BaseUnit": "PC",
    }  # fmt: skip


def made(**more: Any) -> S4Hana:
    long_ago = "/Date(1767225600000)/"
    return S4Hana(
        tables(),
        prices={"I1": "9.5", "I2": "3", "I3": "7", "I4": "1", BAD: "much"},
        availability={
            ("I1", "1710"): [period(long_ago, "10.500"), period("/Date(253402214400000)/", "99")],
            ("I2", "1710"): [period(long_ago, "-1.000")],
            ("I3", "1710"): [],
            ("I4", "1710"): [],
            (BAD, "1710"): [period("soon", "1")],
        },
        **more,
    )


def server() -> ASGIApp:
    return made().app


def by_key(name: str, *known: str, **more: Any) -> Read:
    async def ask(connector: Any, call: CallContext, numbers: Sequence[str]) -> Mapping[Any, Any]:
        found: Mapping[Any, Any] = await getattr(connector, name)(call, COMPANY, numbers)
        return found

    given = {"bad": None if "whole" in more else BAD, "limit": LIMIT, **more}
    return Read(name=name, ask=ask, known=known, **given)


def terms(sku: str) -> PriceTerms:
    return PriceTerms(COMPANY, "C1", sku, Decimal(40))


READS = (
    by_key("items", "I1", "I2", paged=("I1", "I2", "I3", "I4")),
    by_key("customers", "C1", "C2", paged=("C1", "C2", "C3", "C4")),
    by_key("ship_tos", "C1", "D1", requests=2),
    by_key("ship_tos_by_customer", "C1", "C3", bad="C2", requests=2),
    by_key("orders", "4001", "4002", paged=("4001", "4002", "4003", "4004")),
    by_key("orders_by_reference", "XD-1", "XD-2"),
    Read(
        name="customers_by_bill_to",
        ask=lambda erp, call, numbers: erp.customers_by_bill_to(call, COMPANY, numbers, page=PageRequest(FULL)),
        known=("C1", "C2"),
        bad="C3",
        limit=LIMIT,
        requests=2,
    ),
    Read(
        name="orders_by_customer",
        ask=lambda erp, call, numbers: erp.orders_by_customer(
            call, COMPANY, numbers, statuses=(), page=PageRequest(FULL)
        ),
        known=("C1", "C2"),
        bad="C5",
        limit=LISTED,
        requests=LISTED,
        is_nothing=lambda held: getattr(held, "rows", None) == (),
    ),
    Read(
        name="prices",
        ask=lambda erp, call, skus: erp.prices(call, [terms(sku) for sku in skus]),
        key=terms,
        known=("I1", "I2"),
        bad=BAD,
        limit=LIMIT,
        requests=4,
    ),
    Read(
        name="supply_demand",
        ask=lambda erp, call, skus: erp.supply_demand(call, COMPANY, skus, warehouses=(), days=30),
        known=("I1", "I2"),
        bad=BAD,
        limit=LIMIT,
        requests=2,
        paged=("I1", "I2", "I3", "I4"),
    ),
)

WALKS = (
    Walk(
        name="search_items",
        ask=lambda erp, call, page: erp.search_items(call, page, text="Tape I", category="TAPE", company=COMPANY),
        rows=("I1", "I2", "I4"),
        row=lambda item: item.sku,
        is_counted=False,
    ),
    Walk(
        name="search_customers",
        ask=lambda erp, call, page: erp.search_customers(call, page, text="Domestic C", company=COMPANY),
        rows=("C1", "C2", "C3", "C4"),
        row=lambda one: one.number,
        limit=2,
        is_counted=False,
    ),
    Walk(
        name="search_orders",
        ask=lambda erp, call, page: erp.search_orders(call, page, OrderFilter(COMPANY, reach=("US:C1", "US:C4"))),
        rows=("4004", "4002", "4001", "4003"),
        row=lambda one: one.number,
        limit=2,
    ),
)

BASKET = Basket(COMPANY, "C1", (BasketLine("I1", Decimal(2), "PC"), BasketLine("I2", Decimal(4))), ship_to="D1")
ONES = (One(name="simulate", ask=lambda erp, call: erp.simulate(call, BASKET)),)


def new_order(customer: str = "C1", **more: Any) -> NewOrder:
    lines = (NewOrderLine(10, "I1", Decimal("2.5"), "PC", Decimal("9.50")),)
    given = {"reference": "XD-012345678901234567890123", "ship_to": "D1", "po_number": "PO-77", "lines": lines, **more}
    return NewOrder(company=COMPANY, customer=customer, **given)


def is_of_orders(asked: Asked, method: str, what: str) -> bool:
    return asked.method == method and asked.path.startswith(f"{ROOT}/API_SALES_ORDER_SRV/{what}")


WRITES = (
    Write(
        name="create_order",
        do=lambda erp, call: erp.create_order(call, new_order()),
        is_sent=lambda asked: is_of_orders(asked, "POST", "A_SalesOrder"),
        refused=lambda erp, call: erp.create_order(call, new_order("C9")),
        word="V1/058",
    ),
    Write(
        name="hold_order",
        do=lambda erp, call: erp.hold_order(call, NewHold(COMPANY, "4001", HoldCode.ADDRESS, "look", "dana")),
        is_sent=lambda asked: is_of_orders(asked, "PATCH", "A_SalesOrder("),
        refused=lambda erp, call: erp.hold_order(call, NewHold(COMPANY, "4002", HoldCode.ADDRESS, "look", "dana")),
        word="BLOCKED_OTHERWISE",
    ),
    Write(
        name="unhold_order",
        do=lambda erp, call: erp.unhold_order(call, HoldLifted(COMPANY, "4002", HoldCode.CREDIT, "dana", "fine")),
        is_sent=lambda asked: is_of_orders(asked, "PATCH", "A_SalesOrder("),
        refused=lambda erp, call: erp.unhold_order(call, HoldLifted(COMPANY, "9999", HoldCode.CREDIT, "dana", "")),
        word="UNKNOWN_ORDER",
    ),
    Write(
        name="cancel_order",
        do=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "4001", "not wanted", "dana")),
        is_sent=lambda asked: is_of_orders(asked, "POST", "$batch"),
        refused=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "4003", "not wanted", "dana")),
        word="ALREADY_SHIPPED",
    ),
)

CASES = (
    Case(
        manifest=MANIFEST,
        role="erp",
        server=server,
        auth={"username": "CROSSDOCK", "password": "secret-of-sap"},
        options=OPTIONS,
        is_prepared=lambda asked: asked.headers.get("x-csrf-token") == "Fetch",
        secrets=(TOKEN, COOKIE),
        reads=READS,
        walks=WALKS,
        ones=ONES,
        writes=WRITES,
    ),
)
