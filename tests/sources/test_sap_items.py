"""Items of SAP's over a server of our own: field by field, in several companies, searched, and by keys that hold anything."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from s4hana_over import PAGE, TWO, asked, good, options, s4hana
from upstream import call

from sources.errors import SourceError, SourceRejected
from sources.models import (
    AtpBucket,
    ItemStatus,
    ItemUom,
    Key,
    OrderFilter,
    PageRequest,
    QuantityRule,
)
from sources.sap import mapping
from tests.connectors.s4hana import S4Hana
from tests.connectors.sap import period, product


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


class PartLost(S4Hana):
    """A filter that names the key L49 is lost."""

    def _got(self, service: str, path: str, query: Mapping[str, str]) -> Any:
        return (500, {}, b"{}") if "L49" in query.get("$filter", "") else super()._got(service, path, query)


async def test_keys_so_long_that_one_filter_cannot_hold_them_take_several_and_one_that_fails_fails_its_own() -> None:
    plain = good()
    keys = [f"L{number}".ljust(40, "%") for number in range(50)]
    plain.tables["A_Product"] = [product(key) for key in keys]
    server = PartLost(plain.tables, prices={}, availability={})
    server.page_size = 1_000
    async with s4hana(server) as erp:
        found = await erp.items(call(), "US", keys)
    failed = [key.number for key, held in found.items() if isinstance(held, SourceError)]
    assert len(found) == 50
    assert keys[49] in failed
    assert keys[0] not in failed
    assert 1 < len(asked(server)) < 10
