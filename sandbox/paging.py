"""Lists in pages: a cursor is the place of the last row seen, so that rows written meanwhile move nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from sandbox.problems import bad_request
from sandbox.query import Query

R = TypeVar("R")
Place: TypeAlias = tuple[str, ...]


class PageAsked(NamedTuple):
    limit: int
    after: Place | None
    with_total: bool


class Page(NamedTuple, Generic[R]):
    rows: list[R]
    next: str | None
    total: int | None

    def named(self, name: str) -> dict[str, Any]:
        return {name: self.rows, "next": self.next, "total": self.total}


def page_asked(query: Query, size: int) -> PageAsked:
    """`size`: of how many parts a place in this list consists."""
    cursor = query.key("cursor")
    return PageAsked(query.limit(), None if cursor is None else _place(cursor, size), query.flag("count"))


def _place(cursor: str, size: int) -> Place:
    try:
        place = msgspec.json.decode(urlsafe_b64decode(cursor.encode("ascii")), type=tuple[str, ...])
    except (NotBase64, ValueError, msgspec.DecodeError):
        place = ()
    if len(place) != size:
        raise bad_request("This cursor was not given out by this list.", "cursor")
    return place


def page_of(rows: Iterable[R], asked: PageAsked, place: Callable[[R], Place], *, descending: bool = False) -> Page[R]:
    """`rows` in the list's order, which is that of their places (or its reverse)."""
    page: list[R] = []
    more = False
    total = 0
    for row in rows:
        total += 1
        if asked.after is not None and not _is_after(place(row), asked.after, descending=descending):
            continue
        if len(page) < asked.limit:
            page.append(row)
            continue
        more = True
        if not asked.with_total:
            break
    cursor = urlsafe_b64encode(msgspec.json.encode(place(page[-1]))).decode("ascii") if more else None
    return Page(page, cursor, total if asked.with_total else None)


def _is_after(place: Place, other: Place, *, descending: bool) -> bool:
    return place < other if descending else place > other
