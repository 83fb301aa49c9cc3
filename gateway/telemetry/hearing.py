"""Who hears of what happens: everything that is told goes through here, to logs, metrics, traces and the recent operations."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.call_log import log_failed_call
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.recent import Recent
from gateway.telemetry.record import Record
from gateway.telemetry.tracing import Tracing
from sources.call import CallMade, Recalled


class Hearer(Protocol):
    """Told at once, in the loop: whoever has more to do than a few microseconds does it elsewhere."""

    def begun(self, record: Record) -> None: ...

    def over(self, record: Record) -> None: ...

    def call_made(self, call: CallMade) -> None: ...

    def recalled(self, batch: Recalled) -> None: ...

    def refused(self, correlation_id: str, *, status: int, code: str, caller: str) -> None:
        """A request became no operation; `caller` is empty where nobody knows who it was."""
        ...


class Telemetry:
    """One a gateway. `tracing` begins traces, `recent` knows the slowest operations."""

    def __init__(self, hearers: Sequence[Hearer], *, tracing: Tracing, recent: Recent, metrics: Metrics | None) -> None:
        self._hearers, self.tracing, self.recent, self.metrics = hearers, tracing, recent, metrics
        self._calls: list[Callable[[CallMade], None]] = [log_failed_call, *(each.call_made for each in hearers)]
        self._recalls = [each.recalled for each in hearers]

    def begun(self, record: Record) -> None:
        for each in self._hearers:
            each.begun(record)

    def over(self, record: Record) -> None:
        record.ended = time.monotonic()
        for each in self._hearers:
            each.over(record)

    def call_made(self, call: CallMade) -> None:
        """Of whatever is asked of a source, by an operation or by the gateway itself."""
        for hear in self._calls:
            hear(call)

    def refused(self, correlation_id: str, *, status: int, code: str, caller: str = "") -> None:
        for each in self._hearers:
            each.refused(correlation_id, status=status, code=code, caller=caller)

    def recalled(self, batch: Recalled) -> None:
        for hear in self._recalls:
            hear(batch)
