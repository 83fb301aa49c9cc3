"""The connector's answers against those of Tryton's own JSON-RPC, asked directly."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tryton_process import erp_at, wms_at
from upstream import call

from sandbox.tryton.office import Office
from sandbox.tryton.seed_goods import ANCHOR, BOLTS, NOT_SOLD, OLD_TAPE, SCARCE, TAPE
from sandbox.tryton.seed_parties import ALDER, BIRCH, CEDAR, CLOSED
from sandbox.tryton.server import TrytonServer
from sources.call import CallMade
from sources.errors import SourceRejected
from sources.models import (
    Item,
    ItemStatus,
    ItemUom,
    Key,
    Money,
    OrderFilter,
    OrderStatus,
    PageRequest,
    Price,
    PriceTerms,
    QuantityRule,
    Stock,
    SupplyDemand,
)
from sources.tryton.erp import TrytonErp, TrytonOptions
from sources.tryton.wms import TrytonWms

PATIENT = 60.0
PRICED = "POST /rpc/?model.product.product.search_read"


async def test_items_are_what_tryton_says(erp: TrytonErp, office: Office) -> None:
    found = await erp.items(call(PATIENT), None, [TAPE, OLD_TAPE, ANCHOR, NOT_SOLD, "NO-SUCH"])
    told = office.find("product.product", [["code", "in", [TAPE, OLD_TAPE, ANCHOR, NOT_SOLD]]], ["code", "name"])
    assert {key.number: item.name for key, item in found.items() if isinstance(item, Item)} == {
        row["code"]: row["name"] for row in told
    }
    tape, old, anchor, shelf = (found[Key("US", sku)] for sku in (TAPE, OLD_TAPE, ANCHOR, NOT_SOLD))
    assert isinstance(tape, Item)
    assert (tape.status, tape.uom, tape.category, tape.lead_time_days) == (ItemStatus.ACTIVE, "u", "PACKAGING", None)
    assert tape.uoms == (ItemUom("u", Decimal(1)), ItemUom("CS", Decimal(12)))
    assert isinstance(old, Item)
    assert (old.status, old.replaced_by_sku, old.substitute_skus) == (ItemStatus.DISCONTINUED, TAPE, ())
    assert isinstance(anchor, Item)
    assert (anchor.quantity_rule, anchor.lead_time_days) == (QuantityRule(Decimal(24), Decimal(12)), 5)
    assert isinstance(shelf, Item)
    assert shelf.status is ItemStatus.BLOCKED


async def test_customers_ship_tos_and_credit_are_what_tryton_says(erp: TrytonErp, office: Office) -> None:
    customers = await erp.customers(call(PATIENT), "US", [ALDER, CLOSED, "NO-SUCH"])
    assert {key.number: getattr(each, "blocked", None) for key, each in customers.items()} == {
        ALDER: False,
        CLOSED: True,
    }
    assert getattr(customers[Key("US", ALDER)], "payment_terms", None) == "30 days"
    ship_tos = await erp.ship_tos_by_customer(call(PATIENT), "US", [ALDER, "NO-SUCH"])
    addresses = office.find("party.address", [["party.code", "=", ALDER]], ["city", "postal_code"])
    of_alder = ship_tos[Key("US", ALDER)]
    assert isinstance(of_alder, tuple)
    assert [(each.code, each.address.city, each.address.postal_code) for each in of_alder] == [
        (str(row["id"]), row["city"], row["postal_code"]) for row in addresses
    ]
    assert ship_tos[Key("US", "NO-SUCH")] == ()
    assert await erp.ship_tos(call(PATIENT), "US", [of_alder[0].code, "x", "999999"]) == {
        Key("US", of_alder[0].code): of_alder[0]
    }
    told = {
        row["code"]: row
        for row in office.find(
            "party.party", [["code", "in", [ALDER, CEDAR]]], ["code", "credit_amount", "credit_limit_amount"]
        )
    }
    credit = await erp.credit_by_customer(call(PATIENT), "US", [ALDER, CEDAR])
    for number in (ALDER, CEDAR):
        held: Any = credit[Key("US", number)]
        assert held.exposure == Money(told[number]["credit_amount"], "USD")
        assert (held.limit and held.limit.amount) == told[number]["credit_limit_amount"]


async def test_a_price_is_tryton_s_own_for_customer_quantity_and_unit(erp: TrytonErp, office: Office) -> None:
    asked = [(ALDER, "1", None), (ALDER, "10", None), (ALDER, "60", "u"), (ALDER, "5", "CS"), (CEDAR, "60", None)]
    terms = [PriceTerms("US", who, TAPE, Decimal(quantity), unit) for who, quantity, unit in asked]
    found = await erp.prices(call(PATIENT), terms)
    lists = {
        row["code"]: row
        for row in office.find("party.party", [["code", "in", [ALDER, CEDAR]]], ["code", "sale_price_list"])
    }
    units = {
        row["symbol"]: row["id"] for row in office.find("product.uom", [["symbol", "in", ["u", "CS"]]], ["symbol"])
    }
    for each in terms:
        buyer = lists[each.customer]
        context = {"price_list": buyer["sale_price_list"], "quantity": float(each.quantity), "customer": buyer["id"]}
        (row,) = office.find(
            "product.product", [["code", "=", TAPE]], ["sale_price_uom"], uom=units[each.uom or "u"], **context
        )
        price = found[each]
        assert isinstance(price, Price)
        assert (price.unit, price.uom) == (Money(row["sale_price_uom"], "USD"), each.uom or "u")
    assert [getattr(found[each], "unit").amount for each in terms] == [  # noqa: B009 - it may be an error, too
        Decimal("12.5000"), Decimal("11.2500"), Decimal("10.0000"), Decimal("120.0000"), Decimal("12.5000"),
    ]  # fmt: skip


async def test_what_has_no_price_is_absent_and_a_unit_of_something_else_is_refused(erp: TrytonErp) -> None:
    nobody, nothing = PriceTerms("US", "NO-SUCH", TAPE, Decimal(1)), PriceTerms("US", ALDER, "NO-SUCH", Decimal(1))
    by_weight, unknown = (PriceTerms("US", ALDER, TAPE, Decimal(1), unit) for unit in ("kg", "zz"))
    found = await erp.prices(call(PATIENT), [nobody, nothing, by_weight, unknown])
    assert found.keys() == {by_weight, unknown}
    assert {getattr(each, "reason", None) for each in found.values()} == {"UNKNOWN_UOM"}
    assert all(isinstance(each, SourceRejected) for each in found.values())


async def test_fifty_items_of_one_customer_are_priced_in_one_read(tryton: TrytonServer) -> None:
    made: list[CallMade] = []
    terms = [PriceTerms("US", ALDER, sku, Decimal(10)) for sku in BOLTS[:50]]
    async with erp_at(tryton.url) as erp:
        found = await erp.prices(call(PATIENT, made), terms)
    assert found.keys() == set(terms)
    assert [(each.operation, each.keys) for each in made if each.operation == PRICED] == [(PRICED, 50)]


async def test_breaks_are_told_where_they_are_wanted(tryton: TrytonServer) -> None:
    terms = PriceTerms("US", ALDER, TAPE, Decimal(10))
    async with erp_at(tryton.url, TrytonOptions(price_breaks=True)) as erp:
        price = (await erp.prices(call(PATIENT), [terms]))[terms]
    assert isinstance(price, Price)
    steps = [(each.minimum, each.unit.amount) for each in price.breaks]
    assert steps == [
        (Decimal(1), Decimal("12.5000")),
        (Decimal(10), Decimal("11.2500")),
        (Decimal(50), Decimal("10.0000")),
    ]


async def test_what_can_be_promised_by_date_is_tryton_s_own_forecast(
    erp: TrytonErp, wms: TrytonWms, office: Office
) -> None:
    """On hand and what comes and goes, summed up to each day, is what Tryton forecasts for that day: in each warehouse."""
    days, skus = 30, [TAPE, SCARCE, BOLTS[0]]
    looked_at = (0, 1, 2, 3, 4, 13, 14, 15, 30)
    plans = await erp.supply_demand(call(PATIENT), "US", skus, warehouses=[], days=days)
    stock = await wms.stock(call(PATIENT), "US", skus, warehouses=[])
    compared = 0
    for row in office.find("stock.location", [["type", "=", "warehouse"]], ["code"]):
        for ahead in looked_at:
            today = getattr(stock[Key("US", TAPE)], "today")  # noqa: B009 - it may be an error, too
            context = {"locations": [row["id"]], "stock_date_end": today + timedelta(days=ahead)}
            told = office.find("product.product", [["code", "in", skus]], ["code", "forecast_quantity"], **context)
            for product in told:
                key = Key("US", product["code"])
                projected = _projected(plans[key], stock[key], row["code"], today + timedelta(days=ahead))
                assert projected == product["forecast_quantity"], (product["code"], row["code"], ahead)
                compared += 1
    assert compared == 2 * len(looked_at) * len(skus)


def _projected(plans: Any, stock: Any, warehouse: str, day: Any) -> Decimal:
    assert isinstance(plans, SupplyDemand)
    assert isinstance(stock, Stock)
    quantity = sum((row.on_hand for row in stock.rows if row.warehouse.code == warehouse), Decimal(0))
    for plan in plans.plans:
        if plan.warehouse_code == warehouse:
            quantity += sum((flow.quantity for flow in plan.supply if flow.date <= day), Decimal(0))
            quantity -= sum((flow.quantity for flow in plan.demand if flow.date <= day), Decimal(0))
    return quantity


async def test_what_moves_within_a_warehouse_neither_comes_nor_goes(erp: TrytonErp, office: Office) -> None:
    within = [
        ["product.code", "=", TAPE],
        ["state", "=", "draft"],
        ["from_location.type", "=", "storage"],
        ["to_location.type", "=", "storage"],
    ]
    assert len(office.find("stock.move", within, ["id"])) >= 1
    found = (await erp.supply_demand(call(PATIENT), "US", [TAPE], warehouses=["CHI"], days=30))[Key("US", TAPE)]
    leaving = [
        ["product.code", "=", TAPE],
        ["state", "in", ["draft", "assigned"]],
        ["to_location.type", "=", "customer"],
    ]
    assert isinstance(found, SupplyDemand)
    assert [len(plan.demand) for plan in found.plans] == [len(office.find("stock.move", leaving, ["id"]))]


async def test_warehouses_are_asked_for_by_name(wms: TrytonWms, erp: TrytonErp) -> None:
    both = await wms.warehouses(call(PATIENT), "US", ["CHI", "DAL", "NO-SUCH"])
    assert [(key.number, getattr(each, "priority", 0)) for key, each in both.items()] == [("CHI", 1), ("DAL", 2)]
    stock = (await wms.stock(call(PATIENT), "US", [TAPE], warehouses=["DAL"]))[Key("US", TAPE)]
    assert isinstance(stock, Stock)
    assert [(row.warehouse.code, row.on_hand) for row in stock.rows] == [("DAL", Decimal(40))]
    assert await wms.stock(call(PATIENT), "US", ["NO-SUCH"], warehouses=[]) == {}
    assert await erp.items(call(PATIENT), "NO-SUCH", [TAPE]) == {}


async def test_lists_are_walked_to_their_end(erp: TrytonErp) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = await erp.search_items(
            call(PATIENT), PageRequest(25, cursor, counted=True), text="hb-", category=None, company=None
        )
        seen += [item.sku for item in page.rows]
        assert page.total == len(BOLTS)
        cursor = page.next
        if cursor is None:
            break
    assert tuple(seen) == BOLTS
    packed = await erp.search_items(call(PATIENT), PageRequest(9), text=None, category="PACKAGING", company="US")
    assert {item.sku for item in packed.rows} == {TAPE, OLD_TAPE, NOT_SOLD}
    literal = await erp.search_items(call(PATIENT), PageRequest(9), text="HB_", category=None, company="US")
    assert literal.rows == ()


async def test_a_search_is_bounded_by_reach(erp: TrytonErp) -> None:
    found = await erp.search_customers(
        call(PATIENT),
        PageRequest(9, counted=True),
        text=None,
        company=None,
        reach=(f"US:{ALDER}", f"*:{BIRCH}", "EU:C-1003"),
    )
    assert ([row.number for row in found.rows], found.total) == ([ALDER, BIRCH], 2)
    elsewhere = await erp.search_customers(call(PATIENT), PageRequest(9), text=None, company=None, reach=("EU:C-1001",))
    assert elsewhere.rows == ()
    orders = await erp.search_orders(call(PATIENT), PageRequest(50), OrderFilter(reach=(f"US:{BIRCH}",)))
    assert {order.customer_number for order in orders.rows} == {BIRCH}


async def test_orders_are_what_tryton_says(erp: TrytonErp, office: Office) -> None:
    (told,) = office.find(
        "sale.sale", [["number", "=", "1"]], ["party.code", "total_amount", "lines.quantity", "shipping_date"]
    )
    found: Any = await erp.orders(call(PATIENT), None, ["1", "NO-SUCH"])
    assert found.keys() == {Key("US", "1")}
    order = found[Key("US", "1")]
    assert (order.customer_number, order.status) == (ALDER, OrderStatus.RELEASED)
    assert order.total == Money(told["total_amount"], "USD")
    assert [line.quantity for line in order.lines] == [line["quantity"] for line in told["lines."]]
    assert order.requested_date == told["shipping_date"]
    released = await erp.search_orders(
        call(PATIENT), PageRequest(50), OrderFilter(customer=ALDER, statuses=(OrderStatus.RELEASED,))
    )
    assert "1" in [each.number for each in released.rows]
    shipped = await erp.search_orders(call(PATIENT), PageRequest(50), OrderFilter(statuses=(OrderStatus.UNKNOWN,)))
    assert shipped.rows == ()
    page: Any = (await erp.orders_by_customer(call(PATIENT), "US", [BIRCH], statuses=(), page=PageRequest(1)))[
        Key("US", BIRCH)
    ]
    assert [each.customer_number for each in page.rows] == [BIRCH]


async def test_a_company_of_the_gateway_s_is_one_of_tryton_s_by_its_party_s_code(tryton: TrytonServer) -> None:
    async with wms_at(tryton.url) as wms:
        assert {key.company for key in await wms.warehouses(call(PATIENT), None, [])} == {"US"}
