"""What an operation is compiled into: steps that fetch, and between them shapes that are projected in one go.

    Plan ── root: Selection of the root type
    Selection ── entries: what stands in the answer, in order · steps: what must be called for
    Entry ── Typename | Attribute (a plain value, with its Shape) | Step
    Step ── one call for all parents of its level ── shape: what its outcomes are projected into
    Shape ── Leaf | Object (a Selection) | Abstract (a Selection a type) | List (of a Shape)

Every Shape is a position of the answer: it knows whether it may be null, what stands above it and the way to it from the root.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
)

Condition = tuple[frozenset[tuple[str, bool]], ...]
"""Alternatives; each a set of (variable, value it must have). Only of variables: what is known beforehand is worked out."""

Key = str | int


class NotTaken(Exception):
    """The engine does not take this operation; the message is the reason, in few and always the same words."""


@dataclass(slots=True, eq=False)
class Position:
    """A field where it is selected: what its error messages and its resolver's info need."""

    parent_type: GraphQLObjectType
    name: str
    key: str
    definition: GraphQLField
    nodes: list[FieldNode]
    conditions: Sequence[frozenset[tuple[str, bool]]] = ()

    def included(self, variables: Mapping[str, Any]) -> list[FieldNode]:
        """The nodes that stand there with these values of the variables: all, mostly; each once, however often it is spread."""
        if not any(self.conditions):
            return self.nodes
        each = zip(self.nodes, self.conditions, strict=True)
        held = [node for node, literals in each if all(variables.get(name) is wanted for name, wanted in literals)]
        return list({id(node): node for node in held}.values())


@dataclass(slots=True, eq=False)
class Shape:
    """`route` leads here from the root of the answer: response keys, and None for an index of a list."""

    position: Position
    nullable: bool
    above: "Shape | None"
    route: tuple[str | None, ...]


@dataclass(slots=True, eq=False)
class Leaf(Shape):
    type: GraphQLLeafType


@dataclass(slots=True, eq=False)
class Object(Shape):
    selection: "Selection" = None  # type: ignore[assignment]  # made after it, as with a list's item


@dataclass(slots=True, eq=False)
class Abstract(Shape):
    type: GraphQLAbstractType
    selections: Mapping[str, "Selection"]


@dataclass(slots=True, eq=False)
class List(Shape):
    item: Shape = None  # type: ignore[assignment]  # made after it, for an item knows what stands above it


@dataclass(slots=True, eq=False)
class Selection:
    """What is selected of one object type at one place."""

    type: GraphQLObjectType
    position: Position | None
    entries: list["Entry"] = field(default_factory=list)
    steps: list["Step"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Entry:
    """`when`: the index of the plan's condition under which it stands here; None: always."""

    key: str
    when: int | None
    source: "Typename | Attribute | Step"


@dataclass(slots=True, eq=False, frozen=True)
class Typename:
    name: str


@dataclass(slots=True, eq=False)
class Attribute:
    name: str
    shape: Shape


class Mode(Enum):
    """How a step is called."""

    BATCHED = "batched"
    """Once, with all its parents."""
    EACH = "each"
    """Once a parent."""
    CORE = "core"
    """Once a parent, as graphql-core calls it: a resolver wrapped in something that the engine does not look into."""


@dataclass(slots=True, eq=False, frozen=True)
class Call:
    """What a step calls, and with which arguments."""

    mode: Mode
    resolve: Callable[..., Any]
    arguments: Any
    field: Any
    ahead: Callable[..., None] | None = None
    foresee: Callable[..., Sequence[Any] | Mapping[str, Sequence[Any]]] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Step:
    """A field that must be called for; `index` is its place among the plan's collectors of parents."""

    index: int
    key: str
    position: Position
    call: Call
    when: int | None
    shape: Any = None
    children: list["Step"] = field(default_factory=list)
    foreseeable: list["Step"] = field(default_factory=list)
    finish: Callable[..., None] | None = None

    @property
    def path(self) -> str:
        """Where its answers stand, by response keys: "items.price"."""
        return ".".join(key for key in self.shape.route if key is not None)

    @property
    def is_plain(self) -> bool:
        """Whether its outcomes are there as soon as it has been called."""
        return self.call.mode is not Mode.BATCHED and not getattr(self.call.field, "is_async", False)


@dataclass(slots=True, eq=False)
class Plan:
    """Immutable once compiled, and shared by all executions of the operation."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    root: Selection
    children: Sequence[Step]
    steps: Sequence[Step]
    conditions: Sequence[Condition]
    variables: Any
    strawberry: Any
    shapes: Sequence[Shape]
    selected: frozenset[str]
    """Every field that may be asked for anywhere in it, under any condition: "Order.lines"."""

    source: str = ""
    code: dict[str, Any] = field(default_factory=dict)
    """What the source was compiled into: functions that know each other, and what they refer to."""

    def __del__(self) -> None:
        """Functions know each other, and shapes what stands above them: a dropped plan would stay until a search for cycles."""
        self.code.clear()
        for shape in self.shapes:
            shape.above = None


def unwrapped(output: GraphQLOutputType) -> tuple[Any, bool]:
    """A type without its outermost non-null, and whether it may be null."""
    inner = getattr(output, "of_type", None)
    if inner is not None and type(output).__name__ == "GraphQLNonNull":
        return inner, False
    return output, True
