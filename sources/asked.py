"""What is asked of a source: an operation, and one request of it ready to be sent."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

_UNQUOTED = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII)


class Operation(NamedTuple):
    """One thing a source can be asked. `path` is a template, fit for logs and metrics: it never holds a key."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Asked(NamedTuple):
    """Whether it is a write is declared by who asks, not by its method: prices and simulations are reads by POST."""

    operation: Operation
    url: str
    body: bytes | None = None
    keys: int = 1
    is_write: bool = False
    idempotency_key: str | None = None


def repeated(name: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """A batch read's keys as the contract spells them: the same parameter once a key."""
    return [(name, value) for value in values]


def query_string(params: Iterable[tuple[str, str]]) -> str:
    """Keys seldom hold anything that must be quoted: one look at all of them spares looking at each."""
    pairs = list(params)
    if not pairs:
        return ""
    if _UNQUOTED.fullmatch("".join([value for _, value in pairs])):
        return "?" + "&".join([f"{name}={value}" for name, value in pairs])
    return f"?{urlencode(pairs)}"
