"""Carrying out a plan: level by level, each step once for all its parents, none waiting for a sibling."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from types import CoroutineType
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLResolveInfo, OperationType
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, is_async_iterable, is_awaitable
from graphql.type.definition import GraphQLResolveInfoHelpers
from strawberry.schema.schema import (
    _OperationContextAwareGraphQLResolveInfo as StrawberryRawInfo,  # what its Info stands on; the version is pinned
)

from engine.completion import Abandoned, awaited, complete, is_being_cancelled, selected
from engine.conditions import holds
from engine.faults import Fault, is_total, settled
from engine.plan import Key, Mode, Plan, Position, Shape, Step


class StepDone(NamedTuple):
    """What one step did, told to an observer when it is over. `started` and `ended` by the monotonic clock."""

    step: Step
    parents: int
    started: float
    ended: float


Observer = Callable[[StepDone], None]

Pending = tuple[Shape, Any, Any, Key]
"""What has to be awaited, as which shape, and the holder and key of the place it is for."""


async def executed(
    plan: Plan, variables: VariableValues, *, context: Any = None, root: Any = None, observer: Observer | None = None
) -> ExecutionResult:
    """The operation's data and errors. Raises NotTaken, before anything was called, where a condition has no value.

    When it is cancelled, every step still running is cancelled and awaited first.
    """
    run = Run(plan, variables, context, root, observer=observer)
    data = await run.data()
    if not run.faults:
        return ExecutionResult(data, None)
    data, errors = settled(data, run.faults, variables.coerced)
    return ExecutionResult(data, errors)


class Run:
    """One execution. `collectors` holds, for each step, its parents and the answers that its outcomes go into."""

    __slots__ = (
        "_infos",
        "collectors",
        "context",
        "drained",
        "faults",
        "flags",
        "observer",
        "pending",
        "plan",
        "root",
        "variables",
    )

    def __init__(
        self, plan: Plan, variables: VariableValues, context: Any, root: Any, *, observer: Observer | None
    ) -> None:
        self.plan, self.variables, self.context, self.root = plan, variables, context, root
        self.observer = observer
        self.flags = [holds(condition, variables.coerced) for condition in plan.conditions]
        self.collectors: list[tuple[list[Any], list[Any]]] = [([], []) for _ in plan.steps]
        self.faults: list[Fault] = []
        self.pending: list[Pending] = []
        self.drained: dict[tuple[int, int], tuple[Any, list[Any] | Exception]] = {}
        self._infos: dict[int, Any] = {}

    async def data(self) -> dict[str, Any] | None:
        answer = selected(self, self.plan.root, self.root)
        await self._settle(self._taken())
        if self.plan.operation.operation is not OperationType.MUTATION:
            await self._advance(self.plan.children)
            return answer
        sources = {entry.key: entry.source for entry in self.plan.root.entries}
        for key in tuple(answer):
            source = sources[key]
            if isinstance(source, Step):
                await self._advance([source])
            if any(is_total(fault) for fault in self.faults):
                break  # a field that may not be null has failed: what comes behind it is not begun
        return answer

    def fault(self, holder: Any, key: Key, shape: Shape, error: Exception) -> None:
        self.faults.append(Fault(holder, key, shape, error))

    def info(self, position: Position) -> Any:
        """graphql-core's own info; one for all parents of a level, so its path has no indices."""
        info = self._infos.get(id(position))
        if info is None:
            info = self._infos[id(position)] = self._raw_info(position)
        return info

    def info_for(self, step: Step) -> Any:
        """What the step's resolver is told: Strawberry's Info where it is Strawberry's field."""
        info, field = self.info(step.position), step.call.field
        return info if field is None else self.plan.strawberry.config.info_class(_raw_info=info, _field=field)

    # ------------------------------------------------------------ levels

    async def _advance(self, steps: Sequence[Step]) -> None:
        """Carry out these steps and all that hangs below them, side by side."""
        waiting: list[Coroutine[Any, Any, None]] = []
        ready = list(steps)
        for step in ready:
            parents, holders = self.collectors[step.index]
            if not parents or (step.when is not None and not self.flags[step.when]):
                continue
            if not step.is_plain:
                waiting.append(self._carry_out(step, parents, holders))
                continue
            self._finish(step, self._each(step, parents), holders)
            pending = self._taken()
            if pending:
                waiting.append(self._settle(pending, step))
            else:
                ready.extend(step.children)
        await _all(waiting)

    async def _carry_out(self, step: Step, parents: list[Any], holders: list[Any]) -> None:
        started = time.monotonic() if self.observer is not None else 0.0
        outcomes = await self._outcomes(step, parents)
        if self.observer is not None:
            self.observer(StepDone(step, len(parents), started, time.monotonic()))
        self._finish(step, outcomes, holders)
        pending = self._taken()
        if pending:
            await self._settle(pending, step)
        elif step.children:
            await self._advance(step.children)

    def _finish(self, step: Step, outcomes: Sequence[Any], holders: list[Any]) -> None:
        if step.finish is None:
            raise TypeError("The plan was not generated.")
        step.finish(self, outcomes, holders)

    def _taken(self) -> list[Pending]:
        """What is pending, taken at once by the step that found it: its neighbours have their own."""
        pending, self.pending = self.pending, []
        return pending

    async def _settle(self, pending: list[Pending], step: Step | None = None) -> None:
        """Await what was found to be awaitable amid the outcomes, until nothing is; then go on below the step."""
        while pending:
            values = await _each_awaited([value for _, value, _, _ in pending])
            for (shape, _, holder, key), value in zip(pending, values, strict=True):
                complete(self, shape, value, holder, key)
            pending = self._taken()
        if step is not None:
            await self._advance(step.children)

    # ------------------------------------------------------------ calls

    async def _outcomes(self, step: Step, parents: list[Any]) -> Sequence[Any]:
        """An outcome a parent; a failure of the whole step is the outcome of each."""
        call = step.call
        try:
            info = self.info_for(step)
            arguments = call.arguments.of(self.variables, info)
            if step.foreseeable:
                self._look_ahead(step, info, arguments)
            if call.mode is not Mode.BATCHED:
                return await _each_awaited([call.resolve(parent, info, arguments) for parent in parents])
            outcomes: Any = await call.resolve(parents, info, **arguments)
        except asyncio.CancelledError:
            if is_being_cancelled():
                raise
            return [Abandoned("The resolver was cancelled.")] * len(parents)
        except Exception as error:  # noqa: BLE001 - it is noted at every place that it would have answered
            return [error] * len(parents)
        if not isinstance(outcomes, Sequence) or len(outcomes) != len(parents):
            asked, answered = len(parents), len(outcomes) if isinstance(outcomes, Sequence) else type(outcomes).__name__
            return [TypeError(f"{step.position.name} was given {asked} parents and answered {answered}.")] * asked
        given: Sequence[Any] = outcomes
        return given

    def _each(self, step: Step, parents: list[Any]) -> list[Any]:
        call = step.call
        try:
            info = self.info_for(step)
            arguments = call.arguments.of(self.variables, info)
        except Exception as error:  # noqa: BLE001 - as above
            return [error] * len(parents)
        outcomes: list[Any] = []
        for parent in parents:
            try:
                outcomes.append(call.resolve(parent, info, arguments))
            except asyncio.CancelledError:
                outcomes.append(Abandoned("The resolver was cancelled."))  # nothing was awaited: it raised this itself
            except Exception as error:  # noqa: BLE001 - a parent's failure is its own
                outcomes.append(error)
        return outcomes

    def _look_ahead(self, step: Step, info: Any, arguments: dict[str, Any]) -> None:
        """Begin what hangs below records whose keys are known already. What fails here fails again, and is heard, there."""
        keys: Sequence[Any] | Mapping[str, Sequence[Any]] = ()
        with contextlib.suppress(Exception):
            keys = step.call.foresee(info, **arguments) if step.call.foresee is not None else ()
        for child in step.foreseeable if keys else ():
            ahead = child.call.ahead
            own = keys.get(child.position.parent_type.name) if isinstance(keys, Mapping) else keys
            if ahead is None or not own or (child.when is not None and not self.flags[child.when]):
                continue
            with contextlib.suppress(Exception):
                below = self.info_for(child)
                ahead(own, below, **child.call.arguments.of(self.variables, below))

    def _raw_info(self, position: Position) -> Any:
        plan = self.plan
        rows = (
            position.name,
            position.included(self.variables.coerced),
            position.definition.type,
            position.parent_type,
            Path(None, position.key, position.parent_type.name),
            plan.schema,
            plan.fragments,
            self.root,
            plan.operation,
        )
        if plan.strawberry is None:
            return GraphQLResolveInfo(*rows, self.variables, self.context, is_awaitable, None, _HELPERS)
        coerced = self.variables.coerced
        return StrawberryRawInfo(*rows, coerced, self.context, is_awaitable, None, _HELPERS, {})


async def _all(waiting: Sequence[Coroutine[Any, Any, None]]) -> None:
    if len(waiting) == 1:
        await waiting[0]
    elif waiting:
        async with asyncio.TaskGroup() as side_by_side:
            for each in waiting:
                side_by_side.create_task(each)


async def _each_awaited(values: Sequence[Any]) -> list[Any]:
    """The values, those that can be awaited side by side; a failure is an outcome like any other."""
    outcomes = list(values)
    places = [index for index, value in enumerate(outcomes) if is_awaitable(value) or is_async_iterable(value)]
    if len(places) == 1:
        outcomes[places[0]] = await awaited(outcomes[places[0]])
    elif places:
        async with asyncio.TaskGroup() as side_by_side:
            tasks = [side_by_side.create_task(awaited(outcomes[index])) for index in places]
        for index, task in zip(places, tasks, strict=True):
            outcomes[index] = task.result()
    return outcomes


async def _gathered(values: Sequence[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*values))


def _untracked(values: Sequence[Any]) -> None:
    """The engine keeps nothing running behind an answer: what nobody waits for any more is not begun."""
    for each in values:
        if isinstance(each, CoroutineType):
            each.close()


_HELPERS = GraphQLResolveInfoHelpers(_gathered, _untracked)
