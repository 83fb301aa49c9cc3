"""Webhooks over real HTTP: what is let in, what is kept, what is refused, and what nobody loses."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from happened import Listening, moved
from redis_server import RedisServer
from stack import Stack, stack_over

from gateway.eventing import Eventing
from gateway.settings import SettingsError, settings_from
from sandbox.facts import Dataset
from sources.events import Event, encoded
from sources.letters import Letter, LetterFile, LettersUnavailable
from sources.replays import MemoryReplays
from sources.signatures import signed

FIXTURES = Path(__file__).parents[1] / "fixtures"
SENDERS = {
    "wms": {"secrets": ["new", "old"]},
    "easypost": {"dialect": "easypost", "secrets": ["sécret"]},
    "bc": {"dialect": "business_central", "secrets": ["state"], "company": "US"},
    "plain": {"signature": "secret", "header": "X-Key", "secrets": ["k"], "max_body_bytes": 2_000},
}


@asynccontextmanager
async def gateway(tmp_path: Path, **events: Any) -> AsyncIterator[Stack]:
    chosen = {"letters": str(tmp_path / "letters.sqlite3"), **events}
    async with stack_over(Dataset.from_builtins({"today": "2026-06-30"}), webhooks=SENDERS, events=chosen) as running:
        yield running


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway(tmp_path) as stack:
        yield stack


def eventing(stack: Stack) -> Eventing:
    found: Eventing = stack.app.state.eventing
    return found


def counts(stack: Stack) -> dict[str, int]:
    return {f"{source}: {outcome}": count for (source, outcome), count in eventing(stack).webhooks.counts.items()}


async def send(
    stack: Stack,
    event: Event | bytes,
    *,
    secret: str = "new",
    at: datetime | None = None,
    to: str = "wms",
    **headers: str,
) -> httpx.Response:
    body = event if isinstance(event, bytes) else encoded(event)
    made = signed(body, secret, at or datetime.now(UTC)) | headers
    return await stack.client.post(f"/webhooks/{to}", content=body, headers=made)


async def test_a_signed_event_is_on_the_bus_when_it_is_answered(running: Stack) -> None:
    listening = Listening(eventing(running).bus)
    answer = await send(running, moved())
    assert (answer.status_code, answer.json()) == (200, {"published": 1, "duplicates": 0, "ignored": 0})
    assert [each.event.id for each in listening.heard] == [moved().id]
    assert counts(running) == {"wms: taken": 1}


async def test_either_of_two_secrets_is_taken_while_one_is_replaced(running: Stack) -> None:
    assert (await send(running, moved(at=1), secret="new")).status_code == 200
    assert (await send(running, moved(at=2), secret="old")).status_code == 200
    assert (await send(running, moved(at=3), secret="older")).status_code == 401


async def test_one_changed_byte_a_stale_timestamp_a_foreign_secret_and_a_replay_are_401_and_nothing_is_on_the_bus(
    running: Stack,
) -> None:
    listening = Listening(eventing(running).bus)
    body = encoded(moved())
    now = datetime.now(UTC)
    changed = body.replace(b'"1Z"', b'"1Y"')
    for content, headers in (
        (changed, signed(body, "new", now)),
        (body, signed(body, "new", now - timedelta(seconds=301))),
        (body, signed(body, "new", now + timedelta(seconds=310))),
        (body, signed(body, "foreign", now)),
        (body, {}),
    ):
        answer = await running.client.post("/webhooks/wms", content=content, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "The delivery cannot be verified."})
    assert listening.heard == []
    headers = signed(body, "new", now)
    first = await running.client.post("/webhooks/wms", content=body, headers=headers)
    again = await running.client.post("/webhooks/wms", content=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 401)
    assert len(listening.heard) == 1
    assert counts(running) == {
        "wms: wrong signature": 2, "wms: stale timestamp": 2, "wms: no signature": 1, "wms: taken": 1, "wms: replay": 1,
    }  # fmt: skip


async def test_a_senders_second_attempt_with_a_moment_of_its_own_is_a_duplicate_and_no_replay(running: Stack) -> None:
    now = datetime.now(UTC)
    await send(running, moved(), at=now)
    answer = await send(running, moved(), at=now + timedelta(seconds=1))
    assert (answer.status_code, answer.json()["duplicates"]) == (200, 1)


async def test_easyposts_published_delivery_is_taken_and_its_second_attempt_adds_nothing(running: Stack) -> None:
    body = (FIXTURES / "easypost-event-body.json").read_bytes().removesuffix(b"\n")
    signature = "hmac-sha256-hex=38f3f53c103713df81616a0a186d77141957323ec21d5fe9363db93840f527db"
    listening = Listening(eventing(running).bus)
    for published in (7, 0):
        answer = await running.client.post("/webhooks/easypost", content=body, headers={"X-Hmac-Signature": signature})
        assert (answer.status_code, answer.json()["published"]) == (200, published)
    wrong = await running.client.post(
        "/webhooks/easypost", content=body + b"\n", headers={"X-Hmac-Signature": signature}
    )
    assert wrong.status_code == 401
    assert len(listening.heard) == 7


async def test_what_is_verified_and_not_understood_is_kept_counted_and_read_again(running: Stack) -> None:
    unknown: dict[str, Any] = msgspec.json.decode(encoded(moved())) | {"type": "parcel.teleported"}
    body = json.dumps(unknown).encode()
    answer = await send(running, body)
    assert (answer.status_code, answer.json()) == (
        200, {"published": 0, "duplicates": 0, "ignored": 0, "kept": "message 0: its type is not known"},
    )  # fmt: skip
    (letter,) = await eventing(running).letters.all()
    assert (letter.source, letter.body, letter.reason) == ("wms", body, "message 0: its type is not known")
    assert counts(running) == {"wms: not understood": 1}
    assert await eventing(running).webhooks.replay() == 0
    (letter,) = await eventing(running).letters.all()
    assert letter.attempts == 1


async def test_a_letter_that_a_newer_version_understands_is_on_the_bus_after_the_start(tmp_path: Path) -> None:
    file = LetterFile(tmp_path / "letters.sqlite3")
    now = datetime.now(UTC)
    await file.keep(Letter(source="wms", reason="once unknown", received=now, body=encoded(moved())))
    await file.keep(Letter(source="gone", reason="its sender is gone", received=now, body=b"{}"))
    await file.aclose()
    async with gateway(tmp_path) as stack:
        listening = Listening(eventing(stack).bus)
        await eventing(stack).webhooks.replay()
        past = [each.event.id for each in listening.heard]
        assert past == [] or past == [moved().id]  # the start may have been quicker
        assert await eventing(stack).bus.publish(moved()) is None
        assert [each.source for each in await eventing(stack).letters.all()] == ["gone"]


async def test_without_room_for_a_letter_its_sender_keeps_it(tmp_path: Path) -> None:
    async with gateway(tmp_path, max_letters=1) as stack:
        assert (await send(stack, b"{}")).status_code == 200
        full = await send(stack, b"[]x")
        assert (full.status_code, full.headers["retry-after"]) == (503, "1")
        assert await eventing(stack).letters.count() == 1
        again = await send(stack, b"[]x")
        assert again.status_code == 503  # not a replay: it was never taken in


async def test_a_disk_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    async with gateway(tmp_path, letters=str(tmp_path / "no" / "such" / "folder" / "x.sqlite3")) as stack:
        assert (await send(stack, b"{}")).status_code == 503


async def test_without_redis_a_delivery_is_not_taken_in_and_may_come_again(tmp_path: Path) -> None:
    async with RedisServer() as redis, gateway(tmp_path, url=redis.url) as stack:
        await redis.kill()
        now = datetime.now(UTC)
        answer = await send(stack, moved(), at=now)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert redis.url.partition("//")[2] not in answer.text
        await redis.start()
        listening = Listening(eventing(stack).bus)
        assert (await send(stack, moved(), at=now)).status_code == 200
        assert (await send(stack, moved(), at=now)).status_code == 401
        await listening.count(1)


async def test_a_subscriptions_handshake_is_echoed_as_plain_text_where_its_vendor_has_one(running: Stack) -> None:
    answer = await running.client.post("/webhooks/bc?validationToken=<b>1</b>")
    assert (answer.status_code, answer.text) == (200, "<b>1</b>")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await running.client.post("/webhooks/wms?validationToken=1")).status_code == 401
    assert (await running.client.post(f"/webhooks/bc?validationToken={'1' * 513}")).status_code == 401


async def test_a_shared_secret_lets_in_who_cannot_sign_up_to_their_own_size(running: Stack) -> None:
    async def post(body: bytes, key: str) -> int:
        answer = await running.client.post("/webhooks/plain", content=body, headers={"X-Key": key})
        return answer.status_code

    assert await post(encoded(moved()), "k") == 200
    assert await post(encoded(moved()), "x") == 401
    assert await post(b" " * 2_001, "k") == 413


async def test_an_unknown_sender_is_404_and_only_post_is_taken(running: Stack) -> None:
    assert (await running.client.post("/webhooks/nobody")).status_code == 404
    assert (await running.client.get("/webhooks/wms")).status_code == 405
    assert counts(running) == {}


async def test_of_a_hundred_at_once_with_one_signature_one_is_taken(running: Stack) -> None:
    now = datetime.now(UTC)
    answers = await asyncio.gather(*[send(running, moved(), at=now) for _ in range(100)])
    assert sorted(each.status_code for each in answers) == [200] + [401] * 99


async def test_half_of_two_hundred_deliveries_are_answered_within_twenty_milliseconds(running: Stack) -> None:
    await send(running, moved(at=0))
    took = []
    for at in range(1, 201):
        began = time.perf_counter()
        assert (await send(running, moved(at=at))).status_code == 200
        took.append(time.perf_counter() - began)
    assert sorted(took)[100] < 0.020


async def test_a_replay_memory_that_is_full_takes_nothing_new_until_something_runs_out() -> None:
    now = [0.0]
    replays = MemoryReplays(limit=2, clock=lambda: now[0])
    assert [await replays.first(name, 10) for name in ("a", "b", "a", "c")] == [True, True, False, False]
    now[0] = 10
    assert await replays.first("c", 10)
    await replays.forget("c")
    assert await replays.first("c", 10)


async def test_letters_are_kept_by_number_and_dropped_once(tmp_path: Path) -> None:
    file = LetterFile(tmp_path / "l.sqlite3", limit=2)
    now = datetime(2026, 6, 30, tzinfo=UTC)
    assert await file.all() == []
    assert not (tmp_path / "l.sqlite3").exists()
    numbers = [await file.keep(Letter(source=name, reason="r", received=now, body=b"\x00")) for name in ("a", "b")]
    with pytest.raises(LettersUnavailable):
        await file.keep(Letter(source="c", reason="r", received=now, body=b""))
    assert [each.number for each in await file.all("b")] == numbers[1:]
    assert (await file.all())[0].received == now
    assert [await file.drop(numbers[0]), await file.drop(numbers[0]), await file.count()] == [True, False, 1]
    await file.aclose()


def test_a_secret_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "k")
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    given = {"sources": sources, "webhooks": {"x": {"secrets": ["${HOOK}"]}}}
    settings = settings_from(given, origin="test")
    assert settings.webhooks["x"].secrets == ("k",)
    assert "'k'" not in repr(settings)


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ({"dialect": "fax", "secrets": ["a"]}, "`dialect` is none of"),
        ({"signature": "md5", "secrets": ["a"]}, "`signature` is none of"),
        ({}, "`secrets` needs one"),
        ({"secrets": ["a", ""]}, "`secrets` needs one"),
    ],
)
def test_a_sender_that_cannot_be_verified_stops_the_start(sender: dict[str, Any], said: str) -> None:
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    with pytest.raises(SettingsError, match=said):
        settings_from({"sources": sources, "webhooks": {"x": sender}}, origin="test")


async def test_a_source_that_pushes_too_much_is_told_when_to_come_back_and_a_stranger_uses_up_nothing(
    tmp_path: Path,
) -> None:
    rates = {"enabled": "on", "webhooks": {"per_minute": 1, "burst": 2}}
    events = {"letters": str(tmp_path / "letters.sqlite3")}
    async with stack_over(Dataset.from_builtins({}), webhooks=SENDERS, events=events, rates=rates) as running:
        for at in range(3):
            assert (await send(running, moved(at=at), secret="foreign")).status_code == 401
        assert [(await send(running, moved(at=at))).status_code for at in range(3)] == [200, 200, 429]
        refused = await send(running, moved(at=3))
        assert refused.status_code == 429
        assert 50 <= int(refused.headers["retry-after"]) <= 60
        assert counts(running) == {"wms: wrong signature": 3, "wms: taken": 2, "wms: too many": 2}
