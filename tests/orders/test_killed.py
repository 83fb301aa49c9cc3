"""kill -9 at random moments: every submission ends, the ERP holds one order for each accepted one and none for the others."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.orders.processes import Site, site, started
from tests.postgres import database

pytestmark = pytest.mark.uncovered

ORDERS = int(os.environ.get("CROSSDOCK_KILLED_ORDERS", "200"))
KILLS = 6
SECONDS = 240


@asynccontextmanager
async def sqlite_site(folder: Path) -> AsyncIterator[Site]:
    async with site(folder, per_second=200, at_once=16, settle_seconds=1.0) as running:
        yield running


@asynccontextmanager
async def postgres_site(folder: Path) -> AsyncIterator[Site]:
    async with (
        database() as url,
        site(folder, gateways=2, url=url, per_second=200, at_once=16, lease_seconds=6.0, settle_seconds=1.0) as running,
    ):
        yield running


@pytest.mark.parametrize("open_site", [sqlite_site, postgres_site], ids=["sqlite-one-worker", "postgresql-two-workers"])
async def test_orders_survive_kills_at_random_moments(open_site: Any, tmp_path: Path) -> None:
    async with open_site(tmp_path) as running:
        await started(running)
        orders = await orders_to_submit(running)
        killing = asyncio.create_task(killed_again_and_again(running, random.Random(20_261_125)))  # noqa: S311 - the same moments every time
        slots = asyncio.Semaphore(8)

        async def handed_in(key: str, order: dict[str, Any], at: int) -> None:
            async with slots:
                await persistently(running, key, order, at)

        await asyncio.gather(*(handed_in(key, order, at) for at, (key, order) in enumerate(orders.items())))
        await killing
        rows = await running.settled(ORDERS, seconds=SECONDS)
        await assert_written_once(running, rows)


async def orders_to_submit(running: Site) -> dict[str, dict[str, Any]]:
    """Sound ones over all channels, and some that are rejected or wait."""
    samples = await running.samples()
    problems, sound = samples["problems"], samples["sound"]
    bad = [problems[code] for code in ("UNKNOWN_ITEM", "CREDIT_HOLD", "RELEASE_REFUSED", "SOURCE_REJECTED")]
    channels = ("DIRECT", "EDI", "PORTAL", "ECOMMERCE")
    orders = {}
    for at in range(ORDERS):
        order = bad[at // 10 % len(bad)] if at % 10 == 9 else sound[at % len(sound)]
        orders[f"key-{at}"] = {**order, "channel": channels[at % len(channels)]}
    return orders


async def persistently(running: Site, key: str, order: dict[str, Any], at: int) -> None:
    """As a client does: tried again with the same key until it is answered."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                await running.submit(order, key, at=at % len(running.gateways))
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


async def killed_again_and_again(running: Site, dice: random.Random) -> None:
    for at in range(KILLS):
        await asyncio.sleep(dice.uniform(0.3, 1.5))
        gateway = running.gateways[at % len(running.gateways)]
        await gateway.end(signal.SIGKILL)
        await gateway.start()
        await gateway.ready(running.client)


async def assert_written_once(running: Site, rows: list[dict[str, Any]]) -> None:
    statuses = Counter(row["status"] for row in rows)
    assert set(statuses) <= {"ACCEPTED", "REJECTED", "NEEDS_ATTENTION"}, statuses
    assert statuses["ACCEPTED"] >= ORDERS * 0.8, statuses
    written = await running.written()
    references = Counter(order["externalReference"] for order in written["orders"])
    assert max(references.values()) == 1, "an order was written twice"
    by_number = {order["number"]: order for order in written["orders"]}
    accepted = [row for row in rows if row["status"] == "ACCEPTED"]
    assert all(row["erpOrderNumber"] in by_number for row in accepted)
    assert len({row["erpOrderNumber"] for row in accepted}) == len(accepted)
    held = [row for row in rows if row["erpOrderNumber"] and row["status"] == "NEEDS_ATTENTION"]
    assert all(by_number[row["erpOrderNumber"]]["holds"] for row in held), "refused by the warehouse and not held"
    assert set(by_number) == {row["erpOrderNumber"] for row in (*accepted, *held)}, "an order that no submission has"
    released = Counter(each["order"] for each in written["releases"])
    assert dict(released) == {row["erpOrderNumber"]: 1 for row in accepted}
