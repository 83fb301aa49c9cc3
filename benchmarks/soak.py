"""Half an hour at 60 % load over two replicas, while one system after the other goes wrong: what fails, and what grows.

python benchmarks/soak.py [--minutes 30] [--share 0.6] [--seed 1]
The whole topology of `make cluster`, on the live sandbox. The load is that at which all of the machine's cores together are busy for that
share of the time while all is well; what faults cost comes on top. Held to: no error but of a system that was struck at that moment; no
question left out; each event heard once and in order; each order written once; memory and file handles of each replica no higher in the
last third than in the one before.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from open_handles import held
from soak_callers import Asked, Callers
from soak_weather import Weather

from deploy.cluster import Cluster, Options, running
from sources.ending import ended

WARM_SECONDS, TRIAL_SECONDS, CONCURRENCY = 15.0, 60.0, 32
"""A trial is longer than most of what is remembered stays fresh: else it would count answers that cost nothing."""
CALM_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 5.0
HEARD_SECONDS: Final = 15
MOST_GROWTH: Final = 1.05
MOST_HANDLES: Final = 8
CHANGES: Final = {
    "rates": {kind: {"per_minute": 1e9, "burst": 1e9} for kind in ("requests", "cost")},
    "cache": {"max_bytes": 64 * 2**20},
}
"""Rates are counted, in Redis, and not reached. The cache is full in the first minutes: what grows after that is something else."""


class Look(NamedTuple):
    """At one replica: MiB resident, open file handles by kind."""

    rss: float
    handles: Mapping[str, int]

    @property
    def in_all(self) -> int:
        return sum(self.handles.values())


def looked(pid: int, names: Mapping[int, str]) -> Look:
    status = Path(f"/proc/{pid}/status").read_text()
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return Look(kib / 1024, held(pid, names))


def ports(cluster: Cluster) -> dict[int, str]:
    """Who is at the other end of a connection to each of them, or from a replica's own."""
    inwards = {**cluster.systems.urls, "Redis": cluster.redis.url, "PostgreSQL": cluster.postgres.url}
    named = [*inwards.items(), *(("callers", each.url) for each in cluster.replicas)]
    return {urlsplit(url).port or 0: name for name, url in named}


class Cores:
    """How busy all cores of the machine together were since this was asked last, by /proc/stat: 0 to 1."""

    def __init__(self) -> None:
        self._idle, self._all = self._ticks()

    def busy(self) -> float:
        idle, every = self._idle, self._all
        self._idle, self._all = self._ticks()
        return 1 - (self._idle - idle) / max(1, self._all - every)

    @staticmethod
    def _ticks() -> tuple[int, int]:
        ticks = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        return ticks[3] + ticks[4], sum(ticks)


class Moment(NamedTuple):
    """How busy the cores were before it, and how many questions were under way."""

    busy: float
    in_flight: int


class Third(NamedTuple):
    """Medians of a third of a replica's looks."""

    rss: float
    handles: float
    kinds: Mapping[str, float]


def thirds(looks: list[Look]) -> tuple[Third, Third]:
    """The second and the last."""
    third = len(looks) // 3
    return _third(looks[third : 2 * third]), _third(looks[2 * third :])


def _third(looks: list[Look]) -> Third:
    kinds = sorted({kind for each in looks for kind in each.handles})
    return Third(
        statistics.median(each.rss for each in looks),
        statistics.median(each.in_all for each in looks),
        {kind: statistics.median(each.handles.get(kind, 0) for each in looks) for kind in kinds},
    )


