"""What an order may say of itself beyond its lines, and what the ERP refuses it for."""

from typing import Any

import pytest

from tests.sandbox.writing import FACTS, NOTHING, figures, order, placed, refused, release, written

APPROVAL = {"code": "CREDIT_HOLD", "by": "dana", "at": "2026-06-30T08:00:00Z", "note": "Paid by wire"}
HELD = {"customer": "BRANCH", "shipTo": "B"}


def line(quantity: str, sku: str = "A") -> list[dict[str, Any]]:
    return [{"line": 1, "sku": sku, "quantity": quantity}]


@pytest.mark.parametrize(
    ("change", "reason", "path"),
    [
        ({"customer": "BLOCKED", "shipTo": "BL"}, "CUSTOMER_BLOCKED", "customer"),
        (HELD, "CREDIT_HOLD", "customer"),
        ({**HELD, "approvals": [{**APPROVAL, "code": "CREDIT_LIMIT"}]}, "CREDIT_HOLD", "customer"),
        ({"customer": "BLOCKED", "shipTo": "BL", "approvals": [APPROVAL]}, "CUSTOMER_BLOCKED", "customer"),
        ({"lines": line("1", "STOP")}, "ITEM_BLOCKED", "lines[0].sku"),
        ({"warehouses": ["RNO", "MOON"]}, "UNKNOWN_WAREHOUSE", "warehouses[1]"),
        ({"customer": "EXPORT", "shipTo": "E"}, "EXPORT_CONTROL", "customer"),
        ({"allowBackorder": False, "lines": line("12")}, "INSUFFICIENT_AVAILABILITY", "lines[0].quantity"),
    ],
)
async def test_a_refused_order_leaves_no_trace(systems: Any, change: dict[str, Any], reason: str, path: str) -> None:
    clients = await systems(FACTS)
    before = await figures(clients)
    assert refused(await clients["erp"].post("/orders", json=order(**change))) == (422, reason, path)
    assert await written(clients["erp"]) == NOTHING
    assert await figures(clients) == before


async def test_a_refusal_of_the_data_set_says_its_own_sentence_and_strikes_its_system_only(systems: Any) -> None:
    clients = await systems(FACTS)
    wrong = await clients["erp"].post("/orders", json=order(customer="EXPORT", shipTo="E"))
    assert wrong.json()["error"]["message"] == "Export is not permitted."
    number = await placed(clients["erp"], shipTo="DOCK")
    refusal = await clients["wms"].post("/orders/release", json=release(number))
    assert refused(refusal) == (422, "DOCK_CLOSED", "order")
    assert (await written(clients["wms"]))["releases"] == []
    (kept,) = (await clients["erp"].get(f"/orders?number={number}")).json()["orders"]
    assert kept["status"] == "OPEN"


async def test_a_credit_hold_that_a_person_let_pass_is_no_refusal(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    answer = await erp.post("/orders", json=order(**HELD, approvals=[APPROVAL]))
    assert (answer.status_code, answer.json()["customer"]) == (201, "BRANCH")


@pytest.mark.parametrize(
    ("customer", "ship_to", "status"),
    [
        ("HEAD", "B", 201),
        ("BRANCH", "B", 201),
        ("BRANCH", "H", 201),
        ("C", "B", 422),
        ("C", "H", 422),
        ("BRANCH", "S", 422),
    ],
)
async def test_it_may_go_to_whom_one_pays_for_and_to_who_pays_for_one(
    systems: Any, customer: str, ship_to: str, status: int
) -> None:
    facts = {**FACTS, "shipTos": [*FACTS["shipTos"], {"code": "H", "customer": "HEAD"}]}
    erp = (await systems(facts))["erp"]
    answer = await erp.post("/orders", json=order(customer=customer, shipTo=ship_to, approvals=[APPROVAL]))
    assert answer.status_code == status
    assert [row["customer"] for row in (await written(erp))["orders"]] == ([customer] if status == 201 else [])


async def test_the_first_warehouse_is_the_one_that_allocates_and_ships(systems: Any) -> None:
    clients = await systems(FACTS)
    found = (await clients["erp"].post("/orders", json=order(warehouses=["ATL", "RNO"]))).json()
    progress = found["lines"][0]["progress"]
    assert (progress["allocated"], progress["backordered"]) == ("4", "2")
    (stock,) = (await clients["wms"].get("/stock?sku=A&warehouse=ATL")).json()["stock"]
    assert stock["allocated"] == "4"
    assert (await figures(clients))[0] == "3"
    (shipment,) = (await clients["wms"].get(f"/shipments/by-order?order={found['number']}")).json()["shipments"]
    assert shipment["warehouse"]["code"] == "ATL"


async def test_without_backorders_what_is_on_its_way_is_enough(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    found = (await erp.post("/orders", json=order(allowBackorder=False, lines=line("8")))).json()
    assert (found["lines"][0]["promisedDate"], found["lines"][0]["progress"]["allocated"]) == ("2026-07-05", "7")


async def test_without_backorders_two_lines_of_one_item_are_weighed_together(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    lines = [{"line": at, "sku": "A", "quantity": "6"} for at in (1, 2)]
    answer = await erp.post("/orders", json=order(allowBackorder=False, lines=lines))
    assert refused(answer) == (422, "INSUFFICIENT_AVAILABILITY", "lines[1].quantity")


async def test_a_shortage_that_a_person_let_pass_is_backordered(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    approvals = [{**APPROVAL, "code": "INSUFFICIENT_AVAILABILITY"}]
    found = (await erp.post("/orders", json=order(allowBackorder=False, approvals=approvals, lines=line("12")))).json()
    assert found["lines"][0]["progress"]["backordered"] == "5"


async def test_an_order_remembers_whose_rest_it_is(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    number = await placed(erp, backorderOf="1")
    (found,) = (await erp.get(f"/orders?number={number}")).json()["orders"]
    assert found["backorderOf"] == "1"


async def test_bodies_that_mean_the_same_are_the_same_order(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    number = await placed(erp)
    spelled = order(approvals=None, warehouses=[], allowBackorder=True, carrierService=None, backorderOf=None, more=1)
    spelled["lines"] = [{"line": 1, "sku": "A", "quantity": "6.0", "uom": None, "unitPrice": None}]
    again = await erp.post("/orders", json=spelled)
    assert (again.status_code, again.json()["number"]) == (200, number)


@pytest.mark.parametrize(
    "change",
    [
        {"approvals": [APPROVAL]},
        {"warehouses": ["RNO"]},
        {"allowBackorder": False},
        {"carrierService": "AIR"},
        {"backorderOf": "1"},
        {"lines": line("6.1")},
    ],
)
async def test_other_terms_are_another_body(systems: Any, change: dict[str, Any]) -> None:
    erp = (await systems(FACTS))["erp"]
    await placed(erp)
    assert (await erp.post("/orders", json=order(**change))).status_code == 409
    assert len((await written(erp))["orders"]) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"approvals": [{**APPROVAL, "code": "credit"}]}, "approvals[0].code"),
        ({"approvals": [{**APPROVAL, "at": "now"}]}, "approvals[0].at"),
        ({"warehouses": [""]}, "warehouses[0]"),
        ({"allowBackorder": "yes"}, "allowBackorder"),
        ({"backorderOf": ""}, "backorderOf"),
    ],
)
async def test_terms_of_the_wrong_shape_are_refused_by_their_path(
    systems: Any, change: dict[str, Any], path: str
) -> None:
    answer = await (await systems(FACTS))["erp"].post("/orders", json=order(**change))
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, path)
