"""What becomes of problems, and of a submission by what a person says about it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from orders import attention
from orders.problems import PriceChanged, ProblemCode, Severity
from orders.record import (
    Aim,
    Decision,
    Passed,
    StepStatus,
    Submission,
    SubmissionDecision,
    SubmissionStatus,
)
from sources.changes import Approval
from tests.orders.invented import MOMENT, line, problem, request, submission, usd

REJECTED, WAITS = SubmissionStatus.REJECTED, SubmissionStatus.NEEDS_ATTENTION
OUTCOMES = {
    "UNKNOWN_CUSTOMER": REJECTED,
    "CUSTOMER_BLOCKED": REJECTED,
    "CREDIT_HOLD": WAITS,
    "CREDIT_LIMIT": WAITS,
    "UNKNOWN_SHIP_TO": REJECTED,
    "INVALID_SHIP_TO": REJECTED,
    "DUPLICATE_PO": WAITS,
    "UNKNOWN_ITEM": REJECTED,
    "ITEM_DISCONTINUED": WAITS,
    "ITEM_BLOCKED": REJECTED,
    "QUANTITY_RULE": REJECTED,
    "UNKNOWN_UOM": REJECTED,
    "PRICE_CHANGED": WAITS,
    "PRICE_UNAVAILABLE": WAITS,
    "INSUFFICIENT_AVAILABILITY": WAITS,
    "NO_ROUTE": REJECTED,
    "CARRIER_RESTRICTION": WAITS,
    "SOURCE_UNAVAILABLE": WAITS,
    "SOURCE_REJECTED": WAITS,
    "RELEASE_REFUSED": WAITS,
    "IDEMPOTENCY_KEY_MISSING": WAITS,
    "IDEMPOTENCY_KEY_REUSED": WAITS,
    "NOT_CANCELLABLE": WAITS,
    "ALREADY_RESOLVED": WAITS,
}
"""The two of the key and ALREADY_RESOLVED answer a caller and never stand on a submission."""

LATER = MOMENT + timedelta(hours=1)
SAID = ("clerk", LATER, "agreed by phone")
CREDIT, PRICE = problem(ProblemCode.CREDIT_HOLD, ("customer",)), problem(ProblemCode.PRICE_CHANGED)


def warning(code: ProblemCode) -> Any:
    return msgspec.structs.replace(problem(code), severity=Severity.WARNING)


def waiting(*problems: Any, **fields: Any) -> Submission:
    return submission(status=WAITS, problems=problems, **fields)


# ---------------------------------------------------------------- verdicts


@pytest.mark.parametrize("code", ProblemCode, ids=lambda code: code.value)
def test_every_code_has_its_outcome(code: ProblemCode) -> None:
    assert attention.verdict([problem(code)]) is OUTCOMES[code.value]
    assert attention.verdict([warning(code)]) is None


def test_without_problems_it_may_go_on() -> None:
    assert attention.verdict([]) is None
    assert attention.verdict([warning(ProblemCode.UNKNOWN_ITEM), warning(ProblemCode.CREDIT_HOLD)]) is None


def test_one_that_rejects_outweighs_all_that_would_wait() -> None:
    waits = [problem(ProblemCode(code)) for code, outcome in OUTCOMES.items() if outcome is WAITS]
    assert attention.verdict(waits) is WAITS
    assert attention.verdict([*waits, problem(ProblemCode.UNKNOWN_UOM)]) is REJECTED
    assert attention.verdict([*waits, warning(ProblemCode.UNKNOWN_UOM)]) is WAITS


def test_what_was_let_pass_is_a_warning_at_its_place_only() -> None:
    here, there = problem(ProblemCode.CREDIT_HOLD, ("customer",)), problem(ProblemCode.CREDIT_HOLD, ("shipTo",))
    found = attention.with_passed([here, there], [Passed(ProblemCode.CREDIT_HOLD, ("customer",))])
    assert [(each.path, each.severity) for each in found] == [
        (("customer",), Severity.WARNING), (("shipTo",), Severity.ERROR)
    ]  # fmt: skip


def test_a_problem_takes_the_place_of_the_same_one_told_earlier() -> None:
    earlier = problem(ProblemCode.RELEASE_REFUSED)
    now = msgspec.structs.replace(earlier, message="still refused")
    assert attention.with_problem([earlier, CREDIT], now) == (CREDIT, now)
    assert attention.with_problem([], now) == (now,)


# ---------------------------------------------------------------- decisions


def test_released_lets_every_error_pass_and_tells_the_erp_who_did() -> None:
    after = attention.released(waiting(CREDIT, warning(ProblemCode.DUPLICATE_PO)), *SAID)
    assert [each.severity for each in after.problems] == [Severity.WARNING, Severity.WARNING]
    assert after.passed == (Passed(ProblemCode.CREDIT_HOLD, ("customer",)),)
    assert after.approvals == (Approval("CREDIT_HOLD", "clerk", LATER, "agreed by phone"),)
    assert after.decisions == (SubmissionDecision(Decision.RELEASE, "clerk", LATER, "agreed by phone"),)
    assert (after.aim, after.run, after.status, after.request) == (Aim.SUBMIT, 1, WAITS, request())


def test_released_twice_remembers_both() -> None:
    once = attention.released(waiting(CREDIT), *SAID)
    twice = attention.released(once.changed(problems=(*once.problems, PRICE)), "boss", LATER, "")
    assert [each.code for each in twice.passed] == [ProblemCode.CREDIT_HOLD, ProblemCode.PRICE_CHANGED]
    assert [(each.code, each.by) for each in twice.approvals] == [("CREDIT_HOLD", "clerk"), ("PRICE_CHANGED", "boss")]
    assert [each.by for each in twice.decisions] == ["clerk", "boss"]


def test_a_changed_price_that_is_released_is_the_expected_one_of_its_line_only() -> None:
    changed = PriceChanged(usd("1"), usd("1.25"), usd("0.01").amount, "", ("lines", "1", "expectedUnitPrice"))
    asked = request(line("BOLT", expected="1"), line("NUT", expected="1"), line("PIN"))
    after = attention.released(waiting(changed, request=asked), *SAID)
    assert [each.expected_unit_price for each in after.request.lines] == [1, usd("1.25").amount, None]


@pytest.mark.parametrize(("code", "is_sent"), [("SOURCE_UNAVAILABLE", False), ("RELEASE_REFUSED", True)])
def test_an_order_in_doubt_that_is_released_is_written_anew(code: str, *, is_sent: bool) -> None:
    after = attention.released(waiting(problem(ProblemCode(code)), sent=True), *SAID)
    assert after.sent is is_sent


PASSED_BEFORE = (
    Passed(ProblemCode.DUPLICATE_PO, ("poNumber",)),
    Passed(ProblemCode.CREDIT_HOLD, ("customer",)),
    Passed(ProblemCode.CREDIT_LIMIT, ("customer",)),
    Passed(ProblemCode.PRICE_CHANGED, ("lines", "0", "expectedUnitPrice")),
    Passed(ProblemCode.SOURCE_REJECTED, ()),
)


def test_amended_has_other_lines_and_what_was_let_pass_of_the_old_ones_is_judged_anew() -> None:
    approvals = tuple(Approval(each.code.value, "boss", MOMENT, "") for each in PASSED_BEFORE)
    before = waiting(CREDIT, passed=PASSED_BEFORE, approvals=approvals)
    after = attention.amended(before, [line("NUT", "5")], by="clerk", at=LATER, note="sold out")
    assert after.request == request(line("NUT", "5"))
    assert after.problems == ()
    assert after.passed == PASSED_BEFORE[:2]
    assert [each.code for each in after.approvals] == ["DUPLICATE_PO", "CREDIT_HOLD"]
    assert after.decisions[-1] == SubmissionDecision(Decision.AMEND, "clerk", LATER, "sold out")
    assert after.fingerprint == before.fingerprint, "the key goes with the order that was asked for"


@pytest.mark.parametrize("is_sent", [True, False])
def test_amended_gives_up_what_was_written_before(*, is_sent: bool) -> None:
    after = attention.amended(waiting(CREDIT, sent=is_sent), [line()], by="clerk", at=LATER, note="")
    assert after.discard is is_sent


def test_rejected_and_cancelled_take_back_and_say_so() -> None:
    refused = attention.rejected(waiting(CREDIT), *SAID)
    assert (refused.aim, refused.problems) == (Aim.REJECT, (CREDIT,))
    assert refused.decisions == (SubmissionDecision(Decision.REJECT, "clerk", LATER, "agreed by phone"),)
    given_up = attention.cancelled(waiting(CREDIT), *SAID)
    assert (given_up.aim, given_up.decisions) == (Aim.CANCEL, ())
    (step,) = given_up.steps
    assert (step.name, step.status, step.attempts) == ("cancel", StepStatus.DONE, 1)
    assert (step.started_at, step.finished_at, step.detail) == (LATER, LATER, "clerk: agreed by phone")


def test_retried_looks_for_the_problems_anew_and_keeps_the_warnings() -> None:
    known = warning(ProblemCode.DUPLICATE_PO)
    again = attention.retried(waiting(CREDIT, known, sent=True), "clerk", LATER, "")
    assert again.problems == (known,)
    assert (again.sent, again.aim, again.decisions) == (True, Aim.SUBMIT, ())
    assert (again.steps[0].name, again.steps[0].detail) == ("retry", "clerk")
