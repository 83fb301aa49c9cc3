"""Abstract types: which type a value has is asked of the type itself, and an answer that cannot be is told."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)

from tests.engine.twins import by_engine


class Dog:
    name = "Rex"
    barks = "woof"


class Cat:
    name = "Tom"
    meows = "meow"


async def later(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


def is_a(kind: type, way: Callable[[Any], Any] = lambda value: value) -> Any:
    return lambda value, _: way(isinstance(value, kind))


def pets(resolve_type: Any = None, *, dog: Any = None, cat: Any = None) -> GraphQLSchema:
    text = GraphQLField(GraphQLString)
    pet = GraphQLInterfaceType("Pet", {"name": text}, resolve_type=resolve_type)
    dogs = GraphQLObjectType("Dog", {"name": text, "barks": text}, interfaces=[pet], is_type_of=dog)
    cats = GraphQLObjectType("Cat", {"name": text, "meows": text}, interfaces=[pet], is_type_of=cat)
    stones = GraphQLObjectType("Stone", {"name": text})
    either = GraphQLUnionType("Either", [dogs, cats], resolve_type=resolve_type)
    fields = {
        "pets": GraphQLField(GraphQLList(pet)),
        "either": GraphQLField(GraphQLList(either)),
        "dogs": GraphQLField(GraphQLList(dogs)),
    }
    return GraphQLSchema(GraphQLObjectType("Query", fields), types=[dogs, cats, stones])


async def asked(core: GraphQLSchema, field: str = "pets", *values: Any) -> ExecutionResult:
    text = f"{{ {field} {{ __typename ... on Dog {{ name barks }} ... on Cat {{ meows }} }} }}"
    if field == "dogs":
        text = "{ dogs { barks } }"
    return await by_engine(core, text, root={field: list(values or (Dog(), Cat()))})


BOTH = [{"__typename": "Dog", "name": "Rex", "barks": "woof"}, {"__typename": "Cat", "meows": "meow"}]


async def awaited_is_dog(value: Any, _: Any) -> bool:
    return isinstance(value, Dog)


async def awaited_is_cat(value: Any, _: Any) -> bool:
    return isinstance(value, Cat)


@pytest.mark.parametrize("field", ["pets", "either"])
@pytest.mark.parametrize(
    "core",
    [
        pets(dog=is_a(Dog), cat=is_a(Cat)),
        pets(dog=awaited_is_dog, cat=awaited_is_cat),
        pets(dog=is_a(Dog), cat=awaited_is_cat),
        pets(dog=awaited_is_dog, cat=is_a(Cat)),
        pets(lambda value, *_: type(value).__name__),
        pets(lambda value, *_: later(type(value).__name__)),
        pets(lambda value, *_: later(type(value).__name__), dog=is_a(Dog, later), cat=is_a(Cat, later)),
    ],
    ids=[
        "is_type_of",
        "is_type_of later",
        "cats later",
        "dogs later",
        "resolve_type",
        "resolve_type later",
        "both later",
    ],
)
async def test_a_value_is_of_the_type_that_is_told(core: GraphQLSchema, field: str) -> None:
    result = await asked(core, field)
    assert (result.data, result.errors) == ({field: BOTH}, None)


async def test_a_typename_that_a_value_carries_is_its_type() -> None:
    result = await asked(pets(), "pets", {"__typename": "Cat", "meows": "miau"}, {"__typename": "Dog", "name": "X"})
    assert result.data == {
        "pets": [{"__typename": "Cat", "meows": "miau"}, {"__typename": "Dog", "name": "X", "barks": None}]
    }


MUST = "Abstract type 'Pet' must resolve to an Object type at runtime for field 'Query.pets'"
WRONG: list[tuple[Any, str]] = [
    (
        None,
        (
            f"{MUST}. Either the 'Pet' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function."
        ),
    ),
    (5, f"{MUST} with value <Dog instance>, received '5', which is not a valid Object type name."),
    ("Horse", "Abstract type 'Pet' was resolved to a type 'Horse' that does not exist inside the schema."),
    ("Either", "Abstract type 'Pet' was resolved to a non-object type 'Either'."),
    ("String", "Abstract type 'Pet' was resolved to a non-object type 'String'."),
    ("Stone", "Runtime Object type 'Stone' is not a possible type for 'Pet'."),
]


@pytest.mark.parametrize("way", [lambda value: value, later], ids=["at once", "later"])
@pytest.mark.parametrize(("name", "message"), WRONG)
async def test_an_answer_that_cannot_be_is_told_at_its_item(way: Any, name: Any, message: str) -> None:
    core = pets(lambda value, *_: way(name) if isinstance(value, Dog) else way("Cat"))
    result = await asked(core)
    assert result.data == {"pets": [None, BOTH[1]]}
    assert [(error.message, error.path) for error in result.errors or ()] == [(message, ["pets", 0])]


@pytest.mark.parametrize(
    "core", [pets(dog=is_a(Dog), cat=is_a(Cat)), pets(dog=awaited_is_dog, cat=awaited_is_cat)], ids=["at once", "later"]
)
async def test_a_value_that_no_type_knows_is_told(core: GraphQLSchema) -> None:
    result = await asked(core, "pets", Dog(), "a stone")
    assert result.data == {"pets": [BOTH[0], None]}
    assert [(error.message, error.path) for error in result.errors or ()] == [(WRONG[0][1], ["pets", 1])]


@pytest.mark.parametrize("way", [lambda value: value, later], ids=["at once", "later"])
async def test_a_value_that_is_not_of_its_object_type_is_told(way: Any) -> None:
    result = await asked(pets(dog=is_a(Dog, way)), "dogs", Dog(), Cat())
    assert result.data == {"dogs": [{"barks": "woof"}, None]}
    (error,) = result.errors or ()
    assert (error.message, error.path) == ("Expected value of type 'Dog' but got: <Cat instance>.", ["dogs", 1])


def failing(_: Any, __: Any) -> bool:
    raise ValueError("cannot tell")


async def failing_later(_: Any, __: Any) -> bool:
    raise ValueError("cannot tell")


@pytest.mark.parametrize(
    "core",
    [
        pets(dog=failing, cat=is_a(Cat)),
        pets(dog=failing_later, cat=awaited_is_cat),
        pets(lambda *_: failing(*_[:2])),
        pets(lambda *_: later(ValueError("cannot tell"))),
    ],
    ids=["is_type_of", "is_type_of later", "resolve_type", "resolve_type later"],
)
async def test_who_cannot_tell_a_type_fails_at_the_item(core: GraphQLSchema) -> None:
    result = await asked(core, "pets", Dog())
    assert result.data == {"pets": [None]}
    assert [(error.message, error.path) for error in result.errors or ()] == [("cannot tell", ["pets", 0])]
