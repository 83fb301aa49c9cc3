"""What an order costs: orders a second, how long they take, CPU of the gateway's process; on SQLite and on PostgreSQL.

python benchmarks/submissions.py [--share 1.0] [--only sqlite|postgresql]
Real processes on this machine: the gateway, the four systems of the sandbox with their journal, and this one, which hands in orders
of three lines and waits for each one's outcome. Every order counted was ACCEPTED: in the ERP, released, noted. At the end a profile
by py-spy, where that is installed, tells where the gateway's CPU goes. PostgreSQL is the one that the tests use (tests/postgres.py).
"""

import argparse
import asyncio
import itertools
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.orders.processes import ROLES, Site, site, started
from tests.postgres import SERVER, database

TICKS = os.sysconf("SC_CLK_TCK")
CORES = len(os.sched_getaffinity(0))
ORDERS = {1: 100, 8: 300, 32: 400}
"""In flight, and how many of them are measured at a share of 1."""

WARM_UP = 40
UNDER_WAY = {"QUEUED", "RUNNING", "RECONCILING"}
BUSY = 0.85
"""From this share of its time on, something is said to be what bounds the rest."""

PROFILED_SECONDS = 10
PARTS = (
    ("DBOS's journal", ("/dbos/",)),
    ("our record and lease", ("orders/store.py", "orders/leases.py")),
    ("calls of the systems", ("/sources/", "/aiohttp/", "/httpx/", "/httpcore/", "/h11/", "/anyio/")),
    ("checks, steps and the desk", ("/orders/",)),
    ("GraphQL and the HTTP server", ("/gateway/", "/resolvers/", "/engine/", "/graphql/", "/strawberry/", "/uvicorn/")),
)
"""A sample belongs to the part that its innermost known frame is of: SQLAlchemy's work to whoever asked for it."""

LOOP = "asyncio/runners.py"
"""What is below it in a stack is how the program was started, and says nothing."""

OTHER = "event loop and threads"


COMPANY = {"company": "US"}
WAREHOUSES = ("RNO", "DAL", "ATL")
SKUS = [f"SKU-{at}" for at in range(50)]
CUSTOMERS = [f"C{at}" for at in range(10)]
FACTS: dict[str, Any] = {
    "companies": [{"code": "US", "currency": "USD"}],
    "warehouses": [{**COMPANY, "code": code} for code in WAREHOUSES],
    "items": [{"sku": sku, "listPrice": "1.25"} for sku in SKUS],
    "customers": [{"number": number} for number in CUSTOMERS],
    "shipTos": [
        {
            "code": f"{number}-1",
            "customer": number,
            "address": {"line1": "1 Main Street", "city": "Reno", "country": "US"},
        }
        for number in CUSTOMERS
    ],
    "stock": [{"sku": sku, "warehouse": code, "onHand": "100000000"} for sku in SKUS for code in WAREHOUSES],
}
"""Customers whose credit and shelves that never end: every order is as sound as the first."""


def orders() -> Iterator[dict[str, Any]]:
    for at in itertools.count():
        customer = CUSTOMERS[at % len(CUSTOMERS)]
        lines = [{"sku": SKUS[(3 * at + line) % len(SKUS)], "quantity": "2"} for line in range(3)]
        yield {**COMPANY, "customer": customer, "shipTo": f"{customer}-1", "poNumber": f"PO-{at}", "lines": lines}


class Used(NamedTuple):
    """CPU seconds so far; `machine`: of everything that runs on it, whatever else that is."""

    gateway: float
    systems: tuple[float, ...]
    machine: float

    def since(self, before: "Used") -> "Used":
        systems = tuple(now - then for now, then in zip(self.systems, before.systems, strict=True))
        return Used(self.gateway - before.gateway, systems, self.machine - before.machine)


