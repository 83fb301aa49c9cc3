"""Which events make what invalid, of which records, and that it is read anew before anybody is told."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from happened import NOON, moved
from redis_server import RedisServer
from stack import Stack, stack_over
from streaming import socket

from gateway.eventing import Eventing
from sandbox.facts import Dataset
from sources.events import new_event
from sources.happenings import (
    CustomerChanged,
    Happening,
    InventoryAdjusted,
    InvoicePosted,
    ItemChanged,
    OrderMoved,
    PriceChanged,
)
from sources.invalidating import declared_by

FACTS = {
    "today": "2026-06-30",
    "warehouses": [{"company": "US", "code": "RNO"}],
    "items": [{"sku": "BOLT", "name": "Bolt", "listPrice": "1.00"}],
    "customers": [{"number": "C1", "name": "Acme"}],
    "stock": [{"sku": "BOLT", "warehouse": "RNO", "onHand": "7"}],
}
LONG = {"policy": {"stock": {"fresh_seconds": 600}, "supply_demand": {"fresh_seconds": 600}}}
AVAILABLE = '{ item(sku: "BOLT", company: "US") { name availability { available } } }'


def event(kind: str, data: Happening) -> Any:
    return new_event(kind, data, id="e", source="/x", time=NOON)


@pytest.mark.parametrize(
    ("happened", "declared"),
    [
        (
            event("inventory.adjusted", InventoryAdjusted(company="US", sku="A")),
            [("stock", "item:US:A"), ("supply_demand", "item:US:A")],
        ),
        (event("inventory.adjusted", InventoryAdjusted(sku="A")), [("stock", "*"), ("supply_demand", "*")]),
        (event("order.held", OrderMoved(company="US", order="1")), [("order", "order:US:1")]),
        (
            event("order.accepted", OrderMoved(company="US", order="1", skus=("A",))),
            [("order", "order:US:1"), ("stock", "item:US:A"), ("supply_demand", "item:US:A")],
        ),
        (
            moved(carrier="UPS", order="1"),
            [
                ("shipment", "shipment:US:S1"),
                ("shipment", "order:US:1"),
                ("order", "order:US:1"),
                ("tracking", "tracking:UPS:1Z"),
            ],
        ),
        (moved(company=None, shipment=None), [("tracking", "tracking::1Z")]),
        (event("item.changed", ItemChanged(company="US", sku="A")), [("item", "item:US:A"), ("list", "item:US:A")]),
        (event("item.changed", ItemChanged(company="US")), [("item", "*"), ("list", "*")]),
        (event("price.changed", PriceChanged(company="US", sku="A", customer="C")), [("price", "item:US:A")]),
        (event("price.changed", PriceChanged(company="US", customer="C")), [("price", "customer:US:C")]),
        (event("price.changed", PriceChanged()), [("price", "*")]),
        (
            event("customer.changed", CustomerChanged(company="US", customer="C")),
            [(fact, "customer:US:C") for fact in ("customer", "ship_to", "relationship", "list")],
        ),
        (event("invoice.posted", InvoicePosted(company="US", invoice="I")), []),
    ],
)
def test_an_event_makes_invalid_what_it_concerns(happened: Any, declared: list[tuple[str, str]]) -> None:
    assert declared_by(happened) == declared


def eventing(running: Stack) -> Eventing:
    found: Eventing = running.app.state.eventing
    return found


async def test_after_an_event_the_fact_is_read_anew_and_its_neighbours_are_not(tmp_path: Path) -> None:
    async with stack_over(Dataset.from_builtins(FACTS), cache=LONG, events={"letters": str(tmp_path / "l")}) as running:
        for _ in range(2):
            await running.ask(AVAILABLE)
        assert await running.calls() == {"GET /items": 1, "GET /stock": 1, "GET /supply-demand": 1}
        await eventing(running).bus.publish(event("inventory.adjusted", InventoryAdjusted(company="US", sku="BOLT")))
        await running.ask(AVAILABLE)
        assert await running.calls() == {"GET /stock": 1, "GET /supply-demand": 1}
        other = new_event(
            "inventory.adjusted", InventoryAdjusted(company="US", sku="NUT"), id="2", source="/x", time=NOON
        )
        await eventing(running).bus.publish(other)
        await running.ask(AVAILABLE)
        assert await running.calls() == {}


async def test_a_subscriber_to_availability_is_told_what_was_read_after_the_event(tmp_path: Path) -> None:
    async with (
        stack_over(Dataset.from_builtins(FACTS), cache=LONG, events={"letters": str(tmp_path / "l")}) as running,
        socket(running.url) as client,
    ):
        await running.ask(AVAILABLE)
        await running.calls()
        await client.subscribe('subscription { availabilityChanges(skus: ["BOLT"]) { availability { available } } }')
        async with asyncio.timeout(10):
            while not eventing(running).fanout.members:  # noqa: ASYNC110 - the other side of a real socket sets it
                await asyncio.sleep(0.005)
        await eventing(running).bus.publish(event("inventory.adjusted", InventoryAdjusted(company="US", sku="BOLT")))
        assert await client.event() == {"availability": {"available": "7"}}
        assert await running.calls() == {"GET /stock": 1, "GET /supply-demand": 1}


@pytest.mark.parametrize("is_shared", [True, False])
async def test_the_other_gateway_reads_anew_too_by_its_own_bus_or_by_the_caches_channel(
    tmp_path: Path, *, is_shared: bool
) -> None:
    async with RedisServer() as redis:
        chosen: Any = {
            "cache": LONG | {"url": redis.url},
            "events": {"letters": str(tmp_path / "l"), "url": redis.url if is_shared else ""},
        }
        data = Dataset.from_builtins(FACTS)
        async with stack_over(data, **chosen) as one, stack_over(data, **chosen) as other:
            await other.ask(AVAILABLE)
            await other.calls()
            await other.ask(AVAILABLE)
            assert await other.calls() == {}
            await eventing(one).bus.publish(event("inventory.adjusted", InventoryAdjusted(company="US", sku="BOLT")))
            async with asyncio.timeout(10):
                while not (await other.calls()).get("GET /stock"):
                    await other.ask(AVAILABLE)
