"""Names that code generators can use as they are: none is reserved in their languages, no two become the same in one scope."""

import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from graphql import GraphQLEnumType, GraphQLNamedType, GraphQLSchema, build_schema

from resolvers.schema import printed

_LISTS: Mapping[str, str] = yaml.safe_load((Path(__file__).parent / "reserved.yaml").read_text())
RESERVED = {
    "Python": frozenset(keyword.kwlist),
    **{language: frozenset(words.split()) for language, words in _LISTS.items()},
}

EMITTED = frozenset(
    {"Exact", "Incremental", "InputMaybe", "MakeEmpty", "MakeMaybe", "MakeOptional", "Maybe", "Scalars"}
)
"""Types that GraphQL Code Generator writes into every file of TypeScript."""

PYDANTIC = frozenset(
    {
        "construct",
        "copy",
        "dict",
        "from_orm",
        "json",
        "parse_obj",
        "parse_raw",
        "schema",
        "update_forward_refs",
        "validate",
    }
)
"""What a pydantic model has already: Python's generators make one of each type."""


class Name(NamedTuple):
    """`scope`: what must hold no other that becomes the same; `place`: what a person looks for."""

    scope: str
    place: str
    text: str


def named(schema: GraphQLSchema) -> Iterator[Name]:
    for name, kind in schema.type_map.items():
        if not name.startswith("__"):
            yield Name("", name, name)
            yield from members(name, kind)


def members(owner: str, kind: GraphQLNamedType) -> Iterator[Name]:
    fields: Mapping[str, Any] = getattr(kind, "fields", {})
    for text in [*fields, *getattr(kind, "values", {})]:
        yield Name(owner, f"{owner}.{text}", text)
    for field, definition in fields.items():
        place = f"{owner}.{field}"
        yield from (Name(place, f"{place}({each}:)", each) for each in getattr(definition, "args", {}))


def snake(text: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()


def camel(text: str) -> str:
    first, *others = snake(text).split("_")
    return "".join([first, *(each.capitalize() for each in others)])


def spellings(name: Name) -> Collection[str]:
    """As generators write it: types as they are, members in the manner of the language."""
    return {name.text} if name.scope == "" else {name.text, snake(name.text), camel(name.text)}


def reserved(schema: GraphQLSchema) -> list[str]:
    return [
        f"{name.place}: {language}"
        for name in named(schema)
        for language, words in RESERVED.items()
        if not words.isdisjoint(spellings(name))
    ]


def alike(schema: GraphQLSchema) -> list[str]:
    """Where spelling is folded: files on a system that does not tell case apart, constants, PascalCase and snake_case."""
    first: dict[tuple[str, str], str] = {}
    found: list[str] = []
    for name in named(schema):
        other = first.setdefault((name.scope, name.text.replace("_", "").lower()), name.place)
        if other != name.place:
            found.append(f"{other}, {name.place}")
    return found


def named_as_their_type(schema: GraphQLSchema) -> list[str]:
    """C# refuses a member with the name of its class; an enum's values are members of no class."""
    classes = {name for name, kind in schema.type_map.items() if not isinstance(kind, GraphQLEnumType)}
    return [name.place for name in named(schema) if name.scope in classes and name.text.lower() == name.scope.lower()]


def taken(schema: GraphQLSchema) -> list[str]:
    """Names of types that generators make up beside ours: arguments have a type of their own in TypeScript."""
    made = {f"{name.scope}Args".replace(".", "").lower() for name in named(schema) if "." in name.scope} | {"queryargs"}
    made |= {each.lower() for each in EMITTED}
    types = [name for name in named(schema) if name.scope == "" and name.text.lower() in made]
    fields = [
        name for name in named(schema) if name.scope != "" and "." not in name.scope and snake(name.text) in PYDANTIC
    ]
    return [name.place for name in (*types, *fields)]


CLEAN = "type Query { open(by: Int): State list: [Int] } enum State { OPEN OUT_OF_ORDER }"
CASES = [
    (reserved, "type Query { short: Int }", ["Query.short: C#", "Query.short: Java"]),
    (reserved, "type Query { a(from: Int): Int }", ["Query.a(from:): Python"]),
    (reserved, "type Query { a: E } enum E { DEFER }", ["E.DEFER: Swift"]),
    (reserved, "type Query { a: Type } type Type { b: Int }", ["Type: Swift"]),
    (reserved, "type Query { a(b: I): Int } input I { typealias: Int }", ["I.typealias: Kotlin", "I.typealias: Swift"]),
    (reserved, "type Query { a: E } enum E { with }", ["E.with: Python", "E.with: TypeScript"]),
    (alike, "type Query { a: SKU b: Sku } type SKU { c: Int } type Sku { c: Int }", ["SKU, Sku"]),
    (alike, "type Query { poNumber: Int po_number: Int }", ["Query.poNumber, Query.po_number"]),
    (alike, "type Query { a: E } enum E { IN_TRANSIT INTRANSIT }", ["E.IN_TRANSIT, E.INTRANSIT"]),
    (alike, "type Query { a(b: Int, B: Int): Int }", ["Query.a(b:), Query.a(B:)"]),
    (named_as_their_type, "type Query { a: Price } type Price { price: Int }", ["Price.price"]),
    (taken, "type Query { item(a: Int): QueryItemArgs } type QueryItemArgs { b: Int }", ["QueryItemArgs"]),
    (taken, "type Query { a: Maybe } type Maybe { b: Int }", ["Maybe"]),
    (taken, "type Query { parseRaw: Int }", ["Query.parseRaw"]),
]


@pytest.mark.parametrize("check", [reserved, alike, named_as_their_type, taken])
def test_no_name_of_the_schema_clashes_in_generated_code(check: Any) -> None:
    assert check(build_schema(printed())) == []
    assert check(build_schema(CLEAN)) == []


@pytest.mark.parametrize(("check", "text", "found"), CASES)
def test_a_name_that_would_clash_is_found(check: Any, text: str, found: list[str]) -> None:
    assert check(build_schema(text)) == found
