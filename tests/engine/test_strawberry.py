"""Strawberry's own ways of declaring a field are called as Strawberry would call them."""

import enum
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import pytest
import strawberry
from graphql import parse
from strawberry.permission import BasePermission
from strawberry.scalars import JSON

from tests.engine.twins import by_core, by_engine, same

T = TypeVar("T")


@strawberry.enum(description="A size.")
class Size(enum.Enum):
    SMALL = "s"
    LARGE = strawberry.enum_value("l", name="HUGE", description="Large.")


@strawberry.input(description="A way to ask.")
class Asking:
    at_least: int = strawberry.field(description="At least.")
    of_sizes: list[Size] = strawberry.field(default_factory=list, description="Of sizes.")
    maybe: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Perhaps.")
    unset: str | None = strawberry.field(default=strawberry.UNSET, description="Or not.", name="notSet")


@strawberry.input(one_of=True, description="One of two.")
class Either:
    left: strawberry.Maybe[int] = strawberry.field(default=None, description="Left.")
    right: strawberry.Maybe[str] = strawberry.field(default=None, description="Right.")


class Never(BasePermission):
    message = "Not for you."

    def has_permission(self, *_: Any, **__: Any) -> bool:
        return False


class OnlyLater(BasePermission):
    message = "Not for you either."

    async def has_permission(self, *_: Any, **kwargs: Any) -> bool:
        return "yes" in kwargs.values()


@strawberry.type(description="A page.")
class Page(Generic[T]):
    items: list[T] = strawberry.field(description="Items.")

    @strawberry.field(description="How many.")
    def count(self) -> int:
        return len(self.items)


@strawberry.type(description="A thing.")
class Thing:
    price: Decimal = strawberry.field(description="Price.")
    made: date | None = strawberry.field(default=None, description="Made.")
    size: Size = strawberry.field(default=Size.LARGE, name="howLarge", description="Size.")

    @strawberry.field(description="By self.")
    def by_self(self) -> str:
        return str(self.price)

    @strawberry.field(description="By self and info, in another order.")
    def by_both(self, suffix: str, info: strawberry.Info) -> str:
        return f"{self.price} {info.field_name} {info.python_name} {suffix}"

    @strawberry.field(description="A property-like thing.")
    @staticmethod
    def by_nothing() -> str:
        return "nothing"


def _by_root(root: Thing, x: int = 2) -> str:
    return f"{root.price}{x}"


def _by_parent(above: strawberry.Parent[Thing]) -> str:
    return f"{above.price}!"


@strawberry.type(description="A thing with more.")
class More(Thing):
    by_root: str = strawberry.field(resolver=_by_root, description="By root.")
    by_parent: str = strawberry.field(resolver=_by_parent, description="By parent.")
    mine: str = strawberry.field(resolver=lambda: "mine", description="By a lambda.")


@strawberry.type(description="What can be asked.")
class Query:
    @strawberry.field(description="Shown as Python sees it.")
    def shown(
        self,
        asking: Asking | None = None,
        either: Either | None = None,
        sizes: list[Size] | None = None,
        other: Annotated[int, strawberry.argument(name="renamed", description="Renamed.")] = 4,
        json: JSON | None = None,
        day: date | None = None,
        perhaps: strawberry.Maybe[int | None] = None,
        absent: str | None = strawberry.UNSET,
    ) -> str:
        return repr((asking, either, sizes, other, json, day, perhaps, absent))

    @strawberry.field(description="A page of things.")
    async def page(self) -> Page[More]:
        return Page(items=[More(price=Decimal("1.50")), More(price=Decimal(2), made=date(2026, 1, 2), size=Size.SMALL)])

    @strawberry.field(description="An asynchronous list.")
    async def stream(self) -> list[int]:
        async def numbers() -> AsyncIterator[int]:
            yield 1
            yield 2

        return numbers()  # type: ignore[return-value]  # as Strawberry allows

    @strawberry.field(description="Never.", permission_classes=[Never])
    def never(self) -> str | None:
        return "seen"

    @strawberry.field(description="At times.", permission_classes=[OnlyLater])
    async def at_times(self, say: str) -> Page[More] | None:
        return Page(items=[More(price=Decimal(len(say)))])

    @strawberry.field(description="Any JSON.")
    def json(self, of: JSON) -> JSON:
        return of


SCHEMA = strawberry.Schema(Query)._schema  # noqa: SLF001 - graphql-core's schema, which Strawberry builds


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ shown }", {}),
        ("{ shown(asking: {atLeast: 1}) }", {}),
        ('{ shown(asking: {atLeast: 1, ofSizes: [HUGE, SMALL], maybe: null, notSet: "x"}) }', {}),
        ('{ shown(asking: {atLeast: 1, maybe: "m", notSet: null}, sizes: HUGE, renamed: 5) }', {}),
        ('{ a: shown(either: {left: 1}) b: shown(either: {right: "r"}) }', {}),
        (
            "query ($a: Asking, $e: Either) { shown(asking: $a, either: $e) }",
            {"a": {"atLeast": 3, "maybe": None}, "e": {"left": 2}},
        ),
        ("query ($e: Either) { shown(either: $e) }", {"e": {"left": 2, "right": "x"}}),
        ("query ($n: Int!, $s: Size!) { shown(asking: {atLeast: $n, ofSizes: [$s]}) }", {"n": 5, "s": "HUGE"}),
        ("query ($n: Int) { a: shown(perhaps: $n) b: shown(perhaps: null) c: shown(perhaps: 3) }", {}),
        ("query ($n: Int) { shown(perhaps: $n) }", {"n": None}),
        ('{ shown(json: {a: [1, {b: null}], c: "d"}, day: "2026-02-03") }', {}),
        (
            "query ($j: JSON!, $d: Date) { json(of: $j) shown(day: $d, json: $j) }",
            {"j": {"a": [1.5, None]}, "d": "2026-01-01"},
        ),
        ("query ($d: Date) { shown(day: $d) }", {"d": "no day"}),
        (
            '{ page { count items { price made howLarge bySelf byBoth(suffix: "s") byNothing byRoot byParent mine } } }',
            {},
        ),
        ("query ($x: Int!) { page { items { byRoot(x: $x) a: byRoot __typename } __typename } }", {"x": 7}),
        ("{ stream never }", {}),
        (
            '{ a: atTimes(say: "yes") { items { bySelf mine } } b: atTimes(say: "no") { count } c: atTimes(say: "yes") { count } }',
            {},
        ),
    ],
)
async def test_strawberry_is_answered_as_by_graphql_core(text: str, variables: dict[str, Any]) -> None:
    ours = await by_engine(SCHEMA, text, variables)
    theirs = await by_core(SCHEMA, parse(text), variables)
    same(ours, theirs)
    assert [error.message for error in ours.errors or ()] == [error.message for error in theirs.errors or ()]
