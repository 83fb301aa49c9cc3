"""Retries: full jitter, and a budget that keeps them a small share of all calls, so that they never multiply an outage."""

import random
from collections.abc import Callable
from typing import Annotated

import msgspec

from sources.health import Health

BUDGET_SECONDS = 10
"""The budget is a share of the calls of so many seconds."""


class RetrySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At most `attempts` in all. Before the n-th retry a pause between 0 and `base_seconds`·2ⁿ⁻¹, no more than `cap_seconds`.

    `budget_ratio`: the share of the calls of the last ten seconds that may be retries; `budget_floor`: so many always may.
    """

    attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 4
    base_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.05
    cap_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    budget_ratio: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.15
    budget_floor: Annotated[int, msgspec.Meta(ge=0)] = 10


class Retries:
    """One source's; `draw` gives a number in [0, 1)."""

    def __init__(self, settings: RetrySettings, health: Health, draw: Callable[[], float] = random.random) -> None:
        self._settings, self._health, self._draw = settings, health, draw

    def pause_seconds(self, attempt: int) -> float | None:
        """How long to wait after this attempt until the next; None where there is none: too many, or no budget left."""
        if attempt >= self._settings.attempts or not self._has_budget():
            return None
        longest: float = min(self._settings.cap_seconds, self._settings.base_seconds * 2 ** (attempt - 1))
        return self._draw() * longest

    def _has_budget(self) -> bool:
        recent = self._health.recent(BUDGET_SECONDS)
        retries = sum(second.retries for second in recent)
        first = sum(second.calls for second in recent) - retries
        return retries < max(self._settings.budget_floor, self._settings.budget_ratio * first)
