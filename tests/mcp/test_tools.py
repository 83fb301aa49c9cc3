"""Tools as the protocol's own client sees and calls them, over HTTP, at a gateway over the sandbox's systems."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from stack import Stack

from gateway.agents.samples import DOCUMENTS
from tests.mcp.conftest import agent, bearer

QUOTE = {"input": {"customer": "C1", "lines": [{"sku": "BOLT", "quantity": "10"}, {"sku": "NUT", "quantity": "4"}]}}
BOTH = pytest.mark.parametrize("mode", ["auto", "legacy"])


@BOTH
async def test_the_tools_are_listed_with_what_they_take_and_whether_they_write(stack: Stack, mode: str) -> None:
    async with agent(stack, mode=mode) as client:
        tools = {each.name: each for each in (await client.list_tools()).tools}
    assert list(tools) == list(DOCUMENTS)
    hints = {name: each.annotations for name, each in tools.items()}
    assert {name for name, each in hints.items() if each is not None and not each.read_only_hint} == {"submit_order"}
    placing = hints["submit_order"]
    assert placing is not None
    assert (placing.destructive_hint, placing.idempotent_hint, placing.title) == (False, True, "Place an order")
    assert tools["availability"].input_schema == {
        "type": "object",
        "properties": {
            "skus": {"type": "array", "items": {"type": "string"}, "description": "The items' SKUs, exactly."},
            "company": {"type": ["string", "null"], "description": "The legal entity."},
        },
        "additionalProperties": False,
        "required": ["skus"],
    }
    assert await stack.calls() == {}


@BOTH
async def test_a_quote_is_the_one_that_graphql_gives_for_the_same_calls(stack: Stack, mode: str) -> None:
    async with agent(stack, mode=mode) as client:
        await client.list_tools()  # the client judges structured content by the schema that it was told
        told = await client.call_tool("quote", QUOTE)
    assert not told.is_error
    calls = await stack.calls()
    lines = told.structured_content["data"]["quote"]["lines"]
    assert [(each["sku"], each["price"]["unit"]["amount"], each["total"]["amount"]) for each in lines] == [
        ("BOLT", "1.2500", "12.50"),
        ("NUT", "0.5000", "2.00"),
    ]
    assert [each["promise"]["complete"] for each in lines] == [True, True]
    asked = await stack.ask(DOCUMENTS["quote"], QUOTE)
    assert without_moments(told.structured_content) == without_moments(asked)
    assert await stack.calls() == calls
    assert sum(calls.values()) > 0


def without_moments(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: without_moments(each) for name, each in answer.items() if name != "asOf"}
    return [without_moments(each) for each in answer] if isinstance(answer, list) else answer


async def test_what_a_system_does_not_answer_is_told_beside_the_rest(stack: Stack) -> None:
    await stack.fault("wms", status=503)
    async with agent(stack) as client:
        await client.list_tools()
        told = await client.call_tool("availability", {"skus": ["BOLT"]})
    assert not told.is_error
    assert told.structured_content["data"] == {
        "items": [{"sku": "BOLT", "name": "Bolt", "status": "ACTIVE", "uom": "EA", "availability": None}]
    }
    (error,) = told.structured_content["errors"]
    assert (error["path"], error["extensions"]["code"], error["extensions"]["source"]) == (
        ["items", 0, "availability"],
        "SOURCE_UNAVAILABLE",
        "wms",
    )


async def test_an_answer_of_nothing_but_errors_is_an_error_in_words(stack: Stack) -> None:
    await stack.fault("erp", status=503)
    async with agent(stack) as client:
        told = await client.call_tool("where_is_my_order", {"number": "1001"})
    assert told.is_error
    assert told.structured_content["data"] == {"order": None}
    (text,) = told.content
    assert text.text == told.structured_content["errors"][0]["message"]
    assert stack.addresses["erp"] not in str(told)


@BOTH
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"number": "1001", "ordernumber": "1001"}, '"ordernumber" is no argument of this tool; it takes "number", "company".'),
        ({}, "$number"),
        ({"number": 7}, "$number"),
        ({"number": "1001", "company": ["US"]}, "$company"),
        ({"number": "1001", "company": {"a": {}}}, "$company"),
    ],
)  # fmt: skip
async def test_an_argument_that_does_not_fit_is_named(
    stack: Stack, mode: str, given: dict[str, Any], named: str
) -> None:
    async with agent(stack, mode=mode) as client:
        told = await client.call_tool("where_is_my_order", given)
    assert told.is_error
    (error,) = told.structured_content["errors"]
    assert named in error["message"]
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert await stack.calls() == {}


async def test_a_mistake_deep_in_an_argument_is_told_with_its_place(stack: Stack) -> None:
    wrong = {"input": {"customer": "C1", "lines": [{"sku": "BOLT", "quantity": 2.5}]}}
    async with agent(stack) as client:
        told = await client.call_tool("quote", wrong)
    assert told.is_error
    (error,) = told.structured_content["errors"]
    assert error["message"].startswith("Variable '$input' has invalid value at .lines[0].quantity: ")
    assert 'send it as a string, "2.5"' in error["message"]


async def test_arguments_have_the_limits_of_variables(stack: Stack) -> None:
    async with agent(stack) as client:
        told = await client.call_tool("availability", {"skus": ["BOLT"] * 1_001})
    assert told.is_error
    (error,) = told.structured_content["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["message"] == "arguments.skus is too long: 1001 entries, the limit is 1000."


async def test_an_order_is_placed_once_however_often_the_tool_is_called(stack: Stack) -> None:
    order = {"customer": "C1", "shipTo": "S1", "company": "US", "lines": [{"sku": "BOLT", "quantity": "1"}]}
    async with agent(stack) as client:
        await client.list_tools()
        checked = await client.call_tool("check_order", {"input": order})
        assert checked.structured_content["data"]["validateOrder"]["acceptable"] is True
        placed = [
            (await client.call_tool("submit_order", {"input": {**order, "idempotencyKey": "agent-1"}}))
            for _ in range(2)
        ]
    calls = await stack.calls()
    assert [each.is_error for each in placed] == [False, False]
    first, again = (each.structured_content["data"]["submitOrder"]["submission"] for each in placed)
    assert first["status"] == "ACCEPTED"
    assert (first["id"], first["erpOrderNumber"]) == (again["id"], again["erpOrderNumber"])
    assert calls["POST /orders"] == 1


async def test_an_order_without_a_key_is_not_placed(stack: Stack) -> None:
    order = {"customer": "C1", "shipTo": "S1", "lines": [{"sku": "BOLT", "quantity": "1"}]}
    async with agent(stack) as client:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        told = await client.call_tool("submit_order", {"input": order})
    asked = tools["submit_order"].input_schema["properties"]["input"]
    assert asked["required"] == ["idempotencyKey", "customer", "shipTo", "lines"]
    assert asked["properties"]["idempotencyKey"]["type"] == "string"
    assert asked["properties"]["channel"]["default"] == "DIRECT"
    assert asked["properties"]["allowBackorder"]["default"] is True
    checked = tools["check_order"].input_schema["properties"]["input"]
    assert checked["required"] == ["customer", "shipTo", "lines"]
    (problem,) = told.structured_content["data"]["submitOrder"]["problems"]
    assert problem["code"] == "IDEMPOTENCY_KEY_MISSING"
    assert "POST /orders" not in await stack.calls()


async def test_a_call_is_logged_as_an_operation_that_came_by_mcp(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "crossdock.operation")
    async with agent(stack, {**bearer(scopes=["order:read"]), "X-Correlation-Id": "call-7"}) as client:
        await client.call_tool("why_is_my_order_stuck", {"number": "1001"})
    (line,) = [vars(each) for each in caplog.records if each.getMessage() == "operation"]
    shown = {name: line[name] for name in ("transport", "operation", "kind", "caller", "correlation_id")}
    assert shown == {
        "transport": "mcp",
        "operation": "WhyIsMyOrderStuck",
        "kind": "query",
        "caller": "agent",
        "correlation_id": "call-7",
    }


class Heard(logging.Handler):
    """Lines as they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: asyncio.Queue[logging.LogRecord] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.put_nowait(record)


@pytest.fixture
def over(caplog: pytest.LogCaptureFixture) -> Iterator[asyncio.Queue[logging.LogRecord]]:
    """The lines of operations that are over."""
    caplog.set_level(logging.INFO, "crossdock.operation")
    heard, log = Heard(), logging.getLogger("crossdock.operation")
    log.addHandler(heard)
    yield heard.lines
    log.removeHandler(heard)


async def test_a_call_whose_caller_hangs_up_is_stopped(stack: Stack, over: asyncio.Queue[logging.LogRecord]) -> None:
    await stack.fault("wms", latency_ms=900)
    call = {"name": "availability", "arguments": {"skus": ["BOLT"]}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    with pytest.raises(httpx.ReadTimeout):
        await stack.client.post(
            "/mcp",
            json=asked,
            headers={"Accept": "application/json, text/event-stream"},
            timeout=httpx.Timeout(10, read=0.3),
        )
    line = await asyncio.wait_for(over.get(), 0.5)  # before the WMS would have answered
    assert vars(line)["outcome"] == "hung_up"
