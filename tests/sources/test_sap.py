"""SAP S/4HANA Cloud over a server of our own: facts field by field, several companies, searches, prices, promises, and orders written."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from s4hana_over import EU, TWO, US, good, options, s4hana
from upstream import call

from sources.changes import Cancellation, HoldLifted, NewHold, NewOrderLine
from sources.errors import ReachTooWide, SourceContractBroken, SourceError, SourceRejected
from sources.models import (
    Address,
    AtpBucket,
    Basket,
    BasketLine,
    CreditCheck,
    Hold,
    HoldCode,
    ItemStatus,
    ItemUom,
    Key,
    LineProgress,
    Money,
    OrderFilter,
    OrderStatus,
    PageRequest,
    PriceBreak,
    PriceSource,
    PriceTerms,
    QuantityRule,
    ShipTo,
    WarehousePlan,
)
from sources.sap import documents, mapping
from tests.connectors.s4hana import S4Hana, order, order_item, schedule_line
from tests.connectors.sap import AREA, BASKET, customer, function, new_order, partner, period, product

PAGE = PageRequest(20)
JUNE_18 = date(2026, 6, 18)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def asked(server: S4Hana, what: str = "") -> list[str]:
    return [f"{method} {path}" for method, path, _ in server.heard if what in path]


# ---------------------------------------------------------------- items


async def test_an_item_is_read_field_by_field() -> None:
    async with s4hana(good()) as erp:
        found = (await erp.items(call(), "US", ["I1"]))[Key("US", "I1")]
    assert not isinstance(found, SourceError)
    assert (found.company, found.sku, found.name, found.uom, found.category) == ("US", "I1", "Tape I1", "PC", "TAPE")
    assert found.uoms == (ItemUom("PC", Decimal(1)), ItemUom("CAR", Decimal(12)))
    assert found.quantity_rule == QuantityRule(Decimal(2), Decimal(1))
    assert (found.status, found.hazardous) == (ItemStatus.ACTIVE, False)
    assert found.as_of.utcoffset() is not None


def sold(org: str, channel: str, **more: Any) -> dict[str, Any]:
    return {"ProductSalesOrg": org, "ProductDistributionChnl": channel, **more}


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (product("X", IsMarkedForDeletion=True), ItemStatus.DISCONTINUED),
        (product("X", CrossPlantStatus="01"), ItemStatus.BLOCKED),
        (product("X", CrossPlantStatus="77"), ItemStatus.UNKNOWN),
        (
            product("X", CrossPlantStatus="01", to_SalesDelivery={"results": [sold("1710", "10", ProductSalesStatus="02")]}),
            ItemStatus.DISCONTINUED,
        ),
        (product("X", to_SalesDelivery={"results": [sold("1710", "10", IsMarkedForDeletion=True)]}), ItemStatus.DISCONTINUED),
    ],
)  # fmt: skip
async def test_what_a_status_means_the_settings_say_and_one_that_they_do_not_is_counted(
    row: dict[str, Any], status: ItemStatus
) -> None:
    server = good()
    server.tables["A_Product"] = [row]
    before = mapping.UNMAPPED_STATUSES["77"]
    async with s4hana(server, options(item_statuses={"01": "BLOCKED", "02": "DISCONTINUED"})) as erp:
        found = (await erp.items(call(), "US", ["X"]))[Key("US", "X")]
    assert not isinstance(found, SourceError)
    assert found.status is status
    assert mapping.UNMAPPED_STATUSES["77"] - before == (1 if status is ItemStatus.UNKNOWN else 0)


async def test_the_same_number_in_two_companies_is_two_items_and_one_that_is_sold_in_none_is_none() -> None:
    server = good()
    both = {"results": [sold("1710", "10"), sold("2000", "20", DeliveryQuantity="2.000", DeliveryQuantityUnit="CAR")]}
    server.tables["A_Product"] = [product("I1", to_SalesDelivery=both), product("I2", to_SalesDelivery={"results": []})]
    async with s4hana(server, TWO) as erp:
        found = await erp.items(call(), None, ["I1", "I2"])
        assert set(await erp.items(call(), "EU", ["I1"])) == {Key("EU", "I1")}
        assert await erp.items(call(), "JP", ["I1"]) == {}
    rules = {key.company: held.quantity_rule for key, held in found.items() if not isinstance(held, SourceError)}
    assert rules == {
        "US": QuantityRule(Decimal("0.001"), Decimal("0.001")),
        "EU": QuantityRule(Decimal(24), Decimal(24)),
    }


async def test_a_key_that_no_column_could_hold_is_not_asked_about() -> None:
    async with s4hana(server := good()) as erp:
        assert await erp.items(call(), "US", ["x" * 41, "", "a\nb"]) == {}
        assert await erp.orders(call(), "US", ["x" * 11]) == {}
    assert server.heard == []


@pytest.mark.parametrize("key", ["' or Product ne '", "I1' or '1' eq '1", "I1')", "%27", "I1&$top=1"])
async def test_whatever_a_key_holds_nothing_else_is_found(key: str) -> None:
    async with s4hana(good()) as erp:
        assert await erp.items(call(), "US", [key]) == {}
        assert await erp.customers(call(), "US", [key[:10]]) == {}
        assert await erp.orders_by_reference(call(), "US", [key]) == {}
        assert (await erp.search_orders(call(), PAGE, OrderFilter("US", po_number=key))).rows == ()
        assert await erp.supply_demand(call(), "US", [key], warehouses=(), days=3) == {}


async def test_a_key_with_quotes_is_found_everywhere_also_inside_a_batch() -> None:
    server, key = good(), "O'Hara & 'Co' +1%"
    server.tables["A_Product"].append(product(key))
    server.tables["A_ProductPlant"].append({"Product": key, "Plant": "1710"})
    server.availability = {(key, "1710"): [period("/Date(1767225600000)/", "3.000")]}
    async with s4hana(server) as erp:
        found = await erp.items(call(), "US", [key])
        promised = await erp.supply_demand(call(), "US", [key], warehouses=(), days=30)
    assert set(found) == set(promised) == {Key("US", key)}
    held = promised[Key("US", key)]
    assert not isinstance(held, SourceError)
    assert held.plans[0].atp == (AtpBucket(date(2026, 1, 1), Decimal("3.000")),)


async def test_items_are_searched_by_text_and_by_category_in_all_companies() -> None:
    server = good()
    eu_only = product("E1", to_SalesDelivery={"results": [sold("2000", "20")]})
    server.tables["A_Product"].append(eu_only)
    server.tables["A_ProductDescription"].append({"Product": "E1", "Language": "EN", "ProductDescription": "Tape E1"})
    async with s4hana(server, TWO) as erp:

        async def every(**asked_for: Any) -> list[tuple[str, str]]:
            rows, page = list[tuple[str, str]](), PageRequest(2)
            while True:
                found = await erp.search_items(call(), page, **asked_for)
                rows += [(each.company, each.sku) for each in found.rows]
                if found.next is None:
                    return rows
                page = PageRequest(2, found.next)

        text = await every(text="tape", category=None, company=None)
        boxes = await every(text=None, category="BOX", company="US")
        reached = await every(text="tape", category=None, company=None, reach=("EU:C1",))
        nothing = await every(text="' or 1 eq 1", category=None, company=None)
    assert text == [("US", "I1"), ("US", "I2"), ("US", "I3"), ("US", "I4"), ("EU", "E1")]
    assert boxes == [("US", "I3")]
    assert reached == [("EU", "E1")]
    assert nothing == []


@pytest.mark.parametrize("cursor", ["", "US", "US~", "US~x", "US~-1", "JP~1", "US~9999999999", "US~\uff11"])
async def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    async with s4hana(server := good()) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.search_items(call(), PageRequest(2, cursor), text=None, category=None, company=None)
        with pytest.raises(SourceRejected):
            await erp.search_orders(call(), PageRequest(2, cursor), OrderFilter())
    assert raised.value.reason == "INVALID_CURSOR"
    assert server.heard == []


# ---------------------------------------------------------------- customers


async def test_a_customer_is_read_field_by_field() -> None:
    async with s4hana(good()) as erp:
        found = await erp.customers(call(), "US", ["C1", "C2"])
    one, two = found[Key("US", "C1")], found[Key("US", "C2")]
    assert not isinstance(one, SourceError)
    assert not isinstance(two, SourceError)
    assert (one.name, one.currency, one.segment, one.payment_terms) == ("Domestic C1", "USD", "01", "NT30")
    assert (one.bill_to_number, two.bill_to_number) == (None, "C1")
    assert not one.blocked


@pytest.mark.parametrize(
    ("row", "is_blocked"),
    [
        (customer("C1"), False),
        (customer("C1", OrderIsBlockedForCustomer="01"), True),
        (customer("C1", DeliveryIsBlocked="02"), True),
        (customer("C1", DeletionIndicator=True), True),
        (customer("C1", to_CustomerSalesArea={"results": [{**AREA, "OrderIsBlockedForCustomer": "01"}]}), True),
        (customer("C1", to_CustomerSalesArea={"results": [{**AREA, "DeletionIndicator": True}]}), True),
    ],
)
async def test_whoever_is_barred_from_ordering_or_being_delivered_is_blocked(row: Any, is_blocked: bool) -> None:  # noqa: FBT001 - a parameter of the table
    server = good()
    server.tables["A_Customer"] = [row]
    async with s4hana(server) as erp:
        found = (await erp.customers(call(), "US", ["C1"]))[Key("US", "C1")]
    assert not isinstance(found, SourceError)
    assert found.blocked is is_blocked


async def test_a_customer_of_another_sales_area_is_none_of_this_company() -> None:
    server = good()
    elsewhere = {"results": [{**AREA, "DistributionChannel": "20"}]}
    server.tables["A_Customer"] = [customer("C1", to_CustomerSalesArea=elsewhere), customer("C2")]
    async with s4hana(server) as erp:
        assert set(await erp.customers(call(), "US", ["C1", "C2"])) == {Key("US", "C2")}
        assert [each.number for each in (await erp.search_customers(call(), PAGE, text=None, company="US")).rows] == [
            "C2"
        ]


async def test_a_reach_bounds_a_search_to_its_accounts_and_those_billed_to_them() -> None:
    async with s4hana(good()) as erp:

        async def found(*reach: str, company: str | None = "US") -> list[str]:
            return [
                each.number
                for each in (await erp.search_customers(call(), PAGE, text=None, company=company, reach=reach)).rows
            ]

        assert await found("US:C1") == ["C1", "C2", "C3"]
        assert await found("*:C2", company=None) == ["C2", "C4"]
        assert await found("US:*") == ["C1", "C2", "C3", "C4"]
        assert await found("EU:C1") == []
        with pytest.raises(ReachTooWide):
            await found(*(f"US:X{number}" for number in range(400)))


async def test_children_of_a_payer_come_in_pages_and_are_counted_where_that_is_asked() -> None:
    async with s4hana(good()) as erp:
        first = await erp.customers_by_bill_to(call(), "US", ["C1", "C4"], page=PageRequest(1, counted=True))
        page = first[Key("US", "C1")]
        assert not isinstance(page, SourceError)
        second = (await erp.customers_by_bill_to(call(), "US", ["C1"], page=PageRequest(1, page.next)))[Key("US", "C1")]
        assert await erp.customers_by_bill_to(call(), "JP", ["C1"], page=PAGE) == {}
    assert not isinstance(second, SourceError)
    assert set(first) == {Key("US", "C1")}
    assert ([each.number for each in page.rows], page.next, page.total) == (["C2"], "C2", 2)
    assert ([each.number for each in second.rows], second.next, second.total) == (["C3"], None, None)


async def test_ship_tos_are_partners_of_a_customer_with_their_first_address() -> None:
    async with s4hana(good()) as erp:
        lists = await erp.ship_tos_by_customer(call(), "US", ["C1", "C9"])
        found = await erp.ship_tos(call(), None, ["D1", "D3", "C2", "X"])
    address = Address("Main Street 1", "Palo Alto", "US", region="CA", postal_code="94304")
    told = {number: ShipTo("US", number, "C1", f"Dock of {number}", address) for number in ("C1", "D1")}
    assert lists == {Key("US", "C1"): (told["C1"], told["D1"])}
    assert found[Key("US", "D1")] == told["D1"]
    assert {key.number: held.customer_number for key, held in found.items() if isinstance(held, ShipTo)} == {
        "D1": "C1",
        "D3": "C3",
        "C2": "C2",
    }


async def test_of_several_whose_ship_to_it_is_it_belongs_to_itself_or_to_the_lowest_number() -> None:
    rows = [function("C2", "SH", "D1"), function("C1", "WE", "D1"), function("D1", "SH", "D1")]
    read = [msgspec.convert(row, mapping.payload.PartnerFunction) for row in rows]
    assert mapping.sold_to(read, "D1") == "D1"
    assert mapping.sold_to(read[:2], "D1") == "C1"
    assert mapping.sold_to(read, "D2") is None


async def test_a_partner_without_an_address_has_an_empty_one() -> None:
    server = good()
    server.tables["A_BusinessPartner"] = [partner("D1", to_BusinessPartnerAddress={"results": []})]
    async with s4hana(server) as erp:
        found = (await erp.ship_tos(call(), "US", ["D1"]))[Key("US", "D1")]
    assert not isinstance(found, SourceError)
    assert found.address == Address("", "", "")


# ---------------------------------------------------------------- prices and simulations


def terms(sku: str, quantity: str = "40", **more: Any) -> PriceTerms:
    return PriceTerms("US", more.pop("customer", "C1"), sku, Decimal(quantity), **more)


async def test_fifty_prices_of_one_customer_take_one_simulation() -> None:
    server = good()
    server.prices = {f"P{number}": f"{number}.25" for number in range(50)}
    async with s4hana(server) as erp:
        found = await erp.prices(call(), [terms(sku, "2") for sku in server.prices])
    assert len(asked(server, "A_SalesOrderSimulation")) == 1
    assert {each.sku: held.unit for each, held in found.items() if not isinstance(held, SourceError)} == {
        f"P{number}": usd(f"{number}.25") for number in range(50)
    }


async def test_a_price_is_the_net_amount_over_the_quantity_and_the_gross_price_is_the_list_price() -> None:
    async with s4hana(good(), options(price_sources={"PPR0": "CONTRACT"})) as erp:
        found = (await erp.prices(call(), [terms("I1", "3", uom="CAR")]))[terms("I1", "3", uom="CAR")]
    assert not isinstance(found, SourceError)
    unit = usd("9.5")
    assert (found.unit, found.uom, found.list_price) == (unit, "CAR", usd("12.500"))
    assert (found.breaks, found.source) == ((PriceBreak(Decimal(3), unit),), PriceSource.CONTRACT)


async def test_what_is_asked_for_another_customer_place_or_day_is_another_simulation() -> None:
    server = good()
    wanted = [terms("I1"), terms("I2"), terms("I1", customer="C2"), terms("I1", ship_to="D1"), terms("I1", on=JUNE_18)]
    async with s4hana(server) as erp:
        assert set(await erp.prices(call(), wanted)) == set(wanted)
    bodies = [msgspec.json.decode(body) for method, path, body in server.heard if method == "POST"]
    told = [
        (body["SoldToParty"], len(body["to_Item"]["results"]), body.get("PricingDate"), "to_Partner" in body)
        for body in bodies
    ]
    assert sorted(told, key=str) == sorted(
        [
            ("C1", 2, None, False),
            ("C2", 1, None, False),
            ("C1", 1, None, True),
            ("C1", 1, "/Date(1781740800000)/", False),
        ],
        key=str,
    )


async def test_one_that_sap_refuses_takes_no_other_with_it() -> None:
    """I9 is sold, and no price can be found for it; nobody sells I0."""
    server = good()
    server.tables["A_Product"].append(product("I9"))
    async with s4hana(server) as erp:
        found = await erp.prices(call(), [terms("I1"), terms("I2"), terms("I9"), terms("I0")])
        alone = await erp.prices(call(), [terms("I9")])
    assert set(found) == {terms("I1"), terms("I2"), terms("I9")}
    failed = {each.sku: held for each, held in found.items() if isinstance(held, SourceError)}
    assert [type(held) for held in (*failed.values(), *alone.values())] == [SourceRejected, SourceRejected]
    assert {held.reason for held in failed.values() if isinstance(held, SourceRejected)} == {"V1/382"}
    assert set(failed) == {"I9"}


async def test_prices_of_a_company_or_a_key_that_cannot_be_are_not_asked_for() -> None:
    async with s4hana(server := good()) as erp:
        unknown = [
            PriceTerms("JP", "C1", "I1", Decimal(1)),
            terms("I1", customer="C" * 11),
            terms("x" * 41),
            terms("I1", uom="PACK"),
        ]
        assert await erp.prices(call(), unknown) == {}
    assert server.heard == []


async def test_a_simulation_tells_price_tax_freight_and_credit_in_one_call() -> None:
    server = good()
    server.credit = "B"
    async with s4hana(server) as erp:
        found = await erp.simulate(call(), BASKET)
        server.credit = "A"
        passed = await erp.simulate(call(max_age=0), BASKET)
        server.credit = ""
        unchecked = await erp.simulate(call(max_age=0), BASKET)
    assert (found.subtotal, found.freight, found.tax, found.total) == (
        usd("25.00"),
        usd("6.00"),
        usd("2.50"),
        usd("33.50"),
    )
    assert found.credit == CreditCheck(Money(Decimal(0), "USD"), on_hold=True, exceeded=True)
    assert passed.credit == CreditCheck(Money(Decimal(0), "USD"), on_hold=False, exceeded=False)
    assert unchecked.credit is None
    assert len(asked(server, "A_SalesOrderSimulation")) == 3
    body = msgspec.json.decode(server.heard[1][2])
    assert body["to_Partner"] == {"results": [{"PartnerFunction": "SH", "Customer": "D1"}]}
    assert [each["RequestedQuantity"] for each in body["to_Item"]["results"]] == ["2", "4"]


async def test_a_basket_that_sap_would_not_take_is_rejected_with_its_word() -> None:
    async with s4hana(good()) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.simulate(call(), BASKET._replace(lines=(BasketLine("I0", Decimal(1)),)))
        with pytest.raises(SourceRejected) as unknown:
            await erp.simulate(call(), Basket("JP", "C1", BASKET.lines))
    assert (raised.value.reason, unknown.value.reason) == ("V1/382", "UNKNOWN_COMPANY")


async def test_an_item_that_a_simulation_leaves_out_is_a_broken_contract() -> None:
    class Forgetful(S4Hana):
        def _simulated(self, content: Mapping[str, Any]) -> Any:
            items = content["to_Item"]["results"][:1]
            return super()._simulated({**content, "to_Item": {"results": items}})

    plain = good()
    async with s4hana(Forgetful(plain.tables, prices=plain.prices, availability={})) as erp:
        with pytest.raises(SourceContractBroken):
            await erp.simulate(call(), BASKET)
        found = await erp.prices(call(), [terms("I1"), terms("I2")])
    assert [type(held) for held in found.values()][1] is SourceContractBroken
    assert not isinstance(found[terms("I1")], SourceError)


# ---------------------------------------------------------------- what can be promised


PLANTS = {"companies": {"US": US | {"plants": {"1710": "EAST", "1720": "WEST"}}}}


async def test_what_can_be_promised_is_told_by_plant_and_day_up_to_the_horizon() -> None:
    server = good()
    server.tables["A_ProductPlant"].append({"Product": "I1", "Plant": "1720"})
    server.availability = {
        ("I1", "1710"): [
            period("/Date(1767225600000)/", "5.000"), period("/Date(1767268800000)/", "4.500"),
            period("/Date(1767312000000)/", "-2.000"), period("/Date(253402214400000)/", "99"),
        ],
        ("I1", "1720"): [],
        ("I2", "1710"): [],
    }  # fmt: skip
    async with s4hana(server, PLANTS) as erp:
        found = await erp.supply_demand(call(), "US", ["I1", "I2", "X"], warehouses=(), days=60)
        west = await erp.supply_demand(call(), "US", ["I1"], warehouses=("WEST",), days=60)
        nowhere = await erp.supply_demand(call(), "US", ["I1"], warehouses=("NORTH",), days=60)
    one, two = found[Key("US", "I1")], west[Key("US", "I1")]
    assert not isinstance(one, SourceError)
    assert not isinstance(two, SourceError)
    assert one.plans == (
        WarehousePlan(
            "EAST", atp=(AtpBucket(date(2026, 1, 1), Decimal("4.500")), AtpBucket(date(2026, 1, 2), Decimal(0)))
        ),
        WarehousePlan("WEST", atp=()),
    )
    assert set(found) == {Key("US", "I1"), Key("US", "I2")}
    assert [plan.warehouse_code for plan in two.plans] == ["WEST"]
    assert nowhere == {}


@pytest.mark.parametrize("names_parts", [True, False])
async def test_parts_of_a_batch_fail_alone_whether_they_are_named_or_not(names_parts: bool) -> None:  # noqa: FBT001 - a parameter
    server = good()
    server.names_parts = names_parts
    server.availability = {("I1", "1710"): [], ("I3", "1710"): [period("never", "1")]}
    async with s4hana(server) as erp:
        found = await erp.supply_demand(call(), "US", ["I1", "I2", "I3"], warehouses=(), days=3)
    assert not isinstance(found[Key("US", "I1")], SourceError)
    refused, broken = found[Key("US", "I2")], found[Key("US", "I3")]
    assert isinstance(refused, SourceRejected)
    assert refused.reason == "ATP/002"
    assert isinstance(broken, SourceContractBroken)
    assert broken.path == "$.d.results[...].PeriodStartUTCDateTime"


async def test_more_than_a_hundred_parts_are_several_batches() -> None:
    server = good()
    numbers = [f"P{number}" for number in range(50)]
    plants = {f"17{number}": f"W{number}" for number in range(10, 13)}
    server.tables["A_ProductPlant"] = [{"Product": number, "Plant": plant} for number in numbers for plant in plants]
    server.availability = {(number, plant): [] for number in numbers for plant in plants}
    async with s4hana(server, {"companies": {"US": US | {"plants": plants}}}) as erp:
        found = await erp.supply_demand(call(), "US", numbers, warehouses=(), days=3)
    assert len(found) == 50
    assert {len(held.plans) for held in found.values() if not isinstance(held, SourceError)} == {3}
    assert len(asked(server, "$batch")) == 2


# ---------------------------------------------------------------- orders


async def test_an_order_is_read_field_by_field() -> None:
    server = good()
    half = order_item("4100", "20", "I2", "10.000", NetAmount="33.33", to_ScheduleLine={"results": [
        schedule_line("4.000", "3.000"), schedule_line("2.000", "0.000", "/Date(1781827200000)/"), schedule_line("0.000", day=None),
    ]})  # fmt: skip
    gone = order_item("4100", "30", "I3", "1.000", SalesDocumentRjcnReason="61")
    server.orders.append(
        order("4100", "C1", [half, gone], OverallDeliveryStatus="B", PurchaseOrderByCustomer="XD-9", PurchaseOrderByShipToParty="PO-9",
              HeaderBillingBlockReason="08", DeliveryBlockReason="99", TotalCreditCheckStatus="B")
    )  # fmt: skip
    before = documents.UNMAPPED_BLOCKS["99"]
    async with s4hana(server) as erp:
        found = (await erp.orders(call(), "US", ["4100"]))[Key("US", "4100")]
    assert not isinstance(found, SourceError)
    assert (found.status, found.source_status) == (OrderStatus.PARTIALLY_SHIPPED, "ABA")
    assert found.placed_at == datetime(2026, 6, 18, tzinfo=UTC)
    assert (found.external_reference, found.po_number, found.ship_to_code) == ("XD-9", "PO-9", "C1")
    assert (found.requested_date, found.total) == (JUNE_18, usd("43.33"))
    assert found.holds == (
        Hold(HoldCode.OTHER, "delivery block 99"), Hold(HoldCode.PRICE, "billing block 08"), Hold(HoldCode.CREDIT, "credit status B"),
    )  # fmt: skip
    assert documents.UNMAPPED_BLOCKS["99"] == before + 1
    first, second = found.lines
    assert (first.number, first.sku, first.quantity, first.uom) == (20, "I2", Decimal(10), "PC")
    assert (first.unit_price, first.total) == (usd("3.333"), usd("33.33"))
    zero = Decimal(0)
    assert first.progress == LineProgress(Decimal(10), Decimal(3), zero, Decimal(3), Decimal(4), zero)
    assert second.progress == LineProgress(Decimal(1), zero, zero, zero, zero, Decimal(1))
    assert first.promised_date == date(2026, 6, 19)


@pytest.mark.parametrize(
    ("rejected", "delivered", "processed", "status"),
    [
        ("A", "A", "A", OrderStatus.OPEN), ("", "", "A", OrderStatus.OPEN), ("B", "B", "B", OrderStatus.PARTIALLY_SHIPPED),
        ("A", "C", "B", OrderStatus.SHIPPED), ("A", "C", "C", OrderStatus.CLOSED), ("A", "", "C", OrderStatus.CLOSED),
        ("C", "A", "C", OrderStatus.CANCELLED), ("A", "X", "A", OrderStatus.UNKNOWN), ("A", "A", "", OrderStatus.OPEN),
    ],
)  # fmt: skip
async def test_a_status_is_read_from_three_letters_and_asked_for_as_it_is_read(
    rejected: str, delivered: str, processed: str, status: OrderStatus
) -> None:
    server = good()
    server.orders[:] = [
        order(
            "1",
            "C1",
            OverallSDDocumentRejectionSts=rejected,
            OverallDeliveryStatus=delivered,
            OverallSDProcessStatus=processed,
        )
    ]
    async with s4hana(server) as erp:
        found = (await erp.orders(call(), "US", ["1"]))[Key("US", "1")]
        by_status = {
            each: len((await erp.search_orders(call(), PAGE, OrderFilter(statuses=(each,)))).rows)
            for each in OrderStatus
        }
    assert not isinstance(found, SourceError)
    assert found.status is status
    if status is not OrderStatus.UNKNOWN:
        assert by_status == {each: int(each is status) for each in OrderStatus}


async def test_an_unknown_status_is_kept_and_counted() -> None:
    server = good()
    server.orders[:] = [order("1", "C1", OverallDeliveryStatus="Z")]
    before = documents.STATUSES.unmapped["AZA"]
    async with s4hana(server) as erp:
        found = (await erp.orders(call(), "US", ["1"]))[Key("US", "1")]
    assert not isinstance(found, SourceError)
    assert (found.status, found.source_status) == (OrderStatus.UNKNOWN, "AZA")
    assert documents.STATUSES.unmapped["AZA"] == before + 1


async def test_orders_are_searched_by_all_that_a_search_may_name() -> None:
    async with s4hana(good()) as erp:

        async def found(**wanted: Any) -> list[str]:
            return [each.number for each in (await erp.search_orders(call(), PAGE, OrderFilter(**wanted))).rows]

        assert await found() == ["4004", "4002", "4001", "4003"]
        assert await found(customer="C1") == ["4002", "4001"]
        assert await found(po_number="PO-1") == ["4001"]
        assert await found(po_number="XD-2") == ["4002"]
        assert await found(placed_from=JUNE_18) == ["4004", "4002", "4001"]
        assert await found(placed_to=date(2026, 6, 17)) == ["4003"]
        assert await found(statuses=(OrderStatus.PARTIALLY_SHIPPED, OrderStatus.CLOSED)) == ["4003"]
        assert await found(statuses=(OrderStatus.RELEASED,)) == []
        assert await found(reach=("US:C2",)) == ["4004", "4003"]
        assert await found(reach=("US:C1",), customer="C9") == []
        assert await found(reach=("EU:C1",)) == []
        assert await found(company="JP") == []


async def test_orders_of_two_companies_are_one_list_and_those_of_neither_are_in_none() -> None:
    async with s4hana(server := good(), TWO) as erp:
        page = await erp.search_orders(call(), PageRequest(2, counted=True), OrderFilter(reach=("US:C2", "EU:*")))
        rest = await erp.search_orders(call(), PageRequest(2, page.next), OrderFilter(reach=("US:C2", "EU:*")))
        own = await erp.orders(call(), None, ["4001", "4007"])
    assert [(each.company, each.number) for each in (*page.rows, *rest.rows)] == [
        ("EU", "4007"),
        ("US", "4004"),
        ("US", "4003"),
    ]
    assert (page.total, rest.next) == (3, None)
    assert set(own) == {Key("US", "4001"), Key("EU", "4007")}
    assert EU["sales_organization"] == "2000"
    assert len(server.heard) >= 3


async def test_orders_by_customer_are_a_page_each_and_one_that_fails_fails_alone() -> None:
    server = good()
    server.orders.append(order("4100", "C5", TotalNetAmount="much"))
    async with s4hana(server) as erp:
        found = await erp.orders_by_customer(
            call(), "US", ["C1", "C5", "C9"], statuses=(), page=PageRequest(1, counted=True)
        )
        assert await erp.orders_by_customer(call(), "JP", ["C1"], statuses=(), page=PAGE) == {}
    first, failed, empty = (found[Key("US", number)] for number in ("C1", "C5", "C9"))
    assert not isinstance(first, SourceError)
    assert not isinstance(empty, SourceError)
    assert ([each.number for each in first.rows], first.next, first.total) == (["4002"], "orders~1", 2)
    assert isinstance(failed, SourceContractBroken)
    assert failed.path == "$.d.results[...].TotalNetAmount"
    assert (empty.rows, empty.total) == ((), 0)


# ---------------------------------------------------------------- orders written


async def test_an_order_is_written_whole_and_found_by_its_reference() -> None:
    server = good()
    lines = (
        NewOrderLine(10, "I1", Decimal("2.5"), "PC", Decimal("9.50")),
        NewOrderLine(20, "I2", Decimal("1E+1"), "CAR", None),
    )
    wanted = new_order(lines=lines, requested_date=JUNE_18, warehouses=("NORTH", "EAST"), allow_backorder=False)
    async with s4hana(server) as erp:
        made = await erp.create_order(call(), wanted)
        found = await erp.orders_by_reference(call(), "US", [wanted.reference, "XD-none"])
    body = next(msgspec.json.decode(body) for method, path, body in server.heard if method == "POST")
    assert body == {
        "SalesOrderType": "OR", "SalesOrganization": "1710", "DistributionChannel": "10", "OrganizationDivision": "00", "SoldToParty": "C1",
        "PurchaseOrderByCustomer": wanted.reference, "PurchaseOrderByShipToParty": "PO-77", "CompleteDeliveryIsDefined": True,
        "RequestedDeliveryDate": "/Date(1781740800000)/", "to_Partner": {"results": [{"PartnerFunction": "SH", "Customer": "D1"}]},
        "to_Item": {"results": [
            {"SalesOrderItem": "10", "Material": "I1", "RequestedQuantity": "2.5",
             "RequestedQuantityUnit": "PC", "ProductionPlant": "1710"},
            {"SalesOrderItem": "20", "Material": "I2", "RequestedQuantity": "10",
             "RequestedQuantityUnit": "CAR", "ProductionPlant": "1710"},
        ]},
    }  # fmt: skip
    assert (made.external_reference, made.po_number, made.status) == (wanted.reference, "PO-77", OrderStatus.OPEN)
    assert {key.number: held.number for key, held in found.items() if not isinstance(held, SourceError)} == {
        wanted.reference: made.number
    }
    assert not erp.is_idempotent_by_reference


async def test_the_reference_stands_where_the_settings_say_and_prices_of_ours_by_the_condition_they_name() -> None:
    server = good()
    async with s4hana(server, options(reference_field="PurchaseOrderByShipToParty", price_condition="PMP0")) as erp:
        made = await erp.create_order(call(), new_order())
        found = await erp.orders_by_reference(call(), "US", [new_order().reference])
    row = server.orders[-1]
    assert (row["PurchaseOrderByShipToParty"], row["PurchaseOrderByCustomer"]) == (new_order().reference, "PO-77")
    assert (made.external_reference, made.po_number) == (new_order().reference, "PO-77")
    assert len(found) == 1
    item = next(msgspec.json.decode(body) for method, _, body in server.heard if method == "POST")["to_Item"][
        "results"
    ][0]
    assert item["to_PricingElement"] == {"results": [
        {"ConditionType": "PMP0", "ConditionRateValue": "9.50", "ConditionCurrency": "USD",
         "ConditionQuantity": "1", "ConditionQuantityUnit": "PC"}
    ]}  # fmt: skip


async def test_of_two_orders_with_one_reference_the_lower_number_stands() -> None:
    server = good()
    server.orders[:] = [
        *server.orders,
        order("4101", "C1", PurchaseOrderByCustomer="XD-1"),
        order("4000", "C1", PurchaseOrderByCustomer="XD-1"),
    ]
    async with s4hana(server) as erp:
        found = (await erp.orders_by_reference(call(), None, ["XD-1"]))[Key("US", "XD-1")]
    assert not isinstance(found, SourceError)
    assert found.number == "4000"


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (new_order(reference="x" * 36), "REFERENCE_TOO_LONG"),
        (new_order(po_number="x" * 36), "PO_NUMBER_TOO_LONG"),
        (msgspec.structs.replace(new_order(), company="JP"), "UNKNOWN_COMPANY"),
    ],
)
async def test_an_order_that_cannot_be_written_as_it_is_is_not_written(wanted: Any, word: str) -> None:
    async with s4hana(server := good()) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.create_order(call(), wanted)
    assert raised.value.reason == word
    assert server.heard == []


async def test_a_hold_is_a_block_and_lifting_it_takes_it_away() -> None:
    server = good()
    async with s4hana(server) as erp:
        held = await erp.hold_order(call(), NewHold("US", "4001", HoldCode.PRICE, "look", "dana"))
        again = await erp.hold_order(call(), NewHold("US", "4001", HoldCode.PRICE, "look", "dana"))
        blocked = dict(server.orders[0])
        lifted = await erp.unhold_order(call(), HoldLifted("US", "4001", HoldCode.PRICE, "dana", "fine"))
        nothing = await erp.unhold_order(call(), HoldLifted("US", "4001", HoldCode.PRICE, "dana", "fine"))
    assert [each.code for each in held.holds] == [each.code for each in again.holds] == [HoldCode.PRICE]
    assert (blocked["HeaderBillingBlockReason"], blocked["DeliveryBlockReason"]) == ("08", "")
    assert (lifted.holds, nothing.holds) == ((), ())
    assert server.orders[0]["HeaderBillingBlockReason"] == ""
    assert [each for each in asked(server) if each.startswith("PATCH")] == [
        "PATCH API_SALES_ORDER_SRV/A_SalesOrder('4001')"
    ] * 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda erp: erp.hold_order(call(), NewHold("US", "4001", HoldCode.COMPLIANCE, "", "")), "HOLD_NOT_CONFIGURED"),
        (lambda erp: erp.hold_order(call(), NewHold("US", "9999", HoldCode.PRICE, "", "")), "UNKNOWN_ORDER"),
        (lambda erp: erp.hold_order(call(), NewHold("JP", "4001", HoldCode.PRICE, "", "")), "UNKNOWN_ORDER"),
        (
            lambda erp: erp.unhold_order(call(), HoldLifted("US", "4003", HoldCode.CREDIT, "", "")),
            "CREDIT_IS_RELEASED_IN_SAP",
        ),
        (lambda erp: erp.cancel_order(call(), Cancellation("US", "4004", "", "")), "NOTHING_TO_CANCEL"),
    ],
)
async def test_what_cannot_be_changed_is_refused_with_a_word_and_nothing_is_sent(change: Any, word: str) -> None:
    server = good()
    server.orders[2]["TotalCreditCheckStatus"] = "B"
    async with s4hana(server) as erp:
        with pytest.raises(SourceRejected) as raised:
            await change(erp)
    assert raised.value.reason == word
    assert {method for method, _, _ in server.heard} <= {"GET"}


async def test_a_cancelled_order_has_all_its_items_rejected_or_none() -> None:
    server = good()
    server.orders[0]["to_Item"]["results"].append(order_item("4001", "20", "I2", "1.000"))
    async with s4hana(server) as erp:
        gone = await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
        items = server.orders[0]["to_Item"]["results"]
        assert [each["SalesDocumentRjcnReason"] for each in items] == ["61", "61"]
        server.orders[0]["OverallSDDocumentRejectionSts"] = "C"
        again = await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
    assert (gone.status, again.status) == (OrderStatus.CANCELLED, OrderStatus.CANCELLED)
    assert [each.progress.cancelled for each in gone.lines] == [Decimal(5), Decimal(1)]
    assert len(asked(server, "$batch")) == 1


async def test_a_change_set_that_sap_refuses_is_rejected_with_its_word_and_nothing_is_changed() -> None:
    class Strict(S4Hana):
        def _changed(self, method: str, service: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
            if "SalesOrderItem='20'" in path:
                return 400, {}, b'{"error": {"code": "V1/123", "message": {"value": "x"}}}'
            return super()._changed(method, service, path, headers, body)

    plain = good()
    server = Strict(plain.tables, prices={}, availability={})
    server.orders[0]["to_Item"]["results"].append(order_item("4001", "20", "I2", "1.000"))
    async with s4hana(server) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
    assert raised.value.reason == "V1/123"
    assert [each["SalesDocumentRjcnReason"] for each in server.orders[0]["to_Item"]["results"]] == ["", ""]


async def test_without_a_rejection_reason_nothing_is_cancelled() -> None:
    async with s4hana(server := good(), options(rejection_reason="")) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
    assert raised.value.reason == "NO_REJECTION_REASON"
    assert server.heard == []
