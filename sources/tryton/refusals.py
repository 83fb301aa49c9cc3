"""What Tryton's errors mean. They come with status 200, hold sentences for people, and now and then thirty kilobytes of its own fields.

Only a machine word leaves this file. Tryton is asked to speak English, for its sentences are all that it says of most refusals.
"""

import re
from typing import Any

import msgspec

from sources.errors import SourceContractBroken, SourceError, SourceRefused, SourceRejected, SourceUnavailable
from sources.tryton.payload import Answered

WARNINGS = (
    (re.compile(r"\bcredit_limit_amount$"), "CREDIT_LIMIT"),
    (re.compile(r"\bcredit_limit_dunning$"), "CREDIT_HOLD"),
    (re.compile(r"^stock_quantity_warning"), "INSUFFICIENT_AVAILABILITY"),
)
"""By the name of a warning, which says what it is about."""

SENTENCES = (
    (re.compile(r'^The party ".*" will exceed their .* credit limit by '), "CREDIT_LIMIT"),
    (re.compile(r'^The party ".*" has reached the credit limit level '), "CREDIT_HOLD"),
    (re.compile(r"^The fore?cast quantity \("), "INSUFFICIENT_AVAILABILITY"),
    (re.compile(r"^The quantity .*, you must set (at least|multiple of) "), "QUANTITY_RULE"),
    (re.compile(r'^The number of digits in the value .*for field "Quantity"'), "QUANTITY_RULE"),
    (re.compile(r'^(The|A) value .*for field "(Shipment|Invoice) Address"'), "UNKNOWN_SHIP_TO"),
    (re.compile(r'^(The|A) value .*for field "Product"'), "ITEM_BLOCKED"),
    (re.compile(r'^(The|A) value .*for field "Unit"'), "UNKNOWN_UOM"),
    (re.compile(r'^(The|A) value .*for field "Party"'), "UNKNOWN_CUSTOMER"),
    (re.compile(r'^(The|A) value .*for field "Warehouse"'), "UNKNOWN_WAREHOUSE"),
    (re.compile(r'^You can not call "'), "WRONG_STATE"),
)
"""By what the sentence of an error says, where it says nothing else; the first that fits counts."""

_NO_RIGHT = re.compile(r"^You are not allowed to |^Calling button ")
UNNAMED = "REJECTED"
_KIND = msgspec.json.Decoder(tuple[str, Any])
_SENTENCE_LENGTH = 500


class Warned(SourceRejected):
    """A warning: one who may can have it passed over, by its `name`, and ask again."""

    def __init__(self, source: str, *, reason: str, name: str) -> None:
        super().__init__(source, reason=reason, detail="a warning")
        self.name = name


def judged(source: str, answer: Answered[Any]) -> SourceError | None:
    """The error that an answer is; none where it holds a result. Whatever was begun is undone in Tryton by then."""
    if isinstance(answer.error, msgspec.UnsetType):
        is_empty = isinstance(answer.result, msgspec.UnsetType)
        return SourceContractBroken(source, path="$.result", detail="neither result nor error") if is_empty else None
    try:
        kind, told = _KIND.decode(answer.error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return SourceContractBroken(source, path="$.error", detail="an error of no known shape")
    return _error(source, kind, [str(each)[:_SENTENCE_LENGTH] for each in told[:2]] if isinstance(told, list) else [])


def _error(source: str, kind: str, told: list[str]) -> SourceError:
    first = told[0] if told else ""
    match kind:
        case "UserWarning":
            return Warned(source, reason=_word(WARNINGS, first), name=first)
        case "UserError" if _NO_RIGHT.search(first):
            return SourceRefused(source, detail="a right is missing")
        case "UserError":
            return SourceRejected(source, reason=_word(SENTENCES, first), detail="an error")
        case "ConcurrencyException":
            return SourceUnavailable(source, detail="somebody else changed the same at this moment")
        case "LoginException":
            return SourceRefused(source, detail="it asks for another way of signing in")
    return SourceContractBroken(source, path="$.error", detail="it failed inside")


def _word(table: tuple[tuple[re.Pattern[str], str], ...], told: str) -> str:
    return next((word for pattern, word in table if pattern.search(told)), UNNAMED)
