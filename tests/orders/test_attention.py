"""What waits for a person, what it decides, and that both are on the record."""

import asyncio
from typing import Any

from tests.orders.counter import DECIDE, Counter, codes, steps


async def waiting(counter: Counter, code: str) -> dict[str, Any]:
    """A submission that needs attention for this."""
    submission: dict[str, Any] = (await counter.submit(counter.problem(code)))["submission"]
    assert submission["status"] == "NEEDS_ATTENTION"
    await counter.stack.calls()
    return submission


async def test_a_credit_hold_that_is_released_becomes_an_order_that_says_so_to_the_erp(counter: Counter) -> None:
    held = await waiting(counter, "CREDIT_HOLD")
    answer = await counter.decide(held["id"], "RELEASE")
    submission = answer["submission"]
    assert submission["status"] == "ACCEPTED"
    assert submission["decisions"] == [{"decision": "RELEASE", "by": "development", "note": "as agreed"}]
    assert [(each["code"], each["severity"]) for each in submission["problems"]] == [("CREDIT_HOLD", "WARNING")]
    assert answer["problems"] == submission_problems(submission)
    assert await counter.writes() == {"POST /orders": 1, "POST /orders/release": 1, "POST /notes": 1}


def submission_problems(submission: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"code": each["code"], "message": each["message"]} for each in submission["problems"]]


async def test_a_rejected_one_is_over_and_written_nowhere(counter: Counter) -> None:
    held = await waiting(counter, "CREDIT_HOLD")
    submission = (await counter.decide(held["id"], "REJECT"))["submission"]
    assert submission["status"] == "REJECTED"
    assert submission["decisions"] == [{"decision": "REJECT", "by": "development", "note": "as agreed"}]
    assert await counter.writes() == {}


async def test_an_amended_one_is_ordered_with_its_new_lines(counter: Counter) -> None:
    short = await waiting(counter, "INSUFFICIENT_AVAILABILITY")
    sku = short["lines"][0]["sku"]
    lines = [{"sku": sku, "quantity": "10"}]
    submission = (await counter.decide(short["id"], "AMEND", amendments=lines))["submission"]
    assert submission["status"] == "ACCEPTED"
    assert [(line["sku"], line["quantity"]) for line in submission["lines"]] == [(sku, "10")]


async def test_a_changed_price_that_is_released_is_ordered_at_what_the_erp_asks(counter: Counter) -> None:
    changed = await waiting(counter, "PRICE_CHANGED")
    submission = (await counter.decide(changed["id"], "RELEASE"))["submission"]
    assert submission["status"] == "ACCEPTED"
    assert submission["problems"] == []  # the price is the expected one now


async def test_a_refused_release_goes_on_once_the_warehouse_takes_it(counter: Counter) -> None:
    refused = await waiting(counter, "RELEASE_REFUSED")
    again = (await counter.decide(refused["id"], "RELEASE"))["submission"]
    assert again["status"] == "NEEDS_ATTENTION"  # it still does not
    assert codes(again) == ["RELEASE_REFUSED"]
    assert again["erpOrderNumber"] == refused["erpOrderNumber"]
    assert (await counter.order_of(again["erpOrderNumber"]))["holds"] == ["OTHER"]
    assert await counter.writes() == {"POST /orders/unhold": 1, "POST /orders/release": 1, "POST /orders/hold": 1}


async def test_a_refused_release_that_is_rejected_is_cancelled_in_the_erp(counter: Counter) -> None:
    refused = await waiting(counter, "RELEASE_REFUSED")
    submission = (await counter.decide(refused["id"], "REJECT"))["submission"]
    assert submission["status"] == "REJECTED"
    assert steps(submission)["create"] == "COMPENSATED"
    assert steps(submission)["withdraw"] == "DONE"
    assert (await counter.order_of(refused["erpOrderNumber"]))["status"] == "CANCELLED"
    assert await counter.writes() == {"POST /orders/cancel": 1}


async def test_a_refused_release_that_is_amended_is_another_order_under_another_reference(counter: Counter) -> None:
    refused = await waiting(counter, "RELEASE_REFUSED")
    lines = [{"sku": refused["lines"][0]["sku"], "quantity": "20"}]
    submission = (await counter.decide(refused["id"], "AMEND", amendments=lines))["submission"]
    first, second = (
        await counter.order_of(refused["erpOrderNumber"]),
        await counter.order_of(submission["erpOrderNumber"]),
    )
    assert first["status"] == "CANCELLED"
    assert second["externalReference"] == f"{first['externalReference']}-2"
    assert submission["status"] == "NEEDS_ATTENTION"  # the warehouse refuses that one, too
    assert second["holds"] == ["OTHER"]


