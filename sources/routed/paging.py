"""One list over several systems: page by page, every row once, and a cursor that says where each of them is.

Two ways: one system after the other, each asked only when those before it are through; or merged, where the list has an order of
its own. Both keep what pages have to keep: from one cursor, a shorter page is the beginning of a longer one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from sources.errors import SourceError, SourceRejected
from sources.models import Page, PageRequest

R = TypeVar("R")

MOST_ROWS = 100
"""What a source gives at once."""

MOST_READS = 16
"""So often a page is filled up by reading on; then it stays short."""


class Reader(NamedTuple, Generic[R]):
    """A system's part of the list. `owns`: whether a row is of what it answers for; another's rows are passed over."""

    read: Callable[[PageRequest], Awaitable[Page[R]]]
    owns: Callable[[R], bool]


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False, forbid_unknown_fields=True):
    """`skip` rows behind the start of the system's page at `cursor` (None: its first)."""

    cursor: str | None = None
    skip: int = 0


Places = Mapping[str, Place]
"""Where each system's list goes on, by its name; one that is through is not in it."""

_PLACES = msgspec.json.Decoder(dict[str, Place])


class Listing(Generic[R]):
    """`name` is the role's, for errors of no single system; `readers` by the systems' names, in the order of the list."""

    def __init__(self, name: str, readers: Mapping[str, Reader[R]]) -> None:
        self._name, self._readers = name, readers

    async def in_turn(self, page: PageRequest) -> Page[R]:
        """One system after the other. The cursor names the one that is next."""
        places = self._places(page.cursor, list(self._readers)[:1])
        return await self._counted(page, places, self._in_turn)

    async def merged(self, page: PageRequest, key: Callable[[R], Any]) -> Page[R]:
        """By falling `key`, as far as each system's own list falls; rows that are equal in the order of the systems."""
        places = self._places(page.cursor, self._readers)

        async def read(asked: PageRequest, begun: Places, totals: "Totals") -> Page[R]:
            return await self._merged(asked, begun, totals, key=key)

        return await self._counted(page, places, read)

    # ------------------------------------------------------------ one after the other

    async def _in_turn(self, page: PageRequest, places: Places, totals: "Totals") -> Page[R]:
        rows: list[R] = []
        names = list(self._readers)
        for _ in range(MOST_READS if places else 0):
            ((name, place),) = places.items()
            reader = self._readers[name]
            wanted = page._replace(limit=page.limit - len(rows), cursor=place.cursor, counted=totals.wants(name))
            raw = totals.noted(name, await reader.read(wanted), reader)
            rows += [row for row in raw.rows if reader.owns(row)]
            following = name if raw.next is not None else next(iter(names[names.index(name) + 1 :]), None)
            places = {following: Place(raw.next)} if following is not None else {}
            if not places or len(rows) >= page.limit:
                break
        return Page(tuple(rows), _spelled(places))

    # ------------------------------------------------------------ merged

    async def _merged(self, page: PageRequest, places: Places, totals: "Totals", *, key: Callable[[R], Any]) -> Page[R]:
        rows: list[R] = []
        for _ in range(MOST_READS):
            wanted = page._replace(limit=page.limit - len(rows))
            heads = {name: Head(place, self._readers[name].owns) for name, place in places.items()}
            asking = [self._filled(name, head, wanted, totals=totals) for name, head in heads.items()]
            for failed in await asyncio.gather(*asking):
                if failed is not None:
                    raise failed
            rows += taken(list(heads.values()), wanted.limit, key)
            places = {name: head.place for name, head in heads.items() if head.place is not None}
            if not places or len(rows) >= page.limit:
                break
        return Page(tuple(rows), _spelled(places))

    async def _filled(self, name: str, head: "Head[R]", wanted: PageRequest, *, totals: "Totals") -> SourceError | None:
        reader = self._readers[name]
        try:
            page = await reader.read(head.request(wanted._replace(counted=totals.wants(name))))
        except SourceError as error:
            return error
        head.fill(totals.noted(name, page, reader))
        return None

    # ------------------------------------------------------------ cursors and counts

    def _places(self, cursor: str | None, start: Iterable[str]) -> Places:
        """Raises SourceRejected for what is no cursor of this list: it came from a client, and settings change."""
        if cursor is None:
            return dict.fromkeys(start, Place())
        try:
            places = _PLACES.decode(cursor)
        except (msgspec.DecodeError, UnicodeEncodeError):
            places = {}
        is_known = places.keys() <= self._readers.keys() and len(places) <= len(list(start))
        if not places or not is_known or any(not 0 <= each.skip < MOST_ROWS for each in places.values()):
            raise SourceRejected(self._name, reason="UNKNOWN_CURSOR")
        return {name: places[name] for name in self._readers if name in places}

    async def _counted(
        self,
        page: PageRequest,
        places: Places,
        read: Callable[[PageRequest, Places, "Totals"], Awaitable[Page[R]]],
    ) -> Page[R]:
        """Those whose rows are read say their totals along with them; the others are asked side by side."""
        totals = Totals(places if page.counted else ())
        if not page.counted:
            return await read(page, places, totals)
        others = [self._count(name, page, totals) for name in self._readers if name not in places]
        found, *_ = await asyncio.gather(_settled(read(page, places, totals)), *others)
        if isinstance(found, SourceError):
            raise found
        return Page(found.rows, found.next, totals.sum_of(self._readers))

    async def _count(self, name: str, page: PageRequest, totals: "Totals") -> None:
        """A total that cannot be had is no reason to withhold the rows: it stays unsaid."""
        reader = self._readers[name]
        with suppress(SourceError):
            totals.noted(name, await reader.read(page._replace(limit=1, cursor=None)), reader)


