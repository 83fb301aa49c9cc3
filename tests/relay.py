"""A line between a client and a server that can be cut and mended, at one address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from sources.ending import ended


class Relay:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._far = parts.hostname or "", parts.port or 0
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Nobody listens any more, and what was open is closed."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._passing):
            await ended(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._far)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.get_running_loop().create_task(_passed_on(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while read := await reader.read(65_536):
            writer.write(read)
            await writer.drain()
    except OSError:
        pass  # either end went away
    finally:
        writer.close()


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[Relay]:
    line = Relay(url)
    await line.mend()
    try:
        yield line
    finally:
        await line.cut()
