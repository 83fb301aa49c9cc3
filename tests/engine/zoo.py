"""A schema that has one of everything; its data is grown by growth.py."""

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Annotated, Any, NewType

import strawberry
from graphql import GraphQLSchema
from strawberry.extensions import FieldExtension
from strawberry.schema.config import StrawberryConfig

from engine import batched
from tests.engine.growth import Fault, Grown, grow, nature


class Hue(Enum):
    RED = "red"
    GREEN = "green"
    BLUE = 3


Stamp = NewType("Stamp", object)


def _stamped(value: Any) -> Any:
    """A str or an int, according to the value; others are refused."""
    if isinstance(value, str):
        return f"#{value}"
    if type(value) is int:
        return value
    raise Fault(f"no stamp: {value!r}")


Shade = strawberry.enum(Hue, name="Hue", description="Colours.")


# ---------------------------------------------------------------- resolvers


def place_of(parent: Any, info: strawberry.Info, arguments: dict[str, Any]) -> str:
    return f"{getattr(parent, 'place', 'root')}.{info.field_name}{sorted(arguments.items()) if arguments else ''}"


def answer(parent: Any, info: strawberry.Info, *, may_wait: bool, **arguments: Any) -> Any:
    """What a resolver gives: it may raise what else it would have returned."""
    place = place_of(parent, info, arguments)
    info.context.calls[place] += 1
    value = grow(
        info._raw_info.return_type,  # noqa: SLF001 - graphql-core's type, not Strawberry's
        place,
        info.context,
        may_wait=may_wait,
    )
    if isinstance(value, Fault) and info.context.dice(f"raise {place}").randrange(2):
        raise value
    return value


async def turns(info: strawberry.Info) -> None:
    """Lets others go first, so that steps end in another order than they began."""
    for _ in range(info.context.dice(f"turns {info.path.key}").randrange(3)):
        await asyncio.sleep(0)


async def answers(parents: Sequence[Any], info: strawberry.Info, **arguments: Any) -> list[Any]:
    await turns(info)
    whole = f"{info.field_name}{sorted(arguments.items())}"
    if info.context.dice(f"whole {whole}").randrange(100) < info.context.fault:
        raise Fault(f"whole {whole}")
    outcomes: list[Any] = []
    for parent in parents:
        try:
            outcomes.append(answer(parent, info, may_wait=False, **arguments))
        except Fault as fault:
            outcomes.append(fault)
    return outcomes


@strawberry.input(description="A point.")
class Point:
    x: int = strawberry.field(description="Across.")
    hue: Shade | None = strawberry.field(default=Hue.RED, description="Colour.")  # type: ignore[valid-type]
    tags: list[str | None] | None = strawberry.field(default=None, description="Tags.")
    inner: "Point | None" = strawberry.field(default=None, description="A point in it.")


Text = str
_DESCRIBED = {"description": "A field."}


def plain() -> Any:
    return strawberry.field(**_DESCRIBED)


def now() -> Any:
    def resolve(root: Any, info: strawberry.Info) -> Any:
        return answer(root, info, may_wait=True)

    return strawberry.field(resolver=resolve, **_DESCRIBED)


def soon() -> Any:
    async def resolve(root: Any, info: strawberry.Info) -> Any:
        await turns(info)
        return answer(root, info, may_wait=False)

    return strawberry.field(resolver=resolve, **_DESCRIBED)


class Passing(FieldExtension):
    """Stands in the way, so that Strawberry's own wrapping is called."""

    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **arguments: Any) -> Any:
        return next_(source, info, **arguments)

    async def resolve_async(self, next_: Any, source: Any, info: strawberry.Info, **arguments: Any) -> Any:
        return await next_(source, info, **arguments)


def wrapped_now() -> Any:
    def resolve(root: Any, info: strawberry.Info, first: int = 1, point: Point | None = None) -> Any:
        return answer(root, info, may_wait=True, first=first, point=point)

    return strawberry.field(resolver=resolve, extensions=[Passing()], **_DESCRIBED)


def wrapped_soon() -> Any:
    async def resolve(root: Any, info: strawberry.Info, first: int = 1, point: Point | None = None) -> Any:
        await turns(info)
        return answer(root, info, may_wait=False, first=first, point=point)

    return strawberry.field(resolver=resolve, extensions=[Passing()], **_DESCRIBED)


def together() -> Any:
    async def resolve(parents: Sequence[Any], info: strawberry.Info) -> list[Any]:
        return await answers(parents, info)

    return batched(resolve, **_DESCRIBED)


def echoing() -> Any:
    """All kinds of arguments."""

    def resolve(
        root: Any,
        info: strawberry.Info,
        n: int = 3,
        text: str | None = None,
        flag: bool | None = True,  # noqa: FBT001, FBT002 - an argument of GraphQL's
        hue: Shade = Hue.GREEN,  # type: ignore[valid-type]
        points: list[Point] | None = None,
        ids: list[strawberry.ID | None] | None = None,
        ratio: float | None = strawberry.UNSET,
    ) -> str:
        info.context.calls[place_of(root, info, {})] += 1
        return repr((n, text, flag, hue, points, ids, ratio))

    return strawberry.field(resolver=resolve, **_DESCRIBED)


