"""What a document asks for, in figures; what an operation costs; and what happens just at a limit and just beyond it."""

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import parse
from hypothesis import given
from hypothesis import strategies as st
from stack import Stack, stack_over

from gateway.hangup import HungUp, while_there
from gateway.limits import LimitSettings, documents
from gateway.measuring import Figures, measured
from gateway.scan import scanned
from resolvers.schema import schema
from sandbox.facts import Dataset

CORE = schema._schema  # noqa: SLF001 - graphql-core's, which Strawberry does not hand out
FACTS = {"today": "2026-06-30", "items": [{"company": "US", "sku": "BOLT", "name": "Bolt"}]}
COST = {"X-Crossdock-Cost": "true"}


def cost(text: str, variables: dict[str, Any] | None = None, name: str | None = None) -> int:
    return measured(CORE, parse(text)).cost(name, variables or {})


def figures(text: str) -> Figures:
    return measured(CORE, parse(text)).figures


def test_each_figure_counts_what_it_says() -> None:
    text = """
    query Q ($a: Boolean! @x) { one: item(sku: "A") { ...F @include(if: $a) sku } items(skus: []) { ...F price(customer: "C") { uom } } }
    fragment F on Item { sku n: name }
    """
    assert figures(text) == Figures(
        depth=3, fields=7, aliases=2, root_fields=2, directives=2, fragments=3, comparisons=9
    )


def test_a_fragment_that_is_spread_a_thousand_times_counts_once() -> None:
    once = figures('{ item(sku: "A") { ...F } } fragment F on Item { n: name }')
    often = figures("{ " + 'item(sku: "A") { ...F ...F } ' * 500 + "} fragment F on Item { n: name }")
    assert (once.aliases, often.aliases) == (1, 1)
    assert (once.fragments, often.fragments) == (2, 1_001)


@given(st.integers(1, 60))
def test_measuring_takes_as_many_steps_as_the_document_is_long(fragments: int) -> None:
    parts = [f"fragment f{at} on Query {{ ...f{at + 1} ...f{at + 1} }}" for at in range(fragments)]
    document = parse(" ".join(["{ ...f0 }", *parts, f"fragment f{fragments} on Query {{ __typename }}"]))
    found = measured(CORE, document)
    assert found.figures.root_fields == min(2**fragments, 10**12)
    assert found.figures.fields == 1


@pytest.mark.parametrize(
    ("text", "variables", "points"),
    [
        ("{ __typename }", {}, 0),
        ('{ item(sku: "A") { sku } }', {}, 1 + 1),
        ('{ items(skus: ["A", "B", "C"]) { sku } }', {}, 3 * (1 + 1)),
        ("query ($s: [String!]!) { items(skus: $s) { sku } }", {"s": ["A"] * 50}, 50 * (1 + 1)),
        ("query ($s: [String!]!) { items(skus: $s) { sku } }", {"s": ["A"] * 100_000}, 500 * (1 + 1)),
        ('{ item(sku: "A") { price(customer: "C") { uom } } }', {}, 2 + 2 + 1),
        ('{ item(sku: "A") { availability { onHand } } }', {}, 2 + 1 + 2 + 1),
        ('{ item(sku: "A") { uoms { code } } }', {}, 2 + 3),
        ("{ customers(first: 7) { edges { node { name } } } }", {}, 10 + 1 + 7 * 2),
        ("{ customers { edges { node { name } } } }", {}, 10 + 1 + 20 * 2),
        ("query ($n: Int = 3) { customers(first: $n) { edges { node { name } } } }", {}, 10 + 1 + 3 * 2),
        ("query ($n: Int = 3) { customers(first: $n) { edges { node { name } } } }", {"n": 9}, 10 + 1 + 9 * 2),
        ("query ($n: Int) { customers(first: $n) { edges { node { name } } } }", {"n": "x"}, 10 + 1 + 20 * 2),
        ("query ($i: QuoteInput!) { quote(input: $i) { lines { sku } } }", {"i": {"lines": [{}] * 4}}, 4 * 7 + 1 + 4),
        ('{ nodes(ids: ["a", "b"]) { id } }', {}, 2 * (5 + 1)),
    ],
)
def test_an_operation_costs_its_objects_and_what_is_asked_for_them(
    text: str, variables: dict[str, Any], points: int
) -> None:
    assert cost(text, variables) == points


def test_only_the_operation_that_is_asked_is_paid() -> None:
    text = 'query A { item(sku: "A") { sku } } query B { customers { totalCount } }'
    assert (cost(text, name="A"), cost(text, name="B")) == (2, 11)


@given(st.integers(0, 100), st.integers(0, 100))
def test_lists_within_lists_multiply(outer: int, inner: int) -> None:
    text = "query ($a: Int, $b: Int) { customers(first: $a) { edges { node { orders(first: $b) { edges { cursor } } } } } }"
    assert cost(text, {"a": outer, "b": inner}) == 11 + outer * (2 + 5 + 1 + inner)


@given(st.text(alphabet='{}[]()"\\#\n,. a1-$!', max_size=60))
def test_the_scan_counts_no_fewer_tokens_than_the_parser(text: str) -> None:
    from graphql import GraphQLError, Lexer, Source, TokenKind  # noqa: PLC0415 - only here

    lexer, counted = Lexer(Source(text)), 0
    try:
        while lexer.advance().kind is not TokenKind.EOF:
            counted += 1
    except GraphQLError:
        return  # no document: what the parser refuses needs no count
    assert scanned(text, max_tokens=10**6, max_nesting=10**6).tokens >= counted


