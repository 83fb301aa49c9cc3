"""What a customer pays in Business Central, by a page of the installation's own or the list price; where to ship, on which credit."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from central_over import PAGES, central, good, options
from upstream import call

from sources.errors import SourceContractBroken, SourceError, SourceRejected, SourceUnavailable
from sources.models import Address, Credit, Key, Money, Price, PriceBreak, PriceSource, PriceTerms, ShipTo
from tests.connectors.business_central import balance, customer, item
from tests.connectors.central import COMPANY_ID, OWN, Central

OF_ITS_OWN = options(prices=PAGES["prices"])


def terms(sku: str = "I1", quantity: str = "40", **more: Any) -> PriceTerms:
    return PriceTerms("US", more.pop("customer", "C1"), sku, Decimal(quantity), **more)


def agreed(price: float, minimum: float = 0, **more: Any) -> dict[str, Any]:
    return {"itemNumber": "I1", "customerNumber": "C1", "minimumQuantity": minimum, "unitPrice": price, **more}


async def priced(rows: list[dict[str, Any]], asked: PriceTerms, given: Any = OF_ITS_OWN) -> Price | SourceError | None:
    tables = good()
    tables[COMPANY_ID]["customerPrices"] = rows
    async with central(Central(tables), given) as erp:
        return (await erp.prices(call(), [asked])).get(asked)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


async def test_without_a_page_of_its_own_there_is_the_list_price_and_nobody_takes_it_for_more() -> None:
    price = await priced([], terms(), options())
    assert isinstance(price, Price)
    assert (price.unit, price.source, price.list_price) == (usd("12.5"), PriceSource.PRICE_LIST, usd("12.5"))


@pytest.mark.parametrize(("quantity", "amount"), [("1", "11"), ("29.99", "11"), ("30", "9.5"), ("1000", "9.5")])
async def test_the_price_at_the_quantity_asked_with_all_its_breaks(quantity: str, amount: str) -> None:
    price = await priced([agreed(9.5, 30), agreed(11), agreed(10, 50), agreed(9.5, 60)], terms(quantity=quantity))
    assert isinstance(price, Price)
    assert (price.unit, price.source, price.list_price) == (usd(amount), PriceSource.CONTRACT, usd("12.5"))
    assert price.breaks == (PriceBreak(Decimal(1), usd("11")), PriceBreak(Decimal(30), usd("9.5")))


@pytest.mark.parametrize(
    ("on", "amount"),
    [(date(2026, 1, 1), "8"), (date(2026, 1, 31), "8"), (date(2026, 2, 1), "11"), (date(2025, 12, 31), "11")],
)
async def test_a_price_holds_within_its_days(on: date, amount: str) -> None:
    rows = [agreed(11, startingDate="0001-01-01"), agreed(8, startingDate="2026-01-01", endingDate="2026-01-31")]
    price = await priced(rows, terms(on=on))
    assert isinstance(price, Price)
    assert price.unit == usd(amount)
    assert price.valid_to == (date(2026, 1, 31) if amount == "8" else None)


async def test_a_price_is_of_its_unit() -> None:
    rows = [agreed(11), agreed(100, unitOfMeasureCode="BOX")]
    box = await priced(rows, terms(uom="BOX"))
    assert isinstance(box, Price)
    assert (box.unit, box.uom) == (usd("100"), "BOX")
    assert box.list_price is None
    pallet = await priced(rows, terms(uom="PALLET"))
    assert isinstance(pallet, SourceRejected)
    assert pallet.reason == "UNIT_NOT_PRICED"


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        ([agreed(11, 50)], terms()),
        ([agreed(11) | {"customerNumber": "C2"}], terms()),
        ([agreed(11) | {"itemNumber": "I2"}], terms()),
    ],
)
async def test_where_nothing_is_agreed_the_list_price_stands(rows: list[dict[str, Any]], asked: PriceTerms) -> None:
    price = await priced(rows, asked)
    assert isinstance(price, Price)
    assert (price.unit, price.source) == (usd("12.5"), PriceSource.PRICE_LIST)


async def test_an_item_that_does_not_exist_has_no_price() -> None:
    assert await priced([agreed(11) | {"itemNumber": "none"}], terms("none")) is None


async def test_a_list_price_with_tax_is_none_of_ours() -> None:
    tables = good()
    tables[COMPANY_ID]["items"].append(item("VAT", priceIncludesTax=True))
    async with central(Central(tables)) as erp:
        (found,) = (await erp.prices(call(), [terms("VAT")])).values()
    assert isinstance(found, SourceRejected)
    assert found.reason == "PRICE_INCLUDES_TAX"


async def test_a_page_that_cannot_be_read_fails_the_price_for_the_list_price_would_be_another_answer() -> None:
    broken = await priced([agreed(11) | {"unitPrice": "much"}], terms())
    assert isinstance(broken, SourceContractBroken)
    assert broken.path == "$.value[...].unitPrice"
    server = Central(good())
    server.failing["customerNumber eq 'C2'"] = (503, "X")
    async with central(server, OF_ITS_OWN) as erp:
        found = await erp.prices(call(), [terms(), terms(customer="C2")])
    assert isinstance(found[terms()], Price)
    assert type(found[terms(customer="C2")]) is SourceUnavailable


async def test_a_price_is_in_the_customers_currency_for_an_order_would_take_any_other_for_it() -> None:
    tables = good()
    tables[COMPANY_ID]["customers"] += [customer("EURO", currencyCode="EUR"), customer("HOME", currencyCode="")]
    tables[COMPANY_ID]["customerPrices"] = [
        agreed(11) | {"customerNumber": "EURO"},
        agreed(12, currencyCode="EUR") | {"customerNumber": "EURO"},
    ]
    abroad, listed, home = terms(customer="EURO"), terms("I2", customer="EURO"), terms("I2", customer="HOME")
    async with central(Central(tables), OF_ITS_OWN) as erp:
        found = await erp.prices(call(), [abroad, listed, home])
    there, refused, here = found[abroad], found[listed], found[home]
    assert isinstance(there, Price)
    assert isinstance(refused, SourceRejected)
    assert isinstance(here, Price)
    assert (there.unit, there.list_price) == (Money(Decimal(12), "EUR"), None)
    assert refused.reason == "CURRENCY_NOT_PRICED"
    assert here.unit == usd("12.5")


async def test_a_customer_that_does_not_exist_has_no_price_and_one_that_cannot_be_read_an_error() -> None:
    tables = good()
    tables[COMPANY_ID]["customers"].append(customer("C8", currencyCode=7))
    async with central(Central(tables)) as erp:
        found = await erp.prices(call(), [terms(customer="none"), terms(customer="C8")])
    assert [type(each) for each in found.values()] == [SourceContractBroken]


async def test_many_lines_of_many_customers_are_one_request_to_each_api() -> None:
    server = Central(good())
    async with central(server, OF_ITS_OWN, timeout_seconds=5) as erp:
        asked = [
            terms(sku, quantity, customer=buyer)
            for sku in ("I1", "I2")
            for buyer in ("C1", "C2", "C3")
            for quantity in ("1", "40")
        ]
        found = await erp.prices(call(), asked)
    assert len(found) == 12
    assert found[terms()] != found[terms(quantity="1")]
    assert len(server.parts) == 5  # three customers' prices, the items, the customers


QUOTES = options(prices={"api": OWN, "entity": "priceQuotes", "method": "POST", "fields": {"on": "pricingDate"}})


async def test_a_page_that_works_prices_out_is_asked_a_line_at_a_time_in_one_batch() -> None:
    server = Central(good())
    asked = [terms(), terms("I2", uom="PCS", on=date(2026, 1, 2)), terms("none")]
    async with central(server, QUOTES) as erp:
        found = await erp.prices(call(), asked)
    assert [row.unit for row in found.values() if isinstance(row, Price)] == [usd("7.25"), usd("7.25")]
    assert found.keys() == {terms(), asked[1]}
    assert len([part for part in server.parts if part.startswith("POST")]) == 3


async def test_a_line_that_the_page_refuses_fails_alone() -> None:
    server = Central(good())
    server.failing["priceQuotes"] = (400, "Application_DialogException")
    async with central(server, QUOTES) as erp:
        found = await erp.prices(call(), [terms(), terms("I2")])
    assert [each.reason for each in found.values() if isinstance(each, SourceRejected)] == [
        "Application_DialogException"
    ] * 2


# ---------------------------------------------------------------- where to ship, and on which credit

DOCK = ShipTo("US", "C1/DOCK", "C1", "Dock", Address("", "Ely", ""), "EAST")


async def test_a_customers_own_address_is_its_one_ship_to_where_no_page_tells_more() -> None:
    async with central(Central(good())) as erp:
        found = await erp.ship_tos_by_customer(call(), "US", ["C1", "none"])
        by_code = await erp.ship_tos(call(), "US", ["C1", "C1/DOCK"])
    own = ShipTo("US", "C1", "C1", "Adatum C1", Address("Station Road, 21", "Cambridge", "GB", None, None, "CB1 2FB"))
    assert found == {Key("US", "C1"): (own,), Key("US", "none"): ()}
    assert by_code == {Key("US", "C1"): own}


async def test_a_page_tells_of_more_by_the_customers_number_and_the_code() -> None:
    server = Central(good())
    async with central(server, options(ship_tos=PAGES["ship_tos"])) as erp:
        found = await erp.ship_tos_by_customer(call(), None, ["C1", "C2"])
        by_code = await erp.ship_tos(call(), None, ["C1/DOCK", "C1/GATE", "C2/DOCK", "/", "x/"])
    rows = found[Key("US", "C1")]
    assert isinstance(rows, tuple)
    assert [row.code for row in rows] == ["C1", "C1/DOCK"]
    assert by_code == {Key("US", "C1/DOCK"): DOCK}


async def test_a_ship_to_that_cannot_be_read_fails_the_list_of_its_customer() -> None:
    tables = good()
    tables[COMPANY_ID]["shipTos"].append({"customerNumber": "C2", "code": None})
    async with central(Central(tables), options(ship_tos=PAGES["ship_tos"])) as erp:
        found = await erp.ship_tos_by_customer(call(), "US", ["C2"])
        codes = await erp.ship_tos(call(), "US", ["C1/DOCK"])
    failed = found[Key("US", "C2")]
    assert isinstance(failed, SourceContractBroken)
    assert failed.path == "$.value[...].code"
    assert codes == {Key("US", "C1/DOCK"): DOCK}


async def test_credit_is_the_limit_less_what_was_posted() -> None:
    tables = good()
    tables[COMPANY_ID]["customers"] += [customer("C4", creditLimit=0, blocked="All"), customer("C5")]
    tables[COMPANY_ID]["customerFinancialDetails"].append(balance("C4", overdueAmount=3))
    async with central(Central(tables)) as erp:
        found = await erp.credit_by_customer(call(), "US", ["C1", "C4", "C5"])
    first, second = found[Key("US", "C1")], found[Key("US", "C4")]
    assert isinstance(first, Credit)
    assert isinstance(second, Credit)
    assert (first.exposure, first.limit, first.available, first.on_hold) == (
        usd("250.5"),
        usd("1000"),
        usd("749.5"),
        False,
    )
    assert (second.limit, second.available, second.on_hold) == (None, None, True)
    assert Key("US", "C5") not in found
