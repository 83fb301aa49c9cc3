"""The table of docs/security.md: it names every field of the schema and no other, says what the ports enforce, and it is so."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path as File
from typing import Any, NamedTuple

import orjson
import pytest
from graphql import GraphQLField
from stack import Stack, stack_over
from two_customers import Path, all_fields, facts, paths

from gateway import development_key
from resolvers.schema import schema
from sandbox.facts import Dataset
from sources.permitted import RULES
from sources.ports import CarrierSource, CrmSource, ErpSource, WmsSource
from sources.viewer import SCOPES

CORE = schema._schema  # noqa: SLF001 - graphql-core's, which Strawberry does not hand out
PAGE = (File(__file__).parents[2] / "docs" / "security.md").read_text()
ROW = re.compile(r"^\| ((?:`\w+\.\w+`(?:, )?)+) \| (.+) \| (.+) \|$", re.MULTILINE)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
TOGETHER = 15

ITS_OWN = "with the record"
MIXED = {"Query._entities", "Query.node", "Query.nodes", "Query.quote"}
"""Their rows name several scopes: each for its part of the answer."""

ITS_OWN_READING = {"Query.validateOrder"}
"""What it reads, the rules need: what of it is shown says the row."""

UNLIKE = {"Query.viewer", "Query._entities", "Query.node", "Query.nodes"}
"""One names the scopes; what is asked as another type than its own is {} with its scope and null without."""

NODE_SCOPES = {
    "... on Customer": "customer:read",
    "... on ShipTo": "customer:read",
    "... on Item": "item:read",
    "... on Order": "order:read",
    "... on Shipment": "shipment:read",
}


class Permission(NamedTuple):
    scopes: frozenset[str]
    reach: frozenset[str]
    is_the_records: bool


def documented() -> Iterator[tuple[str, Permission]]:
    for names, scope, reach in ROW.findall(PAGE):
        permission = Permission(
            frozenset(re.findall(r"`([a-z]+:[a-z]+)`", scope)), frozenset(reach.split(", ")), scope == ITS_OWN
        )
        yield from ((name, permission) for name in re.findall(r"`(\w+\.\w+)`", names))


TABLE = dict(documented())


def reads(definition: GraphQLField) -> Sequence[str]:
    field: Any = definition.extensions.get("strawberry-definition")
    found: Sequence[str] = field.metadata.get("reads", ()) if field is not None else ()
    return found


def test_the_table_names_every_field_once_and_no_other() -> None:
    names = [name for name, _ in documented()]
    assert sorted(names) == sorted({name for name, _ in all_fields(CORE)})


def test_the_table_says_of_every_field_that_asks_a_source_what_is_enforced_there() -> None:
    wrong = []
    for name, definition in all_fields(CORE):
        rules = [RULES[each] for each in reads(definition)]
        if rules and name not in ITS_OWN_READING:
            scopes = frozenset(rule.scope for rule in rules if rule.scope is not None)
            told = Permission(scopes, frozenset(rule.bound for rule in rules), is_the_records=False)
            wrong += [name] if TABLE[name] != told else []
    assert wrong == []


def test_there_is_a_rule_for_every_operation_of_the_ports_and_each_scope_is_one() -> None:
    roles = {"erp": ErpSource, "crm": CrmSource, "wms": WmsSource, "carrier": CarrierSource}
    operations = {
        f"{role}.{name}"
        for role, port in roles.items()
        for name, each in vars(port).items()
        if callable(each) and not name.startswith("_")
    }
    assert operations == set(RULES)
    assert {rule.scope for rule in RULES.values() if rule.scope} <= set(SCOPES)
    assert {scope for permission in TABLE.values() for scope in permission.scopes} <= set(SCOPES)


def test_the_page_names_only_tests_that_there_are() -> None:
    root = File(__file__).parents[2]
    assert [name for name in re.findall(r"`(tests/[\w/]+\.py)`", PAGE) if not (root / name).exists()] == []


# ---------------------------------------------------------------- and it is so


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[Stack]:
    limits = {"cost": 10**9, "comparisons": 10**6, "validation_ms": 10_000}
    async with stack_over(
        Dataset.from_builtins(facts()),
        limits=limits,
        timeout_seconds=20.0,
        deadlines={"query_seconds": 30},
        cache={"enabled": True},
    ) as running:
        yield running


def scopes_of(path: Path) -> frozenset[str]:
    """What it takes to see the end of a path."""
    of_nodes = (NODE_SCOPES[step] for step in path.steps if step in NODE_SCOPES)
    of_fields = (scope for step in path.steps if step in TABLE and step not in MIXED for scope in TABLE[step].scopes)
    return frozenset([*of_nodes, *of_fields])


APART = {"Query.quote", "Query.recentOperations", "Query.sources", "Query.validateOrder"}
"""What these show of each part has tests of its own."""

WALKED = [path for path in paths(hops=4, visits=1) if APART.isdisjoint(path.steps)]


async def answers(stack: Stack, scopes: set[str]) -> dict[str, Any]:
    bearer = development_key.token(development_key.Bearer("a", scopes, ["US"], ["A1"]))
    queries = list(dict.fromkeys(path.own for path in WALKED))
    found: dict[str, Any] = {}
    for at in range(0, len(queries), TOGETHER):
        part = queries[at : at + TOGETHER]
        text = "{ " + " ".join(f"p{place}: {query[2:-2]}" for place, query in enumerate(part)) + " }"
        body = await stack.ask(text, Authorization=f"Bearer {bearer}")
        assert all(error["extensions"]["code"] == "BAD_INPUT" for error in body.get("errors", ())), body["errors"]
        found |= {query: body["data"][f"p{place}"] for place, query in enumerate(part)}
    return found


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def tells(value: Any) -> bool:
    return any(each not in {None, 0} for each in leaves(value))


async def test_without_its_scope_a_path_ends_in_nothing_and_all_others_are_as_before(world: Stack) -> None:
    every = set(SCOPES)
    whole = await answers(world, every)
    assert {scope for path in WALKED if tells(whole[path.own]) for scope in scopes_of(path)} == {
        rule.scope for rule in RULES.values() if rule.scope is not None
    }
    for scope in sorted({scope for path in WALKED for scope in scopes_of(path)}):
        without = await answers(world, every - {scope})
        shown = [path.own for path in WALKED if scope in scopes_of(path) and tells(without[path.own])]
        changed = [
            path.own
            for path in WALKED
            if path.steps[0] not in UNLIKE
            and "availability(shipTo" not in path.own  # the ship-to is a customer's
            and scope not in scopes_of(path)
            and _timeless(without[path.own]) != _timeless(whole[path.own])
        ]
        assert (scope, shown, changed) == (scope, [], [])


def _timeless(value: Any) -> str:
    return MOMENT.sub("now", orjson.dumps(value).decode())


async def test_without_any_scope_there_are_only_oneself_and_warehouses_by_their_codes(world: Stack) -> None:
    found = await answers(world, set())
    assert {path.steps[:2] for path in WALKED if tells(found[path.own])} == {
        ("Query.viewer",),
        ("Query._entities", "... on Warehouse"),
    }


async def test_a_quote_shows_of_each_part_what_its_scope_allows(world: Stack) -> None:
    asked = 'input: {customer: "A1", lines: [{sku: "BOLT", quantity: "1"}]}'
    query = f"{{ quote({asked}) {{ lines {{ item {{ sku }} price {{ uom }} promise {{ complete }} }} total {{ amount }} }} }}"

    async def quoted(*scopes: str) -> Any:
        bearer = development_key.token(development_key.Bearer("a", scopes, ["US"], ["A1"]))
        return await world.ask(query, Authorization=f"Bearer {bearer}")

    whole = (await quoted("customer:read", "item:read", "price:read", "availability:read"))["data"]["quote"]
    assert whole["lines"] == [{"item": {"sku": "BOLT"}, "price": {"uom": "EA"}, "promise": {"complete": True}}]
    assert whole["total"]["amount"] == "3.33"
    unpriced = await quoted("customer:read", "item:read", "availability:read")
    assert unpriced["data"]["quote"] == {"lines": [{**whole["lines"][0], "price": None}], "total": None}
    unpromised = (await quoted("customer:read", "item:read", "price:read"))["data"]["quote"]
    assert unpromised["lines"][0]["promise"] is None
    unknown = await quoted("item:read", "price:read", "availability:read")
    assert unknown["errors"][0]["message"] == 'Argument "input.customer": there is no customer "A1".'


async def test_the_checks_of_an_order_are_for_those_who_may_order_and_show_what_else_they_may_see(world: Stack) -> None:
    asked = 'input: {company: "US", customer: "A1", shipTo: "SA", lines: [{sku: "BOLT", quantity: "1", expectedUnitPrice: "9"}]}'
    query = f"{{ validateOrder({asked}) {{ problems {{ __typename code message }} quote {{ total {{ amount }} }} }} }}"

    async def checked(*scopes: str) -> Any:
        bearer = development_key.token(development_key.Bearer("a", scopes, ["US"], ["A1"]))
        return await world.ask(query, Authorization=f"Bearer {bearer}")

    told = (await checked(*SCOPES))["data"]["validateOrder"]
    assert [each["__typename"] for each in told["problems"]] == ["PriceChanged", "CreditLimitExceeded"]
    assert told["quote"]["total"]["amount"] == "3.33"
    hidden = (await checked("order:submit"))["data"]["validateOrder"]
    assert [(each["__typename"], each["code"]) for each in hidden["problems"]] == [
        ("PlainProblem", "PRICE_CHANGED"),
        ("PlainProblem", "CREDIT_LIMIT"),
    ]
    assert "3.33" not in str(hidden)
    assert hidden["quote"] is None
    refused = await checked(*set(SCOPES) - {"order:submit"})
    assert refused["errors"][0]["message"] == 'Argument "input.customer": there is no customer "A1".'


async def test_how_the_systems_do_is_for_those_who_may_know(world: Stack) -> None:
    bearer = development_key.token(development_key.Bearer("a", ["item:read"]))
    headers = {"Authorization": f"Bearer {bearer}", "X-Crossdock-Sources": "true"}
    answer = await world.ask('{ sources { name } item(sku: "NUT") { sku } }', **headers)
    assert answer == {"data": {"sources": None, "item": {"sku": "NUT"}}}


async def test_credit_that_was_seen_is_written_down_and_its_figures_are_not(
    world: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "crossdock.audit")
    bearer = development_key.token(development_key.Bearer("ann", SCOPES, ["US"], ["A1"]))
    query = '{ a: customer(number: "A1") { credit { exposure { amount } } } b: customer(number: "B1") { credit { onHold } } }'
    answer = await world.ask(query, Authorization=f"Bearer {bearer}", **{"X-Correlation-Id": "c-1"})
    assert answer["data"]["a"]["credit"]["exposure"]["amount"] == "3.33"
    (line,) = [vars(each)["audit"] for each in caplog.records if each.name == "crossdock.audit"]
    assert line == {
        "deed": "saw", "what": "credit", "subject": "ann", "correlationId": "c-1", "records": ["US:A1"], "count": 1,
    }  # fmt: skip


async def test_many_at_once_change_nothing(world: Stack) -> None:
    """Two viewers in the same moment, on the same records: calls that are shared must not share what may be seen."""
    tokens = [development_key.token(development_key.Bearer(name, SCOPES, ["US"], [name])) for name in ("A1", "B1")]
    query = '{ a: order(number: "1001") { number } b: order(number: "2001") { number } customers { totalCount } }'
    found = await asyncio.gather(*(world.ask(query, Authorization=f"Bearer {each}") for each in tokens * 20))
    own = {"data": {"a": {"number": "1001"}, "b": None, "customers": {"totalCount": 2}}}
    other = {"data": {"a": None, "b": {"number": "2001"}, "customers": {"totalCount": 3}}}
    assert found == [own, other] * 20