class Totals:
    """How many rows each system says it has: asked once, with its first page."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = set(wanted)
        self._said: dict[str, int] = {}
        self._mixed: set[str] = set()

    def wants(self, name: str) -> bool:
        return name in self._wanted and name not in self._said

    def noted(self, name: str, page: Page[R], reader: Reader[R]) -> Page[R]:
        """A system that holds another's rows counts them, too: its total is none of the list's."""
        if not all(reader.owns(row) for row in page.rows):
            self._mixed.add(name)
        if page.total is not None:
            self._said.setdefault(name, page.total)
        return page

    def sum_of(self, names: Iterable[str]) -> int | None:
        """None where one of them did not say, or counts what is another's."""
        said = [None if name in self._mixed else self._said.get(name) for name in names]
        known = [each for each in said if each is not None]
        return sum(known) if len(known) == len(said) else None


class Head(Generic[R]):
    """Where the merge stands in one system's list. `place` is None once it is through."""

    def __init__(self, place: Place, owns: Callable[[R], bool]) -> None:
        self.place: Place | None = place
        self._cursor, self._skip, self._owns = place.cursor, place.skip, owns
        self._next: str | None = None
        self._raw: Sequence[R] = ()
        self._at = 0

    def request(self, wanted: PageRequest) -> PageRequest:
        """The same of this system's own list, from where the merge stands."""
        return wanted._replace(limit=max(1, min(MOST_ROWS, self._skip + wanted.limit)), cursor=self._cursor)

    def fill(self, page: Page[R]) -> None:
        self._raw, self._next, self._at = page.rows, page.next, self._skip
        self._settle()

    @property
    def row(self) -> R | None:
        """The next one of its own; None where the page is used up."""
        return self._raw[self._at] if self._at < len(self._raw) else None

    @property
    def may_go_on(self) -> bool:
        """Whether there are rows behind the page, which would have to be read before anything else is taken."""
        return self.row is None and self._next is not None

    def take(self) -> None:
        self._at += 1
        self._settle()

    def _settle(self) -> None:
        """Pass over what is another's, and say where that leaves it."""
        while self._at < len(self._raw) and not self._owns(self._raw[self._at]):
            self._at += 1
        if self._at < len(self._raw):
            self.place = Place(self._cursor, self._at)
        else:
            self.place = Place(self._next) if self._next is not None else None


def taken(heads: Sequence[Head[R]], wanted: int, key: Callable[[R], Any]) -> list[R]:
    """The next rows of all of them, as far as it is known which these are."""
    rows: list[R] = []
    while len(rows) < wanted and not any(head.may_go_on for head in heads):
        there = [(head, head.row) for head in heads]
        best = max(((key(row), -at) for at, (_, row) in enumerate(there) if row is not None), default=None)
        if best is None:
            break
        head, row = there[-best[1]]
        if row is not None:
            rows.append(row)
        head.take()
    return rows


def _spelled(places: Places) -> str | None:
    return msgspec.json.encode(places).decode() if places else None


async def _settled(asking: Awaitable[Any]) -> Any:
    try:
        return await asking
    except SourceError as error:
        return error
