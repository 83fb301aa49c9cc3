"""Requests that are meant to hurt: each is refused by name, with little of the server's CPU, and never by a 500.

Little is as much as a few honest questions take that are asked right beside it, for machines differ and hurry or dawdle by the minute.
"""

import asyncio
import gzip
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from gateway_process import GatewayProcess, gateway_process
from streaming import bare_socket
from tries import least

pytestmark = pytest.mark.alone
MOST = 10
"""Honest questions that an attack may cost as much as; the dearest of them takes six to seven."""
SOCKETS, MOST_A_SOCKET = 1_000, 0.4
QUERY = b'{"query": "'
HONEST = """query Honest%d ($customer: String!) {
  items(skus: ["A", "B"]) { sku name price(customer: $customer, quantity: "10") { unit { amount } } availability { available asOf } }
  customer(number: $customer) { name credit { available { amount } } } }"""
asked = itertools.count()


@pytest.fixture(scope="module")
async def victim(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GatewayProcess]:
    limits = "[limits]\nbody_seconds = 0.5\n[subscriptions]\ninit_seconds = 1.0\n"
    async with gateway_process(tmp_path_factory.mktemp("victim"), limits) as running:
        for at in range(20):  # what is done once a process is no part of an attack
            await running.post(query(f'{{ item(sku: "{at}") {{ nothing }} }}'))
        yield running


async def cpu_ms(victim: GatewayProcess, done: Awaitable[None]) -> float:
    before = victim.cpu_ms()
    await done
    return victim.cpu_ms() - before


async def honest(victim: GatewayProcess) -> None:
    """A question that nobody asked before: it is parsed, validated, planned. Its systems are away, which costs less than answers do."""
    answer = await victim.post(query(HONEST % next(asked), variables={"customer": "C"}))
    assert answer.json()["data"] == {"items": [None, None], "customer": None}


async def costs(victim: GatewayProcess, most: float, attack: Callable[[int], Awaitable[None]]) -> None:
    """Fails where the attack, at its cheapest, takes as much of the gateway's CPU as `most` honest questions beside it."""

    async def spent(number: int) -> float:
        beside = min([await cpu_ms(victim, honest(victim)) for _ in range(3)])
        return await cpu_ms(victim, attack(number)) / beside

    assert await least(spent, below=most) < most


def query(text: str, **more: Any) -> bytes:
    return json.dumps({"query": text, **more}).encode()


def bomb(fragments: int) -> str:
    parts = [f"fragment f{at} on Query {{ ...f{at + 1} ...f{at + 1} }}" for at in range(fragments)]
    return " ".join(["{ ...f0 }", *parts, f"fragment f{fragments} on Query {{ __typename }}"])


def cost_bomb(levels: int) -> str:
    below = "children(first: 100) { edges { node { ...f%d } } }"
    parts = [f"fragment f{at} on Customer {{ {below % (at + 1)} b: {below % (at + 1)} }}" for at in range(levels)]
    root = '{ customer(number: "C") { ...f0 } }'
    return " ".join([root, *parts, f"fragment f{levels} on Customer {{ name }}"])


MANY = 10**5
VARIABLES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
ITEM = 'query ($x: Decimal) { item(sku: "A") { price(customer: "C", quantity: $x) { uom } } }'

