"""Waiting for a place: who gets through, who is refused, and what is told of them; over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from starlette.requests import Request
from starlette.responses import Response
from upstream import DECODER, ONCE, THING, Thing, Upstream, call, client_of, json

from sources import errors
from sources.breaker import BreakerSettings
from sources.bulkhead import BulkheadSettings
from sources.call import CallMade
from sources.http import Reply, SourceClient
from sources.meaning import RETRY_AFTER_CAP_SECONDS, retry_after_seconds


class Line:
    """One place that the first call holds until `release`, and the second waiting for it."""

    def __init__(self, client: SourceClient, upstream: Upstream, opened: asyncio.Event) -> None:
        self.client, self.upstream, self._opened = client, upstream, opened
        self.made: list[CallMade] = []
        self.first = self.ask(0)

    def ask(self, number: int, seconds: float = 5.0) -> "asyncio.Task[Reply[Thing]]":
        asked = self.client.read(call(seconds, self.made), THING, decoder=DECODER, params=[("n", str(number))])
        return asyncio.create_task(asked)

    def release(self) -> None:
        self._opened.set()


@asynccontextmanager
async def line(held: Response, max_queued: int = 1, breaker: BreakerSettings | None = None) -> AsyncIterator[Line]:
    opened = asyncio.Event()

    async def later(_: Request) -> Response:
        await opened.wait()
        return held

    upstream = Upstream(later, json())
    places = BulkheadSettings(max_in_flight=1, max_queued=max_queued, max_wait_seconds=5)
    chosen = breaker or BreakerSettings()
    async with client_of(upstream, bulkhead=places, retry=ONCE, breaker=chosen) as client:
        made = Line(client, upstream, opened)
        await upstream.was_asked.wait()
        yield made
        made.release()
        await asyncio.gather(made.first, return_exceptions=True)


async def queued(client: SourceClient, many: int) -> None:
    while client.state().queued < many:  # noqa: ASYNC110 - the queue tells nobody that it grew; this yields, it waits for no time
        await asyncio.sleep(0)


async def test_who_waits_gets_the_place_that_comes_free() -> None:
    async with line(json()) as running:
        second = running.ask(1)
        await queued(running.client, 1)
        running.release()
        assert (await second).content.size == 1
        assert (running.client.state().in_flight, running.client.state().queued) == (0, 0)
    assert [each.how for each in running.made] == ["sent", "sent"]


async def test_beyond_the_queue_a_call_is_refused_at_once_and_told_so() -> None:
    async with line(json()) as running:
        second = running.ask(1)
        await queued(running.client, 1)
        with pytest.raises(errors.SourceUnavailable) as raised:
            await running.ask(2)
        running.release()
        await second
    assert (raised.type, raised.value.detail) == (errors.SourceUnavailable, "too many wait already")
    first = running.made[0]
    assert (first.how, first.outcome, first.detail) == ("refused", "SourceUnavailable", "too many wait already")
    assert len(running.upstream.asked) == 2


async def test_whose_time_runs_out_in_the_queue_has_exceeded_its_deadline() -> None:
    async with line(json()) as running:
        with pytest.raises(errors.DeadlineExceeded):
            await running.ask(1, seconds=0.05)
        assert running.client.state().queued == 0
    assert len(running.upstream.asked) == 1


async def test_who_waited_while_the_source_said_too_many_is_not_sent() -> None:
    async with line(json(b"{}", 429, **{"Retry-After": "9"})) as running:
        second = running.ask(1)
        await queued(running.client, 1)
        running.release()
        with pytest.raises(errors.SourceRateLimited) as raised:
            await second
        assert running.client.state().in_flight == 0
    assert 8 < (raised.value.retry_after_seconds or 0) <= 9
    assert len(running.upstream.asked) == 1


async def test_who_waited_while_the_breaker_opened_is_not_sent() -> None:
    async with line(json(b"{}", 503), breaker=BreakerSettings(minimum=1)) as running:
        second = running.ask(1)
        await queued(running.client, 1)
        running.release()
        with pytest.raises(errors.SourceUnavailable, match="at the moment") as raised:
            await second
    assert raised.value.detail == "the breaker is open"
    assert len(running.upstream.asked) == 1


async def test_after_an_outage_that_names_its_end_nothing_is_sent_before() -> None:
    upstream = Upstream(json(b"{}", 503, **{"Retry-After": "7"}), json())
    async with client_of(upstream) as client:
        with pytest.raises(errors.SourceUnavailable) as raised:
            await client.read(call(), THING, decoder=DECODER)
        with pytest.raises(errors.SourceRateLimited):
            await client.read(call(), THING, decoder=DECODER)
    assert raised.value.retry_after_seconds == 7
    assert len(upstream.asked) == 1


async def test_too_many_without_a_time_is_left_alone_for_a_second() -> None:
    upstream = Upstream(json(b"{}", 429))
    async with client_of(upstream) as client:
        for _ in range(3):
            with pytest.raises(errors.SourceRateLimited):
                await client.read(call(), THING, decoder=DECODER)
        assert 0 < client.state().rate_limited_for_seconds <= 1
    assert len(upstream.asked) == 1


def test_retry_after_may_be_a_date_and_is_capped() -> None:
    now = datetime.now(UTC)
    soon = retry_after_seconds(format_datetime(now + timedelta(seconds=20), usegmt=True))
    assert soon is not None
    assert 18 <= soon <= 20
    assert retry_after_seconds(format_datetime(now - timedelta(days=1), usegmt=True)) == 0
    assert retry_after_seconds(format_datetime(now + timedelta(days=1), usegmt=True)) == RETRY_AFTER_CAP_SECONDS
