"""The steps in the ERP, against one that answers as the test says: written once, looked up in doubt, held, taken back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orders.leases import Leases
from orders.placing import Placing
from orders.problems import ProblemCode
from orders.record import Aim, Decision, Step, StepStatus, Submission, SubmissionDecision, SubmissionStatus
from orders.settings import SubmissionSettings
from orders.steps import Ended, Steps, Work
from orders.store import Store
from sources import models
from sources.changes import NewOrder
from sources.errors import OutcomeUnknown, SourceRejected, SourceUnavailable
from tests.orders.databases import engine
from tests.orders.invented import MOMENT, order, submission

LOST = OutcomeUnknown("erp")
NEW = NewOrder(reference="XD-s0001", company="US", customer="C1", ship_to="S1", lines=())


class Erp:
    """Creates and cancels as it is told to, in turn; finds what is in `there`; counts what it is asked."""

    name = "erp"

    def __init__(self) -> None:
        self.is_idempotent_by_reference = True
        self.creating: list[Any] = []
        self.there: dict[str, Any] = {}
        self.cancelling: Any = None
        self.asked: list[Any] = []

    async def create_order(self, _: Any, new: NewOrder) -> models.Order:
        self.asked.append(new)
        outcome = self.creating.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        made: models.Order = outcome
        return made

    async def orders_by_reference(self, _: Any, company: str, references: list[str]) -> dict[models.Key, Any]:
        return {models.Key(company, each): self.there[each] for each in references if each in self.there}

    async def cancel_order(self, _: Any, cancellation: Any) -> None:
        self.asked.append(cancellation)
        if self.cancelling is not None:
            raise self.cancelling

    async def hold_order(self, _: Any, hold: Any) -> None:
        self.asked.append(hold)

    async def unhold_order(self, _: Any, lifted: Any) -> None:
        self.asked.append(lifted)


class Office:
    def __init__(self, store: Store, leases: Leases) -> None:
        settings = SubmissionSettings(settle_seconds=0, write_seconds=0.05)
        self.erp, self.store = Erp(), store
        self.placing = Placing(Steps(settings, leases, lambda _: None, lambda _: False), self.erp)  # type: ignore[arg-type]  # plays the role's writes

    async def work(self, **fields: Any) -> Work:
        made = submission(1, **{"order": NEW, "sent": True, "sent_at": MOMENT, **fields})
        assert await self.store.insert(made) is made
        return Work(made, self.store)

    async def created(self, **fields: Any) -> Submission:
        work = await self.work(**fields)
        return (await self.placing.create(work, work.submission)).submission


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with engine("sqlite", tmp_path) as (made, threads):
        store = Store(made, threads)
        await store.create_tables()
        leases = Leases(made, threads, own="me", version="1", seconds=60.0)
        await leases.create_tables()
        await leases.renew()
        yield Office(store, leases)


async def test_an_order_that_is_answered_is_written_once(office: Office) -> None:
    office.erp.creating = [order("7")]
    made = await office.created()
    assert (made.erp_order_number, made.sent, made.status) == ("7", True, SubmissionStatus.RUNNING)
    assert office.erp.asked == [NEW]


async def test_an_order_whose_answer_was_lost_is_found_and_not_written_again(office: Office) -> None:
    office.erp.creating, office.erp.there = [LOST], {"XD-s0001": order("7")}
    work = await office.work()
    done = await office.placing.create(work, work.submission)
    assert (done.submission.erp_order_number, len(office.erp.asked)) == ("7", 1)
    assert "its answer was lost" in (done.detail or "")
    kept = await office.store.get("s0001")
    assert kept is not None
    assert kept.status is SubmissionStatus.RECONCILING, "the doubt is on the record before it is looked into"


async def test_one_that_is_not_there_is_written_again_under_the_same_reference(office: Office) -> None:
    office.erp.creating = [LOST, order("8")]
    assert (await office.created()).erp_order_number == "8"
    assert [each.reference for each in office.erp.asked] == ["XD-s0001", "XD-s0001"]


async def test_an_erp_that_does_not_know_references_is_never_sent_it_twice(office: Office) -> None:
    office.erp.creating, office.erp.is_idempotent_by_reference = [LOST, order("8")], False
    with pytest.raises(Ended) as raised:
        await office.created()
    (told,) = raised.value.problems
    assert (raised.value.status, told.code) == (SubmissionStatus.NEEDS_ATTENTION, ProblemCode.SOURCE_UNAVAILABLE)
    assert "XD-s0001" in told.message
    assert len(office.erp.asked) == 1


async def test_after_three_lost_answers_the_run_gives_up_and_waits_for_the_system_that_lost_them(
    office: Office,
) -> None:
    office.erp.creating = [OutcomeUnknown("erp.us")] * 4
    with pytest.raises(OutcomeUnknown) as raised:
        await office.created()
    assert raised.value.source == "erp.us"
    assert len(office.erp.asked) == 3


async def test_a_reference_in_conflict_is_the_order_that_has_it(office: Office) -> None:
    office.erp.creating = [SourceRejected("erp", reason="CONFLICT")]
    office.erp.there = {"XD-s0001": order("7")}
    assert (await office.created()).erp_order_number == "7"


@pytest.mark.parametrize(
    ("reason", "status"),
    [("CREDIT_HOLD", "NEEDS_ATTENTION"), ("ITEM_BLOCKED", "REJECTED"), ("EMBARGO", "NEEDS_ATTENTION"), ("CONFLICT", "NEEDS_ATTENTION")],
)  # fmt: skip
async def test_what_the_erp_refuses_ends_the_run_and_was_not_written(office: Office, reason: str, status: str) -> None:
    office.erp.creating = [SourceRejected("erp", reason=reason)]
    with pytest.raises(Ended) as raised:
        await office.created()
    assert raised.value.status.value == status
    assert raised.value.submission is not None
    assert raised.value.submission.sent is False


async def test_reconciling_adopts_what_is_there_and_otherwise_begins_anew(office: Office) -> None:
    made = submission(1, order=NEW, sent=True, sent_at=MOMENT, status=SubmissionStatus.RECONCILING)
    absent = (await office.placing.reconcile(made)).submission
    assert (absent.sent, absent.status, absent.erp_order_number) == (False, SubmissionStatus.RUNNING, None)
    office.erp.is_idempotent_by_reference = False
    with pytest.raises(Ended):
        await office.placing.reconcile(made)
    office.erp.there = {"XD-s0001": order("7", company="CA")}
    found = (await office.placing.reconcile(made)).submission
    assert (found.erp_order_number, found.company, found.status) == ("7", "CA", SubmissionStatus.RUNNING)
    assert office.erp.asked == []


async def test_a_look_up_that_fails_says_so_and_does_not_pass_for_absence(office: Office) -> None:
    office.erp.there = {"XD-s0001": SourceUnavailable("erp")}
    with pytest.raises(SourceUnavailable):
        await office.placing.looked_up(submission(1, sent=True, sent_at=MOMENT))


DECIDED = SubmissionDecision(Decision.AMEND, "clerk", MOMENT, "sold out")
CREATED = Step("create", StepStatus.DONE, 1)


async def test_what_is_given_up_for_other_lines_is_cancelled_and_the_next_has_another_reference(office: Office) -> None:
    written = submission(
        1, order=NEW, sent=True, erp_order_number="7", discard=True, steps=(CREATED,), decisions=(DECIDED,)
    )
    after = (await office.placing.withdraw(written)).submission
    (asked,) = office.erp.asked
    assert (asked.company, asked.number, asked.reason, asked.by) == ("US", "7", "sold out", "Crossdock")
    assert (after.reference, after.erp_order_number, after.order, after.sent) == ("XD-s0001-2", None, None, False)
    assert (after.discard, after.steps) == (False, ())


@pytest.mark.parametrize("aim", [Aim.REJECT, Aim.CANCEL])
async def test_what_is_taken_back_for_good_keeps_its_number_and_its_steps(office: Office, aim: Aim) -> None:
    written = submission(1, sent=True, erp_order_number="7", aim=aim, steps=(CREATED,))
    after = (await office.placing.withdraw(written)).submission
    assert (after.reference, after.erp_order_number) == ("XD-s0001", "7")
    assert after.step("create").status is StepStatus.COMPENSATED


async def test_what_may_have_been_written_is_looked_for_before_it_is_said_to_be_gone(office: Office) -> None:
    doubtful = submission(1, sent=True, sent_at=MOMENT, aim=Aim.CANCEL)
    assert (await office.placing.withdraw(doubtful)).detail == "The ERP has no order to cancel"
    assert office.erp.asked == []
    office.erp.there = {"XD-s0001": order("7")}
    assert (await office.placing.withdraw(doubtful)).detail == "Order 7 is cancelled"
    assert [each.number for each in office.erp.asked] == ["7"]


async def test_an_order_that_is_too_late_to_cancel_waits_and_is_not_said_to_be_gone(office: Office) -> None:
    office.erp.cancelling = SourceRejected("erp", reason="NOT_CANCELLABLE")
    with pytest.raises(Ended) as raised:
        await office.placing.withdraw(submission(1, sent=True, erp_order_number="7", aim=Aim.REJECT))
    assert raised.value.status is SubmissionStatus.NEEDS_ATTENTION
    assert [each.code for each in raised.value.problems] == [ProblemCode.NOT_CANCELLABLE]
    assert raised.value.submission is not None
    assert (raised.value.submission.aim, raised.value.submission.erp_order_number) == (Aim.SUBMIT, "7")


async def test_a_hold_is_lifted_in_the_name_of_who_decided(office: Office) -> None:
    held = submission(1, erp_order_number="7", steps=(Step("hold", StepStatus.DONE, 1),))
    await office.placing.hold(held, "embargo")
    await office.placing.unhold(held)
    after = (await office.placing.unhold(held.changed(decisions=(DECIDED,)))).submission
    assert after.step("hold").status is StepStatus.COMPENSATED
    assert [each.by for each in office.erp.asked] == ["Crossdock", "Crossdock", "clerk"]
    assert office.erp.asked[0].reason == "embargo"


async def test_what_has_no_place_in_the_erp_yet_is_an_error_of_ours(office: Office) -> None:
    with pytest.raises(TypeError):
        await office.placing.hold(submission(1), "")
    with pytest.raises(TypeError):
        await office.created(order=None)
