"""What is selected stands in the answer, in the order it was asked for, and a failure stays where it happened."""

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLString, build_schema

from engine import Documents, NotTaken, Plan, executed
from tests.engine.twins import by_engine


async def later(value: Any) -> Any:
    return value


def schema(**resolvers: Any) -> GraphQLSchema:
    fields = {name: GraphQLField(GraphQLString, resolve=each) for name, each in resolvers.items()}
    return GraphQLSchema(GraphQLObjectType("Query", fields))


PERSON = build_schema("""
  type Query { me: Person, you: Person }
  type Person { name: String, age: Int, friend: Person, friends: [Person] }
""")


async def test_fields_stand_in_the_order_of_the_selection_however_they_are_answered() -> None:
    said: list[str] = []

    def now(name: str) -> Any:
        return lambda *_: said.append(name) or name

    async def soon(*_: Any) -> str:
        said.append("b")
        return "b"

    result = await by_engine(schema(a=now("a"), b=soon, c=now("c"), d=soon), "{ d c b a }")
    assert result.errors is None
    assert result.data is not None
    assert list(result.data.items()) == [("d", "b"), ("c", "c"), ("b", "b"), ("a", "a")]
    assert sorted(said) == ["a", "b", "b", "c"]


async def test_a_merged_field_stands_at_its_first_place_and_is_called_once() -> None:
    calls: list[str] = []

    def friend(_: Any, info: Any) -> Any:
        calls.append(info.field_name)
        return {"name": "Bo", "age": 3}

    result = await by_engine(
        PERSON,
        "{ me { friend { name } } you { name } ...F } fragment F on Query { me { name friend { age name } } }",
        root={"me": {"name": "Al", "friend": lambda info: friend(None, info)}, "you": None},
    )
    assert result.errors is None
    assert str(result.data) == str({"me": {"friend": {"name": "Bo", "age": 3}, "name": "Al"}, "you": None})
    assert calls == ["friend"]


async def test_an_alias_is_a_place_of_its_own() -> None:
    result = await by_engine(
        PERSON, "{ a: me { x: name name } b: me { name: age } }", root={"me": {"name": "Al", "age": 5}}
    )
    assert result.data == {"a": {"x": "Al", "name": "Al"}, "b": {"name": 5}}


async def test_what_is_absent_is_null() -> None:
    result = await by_engine(PERSON, "{ me { name friend { name } friends { name } } you { name } }", root={"me": {}})
    assert (result.data, result.errors) == ({"me": {"name": None, "friend": None, "friends": None}, "you": None}, None)


@pytest.mark.parametrize("key", ["run", "h", "v", "complete", "None", "True", "class", "d1", "r1", "admit", "__x"])
async def test_a_key_means_nothing_to_the_generated_code(key: str) -> None:
    root = {"me": {"name": "Al", "friends": [{"name": "Bo"}, None, ValueError("no")]}}
    text = f"query ($on: Boolean!) {{ {key}: me {{ {key}: friends {{ {key}: name @include(if: $on) }} name }} }}"
    result = await by_engine(PERSON, text, {"on": True}, root=root)
    assert result.data == {key: {key: [{key: "Bo"}, None, None], "name": "Al"}}
    assert [(error.message, error.path) for error in result.errors or ()] == [("no", [key, key, 2])]


async def test_an_operation_is_taken_by_its_name() -> None:
    prepared = Documents(PERSON).prepared("query A { me { name } } query B { you { name } }")
    assert prepared.plan() is None
    assert prepared.plan("C") is None
    plan = prepared.plan("B")
    assert isinstance(plan, Plan)
    variables = plan.variables.of({})
    assert not isinstance(variables, list)
    assert (await executed(plan, variables, root={"me": {}, "you": {"name": "Bo"}})).data == {"you": {"name": "Bo"}}


async def test_resolvers_are_told_of_the_operation() -> None:
    seen: list[Any] = []
    core = schema(a=lambda root, info: seen.extend([root, info]))
    await by_engine(
        core, "query Q($x: Boolean = false) { alias: a @skip(if: $x) }", context="the context", root="the root"
    )
    root, info = seen
    assert (root, info.root_value, info.context) == ("the root", "the root", "the context")
    assert (info.field_name, info.path.key, info.parent_type.name) == ("a", "alias", "Query")
    assert (info.operation.name.value, info.variable_values.coerced) == ("Q", {"x": False})
    assert (info.schema, info.return_type, len(info.field_nodes)) == (core, GraphQLString, 1)


