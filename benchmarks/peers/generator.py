"""Load that costs little to make: requests are bytes made before, answers are counted and measured, not parsed."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
CHUNKED_END = b"0\r\n\r\n"


class Load(NamedTuple):
    """What came of it: seconds each answer took, and how long all of it took."""

    took: list[float]
    seconds: float


class Wrong(Exception):
    """An answer that is not 200."""


class Connection(asyncio.Protocol):
    """Asks one request after the other until the time is over; `ended` is done then."""

    def __init__(self, requests: Iterator[bytes], until: float, took: list[float]) -> None:
        self._requests, self._until, self._took = requests, until, took
        self._transport: Any = None
        self._began = 0.0
        self._head, self._missing, self._is_chunked = b"", -1, False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._head, self._missing, self._is_chunked = b"", -1, False
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        if self._missing >= 0:
            self._missing -= len(data)
        elif self._is_chunked:
            self._head = self._head[-len(CHUNKED_END) :] + data
        else:
            self._begun(self._head + data)
        if self._missing == 0 or (self._is_chunked and self._head.endswith(CHUNKED_END)):
            self._answered()

    def _begun(self, data: bytes) -> None:
        """Its head may come in parts."""
        self._head = data
        end = data.find(HEAD_END)
        if end < 0:
            return
        if not data.startswith(b"HTTP/1.1 200 "):
            self._fail(data)
            return
        head = data[:end].lower()
        at = head.find(LENGTH)
        if at < 0:
            self._is_chunked = True
            return
        length = int(head[at + len(LENGTH) :].partition(b"\r")[0])
        self._missing = length - (len(data) - end - len(HEAD_END))

    def _answered(self) -> None:
        now = time.perf_counter()
        self._took.append(now - self._began)
        if now < self._until:
            self._ask()
        elif not self.ended.done():
            self.ended.set_result(None)
            self._transport.close()

    def _fail(self, data: bytes) -> None:
        if not self.ended.done():
            self.ended.set_exception(Wrong(data[-400:].decode(errors="replace")))
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or Wrong("the server hung up"))


async def load(port: int, requests: Iterator[bytes], *, seconds: float, in_flight: int) -> Load:
    """Whatever was asked within the time is answered, too, before this returns."""
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    took: list[float] = []

    async def connection() -> None:
        _, protocol = await loop.create_connection(
            lambda: Connection(requests, began + seconds, took), "127.0.0.1", port
        )
        await protocol.ended

    async with asyncio.TaskGroup() as connections:
        for _ in range(in_flight):
            connections.create_task(connection())
    return Load(took, time.perf_counter() - began)


def request(path: str, body: bytes, headers: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"{headers}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def answer(port: int, message: bytes) -> bytes:
    """The body of the answer to one request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(message)
        head = (await reader.readuntil(HEAD_END)).lower()
        at = head.find(LENGTH)
        if at >= 0:
            return await reader.readexactly(int(head[at + len(LENGTH) :].partition(b"\r")[0]))
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        return b"".join(parts)
    finally:
        writer.close()
