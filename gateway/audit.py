"""The audit log: who saw credit, who submitted and decided, who was refused; one line each, on a logger of its own.

A line holds names and numbers, never a figure, a token or a document: it may be kept for long by people who may not see those.
"""

import logging
from collections.abc import Sequence
from typing import Literal

from orders.desk import Caller
from orders.record import Submission
from sources.call import CallContext
from sources.models import Key

log = logging.getLogger("crossdock.audit")

Deed = Literal["saw", "submitted", "cancelled", "retried", "resolved", "refused"]

MAX_LISTED = 100
MAX_TEXT = 200


def record(
    deed: Deed, what: str, *, subject: str, correlation_id: str, records: Sequence[str] = (), reason: str = ""
) -> None:
    """One line, whose field `audit` holds the deed.

    `records` are written COMPANY:NUMBER; of many the first hundred, and how many there were.
    """
    line: dict[str, object] = {
        "deed": deed,
        "what": what,
        "subject": subject[:MAX_TEXT],
        "correlationId": correlation_id,
    }
    if records:
        line |= {"records": list(records[:MAX_LISTED]), "count": len(records)}
    if reason:
        line["reason"] = reason[:MAX_TEXT]
    log.info("%s %s", deed, what, extra={"audit": line, "correlation_id": correlation_id})


def seen(call: CallContext, what: str, keys: Sequence[Key]) -> None:
    if keys:
        named = [f"{key.company}:{key.number}" for key in keys]
        record("saw", what, subject=call.viewer.subject, correlation_id=call.correlation_id, records=named)


def submission(caller: Caller, deed: Deed, about: Submission) -> None:
    """`records`: the customer that it is for; the submission is named by the ERP's reference for it."""
    named = [f"{about.company or '?'}:{about.request.customer}"]
    record(deed, about.reference, subject=caller.viewer.subject, correlation_id=caller.correlation_id, records=named)
