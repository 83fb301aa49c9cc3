"""Requests that name no operation, or come by GET: what is answered, and what is refused."""

from typing import Any

import pytest
from stack import Stack

from gateway.settings import SettingsError, settings_from
from gateway.wiring import opened_sources

TWO = "query A { __typename } query B { b: __typename }"


@pytest.mark.parametrize("name", [None, "C"])
async def test_of_two_operations_one_must_be_named(stack: Stack, name: str | None) -> None:
    answer = await stack.client.post("/graphql", json={"query": TWO, "operationName": name})
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    assert await stack.calls() == {}


async def test_the_operation_named_is_the_one_answered(stack: Stack) -> None:
    answer = await stack.client.post("/graphql", json={"query": TWO, "operationName": "B"})
    assert answer.json() == {"data": {"b": "Query"}}


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"query": "{ __typename }", "variables": "{"}, 400),
        ({"query": "{ __typename }", "variables": "[]"}, 400),
        ({"query": "mutation { __typename }"}, 405),
    ],
)
async def test_by_get_only_a_whole_query_is_taken(stack: Stack, params: dict[str, Any], status: int) -> None:
    answer = await stack.client.get("/graphql", params=params)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_INPUT"


async def test_a_connector_that_nobody_wrote_is_named_with_its_place() -> None:
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    chosen = settings_from({"sources": {**sources, "wms": {**sources["wms"], "connector": "abacus"}}}, origin="x")
    with pytest.raises(SettingsError) as raised:
        async with opened_sources(chosen):
            pass
    assert str(raised.value) == (
        '"abacus" is no connector for this role; known: shiphero, standard, tryton - at `$.sources.wms.connector`'
    )
