"""On whose behalf, under which correlation id and until when a source is asked: handed down from the operation to every call."""

import time
from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from sources.trace import Trace
from sources.viewer import Viewer


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """A moment on the monotonic clock by which the whole operation must be answered."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def remaining_seconds(self) -> float:
        return self.at - time.monotonic()


class CallMade(NamedTuple):
    """What an observer is told of each attempt at an upstream call, when it ended. `outcome` is "ok" or an error's class name.

    `how`: it was sent; or another operation's call that asked the same was waited for; or it was refused here and not sent.
    `started` by the monotonic clock; `span_id` is what the source was told of it, where the operation is part of a trace.
    """

    source: str
    operation: str
    keys: int
    seconds: float
    outcome: str
    detail: str
    correlation_id: str
    attempt: int = 1
    how: Literal["sent", "shared", "refused"] = "sent"
    started: float = 0.0
    span_id: str = ""


Observer = Callable[[CallMade], None]


class Recalled(NamedTuple):
    """What a collector is told of each batch that was read: how much of it was remembered, how old that is, how long all of it is fresh.

    `hits` were answered from memory, `stale` of them past their policy; `fresh_for_seconds` is 0 where anything may not be kept.
    """

    source: str
    fact: str
    keys: int
    hits: int
    stale: int
    oldest_seconds: float
    fresh_for_seconds: float


Collector = Callable[[Recalled], None]


def _unobserved(_: CallMade) -> None:
    """Nobody listens."""


def _uncollected(_: Recalled) -> None:
    """Nobody collects."""


class CallContext(msgspec.Struct, frozen=True):
    """`max_age_seconds` bounds what may be remembered: None leaves it to the policy, 0 asks the source and joins no earlier call."""

    viewer: Viewer
    deadline: Deadline
    correlation_id: str
    observer: Observer = _unobserved
    max_age_seconds: float | None = None
    recalled: Collector = _uncollected
    trace: Trace | None = None
