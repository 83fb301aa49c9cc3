"""What the WMS and the CRM are told: an order let go, once; a note written, once."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.writing import FACTS, NOTHING, cancel, hold, note, placed, refused, release, unhold, written


async def test_a_release_allocates_the_shipment_and_releases_the_order(systems: Any) -> None:
    clients = await systems(FACTS)
    number = await placed(clients["erp"], carrierService="GROUND")
    answer = await clients["wms"].post("/orders/release", json=release(number))
    told = answer.json()
    assert (answer.status_code, told["company"], told["order"], told["reference"]) == (201, "US", number, "R1")
    (shipment,) = told["shipments"]
    assert (shipment["number"], shipment["status"], shipment["service"]) == (f"S{number}", "ALLOCATED", "GROUND")
    assert (await clients["wms"].get(f"/shipments/by-order?order={number}")).json()["shipments"] == [shipment]
    (order,) = (await clients["erp"].get(f"/orders?number={number}")).json()["orders"]
    assert order["status"] == "RELEASED"
    assert (await written(clients["erp"]))["releases"] == [{"company": "US", "order": number, "reference": "R1"}]


async def test_an_order_is_released_once_whatever_is_asked_later(systems: Any) -> None:
    clients = await systems(FACTS)
    number = await placed(clients["erp"])
    first = await clients["wms"].post("/orders/release", json=release(number))
    again = await clients["wms"].post(
        "/orders/release", json=release(number, reference="R2", carrierService="AIR", warehouses=[])
    )
    assert (again.status_code, again.json()) == (200, first.json())
    assert len((await written(clients["wms"]))["releases"]) == 1


async def test_a_release_asked_again_tells_the_shipments_of_now(systems: Any) -> None:
    clients = await systems(FACTS)
    number = await placed(clients["erp"])
    await clients["wms"].post("/orders/release", json=release(number))
    await clients["erp"].post("/orders/cancel", json=cancel(number))
    again = await clients["wms"].post("/orders/release", json=release(number))
    assert (again.status_code, again.json()["shipments"][0]["status"]) == (200, "CANCELLED")


async def test_a_release_may_name_the_carriers_service(systems: Any) -> None:
    clients = await systems(FACTS)
    number = await placed(clients["erp"])
    told = (await clients["wms"].post("/orders/release", json=release(number, carrierService="AIR"))).json()
    assert told["shipments"][0]["service"] == "AIR"


async def test_an_order_without_a_shipment_gets_one_in_the_first_warehouse_asked_for(systems: Any) -> None:
    facts = {**FACTS, "shipments": []}
    clients = await systems(facts)
    told = (await clients["wms"].post("/orders/release", json=release("1", warehouses=["ATL", "RNO"]))).json()
    assert [(row["number"], row["warehouse"]["code"], row["status"]) for row in told["shipments"]] == [
        ("S1", "ATL", "ALLOCATED")
    ]


@pytest.mark.parametrize(
    ("body", "reason", "path"),
    [
        (release("99"), "UNKNOWN_ORDER", "order"),
        (release("2"), "ORDER_ON_HOLD", "order"),
        (release("1", warehouses=["RNO", "MOON"]), "UNKNOWN_WAREHOUSE", "warehouses[1]"),
    ],
)
async def test_what_cannot_be_released_is_refused_and_nothing_is_written(
    systems: Any, tmp_path: Path, body: dict[str, Any], reason: str, path: str
) -> None:
    journal = tmp_path / "journal"
    wms = (await systems(FACTS, journal))["wms"]
    assert refused(await wms.post("/orders/release", json=body)) == (422, reason, path)
    assert (await written(wms), journal.read_bytes()) == (NOTHING, b"")


async def test_a_held_order_is_released_once_its_hold_is_gone(systems: Any) -> None:
    clients = await systems(FACTS)
    number = await placed(clients["erp"])
    await clients["erp"].post("/orders/hold", json=hold(number, "OTHER"))
    wrong = await clients["wms"].post("/orders/release", json=release(number))
    assert refused(wrong) == (422, "ORDER_ON_HOLD", "order")
    await clients["erp"].post("/orders/unhold", json=unhold(number, "OTHER"))
    assert (await clients["wms"].post("/orders/release", json=release(number))).status_code == 201


async def test_a_cancelled_order_is_not_released(systems: Any) -> None:
    clients = await systems(FACTS)
    number = await placed(clients["erp"])
    await clients["erp"].post("/orders/cancel", json=cancel(number))
    wrong = await clients["wms"].post("/orders/release", json=release(number))
    assert refused(wrong) == (422, "ORDER_CANCELLED", "order")
    assert (await written(clients["wms"]))["releases"] == []


async def last_activity(crm: Any, customer: str = "C") -> str | None:
    (row,) = (await crm.get(f"/relationships?customer={customer}")).json()["relationships"]
    found: str | None = row["lastActivityAt"]
    return found


async def test_a_note_is_written_once_and_seen_as_the_customers_last_activity(systems: Any) -> None:
    clients = await systems(FACTS)
    crm = clients["crm"]
    answers = [await crm.post("/notes", json=note()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json() == note()
    assert await last_activity(crm) == "2026-06-30T09:00:00Z"
    assert (await written(clients["carrier"]))["notes"] == [{"company": "US", "customer": "C", "reference": "N1"}]


async def test_an_older_note_leaves_the_last_activity_as_it_is(systems: Any) -> None:
    crm = (await systems(FACTS))["crm"]
    await crm.post("/notes", json=note(at="2026-06-01T00:00:00Z"))
    assert await last_activity(crm) == "2026-06-20T10:00:00Z"
    await crm.post("/notes", json=note("N2", at="2026-06-21T00:00:00Z"))
    await crm.post("/notes", json=note("N3", at="2026-06-20T12:00:00Z"))
    assert await last_activity(crm) == "2026-06-21T00:00:00Z"


async def test_the_first_activity_of_a_customer_may_be_a_note(systems: Any) -> None:
    crm = (await systems(FACTS))["crm"]
    assert await last_activity(crm, "EXPORT") is None
    body = {name: value for name, value in note(customer="EXPORT").items() if name != "order"}
    answer = await crm.post("/notes", json=body)
    assert (answer.status_code, answer.json()["order"]) == (201, None)
    assert await last_activity(crm, "EXPORT") == "2026-06-30T09:00:00Z"


async def test_a_reference_of_another_note_is_a_conflict_and_nothing_is_written(systems: Any) -> None:
    crm = (await systems(FACTS))["crm"]
    await crm.post("/notes", json=note())
    answer = await crm.post("/notes", json=note(text="Something else.", at="2026-06-30T10:00:00Z"))
    wrong = answer.json()["error"]
    assert (answer.status_code, wrong["code"], wrong["path"]) == (409, "CONFLICT", "reference")
    assert await last_activity(crm) == "2026-06-30T09:00:00Z"
    assert len((await written(crm))["notes"]) == 1


async def test_a_note_about_nobody_is_refused(systems: Any) -> None:
    crm = (await systems(FACTS))["crm"]
    answer = await crm.post("/notes", json=note(customer="NOBODY"))
    assert refused(answer) == (422, "UNKNOWN_CUSTOMER", "customer")
    assert await written(crm) == NOTHING


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("/orders/release", release(""), "order"),
        ("/orders/release", release("1", warehouses=[""]), "warehouses[0]"),
        ("/notes", note(at="yesterday"), "at"),
        ("/notes", note(at="2026-06-30T09:00:00"), "at"),
        ("/notes", note(text=""), "text"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_by_its_path(
    systems: Any, path: str, body: dict[str, Any], wrong: str
) -> None:
    clients = await systems(FACTS)
    answer = await clients["crm" if path == "/notes" else "wms"].post(path, json=body)
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, wrong)
