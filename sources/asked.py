"""What is asked of a source: an operation, and one request of it ready to be sent."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar
from urllib.parse import quote, urlencode

from sources.errors import SourceError

_DOTS = {".": "%2E", "..": "%2E%2E"}
NO_LIMITS: Mapping[str, float] = {}
_UNQUOTED = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII)

JSON = "application/json"

T_co = TypeVar("T_co", covariant=True)


class Decoder(Protocol[T_co]):
    """What reads an answer: msgspec's, or one of its like. Raises msgspec.DecodeError where the answer does not fit."""

    def decode(self, content: bytes, /) -> T_co: ...


Headed = Callable[[int, Sequence[tuple[str, str]]], SourceError | None]
"""Is shown an answer's status and headers before anything else of it, and says what error it is, if it can tell by these."""


class Operation(NamedTuple):
    """One thing a source can be asked. `path` is a template, fit for logs and metrics: it never holds a key, which fills a `{place}` in it.

    `answers`: the statuses that carry an answer to a read; a write's are all of 2xx. `refusals`: the statuses by which this system says
    no in its own words, beside those of sources/meaning.py; the connector's `reason` finds the word. `limits`: the words of a refusal
    that mean "too many", whatever its status, and the seconds to leave the system alone where it names no time itself.
    `media`: what a good answer is.
    """

    method: str
    path: str
    answers: frozenset[int] = frozenset({200})
    refusals: frozenset[int] = frozenset()
    limits: Mapping[str, float] = NO_LIMITS
    media: str = JSON

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
    headers: Mapping[str, str] = {}
    headed: Headed | None = None

    def __repr__(self) -> str:
        """Its address names records, and its headers may hold a session."""
        return f"Asked({self.operation})"


def filled(path: str, at: Mapping[str, str]) -> str:
    """The template with its places filled, quoted, so that no key can leave its place. A key must not be empty: there is no such record."""
    if not at:
        return path
    if not all(at.values()):
        raise ValueError("an empty key names nothing")
    return path.format_map({name: _DOTS.get(value) or quote(value, safe="") for name, value in at.items()})


def repeated(name: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """A batch read's keys as the contract spells them: the same parameter once a key, and each key once."""
    return [(name, value) for value in dict.fromkeys(values)]


def query_string(params: Iterable[tuple[str, str]]) -> str:
    """Keys seldom hold anything that must be quoted: one look at all of them spares looking at each."""
    pairs = list(params)
    if not pairs:
        return ""
    if _UNQUOTED.fullmatch("".join([value for _, value in pairs])):
        return "?" + "&".join([f"{name}={value}" for name, value in pairs])
    return f"?{urlencode(pairs, quote_via=quote)}"  # a space is %20 everywhere; + is one in forms only