class Oops(Exception):
    pass


async def raising(error: Exception) -> Any:
    raise error


@pytest.mark.parametrize(
    "resolve",
    [
        lambda error: lambda *_: (_ for _ in ()).throw(error).__next__(),
        lambda error: lambda *_: error,
        lambda error: lambda *_: raising(error),
        lambda error: lambda *_: later(error),
    ],
    ids=["raised", "returned", "raised later", "returned later"],
)
async def test_a_failure_is_null_at_its_place_and_told_with_path_location_and_cause(resolve: Any) -> None:
    error = Oops("no")
    result = await by_engine(schema(bad=resolve(error), good=lambda *_: "good"), "{\n  x: bad\n  good\n}")
    assert result.data == {"x": None, "good": "good"}
    (told,) = result.errors or ()
    assert (told.message, told.path, told.locations) == ("no", ["x"], [(2, 3)])
    assert told.original_error is error


async def test_a_graphql_error_keeps_its_extensions() -> None:
    def resolve(*_: Any) -> Any:
        raise GraphQLError("no", extensions={"code": "GONE"})

    result = await by_engine(schema(a=resolve, b=resolve), "{ a b }")
    assert [(each.path, each.extensions) for each in result.errors or ()] == [
        (["a"], {"code": "GONE"}),
        (["b"], {"code": "GONE"}),
    ]


async def test_every_item_that_fails_is_told_by_its_index() -> None:
    friends = [{"name": "Al"}, Oops("one"), {"name": Oops("two")}, raising(Oops("three")), {"name": later("Bo")}]
    result = await by_engine(PERSON, "{ me { friends { name } } }", root={"me": {"friends": friends}})
    assert result.data == {"me": {"friends": [{"name": "Al"}, None, {"name": None}, None, {"name": "Bo"}]}}
    assert {(each.message, tuple(each.path or ())) for each in result.errors or ()} == {
        ("one", ("me", "friends", 1)),
        ("two", ("me", "friends", 2, "name")),
        ("three", ("me", "friends", 3)),
    }


async def test_what_two_fields_have_to_wait_for_is_each_ones_own() -> None:
    """Both are known only later, and something hangs below both."""
    root = {
        "me": lambda _: later({"friend": lambda _: {"name": "Al"}}),
        "you": lambda _: later({"friend": {"name": "Bo"}}),
    }
    result = await by_engine(PERSON, "{ me { friend { name } } you { friend { name } } }", root=root)
    assert result.data == {"me": {"friend": {"name": "Al"}}, "you": {"friend": {"name": "Bo"}}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ __schema { queryType { name } } }", "introspection"),
        ('{ __type(name: "Person") { name } }', "introspection"),
        ("{ me { " + "friend { " * 60 + "name" + " }" * 60 + " } }", "too deep"),
        ("{ " + " ".join(f"a{index}: me {{ name }}" for index in range(10_001)) + " }", "too large"),
        ("{ " + " ".join(f"a{index}: me {{ name }}" for index in range(1_001)) + " }", "too large"),
    ],
)
def test_what_the_engine_does_not_take_it_says_why(text: str, reason: str) -> None:
    plan = Documents(PERSON, check=lambda _: ()).prepared(text).plan()
    assert isinstance(plan, NotTaken)
    assert str(plan) == reason


async def test_a_subscriptions_plan_answers_one_event_and_calls_nothing_for_it() -> None:
    core = build_schema("""
      type Query { a: Int }
      type Subscription { told(of: Int): Event! }
      type Event { at: Int, who: String }
    """)
    kind = core.subscription_type
    assert kind is not None
    kind.fields["told"].resolve = kind.fields["told"].subscribe = lambda *_: 1 / 0
    plan = Documents(core).prepared("subscription ($n: Int) { it: told(of: $n) { who at __typename } }").plan()
    assert isinstance(plan, Plan)
    variables = plan.variables.of({"n": 1})
    result = await executed(plan, variables, root=SimpleNamespace(told=SimpleNamespace(at=3, who="Al")))
    assert (result.data, result.errors) == ({"it": {"who": "Al", "at": 3, "__typename": "Event"}}, None)
