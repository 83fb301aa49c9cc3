"""Mutations: one after the other, each with all that hangs below it, and none behind one that may not fail and did."""

import asyncio
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLSchema, build_schema

from tests.engine.twins import by_engine

SCHEMA = build_schema("""
  type Query { number: Int }
  type Mutation { put(to: Int!): Box, must(to: Int!): Box!, now(to: Int!): Box }
  type Box { number: Int, numberMust: Int!, later: Int, box: Box }
""")


class World:
    """A number, and what was done to it, in order."""

    def __init__(self) -> None:
        self.number, self.done = 0, list[str]()

    async def put(self, _: Any, to: int) -> "Box":
        self.done.append(f"begin {to}")
        await asyncio.sleep(0)
        return self.now(_, to)

    must = put

    def now(self, _: Any, to: int) -> "Box":
        if to < 0:
            self.done.append(f"fail {to}")
            raise ValueError(f"not {to}")
        self.number = to
        self.done.append(f"end {to}")
        return Box(self)


class Box:
    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def number(self) -> int:
        return self.world.number

    def number_must(self, _: Any) -> None:
        return None

    async def later(self, _: Any) -> int:
        """Sees what the world is like some turns of the loop after it was changed."""
        for _turn in range(5):
            await asyncio.sleep(0)
        self.world.done.append(f"saw {self.world.number}")
        return self.world.number

    def box(self, _: Any) -> "Box":
        return self


Box.numberMust = Box.number_must  # type: ignore[attr-defined]  # as the schema spells it


async def asked(
    text: str, world: World, variables: dict[str, Any] | None = None, core: GraphQLSchema = SCHEMA
) -> ExecutionResult:
    return await by_engine(core, text, variables, root=world)


async def test_each_is_over_with_all_below_it_before_the_next_begins() -> None:
    world = World()
    result = await asked(
        "mutation { a: put(to: 1) { later box { later } } b: now(to: 2) { number } c: must(to: 3) { later } }", world
    )
    assert result.errors is None
    assert result.data == {"a": {"later": 1, "box": {"later": 1}}, "b": {"number": 2}, "c": {"later": 3}}
    assert world.done == ["begin 1", "end 1", "saw 1", "saw 1", "end 2", "begin 3", "end 3", "saw 3"]


async def test_they_are_done_in_the_order_of_their_places() -> None:
    world = World()
    fragment = "fragment F on Mutation { a: now(to: 1) { number } }"
    text = f"mutation ($x: Boolean!) {{ ...F @include(if: $x) b: now(to: 2) {{ number }} ...F }} {fragment}"
    await asked(text, world, {"x": True})
    await asked(text, world, {"x": False})
    assert world.done == ["end 1", "end 2", "end 2", "end 1"]


async def test_what_stands_there_twice_is_done_once() -> None:
    world = World()
    text = "mutation ($x: Boolean!) { now(to: 1) @include(if: $x) { number } now(to: 1) { box { number } } }"
    result = await asked(text, world, {"x": True})
    assert result.data == {"now": {"number": 1, "box": {"number": 1}}}
    assert world.done == ["end 1"]


async def test_after_one_that_may_fail_the_next_is_done_and_the_failure_is_told() -> None:
    world = World()
    result = await asked(
        "mutation { a: put(to: -1) { number } b: put(to: 2) { numberMust } c: now(to: 3) { number } }", world
    )
    assert result.data == {"a": None, "b": None, "c": {"number": 3}}
    assert [(error.message, error.path) for error in result.errors or ()] == [
        ("not -1", ["a"]),
        ("Cannot return null for non-nullable field Box.numberMust.", ["b", "numberMust"]),
    ]
    assert world.done == ["begin -1", "fail -1", "begin 2", "end 2", "end 3"]


@pytest.mark.parametrize(
    ("failing", "path"), [("must(to: -1) { number }", ["must"]), ("must(to: 2) { numberMust }", ["must", "numberMust"])]
)
async def test_after_one_that_may_not_fail_nothing_is_begun(failing: str, path: list[str]) -> None:
    world = World()
    result = await asked(f"mutation {{ a: now(to: 1) {{ number }} {failing} c: now(to: 3) {{ number }} }}", world)
    assert result.data is None
    assert [error.path for error in result.errors or ()] == [path]
    assert world.number < 3
    assert not any("3" in each for each in world.done)
