"""The data loader's promises, and that the traps of the one it extends are closed."""

import asyncio
from collections.abc import Sequence

import pytest

from resolvers.loader import LoadAbandoned, Loader


class Counting:
    """A load function that answers with the key's double and remembers what it was asked."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: BaseException | None = None

    async def __call__(self, keys: list[int]) -> Sequence[int | BaseException]:
        self.batches.append(keys)
        self.asked.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return [ValueError("odd") if key < 0 else key * 2 for key in keys]


async def test_keys_are_asked_once_and_together() -> None:
    load = Counting()
    loader = Loader(load)
    answers = await asyncio.gather(loader.load(1), loader.load(2), loader.load(1), loader.load_many([2, 3]))
    assert answers == [2, 4, 2, [4, 6]]
    assert await loader.load_many([1, 2, 3]) == [2, 4, 6]
    assert load.batches == [[1, 2, 3]]


async def test_keys_that_arrive_a_tick_apart_share_a_batch() -> None:
    load = Counting()
    loader = Loader(load)

    async def late() -> int:
        await asyncio.sleep(0)
        return await loader.load(2)

    assert await asyncio.gather(loader.load(1), late()) == [2, 4]
    assert load.batches == [[1, 2]]


async def test_a_caller_that_gives_up_takes_no_neighbour_with_it() -> None:
    load = Counting()
    load.gate.clear()
    loader = Loader(load)
    neighbour = asyncio.create_task(loader.load(1))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(loader.load(1), timeout=0.01)
    load.gate.set()
    assert await neighbour == 2
    assert load.batches == [[1]]


async def test_a_cancelled_load_function_leaves_nobody_waiting() -> None:
    load = Counting()
    load.failure = asyncio.CancelledError()
    loader = Loader(load)
    with pytest.raises(LoadAbandoned):
        await asyncio.wait_for(loader.load(1), timeout=1)


async def test_a_failed_batch_is_not_remembered() -> None:
    load = Counting()
    load.failure = RuntimeError("down")
    loader = Loader(load)
    with pytest.raises(RuntimeError, match="down"):
        await loader.load(1)
    load.failure = None
    assert await loader.load(1) == 2
    assert load.batches == [[1], [1]]


async def test_one_keys_failure_stands_in_its_own_place() -> None:
    loader = Loader(Counting())
    first, second = await loader.load_each([1, -1])
    assert first == 2
    assert isinstance(second, ValueError)


async def test_a_primed_answer_is_not_asked_and_a_cleared_one_is() -> None:
    load = Counting()
    loader = Loader(load)
    loader.prime_many({1: 10, 2: 20})
    assert await loader.load_many([1, 2]) == [10, 20]
    assert load.batches == []
    loader.clear(1)
    loader.clear(99)
    loader.clear_many([2])
    assert await loader.load_many([1, 2]) == [2, 4]
    loader.clear_all()
    assert await loader.load(1) == 2
    assert load.batches == [[1, 2], [1]]


async def test_closing_cancels_what_is_still_being_asked() -> None:
    load = Counting()
    load.gate.clear()
    loader = Loader(load)
    waiting = asyncio.create_task(loader.load(1))
    await load.asked.wait()
    await loader.aclose()
    with pytest.raises(LoadAbandoned):
        await waiting
