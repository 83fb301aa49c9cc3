"""What a router asks: entities by their keys, many at once, each answered in its own place."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
from stack import Stack, stack_over

from gateway import development_key
from gateway.limits import LimitSettings, documents
from gateway.measuring import Measured
from gateway.operation import SCHEMA, left_to_graphql_core
from resolvers.nodes import GlobalId
from resolvers.opaque import sealed
from resolvers.schema import printed_for_routers
from sandbox.facts import Dataset
from sources.viewer import SCOPES

QUERY = """query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename
  ... on Customer { name credit { onHold } }
  ... on Item { name availability { available } }
  ... on Order { status } ... on Shipment { carrier } ... on ShipTo { name } ... on Warehouse { name }
} }"""
NAMES = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Customer { number } ... on Item { sku } ... on Warehouse { code }
} }"""


KINDS = """query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename
  ... on Customer { number } ... on Item { sku } ... on Order { number } ... on Shipment { number } ... on ShipTo { code }
  ... on Warehouse { code } } }"""
FACTS = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}, {"code": "CA", "currency": "CAD"}],
    "customers": [{"company": "US", "number": "A"}, {"company": "US", "number": "B"}],
    "shipTos": [{"company": "US", "code": "DOCK", "customer": "A"}],
    "items": [{"company": "CA", "sku": "MAPLE"}, {"company": "US", "sku": "BOLT"}, {"company": "US", "sku": "NUT", "name": "Nut"}],
    "orders": [{"company": "US", "number": "1", "customer": "A", "lines": [{"sku": "BOLT"}]}],
    "warehouses": [{"company": "US", "code": "RNO"}, {"company": "CA", "code": "YYZ"}],
    "shipments": [{"company": "US", "number": "S1", "order": "1", "warehouse": "RNO"}],
}  # fmt: skip


@pytest.fixture
async def world() -> AsyncIterator[Stack]:
    async with stack_over(Dataset.from_builtins(FACTS)) as running:
        yield running


def by_id(kind: str, number: str, company: str = "US") -> dict[str, str]:
    return {"__typename": kind, "id": sealed(GlobalId(kind, company, number))}


def customer(number: str, company: str | None = "US") -> dict[str, Any]:
    return {"__typename": "Customer", "number": number, "company": company}


async def asked(stack: Stack, representations: Sequence[Any], query: str = NAMES, **headers: str) -> Mapping[str, Any]:
    return await stack.ask(query, {"representations": representations}, **headers)


async def some_customers(stack: Stack, many: int) -> list[str]:
    found = await stack.ask(f'{{ customers(company: "US", first: {many}) {{ edges {{ node {{ number }} }} }} }}')
    await stack.calls()
    return [edge["node"]["number"] for edge in found["data"]["customers"]["edges"]]


async def test_a_hundred_entities_of_a_type_are_one_read_and_what_hangs_on_them_another(stack: Stack) -> None:
    numbers = await some_customers(stack, 100)
    left = left_to_graphql_core.copy()
    answer = await asked(stack, [customer(each) for each in numbers], QUERY)
    assert "errors" not in answer
    found = answer["data"]["_entities"]
    assert [each["__typename"] for each in found] == ["Customer"] * 100
    assert all(each["credit"] is not None for each in found)
    assert await stack.calls() == {"GET /customers": 1, "GET /customers/credit": 1}
    assert left_to_graphql_core == left


async def test_by_either_key_and_in_both_ways_together_it_is_the_same_record_read_once(stack: Stack) -> None:
    (number,) = await some_customers(stack, 1)
    representations = [customer(number), by_id("Customer", number), {**by_id("Customer", number), "tier": {"a": [1]}}]
    assert await asked(stack, representations) == {"data": {"_entities": [{"number": number}] * 3}}
    assert await stack.calls() == {"GET /customers": 1}


