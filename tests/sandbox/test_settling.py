"""An order that cannot be found by its reference yet: real time, and only there."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.sandbox.faulty import put
from tests.sandbox.writing import FACTS, order, placed

FOUND = "/orders/by-reference?reference=R1"


async def found(erp: httpx.AsyncClient, query: str = FOUND) -> list[str]:
    answer = await erp.get(query)
    assert (answer.status_code, answer.json()["errors"]) == (200, [])
    return [row["externalReference"] for row in answer.json()["orders"]]


async def test_a_young_order_is_not_found_by_its_reference_and_everywhere_else_it_is(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, operation="GET /orders/by-reference", settle_ms=600_000)
    number = await placed(erp)
    assert await found(erp) == []
    assert len((await erp.get(f"/orders?number={number}")).json()["orders"]) == 1
    again = await erp.post("/orders", json=order())
    assert (again.status_code, again.json()["number"]) == (200, number)
    await erp.delete("/_sandbox/faults")
    assert await found(erp) == ["R1"]


async def test_it_is_found_when_the_time_is_over(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, settle_ms=500)
    begun = time.time()
    await placed(erp)
    assert await found(erp) == []
    async with asyncio.timeout(5):
        while not await found(erp):
            pass
    assert 0.5 <= time.time() - begun < 3


async def test_orders_of_the_data_set_have_settled_long_ago(systems: Any) -> None:
    (first, *_) = FACTS["orders"]
    erp = (await systems({**FACTS, "orders": [{**first, "externalReference": "OLD"}]}))["erp"]
    await put(erp, settle_ms=600_000)
    assert await found(erp, "/orders/by-reference?reference=OLD") == ["OLD"]


async def test_one_reference_may_take_longer_than_the_others(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, key="R1", settle_ms=600_000)
    for reference in ("R1", "R2"):
        await placed(erp, reference)
    assert await found(erp, f"{FOUND}&reference=R2") == ["R2"]


@pytest.mark.parametrize(
    "fault",
    [{"settle_ms": -1}, {"settle_ms": 600_001}, {"operation": "GET /orders", "settle_ms": 5}],
)
async def test_what_cannot_settle_is_refused(systems: Any, fault: dict[str, Any]) -> None:
    erp = (await systems(FACTS))["erp"]
    answer = await erp.put("/_sandbox/faults", json=fault)
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, "settle_ms")
