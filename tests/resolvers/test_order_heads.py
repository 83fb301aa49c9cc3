"""Lists of orders are read without their lines where an operation asks for none; whoever looks at lines that were left out is told so."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from upstream import Upstream, call, client_of, json

from gateway.operation import Request, answer
from resolvers.context import Context
from resolvers.whereabouts import Whereabouts
from sources.call import CallContext
from sources.errors import SourceContractBroken
from sources.heads import LEFT_OUT
from sources.models import (
    Customer,
    Key,
    LineProgress,
    Money,
    Order,
    OrderFilter,
    OrderLine,
    OrderStatus,
    Page,
    PageRequest,
)
from sources.routed import ROUTED, System
from sources.routed.territory import Territory
from sources.standard import StandardErp

NOW = datetime(2026, 6, 30, 9, 15, tzinfo=UTC)
ONE = Decimal(1)
MONEY = Money(ONE, "USD")
LINE = OrderLine("US", 1, "BOLT", ONE, "EA", MONEY, MONEY, LineProgress(ONE, ONE, ONE, ONE, ONE, ONE))
CUSTOMER = Customer("US", "C1", "Acme", "USD", NOW)


class Erp:
    """One customer with one order. Writes down whether its lists were asked for with lines, and gives them so."""

    max_batch = {"customers": 100, "orders": 100, "orders_by_customer": 100}  # noqa: RUF012 - a port's, as it is

    def __init__(self, name: str = "erp") -> None:
        self.name = name
        self.lines: list[bool] = []

    async def search_orders(self, _: CallContext, page: PageRequest, __: OrderFilter) -> Page[Order]:
        return self._page(page)

    async def orders_by_customer(
        self,
        _: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> dict[Key, Page[Order]]:
        del statuses
        return {Key(company, number): self._page(page) for number in numbers}

    async def customers(self, _: CallContext, company: str | None, numbers: Sequence[str]) -> dict[Key, Customer]:
        return {Key(company, number): CUSTOMER for number in numbers}

    async def orders(self, _: CallContext, __: str | None, ___: Sequence[str]) -> dict[Key, Order]:
        raise AssertionError("what a list has told is not asked for again")

    def _page(self, page: PageRequest) -> Page[Order]:
        self.lines.append(page.lines)
        lines = (LINE,) if page.lines else LEFT_OUT
        return Page((Order("US", "17", "C1", OrderStatus.OPEN, (), NOW, MONEY, lines),))


async def asked(erp: Erp, query: str, variables: dict[str, Any] | None = None) -> Any:
    sources: Any = SimpleNamespace(erp=erp, crm=None, wms=None, carrier=None)
    context = Context(call(), sources, whereabouts=Whereabouts(), ordering=SimpleNamespace(desk=None))  # type: ignore[arg-type]  # nothing is ordered
    try:
        return (await answer(Request(query, variables), context)).body
    finally:
        await context.aclose()


HEADS = [
    "{ orders(first: 1) { edges { node { number } } } }",
    '{ customer(number: "C1", company: "US") { orders { edges { cursor node { status customer { name } } } } } }',
    "{ orders { edges { node { ...Head } } } } fragment Head on Order { number total { amount } }",
    "{ lines: orders { edges { node { lines: number } } } }",
]
WHOLE = [
    "{ orders { edges { node { number lines { sku } } } } }",
    '{ customer(number: "C1", company: "US") { orders { edges { node { lines { sku } } } } } }',
    "{ orders { edges { node { ...Whole } } } } fragment Whole on Order { all: lines { sku } }",
    "{ orders { edges { node { ... on Node { ... on Order { lines { sku } } } } } } }",
    "{ some: orders { edges { node { number } } } orders { edges { node { lines { sku } } } } }",
    "query ($no: Boolean = false) { orders { edges { node { lines @include(if: $no) { sku } number } } } }",
]


@pytest.mark.parametrize("query", HEADS)
async def test_a_list_is_read_without_lines_where_no_part_of_the_operation_asks_for_any(query: str) -> None:
    erp = Erp()
    assert "errors" not in await asked(erp, query)
    assert erp.lines == [False]


@pytest.mark.parametrize("query", WHOLE)
async def test_a_list_is_read_with_lines_where_any_part_of_the_operation_may_ask_for_them(query: str) -> None:
    erp = Erp()
    assert "errors" not in await asked(erp, query)
    assert erp.lines
    assert all(erp.lines)


async def test_an_operation_that_graphql_core_executes_reads_lists_with_lines() -> None:
    erp = Erp()
    deep = "{ orders { edges { node { number } } __typename } __schema { queryType { name } } }"
    assert "errors" not in await asked(erp, deep)
    assert erp.lines == [True]


def test_lines_that_were_left_out_are_not_taken_for_none() -> None:
    for look in (len, list, bool):
        with pytest.raises(LookupError, match="without its lines"):
            look(LEFT_OUT)  # type: ignore[operator]  # each of them takes it


ROW = b"""{"company": "US", "number": "17", "customer": "C1", "status": "OPEN", "holds": [], "placedAt": "2026-06-30T09:15:00Z",
  "currency": "USD", "total": "1.00", "lines": [{"number": "no number"}]}"""
FOUND = b'{"orders": [' + ROW + b'], "next": null}'
OF_CUSTOMERS = b'{"pages": [{"number": "C1", "orders": [' + ROW + b'], "next": null}], "errors": []}'


async def test_what_is_left_out_is_passed_over_and_what_is_read_is_checked() -> None:
    upstream = Upstream(json(FOUND), json(FOUND), json(OF_CUSTOMERS), json(OF_CUSTOMERS))
    async with client_of(upstream) as client:
        erp, heads, whole = StandardErp(client), PageRequest(1, lines=False), PageRequest(1)
        (head,) = (await erp.search_orders(call(), heads, OrderFilter())).rows
        assert (head.number, head.total) == ("17", Money(Decimal("1.00"), "USD"))
        assert head.lines is LEFT_OUT
        with pytest.raises(SourceContractBroken) as broken:
            await erp.search_orders(call(), whole, OrderFilter())
        assert broken.value.path == "$.orders[0].lines[0].number"
        found: Any = await erp.orders_by_customer(call(), "US", ["C1"], statuses=(), page=heads)
        assert [each.number for each in found[Key("US", "C1")].rows] == ["17"]
        with pytest.raises(SourceContractBroken):
            await erp.orders_by_customer(call(), "US", ["C1"], statuses=(), page=whole)


SOUND = FOUND.replace(
    b'{"number": "no number"}',
    b"""{"number": 1, "sku": "BOLT", "quantity": "1", "uom": "EA", "unitPrice": "1", "total": "1", "progress":
      {"ordered": "1", "allocated": "1", "picked": "1", "shipped": "1", "backordered": "1", "cancelled": "1"}}""",
)


async def test_what_is_read_for_its_heads_is_not_shared_with_whoever_wants_the_lines_at_the_same_moment() -> None:
    upstream = Upstream(json(SOUND))
    async with client_of(upstream) as client:
        erp = StandardErp(client)
        wanted = [PageRequest(1, lines=lines) for lines in (False, True, False)]
        pages = await asyncio.gather(*(erp.search_orders(call(), each, OrderFilter()) for each in wanted))
    heads, whole, again = (page.rows[0].lines for page in pages)
    assert heads is LEFT_OUT
    assert again is LEFT_OUT
    assert whole == (LINE,)
    assert len(upstream.asked) == 2


async def test_of_several_erps_each_is_asked_for_heads_where_heads_are_asked_for() -> None:
    erps = [Erp("us"), Erp("ca")]
    systems = [System(erp, Territory((company,))) for erp, company in zip(erps, ("US", "CA"), strict=True)]
    routed = ROUTED["erp"]("erp", systems)
    for lines in (False, True):
        page = await routed.search_orders(call(), PageRequest(1, counted=True, lines=lines), OrderFilter())
        assert [row.company for row in page.rows] == ["US"]
    assert [erp.lines for erp in erps] == [[False, True], [False, True]]
