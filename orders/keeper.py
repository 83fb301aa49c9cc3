"""What goes on beside the runs: leases are renewed, dead processes' work is taken over, parked submissions go on once they can."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from orders.leases import Leases
from orders.queueing import TURN, Workflows, queued
from orders.record import UNDER_WAY, Submission, SubmissionStatus
from orders.settings import SubmissionSettings
from orders.steps import Ended, ended_by
from orders.store import Store

ROUND_SECONDS = 1.0
RENEWALS_A_LEASE = 4
DRAINED_AT_ONCE = 500
_CLEANING_SECONDS = 600.0

_log = logging.getLogger("crossdock.submission")

Answers = Callable[[str], Awaitable[bool]]
"""Whether the source of this name answers again: asked only while something waits for it."""


class Keeper:
    def __init__(
        self, store: Store, leases: Leases, workflows: Workflows, *, settings: SubmissionSettings, answers: Answers
    ) -> None:
        self._store, self._leases, self._workflows = store, leases, workflows
        self._settings, self._answers = settings, answers
        self._cleaned_at = float("-inf")
        self._idle: set[tuple[str, int]] = set()
        self.live = 1
        """How many processes work on submissions."""

    async def renew_for_ever(self) -> None:
        """Beside everything else: a lease must not wait for a long round."""
        while True:
            try:
                await self._leases.renew()
            except SQLAlchemyError:
                _log.warning("the lease cannot be renewed: nothing is written until it can")
            await asyncio.sleep(self._settings.lease_seconds / RENEWALS_A_LEASE)

    async def keep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.round()
            except SQLAlchemyError as error:
                _log.warning("the submissions' database does not answer: %s", type(error).__name__)
            except Exception:  # noqa: BLE001 - the keeper outlives whatever one round runs into
                _log.exception("a round of the submissions' keeper failed")

    async def round(self) -> None:
        live = await self._leases.live_versions()
        self.live = max(1, len(live))
        for executor in await self._leases.dead():
            await self._take_over(await self._store.held_by(executor))
            await self._take_over(await self._hardly_begun(executor))
            await self._leases.bury(executor)
        await self._take_over(await self._left_lying())
        await self._take_over(await self._store.stranded({*live, self._leases.version}))
        for source in await self._store.parked_sources():
            await self._drain(source)
        await self._clean()

    async def _hardly_begun(self, executor: str) -> list[Submission]:
        """What a dead process had just taken out of the queue: the record does not say yet who works on it."""
        runs = dict(await self._workflows.begun_by(executor))
        found = await self._store.several(list(runs))
        return [each for each in found if each.run == runs[each.id] and each.status in UNDER_WAY]

    async def _left_lying(self) -> list[Submission]:
        """What this process says it works on and does not, in two rounds one after the other: a run that could not go on."""
        mine = await self._store.held_by(self._leases.own)
        idle = {(each.id, each.run): each for each in mine if (each.id, each.run) not in self._workflows.active}
        lying = [each for name, each in idle.items() if name in self._idle]
        self._idle = set(idle)
        return lying

    async def _take_over(self, submissions: list[Submission]) -> None:
        """Each goes on in a run of its own, from what its record says. One that kills whoever works on it is left to a person."""
        for submission in submissions:
            await self._workflows.forget(submission.id, submission.run)
            again = submission.changed(
                run=submission.run + 1,
                executor=self._leases.own,
                version=self._leases.version,
                takeovers=submission.takeovers + 1,
            )
            if again.takeovers > self._settings.most_takeovers:
                again = ended_by(again, Ended(SubmissionStatus.FAILED, (), ""))
            if not await self._store.save(again, run=submission.run):
                continue
            _log.warning("submission=%s taken over from %s", submission.id, submission.executor or submission.version)
            if again.status is not SubmissionStatus.FAILED:
                await self._workflows.start(again.id, again.run)

    async def _drain(self, source: str) -> None:
        """Interactive ones first, as they came: the queue starts them at its rate."""
        if source != TURN and not await self._answers(source):
            return
        for submission in await self._store.parked(source, DRAINED_AT_ONCE):
            await queued(self._store, self._workflows, submission)

    async def _clean(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._cleaned_at < _CLEANING_SECONDS:
            return
        self._cleaned_at = now
        before = datetime.now(UTC) - timedelta(days=self._settings.keep_days)
        await self._store.forget_ended_before(before)
        await self._workflows.clean(before)
