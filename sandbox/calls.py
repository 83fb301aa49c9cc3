"""How often each operation was called and each key asked for: what a test of batching counts."""

from collections.abc import Sequence

_MOST_KEYS = 20_000


class Calls:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._operations: dict[str, int] = {}
        self._keys: dict[str, dict[str, int]] = {}
        self._largest: dict[str, int] = {}

    def count(self, operation: str, keys: Sequence[str]) -> None:
        self._operations[operation] = self._operations.get(operation, 0) + 1
        if not keys:
            return
        self._largest[operation] = max(self._largest.get(operation, 0), len(keys))
        known = self._keys.setdefault(operation, {})
        for key in keys:
            if key in known:
                known[key] += 1
            elif len(known) < _MOST_KEYS:
                known[key] = 1

    def report(self) -> dict[str, object]:
        return {
            "total": sum(self._operations.values()),
            "operations": self._operations,
            "keys": self._keys,
            "largest": self._largest,
        }
