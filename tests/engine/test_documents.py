"""Documents: parsed, checked and planned once; what is kept is bounded by number and by length."""

import gc
from collections import Counter

import pytest
from graphql import DocumentNode, GraphQLError, Token, ValidationContext, build_schema

from engine import Documents, NotTaken, Plan
from engine.plan import Shape, Step
from tests.engine.growth import World
from tests.engine.twins import by_engine
from tests.engine.zoo import CORE

SCHEMA = build_schema("type Query { a: Int } type Mutation { a: Int }")


def asked(name: str) -> str:
    return f"query {name} {{ a }}"


def test_a_document_and_its_plans_are_made_once() -> None:
    checked: list[str] = []
    documents = Documents(SCHEMA, check=lambda document: checked.append(str(document)) or ())
    first = documents.prepared("query A { a } query B { a }")
    assert documents.prepared("query A { a } query B { a }") is first
    assert len(checked) == 1
    plan = first.plan("A")
    assert isinstance(plan, Plan)
    assert first.plan("A") is plan
    assert first.plan("B") is not plan
    assert (first.plan("C"), first.plan(None)) == (None, None)


def test_what_is_refused_is_remembered_too() -> None:
    documents = Documents(SCHEMA, max_tokens=10)
    for text in ("{", "{ b }", "{ a a a a a a a a a a a }", "{" + " a {" * 3000):
        refused = documents.prepared(text)
        assert len(refused.errors) == 1
        assert documents.prepared(text) is refused
        assert refused.plan() is None or refused.document is not None


def test_the_one_asked_longest_ago_is_dropped_first() -> None:
    documents = Documents(SCHEMA, max_documents=3)
    kept = {name: documents.prepared(asked(name)) for name in "ABC"}
    assert documents.prepared(asked("A")) is kept["A"]
    documents.prepared(asked("D"))
    assert len(documents) == 3
    assert documents.prepared(asked("A")) is kept["A"]
    assert documents.prepared(asked("C")) is kept["C"]
    assert documents.prepared(asked("B")) is not kept["B"]


def test_all_texts_together_have_a_bound() -> None:
    length = len(asked("A"))
    documents = Documents(SCHEMA, max_characters=3 * length)
    for name in "ABCDEFG":
        documents.prepared(asked(name))
    assert len(documents) == 3
    documents.prepared(asked("LONGER" * 3))
    assert len(documents) == 1
    assert isinstance(documents.prepared(asked("A") + " " * 4 * length).plan(), Plan)
    assert len(documents) == 0  # answered, but too long to be kept
    documents.prepared(asked("A"))
    assert len(documents) == 1


def test_all_that_was_compiled_has_a_bound() -> None:
    one = Documents(SCHEMA).prepared(asked("A"))
    one.plan()
    assert one.code > 0
    documents = Documents(SCHEMA, max_code=3 * one.code)
    kept = [documents.prepared(asked(name)) for name in "ABCDE"]
    for each in kept:
        each.plan()
    assert len(documents) == 5  # room is made when the next one comes
    documents.prepared(asked("F"))
    assert len(documents) == 4
    assert [documents.prepared(asked(name)) is each for name, each in zip("CDE", kept[2:], strict=True)] == [True] * 3
    assert documents.prepared(asked("B")) is not kept[1]


def wide(count: int) -> str:
    return "{ place { " + " ".join(f"f{index}: s1" for index in range(count)) + " } }"


async def test_ten_thousand_fields_are_taken() -> None:
    result = await by_engine(CORE, wide(10_001), context=World(1))
    assert result.data is not None
    assert len(result.data["place"]) == 10_001


def nested(depth: int, *, switched: bool) -> str:
    text = "s1"
    for _ in range(depth):
        text = f"inner{' @include(if: $on)' if switched else ''} {{ {text} }}"
    return f"query ($on: Boolean!) {{ place @include(if: $on) {{ {text} }} }}"


@pytest.mark.parametrize("switched", [False, True])
async def test_attributes_nested_59_deep_are_taken_and_60_deep_are_not(switched: bool) -> None:  # noqa: FBT001 - a case
    result = await by_engine(CORE, nested(59, switched=switched), {"on": True}, context=World(1))
    found, depth = result.data, 0
    assert found is not None
    found = found["place"]
    while "inner" in found:
        found, depth = found["inner"], depth + 1
    assert (depth, result.errors) == (59, None)
    plan = Documents(CORE).prepared(nested(60, switched=switched)).plan()
    assert isinstance(plan, NotTaken)
    assert str(plan) == "too deep"


def test_few_characters_that_ask_for_many_calls_are_not_taken() -> None:
    """An interface whose fields lead to it again: at each level, all that was planned before is planned once a type."""
    text = "{ being { " + "mate { " * 12 + "name" + " }" * 12 + " } }"
    plan = Documents(CORE).prepared(text).plan()
    assert isinstance(plan, NotTaken)
    assert str(plan) == "too large"


SHAPES = build_schema("""
type Query { node: Node, things(first: Int): [[Thing!]] }
interface Node { id: ID, above: Node }
type Thing implements Node { id: ID, above: Node, size: Int }
type Place implements Node { id: ID, above: Node, at: [Float!] }
""")


@pytest.mark.parametrize(
    "text",
    [
        "query Q%d { node { id above { ... on Place { at } ... on Thing { size above { id } } } } }",
        "query Q%d($n: Int) { things(first: $n) { ...T } } fragment T on Thing { size above { ...U } } fragment U on Node { id }",
        "query Q%d { nowhere }",
        'query Q%d { things(first: "many") { id } }',
        "query Q%d { node { ",
    ],
    ids=["types", "fragments", "unknown", "unfit", "broken"],
)
def test_what_is_dropped_is_freed_though_nobody_looks_for_circles(text: str) -> None:
    """A gateway looks for circles rarely: a document that left one would stay for long."""
    gc.collect()
    before = _alive()
    documents = Documents(SHAPES)
    for number in range(10):
        documents.prepared(text % number).plan()
    gc.collect()  # what validation leaves behind is young, and soon found
    gc.disable()
    try:
        assert _alive()[ValidationContext] == before[ValidationContext]
        del documents
        assert _alive() == before
    finally:
        gc.enable()


def _alive() -> Counter[type]:
    kinds = (DocumentNode, Plan, Step, Shape, Token, GraphQLError, ValidationContext)
    return Counter(kind for each in gc.get_objects() for kind in kinds if isinstance(each, kind))
