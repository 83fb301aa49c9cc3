"""`make run` is `crossdock demo`: it starts five servers, prints queries that work, and takes all of them down again."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

ANSWER_SECONDS = 60


def five_free_ports() -> int:
    """The first of five in a row that nobody listens on."""
    for first in range(21_000, 29_000, 7):
        if not any(is_served(first + offset) for offset in range(5)):
            return first
    raise AssertionError("no five free ports in a row")


@contextmanager
def running(port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo, and what it had printed when it was ready to be asked."""
    command = [sys.executable, "-m", "gateway", "demo", "--port", str(port)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
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


def is_served(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_printed_queries_are_answered_and_a_signal_stops_everything(stop: signal.Signals) -> None:
    port = five_free_ports()
    with running(port) as (demo, printed):
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=10) as client:
            queries = re.findall(r"^# [^\n]*\n(\{\n.*?^\})$", printed, re.MULTILINE | re.DOTALL)
            assert len(queries) == 3
            for query in queries:
                answer = client.post("/graphql", json={"query": query}).json()
                assert "errors" not in answer
                assert all(answer["data"].values())
        assert [is_served(port + offset) for offset in range(5)] == [True] * 5
        demo.send_signal(stop)
        assert demo.wait(ANSWER_SECONDS) == 0
        assert [is_served(port + offset) for offset in range(5)] == [False] * 5
