"""ASGI's messages: a body in, an answer out, and a connection that breaks instead."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from starlette.types import Receive, Send

from sandbox.problems import limit_exceeded

_MOST_BYTES = 4_000_000
_DRIP_BYTES = 1
_DRIP_SECONDS = 0.1


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Dropped(ConnectionError):
    """The connection was to break, and there is no socket to close: the application runs inside the test itself."""


async def read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > _MOST_BYTES:
            raise limit_exceeded(f"A body has at most {_MOST_BYTES} bytes.", "body")
        parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(parts)


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_head(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in answer.headers.items()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


async def send_answer(send: Send, answer: Answer) -> None:
    await send_head(send, answer)
    await send({"type": "http.response.body", "body": answer.body})


async def drip(send: Send, answer: Answer) -> None:
    await send_head(send, answer)
    for at in range(0, len(answer.body), _DRIP_BYTES):
        await send({"type": "http.response.body", "body": answer.body[at : at + _DRIP_BYTES], "more_body": True})
        await asyncio.sleep(_DRIP_SECONDS)
    await send({"type": "http.response.body", "body": b""})


async def drop(receive: Receive) -> None:
    """Closes the socket without an answer. ASGI has no word for that; uvicorn's own `receive` belongs to the object with the socket."""
    if not hang_up(receive):
        raise Dropped("the sandbox was asked to drop this connection")
    await disconnected(receive)


def hang_up(receive: Receive) -> bool:
    """Whether there was a socket to close."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is not None:
        transport.close()
    return transport is not None
