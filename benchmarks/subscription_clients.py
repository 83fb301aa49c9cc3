"""Thousands of bare WebSocket clients in one process, cheap enough not to be what is measured.

python subscription_clients.py PORT COUNT [SLOW]: SLOW of the clients stop reading once they have subscribed.
Commands on stdin: `expect N` waits until N more answers have come and says how long it took.
"""

import asyncio
import json
import socket
import struct
import sys
import time

import uvloop

FIELDS = "id cursor type status late shipmentNumber trackingNumber"
ALIASES = " ".join(f"id{at}: id" for at in range(40))
"""Answers large enough to fill the buffers between two sockets."""
PAUSE = 64
PATIENCE_SECONDS = 60


def frame(text: str) -> bytes:
    """A masked text frame; with a mask of zeros, the text as it is."""
    body = text.encode()
    head = struct.pack("!BB", 0x81, 0x80 | len(body)) if len(body) < 126 else struct.pack("!BBH", 0x81, 0xFE, len(body))
    return head + b"\0\0\0\0" + body


HELLO = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
BEGIN = frame('{"type":"connection_init"}')


def subscribe(fields: str) -> bytes:
    query = f"subscription {{ shipmentEvents {{ {fields} }} }}"
    return frame(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))


class Tally:
    def __init__(self) -> None:
        self.answers = self.acknowledged = self.closed = 0
        self.news = asyncio.Event()


class Client(asyncio.Protocol):
    def __init__(self, tally: Tally, subscribes: bytes, *, is_slow: bool) -> None:
        self.tally, self.subscribes, self.is_slow = tally, subscribes, is_slow
        self.transport: asyncio.Transport
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # of TCP
        self.transport.write(HELLO)

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            self.is_open = True
            self.transport.write(BEGIN)
            return
        if b"connection_ack" in data:
            self.tally.acknowledged += 1
            self.transport.write(self.subscribes)
            if self.is_slow:  # once what it wrote has gone out
                asyncio.get_running_loop().call_later(0.5, self.transport.pause_reading)
        self.tally.answers += data.count(b'"type":"next"') + data.count(b'"type": "next"')
        self.tally.news.set()

    def connection_lost(self, _: Exception | None) -> None:
        self.tally.closed += 1
        self.tally.news.set()


async def until(tally: Tally, enough: object) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not enough():  # type: ignore[operator]
            tally.news.clear()
            await tally.news.wait()


async def main(port: int, count: int, slow: int | None) -> None:
    loop, tally = asyncio.get_running_loop(), Tally()
    subscribes = subscribe(f"{FIELDS} {ALIASES}" if slow is not None else FIELDS)

    async def connect(*, is_slow: bool) -> None:
        made = socket.socket()
        made.settimeout(0)
        if is_slow:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(made, ("127.0.0.1", port))
        await loop.create_connection(lambda: Client(tally, subscribes, is_slow=is_slow), sock=made)

    for start in range(0, count, PAUSE):
        batch = range(start, min(start + PAUSE, count))
        await asyncio.gather(*[connect(is_slow=at < (slow or 0)) for at in batch])
        await until(tally, lambda upto=batch.stop: tally.acknowledged >= upto)
    await asyncio.sleep(1 if slow else 0)
    print("connected", flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    wanted = 0
    while line := (await reader.readline()).split():
        wanted += int(line[1])
        began = time.perf_counter()
        try:
            await until(tally, lambda upto=wanted: tally.answers >= upto)
        except TimeoutError:
            print(f"missing {wanted - tally.answers}", flush=True)
            continue
        print(f"took {time.perf_counter() - began:.4f} answers {tally.answers} closed {tally.closed}", flush=True)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None))
