"""What is remembered of one question: its answer, and the moment its load began."""

import sys
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec

V = TypeVar("V")
Rows = tuple[tuple[Any, Any], ...]

UNNAMED = "unnamed"
"""Stands for the key of an entry that has just come from the shared tier, where keys are not written: the question knows it."""


class Entry(msgspec.Struct, Generic[V], array_like=True, gc=False):
    """One record under its own key; or, where `key` is None, the rows of all companies, none of which may be there.

    `bytes`: about how much memory it takes in all. `checked`: no invalidation up to this moment concerns it.
    """

    stamp: float
    bytes: int
    value: V
    key: Any = UNNAMED
    checked: float = float("-inf")

    @property
    def rows(self) -> Rows:
        found: Any = self.value
        return found if self.key is None else ((self.key, found),)

    @property
    def is_absent(self) -> bool:
        return self.key is None and not self.value


def staled(value: Any) -> Any:
    """The same fact, marked as served past its policy where its kind can say so."""
    return msgspec.structs.replace(value, stale=True) if hasattr(value, "stale") else value


# ---------------------------------------------------------------- how much memory an entry takes

ENTRY_BYTES = 300
"""The entry itself, its place in the tier's table and its share of the table's growth; a test holds the sum against tracemalloc."""

_SIZED: dict[type, int] = {bool: 0, type(None): 0, int: 32, float: 32, Decimal: 112, datetime: 64}
_PADDING = 16


def weighed(stamp: float, at: str, key: Any, value: Any) -> Entry[Any]:
    """An entry that is to be kept at this name."""
    return Entry(stamp, ENTRY_BYTES + sys.getsizeof(at) + weight(key) + weight(value), value, key, stamp)


def weight(value: Any) -> int:
    """About how many bytes a value takes; what it shares with others counts as its own, so that the bound errs on the safe side."""
    kind = type(value)
    known = _SIZED.get(kind)
    if known is not None:
        return known
    if kind is str:
        return sys.getsizeof(value) + _PADDING
    own = sys.getsizeof(value) + _PADDING
    if kind is tuple or kind is list:
        return own + sum(map(weight, value))
    if kind is dict:
        return own + sum(weight(key) + weight(each) for key, each in value.items())
    if isinstance(value, Enum):
        return 0
    fields: tuple[Any, ...] = msgspec.structs.astuple(value) if isinstance(value, msgspec.Struct) else ()
    return own + sum(map(weight, fields))
