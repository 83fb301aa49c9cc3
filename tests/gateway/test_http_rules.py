"""How GraphQL comes and goes over HTTP: hosts, origins, methods, media types, headers, and what is told of the schema."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from stack import Stack, served, stack_over
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from gateway.endpoint import GraphQLEndpoint
from gateway.guard import Guard
from gateway.negotiation import media_type
from gateway.operations import Operations
from gateway.settings import settings_from
from gateway.telemetry.opening import opened_telemetry
from gateway.telemetry.settings import TelemetrySettings
from gateway.trusted import DocumentSettings, TrustedDocuments
from gateway.wiring import opened_sources
from sandbox.facts import Dataset

FACTS = {"today": "2026-06-30", "items": [{"company": "US", "sku": "BOLT", "name": "Bolt"}]}
PORTAL = "https://portal.example.com"
GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[Stack]:
    """As production has it: the schema is told to nobody. One site may ask from a browser."""
    http = {"introspection": "off", "origins": [PORTAL], "hosts": ["api.example.com", "*.example.org"]}
    async with stack_over(Dataset.from_builtins(FACTS), http=http) as running:
        yield running


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.9, {GRAPHQL};q=0.8", JSON),
        (f"{JSON};q=0.8, {GRAPHQL};q=0.9", GRAPHQL),
        (f"{GRAPHQL};charset=utf-8, {JSON};charset=utf-8", GRAPHQL),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"*/*, {GRAPHQL};q=0.5", JSON),
        ("text/html", JSON),
        (f"{GRAPHQL};q=nan", JSON),
        (f"{GRAPHQL};q=much", JSON),
        (GRAPHQL.upper(), GRAPHQL),
        ("," * 10_000, JSON),
    ],
)
def test_the_media_type_is_the_one_that_the_caller_likes_better(accept: str, chosen: str) -> None:
    assert media_type(accept) == chosen


@pytest.mark.parametrize(
    ("query", "variables", "status"),
    [
        ("{", None, 400),  # no syntax
        ("{ nothing }", None, 400),  # not valid
        ("query ($s: String!) { item(sku: $s) { sku } }", {}, 400),  # variables do not fit
        ("{ item { sku } }", None, 400),  # an argument is missing
        ('{ item(sku: "BOLT") { sku } }', None, 200),
        ("{ customers(first: 101) { totalCount } }", None, 200),  # a field failed: data is there, and null
    ],
)
async def test_the_status_tells_whether_it_was_executed(
    stack: Stack, query: str, variables: dict[str, Any] | None, status: int
) -> None:
    asked = {"query": query, "variables": variables}
    answer = await stack.client.post("/graphql", json=asked, headers={"Accept": GRAPHQL})
    assert (answer.status_code, "data" in answer.json()) == (status, status == 200)
    assert answer.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    plain = await stack.client.post("/graphql", json=asked)
    assert (plain.status_code, plain.headers["content-type"]) == (200, f"{JSON}; charset=utf-8")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"]
)
async def test_what_a_foreign_form_could_send_is_refused(strict: Stack, kind: str) -> None:
    """A browser sends these without asking first; GraphQL takes none of them."""
    content = b'{"query": "mutation { __typename }"}'
    answer = await strict.client.post(
        "/graphql", content=content, headers={"Content-Type": kind, "Origin": "https://evil"}
    )
    assert answer.status_code == 415
    assert await strict.calls() == {}


async def test_a_get_needs_no_header_and_changes_nothing(strict: Stack) -> None:
    asked = {"query": "query ($s: String!) { item(sku: $s) { sku } }", "variables": '{"s": "BOLT"}'}
    answer = await strict.client.get("/graphql", params=asked)
    assert answer.json() == {"data": {"item": {"sku": "BOLT"}}}
    refused = await strict.client.get("/graphql", params={"query": "mutation { __typename }"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await strict.client.request(method, "/graphql")).status_code == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200), ("localhost:8000", 200), ("[::1]:8000", 200), ("API.example.com", 200), ("a.example.org", 200),
        ("evil.example.com", 421), ("example.org", 421), ("evilexample.org", 421), ("api.example.com.evil.net", 421),
        ("", 421), ("127.0.0.1.nip.io", 421),
    ],
)  # fmt: skip
async def test_only_the_names_it_is_reached_by_are_answered(strict: Stack, host: str, status: int) -> None:
    answer = await strict.client.post("/graphql", json={"query": "{ __typename }"}, headers={"Host": host})
    assert answer.status_code == status


async def test_health_answers_by_any_name(strict: Stack) -> None:
    assert (await strict.client.get("/health/live", headers={"Host": "10.1.2.3"})).status_code == 200


async def test_a_named_origin_may_ask_and_no_other(strict: Stack) -> None:
    def preflight(origin: str) -> dict[str, str]:
        return {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        }

    allowed = await strict.client.options("/graphql", headers=preflight(PORTAL))
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, PORTAL)
    assert "access-control-allow-credentials" not in allowed.headers
    for origin in ("https://evil.example.com", "null", "http://portal.example.com", f"{PORTAL}.evil.net"):
        refused = await strict.client.options("/graphql", headers=preflight(origin))
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers


async def test_by_default_no_origin_may_ask(stack: Stack) -> None:
    headers = {"Origin": PORTAL, "Access-Control-Request-Method": "POST"}
    assert (await stack.client.options("/graphql", headers=headers)).status_code == 405
    answer = await stack.client.post("/graphql", json={"query": "{ __typename }"}, headers={"Origin": PORTAL})
    assert [name for name in answer.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize("path", ["/graphql?query={__typename}", "/health/live", "/nowhere", "/explorer"])
async def test_every_answer_is_careful_with_browsers(strict: Stack, path: str) -> None:
    headers = (await strict.client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_the_schema_is_told_to_nobody(strict: Stack) -> None:
    for query in (
        "{ __schema { types { name } } }",
        '{ __type(name: "Item") { name } }',
        "{ a: __schema { __typename } }",
    ):
        (error, *_) = (await strict.ask(query))["errors"]
        assert "introspection has been disabled" in error["message"]
    assert await strict.ask('{ item(sku: "BOLT") { __typename } }') == {"data": {"item": {"__typename": "Item"}}}
    for query in ("{ itm }", '{ item(sku: "A") { nmae } }', '{ item(skuu: "A") { sku } }', "{ _service { sdl } }"):
        answer = await strict.ask(query)
        assert "Did you mean" not in str(answer)
        assert "data" not in answer


class BrokenDesk:
    """Stands for whatever may break before GraphQL has begun."""

    async def admitted(self, _: Request) -> Any:
        raise RuntimeError("a secret detail")


async def test_what_breaks_on_the_way_is_masked_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    chosen = settings_from({"mode": "development", "sources": sources}, origin="x")
    broken: Any = BrokenDesk()
    async with opened_telemetry(TelemetrySettings()) as telemetry, opened_sources(chosen) as opened:
        operations = Operations(chosen, opened, telemetry)
        endpoint = GraphQLEndpoint(chosen, operations, broken, TrustedDocuments(DocumentSettings(), {}))
        app = Starlette(routes=[Route("/graphql", endpoint.handle, methods=["POST"])])
        async with served(app) as address, httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{address}/graphql", json={}, headers={"X-Correlation-Id": "c-9"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"], error["extensions"]["correlationId"]) == (
        500,
        "INTERNAL",
        "c-9",
    )
    assert "secret" not in answer.text
    (record,) = [each for each in caplog.records if each.name == "crossdock.errors"]
    assert "c-9" in record.getMessage()


async def test_a_socket_by_a_foreign_name_is_closed_before_it_is_accepted() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def never(*_: Any) -> None:
        raise AssertionError("it must not get as far as this")

    guard = Guard(never, hosts=["api.example.com"], is_public=True)
    await guard({"type": "websocket", "path": "/graphql", "headers": [(b"host", b"evil.example.com")]}, receive, send)
    assert [(each["type"], each["code"]) for each in sent] == [("websocket.close", 1008)]
