"""Query parameters, checked against what the contract says of them."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar
from urllib.parse import parse_qsl

from sandbox.problems import bad_request, limit_exceeded

MOST_KEYS = 100
MOST_ROWS = 100
_PAGE = 20
_TRUTH = {"true": True, "1": True, "false": False, "0": False}

C = TypeVar("C", bound=str)


class Query:
    def __init__(self, raw: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
            self._values.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def keys(self, name: str) -> list[str]:
        """The keys of a batch read, each once."""
        found = self.some(name)
        if not found:
            raise bad_request(f"Give at least one {name}.", name)
        return found

    def some(self, name: str) -> list[str]:
        found = self.all(name)
        if len(found) > MOST_KEYS:
            raise limit_exceeded(f"At most {MOST_KEYS} of {name} in one call, {len(found)} were given.", name)
        for at, value in enumerate(found):
            if not value:
                raise bad_request(f"{name} must not be empty.", f"{name}[{at}]")
        return list(dict.fromkeys(found))

    def key(self, name: str) -> str | None:
        """A filter by key: absent, or not empty."""
        found = self._single(name)
        if found == "":
            raise bad_request(f"{name} must not be empty.", name)
        return found

    def required(self, name: str) -> str:
        found = self.key(name)
        if found is None:
            raise bad_request(f"{name} is required.", name)
        return found

    def text(self, name: str) -> str | None:
        return self._single(name) or None

    def flag(self, name: str) -> bool:
        found = self._single(name)
        if found is None:
            return False
        if found not in _TRUTH:
            raise bad_request(f"{name} is true or false.", name)
        return _TRUTH[found]

    def integer(self, name: str, default: int, bounds: tuple[int, int]) -> int:
        found = self._single(name)
        if found is None:
            return default
        lowest, highest = bounds
        digits = found.isascii() and found.isdigit() and len(found) < len(str(highest)) + 2
        if not digits or not lowest <= int(found) <= highest:
            raise bad_request(f"{name} is a whole number from {lowest} to {highest}.", name)
        return int(found)

    def limit(self) -> int:
        return self.integer("limit", _PAGE, (1, MOST_ROWS))

    def day(self, name: str) -> date | None:
        found = self._single(name)
        if found is None:
            return None
        try:
            return date.fromisoformat(found if len(found) == len("2026-06-30") else "")
        except ValueError:
            raise bad_request(f"{name} is a date like 2026-06-30.", name) from None

    def choices(self, name: str, allowed: Sequence[C]) -> frozenset[C]:
        known = {each: each for each in allowed}
        for at, value in enumerate(self.all(name)):
            if value not in known:
                raise bad_request(f"{name} is one of {', '.join(allowed)}.", f"{name}[{at}]")
        return frozenset(known[value] for value in known if value in self.all(name))

    def _single(self, name: str) -> str | None:
        found = self.all(name)
        if len(found) > 1:
            raise bad_request(f"{name} is given once.", name)
        return found[0] if found else None
