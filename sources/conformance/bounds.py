"""Searches within a reach: what a caller may see bounds rows, pages and totals, and is never passed over."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from sources.conformance.contract import Listing, Operation
from sources.conformance.paging import Page, page_of
from sources.conformance.server import NOBODY, Server, identities

CANNOT: Final = 400
_LARGEST = "100"
_HINT = "reach bounds what is answered to the accounts and companies it names; a server that cannot do so answers 400, never with more."
_ACCOUNTS: Mapping[str, tuple[str, ...]] = {"customers": ("number", "billTo"), "orders": ("customer",), "items": ()}
"""The members by which a row belongs to an account. What an order's customer is billed to its row does not say."""


class Bound(NamedTuple):
    """A reach, and what must hold of rows within it. `holds` is by company, and by account where `account` is given."""

    reach: str
    company: str
    account: str = ""

    def holds(self, row: Mapping[str, Any], members: tuple[str, ...]) -> bool:
        in_account = not self.account or any(row.get(member) == self.account for member in members)
        return row.get("company") == self.company and in_account


async def check_reach(server: Server, operation: Operation, listing: Listing, row: Mapping[str, Any]) -> None:
    """`row` is one that the list holds without a reach."""
    members = _ACCOUNTS.get(listing.rows, ())
    for bound in _bounds(row, members):
        found = await _page(server, operation, listing, bound)
        if found is None:
            return
        is_wanted = row.get("company") == bound.company and bound.account != NOBODY
        strangers = [each for each in found.rows if not bound.holds(each, members)]
        wanted = identities([row], listing.identity)[0]
        is_lost = is_wanted and found.next is None and wanted not in identities(found.rows, listing.identity)
        if strangers or is_lost:
            what = (
                f"{len(strangers)} of {len(found.rows)} rows lie outside."
                if strangers
                else "a row within is not found."
            )
            server.tell(operation, "query reach", what=f"reach={bound.reach}: {what}", hint=_HINT)


def _bounds(row: Mapping[str, Any], members: tuple[str, ...]) -> Iterator[Bound]:
    company = str(row.get("company"))
    yield Bound(f"{NOBODY}:*", NOBODY)
    yield Bound(f"{company}:*", company)
    if members:
        yield Bound(f"{company}:{NOBODY}", company, NOBODY)
    if members == _ACCOUNTS["customers"]:
        number = str(row.get("number"))
        yield Bound(f"{company}:{number}", company, number)


async def _page(server: Server, operation: Operation, listing: Listing, bound: Bound) -> Page | None:
    params = [("reach", bound.reach), ("limit", _LARGEST)]
    answer = await server.ask(operation, params, expect=(200, CANNOT), asked="A search within a reach")
    if answer is None or not isinstance(answer.body, dict):
        return None
    if answer.status == CANNOT:
        server.tell(
            operation,
            "query reach",
            what="Searches cannot be bounded: callers that are bounded to accounts are refused them.",
            hint=_HINT,
            severity="skipped",
        )
        return None
    return page_of(answer.body, listing.rows)
