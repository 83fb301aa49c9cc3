"""The engine answers as graphql-core does: on operations and data made at random, with all that can go wrong in them."""

import gc
import os
import warnings
from asyncio import Runner
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine import Documents
from tests.engine.growth import World
from tests.engine.operations import Maker, Operation
from tests.engine.twins import by_core, by_engine, by_plan, same, spread
from tests.engine.zoo import CORE

pytestmark = pytest.mark.uncovered

EXAMPLES = int(os.environ.get("CROSSDOCK_EXAMPLES", "5000"))
"""In all; `make differential` asks for more."""

asked = settings(
    max_examples=-(-EXAMPLES // 6),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
dice = st.randoms(use_true_random=EXAMPLES > 5000)
worlds = {
    "whole": st.builds(World, seed=st.integers(0, 2**32)),
    "sparse": st.builds(World, seed=st.integers(0, 2**32), null=st.just(25), later=st.just(15)),
    "faulty": st.builds(World, seed=st.integers(0, 2**32), null=st.just(8), fault=st.integers(3, 15)),
    "wild": st.builds(
        World,
        seed=st.integers(0, 2**32),
        null=st.just(6),
        fault=st.integers(1, 6),
        wrong=st.integers(1, 6),
        later=st.integers(5, 25),
    ),
}


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner() as runner:
        yield runner


async def compare(operation: Operation, world: World) -> None:
    note(f"{operation.text}\n{operation.variables}")
    prepared = Documents(CORE).prepared(operation.text)
    ours = await by_plan(prepared, operation.variables, context=world)
    assert prepared.document is not None
    calls = world.calls.copy()
    world.calls.clear()
    theirs = await by_core(CORE, prepared.document, operation.variables, context=world)
    same(ours, theirs)
    broken = any("broken off" in error.message for error in theirs.errors or ())
    if not broken and not spread(theirs):
        assert calls == world.calls  # nothing was called twice, and nothing for naught


LEFT_BY_GRAPHQL_CORE = pytest.mark.filterwarnings(
    "ignore:coroutine '(Executor|GraphQLCoreConverter).* was never awaited",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
"""It lets go of what stands beside a failing field; what the engine leaves is held by a test without it, below."""


@LEFT_BY_GRAPHQL_CORE
@pytest.mark.parametrize("kind", ["whole", "sparse", "faulty", "wild"])
def test_a_query_is_answered_as_graphql_core_answers_it(runner: Runner, kind: str) -> None:
    @asked
    @given(dice, worlds[kind])
    def check(dice: Random, world: World) -> None:
        runner.run(compare(Maker(CORE, dice).operation("query"), world))

    check()


@LEFT_BY_GRAPHQL_CORE
def test_a_mutation_is_answered_as_graphql_core_answers_it(runner: Runner) -> None:
    @asked
    @given(dice, worlds["wild"])
    def check(dice: Random, world: World) -> None:
        runner.run(compare(Maker(CORE, dice, depth=3, budget=25).operation("mutation"), world))

    check()


def test_whatever_fails_nothing_is_left_that_was_never_awaited(runner: Runner) -> None:
    @asked
    @given(dice, worlds["wild"], st.sampled_from(["query", "mutation"]))
    def check(dice: Random, world: World, kind: str) -> None:
        operation = Maker(CORE, dice, depth=3).operation(kind)
        runner.run(by_engine(CORE, operation.text, operation.variables, context=world))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()  # what graphql-core left in the tests before this one is not ours to answer for
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        check()
        gc.collect()
    assert [str(each.message) for each in told] == []
