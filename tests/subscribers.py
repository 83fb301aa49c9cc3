"""A gateway over two customers' shipments, for tests of subscriptions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from stack import Stack, stack_over

from gateway.eventing import Eventing
from sandbox.facts import Dataset

FACTS = {
    "today": "2026-06-30",
    "warehouses": [{"company": "US", "code": "RNO"}],
    "items": [{"sku": "BOLT"}, {"sku": "NUT"}],
    "customers": [{"number": "C1"}, {"number": "C2"}],
    "stock": [{"sku": "BOLT", "warehouse": "RNO", "onHand": "7"}, {"sku": "NUT", "warehouse": "RNO", "onHand": "3"}],
    "orders": [
        {"number": "1", "customer": "C1", "lines": [{"sku": "BOLT", "quantity": "5"}]},
        {"number": "2", "customer": "C2", "lines": [{"sku": "BOLT", "quantity": "1"}]},
    ],
    "shipments": [
        {"number": "S1", "order": "1", "warehouse": "RNO", "parcels": [{"trackingNumber": "1Z"}]},
        {"number": "S2", "order": "2", "warehouse": "RNO", "parcels": [{"trackingNumber": "2Z"}]},
    ],
}


@asynccontextmanager
async def gateway(tmp_path: Path, **settings: Any) -> AsyncIterator[Stack]:
    """Documents may have as many aliases as it takes to make a large answer."""
    given = {"events": {"letters": str(tmp_path / "letters.sqlite3")}, "limits": {"aliases": 1_000}, **settings}
    async with stack_over(Dataset.from_builtins(FACTS), **given) as running:
        yield running


def eventing(running: Stack) -> Eventing:
    found: Eventing = running.app.state.eventing
    return found


async def publish(running: Stack, *events: Any) -> None:
    for event in events:
        await eventing(running).bus.publish(event)


def gist(events: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    return [(each["type"], each["status"], each["late"]) for each in events]


LIFE = [
    ("shipment.created", "PRE_TRANSIT", False),
    ("shipment.confirmed", "PRE_TRANSIT", False),
    ("shipment.in_transit", "IN_TRANSIT", False),
    ("shipment.in_transit", "OUT_FOR_DELIVERY", False),
    ("shipment.delivered", "DELIVERED", False),
]


async def subscribed(running: Stack, count: int = 1) -> None:
    """Until so many members are told as it comes."""
    fanout = eventing(running).fanout
    async with asyncio.timeout(10):
        while fanout.members < count:  # noqa: ASYNC110 - the other side of a real socket sets it
            await asyncio.sleep(0.005)


async def subscribed_by_nobody(running: Stack) -> None:
    """Until the last member has gone."""
    fanout = eventing(running).fanout
    async with asyncio.timeout(10):
        while fanout.members:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
