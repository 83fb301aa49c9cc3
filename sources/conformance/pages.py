"""Lists of many parents at once: a first page for each, and with one parent the pages after it."""

from collections.abc import Sequence

from sources.conformance.contract import Operation, Pages
from sources.conformance.keys import Keys
from sources.conformance.limits import check_limits
from sources.conformance.lists import too_long
from sources.conformance.paging import Page, check_paging_refusals, check_walk, page_of
from sources.conformance.server import NOBODY, Answer, Params, Server

_PARENTS = "pages"


async def check_pages(server: Server, operation: Operation, pages: Pages, *, keys: Keys) -> None:
    known = keys.of(pages.sample)[: operation.max_keys]
    nobody = [("company", NOBODY)]
    await check_limits(server, operation, parameter=pages.parameter, keys=known, others=nobody)
    await server.refused(operation, [(pages.parameter, NOBODY)], code="BAD_REQUEST", asked="No company")
    await check_paging_refusals(server, operation, others=[*nobody, (pages.parameter, NOBODY)])
    for company in keys.of("company") if known else []:
        others = [("company", company)]
        fullest = await _fullest(server, operation, pages, known=known, others=others)
        if fullest is not None:
            await _one_parent(server, operation, pages, parent=fullest, others=others)
            await _other_company(server, operation, pages, parent=fullest)
            return
    server.tell(
        operation,
        f"query {pages.parameter}",
        what="No rows to look at: no sample key has any.",
        hint=f"Give keys that have some: --sample company=… --sample {pages.sample}=…",
        severity="skipped",
    )


async def _fullest(
    server: Server, operation: Operation, pages: Pages, *, known: Sequence[str], others: Params
) -> str | None:
    """The parent with most rows, of an answer to all of them."""
    params = [*others, ("limit", "100"), *((pages.parameter, key) for key in known)]
    answer = await server.ask(operation, params, asked="Known keys")
    if answer is None:
        return None
    found = _look(server, operation, pages, answer=answer, known=known, limit=100)
    fullest = max(found, key=lambda key: len(found[key].rows), default=None)
    return fullest if fullest is not None and found[fullest].rows else None


def _look(
    server: Server, operation: Operation, pages: Pages, *, answer: Answer, known: Sequence[str], limit: int
) -> dict[str, Page]:
    found: dict[str, Page] = {}
    for each in answer.rows(_PARENTS):
        number = each.get("number")
        if number not in known or number in found:
            server.tell(
                operation,
                "$.pages[*].number",
                what=f"A page for {number}.",
                hint="One page for each number asked for, and for no other.",
            )
            continue
        page = found[str(number)] = page_of(each, pages.rows)
        too_long(server, operation, page=page, rows=f"pages[*].{pages.rows}", limit=limit)
        if any(row.get(pages.parent) != number for row in page.rows):
            server.tell(
                operation,
                f"$.pages[*].{pages.rows}[*].{pages.parent}",
                what=f"Rows of others on the page of {number}.",
                hint=f"A page holds the rows whose {pages.parent} is its number.",
            )
    return found


async def _one_parent(server: Server, operation: Operation, pages: Pages, *, parent: str, others: Params) -> None:
    async def turn(params: Params, asked: str) -> Page | None:
        answer = await server.ask(operation, [*others, (pages.parameter, parent), *params], asked=asked)
        if answer is None:
            return None
        limit = next(int(value) for name, value in params if name == "limit")
        found = _look(server, operation, pages, answer=answer, known=[parent], limit=limit)
        return found[parent] if parent in found else Page([], None, 0)

    await check_walk(
        server, operation, rows=f"pages[*].{pages.rows}", turn=turn, order=pages.order, identity=pages.identity
    )
    first = await turn([("limit", "1")], "The first page")
    if first and first.next:
        two = [*others, (pages.parameter, parent), (pages.parameter, NOBODY), ("cursor", first.next), ("limit", "1")]
        await server.refused(operation, two, code="BAD_REQUEST", path="cursor", asked="A cursor with two numbers")


async def _other_company(server: Server, operation: Operation, pages: Pages, *, parent: str) -> None:
    answer = await server.ask(operation, [("company", NOBODY), (pages.parameter, parent)], asked="An unknown company")
    if answer and any(page_of(each, pages.rows).rows for each in answer.rows(_PARENTS)):
        server.tell(
            operation,
            "query company",
            what=f"{parent} has rows in a company that does not exist.",
            hint="Only rows of the company asked for.",
        )
