"""The door's own promises: what may be set of a source, what is shared and with whom, and what observers are told."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from upstream import DECODER, ONCE, THING, Upstream, call, client_of, json

from gateway.settings import SettingsError, settings_from
from sources import errors
from sources.asked import query_string
from sources.breaker import REFUSED, Breaker, BreakerSettings, BreakerState
from sources.bulkhead import Bulkhead, BulkheadSettings, Full
from sources.call import CallMade
from sources.endpoint import Endpoint

ROLES = ("erp", "crm", "wms", "carrier")


class Gate:
    """An upstream that holds its answers back until it is opened."""

    def __init__(self, answer: Response) -> None:
        self.opened, self._answer = asyncio.Event(), answer

    async def __call__(self, _: Request) -> Response:
        await self.opened.wait()
        return self._answer


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("erp", "place"),
    [
        ({"url": "ftp://x"}, "$.sources.erp.url"),
        ({"timeout_seconds": 0}, "$.sources.erp.timeout_seconds"),
        ({"timeouts": {"GET items": 1.0}}, "$.sources.erp.timeouts"),
        ({"timeouts": {"GET /items": -1.0}}, "$.sources.erp.timeouts[...]"),
        ({"token": "t", "auth": {"token": "u"}}, "$.sources.erp"),
        ({"auth": {"username": "u", "token": "t"}}, "$.sources.erp.auth"),
        ({"breaker": {"minimum": 30}}, "$.sources.erp.breaker"),
        ({"breaker": {"steps": [0.0]}}, "$.sources.erp.breaker.steps"),
        ({"retry": {"budget_ratio": 1.5}}, "$.sources.erp.retry.budget_ratio"),
        ({"bulkhead": {"max_in_flight": 0}}, "$.sources.erp.bulkhead.max_in_flight"),
    ],
)
def test_what_cannot_be_set_is_refused_with_its_place(erp: dict[str, Any], place: str) -> None:
    sources = {role: {"url": "http://x"} for role in ROLES}
    sources["erp"] |= erp
    with pytest.raises(SettingsError) as raised:
        settings_from({"sources": sources}, origin="crossdock.toml")
    assert place in str(raised.value)


def test_a_call_that_has_its_place_has_a_connection() -> None:
    endpoint = Endpoint(name="erp", url="http://x", max_connections=5, bulkhead=BulkheadSettings(max_in_flight=9))
    assert endpoint.places().max_in_flight == 5


async def test_an_operation_may_take_another_time_than_the_source() -> None:
    gate = Gate(json())
    async with client_of(Upstream(gate), retry=ONCE, timeouts={"GET /thing": 0.05}, timeout_seconds=1.5) as client:
        with pytest.raises(errors.SourceUnavailable) as raised:
            await client.read(call(), THING, decoder=DECODER)
        gate.opened.set()
    assert (raised.type, raised.value.detail) == (errors.SourceUnavailable, "no answer in time")


_TEXT = st.text(max_size=8)


@given(st.lists(st.tuples(st.sampled_from(["sku", "company"]), _TEXT)))
def test_a_query_string_says_what_was_given(params: list[tuple[str, str]]) -> None:
    scope = {"type": "http", "query_string": query_string(params).removeprefix("?").encode(), "headers": []}
    assert Request(scope).query_params.multi_items() == params


# ---------------------------------------------------------------- sharing


async def test_what_depends_on_who_asks_is_not_shared_with_others() -> None:
    gate = Gate(json())
    upstream = Upstream(gate)
    async with client_of(upstream) as client:
        asking = [asyncio.create_task(client.read(call(), THING, decoder=DECODER, scope=who)) for who in "aab"]
        while len(upstream.asked) < 2:
            await upstream.was_asked.wait()
            upstream.was_asked.clear()
        gate.opened.set()
        await asyncio.gather(*asking)
    assert len(upstream.asked) == 2


async def test_other_questions_are_calls_of_their_own() -> None:
    upstream = Upstream(json())
    async with client_of(upstream) as client:
        reads = [client.read(call(), THING, decoder=DECODER, params=[("sku", sku)], body=body)
                 for sku in "AB" for body in (None, b"1", b"2")]  # fmt: skip
        await asyncio.gather(*reads)
    assert len(upstream.asked) == 6


async def test_all_who_waited_get_the_same_error_and_each_is_told_how() -> None:
    gate, made = Gate(json(b"{}", 422)), list[CallMade]()
    upstream = Upstream(gate)
    async with client_of(upstream) as client:
        asking = [asyncio.create_task(client.read(call(made=made), THING, decoder=DECODER)) for _ in range(5)]
        await upstream.was_asked.wait()
        gate.opened.set()
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [errors.SourceRejected] * 5
    assert len(upstream.asked) == 1
    assert sorted((each.how, each.outcome) for each in made) == [
        ("sent", "SourceRejected"), *[("shared", "SourceRejected")] * 4,
    ]  # fmt: skip


async def test_who_wants_a_younger_answer_than_the_call_under_way_makes_its_own() -> None:
    gate = Gate(json())
    upstream = Upstream(gate, json())
    async with client_of(upstream) as client:
        first = asyncio.create_task(client.read(call(), THING, decoder=DECODER))
        await upstream.was_asked.wait()
        assert (await client.read(call(max_age=1e-9), THING, decoder=DECODER)).content.size == 1
        assert not first.done()
        gate.opened.set()
        await first
    assert len(upstream.asked) == 2


async def test_the_patient_one_asks_again_where_only_time_kept_the_hasty_one_from_it() -> None:
    """The hasty one's call failed at once; a pause before the next would have outlasted its time."""
    slow = {"base_seconds": 1e7, "cap_seconds": 1e7}
    gate = Gate(json(b"{}", 503))
    upstream = Upstream(gate, json())
    async with client_of(upstream, retry=type(ONCE)(attempts=2, **slow)) as client:
        hasty = asyncio.create_task(client.read(call(0.2), THING, decoder=DECODER))
        await upstream.was_asked.wait()
        patient = asyncio.create_task(client.read(call(9), THING, decoder=DECODER))
        await asyncio.sleep(0)  # it has begun to wait
        gate.opened.set()
        outcome = (await asyncio.gather(hasty, return_exceptions=True))[0]
        assert (await patient).content.size == 1
    assert isinstance(outcome, errors.DeadlineExceeded)


