"""Subscriptions over real sockets: what a subscriber is told, in which order, once; where it goes on; and whose events it sees."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from happened import NOON, life, moved
from stack import Stack, stack_over
from streaming import MULTIPART, SHIPMENT_EVENTS, socket, stream
from subscribers import FACTS, LIFE, eventing, gateway, gist, publish, subscribed

from gateway import operation
from gateway.subscription import subscription_of
from sandbox.facts import Dataset
from sources.events import new_event
from sources.happenings import InventoryAdjusted, OrderMoved
from sources.viewer import SCOPES, Viewer

EVERY = frozenset(SCOPES)

AVAILABILITY = """subscription ($skus: [String!]!, $after: String) {
  availabilityChanges(skus: $skus, after: $after) { cursor type sku availability { available } } }"""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway(tmp_path) as stack_:
        yield stack_


async def test_a_subscriber_follows_a_shipment_over_a_socket_and_a_query_runs_beside_it(running: Stack) -> None:
    async with socket(running.url) as client:
        await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1"})
        await subscribed(running)
        await publish(running, *life())
        events = await client.events(5)
        assert gist(events) == LIFE
        assert {each["shipmentNumber"] for each in events} == {"S1"}
        assert len({each["id"] for each in events}) == len({each["cursor"] for each in events}) == 5
        await client.subscribe('{ order(number: "1") { number status } }', name="q")
        answer = {"data": {"order": {"number": "1", "status": "OPEN"}}}
        assert await client.hear() == {"id": "q", "type": "next", "payload": answer}
        assert await client.hear() == {"id": "q", "type": "complete"}


async def test_sse_tells_the_same_and_its_lines_end_in_lf(running: Stack) -> None:
    async with stream(running.url, SHIPMENT_EVENTS, {"shipment": "S1"}) as told:
        assert told.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        await subscribed(running)
        await publish(running, *life())
        assert gist([await told.sse_event() for _ in range(5)]) == LIFE
        await eventing(running).drained()
        rest = await told.rest()
        assert "\r" not in told.heard
        assert "complete" not in rest


async def test_multipart_tells_the_same(running: Stack) -> None:
    async with stream(running.url, SHIPMENT_EVENTS, {"shipment": "S1"}, accept=MULTIPART) as told:
        assert told.response.headers["content-type"] == ('multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"')
        await subscribed(running)
        await publish(running, *life())
        assert gist([await told.part() for _ in range(5)]) == LIFE


async def test_duplicates_come_once_and_late_ones_are_marked_and_move_nothing(running: Stack) -> None:
    created, confirmed, transit, out, arrived = life()
    async with socket(running.url) as client:
        await client.subscribe(SHIPMENT_EVENTS, {"order": "1"})
        await subscribed(running)
        ordered = OrderMoved(company="US", order="1", customer="C1")
        await publish(running, new_event("order.accepted", ordered, id="o", source="/erp", time=NOON))
        first = moved("shipment.created", source="/wms", tracking_number=None, order="1", tracking_numbers=("1Z",))
        await publish(running, first, created, arrived, arrived, transit, confirmed, out, transit)
        events = await client.events(5)
        assert gist(events) == [
            ("shipment.created", "PRE_TRANSIT", False),
            ("shipment.delivered", "DELIVERED", False),
            ("shipment.in_transit", "DELIVERED", True),
            ("shipment.confirmed", "DELIVERED", True),
            ("shipment.in_transit", "DELIVERED", True),
        ]
        await client.silence()


async def test_each_argument_narrows_and_all_must_hold(running: Stack) -> None:
    async with socket(running.url) as client:
        for name, given in (("number", {"number": "2Z"}), ("none", {"shipment": "S1", "number": "2Z"}), ("all", {})):
            await client.subscribe(SHIPMENT_EVENTS, given, name=name)
        await subscribed(running, 3)
        await publish(running, moved(), moved(tracking_number="2Z", shipment="S2"))
        heard = [await client.hear() for _ in range(3)]
        told = sorted((each["id"], each["payload"]["data"]["shipmentEvents"]["trackingNumber"]) for each in heard)
        assert told == [("all", "1Z"), ("all", "2Z"), ("number", "2Z")]
        await client.silence()


async def test_by_customer_whose_it_is_is_asked_of_the_erp_where_the_event_does_not_say(running: Stack) -> None:
    async with socket(running.url) as client:
        await client.subscribe(SHIPMENT_EVENTS, {"customer": "C1"})
        await subscribed(running)
        await publish(running, moved(order="1"), moved(order="2", shipment="S2", tracking_number="2Z"), moved(at=1))
        events = await client.events(2)
        assert [each["shipmentNumber"] for each in events] == ["S1", "S1"]
        await client.silence()


async def test_availability_is_told_as_it_is_now_an_event_an_item(running: Stack) -> None:
    async with socket(running.url) as client:
        await client.subscribe(AVAILABILITY, {"skus": ["NUT", "BOLT"]})
        await subscribed(running)
        counted = InventoryAdjusted(company="US", sku="BOLT", warehouse="RNO")
        await publish(running, new_event("inventory.adjusted", counted, id="1", source="/wms", time=NOON))
        event = await client.event()
        assert (event["type"], event["sku"], event["availability"]) == (
            "inventory.adjusted", "BOLT", {"available": "1"},
        )  # fmt: skip
        ordered = OrderMoved(company="US", order="9", customer="C2", skus=("NUT", "WASHER", "BOLT"))
        await publish(running, new_event("order.accepted", ordered, id="2", source="/erp", time=NOON))
        both = await client.events(2)
        assert [(each["type"], each["sku"]) for each in both] == [
            ("availability.changed", "NUT"), ("availability.changed", "BOLT"),
        ]  # fmt: skip
        await client.subscribe(AVAILABILITY, {"skus": ["NUT", "BOLT"], "after": both[0]["cursor"]}, name="2")
        rest = await client.event()
        assert (rest["sku"], rest["cursor"]) == ("BOLT", both[1]["cursor"])
        await client.silence()


# ---------------------------------------------------------------- whose events


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (Viewer("desk", EVERY), ["S1", "S2"]),
        (Viewer("us", EVERY, companies=frozenset(["US"])), ["S1", "S2"]),
        (Viewer("ca", EVERY, companies=frozenset(["CA"])), []),
        (Viewer("c1", EVERY, customers=frozenset(["C1"])), ["S1"]),
        (Viewer("c2", EVERY, companies=frozenset(["US"]), customers=frozenset(["C2"])), ["S2"]),
        (Viewer("c3", EVERY, customers=frozenset(["C3"])), []),
        (Viewer("us-c1", EVERY, customers=frozenset(["US:C1"])), ["S1"]),
        (Viewer("without-scope", EVERY - {"shipment:read"}), []),
    ],
)
async def test_a_viewer_is_told_of_its_own_accounts_only(running: Stack, viewer: Viewer, seen: list[str]) -> None:
    told = await told_to(running, viewer, SHIPMENT_EVENTS, {})
    await publish(running, moved(), moved(order="2", shipment="S2", tracking_number="2Z"))
    await publish(running, moved(company=None, shipment=None, tracking_number="unlinked"))
    await told.settled(running)
    expected = [*seen, ""] if viewer == Viewer("desk", EVERY) else seen
    assert [each["shipmentNumber"] for each in told.events] == expected


async def test_an_event_whose_owner_cannot_be_found_out_is_not_told_and_the_next_one_tells_of_a_gap(
    running: Stack,
) -> None:
    told = await told_to(running, Viewer("c1", EVERY, customers=frozenset(["C1"])), SHIPMENT_EVENTS, {})
    await running.fault("erp", status=503)
    await publish(running, moved(order="1", at=0))
    await told.settled(running)
    await running.mend()
    assert told.events == []
    await publish(running, moved(order="1", at=1))
    await told.settled(running)
    assert [each["gap"] for each in told.events] == [True]


class Told:
    """A Sink that remembers."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def give(self, message: Any) -> None:
        self.events += json.loads(message.payload)["data"].values()

    async def give_in_turn(self, message: Any) -> None:
        self.give(message)

    async def settled(self, running: Stack) -> None:
        await eventing(running).fanout.settled()