async def test_a_request_may_ask_what_it_costs() -> None:
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        answer = await stack.ask('{ item(sku: "BOLT") { n: sku } }', **COST)
        assert answer["data"] == {"item": {"n": "BOLT"}}
        assert answer["extensions"]["cost"] == {
            "cost": 2, "depth": 2, "fields": 2, "aliases": 1, "rootFields": 1, "directives": 0, "fragments": 0, "comparisons": 2,
        }  # fmt: skip
        assert "extensions" not in await stack.ask('{ item(sku: "BOLT") { n: sku } }')


@pytest.mark.parametrize(
    ("limit", "fitting", "beyond", "asked"),
    [
        ("depth", '{ item(sku: "A") { sku } }', '{ item(sku: "A") { uoms { code } } }', 3),
        ("aliases", "{ a: __typename b: __typename }", "{ a: __typename b: __typename c: __typename }", 3),
        ("root_fields", "{ a: __typename __typename }", "{ a: __typename b: __typename __typename }", 3),
        ("fields", "{ a: __typename __typename }", '{ item(sku: "A") { sku name } }', 3),
        ("directives", "{ __typename @skip(if: true) @include(if: true) }", "{ __typename" + " @skip(if: true)" * 3 + "}", 3),
        ("cost", '{ item(sku: "A") { sku } }', '{ item(sku: "A") { availability { stale } } }', 6),
        ("tokens", None, None, None),
    ],
)  # fmt: skip
async def test_what_fits_is_answered_and_what_does_not_is_told_both_figures(
    limit: str, fitting: str | None, beyond: str | None, asked: int | None
) -> None:
    most = 2 if fitting else 3
    fitting, beyond, asked = fitting or "{ __typename }", beyond or "{ __typename a }", asked or 4
    async with stack_over(Dataset.from_builtins(FACTS), limits={limit: most}) as stack:
        assert "LIMIT_EXCEEDED" not in str(await stack.ask(fitting))
        (error,) = (await stack.ask(beyond))["errors"]
        assert (error["extensions"]["code"], error["extensions"]["asked"], error["extensions"]["limit"]) == (
            "LIMIT_EXCEEDED", asked, most,
        )  # fmt: skip
        assert error["message"].endswith(f", the limit is {most}.")
        await stack.calls()
        await stack.ask(beyond)
        assert await stack.calls() == {}


def test_validation_has_a_time_of_its_own_and_what_ran_out_of_it_may_try_again() -> None:
    fields = " ".join(f"a{at}: sku" for at in range(90))
    text = (
        "{ "
        + " ".join(f'b{at}: item(sku: "A") {{ ...F }}' for at in range(9))
        + " } fragment F on Item { "
        + fields
        + " }"
    )
    strict = documents(CORE, LimitSettings(validation_ms=1), introspection=True)
    first = strict.prepared(text)
    assert [error.message for error in first.errors] == [
        "The document takes too long to validate: 1 ms or more, the limit is 1."
    ]
    assert strict.prepared(text) is not first
    assert documents(CORE, LimitSettings(), introspection=True).prepared(text).errors == ()


@pytest.mark.parametrize(("stops", "taken"), [((), True), ((3,), True), ((3, 10), False)])
def test_a_machine_that_stands_still_once_refuses_nobody(stops: tuple[int, ...], *, taken: bool) -> None:
    """At the looks at the clock that `stops` counts, a second of CPU went by and none of it for the document."""
    looks = itertools.count(1)
    seconds = itertools.accumulate(float(look in stops) for look in looks)
    desk = documents(CORE, LimitSettings(), introspection=True, clock=seconds.__next__)
    assert (desk.prepared('{ item(sku: "A") { sku name } }').errors == ()) is taken


async def test_work_stops_when_the_caller_hangs_up() -> None:
    """The ERP hangs; the caller goes; the gateway's call to it is given up long before its time is over."""
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        await stack.fault("erp", hang=True)
        host, port = str(stack.client.base_url).removeprefix("http://").rstrip("/").split(":")
        body = b'{"query": "{ item(sku: \\"BOLT\\") { sku } sources { name inFlight } }"}'
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await in_flight(stack, 1)
        writer.close()
        began = asyncio.get_running_loop().time()
        await in_flight(stack, 0)
        assert asyncio.get_running_loop().time() - began < 0.5  # a call to a source may take 1 s


async def in_flight(stack: Stack, wanted: int) -> None:
    async with asyncio.timeout(3):
        while True:
            rows = (await stack.ask("{ sources { name inFlight } }"))["data"]["sources"]
            if {row["name"]: row["inFlight"] for row in rows}["erp"] == wanted:
                return


async def test_an_operation_that_ends_by_itself_is_no_hang_up_and_one_that_is_cancelled_is_none_either() -> None:
    """The caller stays; what ends the work is the work, or whoever cancels it from outside."""

    async def stays() -> Any:
        await asyncio.Event().wait()

    there: Any = SimpleNamespace(receive=stays)

    async def answer() -> int:
        return 7

    assert await while_there(there, answer()) == 7
    hanging = asyncio.create_task(while_there(there, stays()))
    await asyncio.wait([hanging], timeout=0.05)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging

    async def goes() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(HungUp):
        await while_there(SimpleNamespace(receive=goes), stays())  # type: ignore[arg-type]  # all that is looked at
