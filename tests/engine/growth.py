"""Data that grows as it is looked at: what stands at a place hangs on the seed and the place alone.

So the same seed gives the same values, and a smaller operation still meets the same data.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLSchema,
    Undefined,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)


class Nature:
    """The schema that data grows for: filled in once it is built."""

    core: GraphQLSchema
    classes: dict[str, Any]
    fields: dict[str, dict[str, Any]]
    members: dict[str, list[Any]]


nature = Nature()

WRONG: tuple[Any, ...] = ("wrong", 7, 2**40, 1.5, float("nan"), True, {"a": 1}, ["x"], ("y", None), Undefined, b"z")
"""Values that fit few types or none; each is shown in messages the same way every time."""


@dataclass
class World:
    """How often, in percent, a place holds something out of the ordinary. `calls` counts the resolvers' calls by place."""

    seed: int
    null: int = 0
    fault: int = 0
    wrong: int = 0
    later: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    def dice(self, place: str) -> Random:
        return Random(hashlib.blake2b(f"{self.seed} {place}".encode(), digest_size=8).digest())  # noqa: S311 - the same every time is the point


class Later:
    """Can be awaited, more than once, and gives a value or raises it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Fault(Exception):
    pass


class Grown:
    """An object whose attributes grow when they are first looked at."""

    place: str
    world: World
    types: Any

    @classmethod
    def at(cls, place: str, world: World, types: Any) -> Any:
        grown = object.__new__(cls)
        grown.__dict__.update(place=place, world=world, types=types)
        return grown

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = self.types[name].type
        place = f"{self.place}.{name}"
        if self.world.dice(f"access {place}").randrange(100) < self.world.fault // 2:
            raise Fault(f"no {place}")
        value = self.__dict__[name] = grow(kind, place, self.world)
        return value

    def __repr__(self) -> str:
        return f"<{self.place}>"


def grow(kind: Any, place: str, world: World, *, may_wait: bool = True) -> Any:
    """A value for a place of this type: mostly a fitting one."""
    dice = world.dice(place)
    nullable = not is_non_null_type(kind)
    inner = kind if nullable else kind.of_type
    roll = dice.randrange(100)
    for chance, made in (
        (world.null if nullable else world.null // 4, lambda: None),
        (world.fault, lambda: Fault(f"at {place}")),
        (world.wrong, lambda: dice.choice(WRONG)),
        (world.later if may_wait else 0, lambda: Later(grow(kind, f"{place}~", world, may_wait=False))),
    ):
        if roll < chance:
            return made()
        roll -= chance
    return _fitting(inner, place, world, dice)


def _fitting(kind: Any, place: str, world: World, dice: Random) -> Any:
    if is_list_type(kind):
        items = [grow(kind.of_type, f"{place}.{index}", world) for index in range(dice.choice((0, 1, 2, 2, 3)))]
        return _iterable(items, dice, place, world)
    if is_leaf_type(kind):
        return _leaf(kind, dice)
    if is_abstract_type(kind):
        fitting = [each for each in nature.classes if each in _members(kind)]
        stranger = dice.randrange(100) < world.wrong
        kind = nature.core.type_map[
            dice.choice([each for each in nature.classes if each not in fitting] if stranger else fitting)
        ]
    return nature.classes[kind.name].at(place, world, nature.fields[kind.name])


def _members(kind: Any) -> set[str]:
    return {each.name for each in nature.core.get_possible_types(kind)}


def _iterable(items: list[Any], dice: Random, place: str, world: World) -> Any:
    plain = world.wrong + world.fault + world.later == 0
    form = dice.choice(("list", "list", "list", "tuple", "generator", "dict keys", "asynchronous", "breaks"))
    if plain or form == "list":
        return items
    if form == "tuple":
        return tuple(items)
    if form == "dict keys":
        return dict(enumerate(items)).values()
    if form == "asynchronous" and world.later:
        return Streamed(items)
    if form == "breaks" and world.fault:
        return Repeated(items, place)
    return Repeated(items)


@dataclass
class Streamed:
    """Can be iterated over asynchronously, by several at the same time."""

    items: Sequence[Any]

    async def __aiter__(self) -> AsyncIterator[Any]:
        for each in self.items:
            await asyncio.sleep(0)
            yield each


@dataclass
class Repeated:
    """Can be iterated over anew by each alias: how much of a shared iterator one leaves to the next hangs on timing."""

    items: Sequence[Any]
    breaks_at: str | None = None

    def __iter__(self) -> Iterator[Any]:
        yield from self.items
        if self.breaks_at is not None:
            raise Fault(f"broken off at {self.breaks_at}")


def _leaf(kind: Any, dice: Random) -> Any:
    if isinstance(kind, GraphQLEnumType):
        return dice.choice(nature.members[kind.name])
    return dice.choice(LEAVES[kind.name])


LEAVES: dict[str, tuple[Any, ...]] = {
    "String": ("", "text", "ünï", "None"),
    "ID": ("id-1", "7", 7),
    "Int": (0, -1, 2**31 - 1, True, 3.0, "5"),
    "Float": (0.5, -2.0, 3, True, "1.5"),
    "Boolean": (True, False, 1, 0),
    "Stamp": ("s", 5),
}
