"""How runs are set going, as those who ask for it see it: at once, or in their turn."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from orders.record import Submission
from orders.store import Store

TURN = "turn"
"""What a submission is parked for that waits for nothing but its turn."""


class Workflows(Protocol):
    """A run is started, or stands in the queue, once: by the submission's id and the run's number."""

    @property
    def active(self) -> Collection[tuple[str, int]]:
        """The runs that this process is at."""
        ...

    async def start(self, submission_id: str, run: int) -> None: ...

    async def enqueue(self, submission_id: str, run: int, *, is_interactive: bool) -> None: ...

    async def begun_by(self, executor: str) -> list[tuple[str, int]]:
        """The runs that an executor had taken out of the queue or started, and not ended."""
        ...

    async def forget(self, submission_id: str, run: int) -> None: ...

    async def clean(self, before: datetime) -> None: ...

    async def quiet(self) -> None:
        """Until what this process is at has ended, as long as a shutdown may take."""
        ...


async def queued(store: Store, workflows: Workflows, submission: Submission) -> Submission:
    """A parked submission given to the queue. Broken off in between, it is done again: a run is in the queue once."""
    await workflows.enqueue(submission.id, submission.run, is_interactive=submission.is_interactive)
    await store.unpark(submission)
    return submission.changed(parked_for=None)
