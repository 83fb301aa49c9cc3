"""A proxy in front of a server that loses the answers it is told to: the request is done, and nobody hears of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

PATIENCE_SECONDS = 20.0


class LossyProxy:
    """`loses` looks at a request's body; `times` is how often an answer is lost, `passed` what was asked in all."""

    def __init__(self, url: str, loses: Callable[[bytes], bool], times: int = 1) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._loses, self._left = loses, times
        self.url = ""
        self.passed: list[bytes] = []
        self.lost = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                answer = await self._answered(head + body)
            self.passed.append(body)
            if self._loses(body) and self._left:
                self._left -= 1
                self.lost += 1
            else:
                writer.write(answer)
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass  # whoever asked went away
        finally:
            writer.close()

    async def _answered(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next((int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")), 0)


@asynccontextmanager
async def lossy_proxy(url: str, loses: Callable[[bytes], bool], times: int = 1) -> AsyncIterator[LossyProxy]:
    proxy = LossyProxy(url, loses, times)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield proxy
