"""Between a call and its source: when it is left alone, asked again, shared or refused, over real sockets."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import Response
from upstream import DECODER, ONCE, QUICK, THING, Clock, Upstream, call, client_of, json

from sources.breaker import REFUSED, Breaker, BreakerSettings, BreakerState
from sources.bulkhead import Bulkhead, BulkheadSettings, Full
from sources.call import CallMade
from sources.errors import (
    DeadlineExceeded,
    SourceError,
    SourceRateLimited,
    SourceRejected,
    SourceUnavailable,
)
from sources.health import Health
from sources.retry import Retries, RetrySettings

# ---------------------------------------------------------------- the breaker


def test_a_breaker_opens_after_ten_failures_and_lets_one_probe_a_second_through() -> None:
    clock = Clock()
    breaker = Breaker(BreakerSettings(), clock=clock)
    for _ in range(10):
        breaker.failed(breaker.admitted())
    assert breaker.state is BreakerState.OPEN
    assert [breaker.admitted() for _ in range(50)] == [REFUSED] * 50
    clock.now += 1
    assert [breaker.admitted() != REFUSED for _ in range(50)] == [True] + [False] * 49


def test_a_breaker_stays_closed_while_most_calls_succeed() -> None:
    breaker = Breaker(BreakerSettings(), clock=Clock())
    for turn in range(200):
        ticket = breaker.admitted()
        (breaker.failed if turn % 2 else breaker.succeeded)(ticket)
    assert breaker.state is BreakerState.CLOSED


def test_traffic_returns_in_steps_after_a_probe_that_succeeds() -> None:
    clock = Clock()
    breaker = Breaker(BreakerSettings(steps=(0.1, 0.5), step_seconds=1.0), clock=clock)
    for _ in range(10):
        breaker.failed(breaker.admitted())
    clock.now += 1
    breaker.succeeded(breaker.admitted())
    assert breaker.state is BreakerState.HALF_OPEN
    shares = []
    for _ in range(2):
        tickets = [breaker.admitted() for _ in range(100)]
        shares.append(sum(ticket != REFUSED for ticket in tickets))
        breaker.succeeded(next(ticket for ticket in tickets if ticket != REFUSED))
        clock.now += 1
    assert shares[0] <= 12
    assert 45 <= shares[1] <= 55
    assert breaker.admitted() != REFUSED
    assert breaker.state is BreakerState.CLOSED


def test_failures_on_the_way_back_open_it_again_and_an_old_outcome_does_nothing() -> None:
    clock = Clock()
    breaker = Breaker(BreakerSettings(), clock=clock)
    old = breaker.admitted()
    for _ in range(10):
        breaker.failed(breaker.admitted())
    breaker.succeeded(old)
    assert breaker.state is BreakerState.OPEN
    clock.now += 1
    breaker.succeeded(breaker.admitted())
    ticket = next(each for each in iter(breaker.admitted, None) if each != REFUSED)
    breaker.failed(ticket)
    breaker.failed(ticket)
    assert breaker.state is BreakerState.OPEN


async def test_a_source_that_fails_for_all_is_left_alone_but_for_probes_within_twenty_calls() -> None:
    upstream = Upstream(json(b"{}", 503))
    async with client_of(upstream, retry=ONCE) as client:
        for _ in range(100):
            with pytest.raises(SourceUnavailable):
                await client.read(call(), THING, decoder=DECODER)
        assert len(upstream.asked) <= 20
        assert client.state().breaker is BreakerState.OPEN


async def test_what_the_business_refuses_opens_no_breaker() -> None:
    upstream = Upstream(json(b"{}", 422))
    async with client_of(upstream) as client:
        for _ in range(30):
            with pytest.raises(SourceRejected):
                await client.read(call(), THING, decoder=DECODER)
        assert (len(upstream.asked), client.state().breaker) == (30, BreakerState.CLOSED)


# ---------------------------------------------------------------- retries


def test_retries_have_full_jitter_a_cap_and_a_budget() -> None:
    clock = Clock()
    health = Health(clock)
    settings = RetrySettings(attempts=9, base_seconds=0.1, cap_seconds=0.5, budget_floor=3)
    retries = Retries(settings, health, draw=lambda: 1.0)
    assert [retries.pause_seconds(attempt) for attempt in (1, 2, 3, 4, 8)] == [0.1, 0.2, 0.4, 0.5, 0.5]
    assert retries.pause_seconds(9) is None
    for _ in range(3):
        health.retried()
    assert retries.pause_seconds(1) is None
    for _ in range(100):
        health.called(0.01, failed=False)
    assert retries.pause_seconds(1) == 0.1


async def test_a_read_that_fails_now_and_then_succeeds_and_each_attempt_is_told() -> None:
    made: list[CallMade] = []
    upstream = Upstream(json(b"{}", 503), json(b"{}", 500), json())
    async with client_of(upstream, retry=QUICK) as client:
        reply = await client.read(call(made=made), THING, decoder=DECODER)
    assert reply.content.size == 1
    assert [each.outcome for each in made] == ["SourceUnavailable", "SourceUnavailable", "ok"]
    assert [each.attempt for each in made] == [1, 2, 3]


@pytest.mark.parametrize("status", [400, 404, 409, 422, 401])
async def test_what_would_fare_no_better_is_not_asked_again(status: int) -> None:
    upstream = Upstream(json(b"{}", status))
    async with client_of(upstream, retry=QUICK) as client:
        with pytest.raises(SourceError):
            await client.read(call(), THING, decoder=DECODER)
    assert len(upstream.asked) == 1


async def test_after_too_many_requests_nothing_is_sent_until_the_time_is_over() -> None:
    upstream = Upstream(json(b"{}", 429, **{"Retry-After": "2"}))
    async with client_of(upstream, retry=QUICK) as client:
        waits = []
        for _ in range(20):
            with pytest.raises(SourceRateLimited) as raised:
                await client.read(call(), THING, decoder=DECODER)
            waits.append(raised.value.retry_after_seconds)
        assert len(upstream.asked) == 1
        assert all(wait is not None and 0 < wait <= 2 for wait in waits)
        assert 0 < client.state().rate_limited_for_seconds <= 2


async def test_once_the_time_is_over_it_is_asked_again() -> None:
    clock, upstream = Clock(), Upstream(json(b"{}", 429, **{"Retry-After": "2"}), json())
    async with client_of(upstream, clock) as client:
        for later in (0.0, 1.99):
            with pytest.raises(SourceRateLimited):
                await client.read(call(), THING, decoder=DECODER)
            clock.now += later
        assert len(upstream.asked) == 1
        clock.now += 0.01
        assert (await client.read(call(), THING, decoder=DECODER)).content.size == 1
        assert (len(upstream.asked), client.state().rate_limited_for_seconds) == (2, 0.0)


# ---------------------------------------------------------------- the bulkhead


async def test_beyond_the_places_and_the_queue_a_call_is_refused_at_once() -> None:
    bulkhead = Bulkhead(BulkheadSettings(max_in_flight=1, max_queued=1, max_wait_seconds=5))
    assert bulkhead.enters_at_once()
    waiting = asyncio.create_task(bulkhead.enter(5))
    await asyncio.sleep(0)  # it has begun to wait
    assert bulkhead.queued == 1
    with pytest.raises(Full, match="too many"):
        await bulkhead.enter(5)
    bulkhead.leave()
    await waiting
    assert (bulkhead.in_flight, bulkhead.queued) == (1, 0)


async def test_who_gives_up_waiting_leaves_no_place_taken() -> None:
    bulkhead = Bulkhead(BulkheadSettings(max_in_flight=1, max_wait_seconds=0.01))
    assert bulkhead.enters_at_once()
    with pytest.raises(Full, match="in time"):
        await bulkhead.enter(5)
    with pytest.raises(TimeoutError):
        await bulkhead.enter(0.001)
    bulkhead.leave()
    assert (bulkhead.in_flight, bulkhead.queued, bulkhead.enters_at_once()) == (0, 0, True)


async def test_a_rate_lets_no_more_start_than_it_says() -> None:
    bulkhead = Bulkhead(BulkheadSettings(per_second=10, burst=2, max_wait_seconds=0.05))
    outcomes = await asyncio.gather(*(bulkhead.enter(5) for _ in range(6)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [Full] * 4


# ---------------------------------------------------------------- sharing


async def test_two_hundred_identical_reads_at_once_are_one_call() -> None:
    release = asyncio.Event()

    async def later(_: Request) -> Response:
        await release.wait()
        return json()

    upstream = Upstream(later)
    async with client_of(upstream) as client:
        asking = [asyncio.create_task(client.read(call(), THING, decoder=DECODER)) for _ in range(200)]
        await upstream.was_asked.wait()
        release.set()
        replies = await asyncio.gather(*asking)
    assert len(upstream.asked) == 1
    assert {reply.content.size for reply in replies} == {1}


async def test_who_gives_up_takes_nobody_along_and_who_wants_its_own_gets_it() -> None:
    release = asyncio.Event()

    async def later(_: Request) -> Response:
        await release.wait()
        return json()

    upstream = Upstream(later, json())
    async with client_of(upstream) as client:
        first = asyncio.create_task(client.read(call(), THING, decoder=DECODER))
        await upstream.was_asked.wait()
        second = asyncio.create_task(client.read(call(), THING, decoder=DECODER))
        assert (await client.read(call(max_age=0), THING, decoder=DECODER)).content.size == 1
        assert not second.done()
        first.cancel()
        assert (await second).content.size == 1
        release.set()
    assert len(upstream.asked) == 3


async def test_a_hasty_asker_does_not_fail_the_patient_one() -> None:
    hang = asyncio.Event()

    async def never(_: Request) -> Response:
        await hang.wait()
        return json()

    upstream = Upstream(never, json())
    async with client_of(upstream) as client:
        hasty = asyncio.create_task(client.read(call(0.05), THING, decoder=DECODER))
        await upstream.was_asked.wait()
        patient = asyncio.create_task(client.read(call(2), THING, decoder=DECODER))
        with pytest.raises(DeadlineExceeded):
            await hasty
        assert (await patient).content.size == 1
        hang.set()
