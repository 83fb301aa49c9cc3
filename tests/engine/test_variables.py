"""Variables and arguments: coerced as the specification says, absent told from null, and what does not fit refused in words."""

import json
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDefaultInput,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    parse,
)
from graphql.execution.values import get_variable_values
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from engine import Documents, Plan, executed
from tests.engine.twins import by_core, by_engine, same


def _odd(value: Any) -> Any:
    if value == "bad":
        raise ValueError("a bad one")
    return f"<{value}>"


ODD = GraphQLScalarType("Odd", coerce_input_value=_odd)
HUE = GraphQLEnumType("Hue", {"RED": "red", "GREEN": 2, "NONE": None})
POINT = GraphQLInputObjectType(
    "Point",
    lambda: {
        "x": GraphQLInputField(GraphQLNonNull(GraphQLInt)),
        "tag": GraphQLInputField(GraphQLString, default=GraphQLDefaultInput(value="dot")),
        "tags": GraphQLInputField(GraphQLList(GraphQLNonNull(GraphQLString))),
        "inner": GraphQLInputField(POINT, out_name="within"),
        "odd": GraphQLInputField(ODD),
    },
)
KINDS: dict[str, Any] = {
    "string": GraphQLString,
    "stringMust": GraphQLNonNull(GraphQLString),
    "id": GraphQLID,
    "int": GraphQLInt,
    "float": GraphQLFloat,
    "flag": GraphQLBoolean,
    "hue": HUE,
    "point": POINT,
    "odd": ODD,
    "list": GraphQLList(GraphQLString),
    "listMust": GraphQLNonNull(GraphQLList(GraphQLString)),
    "listOfMust": GraphQLList(GraphQLNonNull(GraphQLString)),
    "mustOfMust": GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLString))),
    "lists": GraphQLList(GraphQLList(GraphQLInt)),
}


def _shown(_: Any, __: Any, **given: Any) -> str:
    return json.dumps(given, sort_keys=True)


FIELDS = {name: GraphQLField(GraphQLString, {"in": GraphQLArgument(kind)}, _shown) for name, kind in KINDS.items()}
FIELDS["preset"] = GraphQLField(
    GraphQLString, {"in": GraphQLArgument(GraphQLString, default=GraphQLDefaultInput(value="preset"))}, _shown
)
FIELDS["presetMust"] = GraphQLField(
    GraphQLString,
    {"in": GraphQLArgument(GraphQLNonNull(GraphQLString), default=GraphQLDefaultInput(value="preset"))},
    _shown,
)
SCHEMA = GraphQLSchema(GraphQLObjectType("Query", FIELDS))


async def asked(text: str, variables: dict[str, Any] | None = None) -> ExecutionResult:
    """The engine's answer, which is graphql-core's to the letter, locations included."""
    ours, theirs = await by_engine(SCHEMA, text, variables), await by_core(SCHEMA, parse(text), variables)
    same(ours, theirs)
    assert [error.formatted for error in ours.errors or ()] == [error.formatted for error in theirs.errors or ()]
    return ours


async def given(field: str, variables: dict[str, Any], kind: str | None = None) -> Any:
    result = await asked(f"query ($v: {kind or KINDS[field]}) {{ {field}(in: $v) }}", variables)
    assert result.errors is None
    assert result.data is not None
    return json.loads(result.data[field])


@pytest.mark.parametrize(
    ("field", "value", "coerced"),
    [
        ("string", "a", "a"),
        ("string", None, None),
        ("id", "a", "a"),
        ("id", 7, "7"),
        ("int", 7, 7),
        ("int", 7.0, 7),
        ("float", 7, 7.0),
        ("flag", False, False),
        ("hue", "RED", "red"),
        ("hue", "GREEN", 2),
        ("hue", "NONE", None),
        ("odd", 5, "<5>"),
        ("list", ["a", None], ["a", None]),
        ("list", "a", ["a"]),
        ("list", None, None),
        ("list", [], []),
        ("listMust", [None], [None]),
        ("listOfMust", ["a"], ["a"]),
        ("mustOfMust", ["a", "b"], ["a", "b"]),
        ("lists", [1, [2], None], [[1], [2], None]),
        ("lists", 1, [[1]]),
        ("point", {"x": 1}, {"x": 1, "tag": "dot"}),
        ("point", {"x": 1, "tag": None}, {"x": 1, "tag": None}),
        ("point", {"x": 1, "tags": "a", "inner": {"x": 2, "odd": 3}}, None),
    ],
)
async def test_a_variable_is_coerced_to_its_type(field: str, value: Any, coerced: Any) -> None:
    if field == "point" and coerced is None:
        coerced = {"x": 1, "tag": "dot", "tags": ["a"], "within": {"x": 2, "tag": "dot", "odd": "<3>"}}
    assert await given(field, {"v": value}) == {"in": coerced}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("string", 5),
        ("string", ["a"]),
        ("stringMust", None),
        ("int", "5"),
        ("int", 2**31),
        ("int", 1.5),
        ("float", "x"),
        ("flag", "true"),
        ("flag", 1),
        ("id", 1.5),
        ("id", True),
        ("hue", "BLUE"),
        ("hue", "red"),
        ("odd", "bad"),
        ("list", [1]),
        ("listMust", None),
        ("listOfMust", ["a", None]),
        ("mustOfMust", None),
        ("mustOfMust", ["a", None]),
        ("point", {}),
        ("point", {"x": "a"}),
        ("point", {"x": 1, "y": 2}),
        ("point", {"x": 1, "inner": {"x": None}}),
        ("point", {"x": 1, "inner": {"inner": {"tags": [None]}}}),
        ("point", "x"),
    ],
)
async def test_a_variable_that_does_not_fit_is_refused(field: str, value: Any) -> None:
    result = await asked(f"query ($v: {KINDS[field]}) {{ string x: {field}(in: $v) }}", {"v": value})
    assert result.data is None
    assert result.errors
    assert all("Variable '$v'" in error.message and error.path is None for error in result.errors)


