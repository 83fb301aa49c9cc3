"""Batched fields: one call a level, an outcome a parent, and no step waits for another that hangs."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import pytest
import strawberry
from graphql import ExecutionResult

from engine import Plan, StepDone, batched, executed, fetching
from engine.documents import Documents
from tests.engine.twins import by_engine


class Calls:
    """What was called with what; `gate` is opened by a test, `begun` and `ended` tell it how far a resolver got."""

    def __init__(self) -> None:
        self.made: list[tuple[str, list[Any]]] = []
        self.gate, self.begun = asyncio.Event(), asyncio.Event()
        self.ended: list[str] = []


def _told(parents: Sequence[Any], info: strawberry.Info) -> list[int]:
    numbers = [parent.number for parent in parents]
    info.context.made.append((info.field_name, numbers))
    return numbers


async def _double(parents: Sequence[Any], info: strawberry.Info, times: int = 2) -> list[int]:
    return [number * times for number in _told(parents, info)]


async def _odd(parents: Sequence[Any], info: strawberry.Info) -> list[Any]:
    return [ValueError(f"{number} is even") if number % 2 == 0 else number for number in _told(parents, info)]


async def _fails(parents: Sequence[Any], info: strawberry.Info) -> list[Any]:
    _told(parents, info)
    raise ConnectionError("all down")


async def _short(parents: Sequence[Any], info: strawberry.Info) -> list[int]:
    return _told(parents, info)[1:]


async def _nothing(parents: Sequence[Any], info: strawberry.Info) -> Any:
    _told(parents, info)


async def _hangs(parents: Sequence[Any], info: strawberry.Info) -> list[int]:
    numbers = _told(parents, info)
    try:
        info.context.begun.set()
        await info.context.gate.wait()
    finally:
        await asyncio.sleep(0)  # even what needs a turn of the loop to end is waited for
        info.context.ended.append(info.path.key)
    return numbers


async def _gives_up(parents: Sequence[Any], info: strawberry.Info) -> list[int]:
    _told(parents, info)
    raise asyncio.CancelledError


async def _nodes(parents: Sequence[Any], info: strawberry.Info) -> "list[list[Node]]":
    return [[Node(number=number * 10), Node(number=number * 10 + 1)] for number in _told(parents, info)]


def _of(resolver: Any) -> Any:
    return batched(resolver, description="A field.")


def plain() -> Any:
    return strawberry.field(description="A field.")


@strawberry.type(description="A node.")
class Node:
    number: int = plain()
    double: int = _of(_double)
    odd: int | None = _of(_odd)
    must_be_odd: int = _of(_odd)
    fails: int | None = _of(_fails)
    short: int | None = _of(_short)
    nothing: int | None = _of(_nothing)
    hangs: int | None = _of(_hangs)
    gives_up: int | None = _of(_gives_up)
    nodes: "list[Node]" = _of(_nodes)

    @strawberry.field(description="A field.")
    def raises_cancelled(self) -> int | None:
        raise asyncio.CancelledError

    @strawberry.field(description="A field.")
    async def hangs_alone(self, info: strawberry.Info) -> int | None:
        return (await _hangs([self], info))[0]


@strawberry.type(description="What can be asked.")
class Query:
    @strawberry.field(description="A field.")
    def nodes(self) -> list[Node]:
        return [Node(number=1), Node(number=2), Node(number=3)]

    @strawberry.field(description="A field.")
    def grid(self) -> list[list[Node | None] | None]:
        return [[Node(number=1), None], None, [], [Node(number=2), Node(number=3)]]


CORE = strawberry.Schema(Query)._schema  # noqa: SLF001 - graphql-core's schema, which Strawberry builds


async def asked(text: str, calls: Calls) -> ExecutionResult:
    return await by_engine(CORE, text, context=calls)


def told(result: ExecutionResult) -> list[tuple[str, list[str | int] | None]]:
    return [(error.message, error.path) for error in result.errors or ()]


async def test_all_parents_of_a_level_are_asked_for_in_one_call_in_their_order() -> None:
    calls = Calls()
    result = await asked("{ nodes { nodes { double } } }", calls)
    assert calls.made == [("nodes", [1, 2, 3]), ("double", [10, 11, 20, 21, 30, 31])]
    assert result.data == {
        "nodes": [
            {"nodes": [{"double": 20}, {"double": 22}]},
            {"nodes": [{"double": 40}, {"double": 42}]},
            {"nodes": [{"double": 60}, {"double": 62}]},
        ]
    }


async def test_lists_of_lists_and_fragments_make_no_further_calls() -> None:
    calls = Calls()
    text = "{ grid { ...A ... on Node { double } ...B } } fragment A on Node { double ...B } fragment B on Node { number double }"
    result = await asked(text, calls)
    assert calls.made == [("double", [1, 2, 3])]
    assert result.data is not None
    assert result.data["grid"][3] == [{"double": 4, "number": 2}, {"double": 6, "number": 3}]


async def test_each_alias_is_a_call_of_its_own_with_its_arguments() -> None:
    calls = Calls()
    result = await asked("{ nodes { a: double b: double(times: 5) } }", calls)
    assert calls.made == [("double", [1, 2, 3])] * 2
    assert result.data == {"nodes": [{"a": 2, "b": 5}, {"a": 4, "b": 10}, {"a": 6, "b": 15}]}


async def test_an_outcome_that_failed_is_its_parents_alone() -> None:
    result = await asked("{ nodes { odd } }", Calls())
    assert result.data == {"nodes": [{"odd": 1}, {"odd": None}, {"odd": 3}]}
    assert told(result) == [("2 is even", ["nodes", 1, "odd"])]


async def test_an_outcome_that_may_not_fail_takes_what_is_above_it_along() -> None:
    result = await asked("{ grid { mustBeOdd double } }", Calls())
    assert result.data == {
        "grid": [[{"mustBeOdd": 1, "double": 2}, None], None, [], [None, {"mustBeOdd": 3, "double": 6}]]
    }
    assert told(result) == [("2 is even", ["grid", 3, 0, "mustBeOdd"])]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("fails", "all down"),
        ("short", "short was given 3 parents and answered 2."),
        ("nothing", "nothing was given 3 parents and answered NoneType."),
        ("givesUp", "The resolver was cancelled."),
        ("raisesCancelled", "The resolver was cancelled."),
    ],
)
async def test_a_step_that_fails_as_a_whole_is_told_at_each_parent_and_spares_its_neighbours(
    field: str, message: str
) -> None:
    result = await asked(f"{{ nodes {{ {field} double nodes {{ number }} }} }}", Calls())
    assert result.data is not None
    assert [each[field] for each in result.data["nodes"]] == [None, None, None]
    assert [each["double"] for each in result.data["nodes"]] == [2, 4, 6]
    assert [each["nodes"][1]["number"] for each in result.data["nodes"]] == [11, 21, 31]
    assert told(result) == [(message, ["nodes", index, field]) for index in range(3)]


async def test_no_step_waits_for_a_sibling_that_hangs() -> None:
    calls, done = Calls(), asyncio.Queue[str]()
    plan = Documents(CORE).prepared("{ nodes { hangs hangsAlone double nodes { nodes { double } } } }").plan()
    assert isinstance(plan, Plan)
    variables = plan.variables.of({})
    assert not isinstance(variables, list)

    def observe(step: StepDone) -> None:
        done.put_nowait(f"{step.step.key} {step.parents}")

    operation = asyncio.create_task(executed(plan, variables, context=calls, observer=observe))
    async with asyncio.timeout(5):
        assert {await done.get() for _ in range(4)} == {"double 3", "nodes 3", "nodes 6", "double 12"}
    assert (operation.done(), calls.ended) == (False, [])
    calls.gate.set()
    assert (await operation).errors is None


@pytest.mark.parametrize(
    "fields", ["hangs", "hangs other: hangs double", "hangsAlone", "hangs hangsAlone", "nodes { hangs }"]
)
async def test_cancelling_an_operation_cancels_all_its_steps_and_waits_for_them(fields: str) -> None:
    calls = Calls()
    operation = asyncio.create_task(asked(f"{{ nodes {{ {fields} }} }}", calls))
    await calls.begun.wait()
    operation.cancel()
    with pytest.raises(asyncio.CancelledError):
        await operation
    hanging = [name for name, _ in calls.made if name.startswith("hangs")]
    assert len(calls.ended) == len(hanging) > 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_resolver_that_hangs_can_be_timed_out_from_outside() -> None:
    calls = Calls()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asked("{ nodes { hangs hangsAlone } }", calls)
    assert sorted(calls.ended) == ["hangs", "hangsAlone", "hangsAlone", "hangsAlone"]


async def test_a_parent_is_asked_for_once_though_its_neighbours_have_to_be_completed_anew() -> None:
    """A list beside it is a generator, so that the whole object is looked at twice."""

    @strawberry.type(description="A holder.")
    class Holder:
        node: Node = plain()
        nodes: list[Node] = plain()
        names: list[str] = plain()

    @strawberry.type(description="What can be asked.")
    class Holders:
        @strawberry.field(description="A field.")
        def holders(self) -> list[Holder]:
            names: Any = (name for name in "ab")
            return [Holder(node=Node(number=1), nodes=[Node(number=2)], names=names)]

    calls = Calls()
    core = strawberry.Schema(Holders)._schema  # noqa: SLF001 - as above
    text = "{ holders { node { double } nodes { double } names } }"
    result = await by_engine(core, text, context=calls)
    assert result.data == {"holders": [{"node": {"double": 2}, "nodes": [{"double": 4}], "names": ["a", "b"]}]}
    assert sorted(calls.made) == [("double", [1]), ("double", [2])]


async def test_a_field_that_answers_with_several_types_foresees_the_keys_of_each() -> None:
    """Under the fields of a type its own keys are looked ahead with, and for a type without any nothing begins."""
    begun: list[tuple[str, list[int]]] = []

    def looking(name: str) -> Any:
        async def resolve(parents: Sequence[Any], _info: strawberry.Info) -> list[int]:
            return [1 for _ in parents]

        def ahead(keys: Sequence[int], _info: strawberry.Info) -> None:
            begun.append((name, list(keys)))

        return batched(resolve, description="A field.", ahead=ahead)

    @strawberry.type(description="One.")
    class Cat:
        paws: int | None = looking("paws")

    @strawberry.type(description="Another.")
    class Fish:
        fins: int | None = looking("fins")

    @strawberry.type(description="A third.")
    class Bird:
        wings: int | None = looking("wings")

    @strawberry.type(description="What can be asked.")
    class Pets:
        @strawberry.field(
            description="A field.", metadata=fetching(foresee=lambda _: {"Cat": [1, 2], "Fish": [3], "Bird": []})
        )
        async def pets(self) -> list[Annotated[Cat | Fish | Bird, strawberry.union("Pet", description="Any.")] | None]:
            return [Cat(), None, Fish()]

    core = strawberry.Schema(Pets)._schema  # noqa: SLF001 - as above
    text = "{ pets { ... on Cat { paws } ... on Fish { fins } ... on Bird { wings } } }"
    result = await by_engine(core, text, context=Calls())
    assert (result.data, result.errors) == ({"pets": [{"paws": 1}, None, {"fins": 1}]}, None)
    assert begun == [("paws", [1, 2]), ("fins", [3])]