async def test_entities_of_mixed_types_are_one_read_a_type_in_the_order_asked(world: Stack) -> None:
    by_number = [
        {"__typename": "Item", "sku": "BOLT", "company": "US"},
        {"__typename": "Order", "number": "1", "company": "US"},
        {"__typename": "Warehouse", "code": "RNO"},
        {"__typename": "ShipTo", "code": "DOCK", "company": "US"},
        {"__typename": "Shipment", "number": "S1", "company": "US"},
        customer("A"),
        {"__typename": "Item", "sku": "NUT", "company": "US"},
    ]
    keys = {"Item": "BOLT", "Order": "1", "ShipTo": "DOCK", "Shipment": "S1", "Customer": "A"}
    answer = await asked(world, [*by_number, *(by_id(kind, number) for kind, number in keys.items())], KINDS)
    kinds = ["Item", "Order", "Warehouse", "ShipTo", "Shipment", "Customer", "Item", *keys]
    names = ["BOLT", "1", "RNO", "DOCK", "S1", "A", "NUT", *keys.values()]
    told = [tuple(each.values()) for each in answer["data"]["_entities"]]
    assert "errors" not in answer
    assert told == list(zip(kinds, names, strict=True))
    assert await world.calls() == {
        f"GET /{each}": 1 for each in ("items", "orders", "warehouses", "ship-tos", "shipments", "customers")
    }


async def test_what_hangs_on_entities_does_not_wait_for_them(world: Stack) -> None:
    """Their keys say all that it takes: while no customer has come back, their credit is asked for."""
    await world.fault("erp", operation="GET /customers", hang=True)
    answer = await asked(
        world, [customer("A"), by_id("Customer", "B"), {"__typename": "Item", "sku": "NUT", "company": "US"}], QUERY
    )
    assert answer["data"]["_entities"] == [None, None, {"__typename": "Item", "name": "Nut", "availability": None}]
    assert [error["path"] for error in answer["errors"]] == [["_entities", 0], ["_entities", 1]]
    await world.mend()
    calls = await world.calls()
    assert (calls["GET /customers"], calls["GET /customers/credit"], calls["GET /stock"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("representation", "message"),
    [
        ({"__typename": "Nope", "id": "x"}, '"Nope" is no entity of this subgraph.'),
        ({"__typename": "Query"}, '"Query" is no entity of this subgraph.'),
        ({"number": "C-1", "company": "US"}, "this is no object with a __typename."),
        ({"__typename": 5}, "this is no object with a __typename."),
        ("Customer", "this is no object with a __typename."),
        (7, "this is no object with a __typename."),
        ([{"__typename": "Customer"}], "this is no object with a __typename."),
        ({"__typename": "Customer", "number": "C-1"}, 'Customer is known by "id" or "number company".'),
        ({"__typename": "Customer", "number": 5, "company": "US"}, 'Customer is known by "id" or "number company".'),
        (
            {"__typename": "Customer", "number": "C-1", "company": None},
            'Customer is known by "id" or "number company".',
        ),
        ({"__typename": "Warehouse", "id": "x"}, 'Warehouse is known by "code".'),
        ({"__typename": "OrderSubmission", "company": "US"}, 'OrderSubmission is known by "id".'),
    ],
)
async def test_a_malformed_one_is_null_with_an_error_in_its_own_place(
    stack: Stack, representation: Any, message: str
) -> None:
    (number,) = await some_customers(stack, 1)
    answer = await asked(stack, [customer(number), representation, customer("NONE")])
    assert answer["data"] == {"_entities": [{"number": number}, None, None]}
    (error,) = answer["errors"]
    assert (error["path"], error["message"]) == (["_entities", 1], f'Argument "representations[1]": {message}')
    assert error["extensions"]["code"] == "BAD_INPUT"


async def test_an_id_of_another_type_or_of_nobody_is_malformed_and_is_not_asked_for(stack: Stack) -> None:
    answer = await asked(
        stack, [{**by_id("Order", "1"), "__typename": "Customer"}, {"__typename": "Item", "id": "nonsense"}]
    )
    assert answer["data"] == {"_entities": [None, None]}
    assert [error["message"] for error in answer["errors"]] == [
        'Argument "representations[0].id": this is no id of Customer.',
        'Argument "representations[1].id": this is no id that the gateway gave out.',
    ]
    assert await stack.calls() == {}


async def test_written_into_the_document_it_is_the_same(stack: Stack) -> None:
    (number,) = await some_customers(stack, 1)
    entity = f'{{__typename: "Customer", number: "{number}", company: "US"}}'
    answer = await stack.ask(f"{{ _entities(representations: [{entity}, 5]) {{ ... on Customer {{ number }} }} }}")
    assert answer["data"] == {"_entities": [{"number": number}, None]}
    inner = entity.replace(f'"{number}"', "$n")
    query = f"query ($n: String) {{ _entities(representations: [{inner}]) {{ ... on Customer {{ number }} }} }}"
    assert await stack.ask(query, {"n": number}) == {"data": {"_entities": [{"number": number}]}}


async def test_a_system_that_is_down_nulls_its_own_entities_only(stack: Stack, samples: dict[str, Any]) -> None:
    await stack.fault("wms", status=503)
    answer = await asked(
        stack,
        [
            {"__typename": "Shipment", "number": "S", "company": "US"},
            {"__typename": "Item", "sku": samples["skus"][0], "company": "US"},
        ],
    )
    assert answer["data"] == {"_entities": [None, {"sku": samples["skus"][0]}]}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["_entities", 0], "SOURCE_UNAVAILABLE")


