"""What telemetry adds to the CPU of a quote of 50 lines.

python benchmarks/telemetry.py [--rounds 20] [--seconds 1] [--concurrency 8]
Many short interleaved rounds in one run, of which the lowest counts, for what else the machine does only ever adds. Over the same recorded
upstream, caches off: with no lines, metrics or spans; as it comes, with a line and the metrics of every operation; and with one operation
in a hundred, or each, recorded as spans, which a collector takes.
"""

import argparse
import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import served
import uvloop
from security import written

HERE = Path(__file__).parent
COLLECTOR, FIRST = served.PORTS + 41, served.PORTS + 42
WANTED = 1.05

NOTHING = """
[telemetry.logs]
operations = "none"
[telemetry.metrics]
access = "off"
"""
TRACED = f"""
[telemetry.traces]
endpoint = "http://127.0.0.1:{COLLECTOR}/v1/traces"
ratio = 0.01
"""
WAYS = {"without": NOTHING, "as it comes": "", "1 % recorded": TRACED, "all recorded": TRACED.replace("0.01", "1.0")}


class Collector(BaseHTTPRequestHandler):
    taken = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Collector.taken += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def collector() -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", COLLECTOR), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def measured(servers: dict[str, served.Server], body: bytes, options: argparse.Namespace) -> bool:
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    ways = list(servers.items())
    for turn in range(options.rounds + 1):
        at = turn % len(ways)
        for name, server in ways[at:] + ways[:at]:  # none has always the same neighbour
            before = server.cpu_seconds()
            took = await served.load(
                server.port, "/graphql", body, seconds=options.seconds, concurrency=options.concurrency
            )
            if turn:  # the first round warms up
                cpu[name].append((server.cpu_seconds() - before) * 1000 / len(took))
    lowest = {name: min(spent) for name, spent in cpu.items()}
    ratios = {name: spent / lowest["without"] for name, spent in lowest.items()}
    print(f"{'':<16}{'CPU ms':>8}{'ratio':>8}{'wanted':>8}")
    for name in cpu:
        wanted = f"{WANTED:>8}" if name == "as it comes" else ""
        print(f"{name:<16}{lowest[name]:>8.3f}{ratios[name]:>8.3f}{wanted}")
    print(f"the collector took {Collector.taken} batches of spans")
    return ratios["as it comes"] <= WANTED


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--concurrency", type=int, default=8)
    options = parser.parse_args()
    uvloop.install()
    with ExitStack() as stack:
        stack.enter_context(collector())
        stack.enter_context(served.started("-m", "sandbox", "--port", str(served.SANDBOX), ready=b"sandbox ready"))
        recorded = (str(HERE / "upstream.py"), str(served.SANDBOX), str(served.UPSTREAM))
        stack.enter_context(served.started(*recorded, ready=b"upstream ready"))
        servers = {}
        for port, (name, more) in enumerate(WAYS.items(), start=FIRST):
            text = served.settings(served.UPSTREAM).replace(f"port = {served.GATEWAY}", f"port = {port}") + more
            path = written(stack, text)
            servers[name] = stack.enter_context(served.started("-m", "gateway", "serve", "--config", path, port=port))
        body = json.dumps({"query": served.QUERIES["quote"], "variables": served.questions()["quote"]}).encode()
        return 0 if asyncio.run(measured(servers, body, options)) else 1


if __name__ == "__main__":
    sys.exit(main())
