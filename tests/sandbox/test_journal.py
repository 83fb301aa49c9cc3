"""The journal: one file, several processes, the same books."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sandbox.journal import Journal, JournalBrokenError
from tests.sandbox import writing

FACTS: dict[str, Any] = {
    "items": [{"sku": "A", "listPrice": "1"}],
    "customers": [{"number": "C"}],
    "shipTos": [{"code": "S", "customer": "C"}],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 5}],
}


def order(reference: str, quantity: str = "2") -> dict[str, Any]:
    lines = [{"line": 1, "sku": "A", "quantity": quantity}]
    return {"externalReference": reference, "company": "US", "customer": "C", "shipTo": "S", "lines": lines}


async def allocated(clients: Any) -> str:
    (row,) = (await clients["wms"].get("/stock?sku=A")).json()["stock"]
    return str(row["allocated"])


async def test_what_one_set_of_books_writes_the_others_read(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    one, two = await systems(FACTS, path), await systems(FACTS, path)
    await one["erp"].post("/orders", json=order("R1"))
    assert await allocated(two) == "2"
    second = (await two["erp"].post("/orders", json=order("R2"))).json()
    assert second["number"] == "9000002"
    assert await allocated(one) == "4"


async def test_a_restarted_system_replays_it(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    before = (await (await systems(FACTS, path))["erp"].post("/orders", json=order("R1"))).json()
    again = await systems(FACTS, path)
    repeated = await again["erp"].post("/orders", json=order("R1"))
    assert (repeated.status_code, repeated.json()) == (200, before)


async def test_orders_placed_at_once_get_numbers_of_their_own_and_no_stock_twice(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    many = [await systems(FACTS, path) for _ in range(4)]
    answers = await asyncio.gather(
        *(many[at % 4]["erp"].post("/orders", json=order(f"R{at}", "1")) for at in range(12))
    )
    numbers = sorted(answer.json()["number"] for answer in answers)
    assert numbers == [str(9_000_001 + at) for at in range(12)]
    assert await allocated(many[0]) == "5"


async def test_the_same_reference_sent_to_two_books_at_once_is_one_order(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    one, two = await systems(FACTS, path), await systems(FACTS, path)
    answers = await asyncio.gather(*(each["erp"].post("/orders", json=order("R")) for each in (one, two)))
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert answers[0].json() == answers[1].json()


async def test_half_a_line_of_a_killed_process_is_overwritten(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await (await systems(FACTS, path))["erp"].post("/orders", json=order("R1"))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"order":{"comp')
    clients = await systems(FACTS, path)
    assert await allocated(clients) == "2"
    await clients["erp"].post("/orders", json=order("R2"))
    assert path.read_bytes().startswith(whole)
    assert path.read_bytes().count(b"\n") == 2
    assert await allocated(await systems(FACTS, path)) == "4"


async def test_a_refused_order_writes_nothing(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    clients = await systems(FACTS, path)
    refused = await clients["erp"].post("/orders", json={**order("R"), "customer": "NOBODY"})
    assert (refused.status_code, path.read_bytes()) == (422, b"")


async def test_every_kind_of_entry_is_read_by_the_others_and_replayed(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    one, two = await systems(writing.FACTS, path), await systems(writing.FACTS, path)
    number = await writing.placed(one["erp"])
    await two["erp"].post("/orders/hold", json=writing.hold(number))
    await one["erp"].post("/orders/unhold", json=writing.unhold(number))
    await two["wms"].post("/orders/release", json=writing.release(number))
    await one["crm"].post("/notes", json=writing.note())
    await two["erp"].post("/orders/cancel", json=writing.cancel("1"))
    kinds = [msgspec.json.decode(line)["entry"] for line in path.read_bytes().splitlines()]
    assert kinds == ["placed", "changed", "changed", "released", "noted", "changed"]
    told = [await everything(each) for each in (one, two, await systems(writing.FACTS, path))]
    assert told == [told[0]] * 3
    assert told[0][:2] == [("6", [{"date": "2026-06-30", "quantity": "7"}], "12.00"), "2026-06-30T09:00:00Z"]


async def everything(clients: Any) -> list[Any]:
    (row,) = (await clients["crm"].get("/relationships?customer=C")).json()["relationships"]
    orders = (await clients["erp"].get("/orders/search?limit=100&count=true")).json()
    shipments = (await clients["wms"].get("/shipments?number=SH1&number=S9000001")).json()
    told = [await writing.written(client) for client in clients.values()]
    return [await writing.figures(clients), row["lastActivityAt"], orders, shipments, told]


async def test_holding_and_cancelling_at_once_loses_neither(systems: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    many = [await systems(writing.FACTS, path) for _ in range(4)]
    number = await writing.placed(many[0]["erp"])
    codes = ("CREDIT", "PRICE", "ADDRESS", "OTHER")
    await asyncio.gather(
        *(
            many[(at + turn) % 4]["erp"].post("/orders/hold", json=writing.hold(number, code))
            for turn in range(2)
            for at, code in enumerate(codes)
        )
    )
    (told,) = (await writing.written(many[3]["wms"]))["orders"]
    assert sorted(told["holds"]) == sorted(codes)
    assert path.read_bytes().count(b"\n") == 5


def test_a_line_that_is_no_entry_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{"entry": "placed", "order": 1}\n')
    with pytest.raises(JournalBrokenError, match=r"journal, line 1: "):
        Journal(path).news()
