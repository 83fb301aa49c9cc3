"""`crossdock explain`: what will be asked of which system, and what was."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from stack import ROLES, Stack, stack_over

from gateway.cli import main
from gateway.explaining import as_text, explanation
from gateway.explanation import NotExplained
from gateway.settings import settings_from
from resolvers.ordering import ORDER_WRITES
from sandbox.facts import Dataset

PORTAL = """query ($customer: String!) { customer(number: $customer, company: "US") {
  name orders(first: 20) { edges { node { number lines { item { name } } shipments { number } } } } } }"""
QUOTE = """query ($skus: [String!]!, $priced: Boolean!) { items(skus: $skus) {
  sku price(customer: "C1") @include(if: $priced) { unit { amount } } availability { available } } }"""


def settings(stack: Stack) -> Any:
    sources = {role: {"url": stack.addresses[role], "token": "sandbox"} for role in ROLES}
    return settings_from({"mode": "development", "sources": sources}, origin="test")


async def test_a_query_is_explained_level_by_level_before_anything_is_asked(stack: Stack) -> None:
    found = await explanation(settings(stack), PORTAL, {"customer": "C1"})
    assert found["engine"] == "crossdock"
    assert [(step["level"], step["path"], step["after"], step["expectedBatch"]) for step in found["steps"]] == [
        (1, "customer", None, 1),
        (2, "customer.orders", "customer", 1),
        (3, "customer.orders.edges.node.shipments", "customer.orders", 20),
        (3, "customer.orders.edges.node.lines.item", "customer.orders", None),
    ]
    assert [step["reads"][0]["operation"] for step in found["steps"]] == [
        "customers",
        "orders_by_customer",
        "shipments_by_order",
        "items",
    ]
    assert found["steps"][1]["serves"] == ["edges.node.number"]
    assert await stack.calls() == {}


async def test_a_batch_beyond_a_sources_limit_is_told_in_parts(stack: Stack) -> None:
    found = await explanation(settings(stack), QUOTE, {"skus": ["A"] * 250, "priced": True})
    price = next(step for step in found["steps"] if step["path"] == "items.price")
    assert price["expectedBatch"] == 250
    kept = {"freshSeconds": 30, "staleSeconds": None, "staleOn": None}
    assert price["reads"] == [{"source": "erp", "operation": "prices", "maxBatch": 100, "parts": 3, **kept}]
    assert price["startsWithParent"]


async def test_several_systems_of_a_role_are_told_by_name_with_the_smallest_of_their_limits(stack: Stack) -> None:
    wms = {name: {"url": stack.addresses["wms"], "companies": [name.upper()]} for name in ("us", "ca")}
    sources = {role: {"url": stack.addresses[role]} for role in ROLES} | {"wms": {"systems": wms}}
    chosen = settings_from({"mode": "development", "sources": sources}, origin="test")
    found = await explanation(chosen, QUOTE, {"skus": ["A"] * 250, "priced": True})
    availability = next(step for step in found["steps"] if step["path"] == "items.availability")
    assert {
        read["source"]: (read["operation"], read.get("systems"), read["parts"]) for read in availability["reads"]
    } == {
        "wms": ("stock", ["wms.us", "wms.ca"], 3),
        "erp": ("supply_demand", None, 3),
    }
    assert "asks wms.stock (of wms.us, wms.ca): at most 250, 100 in one call, 3 calls; remembered for 2 s" in as_text(
        found
    )


async def test_what_is_asked_for_every_time_says_so(stack: Stack) -> None:
    found = await explanation(settings(stack), PORTAL, {"customer": "C1"})
    fresh = {step["path"]: step["reads"][0]["freshSeconds"] for step in found["steps"]}
    assert list(fresh.values()) == [120, None, None, 600]


async def test_without_a_cache_nothing_is_told_to_be_remembered(stack: Stack) -> None:
    sources = {role: {"url": stack.addresses[role], "token": "sandbox"} for role in ROLES}
    off = settings_from({"mode": "development", "sources": sources, "cache": {"enabled": False}}, origin="test")
    found = await explanation(off, QUOTE, {"skus": ["A"], "priced": True})
    assert {read["freshSeconds"] for step in found["steps"] for read in step["reads"]} == {None}


async def test_what_is_not_included_is_not_told(stack: Stack) -> None:
    found = await explanation(settings(stack), QUOTE, {"skus": ["A"], "priced": False})
    assert [step["path"] for step in found["steps"]] == ["items", "items.availability"]


async def test_an_order_tells_its_checks_and_what_it_may_write_and_every_operation_its_cost(stack: Stack) -> None:
    query = """mutation ($input: SubmitOrderInput!) { submitOrder(input: $input) { submission { id } }
      resolveSubmission(input: {id: "S1", decision: REJECT, note: "no"}) { submission { id } } }"""
    lines = [{"sku": sku, "quantity": "1"} for sku in "ABCDEFG"]
    found = await explanation(settings(stack), query, {"input": {"customer": "C1", "shipTo": "MAIN", "lines": lines}})
    text = as_text(found).splitlines()
    assert "         asks erp.items: at most 7, 100 in one call, 1 call; never remembered" in text
    assert text.count(f"         may write {', '.join(ORDER_WRITES)}") == 2
    assert text[-1] == f"costs {found['cost']['cost']} points of at most 50000"
    assert found["steps"][0]["arguments"] == {"input": "{…}"}


async def test_long_lists_of_arguments_are_told_in_part(stack: Stack) -> None:
    found = await explanation(settings(stack), QUOTE, {"skus": list("ABCDEFG"), "priced": False})
    assert found["steps"][0]["arguments"] == {"skus": "[A, B, C, D, E, and 2 more]"}


async def test_a_run_tells_keys_calls_and_how_it_went() -> None:
    facts = Dataset.from_builtins({"items": [{"sku": "A", "name": "Bolt"}], "customers": [{"number": "C1"}]})
    async with stack_over(facts) as stack:
        await stack.fault("wms", status=503)
        found = await explanation(settings(stack), QUOTE, {"skus": ["A", "B"], "priced": True}, run=True)
        happened = found["happened"]
        assert next((step["path"], step["parents"]) for step in happened["steps"]) == ("items", 1)
        made = {(call["source"], call["operation"], call["keys"], call["outcome"]) for call in happened["calls"]}
        assert ("erp", "GET /items", 2, "ok") in made
        assert ("wms", "GET /stock", 1, "SourceUnavailable") in made
        assert happened["errors"] == ["The wms system does not answer at the moment."]


async def test_what_graphql_core_executes_says_why(stack: Stack) -> None:
    found = await explanation(settings(stack), "{ __schema { queryType { name } } }", {})
    assert (found["engine"], found["reason"], found["steps"]) == ("graphql-core", "introspection", [])
    assert as_text(found).splitlines()[0] == "Executed by graphql-core, field by field: introspection."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{ nothing }"], "Cannot query field 'nothing' on type 'Query'. (line 1)"),
        (["{ a: item(sku: 1) { sku } }"], "String cannot represent a non string value: 1 (line 1)"),
        (['query A { item(sku: "A") { sku } } query B { item(sku: "A") { sku } }'], "Name one of the operations"),
        (['query A { item(sku: "A") { sku } }', "--operation", "Z"], 'There is no operation "Z".'),
        (["query ($sku: String!) { item(sku: $sku) { sku } }"], "Variable '$sku'"),
        (["{ __typename }", "--variables", "{"], "--variables is no JSON"),
        (["{ __typename }", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_what_cannot_be_explained_is_said(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    query, *options = arguments
    file = tmp_path / "query.graphql"
    file.write_text(query)
    answer = CliRunner().invoke(main, ["explain", str(file), *options])
    assert answer.exit_code == 1
    assert sentence in answer.output


def test_the_command_tells_it_as_text_and_as_json(tmp_path: Path) -> None:
    file = tmp_path / "query.graphql"
    file.write_text(QUOTE)
    variables = ["--variables", json.dumps({"skus": ["A", "B"], "priced": True})]
    text = CliRunner().invoke(main, ["explain", str(file), *variables]).output
    assert "level 1  items  (Query.items), at once\n         asks erp.items: at most 2, 100 in one call, 1 call" in text
    assert "asks wms.stock: at most 2, 100 in one call, 1 call; remembered for 2 s" in text
    steps = json.loads(CliRunner().invoke(main, ["explain", str(file), "--json", *variables]).output)["steps"]
    assert [step["path"] for step in steps] == ["items", "items.price", "items.availability"]


async def test_a_subscription_is_explained_by_what_one_event_asks_for_and_is_not_run(stack: Stack) -> None:
    query = "subscription { shipmentEvents { type shipment { number order { number } } } }"
    found = await explanation(settings(stack), query, {})
    assert [(step["level"], step["path"]) for step in found["steps"]] == [
        (1, "shipmentEvents.shipment"),
        (2, "shipmentEvents.shipment.order"),
    ]
    with pytest.raises(NotExplained, match="not run"):
        await explanation(settings(stack), query, {}, run=True)
    assert await stack.calls() == {}
