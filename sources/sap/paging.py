"""Where a list of several companies goes on: in which of them, and behind how many rows."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from sources.errors import SourceRejected
from sources.models import PageRequest

R = TypeVar("R")

_BREAK = "~"
_MOST_DIGITS = 9


class Place(NamedTuple):
    company: str
    skip: int

    @property
    def cursor(self) -> str:
        return f"{self.company}{_BREAK}{self.skip}"

    @classmethod
    def after(cls, company: str, codes: Sequence[str]) -> "Place | None":
        later = list(codes)[list(codes).index(company) + 1 :]
        return cls(later[0], 0) if later else None


def stretch(rows: Sequence[R], limit: int, *, goes_on: bool) -> tuple[Sequence[R], bool]:
    """At most so many of the rows, of which one more was asked for, and whether there are more. A server may give fewer than asked for."""
    return rows[:limit], len(rows) > limit or (goes_on and len(rows) > 0)


def place_of(page: PageRequest, codes: Sequence[str], source: str) -> Place | None:
    """None where there is nothing to list. Raises SourceRejected for a cursor that was not ours."""
    if page.cursor is None:
        return Place(codes[0], 0) if codes else None
    company, _, rest = page.cursor.rpartition(_BREAK)
    if company not in codes or not (rest.isascii() and rest.isdigit() and len(rest) <= _MOST_DIGITS):
        raise SourceRejected(source, reason="INVALID_CURSOR", detail="a cursor that was not ours")
    return Place(company, int(rest))
