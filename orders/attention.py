"""What becomes of problems, and what a person may decide about them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from orders.problems import PriceChanged, Problem, ProblemCode, Severity, is_error
from orders.record import (
    Aim,
    Decision,
    Passed,
    Step,
    StepStatus,
    Submission,
    SubmissionDecision,
    SubmissionStatus,
    Wait,
)
from orders.request import RequestedLine
from sources.changes import Approval

REJECTING = frozenset(
    {
        ProblemCode.UNKNOWN_CUSTOMER,
        ProblemCode.CUSTOMER_BLOCKED,
        ProblemCode.UNKNOWN_SHIP_TO,
        ProblemCode.INVALID_SHIP_TO,
        ProblemCode.UNKNOWN_ITEM,
        ProblemCode.ITEM_BLOCKED,
        ProblemCode.QUANTITY_RULE,
        ProblemCode.UNKNOWN_UOM,
        ProblemCode.NO_ROUTE,
    }
)
"""With one of these the order cannot become right by waiting: it is rejected. With any other it waits for a person."""


def verdict(problems: Sequence[Problem]) -> SubmissionStatus | None:
    """None: it may go on."""
    codes = {problem.code for problem in problems if is_error(problem)}
    if not codes:
        return None
    return SubmissionStatus.REJECTED if codes & REJECTING else SubmissionStatus.NEEDS_ATTENTION


def with_passed(problems: Sequence[Problem], passed: Sequence[Passed]) -> tuple[Problem, ...]:
    """What a person let pass is only a warning now."""
    let = {(each.code, each.path) for each in passed}
    return tuple(
        msgspec.structs.replace(each, severity=Severity.WARNING) if (each.code, each.path) in let else each
        for each in problems
    )


def with_problem(problems: Sequence[Problem], problem: Problem) -> tuple[Problem, ...]:
    """In the place of the same one told earlier."""
    others = (each for each in problems if (each.code, each.path) != (problem.code, problem.path))
    return (*others, problem)


def released(submission: Submission, by: str, at: datetime, note: str) -> Submission:
    """Its problems are let pass as they are; a changed price is the expected one from now on.

    Of an order that is in doubt the person has seen that the ERP does not have it.
    """
    let = [each for each in submission.problems if is_error(each)]
    approvals = tuple(Approval(each.code.value, by, at, note) for each in let)
    request = msgspec.structs.replace(submission.request, lines=_repriced(submission.request.lines, let))
    passed = (*submission.passed, *(Passed(each.code, each.path) for each in let))
    absent = ProblemCode.SOURCE_UNAVAILABLE in {each.code for each in let}
    return _decided(submission, SubmissionDecision(Decision.RELEASE, by, at, note)).changed(
        request=request,
        problems=with_passed(submission.problems, passed),
        passed=passed,
        sent=submission.sent and not absent,
        approvals=(*submission.approvals, *approvals),
    )


def amended(submission: Submission, lines: Sequence[RequestedLine], *, by: str, at: datetime, note: str) -> Submission:
    """The order has these lines from now on. What was let pass of the old ones, or of their amount, is not of the new ones."""
    request = msgspec.structs.replace(submission.request, lines=tuple(lines))
    kept = tuple(each for each in submission.passed if not _is_about_lines(each))
    codes = {each.code.value for each in kept}
    approvals = tuple(each for each in submission.approvals if each.code in codes)
    decided = _decided(submission, SubmissionDecision(Decision.AMEND, by, at, note))
    return decided.changed(request=request, problems=(), passed=kept, approvals=approvals, discard=submission.sent)


def _is_about_lines(passed: Passed) -> bool:
    """An order as a whole, which a system refused or a limit is too low for, is its lines."""
    return passed.path[:1] in {(), ("lines",)} or passed.code is ProblemCode.CREDIT_LIMIT


def rejected(submission: Submission, by: str, at: datetime, note: str) -> Submission:
    return _decided(submission, SubmissionDecision(Decision.REJECT, by, at, note)).changed(aim=Aim.REJECT)


def cancelled(submission: Submission, by: str, at: datetime, note: str) -> Submission:
    return _attended(submission, at).with_step(_said("cancel", by, at, note)).changed(aim=Aim.CANCEL)


def retried(submission: Submission, by: str, at: datetime, note: str) -> Submission:
    """The problems told before are looked for anew."""
    again = _attended(submission, at).with_step(_said("retry", by, at, note))
    return again.changed(problems=tuple(each for each in submission.problems if not is_error(each)))


def _said(name: str, by: str, at: datetime, note: str) -> Step:
    return Step(name, StepStatus.DONE, 1, at, at, f"{by}: {note}" if note else by)


def _decided(submission: Submission, decision: SubmissionDecision) -> Submission:
    return _attended(submission, decision.at).changed(decisions=(*submission.decisions, decision))


def _attended(submission: Submission, at: datetime) -> Submission:
    """A person has done something about it: if it waited for that, the wait is over."""
    since = submission.ended_at
    if submission.status is not SubmissionStatus.NEEDS_ATTENTION or since is None:
        return submission
    return submission.changed(waits=(*submission.waits, Wait(since, at, submission.reasons)))


def _repriced(lines: Sequence[RequestedLine], let: Sequence[Problem]) -> tuple[RequestedLine, ...]:
    prices = {each.path[1]: each.actual.amount for each in let if isinstance(each, PriceChanged)}
    return tuple(
        msgspec.structs.replace(line, expected_unit_price=prices.get(str(index), line.expected_unit_price))
        for index, line in enumerate(lines)
    )
