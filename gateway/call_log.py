"""Upstream calls that failed, as lines in the log: who was asked what, what came of it, under which correlation id."""

import logging

from sources.call import CallMade

_log = logging.getLogger("crossdock.source")


def log_failed_call(call: CallMade) -> None:
    if call.outcome != "ok" and call.how == "sent":  # what was not sent is told by the breaker, once
        fields = {
            "source": call.source,
            "source_operation": call.operation,
            "outcome": call.outcome,
            "detail": call.detail,
            "attempt": call.attempt,
            "ms": round(call.seconds * 1000, 2),
            "correlation_id": call.correlation_id,
        }
        _log.warning("source call failed", extra=fields)
