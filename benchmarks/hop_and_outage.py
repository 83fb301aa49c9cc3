"""Two promises of the engine, seen from outside, unloaded.

one hop   with 20 ms in every source, a quote of 50 lines takes one hop, not two: its median latency is under 30 ms
outage    with the WMS down, a quote costs at most 1.5 times the CPU of a healthy one: no slow path is taken for it

python benchmarks/hop_and_outage.py
"""

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import served
import uvloop

SOURCE_SECONDS = "0.02"
MAX_P50_MS, MAX_RATIO = 30.0, 1.5
CLOSED_PORT = 9
ROUNDS, SECONDS = 5, 2.0


@contextmanager
def gateway(port: int, settings: str) -> Iterator[served.Server]:
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(settings.replace(f"port = {served.GATEWAY}", f"port = {port}"))
        config.flush()
        with served.started("-m", "gateway", "serve", "--config", config.name, port=port) as server:
            yield server


def p50_ms(port: int, body: bytes, *, seconds: float = SECONDS) -> float:
    took = asyncio.run(served.load(port, "/graphql", body, seconds=seconds, concurrency=1))
    return statistics.median(took) * 1000


def cpu_ms(server: served.Server, body: bytes) -> float:
    before = server.cpu_seconds()
    took = asyncio.run(served.load(server.port, "/graphql", body, seconds=SECONDS, concurrency=4))
    return (server.cpu_seconds() - before) * 1000 / len(took)


def one_hop() -> bool:
    upstream = served.started(
        str(served.HERE / "upstream.py"), str(served.SANDBOX), str(served.UPSTREAM), SOURCE_SECONDS, ready=b"ready"
    )
    ok = True
    with upstream, gateway(served.GATEWAY, served.settings(served.UPSTREAM)) as server:
        for name, variables in (("company named", {}), ("company not named", {"company": None})):
            asked = served.questions()["quote"] | variables
            body = json.dumps({"query": served.QUERIES["quote"], "variables": asked}).encode()
            p50_ms(server.port, body, seconds=0.5)
            median = p50_ms(server.port, body)
            ok &= median < MAX_P50_MS
            print(f"one hop, 20 ms a source, {name:<18} p50 {median:5.1f} ms (wanted: under {MAX_P50_MS:.0f})")
    return ok


def outage() -> bool:
    healthy = served.settings(served.UPSTREAM)
    down = healthy.replace(f"127.0.0.1:{served.UPSTREAM + 2}", f"127.0.0.1:{CLOSED_PORT}")
    upstream = served.started(
        str(served.HERE / "upstream.py"), str(served.SANDBOX), str(served.UPSTREAM), ready=b"ready"
    )
    body = json.dumps({"query": served.QUERIES["quote"], "variables": served.questions()["quote"]}).encode()
    with upstream, gateway(served.GATEWAY, healthy) as one, gateway(served.HANDWRITTEN, down) as other:
        took: list[tuple[float, float]] = [(cpu_ms(one, body), cpu_ms(other, body)) for _ in range(ROUNDS + 1)][1:]
    well, ill = (statistics.median(each) for each in zip(*took, strict=True))
    print(
        f"WMS down: {ill:.2f} ms CPU a request, healthy {well:.2f}, ratio {ill / well:.2f} (wanted: at most {MAX_RATIO})"
    )
    return ill / well <= MAX_RATIO


if __name__ == "__main__":
    uvloop.install()
    with served.started("-m", "sandbox", "--port", str(served.SANDBOX), ready=b"sandbox ready"):
        results = [one_hop(), outage()]
    sys.exit(0 if all(results) else 1)
