"""The sandbox's WMS and carrier push a shipment's whole life by webhook, well and badly, while a subscriber follows over each transport."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from stack import Stack, stack_over
from streaming import MULTIPART, SHIPMENT_EVENTS, socket, stream

from gateway.eventing import Eventing
from sandbox.facts import Dataset

FACTS = {
    "today": "2026-06-30",
    "warehouses": [{"company": "US", "code": "RNO"}],
    "items": [{"sku": "BOLT"}],
    "customers": [{"number": "C1"}],
    "orders": [{"number": "1", "customer": "C1", "lines": [{"sku": "BOLT", "quantity": "5"}]}],
    "shipments": [{"number": "S1", "order": "1", "warehouse": "RNO", "status": "WAITING", "carrier": "UPS"}],
}
PARCEL = "SBXUSS1"
SECRET = "shared"
TYPES = [
    "shipment.created",
    "shipment.confirmed",
    "shipment.in_transit",
    "shipment.in_transit",
    "shipment.delivered",
]
STATUSES = ["PRE_TRANSIT", "PRE_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"]
Next = Callable[[], Awaitable[dict[str, Any]]]


class Life:
    """The gateway, and the systems that push to it."""

    def __init__(self, running: Stack) -> None:
        self.running = running
        self.eventing: Eventing = running.app.state.eventing

    async def aim(self, **badly: Any) -> None:
        for role in ("wms", "carrier"):
            target = {"url": f"{self.running.url}/webhooks/{role}", "secret": SECRET, **badly}
            answer = await self.running.client.put(f"{self.running.addresses[role]}/_sandbox/webhook", json=target)
            assert answer.status_code == 200, answer.text

    async def advance(self, role: str, **asked: Any) -> list[int]:
        """What the gateway answered to each delivery."""
        answer = await self.running.client.post(f"{self.running.addresses[role]}/_sandbox/advance", json=asked)
        assert answer.status_code == 200, answer.text
        return [each["status"] for each in answer.json()["sent"]]

    async def go_by(self) -> list[int]:
        return [
            *await self.advance("wms", shipment="S1", company="US"),
            *await self.advance("carrier", trackingNumber=PARCEL, carrier="UPS", location="Reno, NV"),
        ]

    async def subscribed(self) -> None:
        async with asyncio.timeout(10):
            while not self.eventing.fanout.members:  # noqa: ASYNC110 - the other side of a real socket sets it
                await asyncio.sleep(0.005)


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    senders = {role: {"secrets": [SECRET]} for role in ("wms", "carrier")}
    chosen = {"letters": str(tmp_path / "l")}
    async with stack_over(Dataset.from_builtins(FACTS), webhooks=senders, events=chosen) as running:
        yield Life(running)


async def following(life: Life, transport: str, stack: AsyncExitStack) -> Next:
    given = {"shipment": "S1"}
    if transport == "socket":
        client = await stack.enter_async_context(socket(life.running.url))
        await client.subscribe(SHIPMENT_EVENTS, given)
        await life.subscribed()
        return client.event
    accept = MULTIPART if transport == "multipart" else "text/event-stream"
    told = await stack.enter_async_context(stream(life.running.url, SHIPMENT_EVENTS, given, accept=accept))
    await life.subscribed()
    return told.part if transport == "multipart" else told.sse_event


TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "sse", "multipart"])


@TRANSPORTS
async def test_every_event_is_told_once_in_order(life: Life, transport: str) -> None:
    async with AsyncExitStack() as stack:
        following_event = await following(life, transport, stack)
        await life.aim()
        assert await life.go_by() == [200] * 5
        told = [await following_event() for _ in range(5)]
    assert [each["type"] for each in told] == TYPES
    assert [each["status"] for each in told] == STATUSES
    assert not any(each["late"] or each["gap"] for each in told)
    assert {(each["shipmentNumber"], each["orderNumber"]) for each in told} == {("S1", "1")}


@TRANSPORTS
async def test_with_duplicates_and_shuffled_each_is_told_once_and_the_status_ends_the_same(
    life: Life, transport: str
) -> None:
    async with AsyncExitStack() as stack:
        following_event = await following(life, transport, stack)
        await life.aim(duplicates=2, shuffle=True)
        assert await life.go_by() == [200] * 15
        await life.aim()
        await life.advance("wms", shipment="S1", company="US", stages=["cancelled"])
        told = [await following_event() for _ in range(6)]
    *told, last = told
    assert last["type"] == "shipment.cancelled"  # nothing came twice in between
    assert sorted(each["type"] for each in told) == sorted(TYPES)
    assert len({each["id"] for each in told}) == 5
    ranks = [STATUSES.index(each["status"]) for each in told]
    assert ranks == sorted(ranks)
    assert told[-1]["status"] == "DELIVERED"
    assert any(each["late"] for each in told)
    assert {each["shipmentNumber"] for each in told} == {"S1"}


async def test_the_books_show_what_was_told(life: Life) -> None:
    await life.aim()
    await life.go_by()
    query = '{ shipment(number: "S1", company: "US") { status parcels { trackingNumber tracking { status events { location } } } } }'
    answer = await life.running.ask(query)
    assert answer["data"]["shipment"] == {
        "status": "SHIPPED",
        "parcels": [
            {
                "trackingNumber": PARCEL,
                "tracking": {"status": "DELIVERED", "events": [{"location": "Reno, NV"}] * 3},
            }
        ],
    }


async def test_a_foreign_secret_is_401_each_time_and_nothing_is_told(life: Life) -> None:
    async with AsyncExitStack() as stack:
        following_event = await following(life, "socket", stack)
        await life.aim(foreign_secret=True)
        assert await life.go_by() == [401] * 5
        assert (await life.eventing.bus.state()).counts.get("published", 0) == 0
        await life.aim()
        await life.advance("wms", shipment="S1", company="US", stages=["cancelled"])
        assert (await following_event())["type"] == "shipment.cancelled"


async def test_what_came_and_what_went_is_counted(life: Life) -> None:
    async with AsyncExitStack() as stack:
        following_event = await following(life, "socket", stack)
        await life.aim(duplicates=1)
        await life.go_by()
        for _ in range(5):
            await following_event()
        found = (await life.running.client.get("/health/events")).json()
    assert found["bus"]["counts"] == {"published": 5, "duplicate by id": 5, "late": 0}
    assert found["webhooks"] == {"wms: taken": 4, "carrier: taken": 6}
    assert found["subscriptions"] == {"streams": 1, "groups": 1, "members": 1, "executed": 5}
    assert (found["letters"], found["polling"], found["outbound"]) == (0, {}, {})


async def test_an_exception_on_the_way_is_told_with_its_status(life: Life) -> None:
    async with AsyncExitStack() as stack:
        following_event = await following(life, "socket", stack)
        await life.aim()
        await life.advance("wms", shipment="S1", company="US")
        await life.advance("carrier", trackingNumber=PARCEL, stages=["in_transit", "exception", "delivered"])
        told = [await following_event() for _ in range(5)]
    assert [each["status"] for each in told][2:] == ["IN_TRANSIT", "EXCEPTION", "DELIVERED"]
    assert not any(each["late"] for each in told)


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("wms", {"shipment": "nothing"}),
        ("wms", {"shipment": "S1", "stages": ["delivered"]}),
        ("wms", {"shipment": "S1", "more": 1}),
        ("carrier", {}),
        ("carrier", {"trackingNumber": "1Z", "stages": ["created"]}),
    ],
)
async def test_the_sandbox_refuses_what_it_cannot_advance(life: Life, role: str, asked: dict[str, Any]) -> None:
    answer = await life.running.client.post(f"{life.running.addresses[role]}/_sandbox/advance", json=asked)
    assert answer.status_code == 400


async def test_a_target_that_is_away_is_asked_three_times_and_the_shipment_goes_on(life: Life) -> None:
    url = f"{life.running.addresses['wms']}/_sandbox"
    await life.running.client.put(f"{url}/webhook", json={"url": "http://127.0.0.1:9/x"})
    assert await life.advance("wms", shipment="S1", company="US", stages=["created"]) == [0]
    assert (await life.running.client.delete(f"{url}/webhook")).json() == {"webhook": None}
    assert await life.advance("wms", shipment="S1", company="US", stages=["confirmed"]) == []
