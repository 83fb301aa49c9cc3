"""Each way in which a list or a page can break the contract is told, with its figures, and nothing else is."""

from typing import Any

import pytest
from homemade import (
    Asked,
    Got,
    Handler,
    Told,
    Twist,
    changed,
    conform,
    cut,
    deaf,
    each,
    error,
    rows,
    systems,
    value,
    without,
)

from sources.conformance.server import NOBODY

RESET = "no answer (ConnectionResetError(104, 'Connection reset by peer'))."


def is_next_page(asked: Asked) -> bool:
    return asked.keys("cursor") not in ([], ["crossdock-broken-cursor"])


async def endless(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    is_it = asked.path == "/items/search" and is_next_page(asked)
    return got._replace(status=200).with_data({"items": [], "next": "on", "total": None}) if is_it else got


def contains(asked: Asked, row: dict[str, Any]) -> bool:
    return (value(asked, "text") or "") in row["sku"] + row["name"]


def other_company(asked: Asked) -> Asked:
    """Company US instead of one that does not exist, where a number that exists is asked for."""
    is_it = value(asked, "number") != NOBODY and value(asked, "company") == NOBODY and len(asked.params) == 2
    return asked._replace(params=[("company", "US"), *asked.params[1:]]) if is_it else asked


def one_parent(asked: Asked) -> Asked:
    return without("number", only="C1")(asked) if asked.keys("cursor") and len(asked.keys("number")) > 1 else asked


def _any_account(pair: tuple[str, str]) -> tuple[str, str]:
    return (pair[0], f"{pair[1].partition(':')[0]}:*") if pair[0] == "reach" else pair


def _nowhere(pair: tuple[str, str]) -> tuple[str, str]:
    return ("reach", f"{NOBODY}:*") if pair[0] == "reach" else pair


async def cannot_bound(sandbox: Handler, asked: Asked) -> Got:
    is_it = asked.path == "/items/search" and asked.keys("reach")
    return await sandbox(asked._replace(params=[("limit", "0")]) if is_it else asked)


LISTS: dict[str, tuple[str, Twist, list[Told]]] = {
    "pages are longer than asked for": (
        "erp",
        deaf("/items/search", without("limit", only="5")),
        [error("GET /items/search", "$.items", "9 rows with limit 5.")],
    ),
    "there is nothing in the list": (
        "erp",
        changed("/items/search", lambda *_: {"items": [], "next": None, "total": 0}),
        [("skipped", "GET /items/search", "$.items", "The list is empty.")],
    ),
    "a list is no object": (
        "erp",
        changed("/items/search", lambda *_: [1]),
        [error("GET /items/search", "$", '[1] is not of type "object" (status 200)')],
    ),
    "a filter is passed over": (
        "erp",
        deaf("/items/search", without("category")),
        [error("GET /items/search", "query category", "category=PACKAGING: 9 rows, not those that have it.")],
    ),
    "nothing has what is filtered by, so nothing is told": (
        "erp",
        changed("/items/search", each("items", lambda _: {"category": None})),
        [],
    ),
    "the company is passed over": (
        "erp",
        deaf("/customers/search", without("company")),
        [error("GET /customers/search", "query company", "company=CA: 8 rows, not those that have it.")],
    ),
    "an unknown company has all rows": (
        "erp",
        deaf("/customers/search", without("company", only=NOBODY)),
        [error("GET /customers/search", "query company", f"company={NOBODY}: 8 rows, not those that have it.")],
    ),
    "the reach is passed over": (
        "erp",
        deaf("/customers/search", without("reach")),
        [error("GET /customers/search", "query reach", f"reach={NOBODY}:*: 8 of 8 rows lie outside.")],
    ),
    "the reach bounds companies and not accounts": (
        "erp",
        deaf("/orders/search", lambda asked: asked._replace(params=[_any_account(each) for each in asked.params])),
        [error("GET /orders/search", "query reach", f"reach=US:{NOBODY}: 9 of 9 rows lie outside.")],
    ),
    "what lies within the reach is not found": (
        "erp",
        deaf("/items/search", lambda asked: asked._replace(params=[_nowhere(each) for each in asked.params])),
        [error("GET /items/search", "query reach", "reach=CA:*: a row within is not found.")],
    ),
    "searches cannot be bounded": (
        "erp",
        cannot_bound,
        [
            (
                "skipped",
                "GET /items/search",
                "query reach",
                "Searches cannot be bounded: callers that are bounded to accounts are refused them.",
            )
        ],
    ),
    "the text is passed over": (
        "erp",
        deaf("/items/search", without("text")),
        [error("GET /items/search", "query text", "text=tape-48: rows without it come along.")],
    ),
    "the text's case matters": (
        "erp",
        changed("/items/search", rows("items", lambda found, asked: [row for row in found if contains(asked, row)])),
        [error("GET /items/search", "query text", "text=tape-48: TAPE-48 is not found.")],
    ),
    "a search by text is not answered": (
        "erp",
        cut("/items/search", lambda asked: bool(asked.keys("text"))),
        [error("GET /items/search", "connection", f"Searched by text: {RESET}")],
    ),
    "the last day is passed over": (
        "erp",
        deaf("/orders/search", without("placedTo")),
        [
            error(
                "GET /orders/search",
                "query placedTo",
                "2026-06-27 to 2026-06-27: 6 rows, not those placed on that day.",
            )
        ],
    ),
    "the first day is passed over": (
        "erp",
        deaf("/orders/search", without("placedFrom")),
        [
            error(
                "GET /orders/search",
                "query placedTo",
                "2026-06-27 to 2026-06-27: 5 rows, not those placed on that day.",
            )
        ],
    ),
    "the total is another": (
        "erp",
        changed("/items/search", lambda data, asked: {**data, "total": 3 if asked.keys("count") else None}),
        [error("GET /items/search", "$.total", "It is 3 for 9 rows.")],
    ),
    "the second page is not answered": (
        "erp",
        cut("/orders/search", is_next_page),
        [
            error("GET /orders/search", "connection", f"The next page: {RESET}"),
            error("GET /orders/search", "$.orders", "In pages of 5: 5 rows, not the same as the 10 on one page."),
        ],
    ),
    "the large page is not answered": (
        "erp",
        cut("/items/search", lambda asked: asked.keys("count") == ["true"]),
        [error("GET /items/search", "connection", f"One large page: {RESET}")],
    ),
    "a row comes again on the next page": (
        "erp",
        changed(
            "/items/search",
            rows("items", lambda found, asked: [*found[:-1], found[0]] if is_next_page(asked) else found),
        ),
        [error("GET /items/search", "$.items", "In pages of 5: US / OLD-1 comes 2 times.")],
    ),
    "pages go on without rows": (
        "erp",
        endless,
        [
            error(
                "GET /items/search",
                "$.items",
                "In pages of 5: 10 pages hold 5 rows: pages that are not the last are full.",
            )
        ],
    ),
    "a row stands where it does not belong": (
        "erp",
        changed(
            "/orders/search",
            each("orders", lambda row: {"placedAt": "2020-01-01T00:00:00Z"} if row["number"] == "1004" else {}),
        ),
        [error("GET /orders/search", "$.orders", "In pages of 5: 2026-06-29T08:00:00 / 1003 is out of order.")],
    ),
}

PAGES: dict[str, tuple[str, Twist, list[Told]]] = {
    "a page nobody asked for comes along": (
        "erp",
        changed(
            "/orders/by-customer",
            rows("pages", lambda found, _: [*found, *({**page, "number": "C9"} for page in found)]),
        ),
        [error("GET /orders/by-customer", "$.pages[*].number", "A page for C9.")],
    ),
    "a page holds another's rows": (
        "erp",
        changed(
            "/orders/by-customer",
            each("pages", lambda page: {"orders": [{**row, "customer": "C9"} for row in page["orders"]]}),
        ),
        [error("GET /orders/by-customer", "$.pages[*].orders[*].customer", "Rows of others on the page of C1.")],
    ),
    "every page is empty": (
        "erp",
        changed("/orders/by-customer", each("pages", lambda _: {"orders": [], "next": None, "total": 0})),
        [("skipped", "GET /orders/by-customer", "query number", "No rows to look at: no sample key has any.")],
    ),
    "pages are never answered": (
        "erp",
        cut("/orders/by-customer"),
        [
            error("GET /orders/by-customer", "connection", f"A request without a token: {RESET}"),
            ("skipped", "GET /orders/by-customer", "query number", "No rows to look at: no sample key has any."),
        ],
    ),
    "the pages of one parent are not answered": (
        "erp",
        cut("/orders/by-customer", lambda asked: asked.keys("count") == ["true"] or asked.keys("limit") == ["1"]),
        [error("GET /orders/by-customer", "connection", f"One large page: {RESET}")],
    ),
    "an unknown company has rows": (
        "erp",
        deaf("/orders/by-customer", other_company),
        [error("GET /orders/by-customer", "query company", "C1 has rows in a company that does not exist.")],
    ),
    "a cursor is taken for two parents": (
        "erp",
        deaf("/orders/by-customer", one_parent),
        [
            error(
                "GET /orders/by-customer",
                "status",
                'A cursor with two numbers: answered 200 where 400 is expected. {"pages":[],"errors":[]}',
            )
        ],
    ),
}

MISTAKES = {**LISTS, **PAGES}


@pytest.mark.parametrize(("role", "twist", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
async def test_what_is_wrong_is_told_and_nothing_else(role: str, twist: Twist, expected: list[Told]) -> None:
    found = await conform(systems()[role], role, twist)
    assert [(each.severity, each.operation, each.where, each.what) for each in found] == expected
