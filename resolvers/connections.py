"""Relay connections over the sources' own paging: an edge's cursor is the source's page cursor and a place in that page."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import msgspec
import strawberry

from resolvers.context import Info
from resolvers.errors import BadInput, LimitExceeded
from resolvers.opaque import foreign, sealed, unsealed
from resolvers.selection import selects
from sources.models import Page, PageRequest

MAX_FIRST = 100
DEFAULT_FIRST = 20
N = TypeVar("N")
R = TypeVar("R")

First = Annotated[int | None, strawberry.argument(description="How many at most: 0 to 100; 20 if left out or null.")]
After = Annotated[str | None, strawberry.argument(description="A cursor: what comes behind it is given.")]


@strawberry.type(description="Where a page of a list begins and ends.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more comes behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for behind a cursor.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge: pass it as after to go on.")


@strawberry.type(description="One record of a list, and its place in it.")
class Edge(Generic[N]):
    node: N = strawberry.field(description="The record.")
    cursor: str = strawberry.field(description="Its place: pass it as after to go on behind it.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[N]):
    edges: list[Edge[N]] = strawberry.field(description="The records, in the list's order.")
    page_info: PageInfo = strawberry.field(description="Where this page begins and ends.")
    total_count: int | None = strawberry.field(
        description="How many there are in all; counted by the source only when asked for. Null where it does not count."
    )


class Cursor(NamedTuple):
    """`skip` rows behind the start of the source's page at `page` (None: the first)."""

    page: str | None
    skip: int


_DECODER = msgspec.json.Decoder(Cursor)


def decode_cursor(text: str) -> Cursor:
    cursor = unsealed(text, _DECODER, argument="after", kind="cursor")
    if not 0 <= cursor.skip <= MAX_FIRST:
        raise foreign("after", "cursor")
    return cursor


class Placed(NamedTuple):
    """An edge. Its cursor is made when somebody asks for it."""

    node: Any
    place: Cursor

    @property
    def cursor(self) -> str:
        return sealed(self.place)


class Stretch(NamedTuple):
    """What a client wants of a list, checked. `lines`: whether of orders their lines may be asked for, too."""

    first: int
    start: Cursor
    counted: bool
    resumed: bool
    lines: bool = True

    def request(self) -> PageRequest:
        limit = max(1, min(MAX_FIRST, self.start.skip + self.first))
        return PageRequest(limit, self.start.page, self.counted, self.lines)

    def rest(self, found: int, cursor: str) -> PageRequest:
        """What is missing behind so many rows."""
        return PageRequest(self.first - found, cursor, lines=self.lines)


def stretch(info: Info, first: int | None, after: str | None) -> Stretch:
    first = DEFAULT_FIRST if first is None else first
    if first > MAX_FIRST:
        raise LimitExceeded("first", asked=first, limit=MAX_FIRST)
    if first < 0:
        raise BadInput("first", "it may not be negative.")
    start = Cursor(None, 0) if after is None else decode_cursor(after)
    return Stretch(first, start, selects(info, "totalCount"), resumed=after is not None)


async def connection(wanted: Stretch, read: Callable[[PageRequest], Awaitable[Page[R]]]) -> Connection[R]:
    """Read on where the stretch begins amid a page and one page of the source does not hold it all."""
    page = await read(wanted.request())
    rows = _placed(page, wanted.start.page)[wanted.start.skip :]
    last = page
    if len(rows) < wanted.first and page.next is not None:
        last = await read(wanted.rest(len(rows), page.next))
        rows += _placed(last, page.next)
    kept = rows[: wanted.first]
    info = PageInfo(
        has_next_page=len(rows) > len(kept) or last.next is not None,
        has_previous_page=wanted.resumed,
        start_cursor=kept[0].cursor if kept else None,
        end_cursor=kept[-1].cursor if kept else None,
    )
    edges: list[Any] = kept
    return Connection(edges=edges, page_info=info, total_count=page.total)


def _placed(page: Page[R], start: str | None) -> list[Placed]:
    rows = [Placed(row, Cursor(start, index)) for index, row in enumerate(page.rows, start=1)]
    if page.next is not None and rows:
        rows[-1] = Placed(rows[-1].node, Cursor(page.next, 0))
    return rows
