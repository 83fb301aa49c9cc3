"""The way of the reads, on aiohttp: fast, and at liberty to send again what a closed connection swallowed (docs/decisions/0002)."""

import asyncio
import ssl
from collections.abc import Callable, Mapping

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from sources.asked import JSON, Asked
from sources.endpoint import Endpoint
from sources.errors import SourceContractBroken
from sources.meaning import FAILURE_MEANING, failed, meaning_of_failure, refusal
from sources.pool import Pool

_ENCODINGS = {"identity", "gzip", "deflate", ""}
"""What the library asks for, and undoes."""

_FAILURES = tuple(FAILURE_MEANING)
Heard = Callable[[int, Mapping[str, str]], None]
"""Told of each answer's status and headers, before anybody knows what the rest of it says."""


class ReadLane:
    """Made and closed inside one running event loop."""

    def __init__(
        self,
        endpoint: Endpoint,
        tls: ssl.SSLContext | None,
        reason: Callable[[bytes], str],
        heard: Heard | None = None,
    ) -> None:
        self._source, self._reason, self._heard = endpoint.name, reason, heard
        self._max_bytes = endpoint.max_response_bytes
        self._session = aiohttp.ClientSession(
            connector=Pool(
                limit=endpoint.max_connections, keepalive_timeout=endpoint.keep_alive_seconds, ssl=tls or True
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_read=None, sock_connect=None),
            headers={"Accept-Encoding": "gzip, deflate"},
            trust_env=False,
        )

    async def aclose(self) -> None:
        await self._session.close()

    async def exchanged(self, asked: Asked, headers: dict[str, str], seconds: float) -> bytes:
        """The answer's body. Raises SourceError, and TimeoutError where it is not whole within the time."""
        headers |= asked.headers
        if asked.body is not None:
            headers.setdefault("Content-Type", JSON)
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(asked, headers)
        except TimeoutError:
            raise
        except _FAILURES as error:
            if isinstance(error.__cause__, ContentEncodingError):
                raise self._broken("Content-Encoding", "the answer is not encoded as it says") from error
            raise failed(meaning_of_failure(error), self._source, type(error).__name__) from error

    async def _answer(self, asked: Asked, headers: Mapping[str, str]) -> bytes:
        url = URL(asked.url, encoded=True)
        async with self._session.request(
            asked.operation.method, url, data=asked.body, headers=headers, allow_redirects=False
        ) as response:
            if self._heard is not None:
                self._heard(response.status, response.headers)
            if asked.headed is not None and (wrong := asked.headed(response.status, list(response.headers.items()))):
                raise wrong
            content = await self._content(response)
            if response.status not in asked.operation.answers:
                raise refusal(
                    self._source,
                    response.status,
                    response.headers,
                    self._reason,
                    content=content,
                    refusals=asked.operation.refusals,
                    limits=asked.operation.limits,
                )
            if response.content_type != asked.operation.media:
                raise self._broken("Content-Type", f"the answer is no {asked.operation.media}")
            if response.headers.get("Content-Encoding", "identity") not in _ENCODINGS:
                raise self._broken("Content-Encoding", "the answer is encoded as it was not asked for")
            return content

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        """Most answers come in one piece, which is then not copied."""
        stream, limit = response.content, self._max_bytes
        content = await stream.readany()
        if len(content) <= limit and stream.at_eof():
            return content
        parts, size = [content], len(content)
        while size <= limit:
            part = await stream.readany()
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
        raise self._broken("$", f"the answer is larger than {limit} bytes")

    def _broken(self, path: str, detail: str) -> SourceContractBroken:
        return SourceContractBroken(self._source, path=path, detail=detail)
