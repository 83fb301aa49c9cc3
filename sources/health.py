"""How a source has been doing lately: calls, retries, failures and latency of the last minute."""

import time
from collections import deque
from collections.abc import Callable

import msgspec

from sources.breaker import BreakerState

WINDOW_SECONDS = 60
SAMPLES_A_SECOND = 100


class SourceState(msgspec.Struct, frozen=True):
    """A moment's picture. Of the last minute: `calls` sent, how many of them were `errors`, latencies (None without calls)."""

    name: str
    system: str
    breaker: BreakerState
    in_flight: int
    queued: int
    calls: int
    errors: int
    retries: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    rate_limited_for_seconds: float

    @property
    def error_rate(self) -> float:
        return self.errors / self.calls if self.calls else 0.0


class Second:
    """What happened in one second; of its latencies the first hundred."""

    __slots__ = ("at", "calls", "errors", "latencies", "retries")

    def __init__(self, at: int) -> None:
        self.at = at
        self.calls = self.errors = self.retries = 0
        self.latencies: list[float] = []


class Health:
    """Bounded: a minute of seconds, each with as many latencies as tell its quantiles well enough."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds: deque[Second] = deque([Second(int(clock()))], maxlen=WINDOW_SECONDS)
        self._now = self._seconds[-1]

    def called(self, seconds: float, *, failed: bool) -> None:
        now = self._second()
        now.calls += 1
        if failed:
            now.errors += 1
        if len(now.latencies) < SAMPLES_A_SECOND:
            now.latencies.append(seconds)

    def retried(self) -> None:
        self._second().retries += 1

    def recent(self, seconds: int = WINDOW_SECONDS) -> list[Second]:
        oldest = int(self._clock()) - seconds
        return [second for second in self._seconds if second.at > oldest]

    def _second(self) -> Second:
        at = int(self._clock())
        if self._now.at != at:
            self._now = Second(at)
            self._seconds.append(self._now)
        return self._now


def quantile_ms(ordered_seconds: list[float], share: float) -> float | None:
    """Nearest rank, in milliseconds."""
    if not ordered_seconds:
        return None
    return round(ordered_seconds[min(len(ordered_seconds) - 1, int(share * len(ordered_seconds)))] * 1000, 1)
