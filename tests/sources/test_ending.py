"""The end of tasks: also of those that swallow a cancellation, as `asyncio.wait_for` makes them do on Python 3.11."""

import asyncio

from sources.ending import ended


async def for_ever() -> None:
    await asyncio.get_running_loop().create_future()


async def test_a_task_that_swallows_cancellations_is_cancelled_until_it_is_done() -> None:
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        while swallowed < 3:
            try:
                await for_ever()
            except asyncio.CancelledError:
                swallowed += 1
        await for_ever()

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ended(task, again_seconds=0.001)
    assert (swallowed, task.cancelled()) == (3, True)


async def test_a_task_that_tidies_up_is_cancelled_once() -> None:
    tidied = asyncio.Event()

    async def orderly() -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(0.01)
            tidied.set()

    task = asyncio.create_task(orderly())
    await asyncio.sleep(0)
    await ended(task)
    assert tidied.is_set()
    assert task.cancelling() == 1


async def test_what_never_began_is_done_or_fails_has_ended() -> None:
    async def failing() -> None:
        raise ValueError

    failed, done = asyncio.create_task(failing()), asyncio.create_task(asyncio.sleep(0))
    await asyncio.wait([failed, done])
    await ended(None, failed, done)
    await ended()
    assert isinstance(failed.exception(), ValueError)
