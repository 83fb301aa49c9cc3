"""Completing a value step by step, exactly as the specification says: for what the generated projections do not recognise.

It takes what they leave out (exceptions and awaitables amid plain data, values that do not fit their type, iterables that
are no lists) and notes each fault at its own place.
"""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Iterable, Iterator
from typing import Any, NamedTuple

from graphql import GraphQLError, Undefined, is_object_type
from graphql.execution.execute import default_type_resolver
from graphql.execution.executor import Executor, invalid_return_type_error
from graphql.pyutils import inspect, is_async_iterable, is_awaitable, is_iterable

from engine.plan import Abstract, Attribute, Entry, Key, Leaf, List, Object, Selection, Shape, Typename


class Abandoned(Exception):
    """A resolver was cancelled from within, while the operation goes on."""


class Named(NamedTuple):
    """A value of an abstract type, and the name of its own type, which had to be awaited."""

    value: Any
    name: Any


class Checked(NamedTuple):
    """A value, and whether it is of the type it shall be, which had to be awaited."""

    value: Any
    selection: Selection
    fits: Any


class Later(Exception):
    """No fault: the value needs something awaited first."""

    def __init__(self, awaitable: Awaitable[Any]) -> None:
        super().__init__()
        self.awaitable = awaitable


def complete(  # noqa: PLR0917 - called by the generated code, where names would cost
    run: Any, shape: Shape, value: Any, holder: Any, key: Key
) -> None:
    """Put the completed value at `holder[key]`; a fault leaves None there and is noted."""
    holder[key] = None
    if isinstance(
        value, Exception
    ):  # the outcome of many places, perhaps: raised at each, it would collect their frames
        run.fault(holder, key, shape, value)
        return
    try:
        if is_awaitable(value) or (isinstance(shape, List) and is_async_iterable(value)):
            run.pending.append((shape, value, holder, key))
        else:
            holder[key] = _completed(run, shape, value)
    except Later as later:
        run.pending.append((shape, later.awaitable, holder, key))
    except Exception as error:  # noqa: BLE001 - whatever a value does when it is looked at is a fault of its place
        run.fault(holder, key, shape, error)


async def awaited(value: Any) -> Any:
    """The outcome of an awaitable, or all that an asynchronous iterable gives; a failure is an outcome, too."""
    try:
        if isinstance(value, AsyncIterable) and not is_awaitable(value):
            return [each async for each in value]
        return await value
    except asyncio.CancelledError:
        if is_being_cancelled():
            raise
        return Abandoned("The resolver was cancelled.")
    except Exception as error:  # noqa: BLE001 - it is noted where the value would have stood
        return error