class Level(NamedTuple):
    in_flight: int
    took: list[float]
    seconds: float
    used: Used

    @property
    def bound(self) -> str:
        """What was busy; where nothing was, the orders waited for one thing after the other."""
        busiest = max(range(len(ROLES)), key=lambda at: self.used.systems[at])
        shares = {
            "the gateway's one process": self.used.gateway / self.seconds,
            f"the sandbox's {ROLES[busiest]}": self.used.systems[busiest] / self.seconds,
            f"the machine's {CORES} cores": self.used.machine / self.seconds / CORES,
        }
        name, share = max(shares.items(), key=lambda each: each[1])
        told = name if share >= BUSY else "waiting, one step after the other"
        return f"{told} ({', '.join(f'{each:.0%}' for each in shares.values())})"


def cpu_seconds(pid: int, thread: int | None = None) -> float:
    fields = (
        Path(f"/proc/{pid}/stat" if thread is None else f"/proc/{pid}/task/{thread}/stat")
        .read_text()
        .rpartition(")")[2]
        .split()
    )
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine_seconds() -> float:
    """All that was not idle, nor waiting for a disk."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICKS


def used(running: Site) -> Used:
    systems = tuple(cpu_seconds(running.systems.processes[role].pid) for role in ROLES)
    return Used(cpu_seconds(running.gateways[0].pid), systems, machine_seconds())


class Customer:
    """Hands in one order after the other, each under a key of its own."""

    def __init__(self, running: Site) -> None:
        self._running, self._orders = running, orders()

    async def order(self) -> float:
        order = next(self._orders)
        began = time.perf_counter()
        answer = await self._running.submit(order, order["poNumber"])
        while (
            status := answer["submission"]["status"]
        ) in UNDER_WAY:  # asked again under its key, it is waited for again
            answer = await self._running.submit(order, order["poNumber"])
        if status != "ACCEPTED":
            raise SystemExit(f"an order is {status}: {answer['problems']}\n{answer['submission']['steps']}")
        return time.perf_counter() - began

    async def level(self, in_flight: int, count: int) -> Level:
        turns = iter(range(count))
        took: list[float] = []

        async def one_after_the_other() -> None:
            took.extend([await self.order() for _ in turns])

        before, began = used(self._running), time.perf_counter()
        async with asyncio.TaskGroup() as customers:
            for _ in range(in_flight):
                customers.create_task(one_after_the_other())
        return Level(in_flight, took, time.perf_counter() - began, used(self._running).since(before))


def facts(folder: Path) -> str:
    file = folder / "facts.json"
    file.write_text(json.dumps(FACTS))
    return str(file)


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Site]:
    async with site(folder, data=facts(folder)) as running:
        yield running


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[Site]:
    async with database() as url, site(folder, data=facts(folder), url=url) as running:
        yield running


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


def transactions() -> int:
    """Committed in the newest of the databases made for this, up to now."""
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute("select pg_stat_clear_snapshot()")
        row = connection.execute(
            "select xact_commit from pg_stat_database where datname like 'crossdock\\_%' order by datid desc limit 1"
        ).fetchone()
    return int(row[0]) if row else 0


async def measured(name: str, share: float) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = await stack.enter_async_context(DATABASES[name](folder))
        await started(running)
        customer = Customer(running)
        await customer.level(4, WARM_UP)
        for in_flight, count in ORDERS.items():
            print_level(name, await customer.level(in_flight, max(in_flight, int(count * share))))
        await print_counts(running, customer, name)
        await print_threads(running, customer)
        await print_profile(running, customer)


def print_level(name: str, level: Level) -> None:
    cuts = statistics.quantiles(level.took, n=100)
    milliseconds = level.used.gateway * 1000 / len(level.took)
    print(
        f"{name:<11}{level.in_flight:>10}{len(level.took):>8}{len(level.took) / level.seconds:>10.1f}"
        f"{cuts[49] * 1000:>9.0f}{cuts[98] * 1000:>9.0f}{milliseconds:>12.1f}   {level.bound}"
    )


async def print_counts(running: Site, customer: Customer, name: str) -> None:
    """What one order asks of the systems and of the database, over twenty; and what a second without orders costs."""
    before = {role: await calls(running, role) for role in ROLES}
    committed, count = await asyncio.to_thread(transactions) if name == "postgresql" else 0, 20
    idle = used(running).gateway
    await asyncio.sleep(5)
    idle_share = (used(running).gateway - idle) / 5
    idle_commits = (await asyncio.to_thread(transactions) - committed) / 5 if name == "postgresql" else 0
    committed += int(idle_commits * 5)
    began = time.perf_counter()
    await customer.level(1, count)
    await asyncio.sleep(2)  # PostgreSQL counts a second late
    seconds = time.perf_counter() - began
    asked: Counter[str] = Counter()
    for role in ROLES:
        asked.update({each: number - before[role][each] for each, number in (await calls(running, role)).items()})
    told = ", ".join(f"{operation} {number / count:g}" for operation, number in sorted(asked.items()) if number)
    print(f"  one order asks: {told}")
    print(f"  without orders: {idle_share:.1%} of a core", end="")
    if name == "postgresql":
        ours = await asyncio.to_thread(transactions) - committed - idle_commits * seconds
        print(f", {idle_commits:.0f} transactions a second; an order: {ours / count:.0f} transactions", end="")
    print()


async def calls(running: Site, role: str) -> Counter[str]:
    found = (await running.client.get(f"{running.systems.url(role)}/_sandbox/calls")).json()
    return Counter(found["operations"])


async def print_threads(running: Site, customer: Customer) -> None:
    """The first thread is the event loop's; the others wait for the database, for us and for DBOS."""
    pid, count = running.gateways[0].pid, 64
    before = cpu_seconds(pid), cpu_seconds(pid, pid)
    await customer.level(8, count)
    whole, loop = cpu_seconds(pid) - before[0], cpu_seconds(pid, pid) - before[1]
    print(f"  an order's CPU at 8 in flight: {loop * 1000 / count:.1f} ms in the event loop, "
          f"{(whole - loop) * 1000 / count:.1f} ms in the database's threads")  # fmt: skip


