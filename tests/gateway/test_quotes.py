"""Quotes: what one record that cannot be read takes with it, and what it leaves; where a quote may go."""

from typing import Any

import pytest
from stack import Stack, stack_over

from sandbox.facts import Dataset

FACTS = {
    "today": "2026-06-30",
    "companies": [{"code": "CA", "currency": "CAD"}, {"code": "US", "currency": "USD"}],
    "warehouses": [{"company": "US", "code": "RNO"}, {"company": "CA", "code": "YYZ"}],
    "items": [
        {"company": "US", "sku": "BOLT", "name": "Bolt", "listPrice": "1.00"},
        {"company": "CA", "sku": "BOLT", "name": "Boulon", "listPrice": "2.00"},
        {"company": "US", "sku": "NUT", "name": "Nut", "listPrice": "3.00"},
        {"company": "CA", "sku": "ONLY-CA", "name": "Écrou", "listPrice": "4.00"},
    ],
    "customers": [
        {"company": "US", "number": "C1"},
        {"company": "US", "number": "C2"},
        {"company": "CA", "number": "C3"},
        {"company": "US", "number": "TWICE"},
        {"company": "CA", "number": "TWICE"},
    ],
    "shipTos": [
        {
            "company": "US",
            "code": "S1",
            "customer": "C1",
            "transitDays": [{"warehouse": "RNO", "days": 3}],
        },
        {"company": "CA", "code": "S1", "customer": "C3"},
        {"company": "US", "code": "S2", "customer": "C2"},
        {"company": "CA", "code": "S3", "customer": "C3"},
    ],
    "stock": [
        {"company": "US", "sku": "BOLT", "warehouse": "RNO", "onHand": "1000"},
        {"company": "US", "sku": "NUT", "warehouse": "RNO", "onHand": "1000"},
        {"company": "CA", "sku": "BOLT", "warehouse": "YYZ", "onHand": "1000"},
    ],
}

QUOTE = """query ($input: QuoteInput!) { quote(input: $input) {
  subtotal { amount currency }
  lines { sku item { name company } price { unit { amount } } total { amount } promise { date } problems { code } }
} }"""

READS = {"GET /customers": 1, "GET /items": 1, "POST /prices": 1, "GET /stock": 1, "GET /supply-demand": 1}


async def quoted(stack: Stack, skus: list[str], **asked: Any) -> tuple[Any, list[Any], dict[str, int]]:
    """The quote of one each, what went wrong as (path, code, extensions), and the calls it cost."""
    lines = [{"sku": sku, "quantity": "1"} for sku in skus]
    answer = await stack.ask(QUOTE, {"input": {"customer": "C1", "lines": lines, **asked}})
    errors = [(each.get("path"), each["extensions"]["code"], each["extensions"]) for each in answer.get("errors", [])]
    return answer["data"]["quote"], errors, await stack.calls()


@pytest.fixture
async def two() -> Any:
    """Two companies that share numbers; a gateway that has seen none of them before."""
    async with stack_over(Dataset.from_builtins(FACTS)) as running:
        yield running


async def test_an_item_that_cannot_be_read_costs_its_own_line(two: Stack) -> None:
    await two.fault("erp", operation="GET /items", key="NUT", status=503)
    answer, errors, calls = await quoted(two, ["BOLT", "NUT"])
    assert [(path, code) for path, code, _ in errors] == [(["quote", "lines", 1, "item"], "SOURCE_UNAVAILABLE")]
    bolt, nut = answer["lines"]
    assert (bolt["item"], bolt["promise"], bolt["problems"]) == (
        {"name": "Bolt", "company": "US"},
        {"date": "2026-06-30"},
        [],
    )
    assert (nut["item"], nut["promise"], nut["total"]) == (None, None, {"amount": "3.00"})
    assert answer["subtotal"] == {"amount": "4.00", "currency": "USD"}
    assert calls == READS


async def test_neither_item_nor_price_leaves_both_errors_and_no_unit(two: Stack) -> None:
    await two.fault("erp", operation="GET /items", key="NUT", status=503)
    await two.fault("erp", operation="POST /prices", key="NUT", status=503)
    answer, errors, _ = await quoted(two, ["NUT", "BOLT"])
    assert sorted(path[-1] for path, _, _ in errors) == ["item", "price"]
    assert {tuple(path[:-1]) for path, _, _ in errors} == {("quote", "lines", 0)}
    assert [line["total"] for line in answer["lines"]] == [None, {"amount": "1.00"}]
    assert answer["lines"][0]["problems"] == [{"code": "SOURCE_UNAVAILABLE"}, {"code": "PRICE_UNAVAILABLE"}]
    assert answer["subtotal"] is None


