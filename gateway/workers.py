"""`crossdock serve --workers N`: processes on one socket, forked from one that has loaded everything: docs/decisions/0027.

The parent answers nothing. It starts workers, starts one again that died, hands signals on, and clears up. It runs no thread and no
event loop, so that a fork copies nothing that is half done.
"""

import gc
import logging
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple, NoReturn

from gateway import serving
from gateway.settings import Settings, SettingsError
from gateway.telemetry.settings import LogSettings

FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
PAUSES: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Before a worker that died is started again; the last one for good."""

PROVEN_SECONDS: Final = 60.0
"""A worker that lived so long has not died of how it was started: the pauses begin anew."""

MARGIN_SECONDS: Final = 10.0
STOPPING: Final = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger("crossdock.workers")


@contextmanager
def sharing_figures(workers: int) -> Iterator[None]:
    """Where several count, each counts in a file of its own in one folder. It is gone afterwards, and no worker takes it away.

    To be entered before prometheus_client is imported: it looks at the environment then.
    """
    if workers == 1:
        yield
        return
    folder, owner, before = tempfile.mkdtemp(prefix="crossdock-figures-"), os.getpid(), os.environ.get(FIGURES)
    os.environ[FIGURES] = folder
    try:
        yield
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)
            os.environ.pop(FIGURES)
            os.environ |= {FIGURES: before} if before is not None else {}


def check(settings: Settings) -> None:
    """Raises SettingsError for what one process can do and several cannot."""
    taken = settings.submissions
    if taken.enabled and taken.url.startswith("sqlite:"):
        raise SettingsError("several workers take orders into PostgreSQL, and this is SQLite - at `$.submissions.url`")


def serve(settings: Settings, count: int, logs: LogSettings) -> NoReturn:
    """Until a signal says otherwise. Ends as a worker does that cannot start; raises SettingsError where that is known before."""
    from gateway.app import create_app  # noqa: PLC0415 - `sharing_figures` comes first
    from gateway.telemetry.logs import formatter  # noqa: PLC0415

    if settings.submissions.enabled:
        import orders.submissions  # noqa: F401, PLC0415 - loaded once instead of in each worker
    telling = logging.StreamHandler(sys.stderr)
    telling.setFormatter(formatter(logs.format, colours=sys.stderr.isatty()))
    logging.getLogger().handlers[:] = [telling]
    logging.getLogger().setLevel(logs.level)
    chosen = serving.config(create_app(settings), host=settings.host, port=settings.port)
    listening = serving.bounded(chosen.bind_socket())

    gc.freeze()  # a collection writes to what it looks at, and pages that are written to are no longer shared

    def work(lifeline: int, started: Callable[[], None]) -> None:
        _work(settings, logs, listening, Ties(lifeline, started))

    most = settings.notice_seconds + serving.STOP_SECONDS + 2 * settings.submissions.grace_seconds + MARGIN_SECONDS
    sys.exit(Workers(work, count, stop_seconds=most).run())


class Ties(NamedTuple):
    """What ties a worker to its parent: a pipe that ends with it, and how it hears that the worker serves."""

    lifeline: int
    started: Callable[[], None]


def _work(settings: Settings, logs: LogSettings, listening: socket.socket, ties: Ties) -> None:
    from gateway.app import create_app  # noqa: PLC0415 - as above
    from gateway.telemetry.logs import logging_to  # noqa: PLC0415

    with logging_to(sys.stderr, logs):
        app = create_app(settings)
        server = serving.Server(serving.config(app), app, notice_seconds=settings.notice_seconds)
        server.lifeline, server.on_started = ties
        server.run(sockets=[listening])
        if not server.started:
            sys.exit(serving.STARTUP_FAILURE)


class Worker:
    """One process: `told` can be read when it serves (a byte), and when it has ended (the end)."""

    def __init__(self, pid: int, told: int) -> None:
        self.pid, self.told = pid, told
        self.begun = time.monotonic()
        self.is_serving = False

    def send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def exit_code(self) -> int:
        """Waits for its end."""
        os.close(self.told)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


Work = Callable[[int, Callable[[], None]], None]
"""What a worker does, given its lifeline and what to call when it serves."""


class Workers:
    """`work` is done by `count` processes at a time. `run` returns the code to end with."""

    def __init__(self, work: Work, count: int, *, stop_seconds: float) -> None:
        self._work, self._count, self._stop_seconds = work, count, stop_seconds
        self._workers: dict[int, Worker] = {}
        self._due: list[float] = []
        self._died = 0
        self._has_served = self._is_stopping = False
        self._stops_by = 0.0
        self._code = 0
        self._lifeline, self._own_end = os.pipe()
        self._signals, self._woken = os.pipe()

    def run(self) -> int:
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._woken)
        for number in STOPPING:
            signal.signal(number, _noted)
        self._start()  # one alone: what keeps it from starting is then told once
        while self._workers or (self._due and not self._is_stopping):
            self._hear()
            self._start_due()
            if self._is_stopping and time.monotonic() > self._stops_by:
                self._send(signal.SIGKILL)
        return self._code

    # ------------------------------------------------------------ hearing

    def _hear(self) -> None:
        until = [self._stops_by] if self._is_stopping else self._due
        seconds = max(0.0, min(until) - time.monotonic()) if until else None
        readable, *_ = select.select([self._signals, *self._workers], [], [], seconds)
        for each in readable:
            if each == self._signals:
                self._obey(os.read(self._signals, 64))
            elif os.read(each, 1):
                self._serves(self._workers[each])
            else:
                self._ended(self._workers.pop(each))

    def _obey(self, numbers: bytes) -> None:
        """The first signal stops politely, a second one at once."""
        for number in numbers:
            if number in STOPPING:
                self._stop(signal.SIGINT if self._is_stopping else signal.SIGTERM)

    def _stop(self, number: int) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            self._stops_by = time.monotonic() + self._stop_seconds
        self._send(number)

    def _send(self, number: int) -> None:
        for worker in self._workers.values():
            worker.send(number)

    def _serves(self, worker: Worker) -> None:
        worker.is_serving = True
        if not self._has_served:
            self._has_served = True
            for _ in range(self._count - 1):
                self._start()

    def _ended(self, worker: Worker) -> None:
        code = worker.exit_code()
        gone(worker.pid)
        if self._is_stopping:
            return
        if not self._has_served:  # what it said of it stands above
            self._code = code if code > 0 else serving.STARTUP_FAILURE
            self._stop(signal.SIGTERM)
            return
        lived = time.monotonic() - worker.begun
        self._died = 0 if lived >= PROVEN_SECONDS else self._died
        pause = PAUSES[min(self._died, len(PAUSES) - 1)]
        self._died += 1
        self._due.append(time.monotonic() + pause)
        _log.error("worker %d ended by itself with %d: another starts in %g s", worker.pid, code, pause)

    # ------------------------------------------------------------ starting

    def _start_due(self) -> None:
        now = time.monotonic()
        due = [each for each in self._due if each <= now]
        self._due = [each for each in self._due if each > now]
        for _ in due if not self._is_stopping else ():
            self._start()

    def _start(self) -> None:
        if threading.active_count() > 1:
            raise RuntimeError("a process that runs threads is not forked: a lock that one holds would stay locked")
        told, telling = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._be_worker(telling)
        os.close(telling)
        self._workers[told] = Worker(pid, told)

    def _be_worker(self, telling: int) -> NoReturn:
        """Only its own ties are left open, so that each end is heard by whom it concerns."""
        signal.set_wakeup_fd(-1)
        for number in STOPPING:
            signal.signal(number, _ended_cleanly)
        for each in (self._own_end, self._signals, self._woken, *self._workers):
            os.close(each)
        os.setpgid(0, 0)  # Ctrl-C reaches the parent alone, which stops the workers in its own way
        self._work(self._lifeline, lambda: _tell(telling))
        sys.exit(0)


def gone(pid: int) -> None:
    """The one place that hears of a worker's end: its gauges are no longer anybody's. What it counted stays counted."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - `sharing_figures` comes first

    mark_process_dead(pid)  # type: ignore[no-untyped-call]  # the library types its others


def _tell(telling: int) -> None:
    with suppress(OSError):  # a parent that is gone hears nothing
        os.write(telling, b"1")


def _ended_cleanly(*_: object) -> NoReturn:
    """Uvicorn raises again, after a clean end, what it was ended by; a worker leaves what it holds all the same."""
    sys.exit(0)


def _noted(*_: object) -> None:
    """The signal's number is in the pipe."""
