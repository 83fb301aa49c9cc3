"""Sample orders: the sound ones have no problem, the others exactly the one they are listed under."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
import pytest

from sandbox.facts import Dataset
from sandbox.sample_order import SampleOrder
from sandbox.samples import samples_of
from tests.sandbox.ills import ills
from tests.sandbox.writing import refused, release, written

EVERY_PROBLEM = [
    "UNKNOWN_CUSTOMER",
    "CUSTOMER_BLOCKED",
    "CREDIT_HOLD",
    "CREDIT_LIMIT",
    "UNKNOWN_SHIP_TO",
    "INVALID_SHIP_TO",
    "DUPLICATE_PO",
    "UNKNOWN_ITEM",
    "ITEM_DISCONTINUED",
    "ITEM_BLOCKED",
    "QUANTITY_RULE",
    "UNKNOWN_UOM",
    "PRICE_CHANGED",
    "PRICE_UNAVAILABLE",
    "INSUFFICIENT_AVAILABILITY",
    "NO_ROUTE",
    "CARRIER_RESTRICTION",
    "SOURCE_REJECTED",
    "RELEASE_REFUSED",
]
LACKING_IN_WWI = {
    "CUSTOMER_BLOCKED",
    "CREDIT_HOLD",
    "ITEM_DISCONTINUED",
    "ITEM_BLOCKED",
    "PRICE_UNAVAILABLE",
    "NO_ROUTE",
    "SOURCE_REJECTED",
    "RELEASE_REFUSED",
}


def test_the_generated_data_has_every_problem(generated: Dataset) -> None:
    assert list(generated.samples.problems) == EVERY_PROBLEM


def test_wide_world_importers_leave_out_what_they_lack(wwi: Dataset) -> None:
    assert set(EVERY_PROBLEM) - set(wwi.samples.problems) == LACKING_IN_WWI
    for code, order in wwi.samples.problems.items():
        assert (code, ills(wwi, order)) == (code, {code})


@pytest.mark.parametrize("code", EVERY_PROBLEM)
def test_a_problems_sample_has_this_problem_and_no_other(generated: Dataset, code: str) -> None:
    assert ills(generated, generated.samples.problems[code]) == {code}


@pytest.mark.parametrize("name", ["generated", "wwi"])
def test_sound_samples_have_no_problem(request: pytest.FixtureRequest, name: str) -> None:
    data: Dataset = request.getfixturevalue(name)
    sound = data.samples.sound
    assert len(sound) == 25
    assert [ills(data, order) for order in sound] == [set()] * 25
    assert len({order.customer for order in sound}) == 25
    assert {len(order.lines) for order in sound} == {1, 2, 3, 4, 5}
    assert all(len({line.sku for line in order.lines}) == len(order.lines) for order in sound)


def test_forty_of_each_sound_sample_leave_room_for_all_the_others(generated: Dataset) -> None:
    sound = generated.samples.sound
    tops = [[*generated.accounts(order.company, order.customer)][-1] for order in sound]
    skus = [line.sku for order in sound for line in order.lines]
    assert (len(set(tops)), len(set(skus))) == (25, len(skus))
    repeated = [msgspec.structs.replace(line, quantity=line.quantity * 40) for line in sound[4].lines]
    assert "CREDIT_LIMIT" not in ills(generated, msgspec.structs.replace(sound[4], lines=tuple(repeated)))


def test_every_warehouse_has_forty_times_what_a_sound_sample_asks_for(generated: Dataset) -> None:
    for order in generated.samples.sound:
        for line in order.lines:
            rows = generated.stock.find(line.sku, order.company)
            assert {row.warehouse for row in rows} == set(generated.samples.warehouses)
            assert min(row.free - row.safety_stock for row in rows) >= 40 * line.quantity


def test_the_price_of_another_day_is_a_tenth_lower(generated: Dataset) -> None:
    order = generated.samples.problems["PRICE_CHANGED"]
    (line,) = order.lines
    (price,) = generated.prices[order.company, line.sku][:1]
    true = next(each.unit for each in reversed(price.breaks) if each.minimum <= line.quantity)
    assert line.expected_unit_price == (true * Decimal("0.9")).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def test_samples_are_the_same_every_time(generated: Dataset) -> None:
    assert msgspec.json.encode(samples_of(generated)) == msgspec.json.encode(generated.samples)


async def test_they_are_told_in_the_gateways_spelling_and_leave_out_what_is_not_given(
    systems: Any, generated: Dataset
) -> None:
    told = (await (await systems(generated))["wms"].get("/_sandbox/samples")).json()
    assert set(told["sound"][0]) == {"company", "customer", "shipTo", "lines"}
    assert set(told["sound"][0]["lines"][0]) == {"sku", "quantity"}
    assert isinstance(told["sound"][0]["lines"][0]["quantity"], str)
    assert told["problems"]["INSUFFICIENT_AVAILABILITY"]["allowBackorder"] is False
    assert told["problems"]["CARRIER_RESTRICTION"]["carrierService"] == "NEXT DAY AIR"
    assert set(told["problems"]["DUPLICATE_PO"]) == {"company", "customer", "shipTo", "poNumber", "lines"}


def body(order: SampleOrder, reference: str) -> dict[str, Any]:
    lines = [
        {"line": at, "sku": line.sku, "quantity": str(line.quantity), "uom": line.uom}
        for at, line in enumerate(order.lines, 1)
    ]
    return {
        "externalReference": reference,
        "company": order.company,
        "customer": order.customer,
        "shipTo": order.ship_to,
        "allowBackorder": order.allow_backorder,
        "lines": lines,
    }


async def test_the_erp_takes_every_sound_sample_whole_and_the_wms_lets_it_go(systems: Any, generated: Dataset) -> None:
    clients = await systems(generated)
    for at, order in enumerate(generated.samples.sound):
        simulated = await clients["erp"].post("/orders/simulate", json=body(order, ""))
        assert (simulated.json()["credit"]["exceeded"], simulated.json()["credit"]["onHold"]) == (False, False)
        answer = await clients["erp"].post("/orders", json=body(order, f"R{at}"))
        assert answer.status_code == 201
        assert {Decimal(line["progress"]["backordered"]) for line in answer.json()["lines"]} == {0}
        number = answer.json()["number"]
        assert (await clients["wms"].post("/orders/release", json=release(number))).status_code == 201
    told = await written(clients["crm"])
    assert (len(told["orders"]), len(told["releases"])) == (25, 25)


REFUSED_BY_THE_ERP = {
    "UNKNOWN_CUSTOMER": "UNKNOWN_CUSTOMER",
    "CUSTOMER_BLOCKED": "CUSTOMER_BLOCKED",
    "CREDIT_HOLD": "CREDIT_HOLD",
    "UNKNOWN_SHIP_TO": "UNKNOWN_SHIP_TO",
    "INVALID_SHIP_TO": "UNKNOWN_SHIP_TO",
    "UNKNOWN_ITEM": "UNKNOWN_ITEM",
    "ITEM_BLOCKED": "ITEM_BLOCKED",
    "UNKNOWN_UOM": "UNKNOWN_UOM",
    "PRICE_UNAVAILABLE": "PRICE_UNAVAILABLE",
    "INSUFFICIENT_AVAILABILITY": "INSUFFICIENT_AVAILABILITY",
    "SOURCE_REJECTED": "EXPORT_CONTROL",
}


@pytest.mark.parametrize("code", EVERY_PROBLEM)
async def test_what_the_erp_itself_says_to_each_problem(systems: Any, generated: Dataset, code: str) -> None:
    erp = (await systems(generated))["erp"]
    answer = await erp.post("/orders", json=body(generated.samples.problems[code], "R"))
    reason = REFUSED_BY_THE_ERP.get(code)
    assert (refused(answer)[1] if answer.status_code != 201 else None) == reason
    assert len((await written(erp))["orders"]) == (1 if reason is None else 0)


async def test_the_wms_refuses_to_let_go_what_goes_to_a_closed_dock(systems: Any, generated: Dataset) -> None:
    clients = await systems(generated)
    answer = await clients["erp"].post("/orders", json=body(generated.samples.problems["RELEASE_REFUSED"], "R"))
    wrong = await clients["wms"].post("/orders/release", json=release(answer.json()["number"]))
    assert refused(wrong) == (422, "DOCK_CLOSED", "order")


FACTS: dict[str, Any] = {
    "items": [
        {"sku": "A", "listPrice": "2"},
        {"sku": "LIMITED", "listPrice": "1", "quantityRule": {"increment": None}},
    ],
    "customers": [{"number": "C"}, {"number": "CLOSED"}, {"number": "HELD"}],
    "credit": [{"number": "C", "limit": "100"}, {"number": "HELD", "onHold": True}],
    "shipTos": [{"code": code, "customer": code} for code in ("C", "CLOSED", "HELD")],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 500}],
    "refusals": [{"system": "wms", "customer": "CLOSED", "reason": "CLOSED_TODAY"}],
}


def test_few_facts_have_the_samples_that_they_allow() -> None:
    data = Dataset.from_builtins(FACTS)
    assert [(order.customer, order.lines[0].sku) for order in data.samples.sound] == [("C", "A")]
    assert {code: ills(data, order) for code, order in data.samples.problems.items()} == {
        code: {code}
        for code in (
            "UNKNOWN_CUSTOMER",
            "CREDIT_HOLD",
            "CREDIT_LIMIT",
            "UNKNOWN_SHIP_TO",
            "INVALID_SHIP_TO",
            "UNKNOWN_ITEM",
            "QUANTITY_RULE",
            "UNKNOWN_UOM",
            "PRICE_CHANGED",
            "NO_ROUTE",
            "RELEASE_REFUSED",
        )
    }


def test_a_cancelled_orders_purchase_number_is_not_a_duplicate() -> None:
    orders = [
        {"number": "1", "customer": "C", "poNumber": "P1", "placedAt": "2026-06-01T00:00:00Z"},
        {"number": "2", "customer": "C", "poNumber": "P2", "status": "CANCELLED"},
        {"number": "3", "customer": "HELD", "poNumber": "P3"},
    ]
    data = Dataset.from_builtins({**FACTS, "orders": orders})
    assert data.samples.problems["DUPLICATE_PO"].po_number == "P1"
    without = Dataset.from_builtins({**FACTS, "orders": orders[1:]})
    assert "DUPLICATE_PO" not in without.samples.problems
