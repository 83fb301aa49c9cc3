"""The seams of telling: what the engine leaves out, bounds that are met, a bus that is away, who is admitted."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from happened import life, moved
from redis_server import RedisServer
from stack import Stack
from streaming import SHIPMENT_EVENTS, bare_socket, socket, stream
from subscribers import eventing, gateway, publish, subscribed
from websockets.exceptions import InvalidStatus

from engine import Documents
from gateway import development_key, operation
from gateway import fanout as fanning
from gateway.admission import Seats, is_own_page
from gateway.fanout import Fanout
from gateway.subscription import Refused, subscription_of
from resolvers.context import Context
from resolvers.schema import schema
from resolvers.whereabouts import Whereabouts
from sources.bus import Bus, BusUnavailable, MemoryBus
from sources.call import CallContext, Deadline
from sources.ports import Sources
from sources.viewer import SCOPES, SERVICE_DESK, Viewer

NOWHERE: Any = Sources(None, None, None, None)  # type: ignore[arg-type]  # what is asked here reads no source


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway(tmp_path) as stack_:
        yield stack_


def context(bus: Bus | None = None, viewer: Viewer = SERVICE_DESK) -> Context:
    return Context(CallContext(viewer, Deadline.after(60), "test"), NOWHERE, whereabouts=Whereabouts(), bus=bus)


def prepared(query: str, variables: Any = None) -> Any:
    return subscription_of(
        operation.Request(query, variables), operation.documents.prepared(query), correlation_id="test"
    )


class Heard:
    def __init__(self) -> None:
        self.answers: list[Any] = []

    def give(self, message: Any) -> None:
        self.answers.append(json.loads(message.payload))

    async def give_in_turn(self, message: Any) -> None:
        self.give(message)


# ---------------------------------------------------------------- how an event is executed


async def test_what_the_engine_does_not_take_graphql_core_executes_with_the_same_answer(running: Stack) -> None:
    deep = "shipment { order { " + "shipments { order { " * 33 + "number" + " } }" * 34
    query = f"subscription {{ shipmentEvents {{ shipmentNumber late {deep} }} }}"
    unbounded = Documents(operation.SCHEMA).prepared(query)  # clients' own are bounded long before that
    assert str(unbounded.plan()) == "too deep"
    subscription = subscription_of(operation.Request(query), unbounded, correlation_id="test")
    heard = Heard()
    eventing(running).fanout.join(subscription, SERVICE_DESK, heard)
    await publish(running, moved(shipment="nowhere"))
    await eventing(running).fanout.settled()
    told = {"shipmentNumber": "nowhere", "late": False, "shipment": None}
    assert heard.answers == [{"data": {"shipmentEvents": told}}]


async def test_a_condition_without_a_value_is_left_to_graphql_core_too(running: Stack) -> None:
    query = "subscription ($n: Boolean = true) { shipmentEvents { type late @include(if: $n) } }"
    heard = Heard()
    eventing(running).fanout.join(prepared(query, {"n": None}), SERVICE_DESK, heard)
    await publish(running, moved())
    await eventing(running).fanout.settled()
    assert "errors" in heard.answers[0]


@pytest.mark.parametrize(
    "query",
    [
        "subscription { ... { shipmentEvents { type } } }",
        "subscription { ...F } fragment F on Subscription { ...G } fragment G on Subscription { shipmentEvents { type } }",
    ],
)
async def test_the_field_may_stand_inside_fragments(running: Stack, query: str) -> None:
    heard = Heard()
    eventing(running).fanout.join(prepared(query), SERVICE_DESK, heard)
    await publish(running, moved())
    await eventing(running).fanout.settled()
    assert heard.answers == [{"data": {"shipmentEvents": {"type": "shipment.in_transit"}}}]


def test_those_who_differ_in_their_cursor_alone_are_alike_and_nobody_else() -> None:
    def alike(query: str, variables: Any) -> str:
        found: str = prepared(query, variables).alike
        return found

    one = alike(SHIPMENT_EVENTS, {"shipment": "S1", "after": "a.1"})
    assert (
        one == alike(SHIPMENT_EVENTS, {"after": "a.2", "shipment": "S1"}) == alike(SHIPMENT_EVENTS, {"shipment": "S1"})
    )
    assert one != alike(SHIPMENT_EVENTS, {"shipment": "S2"})
    twice = "subscription ($a: String) { shipmentEvents(after: $a, order: $a) { type } }"
    assert alike(twice, {"a": "a.1"}) != alike(twice, {"a": "a.2"})


def test_what_cannot_be_begun_says_why_in_the_form_of_an_answer() -> None:
    for query, variables in (
        ("subscription ($s: String!) { shipmentEvents(shipment: $s) { type } }", {}),
        ('subscription { shipmentEvents(after: "a.1~x") { type } }', {}),
        ("{ sources { name } } query B { sources { name } }", {}),
    ):
        with pytest.raises(Refused) as refused:
            prepared(query, variables)
        for error in refused.value.errors:
            assert error["extensions"]["correlationId"] == "test"


async def test_strawberrys_own_execution_tells_the_same_also_of_what_was_missed() -> None:
    bus = MemoryBus()
    events = life()
    first = await bus.publish(events[0])
    assert first is not None
    await bus.publish(events[1])
    query = f'subscription {{ shipmentEvents(shipment: "S1", after: "{first.cursor}") {{ type status gap }} }}'
    source: Any = await schema.subscribe(query, context_value=context(bus))
    heard = [await anext(source)]
    waiting = asyncio.ensure_future(anext(source))
    await asyncio.sleep(0)
    for event in events[2:]:
        await bus.publish(event)
    heard += [await waiting, await anext(source), await anext(source)]
    await source.aclose()
    assert [each.data["shipmentEvents"]["status"] for each in heard] == [
        "PRE_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED",
    ]  # fmt: skip
    skus: Any = await schema.subscribe(
        'subscription { availabilityChanges(skus: ["A"]) { sku } }', context_value=context()
    )
    with pytest.raises(StopAsyncIteration):
        await anext(skus)


# ---------------------------------------------------------------- bounds


async def test_a_group_that_cannot_keep_up_leaves_out_the_oldest_and_tells_of_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanning, "MAX_INBOX", 3)
    bus = MemoryBus()
    async with Fanout(bus, lambda viewer, _: context(viewer=viewer)) as fanout:
        heard = Heard()
        fanout.join(prepared("subscription { shipmentEvents { occurredAt gap } }"), SERVICE_DESK, heard)
        for at in range(5):
            bus.put(moved(at=at))
        await fanout.settled()
    told = [each["data"]["shipmentEvents"] for each in heard.answers]
    assert [each["gap"] for each in told] == [True, False, False]
    assert told[-1]["occurredAt"] == "2026-06-30T12:04:00Z"


async def test_an_answer_that_fails_inside_the_gateway_ends_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    bus = MemoryBus()
    calls: list[int] = []

    def contexts(viewer: Viewer, _: str) -> Context:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return context(viewer=viewer)

    async with Fanout(bus, contexts) as fanout:
        heard = Heard()
        fanout.join(prepared("subscription { shipmentEvents { type } }"), SERVICE_DESK, heard)
        await bus.publish(moved(at=0))
        await fanout.settled()
        await bus.publish(moved(at=1))
        await fanout.settled()
    assert len(heard.answers) == 1
    assert "telling subscribers failed" in caplog.text


# ---------------------------------------------------------------- a bus that is away


async def test_who_comes_back_while_the_bus_is_away_is_told_so_and_may_try_again(tmp_path: Path) -> None:
    async with RedisServer() as redis, gateway(tmp_path, events={"url": redis.url}) as running:
        await publish(running, moved())
        cursor = (await eventing(running).bus.since("x.0.0-0")).events[0].cursor
        await redis.kill()
        async with socket(running.url) as client:
            await client.subscribe(SHIPMENT_EVENTS, {"after": cursor})
            message = await client.hear()
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "SOURCE_UNAVAILABLE")
            await client.silence()
        async with stream(running.url, SHIPMENT_EVENTS, {"after": cursor}) as told:
            kind, data = await told.sse()
            assert (kind, json.loads(data)["errors"][0]["extensions"]["code"]) == ("next", "SOURCE_UNAVAILABLE")
            assert (await told.sse())[0] == "complete"


async def test_a_client_that_leaves_while_it_catches_up_leaves_nothing_behind(running: Stack) -> None:
    await publish(running, *[moved(at=at) for at in range(200)])
    async with socket(running.url) as client:
        for _ in range(20):
            await client.subscribe(SHIPMENT_EVENTS, {"after": "dead.1"})
            await client.say({"id": "1", "type": "complete"})
        while True:
            await client.say({"type": "ping", "payload": {"end": True}})
            if (await client.hear())["type"] == "pong":
                break
    async with asyncio.timeout(10):
        while len(eventing(running).fanout):  # noqa: ASYNC110 - the other side of a real socket empties it
            await asyncio.sleep(0.005)


# ---------------------------------------------------------------- who is admitted


async def test_who_is_not_known_is_sent_away_and_who_expires_too(running: Stack) -> None:
    desk = development_key.Bearer("desk", SCOPES)
    good = f"Bearer {development_key.token(desk)}"
    over = f"Bearer {development_key.token(desk, hours=-10 / 3600)}"  # within the skew that clocks are granted
    async with socket(running.url, payload={"Authorization": good}) as client:
        await client.silence()
    async with socket(running.url, additional_headers={"Authorization": good}) as client:
        await client.silence()
    async with socket(running.url, payload={"authorization": over}) as client:
        assert await client.closed() == (4403, "The token has expired.")
    with pytest.raises(Exception, match="4403"):
        async with socket(running.url, payload={"authorization": "Bearer nonsense"}):
            pass


async def test_a_socket_sees_what_its_token_may_see(running: Stack) -> None:
    bounded = development_key.Bearer("portal", ["customer:read"], ["US"], ["C2"])
    async with socket(running.url, payload={"Authorization": f"Bearer {development_key.token(bounded)}"}) as client:
        await client.subscribe(
            '{ a: customer(number: "C1") { number } b: customer(number: "C2") { number } sources { name } }'
        )
        message = await client.hear()
    assert message["payload"]["data"] == {"a": None, "b": {"number": "C2"}, "sources": None}


async def test_limits_and_rates_hold_over_a_socket(running: Stack) -> None:
    async with socket(running.url) as client:
        await client.subscribe("{ " + " ".join(f"a{at}: sources {{ name }}" for at in range(200)) + " }")
        message = await client.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "LIMIT_EXCEEDED")
        await client.silence()


async def test_beyond_the_bound_no_socket_is_opened_not_even_to_be_refused(tmp_path: Path) -> None:
    async with gateway(tmp_path, subscriptions={"max_connections": 1}) as running, bare_socket(running.url):
        with pytest.raises(InvalidStatus) as refused:
            async with bare_socket(running.url):
                pass
        assert refused.value.response.status_code == 403


def test_seats_are_counted_in_all_and_for_each() -> None:
    seats = Seats(in_all=3, a_caller=2)
    assert [seats.take(name) for name in "aaabb"] == [True, True, False, True, False]
    seats.leave("a")
    assert [seats.take("b"), seats.take("c"), len(seats)] == [True, False, 3]


def test_a_page_without_a_host_is_nobodys_own() -> None:
    assert not is_own_page({"origin": "http://x"}, ())
    assert is_own_page({"origin": "http://X:1", "host": "x:1"}, ())


async def test_an_operation_that_fails_inside_the_gateway_is_masked_and_the_socket_goes_on(
    running: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret")

    async with socket(running.url) as client:
        monkeypatch.setattr(eventing(running).sockets.operations, "running", broken)
        await client.subscribe("{ sources { name } }")
        message = await client.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL")
        assert "secret" not in json.dumps(message)
        await client.silence()
        await client.subscribe(SHIPMENT_EVENTS, {}, name="2")
        await subscribed(running)


async def test_a_bus_that_is_away_is_asked_three_times_more() -> None:
    class Away(MemoryBus):
        asked = 0

        async def since(self, cursor: str, *, inclusive: bool = False) -> Any:
            self.asked += 1
            if self.asked < 3:
                raise BusUnavailable
            return await super().since(cursor, inclusive=inclusive)

    bus = Away()
    await bus.publish(moved())
    async with Fanout(bus, lambda viewer, _: context(viewer=viewer)) as fanout:
        heard = Heard()
        member = fanout.join(prepared('subscription { shipmentEvents(after: "dead.1") { gap } }'), SERVICE_DESK, heard)
        await fanout.catch_up(member)
        fanout.leave(member)
        fanout.leave(member)
    assert heard.answers == [{"data": {"shipmentEvents": {"gap": True}}}]
