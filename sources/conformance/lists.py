"""Searches: one list each, with filters."""

from typing import Any

from sources.conformance.bounds import check_reach
from sources.conformance.contract import Listing, Operation
from sources.conformance.paging import Page, check_paging_refusals, check_walk, page_of
from sources.conformance.rows import of_row
from sources.conformance.server import NOBODY, Params, Server, identities

_LARGEST = "100"
_DAY = 10


async def check_list(server: Server, operation: Operation, listing: Listing) -> None:
    async def turn(params: Params, asked: str) -> Page | None:
        return await _page(server, operation, listing, params=params, asked=asked)

    await check_paging_refusals(server, operation, others=[])
    first = await turn([], "The list without a filter")
    if first is None:
        return
    if not first.rows:
        server.tell(
            operation,
            f"$.{listing.rows}",
            what="The list is empty.",
            hint="Check against a system that holds data.",
            severity="skipped",
        )
        return
    await check_walk(server, operation, rows=listing.rows, turn=turn, order=listing.order, identity=listing.identity)
    for parameter, member in listing.filters.items():
        await _filter(server, operation, listing, parameter=parameter, value=_first(first, member), member=member)
    if listing.text:
        await _text(server, operation, listing, row=first.rows[0])
    if "reach" in operation.parameters:
        await check_reach(server, operation, listing, first.rows[0])
    if "placedFrom" in operation.parameters:
        # Orders placed before it and after it are on the same page, so a bound that is passed over shows.
        await _day(server, operation, listing, row=first.rows[len(first.rows) // 2])


async def _page(server: Server, operation: Operation, listing: Listing, *, params: Params, asked: str) -> Page | None:
    answer = await server.ask(operation, params, asked=asked)
    if answer is None or not isinstance(answer.body, dict):
        return None
    page = page_of(answer.body, listing.rows)
    limit = next((int(value) for name, value in params if name == "limit"), 20)
    too_long(server, operation, page=page, rows=listing.rows, limit=limit)
    for violation in (each for row in page.rows for each in of_row(listing.rows, row)):
        server.tell(operation, violation.where, what=violation.what, hint=violation.hint)
    return page


def too_long(server: Server, operation: Operation, *, page: Page, rows: str, limit: int) -> None:
    if len(page.rows) > limit:
        server.tell(
            operation,
            f"$.{rows}",
            what=f"{len(page.rows)} rows with limit {limit}.",
            hint="A page holds at most `limit` rows, 20 without one.",
        )


def _first(page: Page, member: str) -> str | None:
    return next((row[member] for row in page.rows if isinstance(row.get(member), str) and row[member]), None)


async def _filter(
    server: Server, operation: Operation, listing: Listing, *, parameter: str, value: str | None, member: str
) -> None:
    if value is None:
        return
    page = await _page(
        server, operation, listing, params=[(parameter, value), ("limit", _LARGEST)], asked=f"Filtered by {parameter}"
    )
    if page and (not page.rows or any(row.get(member) != value for row in page.rows)):
        _told(server, operation, parameter=parameter, value=value, found=page)
    if parameter == "company":
        unknown = await _page(
            server, operation, listing, params=[(parameter, NOBODY)], asked="Filtered by an unknown company"
        )
        if unknown and unknown.rows:
            _told(server, operation, parameter=parameter, value=NOBODY, found=unknown)


def _told(server: Server, operation: Operation, *, parameter: str, value: str, found: Page) -> None:
    server.tell(
        operation,
        f"query {parameter}",
        what=f"{parameter}={value}: {len(found.rows)} rows, not those that have it.",
        hint=f"{parameter} is a filter: exactly the rows that have it, none where it is unknown.",
    )


async def _text(server: Server, operation: Operation, listing: Listing, *, row: dict[str, Any]) -> None:
    text = str(row.get(listing.text[0]))
    params = [("text", text.swapcase()), ("limit", _LARGEST)]
    page = await _page(server, operation, listing, params=params, asked="Searched by text")
    if page is None:
        return
    strangers = [
        each
        for each in page.rows
        if not any(text.casefold() in str(each.get(name)).casefold() for name in listing.text)
    ]
    wanted = identities([row], listing.identity)[0]
    lost = page.next is None and wanted not in identities(page.rows, listing.identity)
    if strangers or lost:
        server.tell(
            operation,
            "query text",
            what=f"text={text.swapcase()}: "
            + ("rows without it come along." if strangers else f"{text} is not found."),
            hint=f"Rows whose {' or '.join(listing.text)} contains the text, ignoring case.",
        )


async def _day(server: Server, operation: Operation, listing: Listing, *, row: dict[str, Any]) -> None:
    day = str(row.get("placedAt"))[:_DAY]
    params = [("placedFrom", day), ("placedTo", day), ("limit", _LARGEST)]
    page = await _page(server, operation, listing, params=params, asked="Orders of one day")
    if page and (not page.rows or any(str(each.get("placedAt"))[:_DAY] != day for each in page.rows)):
        server.tell(
            operation,
            "query placedTo",
            what=f"{day} to {day}: {len(page.rows)} rows, not those placed on that day.",
            hint="placedFrom and placedTo are days in UTC, both included.",
        )
