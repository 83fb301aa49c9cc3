"""What the four standard connectors have alike: a batch read's parameters, and its answer as a mapping."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from sources.errors import SourceError
from sources.models import Key
from sources.standard import mapping, payload

R = TypeVar("R")
V = TypeVar("V")

MAX_KEYS = 100
"""What the contract's batch reads take at once."""


def optional(**params: str | None) -> list[tuple[str, str]]:
    """Query parameters; what is None is not sent."""
    return [(name, value) for name, value in params.items() if value is not None]


def failures(source: str, company: str | None, rows: Iterable[payload.Failure]) -> dict[Key, SourceError]:
    return {Key(company, row.key): mapping.failed_key(source, row.code) for row in rows}


def by_key(
    rows: Iterable[R], key: Callable[[R], Key], value: Callable[[R], V], *, failed: Mapping[Key, SourceError]
) -> dict[Key, V | SourceError]:
    return {**{key(row): value(row) for row in rows}, **failed}


def listed_by_key(
    asked: Sequence[Key], rows: Iterable[R], key: Callable[[R], Key], *, value: Callable[[R], V]
) -> dict[Key, tuple[V, ...]]:
    """Many rows a key, in the source's order; a key asked for that has none holds an empty tuple."""
    lists: dict[Key, list[V]] = {each: [] for each in asked}
    for row in rows:
        lists.setdefault(key(row), []).append(value(row))
    return {each: tuple(values) for each, values in lists.items()}


class _Refusal(msgspec.Struct):
    reason: str | None = None
    code: str | None = None


class _Envelope(msgspec.Struct):
    error: _Refusal


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_MAX_REASON = 40


def reason(body: bytes) -> str:
    """The machine word in a refusal's error envelope; anything else in the body stays behind."""
    try:
        error = _ENVELOPE.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "REJECTED"
    word = error.reason or error.code or ""
    return word if word.replace("_", "").isalnum() and word.isascii() and len(word) <= _MAX_REASON else "REJECTED"
