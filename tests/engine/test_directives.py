"""@skip and @include: what is left out is neither in the answer nor asked for, by literal or by variable, at run time."""

from collections import Counter
from itertools import product
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLString, build_schema, parse

from engine import Documents, NotTaken, Plan, executed
from tests.engine.twins import by_core, by_engine, same

SCHEMA = build_schema("type Query { a: String b: String o: Query }")


def root(depth: int = 3) -> dict[str, Any]:
    return {"a": "a", "b": "b", "o": root(depth - 1) if depth else None}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{ a b @include(if: true) }", ["a", "b"]),
        ("{ a b @include(if: false) }", ["a"]),
        ("{ a b @skip(if: false) }", ["a", "b"]),
        ("{ a b @skip(if: true) }", ["a"]),
        ("{ a b @skip(if: false) @include(if: true) }", ["a", "b"]),
        ("{ a b @skip(if: true) @include(if: true) }", ["a"]),
        ("{ a b @skip(if: false) @include(if: false) }", ["a"]),
        ("{ b @skip(if: true) a b }", ["a", "b"]),
        ("{ a ... @include(if: false) { b } }", ["a"]),
        ("{ a ... on Query @skip(if: false) { b } }", ["a", "b"]),
        ("{ a ...F @include(if: false) } fragment F on Query { b }", ["a"]),
        ("{ ...F @include(if: false) a ...F } fragment F on Query { b }", ["a", "b"]),
        ("{ a @skip(if: true) b @include(if: false) }", []),
    ],
)
async def test_literals(text: str, keys: list[str]) -> None:
    result = await by_engine(SCHEMA, text, root=root())
    assert result.errors is None
    assert list(result.data or ()) == keys


@pytest.mark.parametrize(
    "selection",
    [
        "a @include(if: $x) b",
        "a @include(if: $x) @skip(if: $y) b @skip(if: $x)",
        "a @include(if: $x) b a",
        "a @include(if: $x) b a @include(if: $y)",
        "b @skip(if: $x) a @skip(if: $x) b @include(if: $x)",
        "... @include(if: $x) { b ... @skip(if: $y) { a } } a",
        "...F @include(if: $x) a ...F @include(if: $y)",
        "...G ...F @skip(if: $y)",
        "o @include(if: $x) { a } b o @include(if: $y) { b a }",
        "o { a @include(if: $x) o @skip(if: $y) { b } } ...F",
        "o { o @include(if: $x) { a } } o { o { b } }",
        "... @include(if: $x) { o { a } } ... @include(if: $y) { o { b o { a @skip(if: $x) } } }",
        "... @include(if: $x) { ... @skip(if: $x) { a } } b",
    ],
)
@pytest.mark.parametrize(("x", "y"), list(product((True, False), repeat=2)))
async def test_variables(selection: str, x: bool, y: bool) -> None:  # noqa: FBT001 - the values of the two variables
    fragments = "fragment F on Query { b o { b } } fragment G on Query { ...F @include(if: $x) a }"
    needed = (
        fragments if "...G" in selection else fragments.split(" fragment", maxsplit=1)[0] if "...F" in selection else ""
    )
    text = f"query ($x: Boolean!, $y: Boolean = true) {{ z: a @skip(if: $y) w: a @skip(if: $x) {selection} }} {needed}"
    ours = await by_engine(SCHEMA, text, {"x": x, "y": y}, root=root())
    same(ours, await by_core(SCHEMA, parse(text), {"x": x, "y": y}, root=root()))


async def test_one_plan_serves_all_values_of_the_variables_and_calls_for_what_is_included_only() -> None:
    calls: Counter[str] = Counter()

    def resolve(_: Any, info: Any) -> str:
        calls[info.path.key] += 1
        return "said"

    core = GraphQLSchema(GraphQLObjectType("Query", {"a": GraphQLField(GraphQLString, resolve=resolve)}))
    prepared = Documents(core).prepared("query ($x: Boolean!) { p: a @include(if: $x) q: a @skip(if: $x) r: a }")
    plan = prepared.plan()
    assert isinstance(plan, Plan)
    for x, expected in ((True, {"p": 1, "r": 1}), (False, {"q": 1, "r": 1}), (True, {"p": 1, "r": 1})):
        calls.clear()
        variables = plan.variables.of({"x": x})
        assert not isinstance(variables, list)
        result = await executed(plan, variables)
        assert (dict(calls), result.data) == (expected, dict.fromkeys(expected, "said"))
        assert prepared.plan() is plan


async def test_a_field_of_which_one_occurrence_is_left_out_is_told_of_at_the_other() -> None:
    text = "query ($x: Boolean!) {\n  a @include(if: $x)\n  a\n}"
    for x, locations in ((True, [(2, 3), (3, 3)]), (False, [(3, 3)])):
        result = await by_engine(SCHEMA, text, {"x": x}, root={"a": ValueError("no")})
        assert [error.locations for error in result.errors or ()] == [locations]


async def test_a_field_of_a_fragment_that_is_spread_twice_is_told_of_once() -> None:
    text = "query ($x: Boolean!) {\n  ...F @include(if: $x)\n  ...F\n}\nfragment F on Query {\n  a\n}"
    for x in (True, False):
        result = await by_engine(SCHEMA, text, {"x": x}, root={"a": ValueError("no")})
        assert [error.locations for error in result.errors or ()] == [[(6, 3)]]


async def test_a_field_that_stands_there_once_is_told_once_however_the_fragments_lead_to_it() -> None:
    text = """query ($x: Boolean!) { ...F @include(if: $x) ...F }
fragment F on Query { ... @include(if: $x) { o {
  a
} } }"""
    fails = {"o": {"a": ValueError("no")}}
    result = await by_engine(SCHEMA, text, {"x": True}, root=fails)
    same(result, await by_core(SCHEMA, parse(text), {"x": True}, root=fails))
    assert [error.locations for error in result.errors or ()] == [[(3, 3)]]


async def test_a_condition_without_a_value_is_not_taken_and_nothing_is_called() -> None:
    calls: list[str] = []
    core = GraphQLSchema(
        GraphQLObjectType("Query", {"a": GraphQLField(GraphQLString, resolve=lambda *_: calls.append("a"))})
    )
    plan = Documents(core).prepared("query ($x: Boolean = true) { a b: a @skip(if: $x) }").plan()
    assert isinstance(plan, Plan)
    variables = plan.variables.of({"x": None})
    assert not isinstance(variables, list)
    with pytest.raises(NotTaken, match="a condition without a value"):
        await executed(plan, variables)
    assert calls == []
