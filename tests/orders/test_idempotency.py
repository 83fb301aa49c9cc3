"""One key of one caller is one order."""

import asyncio

from tests.orders.counter import SUBMIT, Counter, codes


async def test_the_same_key_from_fifty_callers_at_once_is_one_order(counter: Counter) -> None:
    order = counter.sound()
    answers = await asyncio.gather(*(counter.submit(order, "fifty") for _ in range(50)))
    assert {answer["submission"]["status"] for answer in answers} == {"ACCEPTED"}
    assert len({answer["submission"]["erpOrderNumber"] for answer in answers}) == 1
    assert (await counter.writes())["POST /orders"] == 1


async def test_the_same_key_later_is_answered_with_what_was_written(counter: Counter) -> None:
    order = counter.sound()
    first = await counter.submit(order, "again")
    await counter.stack.calls()
    lines = [{**line, "quantity": f"{line['quantity']}.00"} for line in order["lines"]]
    second = await counter.submit({**order, "lines": lines}, "again")
    assert second["submission"] == first["submission"]
    assert await counter.writes() == {}


async def test_the_same_key_for_another_order_is_a_clear_problem_and_writes_nothing(counter: Counter) -> None:
    order = counter.sound()
    await counter.submit(order, "reused")
    await counter.stack.calls()
    other = await counter.submit({**order, "poNumber": "ANOTHER"}, "reused")
    assert other["submission"] is None
    assert codes(other) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await counter.writes() == {}


async def test_without_a_key_nothing_is_accepted(counter: Counter) -> None:
    answer = await counter.asked(SUBMIT, "submitOrder", {"input": counter.sound()})
    assert answer["submission"] is None
    assert codes(answer) == ["IDEMPOTENCY_KEY_MISSING"]
    assert await counter.writes() == {}


async def test_the_header_names_the_key_as_well(counter: Counter) -> None:
    order = counter.sound()
    by_header = await counter.asked(SUBMIT, "submitOrder", {"input": order}, **{"Idempotency-Key": '"by-header"'})
    by_input = await counter.submit(order, "by-header")
    assert by_header["submission"]["id"] == by_input["submission"]["id"]
    assert (await counter.writes())["POST /orders"] == 1


async def test_header_and_input_must_agree(counter: Counter) -> None:
    order = {**counter.sound(), "idempotencyKey": "one"}
    error = await counter.error(SUBMIT, {"input": order}, **{"Idempotency-Key": "two"})
    assert error["extensions"]["argument"] == "input.idempotencyKey"
    assert await counter.writes() == {}
