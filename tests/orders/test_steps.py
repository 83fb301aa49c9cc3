"""One step of a run: tried again where that may help, parked or ended where it does not, and recorded whatever comes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from orders.leases import LeaseLost, Leases
from orders.problems import ProblemCode
from orders.record import Step, StepStatus, Submission, SubmissionStatus
from orders.settings import SubmissionSettings
from orders.steps import Done, Ended, Parked, Steps, Superseded, Work
from orders.store import Store
from sources.call import CallMade
from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from tests.orders.databases import engine
from tests.orders.invented import MOMENT, problem, submission

TRANSIENT = [SourceUnavailable("erp"), SourceRateLimited("erp"), OutcomeUnknown("erp")]


class Bench:
    """A store with one submission in it, and steps to take with that."""

    def __init__(self, store: Store, leases: Leases) -> None:
        self.store, self.leases = store, leases
        self.down: set[str] = set()
        self.tried: list[Submission] = []

    def steps(self, attempts: int = 2) -> Steps:
        return Steps(SubmissionSettings(attempts=attempts), self.leases, _unobserved, self.down.__contains__)

    async def work(self, made: Submission) -> Work:
        if await self.store.insert(made) is not made:
            await self.store.save(made, run=made.run)
        return Work(made, self.store)

    def doing(self, *outcomes: BaseException | None) -> Callable[[Submission], Any]:
        """A step that fails as often as is said, and counts how often it was tried."""
        left = list(outcomes)

        async def do(now: Submission) -> Done:
            self.tried.append(now)
            failure = left.pop(0)
            if failure is not None:
                raise failure
            return Done(now.changed(erp_order_number="7"), "Order 7")

        return do

    async def kept(self) -> Submission:
        found = await self.store.get("s0001")
        assert found is not None
        return found


def _unobserved(_: CallMade) -> None:
    """No call is made here."""


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with engine("sqlite", tmp_path) as (made, threads):
        store = Store(made, threads)
        await store.create_tables()
        leases = Leases(made, threads, own="me", version="1", seconds=30.0)
        await leases.create_tables()
        yield Bench(store, leases)


async def test_a_step_that_is_done_is_on_the_record_with_what_came_of_it(bench: Bench) -> None:
    work = await bench.work(submission(1))
    await bench.steps().take(work, "create", bench.doing(None))
    step = (await bench.kept()).step("create")
    assert (step.status, step.attempts, step.detail) == (StepStatus.DONE, 1, "Order 7")
    assert step.started_at is not None
    assert step.finished_at is not None
    assert step.started_at <= step.finished_at
    assert (await bench.kept()).erp_order_number == "7"
    assert work.submission == await bench.kept()


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: type(error).__name__)
async def test_what_may_pass_is_tried_again(bench: Bench, error: SourceError) -> None:
    work = await bench.work(submission(1))
    await bench.steps().take(work, "create", bench.doing(error, None))
    step = (await bench.kept()).step("create")
    assert (step.status, step.attempts, len(bench.tried)) == (StepStatus.DONE, 2, 2)
    told = bench.tried[1].step("create")
    assert (told.status, told.attempts, told.detail, told.finished_at) == (StepStatus.RUNNING, 1, str(error), None)


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: type(error).__name__)
async def test_after_so_many_attempts_it_is_parked_for_its_source(bench: Bench, error: SourceError) -> None:
    work = await bench.work(submission(1, executor="me"))
    with pytest.raises(Parked):
        await bench.steps().take(work, "create", bench.doing(error, error, None))
    kept = await bench.kept()
    assert len(bench.tried) == 2
    assert (kept.status, kept.parked_for, kept.executor, kept.run) == (SubmissionStatus.QUEUED, "erp", None, 2)
    step = kept.step("create")
    assert (step.status, step.attempts, step.finished_at) == (StepStatus.PENDING, 2, None)
    assert kept.ended_at is None


async def test_a_source_that_is_known_to_be_down_is_not_tried_again(bench: Bench) -> None:
    bench.down.add("wms")
    work = await bench.work(submission(1))
    with pytest.raises(Parked):
        await bench.steps(attempts=9).take(work, "release", bench.doing(SourceUnavailable("wms"), None))
    assert len(bench.tried) == 1
    assert (await bench.kept()).parked_for == "wms"


async def test_another_source_that_is_down_is_no_reason_to_give_up(bench: Bench) -> None:
    bench.down.add("wms")
    work = await bench.work(submission(1))
    await bench.steps().take(work, "create", bench.doing(SourceUnavailable("erp"), None))
    assert (await bench.kept()).step("create").attempts == 2


async def test_one_in_doubt_stays_in_doubt_while_it_is_parked(bench: Bench) -> None:
    work = await bench.work(submission(1, status=SubmissionStatus.RECONCILING))
    with pytest.raises(Parked):
        await bench.steps(attempts=1).take(work, "reconcile", bench.doing(SourceUnavailable("erp")))
    assert (await bench.kept()).status is SubmissionStatus.RECONCILING


async def test_credentials_that_are_refused_fail_it_at_once_and_it_says_no_more_than_it_may(bench: Bench) -> None:
    error = SourceRefused("erp")
    error.detail = "401 for token s3cret"
    work = await bench.work(submission(1, executor="me"))
    with pytest.raises(Ended):
        await bench.steps(attempts=9).take(work, "create", bench.doing(error, None))
    kept = await bench.kept()
    assert (kept.status, kept.executor, kept.run, len(bench.tried)) == (SubmissionStatus.FAILED, None, 1, 1)
    assert kept.ended_at is not None
    step = kept.step("create")
    assert (step.status, step.attempts, step.detail) == (StepStatus.FAILED, 1, str(error))
    assert "s3cret" not in repr(kept)


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.steps._MOST_PAUSE_SECONDS", 0.01)


@pytest.mark.usefixtures("_soon")
async def test_half_an_answer_is_no_reason_to_fail_an_order_that_the_next_one_would_have_got_through(
    bench: Bench,
) -> None:
    work = await bench.work(submission(1))
    await bench.steps().take(work, "create", bench.doing(SourceContractBroken("erp", path="$.number"), None))
    assert ((await bench.kept()).step("create").status, len(bench.tried)) == (StepStatus.DONE, 2)


@pytest.mark.usefixtures("_soon")
async def test_an_answer_that_never_fits_the_contract_is_ours_to_mend(bench: Bench) -> None:
    error = SourceContractBroken("erp", path="$.number")
    work = await bench.work(submission(1, executor="me"))
    with pytest.raises(Ended):
        await bench.steps(attempts=3).take(work, "create", bench.doing(error, error, error, None))
    kept = await bench.kept()
    assert (kept.status, kept.executor, kept.run, len(bench.tried)) == (SubmissionStatus.FAILED, None, 1, 3)
    assert (kept.step("create").status, kept.step("create").detail) == (StepStatus.FAILED, str(error))


@pytest.mark.parametrize("error", [SourceRejected("erp", reason="X"), LeaseLost(), ZeroDivisionError()], ids=repr)
async def test_what_a_step_does_not_understand_is_not_swallowed(bench: Bench, error: Exception) -> None:
    made = submission(1)
    work = await bench.work(made)
    with pytest.raises(type(error)):
        await bench.steps().take(work, "create", bench.doing(error))
    assert (await bench.kept(), len(bench.tried)) == (made, 1)


async def test_attempts_are_counted_over_runs_from_the_first_start_on(bench: Bench) -> None:
    before = Step("create", StepStatus.PENDING, attempts=3, started_at=MOMENT)
    work = await bench.work(submission(1, run=2, steps=(before,)))
    await bench.steps().take(work, "create", bench.doing(SourceUnavailable("erp"), None))
    step = (await bench.kept()).step("create")
    assert (step.attempts, step.started_at) == (5, MOMENT)


PLANNED = tuple(Step(name, StepStatus.PENDING) for name in ("check", "create", "release", "note"))


@pytest.mark.parametrize(
    ("status", "left"),
    [("REJECTED", "SKIPPED"), ("CANCELLED", "SKIPPED"), ("NEEDS_ATTENTION", "PENDING"), ("FAILED", "PENDING")],
)
async def test_steps_that_will_never_come_are_told_as_skipped(bench: Bench, status: str, left: str) -> None:
    work = await bench.work(submission(1, steps=PLANNED, executor="me"))
    hold = problem(ProblemCode.CREDIT_HOLD)
    with pytest.raises(Ended):
        await bench.steps().take(
            work, "check", bench.doing(Ended(SubmissionStatus(status), (hold,), "It cannot be ordered."))
        )
    kept = await bench.kept()
    assert (kept.status.value, kept.problems, kept.executor) == (status, (hold,), None)
    assert [each.status.value for each in kept.steps] == ["FAILED", left, left, left]
    assert kept.step("check").detail == "It cannot be ordered."


async def test_what_the_step_found_out_before_it_ended_is_kept(bench: Bench) -> None:
    made = submission(1, problems=(problem(ProblemCode.CREDIT_HOLD),))
    work = await bench.work(made)
    ended = Ended(SubmissionStatus.NEEDS_ATTENTION, (), "", made.changed(company="CA"))
    with pytest.raises(Ended):
        await bench.steps().take(work, "check", bench.doing(ended))
    kept = await bench.kept()
    assert (kept.company, kept.problems) == ("CA", made.problems)


async def test_a_run_that_was_taken_over_saves_nothing_more(bench: Bench) -> None:
    work = await bench.work(submission(1))
    taken_over = submission(1, run=2, executor="another")
    assert await bench.store.save(taken_over, run=1)
    for outcome in (None, SourceUnavailable("erp"), Ended(SubmissionStatus.REJECTED, (), "")):
        with pytest.raises(Superseded):
            await bench.steps().take(work, "create", bench.doing(outcome))
    assert await bench.kept() == taken_over


async def test_a_step_within_a_step_is_saved_once_and_ends_both(bench: Bench) -> None:
    work = await bench.work(submission(1))
    steps = bench.steps(attempts=1)

    async def release(now: Submission) -> Done:
        await steps.take(work, "hold", bench.doing(SourceUnavailable("erp")))
        return Done(now)

    with pytest.raises(Parked):
        await steps.take(work, "release", release)
    kept = await bench.kept()
    assert (kept.run, kept.parked_for) == (2, "erp")
    assert [each.name for each in kept.steps] == ["hold"]


async def test_the_source_says_how_long_to_wait(bench: Bench) -> None:
    work = await bench.work(submission(1))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await bench.steps().take(work, "check", bench.doing(SourceRateLimited("erp", retry_after_seconds=0.6), None))
    assert 0.6 <= loop.time() - begun < 5


async def test_a_write_needs_the_lease_and_a_read_does_not(bench: Bench) -> None:
    steps, made = bench.steps(), submission(1)
    with pytest.raises(LeaseLost):
        steps.writing(made)
    reading = steps.reading(made)
    assert (reading.viewer, reading.correlation_id, reading.max_age_seconds) == (made.viewer, "test", 0)
    assert 3.5 < reading.deadline.remaining_seconds() <= 4.0
    await bench.leases.renew()
    assert 2.5 < steps.writing(made).deadline.remaining_seconds() <= 3.0
