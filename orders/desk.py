"""Where orders are handed in and asked about: accepted once for each of a caller's keys, and answered within its patience."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from orders import attention
from orders.ledger import SETTLED, Ledger
from orders.problems import PlainProblem, Problem, ProblemCode
from orders.queueing import TURN, Workflows, queued
from orders.record import UNDER_WAY, Aim, Decision, Submission, SubmissionStatus
from orders.request import INTERACTIVE, OrderRequest, RequestedLine, fingerprint
from orders.settings import SubmissionSettings
from orders.store import Listing, Store
from orders.untold import Untold
from sources.viewer import Viewer

_LOOK_SECONDS = 0.25
"""How often another process's run is looked after."""

_WAITING = {SubmissionStatus.NEEDS_ATTENTION, SubmissionStatus.FAILED}


class Answer(NamedTuple):
    """A submission as it is now, and what keeps the wish from being granted. None: there is none that the caller may see."""

    submission: Submission | None
    problems: tuple[Problem, ...] = ()


class Caller(NamedTuple):
    viewer: Viewer
    correlation_id: str
    patience_seconds: float


Deed = Literal["submitted", "cancelled", "retried", "resolved"]
Audit = Callable[[Caller, Deed, Submission], None]
"""Told of what somebody did: who, what in a word, to which submission."""


class Parking(NamedTuple):
    """What an order has to wait for at once: `erp_of` names the source that a company's orders go to."""

    erp_of: Callable[[str | None], str]
    is_down: Callable[[str], bool]

    def source(self, company: str | None) -> str | None:
        erp = self.erp_of(company)
        return erp if self.is_down(erp) else None


