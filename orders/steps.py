"""The steps of a run, each tried again where that may help, and recorded: what it came to, how often it was tried, when.

Stop        the run ends here
├── Parked      until a source is back; the submission keeps what is done
└── Ended       with a status, and the problems that led to it
Superseded  another run has taken over: this one saves nothing more
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn

import msgspec

from orders.leases import Leases
from orders.problems import Problem
from orders.record import ENDED, Step, StepStatus, Submission, SubmissionStatus
from orders.settings import SubmissionSettings
from orders.store import Store
from sources.call import CallContext, Deadline, Observer
from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)

_PAUSE_SECONDS = 0.2
_MOST_PAUSE_SECONDS = 2.0


class Stop(Exception):
    """The run ends here; `is_saved` once the record says so."""

    is_saved = False


class Parked(Stop):
    def __init__(self, source: str, detail: str) -> None:
        super().__init__(detail)
        self.source = source


class Ended(Stop):
    """`submission`: as the step leaves it, where the step found out something worth keeping."""

    def __init__(
        self,
        status: SubmissionStatus,
        problems: tuple[Problem, ...],
        detail: str,
        submission: Submission | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.problems, self.submission = status, problems, submission


class Superseded(Exception):
    """Another run of the submission was begun meanwhile."""


class Done(NamedTuple):
    """The submission as the step leaves it, and what came of it in words."""

    submission: Submission
    detail: str | None = None


Do = Callable[[Submission], Awaitable[Done]]


class Work:
    """A submission while a run works on it. Every save names the run."""

    def __init__(self, submission: Submission, store: Store) -> None:
        self.submission = submission
        self._store, self._run = store, submission.run

    async def save(self, submission: Submission) -> None:
        if not await self._store.save(submission, run=self._run):
            raise Superseded(submission.id)
        self.submission = submission


class Steps:
    """Takes steps; `is_down` says that a source is known not to answer, so that trying again is no use now."""

    def __init__(
        self, settings: SubmissionSettings, leases: Leases, observer: Observer, is_down: Callable[[str], bool]
    ) -> None:
        self.settings, self._leases, self._observer, self._is_down = settings, leases, observer, is_down

    def call(self, submission: Submission, seconds: float) -> CallContext:
        """Fresh, on the submitter's behalf, under the submission's correlation id."""
        deadline = Deadline.after(seconds)
        return CallContext(submission.viewer, deadline, submission.correlation_id, self._observer, max_age_seconds=0)

    def reading(self, submission: Submission) -> CallContext:
        return self.call(submission, self.settings.read_seconds)

    def writing(self, submission: Submission) -> CallContext:
        """Raises LeaseLost where the process may not write any more."""
        self._leases.demand(self.settings.write_seconds)
        return self.call(submission, self.settings.write_seconds)

    async def take(self, work: Work, name: str, do: Do) -> None:
        """Raises a Stop where the run ends with this step; it is saved by then."""
        taking, tries = _Taking(work, name), 0
        while True:
            tries += 1
            try:
                done = await do(work.submission)
            except (SourceUnavailable, SourceRateLimited, OutcomeUnknown, SourceContractBroken) as error:
                if tries >= self.settings.attempts or self._is_down(error.source):
                    await taking.stopped(_given_up(error), tries)
                await taking.goes_on(str(error), tries)
                await asyncio.sleep(_pause_seconds(error, tries))
            except SourceRefused as error:
                await taking.stopped(_failed(error), tries)
            except Stop as stop:
                await taking.stopped(stop, tries)
            else:
                await taking.done(done, tries)
                return


class _Taking:
    """One step being taken, for the record."""

    def __init__(self, work: Work, name: str) -> None:
        self._work, self._name = work, name
        self._before, self._begun = work.submission.step(name), datetime.now(UTC)

    async def goes_on(self, detail: str, tries: int) -> None:
        step = self._step(StepStatus.RUNNING, tries, detail)
        await self._work.save(self._work.submission.with_step(step))

    async def done(self, done: Done, tries: int) -> None:
        await self._work.save(done.submission.with_step(self._step(StepStatus.DONE, tries, done.detail)))

    async def stopped(self, stop: Stop, tries: int) -> NoReturn:
        """A step within this one may have said it already."""
        if stop.is_saved:
            raise stop
        status = StepStatus.PENDING if isinstance(stop, Parked) else StepStatus.FAILED
        left = stop.submission if isinstance(stop, Ended) else None
        submission = (left or self._work.submission).with_step(self._step(status, tries, str(stop)))
        await self._work.save(parked_on(submission, stop) if isinstance(stop, Parked) else ended_by(submission, stop))
        stop.is_saved = True
        raise stop

    def _step(self, status: StepStatus, tries: int, detail: str | None) -> Step:
        finished_at = datetime.now(UTC) if status in {StepStatus.DONE, StepStatus.FAILED} else None
        before = self._before
        return Step(self._name, status, before.attempts + tries, before.started_at or self._begun, finished_at, detail)


def _pause_seconds(error: SourceError, tries: int) -> float:
    """A proxy's page or half an answer passes, though not as quickly as a lost connection."""
    if isinstance(error, SourceContractBroken):
        return _MOST_PAUSE_SECONDS
    pause: float = _PAUSE_SECONDS * 2 ** (tries - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads out, hides nothing
    return min(max(pause, error.retry_after_seconds or 0.0), _MOST_PAUSE_SECONDS)


def _given_up(error: SourceError) -> Stop:
    return _failed(error) if isinstance(error, SourceContractBroken) else Parked(error.source, str(error))


def _failed(error: SourceError) -> Ended:
    """Ours to mend: the submission can be tried again then."""
    return Ended(SubmissionStatus.FAILED, (), str(error))


def parked_on(submission: Submission, stop: Parked) -> Submission:
    """What may have been written is still in doubt; all else simply waits its turn. The run that goes on then is the next one."""
    in_doubt = submission.status is SubmissionStatus.RECONCILING
    status = SubmissionStatus.RECONCILING if in_doubt else SubmissionStatus.QUEUED
    return submission.changed(run=submission.run + 1, status=status, parked_for=stop.source, executor=None)


def ended_by(submission: Submission, stop: Stop) -> Submission:
    """Steps that will not be taken any more are told as such."""
    if not isinstance(stop, Ended):
        raise TypeError("A run ends parked or with a status.")
    steps = submission.steps
    if stop.status in ENDED:
        steps = tuple(_skipped(step) if step.status is StepStatus.PENDING else step for step in steps)
    problems = stop.problems or submission.problems
    ended_at = datetime.now(UTC)
    return submission.changed(status=stop.status, problems=problems, steps=steps, executor=None, ended_at=ended_at)


def _skipped(step: Step) -> Step:
    return msgspec.structs.replace(step, status=StepStatus.SKIPPED)
