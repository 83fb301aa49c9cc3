"""ASGI's messages: a body in, an answer out, and a connection that breaks instead."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from starlette.types import Receive, Send

from sandbox.problems import limit_exceeded

_MOST_BYTES = 4_000_000


class Pace(NamedTuple):
    """How many bytes are sent at a time, and how long the next wait."""

    size: int
    seconds: float


DRIP = Pace(1, 0.1)
FLOW = Pace(65_536, 0)


class Body(Protocol):
    """Bytes, or what is cut like them."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: slice, /) -> bytes: ...


class Answer(NamedTuple):
    status: int
    body: Body
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
    headers = {"content-type": "application/json", "content-length": str(len(answer.body))}
    headers |= {name.lower(): value for name, value in answer.headers.items()}
    if "transfer-encoding" in headers:
        del headers["content-length"]
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})


async def send_answer(send: Send, answer: Answer) -> None:
    await send_head(send, answer)
    await send({"type": "http.response.body", "body": answer.body[:]})


async def send_slowly(send: Send, answer: Answer, pace: Pace, most: int) -> None:
    """At most so many bytes of the body: an answer that is longer is left unfinished."""
    await send_head(send, answer)
    whole = len(answer.body)
    end = min(most, whole)
    for at in range(0, end, pace.size):
        part = answer.body[at : min(at + pace.size, end)]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(pace.seconds)
    if end == whole:
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
