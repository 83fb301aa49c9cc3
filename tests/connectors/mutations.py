"""An answer with one thing wrong in it, over and over: each member missing, null, of another type, of absurd length."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

LONG = "9" * 20_000
"""A text, or the digits of a number, that no system of record would send."""

Step = str | int
ANOTHER: dict[type, Any] = {
    str: 7,
    int: "seven",
    float: "seven",
    bool: "neither",
    dict: [],
    list: {},
    type(None): {"not": "nothing"},
}


def mutations(body: bytes) -> Iterator[tuple[str, bytes]]:
    """What was done to it, and the answer then. Of a list's elements only the first is tried: the others are of its kind."""
    content = msgspec.json.decode(body)
    for path in _paths(content):
        name = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        yield f"{name} missing", _with(content, path, None, is_gone=True)
        value = _at(content, path)
        for how, other in (("null", None), ("of another type", ANOTHER[type(value)]), ("too long", LONG)):
            if type(other) is not type(value) or how == "too long":
                yield f"{name} {how}", _with(content, path, other)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{name} a long number", _with(content, path, msgspec.Raw(LONG.encode()))


def _paths(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    members: list[tuple[Step, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value[:1]))
    for step, member in members:
        yield (*path, step)
        yield from _paths(member, (*path, step))


def _at(value: Any, path: Sequence[Step]) -> Any:
    for step in path:
        value = value[step]
    return value


def _with(content: Any, path: Sequence[Step], value: Any, *, is_gone: bool = False) -> bytes:
    """A copy with one value replaced, or without it."""
    return msgspec.json.encode(_replaced(content, path, value, is_gone=is_gone))


def _replaced(content: Any, path: Sequence[Step], value: Any, *, is_gone: bool) -> Any:
    first, rest = path[0], path[1:]
    copy = dict(content) if isinstance(content, dict) else list(content)
    if rest:
        copy[first] = _replaced(copy[first], rest, value, is_gone=is_gone)
    elif is_gone:
        del copy[first]
    else:
        copy[first] = value
    return copy
