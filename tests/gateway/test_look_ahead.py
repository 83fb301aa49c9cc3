"""Looking ahead: what hangs on keys that are known already is asked for at once, and never answers for what is not there."""

import asyncio
from typing import Any

import pytest
from stack import Stack, stack_over

from sandbox.facts import Dataset

FACTS = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}, {"code": "CA", "currency": "CAD"}],
    "warehouses": [{"company": "US", "code": "RNO"}],
    "items": [{"company": "US", "sku": "BOLT", "name": "Bolt", "listPrice": "1.00"}],
    "customers": [{"company": "US", "number": "C1", "name": "Acme"}],
    "stock": [{"company": "US", "sku": "BOLT", "warehouse": "RNO", "onHand": "7"}],
    "orders": [{"company": "US", "number": "1", "customer": "C1", "lines": [{"sku": "BOLT", "quantity": "5"}]}],
}
ITEMS = """query ($skus: [String!]!, $company: String) { items(skus: $skus, company: $company) {
  sku price(customer: "C1") { unit { amount } } availability { available } } }"""
CALLS = {"GET /items": 1, "POST /prices": 1, "GET /stock": 1, "GET /supply-demand": 1}
BOLT = {"sku": "BOLT", "price": {"unit": {"amount": "1.0000"}}, "availability": {"available": "2"}}


@pytest.fixture
async def fresh() -> Any:
    async with stack_over(Dataset.from_builtins(FACTS)) as running:
        yield running


async def asked_while_items_hang(stack: Stack, company: str | None) -> dict[str, int]:
    """The calls that were made although no item had come back yet."""
    await stack.fault("erp", operation="GET /items", hang=True)
    asking = asyncio.create_task(stack.ask(ITEMS, {"skus": ["BOLT"], "company": company}))
    answer = await asking
    assert answer["data"] == {"items": [None]}
    assert [error["path"] for error in answer["errors"]] == [["items", 0]]
    await stack.mend()
    return await stack.calls()


async def test_with_the_company_named_prices_and_stock_do_not_wait_for_the_items(fresh: Stack) -> None:
    assert await asked_while_items_hang(fresh, "US") == CALLS


async def test_without_a_company_nothing_is_guessed_of_a_number_never_seen(fresh: Stack) -> None:
    assert await asked_while_items_hang(fresh, None) == {"GET /items": 1}


async def test_a_number_seen_before_is_looked_for_in_the_company_it_was_found_in(fresh: Stack) -> None:
    assert (await fresh.ask(ITEMS, {"skus": ["BOLT"]}))["data"] == {"items": [BOLT]}
    assert await fresh.calls() == CALLS
    assert await asked_while_items_hang(fresh, None) == CALLS


async def test_looking_ahead_asks_nothing_twice(fresh: Stack) -> None:
    for _ in range(2):
        assert (await fresh.ask(ITEMS, {"skus": ["BOLT", "BOLT"], "company": "US"}))["data"] == {"items": [BOLT, BOLT]}
        assert await fresh.calls() == CALLS


async def test_one_number_never_seen_among_others_asks_for_all_of_them_together(fresh: Stack) -> None:
    await fresh.ask(ITEMS, {"skus": ["BOLT"]})
    await fresh.calls()
    assert (await fresh.ask(ITEMS, {"skus": ["BOLT", "NONE"]}))["data"] == {"items": [BOLT, None]}
    assert await fresh.calls() == CALLS


async def test_what_was_foreseen_for_an_item_that_is_not_there_is_no_error(fresh: Stack) -> None:
    await fresh.fault("erp", operation="POST /prices", status=503)
    await fresh.fault("wms", status=503)
    assert await fresh.ask(ITEMS, {"skus": ["NONE"], "company": "US"}) == {"data": {"items": [None]}}
    assert await fresh.calls() == CALLS


async def test_a_failure_while_looking_ahead_is_one_error_and_is_not_asked_again(fresh: Stack) -> None:
    await fresh.fault("wms", status=503)
    await fresh.fault("erp", operation="GET /items", latency_ms=100)
    answer = await fresh.ask(ITEMS, {"skus": ["BOLT"], "company": "US"})
    assert answer["data"] == {"items": [BOLT | {"availability": None}]}
    assert [error["path"] for error in answer["errors"]] == [["items", 0, "availability"]]
    assert await fresh.calls() == CALLS


async def test_bad_arguments_are_told_once_where_they_stand_though_they_fail_while_looking_ahead(fresh: Stack) -> None:
    query = '{ item(sku: "BOLT", company: "US") { sku price(customer: "C1", quantity: "0") { uom } } }'
    answer = await fresh.ask(query)
    assert answer["data"] == {"item": {"sku": "BOLT", "price": None}}
    assert [error["path"] for error in answer["errors"]] == [["item", "price"]]
    assert await fresh.calls() == {"GET /items": 1}


async def test_what_is_not_included_is_not_asked_for_ahead(fresh: Stack) -> None:
    query = """query ($with: Boolean!) { item(sku: "BOLT", company: "US") {
      sku price(customer: "C1") @include(if: $with) { unit { amount } } } }"""
    assert (await fresh.ask(query, {"with": False}))["data"] == {"item": {"sku": "BOLT"}}
    assert await fresh.calls() == {"GET /items": 1}


async def test_a_customers_lists_and_an_orders_shipments_come_side_by_side_with_the_record(fresh: Stack) -> None:
    customer = """{ customer(number: "C1", company: "US") { credit { onHold } shipTos { code }
      relationship { owner } orders(first: 2) { edges { node { number } } } } }"""
    await fresh.fault("erp", operation="GET /customers", hang=True)
    await fresh.ask(customer)
    assert await fresh.calls() == {
        "GET /customers": 1,
        "GET /customers/credit": 1,
        "GET /customers/ship-tos": 1,
        "GET /relationships": 1,
        "GET /orders/by-customer": 1,
    }
    await fresh.fault("erp", operation="GET /orders", hang=True)
    await fresh.ask('{ order(number: "1", company: "US") { shipments { number } } }')
    assert await fresh.calls() == {"GET /orders": 1, "GET /shipments/by-order": 1}


async def test_a_quote_asks_for_its_lines_side_by_side_with_its_customer(fresh: Stack) -> None:
    await fresh.fault("erp", operation="GET /customers", hang=True)
    lines = [{"sku": "BOLT", "quantity": "1"}]
    query = "query ($input: QuoteInput!) { quote(input: $input) { lines { sku } } }"
    answer = await fresh.ask(query, {"input": {"company": "US", "customer": "C1", "lines": lines}})
    assert answer["data"] == {"quote": None}
    assert await fresh.calls() == {"GET /customers": 1} | CALLS
