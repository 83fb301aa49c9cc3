"""How often each operation was called and each key asked for: what a test of batching, or of a rate, counts."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

_MOST_KEYS = 20_000
_MOST_HEADS = 100
_SECOND = 1.0
_TRACING = {b"x-correlation-id": "correlationId", b"traceparent": "traceparent", b"tracestate": "tracestate"}


class Calls:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        self._operations: dict[str, int] = {}
        self._keys: dict[str, dict[str, int]] = {}
        self._largest: dict[str, int] = {}
        self._busiest: dict[str, int] = {}
        self._recent: dict[str, deque[float]] = {}
        self._heads: deque[dict[str, str]] = deque(maxlen=_MOST_HEADS)

    def heard(self, operation: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """By what the caller will find this call again."""
        told = {_TRACING[name]: value.decode("latin-1") for name, value in headers if name in _TRACING}
        self._heads.append({"operation": operation, **told})

    def heads(self) -> list[dict[str, str]]:
        """Of the latest hundred calls, oldest first."""
        return list(self._heads)

    def count(self, operation: str, keys: Sequence[str]) -> None:
        self._operations[operation] = self._operations.get(operation, 0) + 1
        self._pace(operation)
        if not keys:
            return
        self._largest[operation] = max(self._largest.get(operation, 0), len(keys))
        known = self._keys.setdefault(operation, {})
        for key in keys:
            if key in known:
                known[key] += 1
            elif len(known) < _MOST_KEYS:
                known[key] = 1

    def _pace(self, operation: str) -> None:
        """The fullest second ends with a call, so looking back a second from each call misses none."""
        now = self._clock()
        recent = self._recent.setdefault(operation, deque())
        while recent and recent[0] <= now - _SECOND:
            recent.popleft()
        recent.append(now)
        self._busiest[operation] = max(self._busiest.get(operation, 0), len(recent))

    def report(self) -> dict[str, object]:
        return {
            "total": sum(self._operations.values()),
            "operations": self._operations,
            "keys": self._keys,
            "largest": self._largest,
            "busiest": self._busiest,
        }
