"""Faults at random in one system after the other, and which errors they account for."""

import asyncio
import random
import time
from typing import Any, Final, NamedTuple

from deploy.systems import ROLES, Systems

FAULTS: Final[dict[str, dict[str, Any]]] = {
    "503": {"status": 503},
    "every second call 500": {"status": 500, "rate": 0.5},
    "429": {"status": 429},
    "hangs": {"hang": True},
    "half a second late": {"latency_ms": 500},
    "connection cut before the work": {"drop": "before"},
    "connection cut after the work": {"drop": "after"},
    "half of the JSON": {"garbage": True},
    "slow drip": {"drip": True},
    "body cut off": {"truncate": 20},
    "HTML": {"content_type": "text/html"},
}
LASTS_SECONDS: Final = (1.0, 6.0)
PAUSE_SECONDS: Final = (2.0, 8.0)
RECOVERY_SECONDS: Final = 5.0
"""So long after a fault an error of its system is still put down to it: a source that was left alone is taken back in steps."""


class Spell(NamedTuple):
    """`begun` and `ended` are of the monotonic clock, in seconds."""

    role: str
    fault: str
    begun: float
    ended: float


class Weather:
    """`spells` are over; `now` is the one that is on."""

    def __init__(self, systems: Systems, seed: int) -> None:
        self._systems, self._random = systems, random.Random(seed)  # noqa: S311 - faults are to be repeatable, not secret
        self.spells: list[Spell] = []
        self.now: Spell | None = None

    async def change(self) -> None:
        """Until cancelled; the fault of that moment is cleared."""
        try:
            while True:
                await asyncio.sleep(self._random.uniform(*PAUSE_SECONDS))
                await self._begin(self._random.choice(ROLES), self._random.choice(list(FAULTS)))
                await asyncio.sleep(self._random.uniform(*LASTS_SECONDS))
                await self._end()
        finally:
            await self._end()

    async def _begin(self, role: str, fault: str) -> None:
        self.now = Spell(role, fault, time.monotonic(), float("inf"))
        await self._systems.told("PUT", role, "faults", **FAULTS[fault])

    async def _end(self) -> None:
        if (now := self.now) is None:
            return
        await self._systems.told("DELETE", now.role, "faults")
        self.spells.append(now._replace(ended=time.monotonic()))
        self.now = None

    def accounts_for(self, role: str, begun: float, ended: float) -> bool:
        """Whether that system was struck while a request went on that began and ended then, or shortly before."""
        spells = [*self.spells[-64:], *([self.now] if self.now is not None else [])]
        return any(
            each.role == role and each.begun <= ended and begun <= each.ended + RECOVERY_SECONDS for each in spells
        )
