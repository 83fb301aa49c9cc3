"""What a caller did wrong is answered with what and where; nothing is asked upstream."""

from typing import Any

import pytest
from stack import Stack


@pytest.mark.parametrize(
    ("query", "code", "argument"),
    [
        ("{ customers(first: 100000) { totalCount } }", "LIMIT_EXCEEDED", "first"),
        ("{ customers(first: -1) { totalCount } }", "BAD_INPUT", "first"),
        ('{ customers(after: "nonsense") { totalCount } }', "BAD_INPUT", "after"),
        ('{ node(id: "nonsense") { id } }', "BAD_INPUT", "id"),
        ('{ nodes(ids: ["nonsense"]) { id } }', "BAD_INPUT", "ids[0]"),
        ('{ item(sku: "A") { price(customer: "C", quantity: "ten") { uom } } }', "BAD_INPUT", "quantity"),
        ('{ item(sku: "A") { price(customer: "C", quantity: 1.5) { uom } } }', "BAD_INPUT", "quantity"),
        ('{ item(sku: "A") { price(customer: "C", on: "2026-02-30") { uom } } }', "BAD_INPUT", "on"),
        ("{ orders(status: [UNKNOWN]) { totalCount } }", "BAD_INPUT", "status"),
        ('{ quote(input: {customer: "C", lines: []}) { asOf } }', "BAD_INPUT", "input.lines"),
    ],
)
async def test_the_argument_is_named(stack: Stack, query: str, code: str, argument: str) -> None:
    answer = await stack.ask(query)
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == (code, argument)
    assert error["message"].startswith(f'Argument "{argument}": ')
    assert await stack.calls() == {}


async def test_the_limit_is_told(stack: Stack) -> None:
    answer = await stack.ask("{ customers(first: 101) { totalCount } }")
    assert answer["errors"][0]["extensions"]["limit"] == 100
    assert answer["errors"][0]["message"] == 'Argument "first": 101 is more than the limit of 100.'


async def test_an_unknown_sku_is_null_and_no_error(stack: Stack) -> None:
    assert await stack.ask('{ item(sku: "NO-SUCH") { sku } }') == {"data": {"item": None}}


async def test_a_variable_that_does_not_fit_is_named(stack: Stack) -> None:
    query = 'query ($q: Decimal!) { item(sku: "A") { price(customer: "C", quantity: $q) { uom } } }'
    answer = await stack.ask(query, {"q": 1.5})
    assert "$q" in answer["errors"][0]["message"]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    assert "data" not in answer


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"null", "application/json", 400),
        (b"3", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"query": 1}', "application/json", 400),
        (b'{"query": "{ __typename }", "variables": []}', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"query": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
    ],
)
async def test_a_body_that_is_no_request_is_refused(stack: Stack, body: bytes, kind: str, status: int) -> None:
    answer = await stack.client.post("/graphql", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    code = "LIMIT_EXCEEDED" if status == 413 else "BAD_INPUT"
    assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_a_query_may_come_by_get(stack: Stack) -> None:
    answer = await stack.client.get("/graphql", params={"query": "{ __typename }"})
    assert (answer.status_code, answer.json()) == (200, {"data": {"__typename": "Query"}})


async def test_graphql_response_json_tells_a_refusal_by_its_status(stack: Stack) -> None:
    accept = {"Accept": "application/graphql-response+json"}
    refused = await stack.client.post("/graphql", json={"query": "{ nothing }"}, headers=accept)
    assert (refused.status_code, "data" in refused.json()) == (400, False)
    assert refused.headers["content-type"].startswith("application/graphql-response+json")


async def test_health_answers(stack: Stack) -> None:
    for path, status in (("/health/live", "live"), ("/health/ready", "ready")):
        answer: Any = await stack.client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": status})
