"""What went wrong, where; and what becomes null for it.

While an operation runs, a failing place holds None and is noted. Where it stands is only worked out, and nulls are only
propagated, once everything else is there: an operation without faults pays nothing for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError, located_error

from engine.plan import Key, Shape

Holder = dict[str, Any] | list[Any]
Path = tuple[Key, ...]


class Fault(NamedTuple):
    """`holder[key]` is the failing place."""

    holder: Any
    key: Key
    shape: Shape
    error: Exception


def settled(
    data: dict[str, Any] | None, faults: Sequence[Fault], variables: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """The data with nulls where they belong, and an error a fault: but one only for each place that became null."""
    paths = _paths(data, faults)
    errors: list[GraphQLError] = []
    nulled: set[Path] = set()
    for fault in faults:
        holder = paths.get(id(fault.holder))
        if holder is None:
            continue  # a place that was made anew since: it has a fault of its own
        path = (*holder, fault.key)
        null = _null(path, fault.shape)
        if any(null[:length] in nulled for length in range(len(null) + 1)):
            forgotten(fault.error)
            continue
        nulled.add(null)
        errors.append(_located(fault, list(path), variables))
        data = _without(data, null)
    return data, errors


def forgotten(error: BaseException | None) -> None:
    """Let go of the frames that it went through, and of what led to it: they hold it in turn, and with it all that the operation knew.

    Garbage collections, which would find such circles, are seldom (docs/decisions/0008).
    """
    while error is not None:
        before = error.__cause__ or error.__context__
        error.__traceback__ = error.__cause__ = error.__context__ = None
        error = before


def _located(fault: Fault, path: list[Key], variables: Mapping[str, Any]) -> GraphQLError:
    """As graphql-core's, which would take an attribute `source` of any exception for a document's source."""
    error, nodes = fault.error, fault.shape.position.included(variables)
    if isinstance(error, GraphQLError):
        return located_error(error, nodes, path)
    return GraphQLError(str(getattr(error, "message", error)), nodes, path=path, original_error=error)


def is_total(fault: Fault) -> bool:
    """Whether nothing above the failing place may be null, so that the whole answer becomes it."""
    position: Shape | None = fault.shape
    while position is not None and not position.nullable:
        position = position.above
    return position is None


def _null(path: Path, shape: Shape) -> Path:
    """The nearest place at or above the path that may be null; empty: the whole answer."""
    position: Shape | None = shape
    while position is not None and not position.nullable:
        path, position = _above(path, position), position.above
    return path if position is not None else ()


def _above(path: Path, shape: Shape) -> Path:
    return path[: len(shape.above.route)] if shape.above is not None else ()


def _without(data: dict[str, Any] | None, path: Path) -> dict[str, Any] | None:
    if not path or data is None:
        return None
    holder: Any = data
    for key in path[:-1]:
        holder = holder[key]
        if holder is None:
            return data
    holder[path[-1]] = None
    return data


def _paths(data: dict[str, Any] | None, faults: Sequence[Fault]) -> dict[int, Path]:
    """Where the holders of faults stand: only the ways that lead to such places are walked."""
    routes = {fault.shape.route[:-1] for fault in faults}
    return {id(holder): path for route in routes for holder, path in _at(data, route)}


def _at(data: Any, route: tuple[str | None, ...]) -> Iterator[tuple[Any, Path]]:
    places: list[tuple[Any, Path]] = [(data, ())]
    for key in route:
        if key is None:
            places = [(each, (*path, index)) for holder, path in places for index, each in enumerate(holder)]
        else:
            places = [(holder[key], (*path, key)) for holder, path in places if key in holder]
        places = [(holder, path) for holder, path in places if holder is not None]
    yield from places
