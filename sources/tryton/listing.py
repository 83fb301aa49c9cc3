"""Lists, page by page: company after company, in the order of Tryton's own numbers. A cursor says where the next page begins."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeVar

from sources.call import CallContext
from sources.errors import SourceRejected
from sources.models import Page, PageRequest
from sources.tryton.directory import Company
from sources.tryton.rpc import Domain, Rpc, question

T = TypeVar("T")


class Stretch(NamedTuple):
    """What is read of one company: rows that fit `domain`, `limit` of them at most, forward by number or backward."""

    company: Company
    domain: Domain
    limit: int
    is_newest_first: bool

    @property
    def order(self) -> list[list[str]]:
        return [["id", "DESC" if self.is_newest_first else "ASC"]]


Listed = Sequence[tuple[int, T]]
"""With the number of each: what the cursor names."""


class Listing:
    """`model` is what is counted."""

    def __init__(self, rpc: Rpc, model: str, *, is_newest_first: bool = False) -> None:
        self._rpc, self._is_newest_first = rpc, is_newest_first
        self._counting = question(f"model.{model}.search_count", int)

    async def page(
        self,
        call: CallContext,
        page: PageRequest,
        within: Sequence[tuple[Company, Domain]],
        *,
        read: Callable[[Stretch], Awaitable[Listed[T]]],
    ) -> Page[T]:
        """`within`: the companies with what is looked for in each. A company that the cursor does not know is behind it."""
        start, after = self._place(page.cursor)
        rows: list[tuple[Company, int, T]] = []
        for company, domain in within:
            if company.id < start or len(rows) > page.limit:
                continue
            bound = [["id", "<" if self._is_newest_first else ">", after]] if company.id == start and after else []
            stretch = Stretch(company, [*domain, *bound], page.limit + 1 - len(rows), self._is_newest_first)
            rows += [(company, number, row) for number, row in await read(stretch)]
        shown = rows[: page.limit]
        more = f"{shown[-1][0].id}.{shown[-1][1]}" if shown and len(rows) > page.limit else None
        total = await self._total(call, within) if page.counted else None
        return Page(tuple(row for _, _, row in shown), more, total)

    async def _total(self, call: CallContext, within: Sequence[tuple[Company, Domain]]) -> int:
        total = 0
        for company, domain in within:
            context = {"company": company.id, "active_test": False}
            count, _ = await self._rpc.read(call, self._counting, domain, context=context)
            total += count
        return total

    def _place(self, cursor: str | None) -> tuple[int, int]:
        if cursor is None:
            return 0, 0
        company, _, number = cursor.partition(".")
        if not (company.isascii() and company.isdigit() and number.isascii() and number.isdigit()):
            raise SourceRejected(self._rpc.name, reason="BAD_CURSOR", detail="a cursor of another list")
        return int(company[:18]), int(number[:18])


def reachable(company: Company, reach: Sequence[str]) -> list[str] | None:
    """The customers of a company that lie within; None: all of them."""
    entries = [entry.partition(":") for entry in reach]
    numbers = [number for owner, _, number in entries if owner in {"*", company.code}]
    return None if not reach or "*" in numbers else numbers


def within_reach(companies: Sequence[Company], reach: Sequence[str], *, field: str) -> list[tuple[Company, Domain]]:
    """Each company in reach with the bound that reach puts on the customers, whose number is in `field`."""
    found: list[tuple[Company, Domain]] = []
    for company in sorted(companies, key=lambda each: each.id):
        numbers = reachable(company, reach)
        if numbers is None:
            found.append((company, []))
        elif numbers:
            found.append((company, [[field, "in", numbers]]))
    return found
