"""What hangs on a customer, and the limits of what hangs on an item."""

from typing import Any

import pytest
from stack import Stack, stack_over

from sandbox.facts import Dataset

FACTS: dict[str, Any] = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}],
    "warehouses": [{"code": "RNO", "name": "Reno"}, {"code": "ATL", "name": "Atlanta", "priority": 2}],
    "items": [{"sku": "BOLT", "name": "Bolt", "substitutes": ["NUT"]}, {"sku": "NUT", "name": "Nut"}],
    "customers": [
        {"number": "C1", "name": "Acme"},
        {"number": "C2", "name": "Acme North", "billTo": "C1"},
        {"number": "C3", "name": "Acme South", "billTo": "C1"},
    ],
    "shipTos": [
        {"code": "S1", "customer": "C1", "warehouse": "ATL", "transitDays": [{"warehouse": "ATL", "days": 2}]},
    ],
    "credit": [{"number": "C1", "limit": "100.00", "exposure": "40.00", "onHold": True}],
    "stock": [
        {"sku": "BOLT", "warehouse": "RNO", "onHand": "5"},
        {"sku": "BOLT", "warehouse": "ATL", "onHand": "5"},
    ],
    "orders": [{"number": "7", "customer": "C1", "lines": [{"sku": "NUT", "quantity": "5"}]}],
}


async def test_an_account_tree_and_its_credit() -> None:
    query = """{ customer(number: "C1") {
      billTo { number } credit { limit { amount } exposure { amount } available { amount } onHold }
      children(first: 1) { totalCount edges { node { number billTo { name } } } pageInfo { hasNextPage } }
      shipTos { code warehouse { name } }
      orders(status: [OPEN, RELEASED]) { edges { node { number } } }
    } }"""
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        answer = (await stack.ask(query))["data"]["customer"]
    assert answer["billTo"] == {"number": "C1"}
    assert answer["children"]["totalCount"] == 2
    assert answer["children"]["edges"] == [{"node": {"number": "C2", "billTo": {"name": "Acme"}}}]
    assert answer["children"]["pageInfo"] == {"hasNextPage": True}
    assert answer["shipTos"] == [{"code": "S1", "warehouse": {"name": "Atlanta"}}]
    assert answer["credit"]["onHold"] is True
    assert answer["credit"]["limit"] == {"amount": "100.00"}
    assert answer["orders"]["edges"] == [{"node": {"number": "7"}}]


async def test_a_ship_tos_warehouse_comes_first_and_its_transit_counts() -> None:
    query = """{ item(sku: "BOLT") {
      substitutes { sku }
      availability(shipTo: "S1") {
        onHand allocated warehouses { warehouse { code } }
        promise(quantity: "5", allowSplit: false) { date portions { warehouse { code } } }
      }
      one: availability(warehouses: ["RNO"]) { available warehouses { warehouse { code } } }
    } }"""
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        item = (await stack.ask(query))["data"]["item"]
    assert item["substitutes"] == [{"sku": "NUT"}]
    assert [each["warehouse"]["code"] for each in item["availability"]["warehouses"]] == ["ATL", "RNO"]
    assert (item["availability"]["onHand"], item["availability"]["allocated"]) == ("10", "0")
    assert item["one"] == {"available": "5", "warehouses": [{"warehouse": {"code": "RNO"}}]}
    assert len(item["availability"]["promise"]["portions"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("horizonDays: 366", "LIMIT_EXCEEDED"),
        ("horizonDays: -1", "BAD_INPUT"),
        ("warehouses: []", "BAD_INPUT"),
        ("warehouses: [" + '"W" ' * 101 + "]", "LIMIT_EXCEEDED"),
    ],
)
async def test_availability_has_bounds(stack: Stack, samples: dict[str, Any], arguments: str, code: str) -> None:
    query = f"query ($sku: String!) {{ item(sku: $sku) {{ availability({arguments}) {{ onHand }} }} }}"
    answer = await stack.ask(query, {"sku": samples["skus"][0]})
    assert answer["data"] == {"item": {"availability": None}}
    assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ item(sku: "%s") { price(customer: "C", quantity: "0") { uom } } }', "BAD_INPUT"),
        ('{ item(sku: "%s") { availability { promise(quantity: "-1") { date } } } }', "BAD_INPUT"),
        ('{ quote(input: {customer: "NONE", lines: [{sku: "%s", quantity: "1"}]}) { asOf } }', "BAD_INPUT"),
        ('{ quote(input: {customer: "C", lines: [{sku: "%s", quantity: "0"}]}) { asOf } }', "BAD_INPUT"),
        ("{ items(skus: [" + '"%s" ' + '"x" ' * 500 + "]) { sku } }", "LIMIT_EXCEEDED"),
        ("{ nodes(ids: [" + '"%s" ' + '"x" ' * 100 + "]) { id } }", "LIMIT_EXCEEDED"),
    ],
)
async def test_what_makes_no_sense_is_refused(stack: Stack, samples: dict[str, Any], query: str, code: str) -> None:
    answer = await stack.ask(query % samples["skus"][0])
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_a_source_that_fails_key_by_key_fails_just_those(stack: Stack, samples: dict[str, Any]) -> None:
    customer, parcel = samples["customers"][0], samples["trackingNumbers"][0]
    await stack.fault("erp", operation="GET /customers/credit", key=customer, status=503)
    await stack.fault("carrier", operation="GET /tracking", key=parcel, status=429)
    query = """query ($c: String!, $t: String!) {
      customer(number: $c) { number credit { onHold } } tracking(trackingNumber: $t) { status }
    }"""
    answer = await stack.ask(query, {"c": customer, "t": parcel})
    assert answer["data"] == {"customer": {"number": customer, "credit": None}, "tracking": None}
    codes = {error["path"][-1]: error["extensions"]["code"] for error in answer["errors"]}
    assert codes == {"credit": "SOURCE_UNAVAILABLE", "tracking": "SOURCE_RATE_LIMITED"}


async def test_a_quote_without_a_simulation_keeps_its_lines(stack: Stack, samples: dict[str, Any]) -> None:
    await stack.fault("erp", operation="POST /orders/simulate", status=422)
    query = """query ($c: String!, $s: String!) { quote(input: {customer: $c, lines: [{sku: $s, quantity: "1"}]}) {
      subtotal { currency } tax { amount } total { amount }
    } }"""
    answer = await stack.ask(query, {"c": samples["customers"][0], "s": samples["skus"][0]})
    assert answer["data"]["quote"] == {"subtotal": {"currency": "USD"}, "tax": None, "total": None}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"SOURCE_REJECTED"}
