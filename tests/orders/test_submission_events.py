"""A submission is followed as it moves; an order that was taken makes what was remembered of its items invalid."""

import asyncio
from typing import Any

from stack import Stack, stack_over
from streaming import socket
from subscribers import subscribed

from sandbox.data import load
from tests.orders.counter import Counter

FOLLOW = "subscription($id: ID) { submissionEvents(id: $id) { type late gap submission { status erpOrderNumber } } }"


async def test_a_held_order_is_followed_to_its_end(counter: Counter) -> None:
    held = (await counter.submit(counter.problem("CREDIT_HOLD")))["submission"]
    async with socket(counter.stack.url) as client:
        await client.subscribe(FOLLOW, {"id": held["id"]})
        await subscribed(counter.stack)
        await counter.decide(held["id"], "RELEASE")
        found = [await client.event()]
        while found[-1]["submission"]["status"] != "ACCEPTED":
            found.append(await client.event())
    assert {event["type"] for event in found} == {"submission.moved"}
    assert not any(event["late"] or event["gap"] for event in found)
    assert found[-1]["submission"]["erpOrderNumber"] is not None


async def test_an_accepted_order_is_seen_at_once_in_what_can_be_promised(tmp_path_factory: Any) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('events')}/submissions.db"
    cache = {"enabled": True, "policy": {"stock": {"fresh_seconds": 600}, "supply_demand": {"fresh_seconds": 600}}}
    async with stack_over(load("generated"), submissions={"url": url}, cache=cache) as stack:
        counter = Counter(stack, await samples(stack))
        order = counter.sound()
        sku, ordered = order["lines"][0]["sku"], order["lines"][0]["quantity"]
        before = await available(stack, sku)
        assert await available(stack, sku) == before  # remembered
        assert (await counter.submit(order))["submission"]["status"] == "ACCEPTED"
        async with asyncio.timeout(10):
            while await available(stack, sku) == before:  # noqa: ASYNC110 - the event is on its way
                await asyncio.sleep(0.05)
        assert float(before) - float(await available(stack, sku)) == float(ordered)


async def samples(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = (await stack.client.get(f"{stack.addresses['erp']}/_sandbox/samples")).json()
    return found


async def available(stack: Stack, sku: str) -> str:
    body = await stack.ask("query($s: String!) { item(sku: $s) { availability { available } } }", {"s": sku})
    told: str = body["data"]["item"]["availability"]["available"]
    return told
