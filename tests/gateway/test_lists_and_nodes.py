"""Lists are walked to their end, ids lead back to their records, and what hangs on a record is found."""

from typing import Any

from stack import Stack

WALK = """query ($after: String, $first: Int) {
  customers(company: "CA", first: $first, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { number } }
  }
}"""


async def test_a_list_walked_by_its_end_cursors_gives_each_row_once_in_order(stack: Stack) -> None:
    numbers: list[str] = []
    after, pages = None, 0
    while True:
        listed = (await stack.ask(WALK, {"after": after, "first": 37}))["data"]["customers"]
        numbers += [edge["node"]["number"] for edge in listed["edges"]]
        pages += 1
        assert listed["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not listed["pageInfo"]["hasNextPage"]:
            break
        after = listed["pageInfo"]["endCursor"]
    assert len(numbers) == listed["totalCount"]
    assert numbers == sorted(set(numbers))
    assert pages == -(-len(numbers) // 37)


async def test_a_list_resumed_amid_a_page_misses_nothing(stack: Stack) -> None:
    whole = (await stack.ask(WALK, {"first": 100}))["data"]["customers"]["edges"]
    behind = (await stack.ask(WALK, {"first": 99, "after": whole[2]["cursor"]}))["data"]["customers"]["edges"]
    assert [edge["node"] for edge in behind[:97]] == [edge["node"] for edge in whole[3:]]
    assert len(behind) == 99


async def test_every_kind_of_node_is_found_again_by_its_id(stack: Stack, samples: dict[str, Any]) -> None:
    keys = {name: samples[name][0] for name in ("skus", "customers", "shippedOrders", "shipments")}
    query = """query ($skus: String!, $customers: String!, $shippedOrders: String!, $shipments: String!) {
      item(sku: $skus) { id } customer(number: $customers) { id shipTos { id } }
      order(number: $shippedOrders) { id } shipment(number: $shipments) { id }
    }"""
    found = (await stack.ask(query, keys))["data"]
    ids = [found[name]["id"] for name in ("item", "customer", "order", "shipment")]
    ids.append(found["customer"]["shipTos"][0]["id"])
    again = await stack.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": ids})
    kinds = ["Item", "Customer", "Order", "Shipment", "ShipTo"]
    assert again == {"data": {"nodes": [{"__typename": kind, "id": id_} for kind, id_ in zip(kinds, ids, strict=True)]}}
    one = await stack.ask("query ($id: ID!) { node(id: $id) { __typename } }", {"id": ids[2]})
    assert one == {"data": {"node": {"__typename": "Order"}}}


async def test_a_quote_adds_up_with_the_erps_tax_and_freight(stack: Stack, samples: dict[str, Any]) -> None:
    query = """query ($input: QuoteInput!) { quote(input: $input) {
      subtotal { amount } tax { amount } freight { amount } total { amount currency }
      lines { total { amount } promise { complete } problems { code } }
    } }"""
    lines = [{"sku": sku, "quantity": "10"} for sku in samples["skus"][:3]]
    asked = {"customer": samples["customers"][0], "shipTo": samples["shipTos"][0], "lines": lines}
    answer = await stack.ask(query, {"input": asked})
    assert "errors" not in answer
    quote = answer["data"]["quote"]
    cents = {name: round(float(quote[name]["amount"]) * 100) for name in ("subtotal", "tax", "freight", "total")}
    assert cents["total"] == cents["subtotal"] + cents["tax"] + cents["freight"]
    assert cents["subtotal"] == sum(round(float(line["total"]["amount"]) * 100) for line in quote["lines"])
    assert (await stack.calls())["POST /orders/simulate"] == 1


async def test_tracking_and_searches_answer(stack: Stack, samples: dict[str, Any]) -> None:
    number = samples["trackingNumbers"][0]
    tracked = await stack.ask(
        "query ($n: String!) { tracking(trackingNumber: $n) { status events { at } } }", {"n": number}
    )
    assert tracked["data"]["tracking"]["events"]
    missing = await stack.ask('{ tracking(trackingNumber: "NONE") { status } shipment(number: "NONE") { number } }')
    assert missing == {"data": {"tracking": None, "shipment": None}}
    sku = samples["skus"][0]
    query = """query ($t: String!) { searchItems(text: $t, first: 1) { edges { node {
      sku replacedBy { sku } substitutes { sku }
    } } } }"""
    searched = await stack.ask(query, {"t": sku})
    assert searched["data"]["searchItems"]["edges"][0]["node"]["sku"] == sku


async def test_orders_are_filtered_and_newest_first(stack: Stack, samples: dict[str, Any]) -> None:
    query = """query ($c: String) { orders(customer: $c, company: "US", status: [CLOSED, SHIPPED], first: 5) {
      edges { node { status placedAt customer { number billTo { number } } shipTo { warehouse { company } } backorderOf { number } } }
    } }"""
    answer = await stack.ask(query, {"c": samples["customers"][0]})
    rows = [edge["node"] for edge in answer["data"]["orders"]["edges"]]
    assert "errors" not in answer
    assert [row["placedAt"] for row in rows] == sorted((row["placedAt"] for row in rows), reverse=True)
    assert {row["status"] for row in rows} <= {"CLOSED", "SHIPPED"}
    assert {row["customer"]["number"] for row in rows} == {samples["customers"][0]}
