"""POST /explain: the plan of an operation over HTTP, for those who may see the systems, without asking any of them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from stack import Stack, stack_over

from gateway import development_key
from sandbox.facts import Dataset

FACTS = {"items": [{"sku": "A", "name": "Bolt"}], "customers": [{"number": "C1"}]}
QUOTE = """query Quote($skus: [String!]!) { items(skus: $skus) {
  sku price(customer: "C1") { unit { amount } } availability { available } } }"""
NEVER = {"freshSeconds": None, "staleSeconds": None, "staleOn": None}


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    async with stack_over(Dataset.from_builtins(FACTS), cache={"enabled": True}) as running:
        yield running


async def explain(stack: Stack, query: str, variables: Any = None, **more: Any) -> httpx.Response:
    headers = more.pop("headers", None)
    body = {"query": query, "variables": variables, **more}
    return await stack.client.post("/explain", json=body, headers=headers)


def bearer(*scopes: str, customers: tuple[str, ...] = ("*",)) -> dict[str, str]:
    known = development_key.Bearer("tester", scopes, ("*",), customers)
    return {"Authorization": f"Bearer {development_key.token(known, hours=1)}"}


async def test_levels_sources_batches_memory_and_cost_are_told_and_nothing_is_asked(stack: Stack) -> None:
    answer = await explain(stack, QUOTE, {"skus": ["A"] * 250})
    found = answer.json()
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == (
        "no-store",
        "application/json; charset=utf-8",
    )
    assert (found["kind"], found["name"], found["engine"], found["reason"]) == ("query", "Quote", "crossdock", None)
    assert [(step["level"], step["path"], step["after"], step["startsWithParent"]) for step in found["steps"]] == [
        (1, "items", None, False),
        (2, "items.price", "items", True),
        (2, "items.availability", "items", True),
    ]
    items, price, _ = found["steps"]
    assert items["reads"] == [
        {
            "source": "erp",
            "operation": "items",
            "maxBatch": 100,
            "parts": 3,
            "freshSeconds": 600,
            "staleSeconds": 3600,
            "staleOn": "refresh",
        }
    ]
    assert (price["expectedBatch"], price["reads"][0]["freshSeconds"], price["reads"][0]["staleOn"]) == (250, 30, None)
    cost = found["cost"]
    assert (cost["cost"], cost["limit"], cost["depth"], cost["fields"], cost["rootFields"]) == (2500, 50_000, 4, 7, 1)
    assert await stack.calls() == {}


async def test_a_list_inside_of_an_argument_says_how_many_keys_are_asked_for(stack: Stack) -> None:
    lines = [{"sku": f"S{number}", "quantity": "1"} for number in range(120)]
    query = "query ($input: QuoteInput!) { quote(input: $input) { lines { sku } } }"
    found = (await explain(stack, query, {"input": {"customer": "C1", "lines": lines}})).json()
    (step,) = found["steps"]
    assert (step["expectedBatch"], {read["operation"]: read["parts"] for read in step["reads"]}["prices"]) == (120, 2)


async def test_an_order_is_explained_by_its_checks_and_by_what_it_may_write(stack: Stack) -> None:
    line = {"sku": "A", "quantity": "1"}
    given = {"idempotencyKey": "k", "customer": "C1", "shipTo": "MAIN", "lines": [line, line]}
    query = "mutation ($input: SubmitOrderInput!) { submitOrder(input: $input) { submission { status } } }"
    found = (await explain(stack, query, {"input": given})).json()
    (step,) = found["steps"]
    assert (found["kind"], step["expectedBatch"]) == ("mutation", 2)
    assert [read["operation"] for read in step["reads"]][:3] == ["customers", "ship_tos", "items"]
    assert all(NEVER.items() <= read.items() for read in step["reads"])
    assert step["writes"][0] == "erp.create_order"
    assert await stack.calls() == {}


async def test_a_subscription_is_explained_by_what_one_event_asks_for(stack: Stack) -> None:
    found = (await explain(stack, "subscription { shipmentEvents { type shipment { number } } }")).json()
    assert (found["kind"], [step["path"] for step in found["steps"]]) == ("subscription", ["shipmentEvents.shipment"])


async def test_what_graphql_core_executes_says_why(stack: Stack) -> None:
    found = (await explain(stack, "{ __schema { queryType { name } } }")).json()
    assert (found["engine"], found["reason"], found["steps"]) == ("graphql-core", "introspection", [])


@pytest.mark.parametrize(
    ("query", "more", "message"),
    [
        ("{ nothing }", {}, "Cannot query field 'nothing' on type 'Query'."),
        ("{ item(", {}, "Syntax Error: Expected Name, found <EOF>."),
        (QUOTE, {}, "Variable '$skus' has invalid value"),
        ("query A { __typename } query B { __typename }", {}, "Name one of the operations"),
        ("query A { __typename }", {"operationName": "Z"}, 'There is no operation "Z".'),
    ],
)
async def test_what_cannot_be_explained_is_told_like_any_other_mistake(
    stack: Stack, query: str, more: dict[str, str], message: str
) -> None:
    answer = await explain(stack, query, **more)
    strict = await explain(stack, query, headers={"Accept": "application/graphql-response+json"}, **more)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, strict.status_code) == (200, 400)
    assert message in error["message"]
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert error["extensions"]["correlationId"] == answer.headers["x-correlation-id"]


async def test_limits_and_content_types_are_those_of_the_endpoint_itself(stack: Stack) -> None:
    dear = "{ customers(first: 100) { edges { node { orders(first: 100) { edges { node { lines { item { sku } } } } } } } } }"
    answer = await explain(stack, dear)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"], error["extensions"]["limit"]) == (
        400,
        "LIMIT_EXCEEDED",
        50_000,
    )
    form = await stack.client.post("/explain", content="{}", headers={"Content-Type": "text/plain"})
    foreign = await stack.client.post("/explain", json={"query": QUOTE}, headers={"Host": "evil.example"})
    assert (form.status_code, foreign.status_code, (await stack.client.get("/explain")).status_code) == (415, 421, 405)


async def test_it_takes_the_right_to_see_the_systems(stack: Stack) -> None:
    refused = await explain(stack, "{ nothing }", headers=bearer("item:read"))
    allowed = await explain(stack, "{ __typename }", headers=bearer("source:read"))
    stranger = await explain(stack, "{ __typename }", headers={"Authorization": "Bearer nobody"})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["message"], error["extensions"]["code"]) == (
        403,
        "This takes the scope source:read.",
        "FORBIDDEN",
    )
    assert (allowed.status_code, stranger.status_code) == (200, 401)


async def test_it_counts_as_a_request_and_costs_no_points() -> None:
    rates = {"enabled": "on", "requests": {"per_minute": 1, "burst": 2}, "cost": {"per_minute": 1, "burst": 2500}}
    async with stack_over(Dataset.from_builtins(FACTS), rates=rates) as stack:
        answers = [await explain(stack, QUOTE, {"skus": ["A"] * 250}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert await stack.calls() == {}


# ---------------------------------------------------------------- what ran


async def traced(stack: Stack, **headers: str) -> Any:
    asked = {"X-Crossdock-Trace": "true", **headers}
    answer = await stack.client.post("/graphql", json={"query": QUOTE, "variables": {"skus": ["A"]}}, headers=asked)
    return answer.json().get("extensions")


async def test_whoever_asks_is_told_what_ran_step_by_step_and_call_by_call() -> None:
    async with stack_over(Dataset.from_builtins(FACTS), cache={"enabled": True}) as stack:
        await stack.fault("wms", status=503)
        first = (await traced(stack, **{"X-Correlation-Id": "c-1"}))["trace"]
        again = (await traced(stack, **{"X-Crossdock-Sources": "true", "X-Crossdock-Cost": "true"}))["trace"]
    assert (first["correlationId"], first["kind"], first["name"], first["outcome"], first["engine"]) == (
        "c-1",
        "query",
        "Quote",
        "errors",
        "crossdock",
    )
    assert sorted((step["path"], step["level"], step["parents"]) for step in first["steps"]) == [
        ("items", 1, 1),
        ("items.availability", 2, 1),
        ("items.price", 2, 1),
    ]
    assert sorted((each["source"], each["operation"], each["keys"], each["outcome"]) for each in first["calls"]) == [
        ("erp", "GET /items", 1, "ok"),
        ("erp", "GET /supply-demand", 1, "ok"),
        ("erp", "POST /prices", 1, "ok"),
        ("wms", "GET /stock", 1, "SourceUnavailable"),
    ]
    assert {(each["how"], each["attempt"]) for each in first["calls"]} == {("sent", 1)}
    assert all(0 <= each["startMs"] <= each["startMs"] + each["ms"] <= first["ms"] + 1 for each in first["calls"])
    assert first["remembered"] == []
    assert {(each["source"], each["fact"], each["cached"]) for each in again["remembered"]} >= {
        ("erp", "item", 1),
        ("erp", "price", 1),
    }


async def test_it_stands_beside_what_else_was_asked_for_and_is_not_told_unasked(stack: Stack) -> None:
    everything = await traced(stack, **{"X-Crossdock-Sources": "true", "X-Crossdock-Cost": "true"})
    assert set(everything) == {"sources", "cost", "trace"}
    assert await traced(stack, **{"X-Crossdock-Trace": "no"}) is None


async def test_it_is_not_told_to_those_who_may_not_see_the_systems_or_see_some_accounts_only(stack: Stack) -> None:
    scopes = ("item:read", "price:read", "availability:read")
    assert await traced(stack, **bearer(*scopes)) is None
    assert await traced(stack, **bearer(*scopes, "source:read", customers=("C1",))) is None
    assert set(await traced(stack, **bearer(*scopes, "source:read"))) == {"trace"}
