"""A plan in words: which steps there are, what each waits for and serves, and how many parents it may have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from engine.conditions import holds
from engine.plan import Abstract, Attribute, List, Object, Plan, Selection, Shape, Step

SOME = None
"""How many there will be hangs on the data."""


class Explained(NamedTuple):
    """One step. `level` 1 starts at once, the others when the step at `after` is there; `ahead` ones are asked for with it.

    `batch`: how many keys it asks for at most, where that can be known beforehand.
    """

    level: int
    path: str
    field: str
    after: str | None
    ahead: bool
    mode: str
    serves: tuple[str, ...]
    arguments: Mapping[str, Any]
    batch: int | None
    metadata: Mapping[str, Any]


def explained(plan: Plan, variables: VariableValues) -> list[Explained]:
    """The steps in the order in which they can begin: level by level. What @include and @skip leave out is left out."""
    included = [holds(condition, variables.coerced) for condition in plan.conditions]
    view = _View(variables, included)
    found = [row for step in plan.children for row in view.rows(step, None, parents=1)]
    return sorted(found, key=lambda row: row.level)


class _View:
    def __init__(self, variables: VariableValues, included: Sequence[bool]) -> None:
        self._variables, self._included = variables, included

    def rows(self, step: Step, above: Explained | None, *, parents: int | None) -> Iterator[Explained]:
        if step.when is not None and not self._included[step.when]:
            return
        arguments = self._arguments(step)
        row = Explained(
            level=above.level + 1 if above is not None else 1,
            path=step.path,
            field=f"{step.position.parent_type.name}.{step.position.name}",
            after=above.path if above is not None else None,
            ahead=step.call.ahead is not None and above is not None and _foresees(above),
            mode=step.call.mode.value,
            serves=tuple(_served(step.shape)),
            arguments=arguments,
            batch=_listed(step, arguments) or _answers(step, arguments, counted=False) or parents,
            metadata=step.call.metadata,
        )
        yield row
        for child, factor in _below(step.shape, 1, _answers(step, arguments)):
            count = None if parents is None or factor is None else parents * factor
            yield from self.rows(child, row, parents=count)

    def _arguments(self, step: Step) -> dict[str, Any]:
        try:
            named: dict[str, Any] = step.call.arguments.named(self._variables)
        except GraphQLError as error:
            return {"error": error.message}
        return named


def _foresees(row: Explained) -> bool:
    return "foresee" in row.metadata


def _answers(step: Step, arguments: Mapping[str, Any], *, counted: bool = True) -> int | None:
    """How many the step's first list holds at most: the length or value of the argument that its field names for it.

    Without `counted`, only where that argument lists the very keys.
    """
    value = arguments.get(str(step.call.metadata.get("answers")))
    if isinstance(value, list):
        return len(value)
    return value if counted and isinstance(value, int) else SOME


def _listed(step: Step, arguments: Mapping[str, Any]) -> int | None:
    """How many keys the argument lists that its field names for it; it may lie inside of another."""
    value: Any = arguments
    for name in str(step.call.metadata.get("lists", "")).split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return len(value) if isinstance(value, list) else SOME


def _below(shape: Shape, count: int | None, size: int | None) -> Iterator[tuple[Step, int | None]]:
    """The steps below, and for how many of them there may be for each parent of the step above.

    `size` is how much the next list on the way may hold; only the first one's is known.
    """
    if isinstance(shape, List):
        yield from _below(shape.item, None if count is None or size is None else count * size, SOME)
    elif isinstance(shape, Abstract):
        for selection in shape.selections.values():
            yield from _of(selection, count, size)
    elif isinstance(shape, Object):
        yield from _of(shape.selection, count, size)


def _of(selection: Selection, count: int | None, size: int | None) -> Iterator[tuple[Step, int | None]]:
    for step in selection.steps:
        yield step, count
    for entry in selection.entries:
        if isinstance(entry.source, Attribute):
            yield from _below(entry.source.shape, count, size)


def _served(shape: Shape, name: str = "") -> Iterator[str]:
    """The plain fields that come with the step's answer, as far as they lie below it."""
    if isinstance(shape, List):
        yield from _served(shape.item, name)
    elif isinstance(shape, Abstract):
        yield from dict.fromkeys(each for kind in shape.selections.values() for each in _fields(kind, name))
    elif isinstance(shape, Object):
        yield from _fields(shape.selection, name)
    elif name:
        yield name


def _fields(selection: Selection, above: str) -> Iterator[str]:
    for entry in selection.entries:
        if isinstance(entry.source, Attribute):
            yield from _served(entry.source.shape, f"{above}.{entry.key}" if above else entry.key)
