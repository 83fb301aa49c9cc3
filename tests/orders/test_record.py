"""The record: the name it goes by in the ERP, its steps, its reasons; and that it outlives its encoding."""

import msgspec
import pytest

from orders.problems import ProblemCode, Severity
from orders.record import ENDED, UNDER_WAY, Step, StepStatus, Submission, SubmissionStatus
from orders.request import INTERACTIVE, Channel
from tests.orders.invented import MOMENT, WITH_FIGURES, problem, request, submission, usd


@pytest.mark.parametrize(("generation", "reference"), [(1, "XD-s0001"), (2, "XD-s0001-2"), (11, "XD-s0001-11")])
def test_each_generation_has_a_reference_of_its_own(generation: int, reference: str) -> None:
    made = submission(generation=generation)
    assert made.reference == reference
    assert made.changed(run=9, takeovers=3, status=SubmissionStatus.RECONCILING).reference == reference


@pytest.mark.parametrize("channel", Channel, ids=lambda channel: channel.value)
def test_somebody_waits_for_the_answer_on_three_channels(channel: Channel) -> None:
    made = submission(request=request(channel=channel))
    assert made.is_interactive is (channel.value in {"DIRECT", "CPQ", "PORTAL"})
    assert made.is_interactive is (channel in INTERACTIVE)


def test_the_reasons_are_the_codes_of_its_errors_once_each() -> None:
    hold, limit = problem(ProblemCode.CREDIT_HOLD), problem(ProblemCode.CREDIT_LIMIT)
    known = msgspec.structs.replace(problem(ProblemCode.DUPLICATE_PO), severity=Severity.WARNING)
    made = submission(problems=(limit, hold, known, hold))
    assert made.reasons == (ProblemCode.CREDIT_LIMIT, ProblemCode.CREDIT_HOLD)


def test_steps_stand_in_the_order_in_which_they_were_first_taken() -> None:
    made = submission()
    for name, status in (("check", "RUNNING"), ("create", "PENDING"), ("check", "DONE")):
        made = made.with_step(Step(name, StepStatus(status)))
    assert [(each.name, each.status.value) for each in made.steps] == [("check", "DONE"), ("create", "PENDING")]
    assert made.step("note") == Step("note", StepStatus.PENDING)


def test_every_status_is_under_way_ended_or_waits_for_somebody() -> None:
    waiting = set(SubmissionStatus) - UNDER_WAY - ENDED
    assert waiting == {SubmissionStatus.NEEDS_ATTENTION, SubmissionStatus.FAILED}
    assert not UNDER_WAY & ENDED


def test_a_record_with_every_kind_of_problem_is_the_same_after_its_encoding() -> None:
    problems = (*WITH_FIGURES.values(), problem(ProblemCode.NO_ROUTE, ("shipTo",)))
    made = submission(problems=problems, total=usd("0.0375"), ended_at=MOMENT)
    text = msgspec.json.Encoder(decimal_format="string").encode(made)
    assert msgspec.json.decode(text, type=Submission) == made
