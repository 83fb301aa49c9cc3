"""graphql-transport-ws to the letter: what is taken, what closes the socket with which code, and what ends one operation only."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from happened import moved
from stack import Stack, stack_over
from streaming import SHIPMENT_EVENTS, Socket, bare_socket, socket
from subscribers import publish, subscribed
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.eventing import Eventing
from sandbox.facts import Dataset

QUERY = "{ sources { name } }"
ANSWER = {"data": {"sources": [{"name": name} for name in ("erp", "crm", "wms", "carrier")]}}
INIT = {"type": "connection_init"}


def subscribe(name: Any = "1", **payload: Any) -> dict[str, Any]:
    return {"id": name, "type": "subscribe", "payload": {"query": QUERY} | payload}


async def started(tmp_path: Path, **subscriptions: Any) -> AsyncIterator[Stack]:
    data = Dataset.from_builtins({"today": "2026-06-30"})
    chosen = {"events": {"letters": str(tmp_path / "l")}, "subscriptions": subscriptions}
    async with stack_over(data, **chosen) as running:
        yield running


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async for stack_ in started(tmp_path_factory.mktemp("socket"), allowed_origins=["https://portal.example.com"]):
        yield stack_


@pytest.fixture(scope="module")
async def hasty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A gateway without patience."""
    given = {"init_seconds": 0.1, "ping_seconds": 0.1, "pong_seconds": 0.1, "max_operations": 2}
    async for stack_ in started(tmp_path_factory.mktemp("hasty"), **given, max_connections_per_caller=2):
        yield stack_


async def alive(client: Socket, name: str = "alive") -> None:
    await client.say(subscribe(name))
    assert await client.hear() == {"id": name, "type": "next", "payload": ANSWER}
    assert await client.hear() == {"id": name, "type": "complete"}


# ---------------------------------------------------------------- what is taken


@pytest.mark.parametrize("payload", [None, {}, {"any": [1, {"thing": None}]}])
async def test_the_connection_is_acknowledged_whatever_the_payload_says(running: Stack, payload: Any) -> None:
    async with bare_socket(running.url) as client:
        await client.say(INIT | {"payload": payload})
        assert await client.hear() == {"type": "connection_ack"}
        await alive(client)


DEEP: Any = 1
for _ in range(300):
    DEEP = [DEEP]


async def test_a_ping_is_answered_with_its_payload_also_before_the_acknowledgement(running: Stack) -> None:
    async with bare_socket(running.url) as client:
        for payload in ({"a": 1}, {"more than 64 bits": -(2**63) - 1, "deep": DEEP}, None):
            await client.say({"type": "ping", "payload": payload})
            expected = {"type": "pong"} | ({"payload": payload} if payload is not None else {})
            assert await client.hear() == expected
        await client.say({"type": "pong"})
        await client.say({"type": "pong", "payload": {"b": 2}})
        await client.say(INIT)
        assert await client.hear() == {"type": "connection_ack"}


async def test_a_variable_may_be_larger_than_64_bits(running: Stack) -> None:
    query = "subscription ($shipment: String) { shipmentEvents(shipment: $shipment) { shipmentNumber } }"
    async with socket(running.url) as client:
        await client.subscribe(query, {"shipment": "S1", "unasked": 2**64})
        await subscribed(running)
        await publish(running, moved(at=64))
        assert await client.event() == {"shipmentNumber": "S1"}


async def test_members_that_the_protocol_does_not_have_are_ignored_and_nulls_are_allowed(running: Stack) -> None:
    async with socket(running.url) as client:
        await client.say(subscribe("n", variables=None, operationName=None, extensions=None) | {"more": 1})
        assert (await client.hear())["payload"] == ANSWER


async def test_an_operation_may_be_named_and_take_variables(running: Stack) -> None:
    query = "query A { sources { name } } query B($n: Boolean!) { sources { name @include(if: $n) system } }"
    async with socket(running.url) as client:
        await client.say(subscribe("1", query=query, operationName="B", variables={"n": False}))
        (first, *_) = (await client.hear())["payload"]["data"]["sources"]
        assert first == {"system": "standard"}


async def test_many_operations_run_at_once_and_an_id_may_be_used_again_when_it_has_ended(running: Stack) -> None:
    async with socket(running.url) as client:
        for number in range(50):
            await client.say(subscribe(f"n{number}"))
        ended = set()
        while len(ended) < 50:
            message = await client.hear()
            if message["type"] == "complete":
                ended.add(message["id"])
        await alive(client, "n1")


