"""Orders held, let go on and cancelled; asked again, nothing changes."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.writing import FACTS, NOTHING, cancel, figures, hold, order, placed, refused, unhold, written


async def test_a_hold_is_placed_once(systems: Any, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    erp = (await systems(FACTS, journal))["erp"]
    number = await placed(erp)
    first = await erp.post("/orders/hold", json=hold(number))
    again = await erp.post("/orders/hold", json=hold(number, reason="Another reason"))
    (held,) = first.json()["holds"]
    assert (first.status_code, held["code"], held["reason"], held["owner"]) == (200, "CREDIT", "Over the limit", "desk")
    assert (again.status_code, again.json()) == (200, first.json())
    assert journal.read_bytes().count(b"\n") == 2
    both = (await erp.post("/orders/hold", json=hold(number, "ADDRESS"))).json()
    assert [each["code"] for each in both["holds"]] == ["CREDIT", "ADDRESS"]
    assert (await erp.get(f"/orders?number={number}")).json()["orders"] == [both]


async def test_letting_go_on_takes_the_holds_of_one_code_and_may_be_asked_again(systems: Any, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    erp = (await systems(FACTS, journal))["erp"]
    number = await placed(erp)
    for code in ("CREDIT", "ADDRESS"):
        await erp.post("/orders/hold", json=hold(number, code))
    answers = [await erp.post("/orders/unhold", json=unhold(number)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [[each["code"] for each in answer.json()["holds"]] for answer in answers] == [["ADDRESS"], ["ADDRESS"]]
    assert journal.read_bytes().count(b"\n") == 4


async def test_what_was_on_hold_before_the_books_were_opened_can_be_let_go_on(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    answer = await erp.post("/orders/unhold", json=unhold("2", "PRICE"))
    assert (answer.status_code, answer.json()["holds"]) == (200, [])
    assert (await erp.get("/orders/search?customer=C&status=PARTIALLY_SHIPPED")).json()["orders"] == [answer.json()]


async def test_cancelling_gives_back_stock_demand_and_exposure(systems: Any) -> None:
    clients = await systems(FACTS)
    before = await figures(clients)
    assert before == ("3", [{"date": "2026-06-30", "quantity": "4"}], "6.00")
    number = await placed(clients["erp"], lines=[{"line": 1, "sku": "A", "quantity": "9"}])
    assert await figures(clients) == (
        "10",
        [{"date": "2026-06-30", "quantity": "4"}, {"date": "2026-07-05", "quantity": "9"}],
        "24.00",
    )
    answer = await clients["erp"].post("/orders/cancel", json=cancel(number))
    found = answer.json()
    assert (answer.status_code, found["status"], found["total"]) == (200, "CANCELLED", "18.00")
    assert found["lines"][0]["progress"] == {
        "ordered": "9",
        "allocated": "0",
        "picked": "0",
        "shipped": "0",
        "backordered": "0",
        "cancelled": "9",
    }
    assert await figures(clients) == before
    (shipment,) = (await clients["wms"].get(f"/shipments/by-order?order={number}")).json()["shipments"]
    assert (shipment["number"], shipment["status"]) == (f"S{number}", "CANCELLED")


async def test_an_order_of_the_data_set_is_cancelled_with_what_is_picked_of_it(systems: Any) -> None:
    clients = await systems(FACTS)
    found = (await clients["erp"].post("/orders/cancel", json=cancel("1"))).json()
    assert (found["status"], found["lines"][0]["progress"]["cancelled"]) == ("CANCELLED", "3")
    assert await figures(clients) == ("0", [{"date": "2026-06-30", "quantity": "1"}], "0.00")
    (shipment,) = (await clients["wms"].get("/shipments?number=SH1")).json()["shipments"]
    assert shipment["status"] == "CANCELLED"
    listed = (await clients["erp"].get("/orders/by-customer?company=US&number=C&status=CANCELLED")).json()["pages"]
    assert [row["number"] for row in listed[0]["orders"]] == ["1"]


async def test_an_order_is_cancelled_once(systems: Any, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    clients = await systems(FACTS, journal)
    number = await placed(clients["erp"])
    answers = [await clients["erp"].post("/orders/cancel", json=cancel(number)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert journal.read_bytes().count(b"\n") == 2
    assert (await figures(clients))[0] == "3"


async def test_a_cancelled_order_is_still_found_by_its_reference_and_not_made_again(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    number = await placed(erp)
    await erp.post("/orders/cancel", json=cancel(number))
    again = await erp.post("/orders", json=order())
    assert (again.status_code, again.json()["number"], again.json()["status"]) == (200, number, "CANCELLED")
    found = (await erp.get("/orders/by-reference?reference=R1")).json()["orders"]
    assert [row["status"] for row in found] == ["CANCELLED"]


REFUSALS = [
    ("/orders/hold", hold("99"), "UNKNOWN_ORDER"),
    ("/orders/hold", hold("1", company="CA"), "UNKNOWN_ORDER"),
    ("/orders/hold", hold("2"), "NOT_HOLDABLE"),
    ("/orders/hold", hold("3"), "NOT_HOLDABLE"),
    ("/orders/unhold", unhold("99"), "UNKNOWN_ORDER"),
    ("/orders/cancel", cancel("99"), "UNKNOWN_ORDER"),
    ("/orders/cancel", cancel("2"), "NOT_CANCELLABLE"),
    ("/orders/cancel", cancel("3"), "NOT_CANCELLABLE"),
]


@pytest.mark.parametrize(("path", "body", "reason"), REFUSALS)
async def test_what_cannot_be_changed_is_refused_and_stays_as_it_was(
    systems: Any, tmp_path: Path, path: str, body: dict[str, Any], reason: str
) -> None:
    journal = tmp_path / "journal"
    erp = (await systems(FACTS, journal))["erp"]
    before = (await erp.get("/orders/search")).json()
    assert refused(await erp.post(path, json=body)) == (422, reason, "number")
    assert (await erp.get("/orders/search")).json() == before
    assert journal.read_bytes() == b""


async def test_a_cancelled_order_cannot_be_held(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await erp.post("/orders/cancel", json=cancel("1"))
    assert refused(await erp.post("/orders/hold", json=hold("1"))) == (422, "NOT_HOLDABLE", "number")


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("/orders/hold", hold("1", "WEATHER"), "code"),
        ("/orders/hold", hold("1", by=""), "by"),
        ("/orders/unhold", unhold("1", ""), "code"),
        ("/orders/cancel", cancel(""), "number"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_by_its_path(
    systems: Any, path: str, body: dict[str, Any], wrong: str
) -> None:
    answer = await (await systems(FACTS))["erp"].post(path, json=body)
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, wrong)


async def test_only_orders_placed_since_the_data_set_are_told_as_written_with_their_state_of_now(systems: Any) -> None:
    clients = await systems(FACTS)
    assert await written(clients["crm"]) == NOTHING
    one = await placed(clients["erp"], "R1", poNumber="P1", channel="EDI")
    two = await placed(clients["erp"], "R2")
    await clients["erp"].post("/orders/hold", json=hold(one))
    await clients["erp"].post("/orders/cancel", json=cancel(two))
    await clients["erp"].post("/orders/hold", json=hold("1"))
    told = [await written(client) for client in clients.values()]
    assert told == [told[0]] * 4
    assert told[0] == {
        "orders": [
            {
                "company": "US",
                "number": one,
                "externalReference": "R1",
                "status": "OPEN",
                "holds": ["CREDIT"],
                "customer": "C",
                "poNumber": "P1",
                "channel": "EDI",
            },
            {
                "company": "US",
                "number": two,
                "externalReference": "R2",
                "status": "CANCELLED",
                "holds": [],
                "customer": "C",
                "poNumber": None,
                "channel": None,
            },
        ],
        "releases": [],
        "notes": [],
    }
