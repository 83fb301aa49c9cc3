"""The steps in the ERP: the order written once under its reference, looked up where that is in doubt, held, taken back."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import msgspec

from orders.attention import verdict, with_problem
from orders.party_rules import rejected_problem
from orders.problems import PlainProblem, ProblemCode
from orders.record import Aim, Step, StepStatus, Submission, SubmissionStatus
from orders.steps import Done, Ended, Steps, Work
from sources.changes import Cancellation, HoldLifted, NewHold
from sources.errors import (
    NotOffered,
    OutcomeUnknown,
    SourceContractBroken,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.models import HoldCode, Key, Order
from sources.ports import OrderingErp

BY = "Crossdock"
CONFLICT = "CONFLICT"
"""The refusal of a reference that was used for an order with another body."""

TURN_SECONDS = 1.0
"""The most that an order waits for its turn between being marked as sent and being sent."""

_FIRST_LOOK_SECONDS = 0.1
_MOST_BETWEEN_LOOKS_SECONDS = 1.0
_MOST_WRITES = 3


class Placing:
    def __init__(self, steps: Steps, erp: OrderingErp) -> None:
        self._steps, self._erp = steps, erp

    async def create(self, work: Work, submission: Submission) -> Done:
        """The order in the ERP. While it is in doubt whether it was written, it is looked up before it is written again."""
        source = self._erp.name
        for _ in range(_MOST_WRITES):
            if work.submission.status is SubmissionStatus.RECONCILING:
                found = await self.looked_up(work.submission)
                if found is not None:
                    return _adopted(
                        submission, found, f"Order {found.number}: the ERP had it, though its answer was lost"
                    )
                if not self._erp.is_idempotent_by_reference:
                    raise _in_doubt(submission)
            try:
                order = await self._written(work, submission)
            except OutcomeUnknown as error:
                source = error.source
                doubtful = work.submission.changed(status=SubmissionStatus.RECONCILING, sent_at=datetime.now(UTC))
                await work.save(doubtful)
            else:
                return _adopted(submission, order, f"Order {order.number}")
        raise OutcomeUnknown(source, detail="written again and again without an answer")

    async def _written(self, work: Work, submission: Submission) -> Order:
        """The record says that it was sent before it is, and that it was not where that is certain."""
        if not work.submission.sent:
            await work.save(work.submission.changed(sent=True, sent_at=datetime.now(UTC)))
        try:
            return await self._sent(submission)
        except (SourceUnavailable, SourceRateLimited, SourceRefused, SourceContractBroken):
            if work.submission.status is not SubmissionStatus.RECONCILING:
                await work.save(work.submission.changed(sent=False))
            raise

    async def _sent(self, submission: Submission) -> Order:
        order = submission.order
        if order is None:
            raise TypeError("An order is written once it was checked.")
        try:
            return await self._erp.create_order(self._steps.writing(submission), order)
        except SourceRejected as error:
            found = await self.looked_up(submission) if error.reason == CONFLICT else None
            if found is not None:
                return found
            problem = rejected_problem(error)
            status = verdict([problem]) or SubmissionStatus.NEEDS_ATTENTION
            unsent = submission.changed(sent=False)
            raise Ended(status, with_problem(submission.problems, problem), problem.message, unsent) from None

    async def reconcile(self, submission: Submission) -> Done:
        """What an earlier run may have written."""
        found = await self.looked_up(submission)
        if found is not None:
            return _adopted(submission, found, f"The ERP has it: order {found.number}")
        if not self._erp.is_idempotent_by_reference:
            raise _in_doubt(submission)
        return Done(submission.changed(sent=False, status=SubmissionStatus.RUNNING), "The ERP does not have it")

    async def looked_up(self, submission: Submission) -> Order | None:
        """Again and again until the time is over in which an order that was written may not be found yet."""
        settings = self._steps.settings
        longest = TURN_SECONDS + settings.write_seconds + settings.settle_seconds
        settled_at = (submission.sent_at or datetime.now(UTC)) + timedelta(seconds=longest)
        pause = _FIRST_LOOK_SECONDS
        while True:
            found = await self._found(submission)
            if found is not None or datetime.now(UTC) >= settled_at:
                return found
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MOST_BETWEEN_LOOKS_SECONDS)

    async def _found(self, submission: Submission) -> Order | None:
        company = submission.order.company if submission.order else submission.company
        call = self._steps.reading(submission)
        found = await self._erp.orders_by_reference(call, company, [submission.reference])
        outcome = found.get(Key(company, submission.reference))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def hold(self, submission: Submission, reason: str) -> Done:
        """An ERP that knows no holds keeps the order as it is: what waits for a person is the submission."""
        company, number = _place(submission)
        held = NewHold(company, number, HoldCode.OTHER, reason, BY)
        try:
            await self._erp.hold_order(self._steps.writing(submission), held)
        except NotOffered:
            return Done(submission, f"Order {number} waits without a hold, which the ERP does not know: {reason}")
        return Done(submission, f"Order {number} is on hold: {reason}")

    async def unhold(self, submission: Submission) -> Done:
        company, number = _place(submission)
        by = submission.decisions[-1].by if submission.decisions else BY
        note = submission.decisions[-1].note if submission.decisions else ""
        lifted = HoldLifted(company, number, HoldCode.OTHER, by, note)
        with contextlib.suppress(NotOffered):  # then nothing was held
            await self._erp.unhold_order(self._steps.writing(submission), lifted)
        return Done(submission.with_step(_compensated(submission, "hold")), f"Order {number} goes on")

    async def withdraw(self, submission: Submission) -> Done:
        """The order that the ERP has, or may have, is cancelled there. Raises Ended where the ERP says that it is too late."""
        found = None if submission.erp_order_number or not submission.sent else await self.looked_up(submission)
        known = _adopted(submission, found, "").submission if found else submission
        if known.erp_order_number is None:
            return Done(_given_up(known), "The ERP has no order to cancel")
        company, number = _place(known)
        reason = known.decisions[-1].note if known.decisions else "Cancelled by the submitter"
        try:
            await self._erp.cancel_order(self._steps.writing(known), Cancellation(company, number, reason, BY))
        except SourceRejected as error:
            told = f"Order {number} cannot be cancelled any more: {error.reason}."
            problem = PlainProblem(ProblemCode.NOT_CANCELLABLE, told, ())
            kept = known.changed(aim=Aim.SUBMIT, discard=False)
            raise Ended(SubmissionStatus.NEEDS_ATTENTION, (problem,), told, kept) from None
        return Done(_given_up(known.with_step(_compensated(known, "create"))), f"Order {number} is cancelled")


def _place(submission: Submission) -> tuple[str, str]:
    if submission.company is None or submission.erp_order_number is None:
        raise TypeError("The order is in the ERP by now.")
    return submission.company, submission.erp_order_number


def _adopted(submission: Submission, order: Order, detail: str) -> Done:
    changed = submission.changed(
        erp_order_number=order.number, company=order.company, sent=True, status=SubmissionStatus.RUNNING
    )
    return Done(changed, detail)


def _given_up(submission: Submission) -> Submission:
    """What comes next is another order: it goes by another reference."""
    if submission.aim is not Aim.SUBMIT:
        return submission.changed(discard=False)
    steps = tuple(step for step in submission.steps if step.name in {"withdraw", "check"})
    return submission.changed(
        discard=False,
        sent=False,
        sent_at=None,
        order=None,
        erp_order_number=None,
        released=False,
        shipments=(),
        generation=submission.generation + 1,
        steps=steps,
    )


def _compensated(submission: Submission, name: str) -> Step:
    return msgspec.structs.replace(submission.step(name), status=StepStatus.COMPENSATED)


def _in_doubt(submission: Submission) -> Ended:
    told = (
        "The ERP was sent the order and did not say what became of it, and does not have it by its reference "
        f"{submission.reference} yet: look there before it is released."
    )
    problem = PlainProblem(ProblemCode.SOURCE_UNAVAILABLE, told, ())
    return Ended(SubmissionStatus.NEEDS_ATTENTION, with_problem(submission.problems, problem), told)
