"""The canonical lines: one an operation, and one for each request that was refused before it became one.

FIELDS is what they may hold; docs/observability.md says what each means, and a test proves that page and code agree.
"""

import logging
from typing import Any, Literal

from gateway.telemetry.record import Record
from sources.call import CallMade, Recalled

_log = logging.getLogger("crossdock.operation")

MAX_TEXT = 200


def _operation(record: Record) -> dict[str, Any]:
    about, told = record.about, record.told
    sources = told.sources()
    fields: dict[str, Any] = {
        "correlation_id": about.correlation_id,
        "trace_id": about.trace.trace_id,
        "caller": about.subject[:MAX_TEXT],
        "transport": about.transport,
        "kind": about.kind,
        "operation": about.name[:MAX_TEXT] if about.name is not None else None,
        "outcome": record.outcome,
        "ms": round(record.seconds * 1000, 2),
        "cost": about.cost,
        "calls": sum(each["calls"] for each in sources),
        "keys": sum(each["keys"] for each in sources),
        "cached": sum(each["cached"] for each in sources),
        "stale": sum(each["stale"] for each in sources),
        "sources": sources,
        "errors": dict(record.errors),
        "engine": record.engine,
    }
    if record.left is not None:
        fields["left_because"] = record.left
    return fields


class Lines:
    """`which`: operations that have a line: all, those that did not go well, or none."""

    def __init__(self, which: Literal["all", "failed", "none"]) -> None:
        self._which = which

    def begun(self, _: Record) -> None:
        """An operation is told when it is over."""

    def call_made(self, _: CallMade) -> None:
        """The record has it; one that failed has a line of its own (gateway/call_log.py)."""

    def recalled(self, _: Recalled) -> None:
        """The record has it."""

    def over(self, record: Record) -> None:
        if self._which == "none" or (self._which == "failed" and record.outcome == "ok"):
            return
        if _log.isEnabledFor(logging.INFO):
            # By hand, for logging would look for whoever called, and at each field: that costs as much as all the rest.
            line = logging.LogRecord(_log.name, logging.INFO, "", 0, "operation", None, None)
            vars(line).update(_operation(record))
            _log.handle(line)

    def refused(self, correlation_id: str, *, status: int, code: str, caller: str) -> None:
        if self._which != "none":
            fields = {"correlation_id": correlation_id, "status": status, "code": code, "caller": caller[:MAX_TEXT]}
            _log.info("refused", extra=fields)
