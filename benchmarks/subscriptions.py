"""What a subscriber costs: memory a connection, CPU a message, beside Strawberry's own fan-out; and what slow readers do to the others.

python benchmarks/subscriptions.py [--clients 5000] [--events 10] [--slow 500]
Each side is one worker; the clients are a process of their own; CPU and memory are the server's, read from /proc.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PORTS = {"ours": 9651, "strawberry": 9652}
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
WANTED_KB, WANTED_RATIO = 50.0, 4.0
SLOW_SECONDS = 10


class Measured(NamedTuple):
    kilobytes: float
    connect_ms: float
    cpu_us: float
    wall_ms: float


class Side:
    """One server, and what it has taken."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        self.name, self.port, self._pid = name, PORTS[name], process.pid
        self.told = 0

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def bytes(self) -> int:
        return int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * PAGE

    def ask(self, path: str, *, method: str = "GET") -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            text: str = answer.read().decode()
            return text

    def publish(self) -> None:
        self.told += 1
        self.ask(f"/publish?at={self.told}", method="POST")


@contextmanager
def served(name: str) -> Iterator[Side]:
    command = [sys.executable, str(HERE / "subscription_server.py"), name, str(PORTS[name])]
    with subprocess.Popen(command) as process:  # noqa: S603 - our own program
        side = Side(name, process)
        try:
            for _ in range(200):
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    side.ask("/count")
                    break
                time.sleep(0.05)
            yield side
        finally:
            process.kill()


class Clients:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def line(self) -> str:
        return (self._process.stdout.readline() if self._process.stdout else "").strip()

    def expect(self, count: int) -> str:
        if self._process.stdin:
            self._process.stdin.write(f"expect {count}\n")
            self._process.stdin.flush()
        return self.line()


@contextmanager
def connected(side: Side, count: int, slow: int | None = None) -> Iterator[Clients]:
    """`slow`: so many never read; None: small answers, and everybody does."""
    command = [sys.executable, str(HERE / "subscription_clients.py"), str(side.port), str(count)]
    command += [] if slow is None else [str(slow)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        clients = Clients(process)
        try:
            assert clients.line() == "connected"
            while f'"count":{count}' not in side.ask("/count"):
                time.sleep(0.05)
            yield clients
        finally:
            process.kill()


def measured(side: Side, count: int, events: int) -> Measured:
    with connected(side, 50) as clients:  # whatever is made once is made now
        side.publish()
        clients.expect(50)
    while '"count":0' not in side.ask("/count"):
        time.sleep(0.05)
    memory, cpu = side.bytes(), side.cpu_seconds()
    with connected(side, count) as clients:
        time.sleep(0.5)
        kilobytes, connect = (side.bytes() - memory) / count / 1024, (side.cpu_seconds() - cpu) / count * 1000
        cpu, wall = side.cpu_seconds(), 0.0
        for _ in range(events):
            side.publish()
            said = clients.expect(count)
            assert said.startswith("took"), said
            wall += float(said.split()[1])
        cpu_us = (side.cpu_seconds() - cpu) / (count * events) * 1e6
        return Measured(kilobytes, connect, cpu_us, wall / events * 1000)


class Crowd(NamedTuple):
    """How long events took to reach all who read, in ms; KB that each who does not cost the server; how many were sent away."""

    median: float
    worst: float
    kilobytes: float
    sent_away: int


def with_slow(side: Side, readers: int, slow: int, events: int) -> Crowd:
    with connected(side, readers + slow, slow) as clients:
        memory, took = side.bytes(), []
        for _ in range(events):
            side.publish()
            said = clients.expect(readers)
            assert said.startswith("took"), said
            took.append(float(said.split()[1]) * 1000)
        grown = (side.bytes() - memory) / 1024 / max(slow, 1)
        time.sleep(SLOW_SECONDS + 6)
        left = int(side.ask("/count").partition(":")[2].strip("}"))
        return Crowd(statistics.median(took), max(took), grown, readers + slow - left)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=5_000)
    options.add_argument("--events", type=int, default=10)
    options.add_argument("--slow", type=int, default=500)
    chosen = options.parse_args()
    found: dict[str, Measured] = {}
    for name in PORTS:
        with served(name) as side:
            found[name] = measured(side, chosen.clients, chosen.events)
    ours, plain = found["ours"], found["strawberry"]
    print(f"{chosen.clients} WebSocket subscribers to one query, one worker, {chosen.events} events to all of them\n")
    print(f"{'':34}{'Crossdock':>12}{'Strawberry':>12}{'ratio':>8}")
    rows = (
        ("memory a connection, KB", ours.kilobytes, plain.kilobytes),
        ("CPU to connect and subscribe, ms", ours.connect_ms, plain.connect_ms),
        ("CPU a message, µs", ours.cpu_us, plain.cpu_us),
        ("an event to all, wall ms", ours.wall_ms, plain.wall_ms),
    )
    for what, one, other in rows:
        print(f"{what:34}{one:12.1f}{other:12.1f}{other / one if one else 0:8.1f}")
    print(f"\n{1_000 + chosen.slow} subscribers, answers of 3 KB, 300 events{'':6}median ms    worst ms")
    with served("ours") as side:
        alone = with_slow(side, 1_000 + chosen.slow, 0, 300)
    print(f"{'all of them read':46}{alone.median:12.1f}{alone.worst:12.1f}")
    with served("ours") as side:
        crowd = with_slow(side, 1_000, chosen.slow, 300)
    print(f"{f'{chosen.slow} of them read nothing':46}{crowd.median:12.1f}{crowd.worst:12.1f}")
    print(
        f"the server grew by {crowd.kilobytes:.0f} KB for each of those; {crowd.sent_away} were sent away after {SLOW_SECONDS} seconds"
    )
    holds = ours.kilobytes <= WANTED_KB and plain.cpu_us / ours.cpu_us >= WANTED_RATIO
    print(
        f"\nwanted: at most {WANTED_KB:.0f} KB, at least {WANTED_RATIO:.0f} times less CPU a message: {'yes' if holds else 'NO'}"
    )
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