async def test_a_client_that_completes_hears_nothing_more_of_it(running: Stack) -> None:
    eventing: Eventing = running.app.state.eventing
    async with socket(running.url) as client:
        await client.subscribe(SHIPMENT_EVENTS, {})
        await client.say({"id": "1", "type": "complete"})
        await client.say({"id": "never there", "type": "complete"})
        await client.silence()
        assert eventing.fanout.members == 0
        await eventing.bus.publish(moved())
        await client.silence()
        await client.subscribe(SHIPMENT_EVENTS, {})
        await client.silence()


# ---------------------------------------------------------------- what ends one operation


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"query": "{"}, "Syntax Error"),
        ({"query": ""}, 'The "query" is missing'),
        ({"query": "{ nothing }"}, "Cannot query field"),
        ({"query": "query A { sources { name } }", "operationName": "B"}, "Unknown operation named"),
        ({"query": "query A { sources { name } } query B { sources { name } }"}, "Must provide operation name"),
        ({"query": "query ($n: Int!) { sources { name } }", "variables": {"n": "x"}}, "$n"),
        ({"query": "subscription { nothing }"}, "Cannot query field"),
        ({"query": 'subscription { shipmentEvents(after: "x") { id } }'}, 'Argument "after"'),
        ({"query": "subscription { availabilityChanges(skus: []) { id } }"}, 'Argument "skus": name at least one'),
        ({"query": "subscription { availabilityChanges { id } }"}, "is required"),
        (
            {"query": "subscription ($s: [String!]!) { availabilityChanges(skus: $s) { id } }", "variables": {"s": 7}},
            "$s",
        ),
        (
            {"query": "subscription { shipmentEvents { id } availabilityChanges(skus: []) { id } }"},
            "must select only one",
        ),
    ],
)
async def test_an_operation_that_cannot_be_begun_ends_and_the_socket_goes_on(
    running: Stack, payload: dict[str, Any], said: str
) -> None:
    async with socket(running.url) as client:
        await client.say(subscribe("bad", **payload))
        message = await client.hear()
        assert (message["type"], message["id"]) == ("error", "bad")
        assert said in message["payload"][0]["message"]
        assert message["payload"][0]["extensions"]["code"] in {"BAD_INPUT", "LIMIT_EXCEEDED"}
        assert message["payload"][0]["extensions"]["correlationId"]
        await alive(client, "bad")


async def test_more_operations_than_the_limit_are_refused_one_by_one(hasty: Stack) -> None:
    async with socket(hasty.url) as client:
        for name in "abc":
            await client.subscribe("subscription { shipmentEvents { id } }", name=name)
        message = await client.hear()
        assert (message["id"], message["payload"][0]["extensions"]["code"]) == ("c", "LIMIT_EXCEEDED")


# ---------------------------------------------------------------- what closes the socket

BROKEN: list[Any] = [
    "",
    "{",
    "null",
    "7",
    '"x"',
    "[]",
    "[1]",
    b"\x00\x01",
    {},
    {"type": None},
    {"type": "start"},
    {"type": "connection_ack"},
    {"type": "connection_init", "payload": 7},
    {"type": "connection_init", "payload": "x"},
    {"type": "ping", "payload": "x"},
    {"type": "ping", "payload": []},
    {"type": "pong", "payload": 1},
    {"type": "subscribe"},
    {"type": "subscribe", "id": "1"},
    {"type": "subscribe", "id": "1", "payload": None},
    {"type": "subscribe", "id": "1", "payload": "x"},
    {"type": "subscribe", "id": "1", "payload": {}},
    {"type": "subscribe", "id": "1", "payload": {"query": None}},
    {"type": "subscribe", "id": "1", "payload": {"query": 7}},
    {"type": "subscribe", "payload": {"query": QUERY}},
    subscribe(7),
    subscribe({"a": 1}),
    subscribe(""),
    subscribe("x" * 257),
    subscribe(variables="x"),
    subscribe(variables=[1]),
    subscribe(operationName=7),
    subscribe(extensions="x"),
    {"type": "complete"},
    {"type": "complete", "id": 7},
    {"type": "complete", "id": ""},
    "[" * 50_000,
]


@pytest.mark.parametrize("message", BROKEN, ids=[str(each)[:60] for each in BROKEN])
async def test_a_malformed_message_closes_with_4400_and_says_why(running: Stack, message: Any) -> None:
    async with socket(running.url) as client:
        await client.say(message)
        code, reason = await client.closed()
        assert (code, reason[:15]) == (4400, "Invalid message")


