"""Logs: everything that any part says becomes one line, JSON for machines or coloured for people, written by a thread of its own.

Whoever logs uses Python's own `logging`, with fields by `extra=`. What a pipe that nobody reads would hold up is dropped, and counted.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

import msgspec
import orjson
import structlog

from gateway.telemetry.settings import LogSettings

MAX_WAITING: Final = 10_000
PAUSE_SECONDS: Final = 0.05
"""Lines are written this much later, many at once: waking a thread for each would cost three times what the line does."""

STOP_SECONDS: Final = 2.0
LINES_AT_ONCE: Final = 100
NOISY: Final = ("httpx", "httpcore", "aiohttp.access", "mcp")
"""Below a warning these tell the addresses of our sources."""


class Writer(logging.Handler):
    """Takes lines without ever waiting, and writes them in a thread of its own. `dropped` counts what found no room."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.dropped = 0
        self._stream = stream
        self._waiting: deque[logging.LogRecord] = deque()
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._write, name="crossdock-logs", daemon=True)
        self._thread.start()

    def createLock(self) -> None:  # noqa: N802 - logging's own name
        """None is needed: a deque may be used by several threads."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """What the message is made of may change, so it is put together now; the rest is the other thread's."""
        if len(self._waiting) >= MAX_WAITING:
            self.dropped += 1
            return
        record.msg, record.args = record.getMessage(), None
        self._waiting.append(record)
        if record.levelno >= logging.WARNING:
            self._hurry.set()
        if not self._wake.is_set():
            self._wake.set()

    def stop(self) -> None:
        """What waits is written first, unless nobody reads it."""
        self._is_over = True
        self._hurry.set()
        self._wake.set()
        self._thread.join(STOP_SECONDS)

    def _write(self) -> None:
        while not self._is_over or self._waiting:
            self._wake.wait()
            self._hurry.wait(PAUSE_SECONDS)
            self._wake.clear()
            self._hurry.clear()
            while self._waiting:
                self._write_some()

    def _write_some(self) -> None:
        """Many lines in one piece: a system call for each would cost as much as to make it."""
        lines = [self.format(self._waiting.popleft()) for _ in range(min(len(self._waiting), LINES_AT_ONCE))]
        try:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # nobody is there to read it, or to be told so
            self.dropped += len(lines)


class Rendered(logging.Formatter):
    """A record as structlog's processors render it. structlog's own bridge copies each record, at three times the cost of the line."""

    def __init__(self, processors: Sequence[Any]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        """Every line has `timestamp`, `level`, `logger` and `event`, and the fields that came by `extra=`."""
        level = record.levelname.lower()
        event: Any = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "logger": record.name,
            "event": record.getMessage(),
        }
        event |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        for process in self._processors:
            event = process(None, level, event)
        text: str = event
        return text


_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What every record has."""


def formatter(kind: Literal["json", "pretty"], *, colours: bool = False) -> logging.Formatter:
    """Of an exception the stack is told, never what its variables hold."""
    if kind == "json":
        encoded = structlog.processors.JSONRenderer(serializer=_encoded)
        return Rendered([structlog.processors.format_exc_info, encoded])
    for_people = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
    return Rendered([_printable, for_people])


def _encoded(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _printable(_: Any, __: str, event: Any) -> Any:
    """A caller's text may hold what a terminal obeys."""
    return {
        name: repr(value) if isinstance(value, str) and not value.isprintable() else value
        for name, value in event.items()
    }


@contextmanager
def logging_to(stream: TextIO, settings: LogSettings) -> Iterator[Writer]:
    """Until it is left, what is logged goes to the stream; what waits then is written first."""
    writer, root = Writer(stream), logging.getLogger()
    writer.setFormatter(formatter(settings.format, colours=stream.isatty()))
    before, level = root.handlers[:], root.level
    root.handlers[:] = [writer]
    root.setLevel(settings.level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        yield writer
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        writer.stop()


def chosen(settings: LogSettings, *, pretty: bool) -> LogSettings:
    return msgspec.structs.replace(settings, format="pretty") if pretty else settings


def dropped_lines() -> int:
    """How many lines of this process found no room."""
    return sum(each.dropped for each in logging.getLogger().handlers if isinstance(each, Writer))