class Desk:
    def __init__(
        self,
        store: Store,
        workflows: Workflows,
        *,
        ledger: Ledger,
        untold: Untold,
        settings: SubmissionSettings,
        executor: str,
        parking: Parking,
        audit: Audit,
    ) -> None:
        self._store, self._workflows, self._settings = store, workflows, settings
        self.ledger, self.untold = ledger, untold
        self._executor, self._parking, self._audit = executor, parking, audit
        self._waiters: dict[str, set[asyncio.Event]] = {}

    async def quiet(self) -> None:
        """Until the runs of this process have ended, as long as a shutdown may take: whoever hears of them must outlive them."""
        await self._workflows.quiet()

    # ------------------------------------------------------------ handing in

    async def submit(self, caller: Caller, key: str, request: OrderRequest) -> Answer:
        """The same key with the same order is the same submission, also while it is running."""
        asked = fingerprint(request)
        submission = await self._store.by_key(caller.viewer.subject, key)
        if submission is None:
            new = self._new(caller, key, request, asked)
            submission = await self._store.insert(new)
            if submission is new:
                self._audit(caller, "submitted", new)
                submission = await self._begun(new)
        if submission.fingerprint != asked:
            told = f'The key "{key}" was used for an order that asked for something else.'
            return Answer(None, (PlainProblem(ProblemCode.IDEMPOTENCY_KEY_REUSED, told, ("idempotencyKey",)),))
        return await self._outcome(submission, caller)

    def _new(self, caller: Caller, key: str, request: OrderRequest, asked: str) -> Submission:
        viewer = caller.viewer
        directly = request.channel in INTERACTIVE
        parked_for = self._parking.source(request.company) or (None if directly else TURN)
        return Submission(
            id=submission_id(viewer.subject, key),
            subject=viewer.subject,
            idempotency_key=key,
            fingerprint=asked,
            request=request,
            viewer=viewer,
            correlation_id=caller.correlation_id,
            submitted_at=datetime.now(UTC),
            status=SubmissionStatus.RUNNING if parked_for is None else SubmissionStatus.QUEUED,
            version=self._settings.application_version,
            company=request.company,
            parked_for=parked_for,
            executor=self._executor if parked_for is None else None,
        )

    async def _begun(self, submission: Submission) -> Submission:
        """Started, or in the queue. One that waits for a source needs nothing: the keeper goes on with it."""
        if submission.executor is not None:
            await self._workflows.start(submission.id, submission.run)
        elif submission.parked_for == TURN:
            return await queued(self._store, self._workflows, submission)
        return submission

    # ------------------------------------------------------------ asking

    async def get(self, viewer: Viewer, submission_id: str) -> Submission | None:
        found = await self._store.get(submission_id)
        return found if found is not None and may_see(viewer, found) else None

    async def by_id(self, viewer: Viewer, ids: Sequence[str]) -> Mapping[str, Submission]:
        """Those of `ids` that the viewer may see."""
        return {each.id: each for each in await self._store.several(ids) if may_see(viewer, each)}

    async def page(self, viewer: Viewer, wanted: Listing) -> list[Submission]:
        return await self._store.page(wanted, viewer)

    async def count(self, viewer: Viewer, wanted: Listing) -> int:
        return await self._store.count(wanted, viewer)

    async def standing(self) -> Mapping[SubmissionStatus, int]:
        """How many there are of each status that is no end, whoever may see them."""
        return await self._store.standing()

    async def unsettled(self, limit: int) -> list[Submission]:
        """Those whose end is not in the ledger, because a process died over it."""
        since = datetime.now(UTC) - timedelta(days=self._settings.keep_days)
        return await self._store.ended_outside(SETTLED, since, limit)

    async def forget(self) -> None:
        """What the ledger has kept for long enough."""
        await self.ledger.forget_before(datetime.now(UTC) - timedelta(days=self._settings.keep_days))

    # ------------------------------------------------------------ deciding

    async def cancel(self, caller: Caller, submission_id: str, note: str) -> Answer:
        """At once where nothing was written; where the ERP may have the order, by a run that takes it back."""
        submission = await self.get(caller.viewer, submission_id)
        if submission is None:
            return Answer(None)
        if submission.status not in {SubmissionStatus.QUEUED, *_WAITING}:
            return _refused(submission, ProblemCode.NOT_CANCELLABLE, "it cannot be cancelled")
        ending = attention.cancelled(submission, caller.viewer.subject, datetime.now(UTC), note)
        self._audit(caller, "cancelled", submission)
        if submission.sent:
            return await self._next_run(submission, ending, caller)
        ended = ending.changed(
            run=submission.run + 1, status=SubmissionStatus.CANCELLED, parked_for=None, ended_at=datetime.now(UTC)
        )
        return await self._settled(submission, ended, ProblemCode.NOT_CANCELLABLE)

    async def retry(self, caller: Caller, submission_id: str, note: str) -> Answer:
        """Once more, under the same reference: what was wrong may be mended by now."""
        submission = await self.get(caller.viewer, submission_id)
        if submission is None:
            return Answer(None)
        if submission.status in UNDER_WAY:
            return Answer(submission)
        if submission.status not in _WAITING:
            return _refused(submission, ProblemCode.ALREADY_RESOLVED, "there is nothing to try again")
        self._audit(caller, "retried", submission)
        again = attention.retried(submission, caller.viewer.subject, datetime.now(UTC), note)
        return await self._next_run(submission, again, caller)

    async def resolve(
        self, caller: Caller, submission_id: str, decision: Decision, *, note: str, lines: Sequence[RequestedLine]
    ) -> Answer:
        """What a person decided about a submission that waits for it."""
        submission = await self.get(caller.viewer, submission_id)
        if submission is None:
            return Answer(None)
        if submission.status is not SubmissionStatus.NEEDS_ATTENTION:
            return _refused(submission, ProblemCode.ALREADY_RESOLVED, "it waits for no decision")
        self._audit(caller, "resolved", submission)
        by, at = caller.viewer.subject, datetime.now(UTC)
        if decision is Decision.AMEND:
            decided = attention.amended(submission, lines, by=by, at=at, note=note)
        elif decision is Decision.RELEASE:
            decided = attention.released(submission, by, at, note)
        else:
            decided = attention.rejected(submission, by, at, note)
        if decided.aim is Aim.REJECT and not submission.sent:
            rejected = decided.changed(run=submission.run + 1, status=SubmissionStatus.REJECTED, ended_at=at)
            return await self._settled(submission, rejected, ProblemCode.ALREADY_RESOLVED)
        return await self._next_run(submission, decided, caller)

    async def _settled(self, before: Submission, after: Submission, code: ProblemCode) -> Answer:
        """Without a run; unless somebody else was quicker."""
        if await self._store.save(after, run=before.run, statuses={before.status}):
            self.told(after)
            return Answer(after)
        return await self._overtaken(before, code)

    async def _next_run(self, before: Submission, after: Submission, caller: Caller) -> Answer:
        begun = after.changed(
            run=before.run + 1,
            status=SubmissionStatus.RUNNING,
            parked_for=None,
            executor=self._executor,
            version=self._settings.application_version,
            takeovers=0,
            ended_at=None,
        )
        if not await self._store.save(begun, run=before.run, statuses={before.status}):
            return await self._overtaken(before, ProblemCode.ALREADY_RESOLVED)
        await self._workflows.start(begun.id, begun.run)
        return await self._outcome(begun, caller)

    async def _overtaken(self, before: Submission, code: ProblemCode) -> Answer:
        now = await self._store.get(before.id)
        return _refused(now or before, code, "somebody else was quicker")

    # ------------------------------------------------------------ waiting for the outcome

    def told(self, submission: Submission) -> None:
        """A run in this process has ended."""
        for waiter in self._waiters.get(submission.id, ()):
            waiter.set()

    async def _outcome(self, submission: Submission, caller: Caller) -> Answer:
        """As it is once its run has ended or is parked, or when the caller's patience is over."""
        waiter = asyncio.Event()
        self._waiters.setdefault(submission.id, set()).add(waiter)
        until = asyncio.get_running_loop().time() + caller.patience_seconds
        try:
            return Answer(await self._awaited(submission, waiter, until))
        finally:
            waiters = self._waiters[submission.id]
            waiters.discard(waiter)
            if not waiters:
                del self._waiters[submission.id]

    async def _awaited(self, submission: Submission, waiter: asyncio.Event, until: float) -> Submission:
        loop = asyncio.get_running_loop()
        now = submission
        while now.status in UNDER_WAY and now.parked_for is None and (left := until - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(left, _LOOK_SECONDS)):
                    await waiter.wait()
            except TimeoutError:
                pass
            waiter.clear()
            now = await self._store.get(submission.id) or now
        return now


def submission_id(subject: str, key: str) -> str:
    """The same for the same caller and key, also where every record was lost: the ERP would know the order by it."""
    digest = hashlib.sha256(f"{len(subject)}:{subject}{key}".encode()).hexdigest()
    return digest[:24]


def may_see(viewer: Viewer, submission: Submission) -> bool:
    """Those of its accounts and of what is billed to them; where the company is not known yet, only one's own."""
    if not viewer.is_bounded:
        return True
    company, payer = submission.company, submission.payer
    if company is None:
        return submission.subject == viewer.subject
    accounts = (submission.request.customer, payer)
    return any(viewer.has_customer(company, account) for account in accounts if account is not None)


def _refused(submission: Submission, code: ProblemCode, why: str) -> Answer:
    told = f"The submission is {submission.status.value}: {why}."
    return Answer(submission, (PlainProblem(code, told, ("id",)),))
