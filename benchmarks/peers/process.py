"""A server process under measurement: what it and its children have spent and hold, by /proc."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 30


class Process:
    def __init__(self, popen: subprocess.Popen[bytes], port: int) -> None:
        self._popen, self.port = popen, port

    def _family(self) -> Iterator[Path]:
        waiting = [str(self._popen.pid)]
        while waiting:
            here = Path("/proc") / waiting.pop()
            yield here
            with suppress(OSError):
                for task in (here / "task").iterdir():
                    waiting += (task / "children").read_text().split()

    def cpu_seconds(self) -> float:
        return sum(_spent(each) for each in self._family())

    def resident_mb(self) -> float:
        return sum(_held(each) for each in self._family()) / 1024

    @property
    def has_ended(self) -> bool:
        return self._popen.poll() is not None


def _spent(process: Path) -> float:
    """By the scheduler's own count of each thread, for `stat` counts in hundredths of a second."""
    nanoseconds = 0
    with suppress(OSError):
        for task in (process / "task").iterdir():
            nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def _held(process: Path) -> int:
    """KiB."""
    with suppress(OSError):
        for line in (process / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


@contextmanager
def running(
    command: Sequence[str], port: int, *, cwd: Path, more: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[Process]:
    """Once it takes connections; ended and awaited at the end."""
    with (log or Path(os.devnull)).open("ab") as out:
        popen = subprocess.Popen(  # noqa: S603 - our own programs and those of package.json
            list(command), cwd=cwd, env={**os.environ, **(more or {})}, stdout=out, stderr=out
        )
        try:
            process = Process(popen, port)
            _wait_for(process)
            yield process
        finally:
            popen.terminate()
            try:
                popen.wait(10)
            except subprocess.TimeoutExpired:
                popen.kill()
                popen.wait()


def _wait_for(process: Process) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and not process.has_ended:
        with suppress(OSError), socket.create_connection(("127.0.0.1", process.port), 0.2):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {process.port}")
