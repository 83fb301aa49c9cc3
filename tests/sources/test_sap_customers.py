"""Customers and ship-tos of SAP's over a server of our own: sales areas, payers, reach."""

from typing import Any

import msgspec
import pytest
from s4hana_over import PAGE, good, s4hana
from upstream import call

from sources.errors import ReachTooWide, SourceError
from sources.models import (
    Address,
    Key,
    PageRequest,
    ShipTo,
)
from sources.sap import mapping
from tests.connectors.sap import AREA, customer, function, partner


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