async def told_to(running: Stack, viewer: Viewer, query: str, variables: dict[str, Any]) -> Told:
    told = Told()
    request = operation.Request(query, variables)
    subscription = subscription_of(request, operation.documents.prepared(query), correlation_id="test")
    eventing(running).fanout.join(subscription, viewer, told)
    return told


def with_branch(payer: str) -> Dataset:
    """A third customer, billed to `payer`, with a shipment of its own."""
    order = {"number": "3", "customer": "C3", "lines": [{"sku": "BOLT", "quantity": "1"}]}
    shipment = {"number": "S3", "order": "3", "warehouse": "RNO", "parcels": [{"trackingNumber": "3Z"}]}
    more = {"customers": [{"number": "C3", "billTo": payer}], "orders": [order], "shipments": [shipment]}
    return Dataset.from_builtins(FACTS | {name: [*FACTS[name], *rows] for name, rows in more.items()})


async def test_who_loses_an_account_while_subscribed_is_told_no_more_of_it() -> None:
    """Whose an event is is asked for each event anew: here its customer comes to be billed to another account in between."""
    facts = with_branch("C1")
    async with stack_over(facts) as running:
        c1, c2 = [
            await told_to(running, Viewer(name, EVERY, customers=frozenset([name])), SHIPMENT_EVENTS, {})
            for name in ("C1", "C2")
        ]
        for at, payer in enumerate(("C1", "C2")):
            facts.customers = with_branch(payer).customers
            await publish(running, moved(at=at, order="3", shipment="S3", tracking_number="3Z"))
            await eventing(running).fanout.settled()
    assert [len(told.events) for told in (c1, c2)] == [1, 1]


