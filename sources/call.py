"""On whose behalf, under which correlation id and until when a source is asked: handed down from the operation to every call."""

import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

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
    """What an observer is told of each upstream call: one record a call, when it ended. `outcome` is "ok" or an error's class name."""

    source: str
    operation: str
    keys: int
    seconds: float
    outcome: str
    detail: str
    correlation_id: str


Observer = Callable[[CallMade], None]


def _unobserved(_: CallMade) -> None:
    """Nobody listens."""


class CallContext(msgspec.Struct, frozen=True):
    viewer: Viewer
    deadline: Deadline
    correlation_id: str
    observer: Observer = _unobserved