def asking() -> Any:
    """A batched field with arguments."""

    async def resolve(
        parents: Sequence[Any],
        info: strawberry.Info,
        first: int,
        point: Point | None = None,
        hues: list[Shade] = (),  # type: ignore[valid-type]
    ) -> list[Any]:
        return await answers(parents, info, first=first, point=point, hues=list(hues))

    return batched(resolve, **_DESCRIBED)


# ---------------------------------------------------------------- types


@strawberry.interface(description="What lives.")
class Being:
    name: str | None = plain()
    code: strawberry.ID = plain()
    kin: "list[Being | None] | None" = plain()
    mate: "Being | None" = soon()
    home: "Place | None" = plain()
    weighed: float | None = together()


@strawberry.type(description="A beast.")
class Beast(Grown, Being):
    legs: int | None = now()
    prey: "list[Beast]" = together()
    den: "Place" = soon()
    eats: "list[Thing | None] | None" = together()


@strawberry.type(description="A plant.")
class Plant(Grown, Being):
    height: float = plain()
    near: "list[list[Being | None]] | None" = plain()
    seeds: "list[Plant | None]" = now()


@strawberry.type(description="A stone, which is no being.")
class Stone(Grown):
    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, Stone)

    hue: Shade = plain()  # type: ignore[valid-type]
    under: "Thing | None" = now()
    stamps: list[Stamp | None] | None = plain()
    split: "Stone | None" = together()


Thing = Annotated[Beast | Plant | Stone, strawberry.union("Thing", description="Anything.")]


@strawberry.type(description="A place.")
class Place(Grown):
    s0: str | None = plain()
    s1: str = plain()
    i0: int | None = plain()
    i1: int = plain()
    f0: float | None = plain()
    f1: float = plain()
    b0: bool | None = plain()
    b1: bool = plain()
    d0: strawberry.ID | None = plain()
    d1: strawberry.ID = plain()
    e0: Shade | None = plain()  # type: ignore[valid-type]
    e1: Shade = plain()  # type: ignore[valid-type]
    c0: Stamp | None = plain()
    c1: Stamp = plain()
    l00: list[str | None] | None = plain()
    l01: list[str] | None = plain()
    l10: list[int | None] = plain()
    l11: list[int] = plain()
    grid: list[list[float | None] | None] | None = plain()
    cube: list[list[list[int]]] | None = plain()
    hues: list[Shade] | None = plain()  # type: ignore[valid-type]
    inner: "Place | None" = plain()
    must: "Place" = plain()
    parts: "list[Place | None] | None" = plain()
    halls: "list[Place]" = plain()
    rooms: "list[list[Place | None]] | None" = plain()
    things: "list[Thing | None] | None" = plain()
    beings: "list[Being]" = plain()
    thing: "Thing" = plain()
    being: "Being | None" = plain()
    now0: str | None = now()
    now1: int = now()
    soon0: str | None = soon()
    soon1: int = soon()
    together0: str | None = together()
    together1: int = together()
    place_now: "Place | None" = now()
    place_soon: "Place | None" = soon()
    place_together: "Place | None" = together()
    places_now: "list[Place | None] | None" = now()
    places_soon: "list[Place]" = soon()
    places_together: "list[list[Place | None]] | None" = together()
    wrapped_place: "Place | None" = wrapped_now()
    wrapped_later: "Place | None" = wrapped_soon()
    wrapped_things: "list[Thing] | None" = wrapped_soon()
    thing_together: "Thing | None" = together()
    beings_together: "list[Being] | None" = together()
    echo: str | None = echoing()
    asked: "Place | None" = asking()
    asked_text: str = asking()


@strawberry.type(description="What can be asked.")
class Query:
    place: Place | None = soon()
    places: list[Place | None] | None = now()
    halls: list[Place] = together()
    thing: Thing | None = soon()
    being: Being | None = now()
    beings: list[Being | None] | None = together()
    echo: str | None = echoing()
    asked: Place | None = asking()
    number: int | None = now()
    wrapped: Place | None = wrapped_soon()


@strawberry.type(description="What can be done.")
class Mutation:
    build: Place | None = soon()
    raze: Place = soon()
    name: str | None = now()
    sow: list[Plant | None] | None = together()
    echo: str | None = echoing()
    asked: Place | None = asking()
    tally: int = now()


SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    types=[Beast, Plant],
    config=StrawberryConfig(
        scalar_map={Stamp: strawberry.scalar(name="Stamp", serialize=_stamped, description="Stamped.")}
    ),
)
CORE: GraphQLSchema = SCHEMA._schema  # noqa: SLF001 - graphql-core's schema, which Strawberry builds and does not hand out
nature.core = CORE
nature.classes = {"Beast": Beast, "Plant": Plant, "Stone": Stone, "Place": Place}
nature.members = {"Hue": list(Hue)}


def _by_attribute(name: str) -> dict[str, Any]:
    field_of: Callable[[str], Any] = CORE.type_map[name].fields.__getitem__  # type: ignore[attr-defined]
    spelled = SCHEMA.config.name_converter.get_graphql_name
    definition = nature.classes[name].__strawberry_definition__
    return {each.python_name: field_of(spelled(each)) for each in definition.fields}


nature.fields = {name: _by_attribute(name) for name in nature.classes}