async def test_two_who_ask_the_same_and_may_see_the_same_cost_one_execution_and_others_their_own(
    running: Stack,
) -> None:
    same = [await told_to(running, Viewer(name, EVERY), SHIPMENT_EVENTS, {"shipment": "S1"}) for name in "abc"]
    other = await told_to(running, Viewer("d", EVERY, companies=frozenset(["US"])), SHIPMENT_EVENTS, {"shipment": "S1"})
    resumed = await told_to(running, Viewer("e", EVERY), SHIPMENT_EVENTS, {"shipment": "S1", "after": "dead.1"})
    await publish(running, moved())
    await eventing(running).fanout.settled()
    assert [len(each.events) for each in (*same, other)] == [1, 1, 1, 1]
    assert resumed.events == []  # it was not asked to catch up
    assert eventing(running).fanout.counts["executed"] == 2
    assert len(eventing(running).fanout) == 2


async def test_the_shipment_of_an_event_is_read_once_for_all_who_ask_for_it(running: Stack) -> None:
    query = "subscription { shipmentEvents { shipment { number order { number } } } }"
    await running.calls()
    told = [await told_to(running, Viewer(name, EVERY), query, {}) for name in "abcde"]
    await publish(running, moved())
    await told[0].settled(running)
    assert [each.events for each in told] == [[{"shipment": {"number": "S1", "order": {"number": "1"}}}]] * 5
    assert await running.calls() == {"GET /shipments": 1, "GET /orders": 1}


async def test_a_failing_source_fails_its_field_and_the_event_is_told_all_the_same(running: Stack) -> None:
    async with socket(running.url) as client:
        await client.subscribe("subscription { shipmentEvents { shipmentNumber shipment { number } } }")
        await subscribed(running)
        await running.fault("wms", status=503)
        await publish(running, moved())
        payload = (await client.hear())["payload"]
        await running.mend()
        assert payload["data"] == {"shipmentEvents": {"shipmentNumber": "S1", "shipment": None}}
        (error,) = payload["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["shipmentEvents", "shipment"], "SOURCE_UNAVAILABLE")


async def test_a_moment_is_the_events_own_and_an_alias_and_a_fragment_are_heeded(running: Stack) -> None:
    query = """subscription { it: shipmentEvents { ...F __typename } }
      fragment F on ShipmentEvent { occurredAt location sourceStatus }"""
    async with socket(running.url) as client:
        await client.subscribe(query)
        await subscribed(running)
        await publish(running, moved(location="Reno", source_status="DEP"))
        payload = (await client.hear())["payload"]
    expected = {
        "occurredAt": "2026-06-30T12:00:00Z", "location": "Reno", "sourceStatus": "DEP", "__typename": "ShipmentEvent",
    }  # fmt: skip
    assert payload == {"data": {"it": expected}}


async def test_nothing_is_left_when_everybody_has_gone(running: Stack) -> None:
    async with socket(running.url) as client, stream(running.url, SHIPMENT_EVENTS, {}):
        await client.subscribe(SHIPMENT_EVENTS, {"shipment": "S1"})
        await subscribed(running, 2)
        assert (len(eventing(running).fanout), len(eventing(running).sockets.seats)) == (2, 2)
    async with asyncio.timeout(10):
        while len(eventing(running).sockets.seats):  # noqa: ASYNC110 - the other side of a real socket empties it
            await asyncio.sleep(0.005)
    fanout = eventing(running).fanout
    assert (len(fanout), fanout.members, fanout._topics) == (0, 0, {})  # noqa: SLF001 - a leak would show here
