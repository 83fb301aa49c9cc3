"""Walking a list by its cursor: every row once, in the promised order, to an end."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sources.conformance.contract import Operation
from sources.conformance.rows import moment
from sources.conformance.server import Params, Server, identities

SIZE = 5
PAGES = 10
"""How far a list is walked: far enough to meet an unstable order, near enough for a list of a million."""


class Page(NamedTuple):
    rows: list[dict[str, Any]]
    next: str | None
    total: int | None


Turn = Callable[[Params, str], Awaitable[Page | None]]
"""Asks for one page with these parameters; the text says what is asked, for a finding."""


def page_of(body: Mapping[str, Any], rows: str) -> Page:
    """The page in an answer or in one of its `pages`; malformed members were found by the schema."""
    listed, cursor, total = body.get(rows), body.get("next"), body.get("total")
    return Page(
        [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else [],
        cursor if isinstance(cursor, str) else None,
        total if isinstance(total, int) else None,
    )


async def check_walk(
    server: Server, operation: Operation, *, rows: str, turn: Turn, order: Sequence[str], identity: Sequence[str]
) -> None:
    whole = await turn([("limit", str(SIZE * PAGES)), ("count", "true")], "One large page")
    if whole is None:
        return
    walked, ended = await _walk(turn)
    names = identities(walked, identity)
    problem = (
        _problem(names, identities(whole.rows, identity), ended=ended)
        or _disorder(walked, order)
        or _disorder(whole.rows, order)
    )
    if problem:
        server.tell(
            operation,
            f"$.{rows}",
            what=f"In pages of {SIZE}: {problem}",
            hint=f"Walking `next` to its end gives every row once, ordered by {', '.join(order)}, whatever the page size.",
        )
    elif whole.total is None or (whole.next is None and whole.total != len(names)) or whole.total < len(names):
        server.tell(
            operation,
            "$.total",
            what=f"It is {whole.total} for {len(names)} rows.",
            hint="With count=true it is the number of all rows.",
        )


async def _walk(turn: Turn) -> tuple[list[dict[str, Any]], bool]:
    walked: list[dict[str, Any]] = []
    params: list[tuple[str, str]] = [("limit", str(SIZE))]
    for _ in range(PAGES):
        page = await turn(params, "The next page" if len(params) > 1 else "The first page")
        if page is None:
            return walked, True
        walked.extend(page.rows)
        if page.next is None:
            return walked, True
        params = [("limit", str(SIZE)), ("cursor", page.next)]
    return walked, False


def _problem(walked: Sequence[tuple[str, ...]], whole: Sequence[tuple[str, ...]], *, ended: bool) -> str | None:
    twice = next((name for name in walked if walked.count(name) > 1), None)
    if twice:
        return f"{' / '.join(twice)} comes {walked.count(twice)} times."
    if not ended and len(walked) < SIZE * PAGES:
        return f"{PAGES} pages hold {len(walked)} rows: pages that are not the last are full."
    if list(walked) != list(whole[: len(walked)]) or (ended and len(walked) != len(whole)):
        return f"{len(walked)} rows, not the same as the {len(whole)} on one page."
    return None


def _disorder(rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> str | None:
    """Texts may be compared character by character or ignoring case; a database does one or the other."""
    exact = [_place(row, order) for row in rows]
    folded = [tuple(text.casefold() for text in place) for place in exact]
    backwards = order[0].startswith("-")
    if any(places == sorted(places, reverse=backwards) for places in (exact, folded)):
        return None
    wrong = next(
        (now for before, now in pairwise(exact) if (now > before) == backwards and now != before),
        exact[0],
    )
    return f"{' / '.join(wrong)} is out of order."


def _place(row: Mapping[str, Any], order: Sequence[str]) -> tuple[str, ...]:
    values = ((name, row.get(name)) for name in (each.removeprefix("-") for each in order))
    return tuple(moment(value) if name.endswith("At") else str(value) for name, value in values)


async def check_paging_refusals(server: Server, operation: Operation, *, others: Params) -> None:
    """What every list refuses: a cursor nobody issued, limits out of bounds."""
    broken = [*others, ("cursor", "crossdock-broken-cursor")]
    await server.refused(operation, broken, code="BAD_REQUEST", path="cursor", asked="A broken cursor")
    for limit in ("0", "101", "some"):
        await server.refused(
            operation, [*others, ("limit", limit)], code="BAD_REQUEST", path="limit", asked=f"limit={limit}"
        )
