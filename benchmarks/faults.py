"""What becomes of calls when a source goes wrong, over real sockets against the sandbox: one printed table.

python benchmarks/faults.py
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import served
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from sources.breaker import BreakerState
from sources.call import CallContext, CallMade, Deadline
from sources.errors import SourceError
from sources.http import Endpoint, SourceClient
from sources.standard.erp import StandardErp
from sources.viewer import SERVICE_DESK

SANDBOX, GATEWAY = served.SANDBOX, served.GATEWAY
ERP, WMS = (f"http://127.0.0.1:{SANDBOX + at}" for at in (0, 2))
DEADLINE_SECONDS, SLACK_SECONDS = 2.0, 0.2
HELD_SECONDS = 0.7
"""After so long all 200 portal queries have come as far as the WMS, and for as long again none is given up: a call has 1.5 s."""

SPOILT: dict[str, dict[str, Any]] = {
    "broken JSON": {"garbage": True},
    "body cut off": {"truncate": 20},
    "connection cut before an answer": {"drop": "after"},
    "slow drip": {"drip": True},
    "no answer": {"hang": True},
    "HTML": {"content_type": "text/html"},
    "gzip that is none": {"content_encoding": "gzip"},
    "redirect": {"redirect": f"{WMS}/elsewhere"},
    "20 MB": {"body_bytes": 20_000_000},
    "JSON of another shape": {"body_bytes": 100},
    "500": {"status": 500},
    "404": {"status": 404},
    "401": {"status": 401},
    "429": {"status": 429},
}


class Row(NamedTuple):
    what: str
    found: str
    wanted: str
    holds: bool


class Bench:
    def __init__(self, http: httpx.AsyncClient, samples: dict[str, Any]) -> None:
        self.http, self.skus = http, samples["skus"]
        self.company, self.customer = samples["company"], samples["customers"][0]
        self.made: list[CallMade] = []

    async def fault(self, url: str = ERP, **fault: Any) -> None:
        (await self.http.put(f"{url}/_sandbox/faults", json=fault)).raise_for_status()

    async def mend(self) -> None:
        for url in (ERP, WMS):
            await self.http.delete(f"{url}/_sandbox/faults")

    async def calls(self) -> int:
        """How many the ERP was asked since the last look."""
        total: int = (await self.http.get(f"{ERP}/_sandbox/calls")).json()["total"]
        await self.http.delete(f"{ERP}/_sandbox/calls")
        return total

    @asynccontextmanager
    async def erp(self, **settings: Any) -> AsyncIterator[tuple[SourceClient, StandardErp]]:
        await self.calls()
        self.made = []
        async with SourceClient(Endpoint(name="erp", url=ERP, token="sandbox", **settings)) as client:
            yield client, StandardErp(client)
        await self.mend()

    async def read(self, erp: StandardErp, at: int = 0) -> str:
        """The outcome of one read: "ok" or an error's name."""
        call = CallContext(SERVICE_DESK, Deadline.after(DEADLINE_SECONDS), "bench", self.made.append)
        try:
            await erp.items(call, self.company, [self.skus[at % len(self.skus)]])
        except SourceError as error:
            return type(error).__name__
        return "ok"


async def wms_hangs(bench: Bench) -> list[Row]:
    await bench.fault(WMS, hang=True)
    asked = {"customer": bench.customer, "company": bench.company}
    body = {"query": served.QUERIES["portal"], "variables": asked}
    begun = time.perf_counter()
    answer = (await bench.http.post(f"http://127.0.0.1:{GATEWAY}/graphql", json=body)).json()
    seconds = time.perf_counter() - begun
    slowed = await _slowed_by_portals(bench, body)
    await bench.mend()
    nodes = [edge["node"] for edge in answer["data"]["customer"]["orders"]["edges"]]
    whole = bool(nodes) and all(line["item"]["name"] for node in nodes for line in node["lines"])
    missing = {error["extensions"]["source"] for error in answer["errors"]}
    found = f"{seconds:.2f} s, {len(nodes)} orders with their items, missing: {', '.join(missing)}"
    holds = seconds <= DEADLINE_SECONDS + SLACK_SECONDS and whole and missing == {"wms"}
    return [Row("WMS hangs, portal query", found, "within its deadline of 2 s, all else in place", holds), slowed]


async def _slowed_by_portals(bench: Bench, portal: dict[str, Any]) -> Row:
    """How an item query fares while 200 portal queries are held by the WMS."""
    url = f"http://127.0.0.1:{GATEWAY}/graphql"
    item = {"query": served.QUERIES["item"], "variables": served.questions()["item"]}

    async def milliseconds() -> float:
        begun = time.perf_counter()
        await bench.http.post(url, json=item)
        return (time.perf_counter() - begun) * 1000

    before = [await milliseconds() for _ in range(300)]
    held = [asyncio.create_task(bench.http.post(url, json=portal)) for _ in range(200)]
    await asyncio.sleep(HELD_SECONDS)
    during, until = [], time.perf_counter() + HELD_SECONDS
    while time.perf_counter() < until and not any(each.done() for each in held):
        during.append(await milliseconds())
    await asyncio.gather(*held)
    p95, then = (statistics.quantiles(each, n=20)[-1] for each in (before, during))
    found = f"item query p95 {p95:.1f} ms before, {then:.1f} ms while 200 portals are held ({len(during)} asked)"
    return Row("… 200 of them at once", found, "at most 1.5 times as slow", then <= 1.5 * p95)