async def test_what_was_decided_cannot_be_decided_again(counter: Counter) -> None:
    held = await waiting(counter, "CREDIT_HOLD")
    await counter.decide(held["id"], "REJECT")
    for decision in ("RELEASE", "REJECT"):
        answer = await counter.decide(held["id"], decision)
        assert codes(answer) == ["ALREADY_RESOLVED"]
        assert answer["submission"]["status"] == "REJECTED"
    assert codes(await counter.retry(held["id"])) == ["ALREADY_RESOLVED"]
    assert await counter.writes() == {}


async def test_of_two_who_decide_at_once_one_is_heard(counter: Counter) -> None:
    held = await waiting(counter, "CREDIT_HOLD")
    answers = await asyncio.gather(counter.decide(held["id"], "RELEASE"), counter.decide(held["id"], "REJECT"))
    assert sorted("ALREADY_RESOLVED" in codes(answer) for answer in answers) == [False, True]
    assert len((await counter.look(held["id"]))["decisions"]) == 1


async def test_an_order_that_waits_can_be_cancelled_and_one_that_is_done_cannot(counter: Counter) -> None:
    held = await waiting(counter, "CREDIT_HOLD")
    cancelled = (await counter.cancel(held["id"]))["submission"]
    assert cancelled["status"] == "CANCELLED"
    assert cancelled["steps"][-1]["detail"] == "development: not needed"
    assert codes(await counter.cancel(held["id"])) == ["NOT_CANCELLABLE"]
    done = (await counter.submit(counter.sound()))["submission"]
    assert codes(await counter.cancel(done["id"])) == ["NOT_CANCELLABLE"]
    assert (await counter.order_of(done["erpOrderNumber"]))["status"] == "RELEASED"


async def test_a_held_order_that_is_cancelled_is_cancelled_in_the_erp(counter: Counter) -> None:
    refused = await waiting(counter, "RELEASE_REFUSED")
    assert (await counter.cancel(refused["id"]))["submission"]["status"] == "CANCELLED"
    assert (await counter.order_of(refused["erpOrderNumber"]))["status"] == "CANCELLED"


async def test_what_fails_for_our_own_fault_can_be_tried_again_once_that_is_mended(counter: Counter) -> None:
    await counter.stack.fault("erp", operation="POST /orders", status=403)
    order = counter.sound()
    failed = (await counter.submit(order, "refused-key"))["submission"]
    assert failed["status"] == "FAILED"
    assert steps(failed)["create"] == "FAILED"
    await counter.stack.mend()
    again = (await counter.retry(failed["id"]))["submission"]
    assert again["status"] == "ACCEPTED"
    assert again["id"] == failed["id"]
    reference = (await counter.order_of(again["erpOrderNumber"]))["externalReference"]
    assert [each["externalReference"] for each in (await counter.written())["orders"]].count(reference) == 1


async def test_a_note_that_cannot_be_left_holds_nothing_up(counter: Counter) -> None:
    await counter.stack.fault("crm", status=503)
    submission = (await counter.submit(counter.sound()))["submission"]
    assert submission["status"] == "ACCEPTED"
    assert submission["steps"][-1]["detail"].startswith("No note was left")


async def test_amendments_go_with_amend_and_a_note_is_needed(counter: Counter) -> None:
    held = await waiting(counter, "CREDIT_HOLD")
    asked = {"id": held["id"], "decision": "AMEND", "note": "why"}
    assert (await counter.error(DECIDE, {"input": asked}))["extensions"]["argument"] == "input.amendments"
    lines = [{"sku": "A", "quantity": "1"}]
    with_lines = {**asked, "decision": "RELEASE", "amendments": lines}
    assert (await counter.error(DECIDE, {"input": with_lines}))["extensions"]["argument"] == "input.amendments"
    unsaid = {"id": held["id"], "decision": "RELEASE", "note": "  "}
    assert (await counter.error(DECIDE, {"input": unsaid}))["extensions"]["argument"] == "input.note"
    unknown = {**unsaid, "note": "why", "id": "nonsense"}
    assert (await counter.error(DECIDE, {"input": unknown}))["extensions"]["argument"] == "input.id"
    assert (await counter.look(held["id"]))["status"] == "NEEDS_ATTENTION"


async def test_what_waits_is_listed_by_its_reason(counter: Counter) -> None:
    held = await waiting(counter, "PRICE_UNAVAILABLE")
    query = """query { submissions(status: [NEEDS_ATTENTION], reason: [PRICE_UNAVAILABLE], first: 1) {
      totalCount edges { node { id customerNumber customer { name } } } } }"""
    found = await counter.asked(query, "submissions", {})
    assert found["edges"][0]["node"]["id"] == held["id"]
    assert found["edges"][0]["node"]["customer"]["name"]
    assert found["totalCount"] >= 1


async def test_a_submission_is_a_node(counter: Counter) -> None:
    held = await waiting(counter, "CREDIT_LIMIT")
    query = "query($id: ID!) { node(id: $id) { __typename id ... on OrderSubmission { status } } }"
    found = await counter.asked(query, "node", {"id": held["id"]})
    assert found == {"__typename": "OrderSubmission", "id": held["id"], "status": "NEEDS_ATTENTION"}
