"""Requests a second by workers and by replicas: a quote of 50 lines, and one small item; cache off, upstream pre-rendered.

python benchmarks/scale.py [--rounds 3] [--seconds 4] [--concurrency 32]
One worker, two workers on one socket, one and two replicas behind HAProxy (docker/haproxy.cfg). Interleaved rounds; medians. Beside the
rate stands the CPU a request of all the gateway's processes, and of the proxy: on a machine whose cores are shared with whoever asks and
whoever is asked, it is the CPU that tells whether more processes would do more.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import served
import uvloop

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from deploy.program import found, free_port
from deploy.proxy import CONFIG

QUERIES = ("quote", "item")


class Family(NamedTuple):
    """`port` is where it is asked; `gateways` and `proxies` are the processes that it is made of."""

    port: int
    gateways: list[int]
    proxies: list[int]


def cpu_seconds(pids: list[int]) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / served.TICKS


def with_children(pid: int) -> list[int]:
    return [pid, *(int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


@contextmanager
def gateway(folder: Path, workers: int) -> Iterator[Family]:
    port = free_port()
    config = folder / f"{port}.toml"
    text = served.settings(served.UPSTREAM).replace(f"port = {served.GATEWAY}", f"port = {port}")
    config.write_text(f'{text}\n[events]\nletters = "{folder}/{port}.sqlite3"\n[telemetry.logs]\noperations = "none"\n')
    command = ("-m", "gateway", "serve", "--config", str(config), "--workers", str(workers))
    with served.started(*command, port=port) as server:
        asyncio.run(warm(port, workers))
        yield Family(port, with_children(server.process.pid), [])


async def warm(port: int, workers: int) -> None:
    """Until every worker has its share of connections."""
    body = json.dumps({"query": "{ viewer { subject } }"}).encode()
    await served.load(port, "/graphql", body, seconds=workers, concurrency=16)


@contextmanager
def behind_proxy(*families: Family) -> Iterator[Family]:
    first, second = families[0].port, families[-1].port
    port = free_port()
    given = {"CROSSDOCK_LISTEN": f"127.0.0.1:{port}", "CROSSDOCK_REPLICA_1": f"127.0.0.1:{first}"}
    os.environ |= given | {"CROSSDOCK_REPLICA_2": f"127.0.0.1:{second}"}
    command = f"import os; os.execv({found('haproxy', Path('/usr/sbin'))!r}, ['haproxy', '-db', '-f', {str(CONFIG)!r}])"
    with served.started("-c", command, port=port) as server:
        yield Family(port, [pid for each in families for pid in each.gateways], [server.process.pid])


class Round(NamedTuple):
    rate: float
    gateway_ms: float
    proxy_ms: float
    p50_ms: float


async def one_round(family: Family, body: bytes, options: argparse.Namespace) -> Round:
    before = cpu_seconds(family.gateways), cpu_seconds(family.proxies)
    took = await served.load(family.port, "/graphql", body, seconds=options.seconds, concurrency=options.concurrency)
    after = cpu_seconds(family.gateways), cpu_seconds(family.proxies)
    spent = [(late - early) * 1_000 / len(took) for early, late in zip(before, after, strict=True)]
    return Round(len(took) / options.seconds, *spent, statistics.median(took) * 1_000)


async def measured(families: dict[str, Family], options: argparse.Namespace) -> None:
    for query in QUERIES:
        body = json.dumps({"query": served.QUERIES[query], "variables": served.questions()[query]}).encode()
        rounds: dict[str, list[Round]] = {name: [] for name in families}
        for turn in range(options.rounds + 1):
            for name, family in families.items():
                found_round = await one_round(family, body, options)
                if turn:  # the first one warms up
                    rounds[name].append(found_round)
        for name, each in rounds.items():
            rate, ours, proxy, p50 = (statistics.median(column) for column in zip(*each, strict=True))
            print(f"{query:<8}{name:<28}{rate:>12.0f}{ours:>16.2f}{proxy:>14.3f}{p50:>10.1f}", flush=True)


def cases(stack: ExitStack, folder: Path) -> dict[str, Family]:
    enter: Callable[..., Family] = stack.enter_context
    one, other, two = (enter(gateway(folder, workers)) for workers in (1, 1, 2))
    return {
        "1 worker": one,
        "2 workers": two,
        "1 replica, by HAProxy": enter(behind_proxy(one)),
        "2 replicas, by HAProxy": enter(behind_proxy(one, other)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--concurrency", type=int, default=32)
    options = parser.parse_args()
    uvloop.install()
    print(f"{'query':<8}{'':<28}{'requests/s':>12}{'gateway CPU ms':>16}{'proxy CPU ms':>14}{'p50 ms':>10}")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        enter = stack.enter_context
        enter(served.started("-m", "sandbox", "--port", str(served.SANDBOX), ready=b"sandbox ready"))
        upstream = (str(HERE / "upstream.py"), str(served.SANDBOX), str(served.UPSTREAM))
        enter(served.started(*upstream, ready=b"upstream ready"))
        asyncio.run(measured(cases(stack, Path(name)), options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
