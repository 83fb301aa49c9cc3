"""submitOrder through the front door: what becomes of an order, and that a refused one is written nowhere."""

import pytest

from tests.orders.counter import SUBMIT, VALIDATE, Counter, codes, steps

REJECTED = {
    "UNKNOWN_CUSTOMER", "CUSTOMER_BLOCKED", "UNKNOWN_SHIP_TO", "INVALID_SHIP_TO", "UNKNOWN_ITEM", "ITEM_BLOCKED",
    "QUANTITY_RULE", "UNKNOWN_UOM", "NO_ROUTE",
}  # fmt: skip
WAITING = {
    "CREDIT_HOLD", "CREDIT_LIMIT", "DUPLICATE_PO", "ITEM_DISCONTINUED", "PRICE_CHANGED", "PRICE_UNAVAILABLE",
    "INSUFFICIENT_AVAILABILITY", "CARRIER_RESTRICTION",
}  # fmt: skip


async def test_a_sound_order_is_written_released_and_noted_once(counter: Counter) -> None:
    answer = await counter.submit(counter.sound())
    submission = answer["submission"]
    assert submission["status"] == "ACCEPTED"
    assert steps(submission) == dict.fromkeys(("check", "create", "release", "note"), "DONE")
    assert answer["problems"] == []
    assert answer["order"]["number"] == submission["erpOrderNumber"]
    assert answer["order"]["status"] == "RELEASED"
    assert await counter.writes() == {"POST /orders": 1, "POST /orders/release": 1, "POST /notes": 1}


async def test_the_facts_it_was_checked_by_stay_on_the_record(counter: Counter) -> None:
    submission = (await counter.submit(counter.sound()))["submission"]
    line = (await counter.look(submission["id"]))["lines"][0]
    assert line["unitPrice"] is not None
    assert line["priceAsOf"] is not None
    assert line["availabilityAsOf"] is not None
    assert submission["route"]["warehouses"]
    assert submission["submittedBy"] == "development"


@pytest.mark.parametrize("code", sorted(REJECTED))
async def test_what_cannot_become_right_is_rejected_and_written_nowhere(counter: Counter, code: str) -> None:
    answer = await counter.submit(counter.problem(code))
    assert answer["submission"]["status"] == "REJECTED"
    assert code in codes(answer)
    assert answer["order"] is None
    assert await counter.writes() == {}


@pytest.mark.parametrize("code", sorted(WAITING))
async def test_what_a_person_may_decide_waits_and_is_written_nowhere(counter: Counter, code: str) -> None:
    answer = await counter.submit(counter.problem(code))
    assert answer["submission"]["status"] == "NEEDS_ATTENTION"
    assert codes(answer) == [code]
    assert steps(answer["submission"])["check"] == "FAILED"
    assert await counter.writes() == {}


async def test_what_the_erp_alone_knows_waits_and_leaves_no_order(counter: Counter) -> None:
    answer = await counter.submit(counter.problem("SOURCE_REJECTED"))
    assert answer["submission"]["status"] == "NEEDS_ATTENTION"
    assert codes(answer) == ["SOURCE_REJECTED"]
    assert "EXPORT_CONTROL" in answer["problems"][0]["message"]
    assert await counter.writes() == {"POST /orders": 1}
    assert answer["submission"]["erpOrderNumber"] is None


async def test_an_order_that_the_warehouse_refuses_is_held_in_the_erp(counter: Counter) -> None:
    answer = await counter.submit(counter.problem("RELEASE_REFUSED"))
    submission = answer["submission"]
    assert submission["status"] == "NEEDS_ATTENTION"
    assert codes(answer) == ["RELEASE_REFUSED"]
    assert steps(submission) == {
        "check": "DONE", "create": "DONE", "release": "FAILED", "note": "PENDING", "hold": "DONE",
    }  # fmt: skip
    assert (await counter.order_of(submission["erpOrderNumber"]))["holds"] == ["OTHER"]
    assert await counter.writes() == {"POST /orders": 1, "POST /orders/release": 1, "POST /orders/hold": 1}


@pytest.mark.parametrize("channel", ["EDI", "ECOMMERCE", "MARKETPLACE"])
async def test_channels_where_nobody_waits_go_through_the_queue(counter: Counter, channel: str) -> None:
    answer = await counter.submit({**counter.sound(), "channel": channel})
    assert answer["submission"]["status"] == "ACCEPTED"


