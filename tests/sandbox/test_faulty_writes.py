"""Faults strike writes as they strike everything else: before the work, nothing is written; after it, all is."""

from typing import Any

import httpx
import pytest

from tests.sandbox.faulty import put
from tests.sandbox.writing import FACTS, NOTHING, cancel, hold, note, order, placed, release, unhold, written

WRITES = [
    ("erp", "/orders", order("R2")),
    ("erp", "/orders/hold", hold("1")),
    ("erp", "/orders/unhold", unhold("2", "PRICE")),
    ("erp", "/orders/cancel", cancel("1")),
    ("wms", "/orders/release", release("1")),
    ("crm", "/notes", note()),
]
KEYS = {"/orders": "C", "/orders/unhold": "2", "/notes": "C"}
IDS = [path for _, path, _ in WRITES]


async def state(clients: dict[str, httpx.AsyncClient]) -> list[Any]:
    for client in clients.values():
        await client.delete("/_sandbox/faults")
    rows = (await clients["erp"].get("/orders/search?limit=100")).json()["orders"]
    return [rows, await written(clients["wms"])]


@pytest.mark.parametrize(("system", "path", "body"), WRITES, ids=IDS)
@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 503, "by_key": True}, {"rate_limit": 1}])
async def test_a_write_that_fails_by_its_status_writes_nothing(
    systems: Any, system: str, path: str, body: dict[str, Any], fault: dict[str, Any]
) -> None:
    clients = await systems(FACTS)
    before = await state(clients)
    client = clients[system]
    if fault.get("by_key"):
        fault = {"status": 503, "key": KEYS.get(path, "1")}
    await put(client, operation=f"POST {path}", **fault)
    if "rate_limit" in fault:
        await client.post(path, json={})
    assert (await client.post(path, json=body)).status_code == (429 if "rate_limit" in fault else 503)
    assert await state(clients) == before


@pytest.mark.parametrize(("system", "path", "body"), WRITES, ids=IDS)
async def test_a_fault_of_another_key_lets_the_write_be(
    systems: Any, system: str, path: str, body: dict[str, Any]
) -> None:
    client = (await systems(FACTS))[system]
    await put(client, status=503, key="OTHER")
    assert (await client.post(path, json=body)).status_code in {200, 201}


@pytest.mark.parametrize(("system", "path", "body"), WRITES, ids=IDS)
async def test_a_dropped_write_is_done_when_it_was_dropped_after_the_work_only(
    start: Any, facts_file: Any, system: str, path: str, body: dict[str, Any]
) -> None:
    arguments = ("--data", str(facts_file(FACTS)))
    async with start(*arguments) as sandbox, sandbox.client("erp") as erp, sandbox.client(system) as client:
        for drop, statuses in (("before", {200, 201}), ("after", {200})):
            await put(client, operation=f"POST {path}", drop=drop)
            with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
                await client.post(path, json=body)
            await client.delete("/_sandbox/faults")
            if drop == "before":
                assert await written(erp) == NOTHING
            else:
                assert (await client.post(path, json=body)).status_code in statuses


async def test_the_keys_of_writes_are_counted(systems: Any) -> None:
    clients = await systems(FACTS)
    number = await placed(clients["erp"])
    await clients["erp"].post("/orders/hold", json=hold(number))
    await clients["wms"].post("/orders/release", json=release("1"))
    await clients["crm"].post("/notes", json=note())
    counted = {name: (await client.get("/_sandbox/calls")).json()["keys"] for name, client in clients.items()}
    assert counted == {
        "erp": {"POST /orders": {"C": 1}, "POST /orders/hold": {number: 1}},
        "wms": {"POST /orders/release": {"1": 1}},
        "crm": {"POST /notes": {"C": 1}},
        "carrier": {},
    }