VALUES = st.recursive(
    st.sampled_from([None, True, 0, 2**31, 1.5, 2.0, "", "RED", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "tag", "tags", "inner"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None)
@drawn(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.just("absent") | VALUES), min_size=1, max_size=4))
def test_whatever_is_given_for_variables_graphql_core_makes_the_same_of_it(wanted: list[tuple[str, Any]]) -> None:
    head = ", ".join(f"$v{index}: {KINDS[field]}" for index, (field, _) in enumerate(wanted))
    fields = " ".join(f"f{index}: {field}(in: $v{index})" for index, (field, _) in enumerate(wanted))
    variables = {f"v{index}": value for index, (_, value) in enumerate(wanted) if value != "absent"}
    prepared = Documents(SCHEMA).prepared(f"query ({head}) {{ {fields} }}")
    plan, operation = prepared.plan(), prepared.operation()
    assert isinstance(plan, Plan)
    assert operation is not None
    ours, theirs = (
        plan.variables.of(variables),
        get_variable_values(SCHEMA, operation.variable_definitions or (), variables),
    )
    if isinstance(theirs, list):
        assert [str(error) for error in ours] == [str(error) for error in theirs]
    else:
        assert (ours.coerced, list(ours.sources)) == (theirs.coerced, list(theirs.sources))


async def test_a_variable_that_must_be_there_is_missed() -> None:
    result = await asked("query ($v: String!) { stringMust(in: $v) }", {})
    assert result.data is None
    assert len(result.errors or ()) == 1


@pytest.mark.parametrize(
    ("field", "kind", "variables", "seen"),
    [
        ("string", "String", {}, {}),
        ("string", "String", {"v": None}, {"in": None}),
        ("string", 'String = "d"', {}, {"in": "d"}),
        ("string", 'String = "d"', {"v": None}, {"in": None}),
        ("string", 'String = "d"', {"v": "x"}, {"in": "x"}),
        ("string", "String = null", {}, {"in": None}),
        ("preset", "String", {}, {"in": "preset"}),
        ("preset", "String", {"v": None}, {"in": None}),
        ("preset", 'String = "d"', {}, {"in": "d"}),
        ("presetMust", "String", {}, {"in": "preset"}),
        ("presetMust", "String", {"v": "x"}, {"in": "x"}),
        ("list", '[String] = "d"', {}, {"in": ["d"]}),
        ("point", "Point = {x: 4}", {}, {"in": {"x": 4, "tag": "dot"}}),
    ],
)
async def test_what_is_absent_is_not_null(
    field: str, kind: str, variables: dict[str, Any], seen: dict[str, Any]
) -> None:
    assert await given(field, variables, kind) == seen


async def test_null_for_an_argument_that_may_not_be_is_told_at_its_field() -> None:
    result = await asked("query ($v: String) { presetMust(in: $v) string }", {"v": None})
    assert result.data == {"presetMust": None, "string": "{}"}
    assert [error.path for error in result.errors or ()] == [["presetMust"]]


@pytest.mark.parametrize(
    ("literal", "variables", "seen"),
    [
        ("{x: 1}", {}, {"x": 1, "tag": "dot"}),
        ('{x: $n, tags: ["a", $s]}', {"n": 5, "s": "b"}, {"x": 5, "tag": "dot", "tags": ["a", "b"]}),
        ("{x: $n, tag: $s}", {"n": 5}, {"x": 5, "tag": "dot"}),
        ("{x: $n, tag: $s}", {"n": 5, "s": None}, {"x": 5, "tag": None}),
        ("{x: 1, inner: {x: $n}}", {"n": 5}, {"x": 1, "tag": "dot", "within": {"x": 5, "tag": "dot"}}),
    ],
)
async def test_variables_may_stand_within_literals(literal: str, variables: dict[str, Any], seen: Any) -> None:
    used = [(name, kind) for name, kind in (("n", "Int!"), ("s", "String")) if f"${name}" in literal]
    loose = '"a", $s' in literal
    head = ", ".join(f"${name}: {'String!' if loose and name == 's' else kind}" for name, kind in used)
    text = f"query ({head}) {{ point(in: {literal}) }}" if head else f"{{ point(in: {literal}) }}"
    result = await asked(text, variables)
    assert result.data is not None
    assert json.loads(result.data["point"]) == {"in": seen}


async def test_a_literal_that_a_resolver_changes_is_whole_for_the_next_request() -> None:
    seen: list[list[int]] = []

    def resolve(*_: Any, numbers: list[int]) -> str:
        numbers.append(0)
        seen.append(numbers)
        return "done"

    field = GraphQLField(GraphQLString, {"numbers": GraphQLArgument(GraphQLList(GraphQLInt))}, resolve)
    plan = Documents(GraphQLSchema(GraphQLObjectType("Query", {"a": field}))).prepared("{ a(numbers: [5]) }").plan()
    assert isinstance(plan, Plan)
    for _ in range(3):
        variables = plan.variables.of({})
        assert not isinstance(variables, list)
        await executed(plan, variables)
    assert seen == [[5, 0]] * 3