async def test_a_caller_without_patience_is_answered_while_the_work_goes_on(counter: Counter) -> None:
    await counter.stack.fault("erp", operation="POST /orders", latency_ms=600)
    early = await counter.submit(counter.sound(), "slow", **{"X-Timeout-Ms": "450"})
    assert early["submission"]["status"] == "RUNNING"
    late = await counter.submit({**counter.samples["sound"][0]}, "slow-other")
    assert late["submission"]["status"] == "ACCEPTED"
    assert (await counter.look(early["submission"]["id"]))["status"] == "ACCEPTED"


async def test_validate_order_tells_six_different_problems_at_once_and_writes_nothing(counter: Counter) -> None:
    held, hazardous = counter.problem("CREDIT_HOLD"), counter.problem("CARRIER_RESTRICTION")
    lines = [
        counter.problem(code)["lines"][0] for code in ("UNKNOWN_ITEM", "QUANTITY_RULE", "PRICE_CHANGED", "ITEM_BLOCKED")
    ]
    order = {**held, "carrierService": hazardous["carrierService"], "lines": [*lines, *hazardous["lines"]]}
    found = await counter.validate(order)
    assert found["acceptable"] is False
    told = [(each["code"], each["path"]) for each in found["problems"]]
    assert told == [
        ("UNKNOWN_ITEM", ["lines", "0", "sku"]),
        ("QUANTITY_RULE", ["lines", "1", "quantity"]),
        ("PRICE_CHANGED", ["lines", "2", "expectedUnitPrice"]),
        ("ITEM_BLOCKED", ["lines", "3"]),
        ("CARRIER_RESTRICTION", ["lines", "4", "sku"]),
        ("CREDIT_HOLD", ["customer"]),
    ]
    assert await counter.writes() == {}


async def test_validate_order_of_a_sound_order_is_acceptable_and_quotes_it(counter: Counter) -> None:
    found = await counter.validate(counter.sound())
    assert found["acceptable"] is True
    assert found["problems"] == []
    assert found["quote"]["total"] is not None
    assert found["quote"]["lines"][0]["promise"]["date"] is not None
    calls = await counter.stack.calls()
    assert sorted(calls) == [
        "GET /customers", "GET /items", "GET /ship-tos", "GET /stock", "GET /supply-demand", "POST /orders/simulate",
        "POST /prices",
    ]  # fmt: skip
    assert set(calls.values()) == {1}


async def test_validate_order_says_which_system_could_not_be_asked(counter: Counter) -> None:
    await counter.stack.fault("wms", status=503)
    body = await counter.stack.ask(VALIDATE, {"input": counter.sound()})
    found = body["data"]["validateOrder"]
    assert [error["path"][-1] for error in body["errors"]] == ["promise"]
    assert found["acceptable"] is False
    assert [each["message"] for each in found["problems"] if each["code"] == "SOURCE_UNAVAILABLE"] == [
        "The wms system does not answer at the moment."
    ]


async def test_a_customer_of_two_companies_is_told_to_name_one(counter: Counter) -> None:
    order = {**counter.sound(), "customer": "10101", "shipTo": "NOWHERE", "company": None}
    answer = await counter.submit(order)
    assert answer["submission"]["status"] == "REJECTED"
    assert [each["path"] for each in answer["problems"]] == [["company"]]
    assert "CA, US" in answer["problems"][0]["message"]


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"customer": "x" * 65}, "input.customer"),
        ({"customer": ""}, "input.customer"),
        ({"shipTo": "a\x00b"}, "input.shipTo"),
        ({"lines": []}, "input.lines"),
        ({"lines": [{"sku": "A", "quantity": "0"}]}, "input.lines[0].quantity"),
        ({"lines": [{"sku": "A", "quantity": "1", "expectedUnitPrice": "-1"}]}, "input.lines[0].expectedUnitPrice"),
        ({"idempotencyKey": "k" * 256}, "input.idempotencyKey"),
    ],
)
async def test_what_is_no_order_is_refused_by_the_name_of_its_argument(
    counter: Counter, change: dict[str, object], argument: str
) -> None:
    order = {**counter.sound(), "idempotencyKey": "bad", **change}
    error = await counter.error(SUBMIT, {"input": order})
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert error["extensions"]["argument"] == argument
    assert await counter.writes() == {}


async def test_validate_order_needs_no_key(counter: Counter) -> None:
    body = await counter.stack.ask(VALIDATE, {"input": counter.sound()})
    assert "errors" not in body
