"""Clients of subscriptions for tests: a socket that speaks graphql-transport-ws, SSE, and multipart; each gives answers as they come."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE_SECONDS = 10
FIELDS = "id cursor type late gap status shipmentNumber orderNumber trackingNumber"
SHIPMENT_EVENTS = f"""subscription ($shipment: String, $order: String, $customer: String, $number: String, $after: String) {{
  shipmentEvents(shipment: $shipment, order: $order, customer: $customer, trackingNumber: $number, after: $after)
  {{ {FIELDS} }} }}"""


class Socket:
    """`closed` is the code and the reason, once it is. Pings are answered while `hear` waits, unless told otherwise."""

    def __init__(self, connection: ClientConnection, *, answers_pings: bool = True) -> None:
        self._connection, self._answers_pings = connection, answers_pings
        self.pings = 0

    async def say(self, message: Any) -> None:
        await self._connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message: dict[str, Any] = json.loads(await self._connection.recv())
                if message["type"] != "ping":
                    return message
                self.pings += 1
                if self._answers_pings:
                    await self.say({"type": "pong"})

    async def all_of(self, said: Sequence[str | bytes]) -> tuple[list[dict[str, Any]], int | None]:
        """What is answered until the last of them, a ping with a payload, is; and the code, if it is closed instead."""
        heard: list[dict[str, Any]] = []
        try:
            for message in said:
                await self._connection.send(message)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not heard or heard[-1] != json.loads(said[-1]) | {"type": "pong"}:
                    heard.append(json.loads(await self._connection.recv()))
        except ConnectionClosed as closed:
            return heard, closed.rcvd.code if closed.rcvd is not None else 1006
        return heard, None

    async def subscribe(self, query: str, variables: Mapping[str, Any] | None = None, *, name: str = "1") -> None:
        await self.say({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    async def answer(self) -> dict[str, Any]:
        """The next answer: its data, and errors if it has any."""
        message = await self.hear()
        assert message["type"] == "next", message
        payload: dict[str, Any] = message["payload"]
        return payload

    async def event(self) -> dict[str, Any]:
        """The next answer's only field."""
        answer = await self.answer()
        assert "errors" not in answer, answer
        (event,) = answer["data"].values()
        found: dict[str, Any] = event
        return found

    async def events(self, count: int) -> list[dict[str, Any]]:
        return [await self.event() for _ in range(count)]

    async def closed(self) -> tuple[int, str]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    await self._connection.recv()
            except ConnectionClosed as closed:
                frame = closed.rcvd
                return (frame.code, frame.reason) if frame is not None else (1006, "")

    async def silence(self) -> None:
        """Nothing has been sent that was not heard: what is asked now is answered next."""
        await self.say({"type": "ping", "payload": {"mark": 1}})
        message = await self.hear()
        assert message == {"type": "pong", "payload": {"mark": 1}}


@asynccontextmanager
async def bare_socket(url: str, *, answers_pings: bool = True, **more: Any) -> AsyncIterator[Socket]:
    address = url.replace("http", "ws", 1) + "/graphql"
    given: dict[str, Any] = {
        "subprotocols": ["graphql-transport-ws"],
        "compression": None,
        "ping_interval": None,
        **more,
    }
    async with connect(address, **given) as connection:
        yield Socket(connection, answers_pings=answers_pings)


@asynccontextmanager
async def socket(url: str, *, payload: Any = None, **more: Any) -> AsyncIterator[Socket]:
    async with bare_socket(url, **more) as opened:
        await opened.say({"type": "connection_init"} | ({"payload": payload} if payload is not None else {}))
        assert await opened.hear() == {"type": "connection_ack"}
        yield opened


class Lines:
    """An answer that goes on, over plain HTTP."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._chunks = response.aiter_text()
        self._rest = self.heard = ""

    async def rest(self) -> str:
        """All that comes until it ends."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for chunk in self._chunks:
                self._rest += chunk
                self.heard += chunk
        return self._rest

    async def until(self, end: str) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while end not in self._rest:
                chunk = await anext(self._chunks)
                self._rest += chunk
                self.heard += chunk
        part, _, self._rest = self._rest.partition(end)
        return part

    async def sse(self) -> tuple[str, str]:
        """The next event that is no comment."""
        while True:
            event = await self.until("\n\n")
            if not event.startswith(":"):
                kind, _, data = event.partition("\n")
                return kind.removeprefix("event: "), data.removeprefix("data:").strip()

    async def sse_event(self) -> dict[str, Any]:
        kind, data = await self.sse()
        assert kind == "next"
        (event,) = json.loads(data)["data"].values()
        found: dict[str, Any] = event
        return found

    async def part(self) -> dict[str, Any]:
        """The next part that is no heartbeat."""
        while True:
            body = (await self.until("--graphql")).strip()
            _, _, content = body.partition("\r\n\r\n")
            if content and content.strip() != "{}":
                (event,) = json.loads(content)["payload"]["data"].values()
                found: dict[str, Any] = event
                return found


MULTIPART = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"


@asynccontextmanager
async def stream(
    url: str, query: str, variables: Mapping[str, Any] | None = None, *, accept: str = "text/event-stream"
) -> AsyncIterator[Lines]:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as client,
        client.stream("POST", f"{url}/graphql", json={"query": query, "variables": variables},
                      headers={"Accept": accept}) as response,
    ):  # fmt: skip
        yield Lines(response)
