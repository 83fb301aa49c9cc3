"""The endpoint under what nobody would send, over HTTP and WebSocket: no 5xx, no masked error, always an answer that a client can read.

A few hundred examples each; for as many minutes as CROSSDOCK_FUZZ_MINUTES says with `make fuzz`.
"""

import json
import os
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from gateway_process import GatewayProcess, gateway_process
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from stack import Stack
from streaming import bare_socket

from resolvers.schema import printed

MINUTES = float(os.environ.get("CROSSDOCK_FUZZ_MINUTES", "0"))
ROUNDS = max(1, int(MINUTES * 20))
"""More than there is time for: rounds that would begin too late are left out."""

UNTIL = time.monotonic() + MINUTES * 60 if MINUTES else float("inf")
pytestmark = [pytest.mark.uncovered, pytest.mark.timeout(MINUTES * 60 + 600)]
FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
WARM_ROUNDS, MARGIN_MIB = 8, 15
STATUSES = {200, 400, 405, 408, 413, 415, 421, 431}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)
members = st.sampled_from(["query", "variables", "operationName", "extensions", "documentId", "id", "doc_id", "x"])
texts = st.text(alphabet='{}()[]!$@:="\\#,.&| \n\tabfqx019_é\x00\ufeff', max_size=80)
documents = queries(
    printed(),
    custom_scalars={
        "Decimal": st.sampled_from(["1", "0.5", "-1", "x"]).map(nodes.String),
        "Date": st.sampled_from(["2026-06-30", "2026-02-30", ""]).map(nodes.String),
        "DateTime": st.just("2026-06-30T00:00:00Z").map(nodes.String),
    },
)


def check(answer: Any) -> None:
    """GraphQL's own shape, or an empty refusal of the server's before it is GraphQL at all."""
    assert answer.status_code in STATUSES, (answer.status_code, answer.text)
    if answer.headers.get("content-type", "").startswith("application/"):
        body = orjson.loads(answer.content)
        assert set(body) <= {"data", "errors", "extensions"}
        assert "data" in body or body["errors"]
        for error in body.get("errors", ()):
            assert error["extensions"].get("code") not in {None, "INTERNAL"}, (answer.request.content, error)


@pytest.fixture(scope="session")
async def victim(generated: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GatewayProcess]:
    limits = "[subscriptions]\nmax_connections_per_caller = 1000\n[cache]\nmax_entries = 1000\n"
    async with gateway_process(tmp_path_factory.mktemp("victim"), limits, systems=generated.addresses) as running:
        yield running


@FUZZ
@given(
    st.binary(max_size=200), st.sampled_from(["application/json", "application/json; charset=utf-16", "text/plain", ""])
)
async def test_any_bytes(victim: GatewayProcess, content: bytes, kind: str) -> None:
    check(await victim.client.post("/graphql", content=content, headers={"Content-Type": kind}))


@FUZZ
@given(st.dictionaries(members, values, max_size=5) | values, texts | documents)
async def test_any_json(victim: GatewayProcess, body: Any, query: str) -> None:
    if isinstance(body, dict) and "query" in body and body["query"] is not None:
        body["query"] = query
    content = json.dumps(body).encode()  # NaN and lone surrogates among it, as Python writes them
    check(await victim.client.post("/graphql", content=content, headers={"Content-Type": "application/json"}))


@FUZZ
@given(documents, values)
async def test_any_query_of_the_schema(victim: GatewayProcess, query: str, variables: Any) -> None:
    content = json.dumps({"query": query, "variables": variables if isinstance(variables, dict) else None}).encode()
    check(await victim.client.post("/graphql", content=content, headers={"Content-Type": "application/json"}))


printable = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
headers = st.dictionaries(
    st.sampled_from(
        ["Accept", "Cache-Control", "X-Timeout-Ms", "X-Correlation-Id", "Authorization", "Origin", "Content-Encoding", "X-Crossdock-Cost"]
    ),
    printable,
    max_size=4,
)  # fmt: skip


@FUZZ
@given(texts | documents, printable, printable, headers)
async def test_any_get_with_any_headers(
    victim: GatewayProcess, query: str, variables: str, name: str, headers: dict[str, str]
) -> None:
    params = {"query": query, "variables": variables, "operationName": name, "extensions": variables}
    given_headers = {each: value.strip() for each, value in headers.items()}
    answer = await victim.client.get("/graphql", params=params, headers=given_headers)
    if answer.status_code == 401:
        assert "Authorization" in headers
        return
    check(answer)


kinds = st.sampled_from(
    ["connection_init", "connection_init", "subscribe", "subscribe", "complete", "ping", "pong", "next", "error", "x"]
)
payloads = (
    values
    | st.fixed_dictionaries({"query": texts | documents}, optional={"variables": values, "operationName": values})
    | st.just({"query": "subscription { shipmentEvents { id shipment { number } } }"})
)
messages = (
    st.fixed_dictionaries({"type": kinds}, optional={"id": st.sampled_from(["1", "2", ""]) | values, "payload": payloads})
    | values
).map(json.dumps) | st.binary(max_size=40) | texts  # fmt: skip
CLOSED = {1003, 1007, 4400, 4401, 4403, 4409, 4429}


@FUZZ
@given(st.lists(messages, max_size=8), st.sampled_from([[], [json.dumps({"type": "connection_init"})]]))
async def test_any_messages_over_a_socket(victim: GatewayProcess, said: list[str | bytes], begun: list[str]) -> None:
    async with bare_socket(victim.url) as socket:
        heard, code = await socket.all_of([*begun, *said, json.dumps({"type": "ping", "payload": {"over": True}})])
    assert code is None or code in CLOSED, (code, said)
    for message in heard:
        assert message["type"] in {"connection_ack", "next", "error", "complete", "ping", "pong"}
        problems = (
            message["payload"] if message["type"] == "error" else (message.get("payload") or {}).get("errors", ())
        )
        for error in problems:
            assert error["extensions"].get("code") not in {None, "INTERNAL"}, (said, error)
    assert (await victim.client.get("/health/live")).status_code == 200


settled: list[float] = []
"""MiB after each round, from the one on by which whatever is remembered has been filled."""


@pytest.mark.skipif(not MINUTES, reason="memory is told from a leak by many rounds only: make fuzz")
def test_memory_is_flat(victim: GatewayProcess) -> None:
    settled.append(victim.resident_mib())
    print(f"round {len(settled)}: {settled[-1]:.0f} MiB")  # noqa: T201 - the figure that a run is for
    assert settled[-1] < settled[:WARM_ROUNDS][-1] + MARGIN_MIB, settled


@pytest.fixture(autouse=True, scope="module", params=range(ROUNDS))
def _round() -> None:
    """Of the module, so that the four parts take turns until the time is over."""
    if time.monotonic() > UNTIL:
        pytest.skip("the time is over")
