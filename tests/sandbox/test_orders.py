"""Simulating and placing orders, and what all four systems know of it afterwards."""

from typing import Any

import httpx
import pytest

FACTS: dict[str, Any] = {
    "companies": [{"code": "US", "taxRate": "0.07"}],
    "items": [
        {"sku": "A", "listPrice": "1.25", "uoms": [{"code": "CS", "factor": "12"}], "leadTimeDays": 10},
        {"sku": "B", "listPrice": "0.0375"},
        {"sku": "FREE"},
    ],
    "customers": [{"number": "C"}, {"number": "HELD"}, {"number": "BLOCKED", "blocked": True}],
    "credit": [{"number": "C", "limit": "100.00"}, {"number": "HELD", "onHold": True}],
    "shipTos": [
        {"code": "S", "customer": "C"},
        {"code": "H", "customer": "HELD"},
        {"code": "BL", "customer": "BLOCKED"},
    ],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 30}, {"sku": "B", "warehouse": "RNO", "onHand": 100}],
    "purchaseOrders": [{"sku": "A", "warehouse": "RNO", "quantity": 24, "expected": "2026-07-05"}],
}
ORDER: dict[str, Any] = {
    "externalReference": "R1",
    "company": "US",
    "customer": "C",
    "shipTo": "S",
    "poNumber": "P1",
    "lines": [{"line": 1, "sku": "A", "quantity": "3", "uom": "CS"}, {"line": 2, "sku": "B", "quantity": "10"}],
}


async def test_an_order_is_priced_allocated_as_far_as_stock_goes_and_the_rest_backordered(systems: Any) -> None:
    answer = await (await systems(FACTS))["erp"].post("/orders", json=ORDER)
    order = answer.json()
    assert answer.status_code == 201
    assert (order["number"], order["status"], order["total"]) == ("9000001", "OPEN", "45.38")
    first, second = order["lines"]
    assert (first["unitPrice"], first["total"], first["promisedDate"]) == ("15.0000", "45.00", "2026-07-05")
    assert first["progress"] == {
        "ordered": "3",
        "allocated": "2",
        "picked": "0",
        "shipped": "0",
        "backordered": "1",
        "cancelled": "0",
    }
    assert (second["total"], second["promisedDate"], second["progress"]["allocated"]) == ("0.38", "2026-06-30", "10")


async def test_all_four_systems_know_of_it_at_once(systems: Any) -> None:
    clients = await systems(FACTS)
    await clients["erp"].post("/orders", json=ORDER)
    (plan, _) = (await clients["erp"].get("/supply-demand?sku=A&sku=B")).json()["plans"]
    assert plan["demand"] == [{"date": "2026-07-05", "quantity": "36"}]
    (credit,) = (await clients["erp"].get("/customers/credit?number=C")).json()["credit"]
    assert (credit["exposure"], credit["available"]) == ("45.38", "54.62")
    (stock,) = (await clients["wms"].get("/stock?sku=A")).json()["stock"]
    assert (stock["onHand"], stock["allocated"]) == ("30", "24")
    (shipment,) = (await clients["wms"].get("/shipments/by-order?order=9000001")).json()["shipments"]
    assert (shipment["number"], shipment["status"], shipment["parcels"]) == ("S9000001", "WAITING", [])
    for path in ("/orders?number=9000001", "/orders/by-reference?reference=R1", "/orders/search?poNumber=P1"):
        assert [row["number"] for row in (await clients["erp"].get(path)).json()["orders"]] == ["9000001"]