async def test_more_than_five_hundred_are_refused_and_nothing_is_asked(stack: Stack) -> None:
    answer = await asked(stack, [customer("A")] * 501)
    assert answer["data"] is None
    (error,) = answer["errors"]
    assert error["message"] == 'Argument "representations": 501 is more than the limit of 500.'
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert await stack.calls() == {}
    assert await asked(stack, [customer("NONE")] * 500) == {"data": {"_entities": [None] * 500}}


def test_each_representation_costs() -> None:
    prepared = documents(SCHEMA, LimitSettings(), introspection=True).prepared(NAMES)
    measured: Measured = prepared.measured
    assert [measured.cost(None, {"representations": [{}] * many}) for many in (1, 2, 100, 9_000)] == [7, 14, 700, 3_500]


async def test_what_may_not_be_seen_is_answered_like_what_does_not_exist(world: Stack) -> None:
    wanted = [
        customer("A"), customer("B"), by_id("Customer", "B"), customer("X"),
        {"__typename": "Item", "sku": "MAPLE", "company": "CA"}, by_id("Item", "BOLT"),
        {"__typename": "Warehouse", "code": "YYZ"}, {"__typename": "Warehouse", "code": "RNO"},
    ]  # fmt: skip
    bearer = development_key.token(development_key.Bearer("a", SCOPES, ["US"], ["A"]))
    answer = await asked(world, wanted, Authorization=f"Bearer {bearer}")
    own = [{"number": "A"}, None, None, None, None, {"sku": "BOLT"}, None, {"code": "RNO"}]
    assert answer == {"data": {"_entities": own}}
    bearer = development_key.token(development_key.Bearer("a", ["item:read"], ["US"], ["A"]))
    answer = await asked(world, wanted, Authorization=f"Bearer {bearer}")
    assert answer == {"data": {"_entities": [None] * 5 + [{"sku": "BOLT"}, None, {"code": "RNO"}]}}


async def test_the_sdl_is_told_where_introspection_is_and_to_routers_where_the_settings_say_so() -> None:
    facts = Dataset.from_builtins({"today": "2026-06-30"})
    query = "{ _service { sdl } }"
    told = {"data": {"_service": {"sdl": printed_for_routers()}}}
    async with stack_over(facts) as stack:
        assert await stack.ask(query) == told
    async with stack_over(facts, http={"introspection": "off"}) as stack:
        for text in (query, "{ ...F } fragment F on Query { a: _service { __typename } }"):
            answer = await stack.ask(text)
            assert "data" not in answer
            assert answer["errors"][0]["message"] == 'The schema is not told here: "_service" has been disabled.'
    async with stack_over(facts, http={"introspection": "off", "subgraph": True}) as stack:
        assert await stack.ask(query) == told
        assert "data" not in await stack.ask("{ __schema { types { name } } }")
