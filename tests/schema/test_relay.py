"""Relay's rules where only a running gateway can show them: records are found again by their ids, and lists go on at any cursor."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
)
from stack import Stack, stack_over

from resolvers.nodes import GlobalId
from resolvers.opaque import sealed
from resolvers.schema import printed
from sandbox.facts import Dataset
from tests.orders.counter import Counter

SCHEMA: GraphQLSchema = build_schema(printed())
FACTS = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}],
    "warehouses": [{"company": "US", "code": "RNO"}],
    "items": [{"sku": f"BOLT-{at}", "name": f"Bolt {at}", "listPrice": "1.00"} for at in range(4)],
    "stock": [{"sku": f"BOLT-{at}", "warehouse": "RNO", "onHand": "70"} for at in range(4)],
    "customers": [
        {"number": f"C{at}", "name": f"Acme {at}", "billTo": "C0", "paymentTerms": "Net 30"} for at in range(5)
    ],
    "shipTos": [{"code": f"S{at}", "customer": f"C{at}", "warehouse": "RNO"} for at in range(5)],
    "orders": [
        {"number": str(1000 + at), "customer": "C1", "shipTo": "S1", "placedAt": f"2026-06-2{at}T08:00:00Z", "status": "SHIPPED"}
        for at in range(4)
    ],
    "shipments": [
        {"company": "US", "number": "SH1", "order": "1001", "warehouse": "RNO", "status": "SHIPPED", "parcels": [{"trackingNumber": "1Z"}]}
    ],
}  # fmt: skip
ROWS = 4
"""Each list below has so many at least; the submissions are handed in by `relay`."""

ROOTS: dict[str, str] = {
    "Customer": 'customer(number: "C1") { ... }',
    "Item": 'item(sku: "BOLT-1") { ... }',
    "Order": 'order(number: "1001") { ... }',
    "OrderSubmission": "submissions(first: 1) { edges { node { ... } } }",
    "ShipTo": 'customer(number: "C1") { shipTos { ... } }',
    "Shipment": 'shipment(number: "SH1") { ... }',
}
"""Where a record of each type is met for the first time."""

LISTS: Mapping[str, tuple[str, ...]] = {
    "Customer.children": ('customer(number: "C0")', "children"),
    "Customer.orders": ('customer(number: "C1")', "orders"),
    "Query.customers": ("customers",),
    "Query.orders": ("orders",),
    "Query.searchItems": ("searchItems",),
    "Query.submissions": ("submissions",),
}
"""The path to each connection; its last field takes the page."""


@pytest.fixture(scope="module")
async def relay(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    url = f"sqlite:///{tmp_path_factory.mktemp('relay')}/submissions.db"
    async with stack_over(Dataset.from_builtins(FACTS), submissions={"url": url, "settle_seconds": 0.3}) as stack:
        counter = Counter(stack, {"sound": []})
        for at in range(ROWS):
            lines = [{"sku": f"BOLT-{at}", "quantity": "1"}]
            taken = await counter.submit({"customer": "C1", "shipTo": "S1", "lines": lines})
            await counter.ended(taken["submission"]["id"])
        yield stack


def objects() -> Sequence[GraphQLObjectType]:
    return [kind for name, kind in SCHEMA.type_map.items() if isinstance(kind, GraphQLObjectType) and name[0] != "_"]


def nodes() -> Sequence[str]:
    interface = SCHEMA.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    return sorted(kind.name for kind in SCHEMA.get_possible_types(interface))


def record(name: str) -> str:
    """Every plain field of the type, but for the moment it was read at."""
    fields: Mapping[str, Any] = getattr(SCHEMA.type_map[name], "fields", {})
    return " ".join(
        ["__typename", *(each for each in fields if is_leaf_type(get_named_type(fields[each].type)) and each != "asOf")]
    )


def found(data: Any) -> dict[str, Any]:
    """The record at the end of a path."""
    while "id" not in data:
        data = data[0] if isinstance(data, list) else next(iter(data.values()))
    record: dict[str, Any] = data
    return record


def test_every_type_behind_node_and_every_list_is_tried_here() -> None:
    assert sorted(ROOTS) == nodes()
    lists = [
        f"{kind.name}.{name}"
        for kind in objects()
        for name, field in kind.fields.items()
        if str(field.type).endswith("Connection")
    ]
    assert sorted(LISTS) == sorted(lists)


def test_whatever_has_an_id_is_a_node_or_an_event_and_both_are_asked_for_in_relays_way() -> None:
    holders = {kind.name: {each.name for each in kind.interfaces} for kind in objects() if "id" in kind.fields}
    assert [name for name, interfaces in holders.items() if not interfaces & {"Node", "Event"}] == []
    assert SCHEMA.query_type is not None
    fields = SCHEMA.query_type.fields
    signatures = [
        (name, str(fields[name].type), {arg: str(each.type) for arg, each in fields[name].args.items()})
        for name in ("node", "nodes")
    ]
    assert signatures == [("node", "Node", {"id": "ID!"}), ("nodes", "[Node]", {"ids": "[ID!]!"})]


def test_a_mutation_takes_one_input_named_after_it_and_answers_a_payload_that_may_be_null() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        assert {arg: str(each.type) for arg, each in field.args.items()} == {
            "input": f"{name[0].upper()}{name[1:]}Input!"
        }
        assert isinstance(field.type, GraphQLObjectType)
        assert field.type.name.endswith("Payload")
        assert str(field.type.fields["problems"].type) == "[Problem!]!"
        others = [each.type for given, each in field.type.fields.items() if given != "problems"]
        assert [str(each) for each in others if isinstance(each, GraphQLNonNull)] == []


@pytest.mark.parametrize("name", ROOTS)
async def test_a_record_is_the_same_when_it_is_asked_for_by_its_id(relay: Stack, name: str) -> None:
    met = await relay.ask(f"{{ {ROOTS[name].replace('...', record(name))} }}")
    first = found(met["data"])
    query = f"query ($id: ID!) {{ node(id: $id) {{ id ... on {name} {{ {record(name)} }} }} }}"
    assert await relay.ask(query, {"id": first["id"]}) == {"data": {"node": first}}
    assert first["__typename"] == name


async def test_nodes_keep_the_order_asked_with_null_where_there_is_no_such_record(relay: Stack) -> None:
    query = " ".join(f"{name}: {path.replace('...', 'id')}" for name, path in ROOTS.items())
    met = (await relay.ask(f"{{ {query} }}"))["data"]
    ids = {name: found({name: met[name]})["id"] for name in ROOTS}
    absent = {name: str(sealed(GlobalId(name, "" if name == "OrderSubmission" else "US", "none"))) for name in ROOTS}
    asked = [each for name in reversed(ROOTS) for each in (absent[name], ids[name])] + [ids["Item"]]
    wanted = [each for name in reversed(ROOTS) for each in (None, {"__typename": name, "id": ids[name]})]
    wanted.append({"__typename": "Item", "id": ids["Item"]})
    answer = await relay.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": asked})
    assert answer == {"data": {"nodes": wanted}}
    one = await relay.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": absent["Item"]})
    assert one == {"data": {"node": None}}


async def page(relay: Stack, path: Sequence[str], first: int, after: str | None = None) -> Any:
    body = "edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    query = f"{path[-1]}(first: $first, after: $after) {{ {body} }}"
    for outer in reversed(path[:-1]):
        query = f"{outer} {{ {query} }}"
    answer = await relay.ask(f"query ($first: Int, $after: String) {{ {query} }}", {"first": first, "after": after})
    assert "errors" not in answer
    data = answer["data"]
    while "pageInfo" not in data:
        data = next(iter(data.values()))
    return data


@pytest.mark.parametrize("place", LISTS)
async def test_a_list_goes_on_behind_each_of_its_cursors(relay: Stack, place: str) -> None:
    whole = await page(relay, LISTS[place], 100)
    rows = whole["edges"]
    assert len(rows) >= ROWS
    ids = [each["node"]["id"] for each in rows]
    assert len(set(ids)) == len(ids)
    assert whole["pageInfo"] == {
        "hasNextPage": False, "hasPreviousPage": False, "startCursor": rows[0]["cursor"], "endCursor": rows[-1]["cursor"],
    }  # fmt: skip
    for at, row in enumerate(rows):
        behind = await page(relay, LISTS[place], 2, row["cursor"])
        assert [each["node"]["id"] for each in behind["edges"]] == ids[at + 1 : at + 3]
        assert behind["pageInfo"]["hasNextPage"] is (at + 3 < len(ids))
        assert behind["pageInfo"]["hasPreviousPage"] is True


async def test_a_page_of_none_has_no_cursors(relay: Stack) -> None:
    empty = await page(relay, LISTS["Query.orders"], 0)
    assert (empty["edges"], empty["pageInfo"]["startCursor"], empty["pageInfo"]["endCursor"]) == ([], None, None)
