"""Connections to a source: a burst opens them, and once there are few questions there are few of them again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from sources.call import CallContext, Deadline
from sources.endpoint import Endpoint
from sources.http import Operation, SourceClient
from sources.viewer import SERVICE_DESK

BURST = 20
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n1"
DECODER = msgspec.json.Decoder(int)


class Upstream:
    """Answers nobody of the burst before all of it has asked; counts the connections that are open, and were opened."""

    def __init__(self) -> None:
        self.open = self.opened = 0
        self._asked = 0
        self._all_asked = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open, self.opened = self.open + 1, self.opened + 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self._asked += 1
                if self._asked == BURST:
                    self._all_asked.set()
                await self._all_asked.wait()
                writer.write(ANSWER)
        except asyncio.IncompleteReadError:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Upstream, str]]:
    upstream = Upstream()
    server = await asyncio.start_server(upstream.answer, "127.0.0.1", 0)
    async with server:
        yield upstream, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_what_a_burst_opened_is_closed_while_questions_go_on_one_at_a_time() -> None:
    async with listening() as (upstream, url):
        endpoint = Endpoint(name="erp", url=url, token="x", keep_alive_seconds=1.0)
        async with SourceClient(endpoint) as client:

            async def asked(number: int = 0) -> int:
                call, params = CallContext(SERVICE_DESK, Deadline.after(5), "id-1"), [("number", str(number))]
                return (await client.read(call, Operation("GET", "/one"), decoder=DECODER, params=params)).content

            assert await asyncio.gather(*(asked(number) for number in range(BURST))) == [1] * BURST
            assert upstream.open == BURST
            async with asyncio.timeout(10):
                while upstream.open > 1:
                    await asked()
            assert upstream.opened == BURST
