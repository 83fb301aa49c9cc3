"""A token bucket: so many calls a second, and as many at once after a rest."""

import time
from collections.abc import Callable


class Bucket:
    def __init__(self, a_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second = a_second
        self._clock = clock
        self._tokens = float(a_second)
        self._filled = clock()

    def take(self) -> bool:
        """Whether there was a token; then it is gone."""
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._filled) * self._a_second, self._a_second)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
