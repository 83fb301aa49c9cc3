"""`make run` is `crossdock demo`: it starts five servers, prints queries that work, and takes all of them down again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gateway.agents.samples import DOCUMENTS

ANSWER_SECONDS = 60
ROOT = Path(__file__).parents[2]


def five_free_ports() -> int:
    """The first of five in a row that nobody listens on."""
    for first in range(21_000, 29_000, 7):
        if not any(is_served(first + offset) for offset in range(5)):
            return first
    raise AssertionError("no five free ports in a row")


DEMO = [sys.executable, "-m", "gateway", "demo", "--port"]
MAKE = ["make", "run"]


@contextmanager
def running(command: list[str], port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo, and what it had printed when it was ready to be asked."""
    arguments = [*command, f"PORT={port}" if command is MAKE else str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    demo = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)  # noqa: S603 - our own commands
    try:
        printed = ""
        for line in demo.stdout or ():
            printed += line
            if "trackingNumbers" in line:
                break
        yield demo, printed
    finally:
        demo.kill()
        demo.communicate()


def wait_until_closed(port: int) -> None:
    """What make started outlives it by a moment."""
    until = time.monotonic() + ANSWER_SECONDS
    while any(is_served(port + offset) for offset in range(5)) and time.monotonic() < until:
        time.sleep(0.05)


def is_served(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("command", "stop", "ends"),
    [(DEMO, signal.SIGTERM, {0}), (DEMO, signal.SIGINT, {0}), (MAKE, signal.SIGTERM, {2, -signal.SIGTERM})],
)
def test_the_printed_queries_are_answered_and_a_signal_stops_everything(
    command: list[str], stop: signal.Signals, *, ends: set[int]
) -> None:
    port = five_free_ports()
    with running(command, port) as (demo, printed):
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=10) as client:
            queries = re.findall(r"^# [^\n]*\n(\{\n.*?^\})$", printed, re.MULTILINE | re.DOTALL)
            assert len(queries) == 3
            for query in queries:
                answer = client.post("/graphql", json={"query": query}).json()
                assert "errors" not in answer
                assert all(answer["data"].values())
            (agents,) = re.findall(r"^Agents +(\S+)  \(", printed, re.MULTILINE)
            ask = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
            told = client.post(agents, json=ask, headers={"Accept": "application/json, text/event-stream"}).json()
            assert [each["name"] for each in told["result"]["tools"]] == list(DOCUMENTS)
            parcel = {"trackingNumber": "1Z", "stages": ["in_transit"]}
            sent = client.post(f"http://127.0.0.1:{port + 4}/_sandbox/advance", json=parcel).json()["sent"]
            assert [each["status"] for each in sent] == [200]  # the carrier tells the gateway what happens
        assert [is_served(port + offset) for offset in range(5)] == [True] * 5
        demo.send_signal(stop)
        assert demo.wait(ANSWER_SECONDS) in ends  # make says 2, or dies of the signal that it passed on
        wait_until_closed(port)
        assert [is_served(port + offset) for offset in range(5)] == [False] * 5
