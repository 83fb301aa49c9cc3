"""Upstream calls that failed, as lines in the log: who was asked what, what came of it, under which correlation id."""

import logging

from sources.call import CallMade

_log = logging.getLogger("crossdock.source")


def log_failed_call(call: CallMade) -> None:
    if call.outcome != "ok" and call.how == "sent":  # what was not sent is told by the breaker, once
        _log.warning(
            "source=%s operation=%s outcome=%s detail=%s ms=%.0f correlation_id=%s",
            call.source, call.operation, call.outcome, call.detail, call.seconds * 1000, call.correlation_id,
        )  # fmt: skip
