"""The ERP writes an order and its answer is lost: it is looked up by its reference, and never written twice."""

import asyncio

from tests.orders.counter import Counter


async def test_every_answer_lost_is_no_order_lost_and_none_doubled(counter: Counter) -> None:
    before = len((await counter.written())["orders"])
    await counter.stack.fault("erp", operation="POST /orders", drop="after")
    orders = [counter.samples["sound"][at % 20] for at in range(20)]
    answers = await asyncio.gather(*(counter.submit(order, f"lost-{at}") for at, order in enumerate(orders)))
    ended = [await counter.ended(answer["submission"]["id"]) for answer in answers]
    assert [each["status"] for each in ended] == ["ACCEPTED"] * 20
    written = (await counter.written())["orders"][before:]
    assert len(written) == 20
    assert len({order["externalReference"] for order in written}) == 20
    assert all("its answer was lost" in each["steps"][1]["detail"] for each in ended)
    assert (await counter.writes())["POST /orders"] == 20


async def test_an_order_that_is_found_late_is_waited_for(counter: Counter) -> None:
    await counter.stack.fault("erp", operation="POST /orders", drop="after")
    await counter.stack.fault("erp", operation="GET /orders/by-reference", settle_ms=700)
    submission = (await counter.submit(counter.sound(), "late"))["submission"]
    assert submission["status"] == "ACCEPTED"
    counted = await counter.stack.calls()
    assert counted["POST /orders"] == 1
    assert counted["GET /orders/by-reference"] > 1


async def test_an_order_that_never_came_is_written_again_where_that_is_safe(counter: Counter) -> None:
    await counter.stack.fault("erp", operation="POST /orders", drop="before")
    early = (await counter.submit(counter.sound(), "never"))["submission"]
    assert early["status"] == "RECONCILING"
    await counter.stack.mend()
    now = await counter.ended(early["id"])
    assert now["status"] == "ACCEPTED"
    reference = (await counter.order_of(now["erpOrderNumber"]))["externalReference"]
    assert [each["externalReference"] for each in (await counter.written())["orders"]].count(reference) == 1


async def test_a_release_whose_answer_is_lost_is_asked_for_again_and_done_once(counter: Counter) -> None:
    await counter.stack.calls()
    await counter.stack.fault("wms", operation="POST /orders/release", drop="after")
    early = (await counter.submit(counter.sound(), "release-lost"))["submission"]
    assert early["status"] == "QUEUED"
    await counter.stack.mend()
    now = await counter.ended(early["id"])
    assert now["status"] == "ACCEPTED"
    asked = (await counter.stack.calls())["POST /orders/release"]
    assert asked > 1
    releases = [each["order"] for each in (await counter.written())["releases"]]
    assert releases.count(now["erpOrderNumber"]) == 1
