"""Who was cut off and comes back with a cursor: nothing missed, nothing twice, and a gap is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from happened import life, moved
from redis_server import RedisServer
from stack import Stack
from streaming import SHIPMENT_EVENTS, socket, stream
from subscribers import LIFE, eventing, gateway, gist, publish, subscribed


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway(tmp_path) as stack_:
        yield stack_


async def test_who_comes_back_with_a_cursor_has_missed_nothing_and_gets_nothing_twice(running: Stack) -> None:
    first, second, third, fourth, fifth = life()
    async with socket(running.url) as client:
        await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1"})
        await subscribed(running)
        await publish(running, first, second)
        seen = await client.events(2)
    await publish(running, third, moved(tracking_number="other", shipment="S9"), fourth)
    for opened in (socket(running.url), None):
        if opened is not None:
            async with opened as client:
                await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1", "after": seen[-1]["cursor"]})
                missed = await client.events(2)
                await client.silence()
        else:
            given = {"shipment": "S1", "after": seen[-1]["cursor"]}
            async with stream(running.url, SHIPMENT_EVENTS, given) as told:
                missed = [await told.sse_event() for _ in range(2)]
                await subscribed(running)
                await publish(running, fifth)
                missed.append(await told.sse_event())
        assert gist(missed[:2]) == LIFE[2:4]
        assert [each["gap"] for each in missed[:2]] == [False, False]
    assert gist(missed[2:]) == LIFE[4:]


async def test_events_that_come_while_one_catches_up_are_neither_lost_nor_doubled(running: Stack) -> None:
    await publish(running, *[moved(at=at) for at in range(100)])
    cursor = (await eventing(running).bus.since("x.0")).events[0].cursor
    async with socket(running.url) as client:
        await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1", "after": cursor})
        for at in range(100, 200):
            await publish(running, moved(at=at))
            await asyncio.sleep(0)
        events = await client.events(199)
        assert [each["id"] for each in events] == list(dict.fromkeys(each["id"] for each in events))
        assert not any(each["late"] or each["gap"] for each in events)
        await client.silence()


async def test_a_cursor_that_is_too_old_starts_from_what_is_kept_and_says_so_once(tmp_path: Path) -> None:
    async with gateway(tmp_path, events={"max_events": 3, "letters": str(tmp_path / "l")}) as running:
        await publish(running, moved(at=0))
        cursor = (await eventing(running).bus.since("x.0")).events[0].cursor
        await publish(running, *[moved(at=at) for at in range(1, 6)])
        async with socket(running.url) as client:
            await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1", "after": cursor})
            assert [each["gap"] for each in await client.events(3)] == [True, False, False]
            await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1", "after": "dead.7"}, name="2")
            assert [each["gap"] for each in await client.events(3)] == [True, False, False]
            await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S2", "after": "dead.7"}, name="3")
            await subscribed(running, 3)
            await publish(running, moved(shipment="S2", tracking_number="2Z"))
            assert (await client.event())["gap"] is True  # none of its own were kept: the next one tells


async def test_the_other_of_two_gateways_goes_on_where_the_first_left_off_also_after_redis_was_restarted(
    tmp_path: Path,
) -> None:
    events = life()
    async with RedisServer(tmp_path) as redis, AsyncExitStack() as both:
        chosen = {"url": redis.url, "letters": str(tmp_path / "l")}
        one = await both.enter_async_context(gateway(tmp_path, events=chosen))
        other = await both.enter_async_context(gateway(tmp_path, events=chosen))
        async with socket(one.url) as client:
            await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1"})
            await subscribed(one)
            await publish(other, events[0])
            seen = await client.event()
        await publish(one, events[1])
        async with socket(other.url) as client:
            await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1", "after": seen["cursor"]})
            second = await client.event()
            await redis.kill()
            await redis.start()
            await publish(one, events[2])
            third = await client.event()
            assert gist([second, third]) == LIFE[1:3]
            assert not second["gap"]
            assert not third["gap"]
        await publish(other, *events[3:])
        async with socket(one.url) as client:
            await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1", "after": third["cursor"]})
            last = await client.events(2)
            assert gist(last) == LIFE[3:]
            await client.silence()


async def test_a_redis_that_lost_its_history_makes_the_next_event_tell_of_a_gap(tmp_path: Path) -> None:
    async with RedisServer() as redis, gateway(tmp_path, events={"url": redis.url}) as running, socket(running.url) as client:  # fmt: skip
        await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1"})
        await subscribed(running)
        await publish(running, moved(at=0), moved(at=1))
        assert [each["gap"] for each in await client.events(2)] == [False, False]
        await redis.kill()
        await redis.start()
        await publish(running, moved(at=2), moved(at=3))
        assert [each["gap"] for each in await client.events(2)] == [True, False]
