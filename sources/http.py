"""The only door out: every request to a system of record is made here, within its deadline, its size and its declared meaning.

What a status means and what a library's exception means are tables (`STATUS_MEANING`, `FAILURE_MEANING`); tests prove them complete.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from sources.call import CallContext, CallMade
from sources.errors import (
    DeadlineExceeded,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)

T = TypeVar("T")

STATUS_MEANING: dict[int, type[SourceError]] = {
    401: SourceRefused,
    403: SourceRefused,
    407: SourceRefused,
    408: SourceUnavailable,
    409: SourceRejected,
    422: SourceRejected,
    425: SourceUnavailable,
    429: SourceRateLimited,
}
"""What single statuses mean; the rest by `STATUS_CLASS_MEANING`."""

STATUS_CLASS_MEANING: dict[int, type[SourceError]] = {
    1: SourceContractBroken,
    2: SourceContractBroken,  # a read is answered with 200; another success is not an answer to it
    3: SourceContractBroken,  # redirects are not followed: they would carry our credentials elsewhere
    4: SourceContractBroken,
    5: SourceUnavailable,
}

FAILURE_MEANING: dict[type[BaseException], type[SourceError]] = {
    TimeoutError: SourceUnavailable,
    aiohttp.ClientConnectionError: SourceUnavailable,
    aiohttp.ClientPayloadError: SourceUnavailable,
    aiohttp.ClientResponseError: SourceContractBroken,
    aiohttp.InvalidURL: SourceContractBroken,
    aiohttp.ClientError: SourceUnavailable,
    OSError: SourceUnavailable,
}
"""What the HTTP library's exceptions mean: the first entry that matches counts."""

_RETRY_AFTER_CAP_SECONDS = 60.0


class Operation(NamedTuple):
    """One thing a source can be asked. `path` is a template, fit for logs and metrics: it never holds a key."""

    method: str
    path: str


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a source is and how far we trust it. The token never shows in a repr."""

    name: str
    url: str
    token: str = ""
    timeout_seconds: float = 1.5
    max_response_bytes: int = 16_777_216
    max_connections: int = 100

    def __repr__(self) -> str:
        return f"Endpoint(name={self.name!r})"


class Reply(NamedTuple, Generic[T]):
    """A decoded answer and the moment its question was sent: nothing in it is younger than that."""

    content: T
    as_of: datetime


def no_reason(_: bytes) -> str:
    return "REJECTED"


class SourceClient:
    """A source's client: made, used and closed inside one running event loop."""

    def __init__(self, endpoint: Endpoint, *, reason: Callable[[bytes], str] = no_reason) -> None:
        self.name = endpoint.name
        self._endpoint = endpoint
        self._root = endpoint.url.rstrip("/")
        self._reason = reason
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=endpoint.max_connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else None,
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_read=None, sock_connect=None),
            auto_decompress=True,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def read(
        self,
        call: CallContext,
        operation: Operation,
        *,
        decoder: msgspec.json.Decoder[T],
        params: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
        keys: int = 1,
    ) -> Reply[T]:
        """Ask and decode; raises a SourceError. Tells the call's observer how it went, whatever happened."""
        started, as_of = time.perf_counter(), datetime.now(UTC)
        outcome, detail = "ok", ""
        try:
            payload = await self._within_deadline(call, operation, params, body=body)
            return Reply(self._decoded(decoder, payload), as_of)
        except SourceError as error:
            outcome, detail = type(error).__name__, error.detail
            raise
        except asyncio.CancelledError:
            outcome = "Cancelled"
            raise
        finally:
            seconds = time.perf_counter() - started
            path = f"{operation.method} {operation.path}"
            call.observer(CallMade(self.name, path, keys, seconds, outcome, detail, call.correlation_id))

    async def _within_deadline(
        self, call: CallContext, operation: Operation, params: Iterable[tuple[str, str]], *, body: bytes | None
    ) -> bytes:
        remaining = call.deadline.remaining_seconds()
        if remaining <= 0:
            raise DeadlineExceeded(self.name, detail="nothing was sent")
        url = URL(f"{self._root}{operation.path}?{urlencode(tuple(params))}", encoded=True)
        try:
            async with asyncio.timeout(min(remaining, self._endpoint.timeout_seconds)):
                return await self._exchange(operation.method, url, body, correlation_id=call.correlation_id)
        except SourceError:
            raise
        except TimeoutError as error:
            own = remaining > self._endpoint.timeout_seconds
            raise (SourceUnavailable if own else DeadlineExceeded)(self.name, detail="no answer in time") from error
        except tuple(FAILURE_MEANING) as error:
            raise _translated(self.name, error) from error

    async def _exchange(self, method: str, url: URL, body: bytes | None, *, correlation_id: str) -> bytes:
        headers = {"X-Correlation-Id": correlation_id}
        if body is not None:
            headers["Content-Type"] = "application/json"
        async with self._session.request(method, url, data=body, headers=headers, allow_redirects=False) as response:
            content = await self._bounded(response)
            if response.status == 200:  # noqa: PLR2004 - the one status that answers a read
                if response.content_type != "application/json":
                    raise SourceContractBroken(self.name, path="Content-Type", detail="the answer is no JSON")
                return content
            raise self._failure(response, content)

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self._endpoint.max_response_bytes
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > limit:
                raise SourceContractBroken(self.name, path="$", detail=f"the answer is larger than {limit} bytes")
            parts.append(part)
        return b"".join(parts)

    def _failure(self, response: aiohttp.ClientResponse, content: bytes) -> SourceError:
        detail = f"HTTP {response.status}"
        kind = meaning_of_status(response.status)
        if kind is SourceRateLimited:
            wait = retry_after_seconds(response.headers.get("Retry-After"))
            return SourceRateLimited(self.name, detail=detail, retry_after_seconds=wait)
        if kind is SourceRejected:
            return SourceRejected(self.name, reason=self._reason(content), detail=detail)
        if kind is SourceContractBroken:
            return SourceContractBroken(self.name, path="status", detail=detail)
        return kind(self.name, detail=detail)

    def _decoded(self, decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
        try:
            return decoder.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceContractBroken(
                self.name, path=broken_path(str(error)), detail="the answer does not decode"
            ) from error


def broken_path(decode_error: str) -> str:
    """Where msgspec says that a payload broke: its message ends in "- at `$.items[3].uom`"; the rest may quote the payload."""
    _, found, path = decode_error.rpartition(" - at ")
    return path.strip("`") if found else "$"


def meaning_of_status(status: int) -> type[SourceError]:
    """What an answer with this status means for the one who asked; 200 is none of these and never gets here."""
    return STATUS_MEANING.get(status) or STATUS_CLASS_MEANING.get(status // 100, SourceContractBroken)


def meaning_of_failure(error: BaseException) -> type[SourceError]:
    return next(kind for failure, kind in FAILURE_MEANING.items() if isinstance(error, failure))


def _translated(source: str, error: BaseException) -> SourceError:
    kind = meaning_of_failure(error)
    detail = type(error).__name__  # its text would name the upstream's address
    return (
        SourceContractBroken(source, path="request", detail=detail)
        if kind is SourceContractBroken
        else kind(source, detail=detail)
    )


def retry_after_seconds(header: str | None) -> float | None:
    """The delta-seconds form of Retry-After, capped; a date or nonsense counts as not given."""
    if header is None or not header.strip().isdigit():
        return None
    return min(float(header.strip()), _RETRY_AFTER_CAP_SECONDS)


def repeated(name: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """A batch read's keys as the contract spells them: the same parameter once a key."""
    return [(name, value) for value in values]
