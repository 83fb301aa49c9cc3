"""The ERP is down while orders arrive: all are taken at once, and written when it is back, at its rate, interactive ones first."""

import asyncio
from pathlib import Path
from typing import Any

from tests.orders.processes import Site, site, started

ORDERS, RATE, AT_ONCE = 80, 10, 4


async def test_orders_that_arrive_while_the_erp_is_down_are_written_when_it_is_back(tmp_path: Path) -> None:
    async with site(tmp_path, per_second=RATE, at_once=AT_ONCE) as running:
        await started(running)
        sound = (await running.samples())["sound"]
        await running.systems.processes["erp"].end()
        channels = ("EDI", "DIRECT")
        orders = [{**sound[at % len(sound)], "channel": channels[at % 2]} for at in range(ORDERS)]
        slots = asyncio.Semaphore(AT_ONCE)

        async def status_told(key: str, order: dict[str, Any]) -> str:
            async with slots:
                return str((await running.submit(order, key))["submission"]["status"])

        told = await asyncio.gather(*(status_told(f"key-{at}", order) for at, order in enumerate(orders)))
        assert set(told) == {"QUEUED"}
        await running.systems.start(running.client, "erp")
        rows = await running.settled(ORDERS, seconds=120)
        assert {row["status"] for row in rows} == {"ACCEPTED"}
        await assert_in_order_and_at_its_rate(running)


async def assert_in_order_and_at_its_rate(running: Site) -> None:
    calls = (await running.client.get(f"{running.systems.url('erp')}/_sandbox/calls")).json()
    assert calls["busiest"]["POST /orders"] <= RATE
    assert calls["operations"]["POST /orders"] == ORDERS
    channels = [order["channel"] for order in (await running.written())["orders"]]
    last_interactive = max(at for at, channel in enumerate(channels) if channel == "DIRECT")
    assert last_interactive < ORDERS / 2 + AT_ONCE, channels


async def test_an_order_whose_warehouse_system_is_down_is_written_once_and_released_later(tmp_path: Path) -> None:
    async with site(tmp_path) as running:
        await started(running)
        order = (await running.samples())["sound"][0]
        await running.fault("wms", operation="POST /orders/release", status=503)
        answer = await running.submit(order, "key")
        assert answer["submission"]["status"] == "QUEUED"
        assert answer["submission"]["erpOrderNumber"] is not None
        await running.mend("wms")
        (row,) = await running.settled(1, seconds=30)
        assert row["status"] == "ACCEPTED"
        written = await running.written()
        assert (len(written["orders"]), len(written["releases"]), len(written["notes"])) == (1, 1, 1)
