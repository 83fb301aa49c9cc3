"""Answers that faults make other than they were, and rate limits, over a real socket."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.faulty import FACTS, ITEMS, known, order, put


def peak_kilobytes(process: int) -> int:
    """The most memory that a process has had so far."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


async def received(answer: httpx.Response) -> bytes:
    """What came before the connection broke off."""
    found = bytearray()

    async def read() -> None:
        async for chunk in answer.aiter_raw():
            found.extend(chunk)

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        await read()
    return bytes(found)


async def test_headers_are_added_to_the_answers_and_replace_them(erp: httpx.AsyncClient) -> None:
    plain = await erp.get(ITEMS)
    await put(erp, headers={"X-Upstream": "tier, 2", "CONTENT-TYPE": "text/plain"})
    answer = await erp.get(ITEMS)
    assert (answer.status_code, answer.content) == (200, plain.content)
    assert answer.headers.get_list("X-Upstream") == ["tier, 2"]
    assert answer.headers.get_list("Content-Type") == ["text/plain"]
    assert answer.headers.get_list("Content-Length") == plain.headers.get_list("Content-Length")


async def test_headers_are_those_of_a_failing_answer_too_and_the_later_faults_stand(erp: httpx.AsyncClient) -> None:
    await put(erp, status=429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "X-A": "1"})
    await put(erp, headers={"x-a": "2"})
    answer = await erp.get(ITEMS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert answer.headers.get_list("Retry-After", split_commas=False) == ["Wed, 21 Oct 2026 07:28:00 GMT"]
    assert answer.headers.get_list("X-A") == ["2"]


async def test_a_chunked_answer_says_no_length(erp: httpx.AsyncClient) -> None:
    plain = await erp.get(ITEMS)
    await put(erp, headers={"Transfer-Encoding": "chunked"})
    answer = await erp.get(ITEMS)
    assert answer.headers.get_list("Transfer-Encoding") == ["chunked"]
    assert "Content-Length" not in answer.headers
    assert answer.content == plain.content


async def test_a_redirect_answers_302_and_nothing_is_done(erp: httpx.AsyncClient) -> None:
    await put(erp, redirect="http://127.0.0.1:9/elsewhere?a=1")
    answer = await erp.post("/orders", json=order("R"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere?a=1")
    assert (answer.content, answer.headers["Content-Length"]) == (b"", "0")
    assert await known(erp, "R") == 0


async def test_a_status_comes_before_a_redirect(erp: httpx.AsyncClient) -> None:
    await put(erp, redirect="/elsewhere")
    await put(erp, status=503)
    answer = await erp.get(ITEMS)
    assert (answer.status_code, "Location" in answer.headers) == (503, False)


@pytest.mark.parametrize("most", [0, 1, 20])
async def test_a_truncated_answer_ends_before_its_length(erp: httpx.AsyncClient, most: int) -> None:
    whole = await erp.get(ITEMS)
    await put(erp, operation="GET /items", truncate=most)
    async with erp.stream("GET", ITEMS) as answer:
        assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(whole.content)))
        found = await received(answer)
    assert found == whole.content[:most]
    assert (await erp.get("/items/search")).status_code == 200


async def test_an_answer_no_longer_than_the_cut_comes_whole(erp: httpx.AsyncClient) -> None:
    whole = await erp.get(ITEMS)
    await put(erp, truncate=len(whole.content))
    assert (await erp.get(ITEMS)).content == whole.content
    await put(erp, truncate=len(whole.content) - 1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        await erp.get(ITEMS)


async def test_an_order_whose_answer_is_cut_was_placed_once(erp: httpx.AsyncClient) -> None:
    await put(erp, operation="POST /orders", truncate=5)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        await erp.post("/orders", json=order("CUT"))
    assert await known(erp, "CUT") == 1


async def test_a_content_type_stands_over_the_same_body(erp: httpx.AsyncClient) -> None:
    plain = await erp.get(ITEMS)
    await put(erp, content_type="text/html; charset=utf-8")
    answer = await erp.get(ITEMS)
    assert (answer.status_code, answer.content) == (200, plain.content)
    assert answer.headers.get_list("Content-Type") == ["text/html; charset=utf-8"]


async def test_a_content_encoding_is_said_of_a_body_that_is_not_encoded(erp: httpx.AsyncClient) -> None:
    plain = await erp.get(ITEMS)
    await put(erp, content_encoding="gzip")
    async with erp.stream("GET", ITEMS) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert (answer.headers.get_list("Content-Encoding"), raw) == (["gzip"], plain.content)
    with pytest.raises(httpx.DecodingError):
        await erp.get(ITEMS)


@pytest.mark.parametrize("size", [13, 65_536, 65_537, 1_000_000])
async def test_a_body_of_so_many_bytes_is_json_of_that_length(erp: httpx.AsyncClient, size: int) -> None:
    await put(erp, body_bytes=size)
    answer = await erp.get(ITEMS)
    assert (answer.status_code, answer.headers["Content-Length"], len(answer.content)) == (200, str(size), size)
    assert answer.json() == {"filler": "x" * (size - 13)}


async def test_a_large_body_keeps_its_status_and_is_cut_like_any_other(erp: httpx.AsyncClient) -> None:
    await put(erp, operation="GET /items", status=503, body_bytes=100_000, truncate=70_000)
    async with erp.stream("GET", ITEMS) as answer:
        assert (answer.status_code, answer.headers["Content-Length"]) == (503, "100000")
        found = await received(answer)
    assert found == b'{"filler":"' + b"x" * 69_989


async def test_the_largest_body_is_streamed_and_never_held(start: Any, facts_file: Callable[..., Path]) -> None:
    async with start("--data", str(facts_file(FACTS)), "--only", "erp") as sandbox, sandbox.client("erp") as erp:
        await put(erp, body_bytes=200_000_000)
        before, size = peak_kilobytes(sandbox.process.pid), 0
        async with erp.stream("GET", ITEMS) as answer:
            async for chunk in answer.aiter_raw():
                size += len(chunk)
        assert size == 200_000_000
        assert peak_kilobytes(sandbox.process.pid) - before < 20_000


async def test_who_stops_reading_a_large_body_holds_up_nobody_else(erp: httpx.AsyncClient) -> None:
    await put(erp, operation="GET /items", body_bytes=200_000_000)
    async with erp.stream("GET", ITEMS) as unread:
        assert unread.headers["Content-Length"] == "200000000"
        assert (await erp.get("/items/search")).status_code == 200
    assert (await erp.get("/items/search")).status_code == 200


async def test_calls_beyond_a_rate_limit_are_refused_and_nothing_is_done(erp: httpx.AsyncClient) -> None:
    await put(erp, operation="POST /orders", rate_limit=2)
    begun = time.monotonic()
    answers = await asyncio.gather(*(erp.post("/orders", json=order(f"R{at}")) for at in range(12)))
    granted = [at for at, answer in enumerate(answers) if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert 2 <= len(granted) <= 2 + (time.monotonic() - begun) * 2
    assert refused
    for answer in refused:
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert answer.headers["Retry-After"] == "1"
    assert (await erp.get(ITEMS)).status_code == 200
    assert [at for at in range(12) if await known(erp, f"R{at}")] == granted


async def test_a_rate_limit_lets_calls_through_again_after_a_while(erp: httpx.AsyncClient) -> None:
    begun = time.monotonic()
    await put(erp, rate_limit=1, retry_after=7)
    assert (await erp.get(ITEMS)).status_code == 200
    refused = await erp.get(ITEMS)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    async with asyncio.timeout(5):
        while (await erp.get(ITEMS)).status_code == 429:
            pass
    assert time.monotonic() - begun >= 1


async def test_one_rate_limit_is_shared_by_all_operations_it_names(erp: httpx.AsyncClient) -> None:
    await put(erp, rate_limit=1)
    assert (await erp.get(ITEMS)).status_code == 200
    assert (await erp.get("/items/search")).status_code == 429
    await erp.delete("/_sandbox/faults")
    await put(erp, operation="GET /items", rate_limit=1)
    await put(erp, operation="GET /items/search", rate_limit=1)
    paths = (ITEMS, "/items/search", ITEMS, "/items/search")
    assert [(await erp.get(path)).status_code for path in paths] == [200, 200, 429, 429]


async def test_a_rate_limit_that_is_used_up_comes_before_a_status(erp: httpx.AsyncClient) -> None:
    await put(erp, status=503)
    await put(erp, rate_limit=1)
    assert [(await erp.get(ITEMS)).status_code for _ in range(2)] == [503, 429]


async def test_a_status_says_when_to_come_again_where_it_is_told_to(erp: httpx.AsyncClient) -> None:
    await put(erp, status=503, retry_after=30)
    answer = await erp.get(ITEMS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("fault", [{"headers": {"X-Spoiled": "1"}}, {"content_type": "1"}, {"content_encoding": "1"}])
async def test_a_fault_of_the_whole_answer_strikes_only_calls_of_its_key(systems: Any, fault: dict[str, Any]) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, key="A", **fault)
    struck, spared = await erp.get(ITEMS), await erp.get("/items?sku=B")
    assert ("1" in struck.headers.values(), "1" in spared.headers.values()) == (True, False)
    assert [row["sku"] for row in struck.json()["items"]] == ["A", "B"]
    assert struck.json()["errors"] == []


async def test_a_rate_limit_of_a_key_refuses_the_whole_call_that_asks_for_it(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await put(erp, key="A", rate_limit=1)
    assert [(await erp.get(ITEMS)).status_code for _ in range(2)] == [200, 429]
    spared = await erp.get("/items?sku=B")
    assert (spared.status_code, spared.json()["errors"]) == (200, [])


async def test_a_cut_answer_is_no_error_of_the_sandbox(start: Any, facts_file: Callable[..., Path]) -> None:
    async with start("--data", str(facts_file(FACTS)), "--only", "erp") as sandbox, sandbox.client("erp") as erp:
        await put(erp, truncate=3)
        async with erp.stream("GET", ITEMS) as answer:
            assert await received(answer) == b'{"i'
    assert await sandbox.process.stderr.read() == b""
