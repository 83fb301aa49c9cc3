"""Answers that go on, over HTTP: which Accept gets what, what is refused, and how a stream begins, beats and ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from happened import moved
from stack import Stack, stack_over
from streaming import MULTIPART, SHIPMENT_EVENTS, stream

from gateway.eventing import Eventing
from gateway.streams import MULTIPART as MULTIPART_KIND
from gateway.streams import SSE, Accepted, accepted
from sandbox.facts import Dataset

QUERY = "{ sources { name } }"
URQL_QUERY = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
NEEDS_A_STREAM = "A subscription needs a stream"


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    chosen = {"letters": str(tmp_path_factory.mktemp("streams") / "l")}
    given = {"ping_seconds": 0.1, "max_connections_per_caller": 3}
    data = Dataset.from_builtins({"today": "2026-06-30"})
    async with stack_over(data, events=chosen, subscriptions=given) as stack_:
        yield stack_


def eventing(running: Stack) -> Eventing:
    found: Eventing = running.app.state.eventing
    return found


async def subscribed(running: Stack, count: int = 1) -> None:
    async with asyncio.timeout(10):
        while eventing(running).fanout.members != count:  # noqa: ASYNC110 - the other side of a real socket sets it
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", Accepted(None, prefers_json=True)),
        ("*/*", Accepted(None, prefers_json=True)),
        ("text/event-stream", Accepted(SSE, prefers_json=False)),
        ("Text/Event-Stream;q=0.5, application/json;q=0.9", Accepted(SSE, prefers_json=True)),
        ("text/event-stream, application/json", Accepted(SSE, prefers_json=False)),
        ("application/json, text/event-stream", Accepted(SSE, prefers_json=True)),
        ("text/event-stream;q=0", Accepted(None, prefers_json=True)),
        ("text/event-stream;q=x", Accepted(None, prefers_json=True)),
        (URQL_QUERY, Accepted(SSE, prefers_json=True)),
        (MULTIPART, Accepted(MULTIPART_KIND, prefers_json=False)),
        ("multipart/mixed", Accepted(None, prefers_json=True)),
        ('multipart/mixed;subscriptionSpec="1.0"', Accepted(MULTIPART_KIND, prefers_json=False)),
        ("multipart/mixed;subscriptionSpec=2.0", Accepted(None, prefers_json=True)),
    ],
)
def test_what_accept_names_first_is_liked_best(accept: str, expected: Accepted) -> None:
    assert accepted(accept) == expected


async def test_a_query_whose_accept_names_json_first_gets_json_also_where_it_names_a_stream(running: Stack) -> None:
    for accept in (URQL_QUERY, "application/json, text/event-stream", "*/*", MULTIPART):
        answer = await running.client.post("/graphql", json={"query": QUERY}, headers={"Accept": accept})
        assert len(answer.json()["data"]["sources"]) == 4


async def test_a_query_that_wants_a_stream_gets_its_answer_and_the_end(running: Stack) -> None:
    answer = await running.client.post("/graphql", json={"query": QUERY}, headers={"Accept": "text/event-stream"})
    first, second, end = answer.text.split("\n\n")
    assert first.startswith("event: next\ndata: {")
    assert len(json.loads(first.partition("data: ")[2])["data"]["sources"]) == 4
    assert (second, end) == ("event: complete\ndata:", "")


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/graphql-response+json", "multipart/mixed"])
async def test_a_subscription_sent_to_plain_json_is_refused_with_what_to_do(running: Stack, accept: str) -> None:
    for answer in (
        await running.client.post("/graphql", json={"query": SHIPMENT_EVENTS}, headers={"Accept": accept}),
        await running.client.get("/graphql", params={"query": SHIPMENT_EVENTS}, headers={"Accept": accept}),
    ):
        body = answer.json()
        assert "data" not in body
        (error,) = body["errors"]
        assert error["extensions"]["code"] == "BAD_INPUT"
        assert error["message"].startswith((NEEDS_A_STREAM, "Only queries"))
    assert eventing(running).fanout.members == 0


async def test_a_subscription_may_be_begun_by_get_and_a_mutation_may_not(running: Stack) -> None:
    headers = {"Accept": "text/event-stream"}
    params = {"query": "subscription { shipmentEvents { shipmentNumber } }"}
    async with running.client.stream("GET", "/graphql", params=params, headers=headers) as response:
        assert response.status_code == 200
        await subscribed(running)
    await subscribed(running, 0)
    refused = await running.client.get("/graphql", params={"query": "mutation { nothing }"}, headers=headers)
    assert refused.status_code in {400, 405} or "data" not in refused.json()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("subscription {", "Syntax Error"),
        ("subscription { nothing }", "Cannot query field"),
        ('subscription { shipmentEvents(after: "é") { id } }', 'Argument "after"'),
        ("subscription { availabilityChanges(skus: []) { id } }", 'Argument "skus"'),
    ],
)
async def test_what_cannot_be_begun_is_refused_as_json(running: Stack, query: str, said: str) -> None:
    answer = await running.client.post("/graphql", json={"query": query}, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("application/json")
    assert said in answer.json()["errors"][0]["message"]
    assert eventing(running).fanout.members == 0


async def test_a_silent_stream_beats_and_a_slow_start_loses_nothing(running: Stack) -> None:
    async with stream(running.url, SHIPMENT_EVENTS, {}) as told:
        await subscribed(running)
        for _ in range(3):
            assert (await told.until("\n\n")).startswith(":")
        await eventing(running).bus.publish(moved(at=1))
        assert (await told.sse_event())["type"] == "shipment.in_transit"
    async with stream(running.url, SHIPMENT_EVENTS, {}, accept=MULTIPART) as told:
        await subscribed(running)
        await told.until("--graphql")
        assert (await told.until("--graphql")).endswith("\r\n\r\n{}\r\n")
        await eventing(running).bus.publish(moved(at=2))
        assert (await told.part())["type"] == "shipment.in_transit"


async def test_a_caller_has_so_many_streams_and_no_more(running: Stack) -> None:
    await subscribed(running, 0)
    async with (
        stream(running.url, SHIPMENT_EVENTS, {}),
        stream(running.url, SHIPMENT_EVENTS, {}),
        stream(running.url, SHIPMENT_EVENTS, {}),
    ):
        await subscribed(running, 3)
        answer = await running.client.post(
            "/graphql", json={"query": SHIPMENT_EVENTS}, headers={"Accept": "text/event-stream"}
        )
        assert answer.status_code == 429
        assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    await subscribed(running, 0)


async def test_a_drain_ends_streams_without_saying_that_they_are_complete(tmp_path: Path) -> None:
    data = Dataset.from_builtins({"today": "2026-06-30"})
    async with stack_over(data, events={"letters": str(tmp_path / "l")}) as draining:
        async with stream(draining.url, SHIPMENT_EVENTS, {}) as told:
            await subscribed(draining)
            await eventing(draining).drained()
            assert "complete" not in await told.rest()
        answer: Any = await draining.client.post(
            "/graphql", json={"query": SHIPMENT_EVENTS}, headers={"Accept": "text/event-stream"}
        )
        assert answer.status_code == 503