def is_being_cancelled() -> bool:
    """Whether this very task is asked to stop; else a cancellation came from something that it waited for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _completed(run: Any, shape: Shape, value: Any) -> Any:
    completed = None if value is None or value is Undefined else _present(run, shape, value)
    if completed is None and not shape.nullable:
        position = shape.position
        raise TypeError(f"Cannot return null for non-nullable field {position.parent_type}.{position.name}.")
    return completed


def _present(run: Any, shape: Shape, value: Any) -> Any:
    if isinstance(value, Checked):
        return _checked(run, value)
    if isinstance(shape, Leaf):
        return Executor.complete_leaf_value(shape.type, value)
    if isinstance(shape, List):
        return _listed(run, shape, value)
    if isinstance(shape, Abstract):
        return _abstract(run, shape, value)
    if not isinstance(shape, Object):
        raise TypeError(f"An unknown shape: {shape!r}")
    return _object(run, shape, shape.selection, value)


def _listed(run: Any, shape: List, value: Any) -> list[Any]:
    if not is_iterable(value):
        position = shape.position
        raise GraphQLError(
            f"Expected Iterable, but did not find one for field '{position.parent_type}.{position.name}'."
        )
    completed: list[Any] = []
    for index, item in enumerate(_drained(run, shape, value) if isinstance(value, Iterator) else value):
        completed.append(None)
        complete(run, shape.item, item, completed, index)
    return completed


def _drained(run: Any, shape: List, value: Iterator[Any]) -> Iterable[Any]:
    """What an iterator gives; it gives it once only, and the object that holds it may have to be completed anew."""
    known: tuple[Any, list[Any] | Exception] | None = run.drained.get((id(value), id(shape)))
    if known is None:
        try:
            items: list[Any] | Exception = list(value)
        except Exception as error:  # noqa: BLE001 - it breaks off only once, too
            items = error
        known = run.drained[id(value), id(shape)] = value, items  # held on to, so that its id stays its own
    if isinstance(known[1], Exception):
        raise known[1]
    return known[1]


def _abstract(run: Any, shape: Abstract, value: Any) -> Any:
    if isinstance(value, Named):
        return _object(run, shape, _selection_for(run, shape, *value), value.value)
    resolve = shape.type.resolve_type or default_type_resolver
    name = resolve(value, run.info(shape.position), shape.type)
    if is_awaitable(name):
        raise Later(_named(value, name))
    return _object(run, shape, _selection_for(run, shape, value, name), value)


async def _named(value: Any, name: Awaitable[Any]) -> Named:
    return Named(value, await name)


def _selection_for(run: Any, shape: Abstract, value: Any, name: Any) -> Selection:
    selection = shape.selections.get(name) if isinstance(name, str) else None
    if selection is None:
        raise _no_such_type(run, shape, value, name)
    return selection


def _no_such_type(run: Any, shape: Abstract, value: Any, name: Any) -> GraphQLError:
    kind, position = shape.type, shape.position
    field = f"for field '{position.parent_type}.{position.name}'"
    must = f"Abstract type '{kind}' must resolve to an Object type at runtime {field}"
    if name is None:
        return GraphQLError(
            f"{must}. Either the '{kind}' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function."
        )
    if not isinstance(name, str):
        return GraphQLError(
            f"{must} with value {inspect(value)}, received '{inspect(name)}', which is not a valid Object type name."
        )
    found = run.plan.schema.get_type(name)
    if found is None:
        return GraphQLError(
            f"Abstract type '{kind}' was resolved to a type '{name}' that does not exist inside the schema."
        )
    if not is_object_type(found):
        return GraphQLError(f"Abstract type '{kind}' was resolved to a non-object type '{name}'.")
    return GraphQLError(f"Runtime Object type '{found}' is not a possible type for '{kind}'.")


def _object(run: Any, shape: Shape, selection: Selection, value: Any) -> Any:
    is_type_of = selection.type.is_type_of
    if is_type_of is None:
        return selected(run, selection, value)
    fits = is_type_of(value, run.info(shape.position))
    if is_awaitable(fits):
        raise Later(_when_checked(value, selection, fits))
    return _checked(run, Checked(value, selection, fits))


async def _when_checked(value: Any, selection: Selection, fits: Awaitable[Any]) -> Checked:
    return Checked(value, selection, await fits)


def _checked(run: Any, checked: Checked) -> dict[str, Any]:
    if not checked.fits:
        raise invalid_return_type_error(checked.selection.type, checked.value, [])
    return selected(run, checked.selection, checked.value)


def selected(run: Any, selection: Selection, value: Any) -> dict[str, Any]:
    """An object's answer: its plain fields, a place for each of its steps, and itself among their parents."""
    answer: dict[str, Any] = {}
    for entry in selection.entries:
        if (entry.when is not None and not run.flags[entry.when]) or entry.key in answer:
            continue
        answer[entry.key] = None
        if isinstance(entry.source, Typename):
            answer[entry.key] = entry.source.name
        elif isinstance(entry.source, Attribute):
            _attribute(run, entry, value, answer)
    for step in selection.steps:
        parents, holders = run.collectors[step.index]
        parents.append(value)
        holders.append(answer)
    return answer


def _attribute(run: Any, entry: Entry, value: Any, answer: dict[str, Any]) -> None:
    attribute: Any = entry.source
    try:
        found = getattr(value, attribute.name)
    except Exception as error:  # noqa: BLE001 - as with a resolver: a fault of its place
        run.fault(answer, entry.key, attribute.shape, error)
        return
    complete(run, attribute.shape, found, answer, entry.key)