async def closes(running: Stack, act: Callable[[Socket], Any], **more: Any) -> tuple[int, str]:
    async with bare_socket(running.url, **more) as client:
        await act(client)
        return await client.closed()


async def test_a_second_initialisation_closes_with_4429(running: Stack) -> None:
    async def act(client: Socket) -> None:
        await client.say(INIT)
        await client.say(INIT)

    assert await closes(running, act) == (4429, "Too many initialisation requests")


async def test_an_operation_before_the_acknowledgement_closes_with_4401(running: Stack) -> None:
    assert await closes(running, lambda client: client.say(subscribe())) == (4401, "Unauthorized")


async def test_an_id_that_is_in_use_closes_with_4409(running: Stack) -> None:
    async def act(client: Socket) -> None:
        await client.say(INIT)
        for _ in range(2):
            await client.subscribe("subscription { shipmentEvents { id } }")

    assert await closes(running, act) == (4409, "Subscriber for 1 already exists")


@pytest.mark.parametrize("offered", [None, ["graphql-ws"], ["mqtt"]])
async def test_any_other_subprotocol_closes_with_4406(running: Stack, offered: Any) -> None:
    async def act(_: Socket) -> None:
        pass

    assert await closes(running, act, subprotocols=offered) == (4406, "Subprotocol not acceptable")


async def test_of_several_subprotocols_the_one_that_is_spoken_is_chosen(running: Stack) -> None:
    address = running.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=["graphql-ws", "graphql-transport-ws"]) as connection:  # type: ignore[list-item]
        assert connection.subprotocol == "graphql-transport-ws"


async def test_who_never_initialises_is_sent_away_with_4408(hasty: Stack) -> None:
    async def act(_: Socket) -> None:
        pass

    assert await closes(hasty, act) == (4408, "Connection initialisation timeout")


async def test_pings_are_sent_and_who_does_not_answer_is_sent_away(hasty: Stack) -> None:
    async with socket(hasty.url) as answering, socket(hasty.url, answers_pings=False) as deaf:
        listening = asyncio.create_task(answering.hear())
        assert await deaf.closed() == (4408, "Pong timeout")
        async with asyncio.timeout(10):
            while answering.pings < 3:  # noqa: ASYNC110 - the other side of a real socket counts
                await asyncio.sleep(0.01)
        listening.cancel()
        await asyncio.wait([listening])
        await alive(answering)


async def test_a_caller_has_so_many_connections_and_no_more(hasty: Stack) -> None:
    async with socket(hasty.url), socket(hasty.url):
        assert await closes(hasty, lambda client: client.say(INIT)) == (1013, "Too many connections.")


async def test_a_drain_closes_with_a_code_that_clients_retry_and_lets_nobody_in(tmp_path: Path) -> None:
    async for draining in started(tmp_path):
        eventing: Eventing = draining.app.state.eventing
        async with socket(draining.url) as client:
            await client.subscribe("subscription { shipmentEvents { id } }")
            await client.silence()
            await eventing.drained()
            assert await client.closed() == (1012, "The gateway restarts: come back.")
        with pytest.raises(InvalidStatus) as refused:
            async with bare_socket(draining.url):
                pass
        assert refused.value.response.status_code == 403
        break


# ---------------------------------------------------------------- origins


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        (None, True),
        ("own", True),
        ("https://portal.example.com", True),
        ("https://evil.example.com", False),
        ("https://portal.example.com.evil.example", False),
        ("null", False),
        ("http://127.0.0.1:1", False),
    ],
)
async def test_a_page_of_another_origin_cannot_open_a_socket(
    running: Stack, origin: str | None, *, is_let_in: bool
) -> None:
    given = running.url if origin == "own" else origin
    more: dict[str, Any] = {} if given is None else {"origin": given}
    if is_let_in:
        async with socket(running.url, **more) as client:
            await alive(client)
        return
    with pytest.raises(InvalidStatus) as refused:
        async with bare_socket(running.url, **more):
            pass
    assert refused.value.response.status_code == 403


async def test_what_a_client_says_never_ends_the_sockets_of_others(running: Stack) -> None:
    async with socket(running.url) as bystander:
        for message in BROKEN:
            async with socket(running.url) as client:
                await client.say(json.dumps(message) if isinstance(message, dict) else message)
                await client.closed()
        await alive(bystander)
