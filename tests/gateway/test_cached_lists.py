"""Lists of items and customers are remembered for seconds, page by page; lists of orders never."""

from typing import Any

import pytest
from stack import Stack, stack_over

from sandbox.facts import Dataset

FACTS = {
    "companies": [{"code": "US"}],
    "items": [{"company": "US", "sku": sku, "name": f"Item {sku}"} for sku in ("A", "B", "C")],
    "customers": [
        {"company": "US", "number": "1", "name": "Head"},
        {"company": "US", "number": "2", "name": "Branch", "billTo": "1"},
    ],
    "orders": [{"company": "US", "number": "7", "customer": "1", "lines": [{"sku": "A", "quantity": "1"}]}],
}


@pytest.fixture
async def remembering() -> Any:
    async with stack_over(Dataset.from_builtins(FACTS), cache={"enabled": True}) as running:
        yield running


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("{ searchItems(first: 2) { edges { node { sku } } totalCount } }", {"GET /items/search": 1}),
        ('{ customers(search: "a") { edges { node { number name } } } }', {"GET /customers/search": 1}),
        (
            '{ customer(number: "1", company: "US") { children { edges { node { number } } } } }',
            {"GET /customers": 1, "GET /customers/children": 1},
        ),
    ],
)
async def test_a_list_asked_again_within_seconds_is_one_call(
    remembering: Stack, query: str, calls: dict[str, int]
) -> None:
    first = await remembering.ask(query)
    assert "errors" not in first
    assert await remembering.ask(query) == first
    assert await remembering.calls() == calls


async def test_another_page_another_count_and_another_search_are_questions_of_their_own(remembering: Stack) -> None:
    for query in (
        "{ searchItems(first: 1) { edges { node { sku } } } }",
        "{ searchItems(first: 2) { edges { node { sku } } } }",
        "{ searchItems(first: 2) { edges { node { sku } } totalCount } }",
        '{ searchItems(first: 2, text: "B") { edges { node { sku } } } }',
        '{ searchItems(first: 2, company: "US") { edges { node { sku } } } }',
    ):
        assert "errors" not in await remembering.ask(query)
    assert await remembering.calls() == {"GET /items/search": 5}


async def test_a_list_is_never_served_stale_and_no_cache_asks_anew(remembering: Stack) -> None:
    query = "{ searchItems(first: 2) { edges { node { sku } } } }"
    whole = await remembering.ask(query)
    assert await remembering.ask(query, **{"Cache-Control": "no-cache"}) == whole
    await remembering.fault("erp", status=503)
    failed = await remembering.ask(query, **{"Cache-Control": "no-cache"})
    assert failed["data"] == {"searchItems": None}
    assert [error["extensions"]["code"] for error in failed["errors"]] == ["SOURCE_UNAVAILABLE"]
    assert await remembering.calls() == {"GET /items/search": 3}


async def test_orders_and_their_lists_are_asked_for_every_time(remembering: Stack) -> None:
    for _ in range(2):
        assert "errors" not in await remembering.ask("{ orders { edges { node { number } } } }")
    assert await remembering.calls() == {"GET /orders/search": 2}
