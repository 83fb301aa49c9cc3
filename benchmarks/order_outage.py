"""The ERP is down for a minute while 500 orders arrive: how soon each is acknowledged, and how they are written afterwards."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.orders.processes import Site, site, started

ORDERS, SECONDS, RATE = 500, 60.0, 20
CHANNELS = ("EDI", "DIRECT", "ECOMMERCE", "PORTAL")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with site(Path(folder), per_second=RATE) as running:
            await started(running)
            sound = (await running.samples())["sound"]
            await running.systems.processes["erp"].end()
            took = await arrived(running, sound)
            await running.systems.start(running.client, "erp")
            begun = time.perf_counter()
            rows = await running.settled(ORDERS, seconds=180)
            await told(running, rows, took, time.perf_counter() - begun)


async def arrived(running: Site, sound: list[dict[str, Any]]) -> list[float]:
    """Seconds until each was acknowledged as QUEUED; they arrive evenly over the outage."""

    async def acknowledged(at: int) -> float:
        await asyncio.sleep(at * SECONDS / ORDERS)
        begun = time.perf_counter()
        order = {**sound[at % len(sound)], "channel": CHANNELS[at % len(CHANNELS)]}
        answer = await running.submit(order, f"key-{at}")
        assert answer["submission"]["status"] == "QUEUED", answer
        return time.perf_counter() - begun

    return await asyncio.gather(*(acknowledged(at) for at in range(ORDERS)))


async def told(running: Site, rows: list[dict[str, Any]], took: list[float], drained: float) -> None:
    calls = (await running.client.get(f"{running.systems.url('erp')}/_sandbox/calls")).json()
    written = (await running.written())["orders"]
    references = {order["externalReference"] for order in written}
    interactive = [order["channel"] in {"DIRECT", "PORTAL"} for order in written]
    last = max(at for at, is_interactive in enumerate(interactive) if is_interactive)
    took.sort()
    print(f"{ORDERS} orders over {SECONDS:.0f} s without an ERP, then {RATE} a second at most")
    print(
        f"acknowledged: p50 {took[len(took) // 2] * 1000:.0f} ms, p95 {took[int(len(took) * 0.95)] * 1000:.0f} ms (wanted 300)"
    )
    accepted = sum(row["status"] == "ACCEPTED" for row in rows)
    print(f"accepted: {accepted} of {ORDERS}; orders in the ERP: {len(written)}, under {len(references)} references")
    print(
        f"written within {drained:.1f} s of its return; busiest second: {calls['busiest']['POST /orders']} (allowed {RATE})"
    )
    print(f"interactive: {sum(interactive)}, the last of them was written as number {last + 1}")


asyncio.run(main())
