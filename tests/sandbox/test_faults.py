"""Every kind of fault, over a real socket."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.sandbox.faulty import FACTS, ITEMS, PRICES, known, order, put


async def test_faults_are_added_listed_and_cleared(erp: httpx.AsyncClient) -> None:
    await put(erp, operation="GET /items", latency_ms=5)
    await put(erp, status=503, rate=0)
    listed = (await erp.get("/_sandbox/faults")).json()
    assert listed == {"faults": [{"operation": "GET /items", "latency_ms": 5.0}, {"status": 503, "rate": 0.0}]}
    assert (await erp.delete("/_sandbox/faults")).json() == {"faults": []}


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ({"latncy_ms": 5}, None),
        ({"status": 200}, "status"),
        ({"rate": 2}, "rate"),
        ({"drop": "between"}, "drop"),
        ({"operation": "GET /nothing"}, "operation"),
        ({"headers": {"X A": "1"}}, "headers"),
        ({"headers": {"": "1"}}, "headers"),
        ({"headers": {"X-A\n": "1"}}, "headers"),
        ({"headers": {"content-length": "1"}}, "headers"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "headers.X-A"),
        ({"headers": {"X-A": "é"}}, "headers.X-A"),
        ({"headers": {"Transfer-Encoding": "gzip"}}, "headers.Transfer-Encoding"),
        ({"headers": {"X-A": 1}}, "headers[...]"),
        ({"headers": ["X-A"]}, "headers"),
        ({"redirect": ""}, "redirect"),
        ({"redirect": "http://127.0.0.1/a b"}, "redirect"),
        ({"redirect": "/a\n"}, "redirect"),
        ({"truncate": -1}, "truncate"),
        ({"truncate": 1.5}, "truncate"),
        ({"content_type": ""}, "content_type"),
        ({"content_encoding": "gzip\n"}, "content_encoding"),
        ({"body_bytes": 12}, "body_bytes"),
        ({"body_bytes": 200_000_001}, "body_bytes"),
        ({"rate_limit": 0}, "rate_limit"),
        ({"rate_limit": 100_001}, "rate_limit"),
        ({"retry_after": -1}, "retry_after"),
    ],
)
async def test_what_is_no_fault_is_refused(systems: Any, fault: dict[str, Any], path: str | None) -> None:
    erp = (await systems(FACTS))["erp"]
    answer = await erp.put("/_sandbox/faults", json=fault)
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, path)
    assert (await erp.get("/_sandbox/faults")).json() == {"faults": []}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "INTERNAL"),
        (502, "UNAVAILABLE"),
        (503, "UNAVAILABLE"),
        (401, "UNAUTHORIZED"),
        (404, "NOT_FOUND"),
        (422, "REJECTED"),
    ],
)
async def test_a_status_comes_in_the_envelope(systems: Any, status: int, code: str) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, status=status)
    answer = await erp.get(ITEMS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_too_many_requests_says_when_to_come_again(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, status=429)
    answer = await erp.get(ITEMS)
    assert (answer.json()["error"]["code"], answer.headers["Retry-After"]) == ("RATE_LIMITED", "1")


async def test_a_fault_strikes_only_its_operation(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, operation="GET /items", status=503)
    assert (await erp.get("/items/search")).status_code == 200
    assert (await erp.get(ITEMS)).status_code == 503


async def test_one_key_of_a_batch_fails_alone(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, key="A", status=429)
    items = (await erp.get(ITEMS)).json()
    assert [row["sku"] for row in items["items"]] == ["B"]
    assert [(row["key"], row["code"]) for row in items["errors"]] == [("A", "RATE_LIMITED")]
    prices = (await erp.post("/prices", json=PRICES)).json()
    assert [row["ref"] for row in prices["prices"]] == ["b"]
    assert [(row["key"], row["code"]) for row in prices["errors"]] == [("a", "RATE_LIMITED")]
    assert (await erp.get("/items?sku=B")).json()["errors"] == []


async def test_one_key_fails_an_operation_that_is_no_batch_as_a_whole(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, key="C", status=503)
    assert (await erp.post("/orders", json=order("R"))).status_code == 503
    assert await known(erp, "R") == 0


async def test_a_rate_is_drawn_the_same_way_every_time(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]

    async def statuses() -> list[int]:
        await put(erp, status=503, rate=0.5)
        found = [(await erp.get(ITEMS)).status_code for _ in range(40)]
        await erp.delete("/_sandbox/faults")
        return found

    first = await statuses()
    assert 10 <= first.count(503) <= 30
    assert await statuses() == first


@pytest.mark.alone
async def test_latencies_add_up_and_come_before_the_status(erp: httpx.AsyncClient) -> None:
    await put(erp, latency_ms=120)
    await put(erp, latency_ms=80, status=503)
    begun = time.monotonic()
    assert (await erp.get(ITEMS)).status_code == 503
    assert 0.2 <= time.monotonic() - begun < 1.5


async def test_a_hanging_call_is_never_answered_until_the_fault_is_cleared(erp: httpx.AsyncClient) -> None:
    await put(erp, operation="GET /items", hang=True)
    with pytest.raises(httpx.ReadTimeout):
        await erp.get(ITEMS, timeout=0.2)
    waiting = asyncio.create_task(erp.get(ITEMS))
    async with asyncio.timeout(5):
        while (await erp.get("/_sandbox/calls")).json()["total"] < 2:
            pass
    assert not waiting.done()
    await erp.delete("/_sandbox/faults")
    assert (await waiting).status_code == 200


async def test_a_dropped_call_breaks_the_connection_before_or_after_the_work(erp: httpx.AsyncClient) -> None:
    await put(erp, drop="before")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await erp.post("/orders", json=order("BEFORE"))
    assert await known(erp, "BEFORE") == 0
    await put(erp, drop="after")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await erp.post("/orders", json=order("AFTER"))
    assert await known(erp, "AFTER") == 1


@pytest.mark.alone
async def test_a_dripping_answer_comes_a_byte_at_a_time(erp: httpx.AsyncClient) -> None:
    await put(erp, drip=True)
    begun = time.monotonic()
    async with erp.stream("GET", ITEMS) as answer:
        chunks = answer.aiter_raw()
        first = [await anext(chunks) for _ in range(4)]
    assert first == [b"{", b'"', b"i", b"t"]
    assert 0.25 <= time.monotonic() - begun < 2


async def test_garbage_is_a_200_whose_json_is_broken(erp: httpx.AsyncClient) -> None:
    await put(erp, garbage=True)
    answer = await erp.get(ITEMS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


async def test_what_the_sandbox_itself_answers_is_never_struck(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, status=503)
    for path in ("/_sandbox/faults", "/_sandbox/calls", "/_sandbox/samples"):
        assert (await erp.get(path, headers={"Authorization": ""})).status_code == 200
