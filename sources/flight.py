"""A load under way: everybody who asks the same meanwhile waits for it, and whoever gives up leaves it to the others."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from sources.call import CallContext
from sources.entry import Entry
from sources.errors import DeadlineExceeded, SourceError, SourceUnavailable
from sources.ports import Found
from sources.question import Question

Load = Callable[[CallContext, Sequence[str]], Awaitable[Found[Any, Any]]]


class Flight:
    """One batch, begun at `began`. Once `task` is done each name has an outcome, or `failure` is a fault of the code.

    `refusal`: the source failed as a whole.
    """

    __slots__ = (
        "began", "call", "failure", "is_direct", "is_refresh", "load", "outcomes", "patience_seconds", "question",
        "refusal", "task",
    )  # fmt: skip

    def __init__(self, began: float, question: Question, call: CallContext, load: Load) -> None:
        self.began, self.question, self.call, self.load = began, question, call, load
        self.is_direct = self.is_refresh = False
        self.patience_seconds = 0.0
        self.outcomes: dict[str, Entry[Any] | SourceError] = {}
        self.failure: Exception | None = None
        self.refusal: SourceError | None = None
        self.task: asyncio.Task[None] | None = None

    def outcome(self, name: str) -> Entry[Any] | SourceError:
        """What came of a name, as far as it is known by now."""
        found = self.outcomes.get(name)
        if found is not None:
            return found
        if self.task is not None and self.task.done():
            return SourceUnavailable(self.question.source, detail="the gateway stopped before the answer came")
        return DeadlineExceeded(self.question.source, detail="still being loaded")


async def landed(flights: Iterable[Flight], *, within: float) -> None:
    """Wait for all of them, for so long. Nobody who stops waiting stops them."""
    tasks = [flight.task for flight in flights if flight.task is not None and not flight.task.done()]
    if tasks:
        await asyncio.wait(tasks, timeout=within)
