"""Clients that others wrote follow a shipment's whole life, after a query over the same transport."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.websockets import WebsocketsTransport
from happened import life
from stack import Stack, stack_over

from gateway.eventing import Eventing
from sandbox.facts import Dataset

CLIENTS = Path(__file__).parents[1] / "clients"
FACTS = {
    "today": "2026-06-30",
    "warehouses": [{"company": "US", "code": "RNO"}],
    "shipments": [{"number": "S1", "warehouse": "RNO", "parcels": [{"trackingNumber": "1Z"}]}],
}
LIFE = [
    {"type": kind, "status": status, "late": False, "shipment": {"number": "S1"}}
    for kind, status in (
        ("shipment.created", "PRE_TRANSIT"),
        ("shipment.confirmed", "PRE_TRANSIT"),
        ("shipment.in_transit", "IN_TRANSIT"),
        ("shipment.in_transit", "OUT_FOR_DELIVERY"),
        ("shipment.delivered", "DELIVERED"),
    )
]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    async with stack_over(Dataset.from_builtins(FACTS), events={"letters": str(tmp_path / "l")}) as stack_:
        yield stack_


def node() -> str:
    """Where node or the clients are not installed the test is skipped, but not in CI."""
    found = shutil.which("node")
    if found is not None and (CLIENTS / "node_modules").is_dir():
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have node, and `make clients` must have been run")
    pytest.skip("node or the clients are not installed (`make clients`)")


async def follow(running: Stack) -> None:
    """Once somebody has subscribed, the life goes by."""
    eventing: Eventing = running.app.state.eventing
    async with asyncio.timeout(20):
        while not eventing.fanout.members:  # noqa: ASYNC110 - another process sets it
            await asyncio.sleep(0.01)
    for event in life():
        await eventing.bus.publish(event)


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse", "urql", "apollo-multipart", "apollo-ws"])
async def test_a_javascript_client_asks_and_follows(running: Stack, client: str) -> None:
    process = await asyncio.create_subprocess_exec(
        node(), f"{client}.js", f"{running.url}/graphql", str(len(LIFE)), cwd=CLIENTS,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        following = asyncio.create_task(follow(running))
        async with asyncio.timeout(30):
            said, complained = await process.communicate()
        following.cancel()
        await asyncio.wait([following])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complained.decode()
    answers: list[Any] = [json.loads(line) for line in said.splitlines()]
    assert answers == [4, *LIFE]


async def test_pythons_gql_asks_and_follows(running: Stack) -> None:
    transport = WebsocketsTransport(url=running.url.replace("http", "ws") + "/graphql")
    heard: list[Any] = []
    query = 'subscription { shipmentEvents(shipment: "S1") { type status late shipment { number } } }'
    async with Client(transport=transport) as session, asyncio.timeout(20):
        answer = await session.execute(GraphQLRequest("{ sources { name } }"))
        assert len(answer["sources"]) == 4
        following = asyncio.create_task(follow(running))
        async for told in session.subscribe(GraphQLRequest(query)):
            heard.append(told["shipmentEvents"])
            if len(heard) == len(LIFE):
                break
        await following
    assert heard == LIFE
