"""Who may call: /mcp has the door of /graphql, and shows nobody more than that."""

import logging
from pathlib import Path

import pytest
from mcp.shared.exceptions import MCPError
from stack import Stack, stack_over

from gateway.auth import hashed, new_key
from sandbox.facts import Dataset
from tests.mcp.conftest import FACTS, agent, bearer, offering

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"Accept": "application/json, text/event-stream"}
KEY = new_key("agent")
IDENTITY = {
    "keys": [
        {"id": "agent", "hashes": [hashed(KEY)], "scopes": ["order:read"], "companies": ["US"], "customers": ["C1"]}
    ]
}


async def test_by_default_there_is_no_such_path() -> None:
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        assert (await stack.client.post("/mcp", json=LIST, headers=ACCEPT)).status_code == 404


async def test_nobody_that_we_know_is_told_nothing(tmp_path: Path) -> None:
    async with offering(tmp_path, mode="production", http={"hosts": ["127.0.0.1"]}, identity=IDENTITY) as stack:
        bare = await stack.client.post("/mcp", json=LIST, headers=ACCEPT)
        wrong = await stack.client.post("/mcp", json=LIST, headers={**ACCEPT, "Authorization": "Bearer cdk_agent_no"})
        for answer, challenge in ((bare, "Bearer"), (wrong, 'Bearer error="invalid_token"')):
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, challenge)
            assert answer.json()["error"]["data"]["code"] == "UNAUTHENTICATED"
        with pytest.raises(ExceptionGroup) as failed:
            async with agent(stack):
                pass
        assert "Show a token" in repr(failed.value)
        async with agent(stack, {"Authorization": f"Bearer {KEY}"}) as client:
            assert [each.name for each in (await client.list_tools()).tools] == [
                "where_is_my_order",
                "why_is_my_order_stuck",
            ]


async def test_a_tool_is_listed_for_whoever_may_ask_its_root_fields(stack: Stack) -> None:
    shown = {}
    for scope in ("item:read", "order:read", "order:submit", "source:read"):
        async with agent(stack, bearer(scopes=[scope])) as client:
            shown[scope] = [each.name for each in (await client.list_tools()).tools]
    assert shown == {
        "item:read": ["quote", "availability"],
        "order:read": ["where_is_my_order", "why_is_my_order_stuck"],
        "order:submit": ["check_order", "submit_order"],
        "source:read": [],
    }


async def test_a_tool_that_is_not_listed_is_like_one_that_is_not_there(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "crossdock.audit")
    async with agent(stack, bearer(scopes=["item:read"])) as client:
        for name in ("where_is_my_order", "no_such_tool"):
            with pytest.raises(MCPError, match=r"^There is no such tool\.$"):
                await client.call_tool(name, {"number": "1001"})
    told = [vars(each)["audit"] for each in caplog.records if each.name == "crossdock.audit"]
    assert [(each["what"], each["subject"], each["reason"]) for each in told] == [
        ("FORBIDDEN", "agent", "tool where_is_my_order")
    ]
    assert await stack.calls() == {}


async def test_a_customer_sees_its_own_orders_and_of_others_nothing(stack: Stack) -> None:
    seen = {}
    async with agent(stack, bearer(scopes=["order:read"], customers=["C1"])) as client:
        for number in ("1001", "2001", "9999"):
            told = await client.call_tool("why_is_my_order_stuck", {"number": number})
            seen[number] = told.structured_content["data"]["order"]
    assert [(each["code"], each["reason"]) for each in seen["1001"]["holds"]] == [("CREDIT", "over the limit")]
    assert (seen["2001"], seen["9999"]) == (None, None)


async def remaining(stack: Stack) -> int:
    """How many requests are left, after asking once more."""
    answer = await stack.client.post("/mcp", json=LIST, headers=ACCEPT)
    return int(answer.headers["RateLimit"].partition("r=")[2].partition(";")[0])


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path, mode: str) -> None:
    rates = {"enabled": "on", "requests": {"per_minute": 1, "burst": 5}}
    async with offering(tmp_path, rates=rates) as stack, agent(stack, mode=mode) as client:
        await client.call_tool("availability", {"skus": ["BOLT"]})
        while (left := await remaining(stack)) > 0:
            assert left < 5
        with pytest.raises(MCPError) as refused:
            await client.call_tool("availability", {"skus": ["BOLT"]})
        assert refused.value.error.data["code"] == "RATE_LIMITED"
        seconds = refused.value.error.data["retryAfterSeconds"]
        assert 0 < seconds <= 60
        assert (
            refused.value.error.message
            == f"Too much was asked for the moment (requests): try again in {seconds} seconds."
        )
        answer = await stack.client.post("/mcp", json=LIST, headers=ACCEPT)
        assert (answer.status_code, answer.headers["Retry-After"]) == (
            429,
            str(answer.json()["error"]["data"]["retryAfterSeconds"]),
        )


async def test_what_a_call_costs_is_taken_before_it_is_executed(tmp_path: Path) -> None:
    rates = {"enabled": "on", "cost": {"per_minute": 1, "burst": 1}}
    async with offering(tmp_path, rates=rates) as stack, agent(stack) as client:
        await stack.calls()
        assert not (await client.call_tool("availability", {"skus": ["BOLT"]})).is_error
        calls = await stack.calls()
        told = await client.call_tool("availability", {"skus": ["BOLT"]})
        assert told.is_error
        (error,) = told.structured_content["errors"]
        assert (error["extensions"]["code"], error["extensions"]["retryAfterSeconds"]) == ("RATE_LIMITED", 60)
        assert "try again in 60 seconds" in told.content[0].text
        assert calls == {"GET /items": 1, "GET /stock": 1, "GET /supply-demand": 1}
        assert await stack.calls() == {}


async def test_pages_of_other_origins_may_not_ask(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "crossdock.audit")
    foreign = await stack.client.post("/mcp", json=LIST, headers={**ACCEPT, "Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["error"]["data"]["code"]) == (403, "FORBIDDEN")
    assert [each.getMessage() for each in caplog.records if each.name == "crossdock.audit"] == ["refused FORBIDDEN"]
    own = await stack.client.post("/mcp", json=LIST, headers={**ACCEPT, "Origin": stack.url})
    assert own.status_code == 200
    rebound = await stack.client.post("/mcp", json=LIST, headers={**ACCEPT, "Host": "evil.example"})
    assert rebound.status_code == 421


async def test_a_body_is_read_within_its_limits(tmp_path: Path) -> None:
    async with offering(tmp_path, limits={"body_bytes": 2_000}) as stack:
        sent = [
            (b" " * 2_001, "application/json", 413),
            (b"[" * 1_999, "application/json", 400),
            (b"{", "application/json", 400),
            (b"[]", "application/json", 400),
            (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}', "text/plain", 415),
        ]
        for content, kind, status in sent:
            answer = await stack.client.post("/mcp", content=content, headers={**ACCEPT, "Content-Type": kind})
            assert (answer.status_code, content[:10]) == (status, content[:10])
            assert answer.json()["error"]["code"] < 0
        for method in ("GET", "DELETE", "PUT"):
            assert (await stack.client.request(method, "/mcp", headers=ACCEPT)).status_code == 405


async def test_every_answer_has_a_correlation_id_and_is_kept_by_nobody(stack: Stack) -> None:
    answer = await stack.client.post("/mcp", json=LIST, headers={**ACCEPT, "X-Correlation-Id": "here-1"})
    assert answer.status_code == 200
    assert (answer.headers["X-Correlation-Id"], answer.headers["Cache-Control"]) == ("here-1", "no-store")