async def test_an_erp_without_items_leaves_prices_and_one_error_a_line(two: Stack) -> None:
    await two.fault("erp", operation="GET /items", status=503)
    answer, errors, calls = await quoted(two, ["BOLT", "NUT"])
    assert [path for path, _, _ in errors] == [["quote", "lines", 0, "item"], ["quote", "lines", 1, "item"]]
    assert [line["problems"] for line in answer["lines"]] == [[{"code": "SOURCE_UNAVAILABLE"}]] * 2
    assert [line["price"]["unit"]["amount"] for line in answer["lines"]] == ["1.0000", "3.0000"]
    assert calls == {"GET /customers": 1, "GET /items": 1, "POST /prices": 1}


async def test_a_sku_of_two_companies_is_the_customers_own_companys(two: Stack) -> None:
    answer, errors, _ = await quoted(two, ["BOLT", "ONLY-CA"])
    assert errors == []
    assert answer["lines"][0]["item"] == {"name": "Bolt", "company": "US"}
    assert answer["lines"][1]["problems"] == [{"code": "UNKNOWN_ITEM"}]
    canadian, _, _ = await quoted(two, ["BOLT"], customer="C3")
    assert canadian["lines"][0]["item"] == {"name": "Boulon", "company": "CA"}


async def test_a_customer_of_two_companies_is_ambiguous_until_one_is_named(two: Stack) -> None:
    answer, errors, calls = await quoted(two, ["BOLT"], customer="TWICE")
    assert answer is None
    assert [(path, code, extensions["companies"]) for path, code, extensions in errors] == [
        (["quote"], "AMBIGUOUS", ["CA", "US"])
    ]
    assert calls == {"GET /customers": 1}
    named, errors, _ = await quoted(two, ["BOLT"], customer="TWICE", company="CA")
    assert (named["lines"][0]["item"]["name"], errors) == ("Boulon", [])


@pytest.mark.parametrize("company", [None, "US"])
@pytest.mark.parametrize("code", ["S9", "S2", "S3", ""])
async def test_a_ship_to_that_is_not_the_customers_is_told_and_nothing_is_quoted(
    two: Stack, code: str, company: str | None
) -> None:
    answer, errors, calls = await quoted(two, ["BOLT"], shipTo=code, company=company)
    assert answer is None
    ((path, error, extensions),) = errors
    assert (path, error, extensions["argument"]) == (["quote"], "BAD_INPUT", "input.shipTo")
    ahead = {"GET /items", "POST /prices", "GET /stock", "GET /supply-demand"} if code and company else set()
    assert set(calls) == {"GET /customers"} | ({"GET /ship-tos"} if code else set()) | ahead


async def test_an_unknown_customer_is_told_before_its_ship_to(two: Stack) -> None:
    _, errors, calls = await quoted(two, ["BOLT"], customer="NONE", shipTo="S9")
    assert [extensions["argument"] for _, _, extensions in errors] == ["input.customer"]
    assert calls == {"GET /customers": 1, "GET /ship-tos": 1}


@pytest.mark.parametrize("company", [None, "US"])
async def test_the_customers_own_ship_to_costs_one_call_though_its_code_exists_elsewhere_too(
    two: Stack, company: str | None
) -> None:
    answer, errors, calls = await quoted(two, ["BOLT"], shipTo="S1", company=company)
    assert (answer["lines"][0]["promise"], errors) == ({"date": "2026-07-03"}, [])
    assert calls == READS | {"GET /ship-tos": 1}


async def test_a_ship_to_that_cannot_be_read_costs_the_promises_only(two: Stack) -> None:
    await two.fault("erp", operation="GET /ship-tos", key="S1", status=503)
    answer, errors, calls = await quoted(two, ["BOLT", "NUT"], shipTo="S1")
    assert [(path, code) for path, code, _ in errors] == [
        (["quote", "lines", 0, "promise"], "SOURCE_UNAVAILABLE"),
        (["quote", "lines", 1, "promise"], "SOURCE_UNAVAILABLE"),
    ]
    assert answer["subtotal"] == {"amount": "4.00", "currency": "USD"}
    assert calls == {"GET /customers": 1, "GET /ship-tos": 1, "GET /items": 1, "POST /prices": 1}