async def print_profile(running: Site, customer: Customer) -> None:
    spy = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if spy is None:
        print("  py-spy is not installed: no profile")
        return
    with tempfile.NamedTemporaryFile("r") as out:
        spying = await asyncio.create_subprocess_exec(
            spy, "record", "--pid", str(running.gateways[0].pid), "--duration", str(PROFILED_SECONDS), "--format", "raw",
            "--gil", "--full-filenames", "--output", out.name, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(6 * PROFILED_SECONDS):
                while spying.returncode is None:
                    await customer.level(8, 24)
                    await asyncio.sleep(0)
        finally:
            if spying.returncode is None:
                spying.send_signal(signal.SIGTERM)
                await spying.wait()
        shares = Counter(dict(parts(out.read())))
    total = sum(shares.values()) or 1
    told = ", ".join(f"{part} {number / total:.0%}" for part, number in shares.most_common())
    print(f"  what holds the interpreter at 8 in flight, of {total} samples: {told}")


def parts(raw: str) -> Iterator[tuple[str, int]]:
    shares: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, number = line.rpartition(" ")
        shares[_part(stack.split(";"))] += int(number)
    yield from shares.items()


def _part(stack: list[str]) -> str:
    started_at = max((at for at, frame in enumerate(stack) if LOOP in frame), default=-1)
    for frame in reversed(stack[started_at + 1 :]):
        for part, paths in PARTS:
            if any(path in frame for path in paths):
                return part
    return OTHER


async def main(options: argparse.Namespace) -> None:
    print(f"{'database':<11}{'in flight':>10}{'orders':>8}{'orders/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms each':>12}"
          "   bound by (busy: gateway, busiest system, machine)")  # fmt: skip
    for name in [options.only] if options.only else DATABASES:
        await measured(name, options.share)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", choices=sorted(DATABASES))
    return parser.parse_args()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(arguments()))