ATTACKS: dict[str, tuple[bytes, int, str, str]] = {
    "a fragment bomb of 25": (query(bomb(25)), 200, "LIMIT_EXCEEDED", "root fields"),
    "a fragment bomb of 90": (query(bomb(90)), 200, "LIMIT_EXCEEDED", "root fields"),
    "a fragment bomb of 1,000": (query(bomb(1_000)), 200, "LIMIT_EXCEEDED", "5001 tokens"),
    "a fragment bomb that costs": (query(cost_bomb(3)), 400, "LIMIT_EXCEEDED", "points"),
    "100 levels": (query("{ a" * 100 + " }" * 100), 200, "LIMIT_EXCEEDED", "100 levels"),
    "10,000 aliases": (
        query("{" + " ".join(f"a{at}: __typename" for at in range(10_000)) + "}"), 200, "LIMIT_EXCEEDED", "characters",
    ),
    "1,000 aliases": (
        query("{" + " ".join(f"a{at}: __typename" for at in range(1_000)) + "}"), 200, "LIMIT_EXCEEDED", "1000 aliases",
    ),
    "500,000 tokens": (query("{" + " a" * 500_000 + "}"), 200, "LIMIT_EXCEEDED", "characters"),
    "40,000 tokens": (query("{" + " a" * 40_000 + "}"), 200, "LIMIT_EXCEEDED", "5001 tokens"),
    "100,000 nested lists": (
        query('{ item(sku: "A") @x(a: ' + "[" * 40_000 + "]" * 40_000 + ") { sku } }"), 200, "LIMIT_EXCEEDED", "brackets",
    ),
    "a circle of fragments": (
        query("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"), 200, "BAD_INPUT", "within itself",
    ),
    "a thousand directives": (
        query("{ __typename " + "@a " * 1_000 + "}"), 200, "LIMIT_EXCEEDED", "1000 directives",
    ),
    "one name 900 times": (
        query('{ item(sku: "A") {' + " sku" * 900 + "} }"), 200, "LIMIT_EXCEEDED", "comparisons",
    ),
    "2,000 fields": (
        query('{ item(sku: "A") {' + " ".join(f"n{at}" for at in range(2_000)) + "} }"), 200, "LIMIT_EXCEEDED", "2001 fields",
    ),
    "unknown fields by the hundred": (
        query('{ item(sku: "A") {' + " ".join(f"n{at}" for at in range(900)) + "} }"), 200, "BAD_INPUT", "Cannot query",
    ),
    "100,000 backslashes": (query('{ item(sku: "' + "\\" * 99_000), 200, "LIMIT_EXCEEDED", "99000 backslashes"),
    "100,000 spaces": (query(" " * 99_000), 200, "BAD_INPUT", "Syntax Error"),
    "a list of 100,000 ids": (query(VARIABLES, variables={"ids": ["x"] * MANY}), 400, "LIMIT_EXCEEDED", "100000 entries"),
    "a flood of variables": (
        query("{ __typename }", variables={f"v{at}": 1 for at in range(40_000)}), 400, "LIMIT_EXCEEDED", "40000 values",
    ),
    "variables 100 deep": (
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 100 + b"]" * 100 + b"}}", 400, "LIMIT_EXCEEDED", "levels",
    ),
    "JSON 100,000 deep": (
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * MANY + b"]" * MANY + b"}}", 400, "BAD_INPUT", "body",
    ),
    "100,000 open lists": (b"[" * MANY, 400, "BAD_INPUT", "Batches"),
    "a batch": (b'[{"query": "{ __typename }"}]', 400, "BAD_INPUT", "Batches"),
    "an integer of 5,000 digits": (
        b'{"query": "{ __typename }", "variables": {"x": ' + b"9" * 5_000 + b"}}", 400, "BAD_INPUT", "out of range",
    ),
    "an integer of 40 digits": (query(ITEM, variables={"x": 10**39}), 400, "LIMIT_EXCEEDED", "40 digits"),
    "a literal of 5,000 digits": (query("{ customers(first: " + "9" * 5_000 + ") { totalCount } }"), 200, "BAD_INPUT", "Int"),
    "null": (b"null", 400, "BAD_INPUT", "body"),
    "a number": (b"3", 400, "BAD_INPUT", "body"),
    "nothing": (b"", 400, "BAD_INPUT", "body"),
    "no UTF-8": (b'{"query": "\xff\xfe"}', 400, "BAD_INPUT", "body"),
    "half a surrogate": (b'{"query": "{ a\\ud800 }"}', 400, "BAD_INPUT", "body"),
    "a NUL": (query("{ a\x00 }"), 200, "BAD_INPUT", "Syntax Error"),
    "60 MB": (b'{"query": "' + b"x" * 60_000_000 + b'"}', 413, "LIMIT_EXCEEDED", "bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_refused_by_name_at_little_cost(victim: GatewayProcess, name: str) -> None:
    content, status, code, told = ATTACKS[name]

    async def attack(number: int) -> None:
        """Each time another text, for what was refused is remembered."""
        answer = await victim.post(content.replace(QUERY, QUERY + b" " * number, 1))
        (error, *_) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (status, code), error
        assert told in error["message"]
        assert "data" not in answer.json()
        assert len(answer.content) < 20_000

    await costs(victim, MOST, attack)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
async def test_a_compressed_body_is_not_unpacked(victim: GatewayProcess, encoding: str) -> None:
    packed = gzip.compress(b'{"query": "' + b" " * 50_000_000 + b'"}')

    async def attack(_: int) -> None:
        answer = await victim.post(packed, **{"Content-Encoding": encoding})
        assert answer.status_code == 415
        assert answer.json()["errors"][0]["message"] == "Send the request without a content encoding."

    await costs(victim, MOST, attack)


async def test_a_body_that_drips_is_given_up(victim: GatewayProcess) -> None:
    """Its head promises more than ever comes; the gateway waits half a second, as it is set, and costs nothing meanwhile."""
    host, port = victim.url.removeprefix("http://").split(":")
    head = f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"

    async def attack(_: int) -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode() + b'{"query":')
        async with asyncio.timeout(5):
            status = await reader.readline()
        writer.close()
        assert status.split()[1] == b"408"

    await costs(victim, MOST, attack)


async def test_a_chunked_body_is_cut_off_where_the_limit_is(victim: GatewayProcess) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(600):
            sent += 1
            yield b" " * 100_000

    answer = await victim.client.post("/graphql", content=parts(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert sent <= 600


async def test_a_thousand_sockets_that_never_say_who_they_are_are_sent_away(victim: GatewayProcess) -> None:
    """With the code for it, and at next to no CPU each; a neighbour is answered while they are open."""

    async def attack(_: int) -> None:
        async with AsyncExitStack() as stack:
            silent = [await stack.enter_async_context(bare_socket(victim.url)) for _ in range(SOCKETS)]
            assert (await victim.post(query("{ __typename }"))).json() == {"data": {"__typename": "Query"}}
            codes = [code for code, _ in await asyncio.gather(*(socket.closed() for socket in silent))]
        assert codes == [4408] * SOCKETS

    await costs(victim, SOCKETS * MOST_A_SOCKET, attack)


async def test_after_all_that_it_still_answers(victim: GatewayProcess) -> None:
    answer = await victim.post(query("{ __typename }"))
    assert answer.json() == {"data": {"__typename": "Query"}}