async def test_the_same_reference_is_the_same_order_and_with_other_words_a_conflict(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    first = await erp.post("/orders", json=ORDER)
    again = await erp.post("/orders", json=ORDER)
    other = await erp.post("/orders", json={**ORDER, "poNumber": "P2"})
    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert first.json() == again.json()
    assert (other.json()["error"]["code"], other.json()["error"]["path"]) == ("CONFLICT", "externalReference")
    assert (await erp.get("/orders/search?count=true")).json()["total"] == 1


async def test_two_lines_of_one_item_share_its_stock(systems: Any) -> None:
    lines = [{"line": at, "sku": "A", "quantity": "20"} for at in (1, 2)]
    order = (await (await systems(FACTS))["erp"].post("/orders", json={**ORDER, "lines": lines})).json()
    assert [line["progress"]["allocated"] for line in order["lines"]] == ["20", "10"]


async def test_a_price_that_is_given_is_taken(systems: Any) -> None:
    lines = [{"line": 1, "sku": "FREE", "quantity": "2", "unitPrice": "3.3333"}]
    order = (await (await systems(FACTS))["erp"].post("/orders", json={**ORDER, "lines": lines})).json()
    assert (order["lines"][0]["unitPrice"], order["total"]) == ("3.3333", "6.67")


def line(**change: Any) -> dict[str, Any]:
    return {"lines": [ORDER["lines"][1], {"line": 1, "sku": "A", "quantity": "1", **change}]}


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    ({"customer": "NOBODY"}, "UNKNOWN_CUSTOMER", "customer"),
    ({"shipTo": "H"}, "UNKNOWN_SHIP_TO", "shipTo"),
    (line(sku="NONE"), "UNKNOWN_ITEM", "lines[1].sku"),
    (line(uom="PL"), "UNKNOWN_UOM", "lines[1].uom"),
    (line(sku="FREE"), "PRICE_UNAVAILABLE", "lines[1].sku"),
    ({"customer": "HELD", "shipTo": "H"}, "CREDIT_HOLD", "customer"),
    ({"customer": "BLOCKED", "shipTo": "BL"}, "CUSTOMER_BLOCKED", "customer"),
]


@pytest.mark.parametrize(("change", "reason", "path"), REFUSALS, ids=[reason for _, reason, _ in REFUSALS])
async def test_the_business_says_no_with_a_reason_and_a_path(
    systems: Any, change: dict[str, Any], reason: str, path: str
) -> None:
    erp = (await systems(FACTS))["erp"]
    answer = await erp.post("/orders", json={**ORDER, **change})
    wrong = answer.json()["error"]
    assert (answer.status_code, wrong["code"], wrong["reason"], wrong["path"]) == (422, "REJECTED", reason, path)
    assert (await erp.get("/orders/search?count=true")).json()["total"] == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (line(quantity="0"), "lines[1].quantity"),
        (line(quantity=1), "lines[1].quantity"),
        (line(quantity="1e3"), "lines[1].quantity"),
        (line(quantity="-1"), "lines[1].quantity"),
        (line(line=2), "lines[1].line"),
        ({"lines": []}, "lines"),
        ({"customer": ""}, "customer"),
        ({"requestedDate": "soon"}, "requestedDate"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_by_its_path(
    systems: Any, change: dict[str, Any], path: str
) -> None:
    answer = await (await systems(FACTS))["erp"].post("/orders", json={**ORDER, **change})
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, path)


async def test_what_is_not_json_is_refused(systems: Any) -> None:
    answer = await (await systems(FACTS))["erp"].post("/orders", content=b'{"lines": [')
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


async def simulated(erp: httpx.AsyncClient, **change: Any) -> dict[str, Any]:
    asked = {name: value for name, value in ORDER.items() if name not in {"externalReference", "poNumber"}}
    answer: dict[str, Any] = (await erp.post("/orders/simulate", json={**asked, **change})).json()
    return answer


async def test_a_simulation_prices_promises_and_weighs_the_credit_without_saving_anything(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    found = await simulated(erp)
    assert (found["subtotal"], found["tax"], found["freight"], found["total"]) == ("45.38", "3.18", "0.00", "48.56")
    assert [(each["available"], each["confirmedDate"]) for each in found["lines"]] == [
        ("2", "2026-07-05"),
        ("100", "2026-06-30"),
    ]
    assert found["credit"] == {"limit": "100.00", "exposure": "0.00", "onHold": False, "exceeded": False}
    assert (await erp.get("/orders/search?count=true")).json()["total"] == 0


async def test_a_simulation_says_when_the_limit_would_be_passed(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await erp.post("/orders", json=ORDER)
    found = await simulated(erp, lines=[{"line": 1, "sku": "A", "quantity": "41"}])
    assert (found["total"], found["credit"]["exposure"], found["credit"]["exceeded"]) == ("54.84", "45.38", True)


async def test_without_stock_or_supply_the_lead_time_is_promised(systems: Any) -> None:
    found = await simulated((await systems(FACTS))["erp"], lines=[{"line": 1, "sku": "A", "quantity": "55"}])
    assert found["lines"][0]["confirmedDate"] == "2026-07-10"
