"""The questions Crossdock exists for, over the generated distributor: what they cost upstream, and what an outage leaves."""

from typing import Any

import pytest
from stack import Stack, stack_over

from sandbox.facts import Dataset

QUOTE = """query ($skus: [String!]!, $customer: String!) {
  items(skus: $skus) {
    sku
    price(customer: $customer, quantity: "10") { unit { amount currency } breaks { minimum unit { amount } } }
    availability { available warehouses { warehouse { code name } available } timeline { date available } }
  }
}"""

PORTAL = """query ($customer: String!) {
  customer(number: $customer) {
    name
    orders(first: 20) { edges { node {
      number
      lines { number item { name } }
      shipments { number parcels { trackingNumber tracking { status events { at description } } } }
    } } }
  }
}"""

PORTAL_WITH_ALIASES_AND_FRAGMENTS = """query ($customer: String!) {
  one: customer(number: $customer) { ...Account }
  two: customer(number: $customer) { name ...Account }
}
fragment Account on Customer { orders(first: 20) { edges { node { ...Lines ... on Order { ...Shipped } } } } }
fragment Lines on Order { number lines { first: item { name } second: item { sku name } } }
fragment Shipped on Order { shipments { parcels { trackingNumber tracking { status } } } }
"""

PORTAL_CALLS = {
    "GET /customers": 1,
    "GET /orders/by-customer": 1,
    "GET /items": 1,
    "GET /shipments/by-order": 1,
    "GET /tracking": 1,
}


async def test_fifty_items_with_price_and_availability_cost_four_calls(stack: Stack, samples: dict[str, Any]) -> None:
    skus = samples["skus"][:50]
    answer = await stack.ask(QUOTE, {"skus": skus, "customer": samples["customers"][0]})
    assert "errors" not in answer
    assert [item["sku"] for item in answer["data"]["items"]] == skus
    assert all(item["price"]["unit"]["amount"] and item["price"]["breaks"] for item in answer["data"]["items"])
    assert {len(item["availability"]["warehouses"]) for item in answer["data"]["items"]} == {3}
    assert await stack.calls() == {"GET /items": 1, "POST /prices": 1, "GET /stock": 1, "GET /supply-demand": 1}


async def test_a_customer_with_twenty_orders_down_to_tracking_costs_five_calls(
    stack: Stack, samples: dict[str, Any]
) -> None:
    answer = await stack.ask(PORTAL, {"customer": samples["customers"][0]})
    assert "errors" not in answer
    assert len(answer["data"]["customer"]["orders"]["edges"]) == 20
    assert await stack.calls() == PORTAL_CALLS


async def test_aliases_and_fragments_cost_no_further_calls(stack: Stack, samples: dict[str, Any]) -> None:
    answer = await stack.ask(PORTAL_WITH_ALIASES_AND_FRAGMENTS, {"customer": samples["customers"][0]})
    assert "errors" not in answer
    assert answer["data"]["one"]["orders"] == answer["data"]["two"]["orders"]
    assert await stack.calls() == PORTAL_CALLS


FULL_ORDER = """query ($number: String!) { order(number: $number) {
  number customer { name relationship { owner } } shipments { number parcels { tracking { status } } }
} }"""


@pytest.mark.parametrize(
    ("role", "blank"),
    [
        ("wms", ["order", "shipments"]),
        ("crm", ["order", "customer", "relationship"]),
        ("carrier", ["order", "shipments", 0, "parcels", 0, "tracking"]),
        ("erp", ["order"]),
    ],
)
@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": "before"}, {"garbage": True}, {"hang": True}])
async def test_a_system_that_is_down_blanks_its_own_fields_and_says_so_without_a_trace_of_itself(
    stack: Stack, samples: dict[str, Any], role: str, blank: list[Any], fault: dict[str, Any]
) -> None:
    number = samples["shippedOrders"][0]
    whole = (await stack.ask(FULL_ORDER, {"number": number}))["data"]
    await stack.fault(role, **fault)
    answer = await stack.ask(FULL_ORDER, {"number": number}, **{"X-Correlation-Id": "test-1"})
    paths = [error["path"] for error in answer["errors"]]
    assert blank in paths
    for error in answer["errors"]:
        expected = ("SOURCE_CONTRACT_BROKEN", False) if "garbage" in fault else ("SOURCE_UNAVAILABLE", True)
        assert (error["extensions"]["code"], error["extensions"]["retryable"]) == expected
        assert error["extensions"]["source"] == role
        assert error["extensions"]["correlationId"] == "test-1"
        assert "127.0.0.1" not in str(error)
        assert stack.addresses[role].rpartition(":")[2] not in str(error)
    for path in paths:
        place: Any = whole
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = None
    assert answer["data"] == whole


async def test_one_failing_item_of_a_batch_leaves_its_neighbours_standing(
    stack: Stack, samples: dict[str, Any]
) -> None:
    skus = samples["skus"][:3]
    await stack.fault("erp", operation="GET /items", key=skus[1], status=503)
    answer = await stack.ask("query ($skus: [String!]!) { items(skus: $skus) { sku } }", {"skus": skus})
    assert answer["data"]["items"] == [{"sku": skus[0]}, None, {"sku": skus[2]}]
    assert [error["path"] for error in answer["errors"]] == [["items", 1]]


async def test_keys_beyond_what_the_source_takes_at_once_are_asked_in_parts(stack: Stack) -> None:
    skus = [f"NONE-{number}" for number in range(250)]
    answer = await stack.ask("query ($skus: [String!]!) { items(skus: $skus) { sku } }", {"skus": [*skus, *skus]})
    assert answer == {"data": {"items": [None] * 500}}
    assert await stack.calls() == {"GET /items": 3}


async def test_a_number_that_exists_in_two_companies_is_ambiguous_until_one_is_named() -> None:
    facts = Dataset.from_builtins(
        {
            "customers": [
                {"company": "US", "number": "1", "name": "Acme"},
                {"company": "CA", "number": "1", "name": "Érable"},
            ]
        }
    )
    async with stack_over(facts) as stack:
        answer = await stack.ask('{ customer(number: "1") { name } }')
        assert answer["data"] == {"customer": None}
        assert answer["errors"][0]["extensions"]["code"] == "AMBIGUOUS"
        assert answer["errors"][0]["extensions"]["companies"] == ["CA", "US"]
        named = await stack.ask('{ customer(number: "1", company: "CA") { name } }')
        assert named == {"data": {"customer": {"name": "Érable"}}}
