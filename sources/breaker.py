"""The breaker: a source that keeps failing is left alone but for probes, and gets its traffic back in steps."""

import enum
import time
from collections import deque
from collections.abc import Callable
from typing import Annotated

import msgspec

Clock = Callable[[], float]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]

REFUSED = -1


class BreakerState(enum.Enum):
    CLOSED = "CLOSED"
    HALF_OPEN = "HALF_OPEN"
    OPEN = "OPEN"


class BreakerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """It opens when of the last `window` calls, `minimum` at least, the share `failure_ratio` failed.

    While it is open one probe every `probe_seconds` goes through. After one that succeeds traffic returns in `steps`: the share
    of calls let through, each for `step_seconds`.
    """

    window: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 20
    minimum: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    failure_ratio: Share = 0.6
    probe_seconds: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    steps: tuple[Share, ...] = (0.1, 0.3, 0.6)
    step_seconds: Annotated[float, msgspec.Meta(ge=0)] = 1.0

    def __post_init__(self) -> None:
        if self.minimum > self.window:
            raise ValueError("`minimum` cannot be more than `window`: the breaker would never open")


def _unheard(_: BreakerState) -> None:
    """Nobody listens."""


class Breaker:
    """Asked before each call, told after it. `changed` hears of each new state."""

    def __init__(
        self,
        settings: BreakerSettings,
        *,
        clock: Clock = time.monotonic,
        changed: Callable[[BreakerState], None] = _unheard,
    ) -> None:
        self._settings, self._clock, self._changed = settings, clock, changed
        self._outcomes: deque[bool] = deque(maxlen=settings.window)
        self._failures = 0
        self._next_at = 0.0
        self._step = 0
        self._let_through = 0.0
        self._proven = False
        self.state = BreakerState.CLOSED
        self.turn = 0

    def admitted(self) -> int:
        """REFUSED, or a ticket to be given back with the outcome: what was begun in another state says nothing of this one."""
        if self.state is BreakerState.CLOSED or (
            self._is_probe_due() if self.state is BreakerState.OPEN else self._is_in_step()
        ):
            return self.turn
        return REFUSED

    def succeeded(self, ticket: int) -> None:
        if ticket != self.turn:
            return
        if self.state is BreakerState.OPEN:
            self._become(BreakerState.HALF_OPEN)
            self._outcomes.clear()
            self._failures = 0
            self._begin_step(0)
        self._note(failed=False)
        self._proven = True

    def failed(self, ticket: int) -> None:
        if ticket != self.turn or self.state is BreakerState.OPEN:
            return
        self._note(failed=True)
        minimum = self._settings.minimum if self.state is BreakerState.CLOSED else 1
        seen = len(self._outcomes)
        if seen >= minimum and self._failures >= self._settings.failure_ratio * seen:
            self._open()

    def _is_probe_due(self) -> bool:
        now = self._clock()
        if now < self._next_at:
            return False
        self._next_at = now + self._settings.probe_seconds
        return True

    def _is_in_step(self) -> bool:
        if self._proven and self._clock() >= self._next_at and self._begin_step(self._step + 1):
            return True
        self._let_through += self._settings.steps[self._step]
        if self._let_through < 1:
            return False
        self._let_through -= 1
        return True

    def _begin_step(self, step: int) -> bool:
        """Whether that was the last one, and all traffic is back. The first call of each step goes through."""
        if step >= len(self._settings.steps):
            self._become(BreakerState.CLOSED)
            return True
        self._step, self._let_through, self._proven = step, 1.0, False
        self._next_at = self._clock() + self._settings.step_seconds
        return False

    def _open(self) -> None:
        self._next_at = self._clock() + self._settings.probe_seconds
        self._become(BreakerState.OPEN)

    def _become(self, state: BreakerState) -> None:
        self.state = state
        self.turn += 1
        self._changed(state)

    def _note(self, *, failed: bool) -> None:
        outcomes = self._outcomes
        if len(outcomes) == outcomes.maxlen and outcomes[0]:
            self._failures -= 1
        outcomes.append(failed)
        if failed:
            self._failures += 1
