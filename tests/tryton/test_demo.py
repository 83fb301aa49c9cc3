"""`make demo-tryton` is `crossdock demo --tryton`: a real Tryton and a gateway over it, and nothing left of them after a signal."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tryton_process import tryton_process

from sandbox.tryton import environment
from tests.gateway.test_demo import is_served

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


def six_free_ports() -> int:
    for first in range(29_100, 32_000, 7):
        if not any(is_served(first + offset) for offset in range(6)):
            return first
    raise AssertionError("no six free ports in a row")


def test_the_printed_queries_are_answered_an_order_is_taken_and_a_signal_stops_everything(tmp_path: Path) -> None:
    if not environment.is_there():
        with tryton_process():  # skips, or fails where it must be there
            pytest.fail("it is there")
    port = six_free_ports()
    command = [sys.executable, "-m", "gateway", "demo", "--tryton", "--port", str(port)]
    surroundings = {**os.environ, "TMPDIR": str(tmp_path)}
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=surroundings)  # noqa: S603 - our own command
    try:
        printed = ""
        for line in demo.stdout or ():
            printed += line
            if "trackingNumbers" in line:
                break
        queries = re.findall(r"^# [^\n]*\n((?:\{|mutation).*?^\})$", printed, re.MULTILINE | re.DOTALL)
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=60) as client:
            answers = [client.post("/graphql", json={"query": query}).json() for query in queries]
        assert [each for each in answers if "errors" in each] == []
        assert len(answers) == 4
        submission = answers[-1]["data"]["submitOrder"]["submission"]
        assert (submission["status"], submission["erpOrderNumber"]) == ("ACCEPTED", "3")
        assert [is_served(port + offset) for offset in range(6)] == [True] * 6
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(PATIENCE_SECONDS) == 0
    finally:
        demo.kill()
        demo.communicate()
    until = time.monotonic() + PATIENCE_SECONDS
    while any(is_served(port + offset) for offset in range(6)) and time.monotonic() < until:
        time.sleep(0.05)
    assert [is_served(port + offset) for offset in range(6)] == [False] * 6
    assert sorted(tmp_path.glob("tryton-*")) + sorted(tmp_path.glob("crossdock-*")) == []
