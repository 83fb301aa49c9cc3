"""Outbound webhooks: signed, in order, tried again, put aside, sent again; by one gateway of several."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from happened import life, moved
from redis_server import RedisServer
from stack import Stack, served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from subscribers import eventing, gateway, publish

from gateway.cli import main
from gateway.event_settings import OutboundSettings
from gateway.outbound import Outbound, wants
from sources.bus import MemoryBus
from sources.delivery import Delivery
from sources.events import decoded, new_event
from sources.happenings import ItemChanged
from sources.letters import LetterFile
from sources.places import MemoryPlaces
from sources.signatures import Checking, standard


class Receiver:
    """Checks signatures as anybody would; answers with what stands in `answers`, then 200."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answers: list[int] = []
        self.attempts = 0
        self.news = asyncio.Event()
        self.url = ""

    async def take(self, request: Request) -> Response:
        body = await request.body()
        headers = {key.lower(): value for key, value in request.headers.items()}
        standard(Delivery(source="x", body=body, received=datetime.now(UTC), headers=headers), Checking(["k"]))
        self.attempts += 1
        self.news.set()
        if self.answers:
            return Response(status_code=self.answers.pop(0))
        self.heard.append(decoded(body, received=datetime.now(UTC)).id)
        return Response(status_code=204)

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not enough():
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    async with served(Starlette(routes=[Route("/told", made.take, methods=["POST"])])) as url:
        made.url = f"{url}/told"
        yield made


@asynccontextmanager
async def telling(tmp_path: Path, receiver: Receiver, **more: Any) -> AsyncIterator[Stack]:
    outbound = {"url": receiver.url, "secret": "k", "base_seconds": 0.01, "cap_seconds": 0.02, **more}
    async with gateway(tmp_path, outbound={"portal": outbound}) as running:
        yield running


async def test_what_happens_is_told_in_order_and_signed(tmp_path: Path, receiver: Receiver) -> None:
    async with telling(tmp_path, receiver) as running:
        await publish(running, *life())
        await receiver.until(lambda: len(receiver.heard) == 5)
        assert receiver.heard == [each.id for each in life()]
        assert receiver.attempts == 5


async def test_a_receiver_that_fails_is_told_again_and_what_follows_waits(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500, 503, 302]
    async with telling(tmp_path, receiver) as running:
        await publish(running, *life())
        await receiver.until(lambda: len(receiver.heard) == 5)
        assert receiver.heard == [each.id for each in life()]
        assert receiver.attempts == 8
        counts = eventing(running).outbound.couriers["portal"].counts
        async with asyncio.timeout(10):
            while counts["told"] < 5:  # noqa: ASYNC110 - the answer is on its way back
                await asyncio.sleep(0.005)
        assert counts == {"told": 5, "failed": 3}


async def test_after_the_last_attempt_an_event_is_put_aside_and_can_be_sent_again(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answers = [500, 500]
    async with telling(tmp_path, receiver, attempts=2) as running:
        await publish(running, moved(at=0), moved(at=1))
        await receiver.until(lambda: len(receiver.heard) == 1)
        (letter,) = await eventing(running).letters.all()
        assert (letter.source, letter.reason) == ("outbound:portal", "status 500")
        assert receiver.heard == [moved(at=1).id]
        said = await letters(tmp_path, receiver)
        assert "outbound:portal" in said
        assert "status 500" in said
        receiver.answers = [503]
        assert (await letters(tmp_path, receiver, "--send")).startswith("0 sent, 1 not taken")
        assert (await letters(tmp_path, receiver, "--send")) == "1 sent, 0 not taken\nno letters\n"
        assert receiver.heard == [moved(at=1).id, moved(at=0).id]
        assert "there is no letter 7" in await letters(tmp_path, receiver, "--drop", "7")


async def letters(tmp_path: Path, receiver: Receiver, *options: str) -> str:
    """The command as it is typed, in a thread: it has a loop of its own."""
    config = tmp_path / "crossdock.toml"
    systems = "\n".join(f'[sources.{role}]\nurl = "http://127.0.0.1:9"' for role in ("erp", "crm", "wms", "carrier"))
    outbound = f'[outbound.portal]\nurl = "{receiver.url}"\nsecret = "k"'
    kept = f'[events]\nletters = "{tmp_path / "letters.sqlite3"}"'
    config.write_text(f'mode = "development"\n{systems}\n{kept}\n{outbound}\n')
    result = await asyncio.to_thread(CliRunner().invoke, main, ["letters", "--config", str(config), *options])
    return result.output


async def test_of_two_gateways_one_tells_and_the_other_goes_on_where_it_stopped(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with RedisServer(tmp_path) as redis:
        chosen: dict[str, Any] = {
            "outbound": {"portal": {"url": receiver.url, "secret": "k", "base_seconds": 0.01}},
            "events": {"url": redis.url, "letters": str(tmp_path / "l")},
        }
        async with gateway(tmp_path, **chosen) as one:
            async with gateway(tmp_path, **chosen):
                await publish(one, *life()[:3])
                await receiver.until(lambda: len(receiver.heard) == 3)
            await publish(one, *life()[3:])
            await receiver.until(lambda: len(receiver.heard) == 5)
        assert receiver.heard == [each.id for each in life()]
        async with gateway(tmp_path, **chosen) as later:
            await publish(later, moved(at=99))
            await receiver.until(lambda: len(receiver.heard) == 6)
        assert receiver.heard[-1] == moved(at=99).id


class OfAnother(MemoryPlaces):
    """Another gateway tells, and goes on telling."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def hold(self, name: str) -> bool:  # noqa: ARG002 - the protocol's
        self.asked += 1
        return False


async def test_a_gateway_that_does_not_tell_asks_now_and_then_whether_it_should(tmp_path: Path) -> None:
    places, bus, letters = OfAnother(), MemoryBus(), LetterFile(tmp_path / "letters", limit=1)
    receiver = {"portal": OutboundSettings(url="http://127.0.0.1:9", secret="k")}
    async with Outbound(receiver, bus, places=places, letters=letters) as outbound:
        await bus.publish(moved())
        for _ in range(1_000):  # turns of the loop: as many as a courier would take to ask a thousand times
            await asyncio.sleep(0)
        assert places.asked == 1
        assert outbound.couriers["portal"].counts == {}
    await letters.aclose()


@pytest.mark.parametrize(
    ("types", "company", "is_wanted"),
    [
        (("*",), "", True),
        (("shipment.*",), "", True),
        (("shipment.delivered", "shipment.in_transit"), "US", True),
        (("order.*",), "", False),
        (("*",), "CA", False),
        ((), "", False),
    ],
)
def test_a_receiver_is_told_what_it_wants(types: tuple[str, ...], company: str, *, is_wanted: bool) -> None:
    receiver = OutboundSettings(url="http://x", secret="k", types=types, company=company)
    assert wants(receiver, moved()) is is_wanted
    nobodys = new_event("item.changed", ItemChanged(), id="i", source="/erp", time=datetime.now(UTC))
    assert wants(msgspec.structs.replace(receiver, types=("*",), company="US"), nobodys) is False
