"""What GraphQL costs: CPU a request of the served gateway against hand-written endpoints with the same answers and calls.

python benchmarks/served.py [--rounds 5] [--seconds 3] [--concurrency 8]
Interleaved rounds; process CPU read from /proc; the sandbox's own answers, recorded and replayed by a third process. The gateway's
cache is off, and every request of both is asked upstream: identical questions at the same moment would else be shared.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

HERE = Path(__file__).parent
ROOT = HERE.parent
PYTHON = sys.executable
PORTS = int(os.environ.get("BENCH_PORTS", "9600"))
"""The first of the ports that are used, for two benchmarks at a time."""

SANDBOX, UPSTREAM, GATEWAY, HANDWRITTEN = PORTS + 1, PORTS + 11, PORTS + 21, PORTS + 22
TICKS = os.sysconf("SC_CLK_TCK")

QUERIES = {
    "quote": """query ($skus: [String!]!, $customer: String!, $company: String) { items(skus: $skus, company: $company) {
  sku price(customer: $customer, quantity: "10") { unit { amount currency } breaks { minimum unit { amount } } }
  availability { available warehouses { warehouse { code name } available } timeline { date available } } } }""",
    "portal": """query ($customer: String!, $company: String) { customer(number: $customer, company: $company) {
  name orders(first: 20) { edges { node { number lines { number item { name } }
  shipments { number parcels { trackingNumber tracking { status events { at description } } } } } } } } }""",
    "item": "query ($sku: String!, $company: String) { item(sku: $sku, company: $company) { sku name uom hazardous } }",
}
WANTED = {"quote": 1.3, "portal": 1.3, "item": 2.0}


class Server(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def started(*command: str, ready: bytes | None = None, port: int = 0) -> Iterator[Server]:
    out = subprocess.PIPE if ready else subprocess.DEVNULL
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed below; the gateway has a line to tell of every operation
    process = subprocess.Popen([PYTHON, *command], stdout=out, stderr=log, cwd=ROOT)  # noqa: S603 - our own programs
    try:
        if ready and process.stdout:
            while ready not in (line := process.stdout.readline()):
                if not line:
                    raise SystemExit(f"{' '.join(command)} did not start: is its port taken?")
        else:
            _wait_for(port)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _wait_for(port: int) -> None:
    for _ in range(1_200):
        with suppress(OSError), __import__("socket").create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {port}")


def questions() -> dict[str, dict[str, Any]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{SANDBOX}/_sandbox/samples") as answer:
        samples = json.load(answer)
    company, customer = samples["company"], samples["customers"][0]
    return {
        "quote": {"skus": samples["skus"][:50], "customer": customer, "company": company},
        "portal": {"customer": customer, "company": company},
        "item": {"sku": samples["skus"][0], "company": company},
    }


async def ask(reader: Any, writer: Any, path: str, body: bytes, *, headers: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nCache-Control: no-cache\r\n"
        f"{headers}Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return bytes(await reader.readexactly(length))


async def load(
    port: int, path: str, body: bytes, *, seconds: float, concurrency: int, headers: str = ""
) -> list[float]:
    """Latencies in seconds of all requests that `concurrency` connections could make in the time."""
    until = time.monotonic() + seconds
    took: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < until:
            began = time.perf_counter()
            await ask(reader, writer, path, body, headers=headers)
            took.append(time.perf_counter() - began)
        writer.close()

    async with asyncio.TaskGroup() as connections:
        for _ in range(concurrency):
            connections.create_task(connection())
    return took


class Contestant(NamedTuple):
    server: Server
    path: str
    body: bytes


async def first_answer(contestant: Contestant) -> Any:
    reader, writer = await asyncio.open_connection("127.0.0.1", contestant.server.port)
    answer = json.loads(await ask(reader, writer, contestant.path, contestant.body))
    writer.close()
    return answer


async def measured(gateway: Server, handwritten: Server, options: argparse.Namespace) -> bool:
    ok = True
    print(f"{'query':<8}{'gateway ms':>12}{'by hand ms':>12}{'ratio':>8}{'wanted':>8}{'p50 ms':>9}{'p50 by hand':>13}")
    for name, variables in questions().items():
        asked = json.dumps({"query": QUERIES[name], "variables": variables}).encode()
        contestants = [Contestant(gateway, "/graphql", asked), Contestant(handwritten, f"/{name}", asked)]
        answers = [await first_answer(each) for each in contestants]
        if answers[0] != answers[1]:
            raise SystemExit(f"{name}: the answers differ\n{str(answers[0])[:800]}\n{str(answers[1])[:800]}")
        cpu: list[list[float]] = [[], []]
        latency: list[list[float]] = [[], []]
        for turn in range(options.rounds + 1):
            for at, each in enumerate(contestants):
                before = each.server.cpu_seconds()
                took = await load(
                    each.server.port, each.path, each.body, seconds=options.seconds, concurrency=options.concurrency
                )
                if turn:  # the first round warms up
                    cpu[at].append((each.server.cpu_seconds() - before) * 1000 / len(took))
                    latency[at] += took
        ours, theirs = (statistics.median(each) for each in cpu)
        p50, p50_by_hand = (statistics.median(each) * 1000 for each in latency)
        ok &= ours / theirs <= WANTED[name]
        print(
            f"{name:<8}{ours:>12.3f}{theirs:>12.3f}{ours / theirs:>8.2f}{WANTED[name]:>8}{p50:>9.1f}{p50_by_hand:>13.1f}"
        )
    return ok


def settings(upstream: int, *, is_patient: bool = True) -> str:
    """The cache and orders are off. `is_patient`: no call fails for want of time, however busy the machine is."""
    patience = "timeout_seconds = 20.0" if is_patient else ""
    sources = "\n".join(
        f'[sources.{role}]\nurl = "http://127.0.0.1:{upstream + at}"\ntoken = "sandbox"\n{patience}'
        for at, role in enumerate(("erp", "crm", "wms", "carrier"))
    )
    deadlines = "[deadlines]\nquery_seconds = 20.0" if is_patient else ""
    return f'mode = "development"\nport = {GATEWAY}\n{sources}\n{deadlines}\n[cache]\nenabled = false\n[submissions]\nenabled = false\n'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--concurrency", type=int, default=8)
    options = parser.parse_args()
    uvloop.install()
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(settings(UPSTREAM))
        config.flush()
        with (
            started("-m", "sandbox", "--port", str(SANDBOX), ready=b"sandbox ready"),
            started(str(HERE / "upstream.py"), str(SANDBOX), str(UPSTREAM), ready=b"upstream ready"),
            started("-m", "gateway", "serve", "--config", config.name, port=GATEWAY) as gateway,
            started(str(HERE / "handwritten.py"), str(UPSTREAM), str(HANDWRITTEN), port=HANDWRITTEN) as handwritten,
        ):
            return 0 if asyncio.run(measured(gateway, handwritten, options)) else 1


if __name__ == "__main__":
    sys.exit(main())