class Soak:
    def __init__(self, cluster: Cluster, options: argparse.Namespace, samples: dict[str, Any]) -> None:
        self._cluster, self._options = cluster, options
        self.weather = Weather(cluster.systems, options.seed)
        self.callers = Callers(cluster.url, cluster.key, samples, self.weather)
        self.pids = [each.program.pid for each in cluster.replicas]
        self.names = ports(cluster)
        self.looks: list[list[Look]] = [[] for _ in self.pids]
        self.moments: list[Moment] = []
        self.best = self.rate = self.calm = 0.0

    async def find_rate(self) -> None:
        """What they can do while all is well, and how often they may be asked for the share of the cores that is wanted."""
        await self.callers.at_their_best(WARM_SECONDS, CONCURRENCY)
        self.best = await self.callers.at_their_best(TRIAL_SECONDS, CONCURRENCY)
        share = self._options.share
        self.rate = self.best * share
        self.rate *= share / await self._busy_at(self.rate)
        self.calm = await self._busy_at(self.rate)
        self.callers.whole.clear()

    async def _busy_at(self, rate: float) -> float:
        asking, cores = asyncio.create_task(self.callers.ask(rate)), Cores()
        await asyncio.sleep(CALM_SECONDS)
        busy = cores.busy()
        await ended(asking)
        return busy

    async def watch(self) -> None:
        cores = Cores()
        while True:
            for pid, own in zip(self.pids, self.looks, strict=True):
                own.append(looked(pid, self.names))
            await asyncio.sleep(LOOK_SECONDS)
            self.moments.append(Moment(cores.busy(), self.callers.in_flight))

    async def go_on(self) -> None:
        seconds = self._options.minutes * 60
        listening = asyncio.create_task(self.callers.listen())
        going = (self.callers.ask(self.rate), self.callers.order(), self.callers.tell(), self.weather.change())
        tasks = [asyncio.create_task(each) for each in (*going, self.watch())]
        try:
            done, _ = await asyncio.wait([*tasks, listening], timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
            for each in done:
                each.result()
            await ended(*tasks)
            await self._heard_all()
        finally:
            await ended(*tasks, listening)

    async def _heard_all(self) -> None:
        """Or as much as there is to be heard: the report tells the difference."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_SECONDS):
                while len(self.callers.heard) < self.callers.taken:  # noqa: ASYNC110 - it comes over a socket
                    await asyncio.sleep(0.1)


def row(what: str, found: Any, *, holds: bool | None = None) -> bool:
    mark = {None: "", True: "as wanted", False: "NOT as wanted"}[holds]
    print(f"| {what} | {found} | {mark} |")
    return holds is not False


def report(soak: Soak) -> bool:
    callers, weather = soak.callers, soak.weather
    partial = sum(callers.in_part.values())
    struck = sum(each.ended - each.begun for each in weather.spells)
    print("| | found | |\n|---|---|---|")
    row("questions a second, at best and asked", f"{soak.best:.0f}, {soak.rate:.0f}")
    busy = statistics.median(each.busy for each in soak.moments)
    row("cores busy, % while all was well, and in the median", f"{soak.calm:.0%}, {busy:.0%}")
    row("cores busy, % as they went", _along([each.busy * 100 for each in soak.moments]))
    row("questions under way as they went", _along([each.in_flight for each in soak.moments]))
    row("answered whole", f"{len(callers.whole):,}")
    row("answered in part, for a system was struck", f"{partial:,}")
    row("their errors", ", ".join(f"{name} {count:,}" for name, count in callers.injected.most_common()))
    row(
        "faults",
        f"{len(weather.spells)}, {struck:.0f} s in all; of {len({each.fault for each in weather.spells})} kinds",
    )
    for kind in sorted({each.kind for each in callers.whole}):
        row(f"{kind}, p50 / p99 ms where whole", _percentiles(callers.whole, kind))
    for number, looks in enumerate(soak.looks, start=1):
        row(f"replica {number}: MiB as they grew", _along([each.rss for each in looks]))
        row(f"replica {number}: handles as they went", _along([each.in_all for each in looks]))
    outside = Counter(callers.outside)
    holds = [
        row("errors that no fault accounts for", dict(outside) or 0, holds=not outside),
        row("questions left out, for 1,000 were under way", callers.skipped, holds=not callers.skipped),
        _events(callers),
        *(_replica(number, *thirds(looks)) for number, looks in enumerate(soak.looks, start=1)),
    ]
    return all(holds)


def _percentiles(asked: list[Asked], kind: str) -> str:
    took = sorted(each.seconds * 1000 for each in asked if each.kind == kind)
    return f"{took[len(took) // 2]:.1f} / {took[len(took) * 99 // 100]:.1f}"


def _events(callers: Callers) -> bool:
    is_whole = callers.heard == sorted(set(callers.heard), key=callers.heard.index) and not callers.gaps
    holds = is_whole and callers.taken <= len(callers.heard) <= callers.told  # the last may have been under way
    found = f"{callers.told}, {callers.taken}, {len(callers.heard)}; {callers.cuts}"
    return row("events told, taken in and heard; cut off", found, holds=holds)


def _along(values: Sequence[float]) -> str:
    """At some ten moments."""
    return " ".join(f"{each:.0f}" for each in values[:: max(1, len(values) // 10)])


def _replica(number: int, middle: Third, last: Third) -> bool:
    for name, third in (("second", middle), ("last", last)):
        kinds = ", ".join(f"{kind} {count:g}" for kind, count in third.kinds.items())
        row(f"replica {number}: handles by kind, {name} third", kinds)
    holds = last.rss <= middle.rss * MOST_GROWTH and last.handles <= middle.handles + MOST_HANDLES
    found = f"{middle.rss:.1f}, {last.rss:.1f}; {middle.handles:.0f}, {last.handles:.0f}"
    return row(f"replica {number}: MiB and file handles, second and last third", found, holds=holds)


def orders_hold(keys: list[str], rows: dict[str, Any], written: list[dict[str, Any]]) -> bool:
    """Each that was handed in has come to something; each that was accepted is in the ERP once."""
    statuses = Counter(each["status"] for each in rows.values())
    accepted = {each["erpOrderNumber"] for each in rows.values() if each["status"] == "ACCEPTED"}
    numbers = [each["number"] for each in written]
    references = [each["externalReference"] for each in written]
    lost = set(keys) - set(rows)
    holds = not lost and accepted <= set(numbers) and len(set(references)) == len(references)
    found = (
        f"{len(keys)} orders: {dict(statuses)}; {len(numbers)} written, {len(references) - len(set(references))} twice"
    )
    row(
        "why the others are not accepted", dict(Counter(why for each in rows.values() for why in _reasons(each))) or "-"
    )
    return row("orders handed in, and in the ERP", f"{found}; {len(lost)} lost", holds=holds)


def _reasons(submission: dict[str, Any]) -> list[str]:
    """What waits for a person, and why: none where it is in the ERP."""
    if submission["status"] == "ACCEPTED":
        return []
    failed = [f"{each['name']}: {each['detail']}" for each in submission["steps"] if each["status"] == "FAILED"]
    return failed or [each["code"] for each in submission["problems"]] or [submission["status"]]


async def soaked(options: argparse.Namespace) -> bool:
    with tempfile.TemporaryDirectory(prefix="crossdock-soak-") as folder:
        async with running(Path(folder), Options(changes=CHANGES)) as cluster:
            soak = Soak(cluster, options, await cluster.systems.asked("erp", "samples"))
            async with soak.callers as callers:
                await soak.find_rate()
                print(f"{soak.rate:.0f} questions a second for {options.minutes:g} minutes", flush=True)
                await soak.go_on()
                rows = await callers.submissions()
                written = (await cluster.systems.asked("erp", "written"))["orders"]
                return report(soak) & orders_hold(callers.keys, rows, written)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--share", type=float, default=0.6, help="of what they can do")
    parser.add_argument("--seed", type=int, default=1, help="of the faults")
    return 0 if asyncio.run(soaked(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
