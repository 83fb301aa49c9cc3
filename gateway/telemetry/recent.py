"""The slowest operations of late: five of each minute, for an hour, with all that they waited for."""

import time
from bisect import insort
from collections import deque
from collections.abc import Callable
from typing import Any

from gateway.telemetry.record import Record
from gateway.telemetry.waterfall import waterfall
from resolvers.traces import Traced
from sources.call import CallMade, Recalled

MINUTES, A_MINUTE = 60, 5


class Recent:
    """This process's own. Bounded; what is kept is plain data, for a step would hold its whole document."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._minutes: deque[tuple[int, list[Traced]]] = deque(maxlen=MINUTES)

    def begun(self, _: Record) -> None:
        """An operation is told when it is over."""

    def call_made(self, _: CallMade) -> None:
        """The record has it."""

    def recalled(self, _: Recalled) -> None:
        """The record has it."""

    def refused(self, *_: Any, **__: Any) -> None:
        """A request that became no operation has nothing to show."""

    def over(self, record: Record) -> None:
        minute = int(self._clock() // 60)
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append((minute, []))
        kept = self._minutes[-1][1]
        if len(kept) < A_MINUTE or record.seconds * 1000 > kept[-1].ms:
            insort(kept, waterfall(record), key=lambda each: -each.ms)
            del kept[A_MINUTE:]

    def slowest(self) -> list[Traced]:
        """The slowest first."""
        oldest = int(self._clock() // 60) - MINUTES
        found = [each for minute, kept in self._minutes if minute > oldest for each in kept]
        return sorted(found, key=lambda each: -each.ms)