async def erp_fails(bench: Bench) -> list[Row]:
    async with bench.erp() as (client, erp):
        await bench.fault(status=503)
        begun = time.perf_counter()
        while client.state().breaker is BreakerState.CLOSED:
            await bench.read(erp)
        opened, before = time.perf_counter() - begun, await bench.calls()
        until = time.perf_counter() + 3
        while time.perf_counter() < until:
            await bench.read(erp)
            await asyncio.sleep(0.005)
        probes = await bench.calls()
        await bench.mend()
        mended, first, shares = time.perf_counter(), 0.0, []
        while client.state().breaker is not BreakerState.CLOSED:
            outcomes = Counter([await _paced(bench, erp, at) for at in range(50)])
            shares.append(outcomes["ok"] * 2)
            first = first or (time.perf_counter() - mended if outcomes["ok"] else 0.0)
    steps = [share for share in shares if share]
    return [
        Row("ERP answers 503", f"left alone after {before} calls, {opened:.2f} s", "20 calls or 2 s", before <= 20 or opened <= 2),
        Row("… while it does", f"{probes} calls in 3 s", "probes only: one a second", probes <= 4),
        Row("… when it is back", f"noticed after {first:.2f} s", "the probe's second", first <= 1 + 2 * SLACK_SECONDS),
        Row("… its traffic", " → ".join(f"{share} %" for share in steps), "in steps", steps[0] < 50 and len(steps) > 2),
    ]  # fmt: skip


async def _paced(bench: Bench, erp: StandardErp, at: int) -> str:
    await asyncio.sleep(0.004)
    return await bench.read(erp, at)


async def too_many(bench: Bench) -> list[Row]:
    async with bench.erp() as (_, erp):
        await bench.fault(status=429, retry_after=2)
        await bench.read(erp)
        begun, asked = time.perf_counter(), 0
        await bench.mend()
        await bench.calls()
        while await bench.read(erp, asked) != "ok":
            asked += 1
            await asyncio.sleep(0.002)
        seconds, sent = time.perf_counter() - begun, await bench.calls()
    found = f"{asked} reads refused here, the next sent after {seconds:.2f} s"
    return [Row("429, Retry-After: 2", found, "nothing is sent for 2 s", seconds >= 1.99 and sent == 1)]


async def now_and_then(bench: Bench) -> list[Row]:
    operations, failed = 1_000, 0
    async with bench.erp() as (_, erp):
        await bench.fault(status=503, rate=0.1)
        numbers = iter(range(operations))

        async def some() -> int:
            lost = 0
            for number in numbers:
                outcomes = await asyncio.gather(*(bench.read(erp, 4 * number + each) for each in range(4)))
                lost += any(outcome != "ok" for outcome in outcomes)
            return lost

        failed = sum(await asyncio.gather(*(some() for _ in range(4))))
        shared = sum(made.how == "shared" for made in bench.made)
        load = await bench.calls() / (4 * operations - shared)
    done = 1 - failed / operations
    found = f"{done:.1%} of {operations} operations whole, {load:.2f} times the calls"
    return [Row("10 % of reads fail", found, "99 % of four-call operations, 1.2 times", done >= 0.99 and load <= 1.2)]


async def at_once(bench: Bench) -> list[Row]:
    async with bench.erp() as (_, erp):
        await bench.fault(latency_ms=50)
        outcomes = Counter(await asyncio.gather(*(bench.read(erp) for _ in range(200))))
        calls = await bench.calls()
    return [
        Row(
            "200 identical reads at once",
            f"{calls} call, {outcomes['ok']} answers",
            "1 call",
            calls == 1 and outcomes["ok"] == 200,
        )
    ]


async def spoilt(bench: Bench) -> list[Row]:
    rows = []
    for what, fault in SPOILT.items():
        async with bench.erp() as (_, erp):
            await bench.fault(**fault)
            begun = time.perf_counter()
            outcome = await bench.read(erp)
            seconds = time.perf_counter() - begun
        holds = outcome != "ok" and seconds <= DEADLINE_SECONDS + SLACK_SECONDS
        rows.append(Row(f"answer: {what}", f"{outcome}, {seconds:.2f} s", "a named error within 2 s", holds))
    return rows


Scenario = Callable[[Bench], Awaitable[list[Row]]]
SCENARIOS: tuple[Scenario, ...] = (wms_hangs, erp_fails, too_many, now_and_then, at_once, spoilt)


async def table() -> bool:
    limits = httpx.Limits(max_connections=300)
    async with httpx.AsyncClient(timeout=10, limits=limits, trust_env=False) as http:
        samples = (await http.get(f"{ERP}/_sandbox/samples")).json()
        bench = Bench(http, samples)
        rows = [row for scenario in SCENARIOS for row in await scenario(bench)]
    print("| what goes wrong | what comes of it | wanted | |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.found} | {row.wanted} | {'holds' if row.holds else 'DOES NOT HOLD'} |")
    return all(row.holds for row in rows)


if __name__ == "__main__":
    uvloop.install()
    with (
        served.started("-m", "sandbox", "--port", str(SANDBOX), ready=b"sandbox ready"),
        tempfile.NamedTemporaryFile("w", suffix=".toml") as config,
    ):
        config.write(served.settings(SANDBOX, is_patient=False))
        config.flush()
        with served.started("-m", "gateway", "serve", "--config", config.name, port=GATEWAY):
            sys.exit(0 if asyncio.run(table()) else 1)
