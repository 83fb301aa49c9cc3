"""What ShipHero's `errors` mean: it tells of most failures with status 200.

Their texts are looked at and never kept: a word of our own, or the code, stands for them.
"""

import re
from collections.abc import Callable, Sequence

from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
)
from sources.meaning import RETRY_AFTER_CAP_SECONDS
from sources.shiphero.payload import Answer, Changed, Problem, is_null

NO_CREDITS, NOT_FOUND = 30, 5
WORDS = {NOT_FOUND: "NOT_FOUND"}
"""The codes that were found documented, and what they mean; any other is `CODE_<it>`."""

MOST_CREDITS = 4004
RESTORED_A_SECOND = 60

_NO_CREDITS = re.compile(r"not enough credits", re.IGNORECASE)
_IN_SECONDS = re.compile(r"\bin (\d{1,6}) seconds? you will have", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) *(second|minute|hour)", re.IGNORECASE)
_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_REFUSED = re.compile(
    r"unauthori[sz]ed|not authori[sz]ed|not authenticated|(invalid|expired) token|token (is |has )?(invalid|expired)|permission",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)


def is_no_credits(problem: Problem) -> bool:
    return problem.code == NO_CREDITS or _NO_CREDITS.search(problem.message) is not None


def is_refused(problem: Problem) -> bool:
    """No list of codes for this was found: its texts tell, and the code where that is a word."""
    told = problem.code.replace("_", " ") if isinstance(problem.code, str) else ""
    return _REFUSED.search(problem.message) is not None or _REFUSED.search(told) is not None


def is_of_the_document(problem: Problem) -> bool:
    """What GraphQL itself says of a document that does not fit its schema has no code of ShipHero's."""
    return problem.code is None


def wait_seconds(problem: Problem) -> float | None:
    """Until there are enough credits: as it says, or else by what is restored a second; None where it tells neither."""
    given = _TIME.search(problem.time_remaining or "")
    if given is not None:
        return min(float(given[1]) * _UNIT_SECONDS[given[2].lower()], RETRY_AFTER_CAP_SECONDS)
    said = _IN_SECONDS.search(problem.message)
    if said is not None:
        return min(float(said[1]), RETRY_AFTER_CAP_SECONDS)
    if problem.required_credits is None or problem.remaining_credits is None:
        return None
    missing = max(0.0, problem.required_credits - problem.remaining_credits)
    return min(missing / RESTORED_A_SECOND, RETRY_AFTER_CAP_SECONDS)


def _limited(source: str, problem: Problem) -> SourceError:
    """What needs more credits than there can ever be would be refused for ever: that is no "later"."""
    if problem.required_credits is not None and problem.required_credits > MOST_CREDITS:
        detail = "more credits are required than there ever are"
        return SourceContractBroken(source, path="$.errors[...].required_credits", detail=detail)
    return SourceRateLimited(source, detail="not enough credits", retry_after_seconds=wait_seconds(problem))


def failed(source: str, problem: Problem) -> SourceError:
    """One key's failure, or a change that was refused."""
    if is_refused(problem):
        return SourceRefused(source, detail="refused with status 200")
    return SourceRejected(source, reason=word(problem), detail="an error with status 200")


def word(problem: Problem) -> str:
    if isinstance(problem.code, int):
        return WORDS.get(problem.code, f"CODE_{problem.code}")
    told = problem.code or ""
    return told.upper() if _WORD.fullmatch(told) else "REJECTED"


def of_reads(source: str) -> Callable[[Answer], SourceError | None]:
    """What is wrong with an answer as a whole. A failure of single keys is none of these."""

    def judged(answer: Answer) -> SourceError | None:
        held = (answer.data or {}).values()
        if answer.errors:
            return _whole(source, answer.errors, has_data=not all(map(is_null, held)))
        if answer.data is None:
            return SourceContractBroken(source, path="$.data", detail="neither data nor errors")
        return None

    return judged


def of_changes(source: str) -> Callable[[Changed], SourceError | None]:
    """Of a code that nobody knows it is not known, either, whether it was given before the change or behind it."""

    def judged(answer: Changed) -> SourceError | None:
        problems = answer.errors or ()
        whole = _whole(source, problems, has_data=False)
        if whole is not None:
            return whole
        known = next((each for each in problems if each.code in WORDS), None)
        if known is not None:
            return failed(source, known)
        if problems or answer.data is None or answer.data.order_update_holds is None:
            return OutcomeUnknown(source, detail="an error that is not known" if problems else "no order came back")
        return None

    return judged


def _whole(source: str, problems: Sequence[Problem], *, has_data: bool) -> SourceError | None:
    limited = next((each for each in problems if is_no_credits(each)), None)
    if limited is not None:
        return _limited(source, limited)
    if has_data:
        return None
    refused = next((each for each in problems if is_refused(each)), None)
    if refused is not None:
        return failed(source, refused)
    if problems and all(map(is_of_the_document, problems)):
        return SourceContractBroken(source, path="$.errors", detail="the document does not fit its schema")
    return None
