"""Who reads too slowly: the newest, marked, within bounds; then the door. And what a stop looks like from outside."""

import asyncio
import contextlib
import json
import signal
import socket as sockets
import sys
from pathlib import Path
from typing import Any

import pytest
from happened import moved
from hypothesis import given
from hypothesis import strategies as st
from stack import Stack
from streaming import SHIPMENT_EVENTS, socket, stream
from subscribers import eventing, gateway, publish, subscribed
from websockets.asyncio.client import connect

from gateway.outbox import Frame, Outbox

LARGE = "subscription { shipmentEvents { type cursor " + " ".join(f"id{at}: id" for at in range(400)) + " } }"
"""An answer of about 20 KB."""


def answer(key: str, number: int) -> Frame:
    return Frame(key, f'{{"data":{number}}}', prefix="<", suffix=">")


def emptied(outbox: Outbox) -> list[str]:
    texts = []
    while (frame := outbox.take()) is not None:
        texts.append(frame.text())
    return texts


def test_beyond_the_limit_each_subscription_keeps_its_newest_and_says_how_many_were_left_out() -> None:
    outbox = Outbox(2)
    for number in range(4):
        outbox.put(answer("a", number), lambda: 7.0)
    outbox.put(answer("b", 9), lambda: 8.0)
    outbox.put(Frame(None, "pong"), lambda: 8.0)
    assert outbox.lagging_since == 7.0
    assert emptied(outbox) == ['<{"data":2,"extensions":{"lagged":2}}>', '<{"data":3}>', '<{"data":9}>', "pong"]
    assert outbox.lagging_since is None
    outbox.put(answer("a", 5), lambda: 9.0)
    assert emptied(outbox) == ['<{"data":5}>']


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=200))
def test_whatever_comes_and_goes_no_more_waits_than_the_limit_and_one_a_subscription(
    steps: list[tuple[str, bool]],
) -> None:
    outbox = Outbox(4)
    put: dict[str, int] = dict.fromkeys("abc", 0)
    got: dict[str, int] = dict.fromkeys("abc", 0)

    def taken(frame: Frame | None) -> None:
        if frame is not None and frame.key is not None:
            got[frame.key] += 1 + frame.lagged
            assert json.loads(frame.payload)["data"] == got[frame.key]  # the newest, and none uncounted

    for key, takes in steps:
        put[key] += 1
        outbox.put(answer(key, put[key]), lambda: 0.0)
        assert len(outbox) <= 4 + 3
        if takes:
            taken(outbox.take())
    while len(outbox):
        taken(outbox.take())
    assert got == put


def test_what_waits_for_a_subscription_that_has_ended_is_dropped() -> None:
    outbox = Outbox(4)
    outbox.put(answer("a", 1), lambda: 0.0)
    outbox.put(answer("b", 2), lambda: 0.0)
    outbox.drop("a")
    assert emptied(outbox) == ['<{"data":2}>']


async def flooded(running: Stack) -> None:
    """More than any buffer holds."""
    for at in range(600):
        await publish(running, moved(at=at))
        await asyncio.sleep(0)
    await eventing(running).fanout.settled()


async def test_a_socket_that_is_not_read_gets_the_newest_with_a_mark_then_a_reason(tmp_path: Path) -> None:
    async with gateway(tmp_path, subscriptions={"slow_seconds": 0.3, "max_pending": 4}) as running:
        address = running.url.replace("http", "ws") + "/graphql"
        async with (
            socket(running.url) as reader,
            connect(address, subprotocols=["graphql-transport-ws"], max_queue=1, compression=None) as slow,  # type: ignore[list-item]
        ):
            await reader.subscribe("subscription { shipmentEvents { cursor } }")
            await slow.send('{"type":"connection_init"}')
            assert json.loads(await slow.recv()) == {"type": "connection_ack"}
            await slow.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": LARGE}}))
            await subscribed(running, 2)
            flooding = asyncio.create_task(flooded(running))
            assert len({each["cursor"] for each in await reader.events(600)}) == 600  # the others miss nothing
            await flooding
            async with asyncio.timeout(20):
                while not any(each.is_closing for each in eventing(running).sockets.open):  # noqa: ASYNC110 - a clock decides it
                    await asyncio.sleep(0.02)
            heard: list[Any] = []
            with contextlib.suppress(Exception):
                async with asyncio.timeout(20):
                    while True:
                        heard.append(json.loads(await slow.recv()))
            assert (slow.close_code, slow.close_reason) == (1013, "Too slow: what was sent was not read.")
            assert 0 < len(heard) < 600


async def test_a_slow_client_that_catches_up_in_time_is_told_how_many_it_missed_and_stays(tmp_path: Path) -> None:
    chosen = {"slow_seconds": 30.0, "max_pending": 4}
    async with gateway(tmp_path, subscriptions=chosen) as running, socket(running.url, max_queue=1) as client:
        await client.subscribe(LARGE)
        await subscribed(running)
        await flooded(running)
        missed = count = 0
        while count + missed < 600:
            message = await client.hear()
            count += 1
            missed += message["payload"].get("extensions", {}).get("lagged", 0)
        assert missed > 0
        await publish(running, moved(at=601))
        message = await client.hear()
        assert "extensions" not in message["payload"]
        await client.silence()


async def test_history_comes_no_faster_than_it_is_read_and_none_of_it_is_left_out(tmp_path: Path) -> None:
    async with gateway(tmp_path, subscriptions={"max_pending": 4}) as running:
        await publish(running, *[moved(at=at) for at in range(300)])
        query = LARGE.replace("shipmentEvents", 'shipmentEvents(after: "dead.1")')
        async with socket(running.url, max_queue=1) as client:
            await client.subscribe(query)
            cursors = [(await client.hear())["payload"] for _ in range(300)]
            assert not any("extensions" in each for each in cursors)
            assert len({each["data"]["shipmentEvents"]["cursor"] for each in cursors}) == 300


async def test_a_stream_that_is_not_read_ends_and_gives_its_seat_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.streams.CLOSE_SECONDS", 0.1)
    async with (
        gateway(tmp_path, subscriptions={"slow_seconds": 0.2, "max_pending": 4}) as running,
        stream(running.url, LARGE),
    ):
        await subscribed(running)
        await flooded(running)
        async with asyncio.timeout(20):
            while len(eventing(running).streams.seats):  # noqa: ASYNC110 - the gateway gives up by itself
                await asyncio.sleep(0.02)
        assert eventing(running).fanout.members == 0


async def test_on_sigterm_every_client_is_told_to_come_back_and_the_process_ends_well(tmp_path: Path) -> None:
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "crossdock.toml"
    systems = "\n".join(f'[sources.{role}]\nurl = "http://127.0.0.1:9"' for role in ("erp", "crm", "wms", "carrier"))
    letters = f'[events]\nletters = "{tmp_path / "l"}"'
    config.write_text(f'mode = "development"\nport = {port}\n{systems}\n{letters}\n')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "serve", "--config", str(config),
        stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(OSError):
                    (await asyncio.open_connection("127.0.0.1", port))[1].close()
                    break
                await asyncio.sleep(0.05)
        async with socket(url) as client, stream(url, SHIPMENT_EVENTS, {}) as told:
            await client.subscribe(SHIPMENT_EVENTS, {})
            await client.silence()
            process.send_signal(signal.SIGTERM)
            assert await client.closed() == (1012, "The gateway restarts: come back.")
            assert "complete" not in await told.rest()
        async with asyncio.timeout(15):
            _, said = await process.communicate()
        assert b"Traceback" not in said, said.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
