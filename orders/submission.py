"""The run of a submission: checked, written to the ERP once, released to the warehouse, noted in the CRM; or taken back.

A run begins from the record alone and may begin anew at any time: after a crash in another process, in a newer version of this
code, after a person's decision, or when a source is back. docs/order-submission.md draws the states.
"""

import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from orders.checking import Checking
from orders.fulfilment import Fulfilment
from orders.leases import LeaseLost, Leases
from orders.placing import Placing
from orders.record import Aim, Step, StepStatus, Submission, SubmissionStatus
from orders.steps import Do, Ended, Steps, Stop, Superseded, Work, ended_by
from orders.store import Store

Taking = Callable[[str, Callable[[], Awaitable[str]]], Awaitable[str]]
"""Takes a step durably: by its name, it is done once."""

PLAN = ("check", "create", "release", "note")
WITHDRAWN = {Aim.REJECT: SubmissionStatus.REJECTED, Aim.CANCEL: SubmissionStatus.CANCELLED}

_log = logging.getLogger("crossdock.submission")


class Runs:
    """`pace` is waited for before an order out of the queue is written; `told` hears of every submission whose run has ended."""

    def __init__(
        self,
        store: Store,
        leases: Leases,
        *,
        steps: Steps,
        checking: Checking,
        placing: Placing,
        fulfilment: Fulfilment,
        pace: Callable[[], Awaitable[None]],
        told: Callable[[Submission], None],
    ) -> None:
        self._store, self._leases, self._steps = store, leases, steps
        self._checking, self._placing, self._fulfilment = checking, placing, fulfilment
        self._pace, self._told = pace, told

    async def run(self, submission_id: str, run: int, take: Taking, *, queued: bool) -> str:
        """What it came to, for the journal: the record holds all of it."""
        work = await self._begun(submission_id, run)
        if work is None:
            return "SUPERSEDED"
        try:
            await self._through(work, take, queued=queued)
        except Stop:
            pass
        except Superseded:
            return "SUPERSEDED"
        except LeaseLost as lost:
            _log.warning("submission=%s run=%s lost its lease: %s", submission_id, run, lost)
            return "LEASE_LOST"
        except SQLAlchemyError:
            _log.warning("submission=%s run=%s: its record cannot be kept; it is taken up again", submission_id, run)
            return "NOT_RECORDED"
        except Exception:  # noqa: BLE001 - whatever we did wrong, the submission says FAILED and not RUNNING for ever
            _log.exception(
                "submission=%s run=%s correlation_id=%s failed", submission_id, run, work.submission.correlation_id
            )
            await self._broken(work)
        self._told(work.submission)
        return work.submission.status.value

    async def _begun(self, submission_id: str, run: int) -> Work | None:
        """The submission, if this is still its run and nobody else has begun it."""
        submission = await self._store.get(submission_id)
        if submission is None or submission.run != run or submission.executor not in {None, self._leases.own}:
            return None
        in_doubt = submission.sent and submission.erp_order_number is None
        status = SubmissionStatus.RECONCILING if in_doubt else SubmissionStatus.RUNNING
        begun = submission.changed(
            status=status, executor=self._leases.own, parked_for=None, ended_at=None, version=self._leases.version
        )
        waiting = {SubmissionStatus.QUEUED, SubmissionStatus.RUNNING, SubmissionStatus.RECONCILING}
        if not await self._store.save(_planned(begun), run=run, statuses=waiting):
            return None
        return Work(_planned(begun), self._store)

    async def _through(self, work: Work, take: Taking, *, queued: bool) -> None:
        if work.submission.aim is not Aim.SUBMIT:
            await self._withdrawn(work, take)
            return
        if work.submission.discard:
            await self._step(work, take, "withdraw", self._placing.withdraw)
        if work.submission.sent and work.submission.erp_order_number is None:
            await self._step(work, take, "reconcile", self._placing.reconcile)
        if work.submission.erp_order_number is None:
            await self._placed(work, take, queued=queued)
        if work.submission.step("hold").status is StepStatus.DONE:
            await self._step(work, take, "unhold", self._placing.unhold)
        if not work.submission.released:
            await self._step(work, take, "release", lambda now: self._fulfilment.release(work, now))
        await self._step(work, take, "note", self._fulfilment.note)
        await self._ended(work, SubmissionStatus.ACCEPTED)

    async def _placed(self, work: Work, take: Taking, *, queued: bool) -> None:
        await self._step(work, take, "check", self._checking.check)
        if queued:
            await self._pace()
        await self._step(work, take, "create", lambda now: self._placing.create(work, now))

    async def _withdrawn(self, work: Work, take: Taking) -> None:
        await self._step(work, take, "withdraw", self._placing.withdraw)
        await self._ended(work, WITHDRAWN[work.submission.aim])

    async def _step(self, work: Work, take: Taking, name: str, do: Do) -> None:
        stopped: list[Stop] = []

        async def taken() -> str:
            try:
                await self._steps.take(work, name, do)
            except Stop as stop:
                stopped.append(stop)
                return work.submission.status.value
            return "DONE"

        await take(name, taken)
        if stopped:
            raise stopped[0]

    async def _ended(self, work: Work, status: SubmissionStatus) -> None:
        left = work.submission.problems
        await work.save(ended_by(work.submission, Ended(status, left, "")))

    async def _broken(self, work: Work) -> None:
        """An error of ours: it can be tried again once that is mended, and what may have been written is in doubt until then."""
        try:
            await work.save(ended_by(work.submission, Ended(SubmissionStatus.FAILED, (), "")))
        except Superseded:
            _log.info("submission=%s was taken over", work.submission.id)


def _planned(submission: Submission) -> Submission:
    """Every step that is to come is on the record from the start."""
    names = ("withdraw",) if submission.aim is not Aim.SUBMIT else PLAN
    for name in names:
        if submission.step(name).attempts == 0:
            submission = submission.with_step(Step(name, StepStatus.PENDING))
    return submission