async def test_state_tells_what_is_under_way_and_what_was() -> None:
    gate = Gate(json(b"{}", 503))
    upstream = Upstream(gate)
    async with client_of(upstream, retry=ONCE) as client:
        asking = asyncio.create_task(client.read(call(), THING, decoder=DECODER))
        await upstream.was_asked.wait()
        before = client.state()
        gate.opened.set()
        await asyncio.gather(asking, return_exceptions=True)
        after = client.state()
    assert (before.in_flight, before.calls, before.p50_ms) == (1, 0, None)
    assert (after.in_flight, after.queued, after.calls, after.errors, after.error_rate) == (0, 0, 1, 1, 1.0)
    assert after.p50_ms == after.p99_ms is not None


# ---------------------------------------------------------------- breaker and bulkhead, whatever happens


@given(st.lists(st.sampled_from(["ok", "fail", "lost", "tick"]), max_size=200))
def test_an_open_breaker_lets_one_call_a_probe_interval_through(happenings: list[str]) -> None:
    now = [0.0]
    breaker = Breaker(BreakerSettings(probe_seconds=1.0), clock=lambda: now[0])
    last_probe = float("-inf")
    for what in happenings:
        if what == "tick":
            now[0] += 0.25
            continue
        was = breaker.state
        ticket = breaker.admitted()
        if was is BreakerState.CLOSED:
            assert ticket != REFUSED
        if was is BreakerState.OPEN and ticket != REFUSED:
            assert now[0] - last_probe >= 1.0
            last_probe = now[0]
        if ticket != REFUSED and what != "lost":
            (breaker.succeeded if what == "ok" else breaker.failed)(ticket)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=30))
async def test_no_more_are_in_flight_than_there_are_places_and_none_is_lost(calls: list[tuple[int, bool]]) -> None:
    bulkhead, under_way, most = Bulkhead(BulkheadSettings(max_in_flight=3, max_queued=5)), 0, 0

    async def one(steps: int) -> None:
        nonlocal under_way, most
        if not bulkhead.enters_at_once():
            await bulkhead.enter(5)
        under_way += 1
        most = max(most, under_way)
        try:
            for _ in range(steps):
                await asyncio.sleep(0)
        finally:
            under_way -= 1
            bulkhead.leave()

    tasks = [asyncio.create_task(one(steps)) for steps, _ in calls]
    await asyncio.sleep(0)
    for task, (_, gives_up) in zip(tasks, calls, strict=True):
        if gives_up:
            task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {type(None), Full, asyncio.CancelledError}
    assert most <= 3
    assert (bulkhead.in_flight, bulkhead.queued) == (0, 0)
