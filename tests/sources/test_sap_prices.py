"""Prices and simulations of SAP's over a server of our own: many in one call, and none takes another with it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from s4hana_over import JUNE_18, asked, good, options, s4hana, usd
from upstream import call

from sources.errors import SourceContractBroken, SourceError, SourceRejected, SourceUnavailable
from sources.models import (
    Basket,
    BasketLine,
    CreditCheck,
    Money,
    PriceBreak,
    PriceSource,
    PriceTerms,
)
from tests.connectors.s4hana import S4Hana
from tests.connectors.sap import BASKET, product


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


async def test_for_a_customer_that_sap_does_not_know_no_item_is_asked_alone() -> None:
    wanted = [terms(sku, customer="C9") for sku in ("I1", "I2", "I0")]
    async with s4hana(server := good()) as erp:
        found = await erp.prices(call(), wanted)
    assert {each.sku: getattr(held, "reason", "") for each, held in found.items()} == {"I1": "V1/058", "I2": "V1/058"}
    assert len(asked(server, "A_SalesOrderSimulation")) == 1


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


class OneLost(S4Hana):
    """What is asked for C2 is lost."""

    def _simulated(self, content: Mapping[str, Any]) -> Any:
        return (500, {}, b"{}") if content["SoldToParty"] == "C2" else super()._simulated(content)


async def test_a_simulation_that_fails_fails_its_own_prices_only() -> None:
    plain = good()
    async with s4hana(OneLost(plain.tables, prices=plain.prices, availability={})) as erp:
        found = await erp.prices(call(), [terms("I1"), terms("I1", customer="C2")])
        with pytest.raises(SourceUnavailable):
            await erp.prices(call(), [terms("I1", customer="C2")])
    assert not isinstance(found[terms("I1")], SourceError)
    assert isinstance(found[terms("I1", customer="C2")], SourceUnavailable)
