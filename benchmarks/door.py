"""What the door costs: CPU of a read through sources/http.py against bare aiohttp, both over one loop and one server, in one run.

python benchmarks/door.py [--rounds 9] [--reads 2000]
Rounds are interleaved; the answer has 200 bytes; each read asks for another key, so that none is shared. The server is a process
of its own, and what is counted is this process's CPU.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import served
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from sources.call import CallContext, Deadline
from sources.http import Endpoint, Operation, SourceClient
from sources.viewer import SERVICE_DESK

PORT, IN_FLIGHT, WANTED = 9631, 8, 1.5
ITEMS = Operation("GET", "/items")
BODY = b'{"items":[{"sku":"SKU-100","name":"' + b"x" * 155 + b'"}]}'
ANSWER = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY


class Item(msgspec.Struct):
    sku: str
    name: str


class Items(msgspec.Struct):
    items: list[Item]


DECODER = msgspec.json.Decoder(Items)
Read = Callable[[int], Awaitable[object]]


class Always(asyncio.Protocol):
    """Answers every request alike."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def serve() -> None:
    await asyncio.get_running_loop().create_server(Always, "127.0.0.1", PORT, backlog=512)
    print("always ready", flush=True)
    await asyncio.Event().wait()


async def cpu_us(read: Read, reads: int) -> float:
    numbers = iter(range(reads))

    async def one_of_many() -> None:
        for number in numbers:
            await read(number)

    begun = time.process_time()
    await asyncio.gather(*(one_of_many() for _ in range(IN_FLIGHT)))
    return (time.process_time() - begun) / reads * 1e6


async def measured(rounds: int, reads: int) -> bool:
    url = f"http://127.0.0.1:{PORT}"
    call = CallContext(SERVICE_DESK, Deadline.after(3600), "benchmark")
    async with aiohttp.ClientSession() as session, SourceClient(Endpoint(name="erp", url=url, token="t")) as client:

        async def bare(number: int) -> object:
            async with session.get(f"{url}/items?sku={number}", headers={"Authorization": "Bearer t"}) as answer:
                return DECODER.decode(await answer.read())

        async def door(number: int) -> object:
            return await client.read(call, ITEMS, decoder=DECODER, params=[("sku", str(number))])

        took = [(await cpu_us(bare, reads), await cpu_us(door, reads)) for _ in range(rounds + 1)]
    one, other = (statistics.median(each) for each in zip(*took[1:], strict=True))
    ratio = statistics.median(door / bare for bare, door in took[1:])
    print(
        f"bare aiohttp {one:.0f} µs, the door {other:.0f} µs CPU a read; ratio {ratio:.2f} (wanted: at most {WANTED})"
    )
    return ratio <= WANTED


if __name__ == "__main__":
    uvloop.install()
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--reads", type=int, default=2_000)
    chosen = parser.parse_args()
    with served.started(str(Path(__file__)), "serve", ready=b"ready"):
        sys.exit(0 if asyncio.run(measured(chosen.rounds, chosen.reads)) else 1)
