"""`Query.sources`: how each system is doing, while it is well, while it is not, and while nobody asks."""

from typing import Any

import pytest
from stack import Stack, stack_over

from resolvers.systems import Status
from sandbox.facts import Dataset
from sources.breaker import BreakerState

SOURCES = "{ sources { name system state breaker p50Ms p95Ms errorRate inFlight cacheHitRatio } }"
ITEM = '{ item(sku: "BOLT") { sku availability { available } } }'
FACTS = {
    "today": "2026-06-30",
    "warehouses": [{"company": "US", "code": "RNO"}],
    "items": [{"company": "US", "sku": "BOLT", "name": "Bolt"}],
    "stock": [{"company": "US", "sku": "BOLT", "warehouse": "RNO", "onHand": "7"}],
}


async def sources(stack: Stack) -> dict[str, Any]:
    return {row["name"]: row for row in (await stack.ask(SOURCES))["data"]["sources"]}


async def test_what_nobody_has_asked_is_unknown_and_what_answers_is_up() -> None:
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        assert {row["state"] for row in (await sources(stack)).values()} == {"UNKNOWN"}
        assert (await stack.ask(ITEM))["data"]["item"]["availability"]["available"] == "7"
        rows = await sources(stack)
        assert {name: row["state"] for name, row in rows.items()} == {
            "erp": "UP",
            "wms": "UP",
            "crm": "UNKNOWN",
            "carrier": "UNKNOWN",
        }
        assert rows["erp"]["p50Ms"] > 0
        assert (rows["erp"]["errorRate"], rows["erp"]["inFlight"], rows["erp"]["system"]) == (0, 0, "standard")
        assert rows["crm"]["p95Ms"] is None
        assert rows["erp"]["cacheHitRatio"] is None


async def test_a_dead_system_is_down_and_the_gateway_stays_ready() -> None:
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        await stack.fault("wms", status=503)
        await stack.ask(ITEM)
        rows = await sources(stack)
        assert (rows["wms"]["state"], rows["wms"]["errorRate"]) == ("DOWN", 1)
        assert rows["erp"]["state"] == "UP"
        assert (await stack.client.get("/health/ready")).status_code == 200


async def test_what_is_remembered_shows_as_a_ratio() -> None:
    async with stack_over(Dataset.from_builtins(FACTS), cache={"enabled": True}) as stack:
        for _ in range(4):
            await stack.ask('{ item(sku: "BOLT") { sku } }')
        assert (await sources(stack))["erp"]["cacheHitRatio"] == 0.75
        assert (await stack.calls()) == {"GET /items": 1}


@pytest.mark.parametrize(
    ("breaker", "calls", "error_rate", "state"),
    [
        ("CLOSED", 0, 0.0, "UNKNOWN"),
        ("CLOSED", 9, 0.0, "UP"),
        ("CLOSED", 9, 0.05, "DEGRADED"),
        ("HALF_OPEN", 9, 0.0, "DEGRADED"),
        ("CLOSED", 9, 0.5, "DOWN"),
        ("OPEN", 0, 0.0, "DOWN"),
    ],
)
def test_a_state_follows_from_breaker_and_errors(breaker: str, calls: int, error_rate: float, *, state: str) -> None:
    status = Status("erp", "standard", BreakerState(breaker), None, None, error_rate, 0, calls)
    assert status.state.value == state
