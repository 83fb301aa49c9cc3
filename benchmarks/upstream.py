"""Upstreams that are never the bottleneck: the sandbox's own answers, recorded when first asked for, replayed from then on.

python benchmarks/upstream.py SANDBOX_PORT PORT     four systems at SANDBOX_PORT.., replayed at PORT..
"""

import asyncio
import sys
import urllib.error
import urllib.request
from functools import partial
from typing import Any

import httptools
import uvloop

ROLES = 4
Key = tuple[int, bytes, bytes, bytes]

_recorded: dict[Key, bytes] = {}


def recorded(key: Key) -> bytes:
    """The real system's answer to this very request, as bytes to send."""
    port, method, target, body = key
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{target.decode()}", data=body or None, method=method.decode()
    )
    request.add_header("Authorization", "Bearer sandbox")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        content = answer.read()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


class Replay(asyncio.Protocol):
    """One connection: requests are answered one after the other, from memory as soon as they were asked once."""

    def __init__(self, port: int, delay_seconds: float) -> None:
        self._port, self._delay_seconds = port, delay_seconds
        self._transport: Any = None
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._target, self._body = b"", b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        key = (self._port, self._parser.get_method(), self._target, self._body)
        self._target, self._body = b"", b""
        answer = _recorded.get(key)
        loop = asyncio.get_running_loop()
        if answer is None:
            task = loop.create_task(self._record(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif self._delay_seconds:
            loop.call_later(self._delay_seconds, self._transport.write, answer)
        else:
            self._transport.write(answer)

    async def _record(self, key: Key) -> None:
        _recorded[key] = await asyncio.to_thread(recorded, key)
        self._transport.write(_recorded[key])


async def serve(sandbox_port: int, port: int, delay_seconds: float) -> None:
    loop = asyncio.get_running_loop()
    for role in range(ROLES):
        protocol = partial(Replay, sandbox_port + role, delay_seconds)
        await loop.create_server(protocol, "127.0.0.1", port + role, backlog=512)
    print("upstream ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 0.0))
