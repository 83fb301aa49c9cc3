"""The queries that the demo prints and the explorer opens with are right for the schema, whatever the keys hold."""

import json

from graphql import build_schema, parse, validate
from stack import Stack

from gateway.samples import OPENING, opening, queries
from resolvers.schema import printed

SAMPLES = {
    "skus": ['A "quoted" \\ sku', "B", "C", "D", "E", "F"],
    "customers": ["C-1\n", "C-2"],
    "shippedOrders": ["1002", "1003"],
    "sound": [{"company": "US", "customer": "C-1\n", "shipTo": "1", "lines": [{"sku": 'A "B"', "quantity": "2"}]}],
}


def test_three_queries_and_an_order_are_printed_each_with_keys_that_exist_and_right_for_the_schema() -> None:
    schema = build_schema(printed())
    found = queries(SAMPLES)
    assert [title for title, _ in found] == [
        "Price and availability while a rep quotes",
        "A customer's account: credit and latest orders",
        "Where is my order?",
        "An order, checked and placed (the same key again is the same order)",
    ]
    assert [validate(schema, parse(query)) for _, query in found] == [[], [], [], []]
    assert found[0][1].splitlines()[1] == r'  items(skus: ["A \"quoted\" \\ sku", "B", "C"]) {'
    assert found[1][1].splitlines()[1] == r'  customer(number: "C-1\n") {'
    assert found[2][1].splitlines()[1] == '  order(number: "1002") {'
    assert r'customer: "C-1\n" shipTo: "1" lines: [{ sku: "A \"B\"" quantity: "2" }]' in found[3][1]


def test_the_explorer_opens_with_five_skus_and_a_customer() -> None:
    opened = opening(SAMPLES)
    assert opened["query"] == OPENING
    assert json.loads(opened["variables"]) == {"skus": SAMPLES["skus"][:5], "customer": "C-1\n"}
    assert validate(build_schema(printed()), parse(OPENING)) == []


async def test_every_one_of_them_is_answered(stack: Stack, samples: dict[str, list[str]]) -> None:
    for _, query in queries(samples)[:3]:
        answer = await stack.ask(query)
        assert "errors" not in answer
        assert all(answer["data"].values())
    opened = opening(samples)
    answer = await stack.ask(opened["query"], json.loads(opened["variables"]))
    assert [item["sku"] for item in answer["data"]["items"]] == samples["skus"][:5]
