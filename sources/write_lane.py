"""The way of the writes, on httpx: after each failure it is known whether anything was sent (docs/decisions/0002)."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import httpx

from sources.asked import JSON, Asked
from sources.authorities import trusted
from sources.endpoint import Endpoint
from sources.errors import OutcomeUnknown, SourceError
from sources.meaning import WRITE_FAILURE_MEANING, failed, meaning_of_failure, refusal

_NOTHING = b"null"
"""What an empty answer says: it was done. A connector that expects more finds that this does not decode."""

_FAILURES = tuple(WRITE_FAILURE_MEANING)
_SENDING = ("send_request_headers.started", "send_connection_init.started")


class _Sending:
    """Hears from the transport whether the request has begun to go out. Before that, nothing can have been done."""

    def __init__(self) -> None:
        self.began = False

    async def __call__(self, event: str, _: Any) -> None:
        if event.endswith(_SENDING):
            self.began = True


class WriteLane:
    """Made and closed inside one running event loop; opened by the first write, for most sources are only read."""

    def __init__(self, endpoint: Endpoint, tls: ssl.SSLContext | None, reason: Callable[[bytes], str]) -> None:
        self._endpoint, self._tls, self._reason = endpoint, tls, reason
        self._source = endpoint.name
        self._client: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def exchanged(self, asked: Asked, headers: dict[str, str], seconds: float) -> bytes:
        """The answer's body. Raises SourceError, and TimeoutError where the time was over before anything was sent."""
        # a vendor may be unable to do without another encoding
        headers |= {"Content-Type": JSON, "Accept-Encoding": "identity", **asked.headers}
        if asked.idempotency_key is not None:
            headers["Idempotency-Key"] = asked.idempotency_key
        sending = _Sending()
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(asked, headers, sending)
        except TimeoutError as error:
            if sending.began:
                raise OutcomeUnknown(self._source, detail="no answer in time") from error
            raise
        except _FAILURES as error:
            raise self._failure(error, began=sending.began) from error

    async def _answer(self, asked: Asked, headers: dict[str, str], sending: _Sending) -> bytes:
        content = bytearray()
        async with self._opened().stream(
            asked.operation.method, asked.url, content=asked.body, headers=headers, extensions={"trace": sending}
        ) as response:
            if asked.headed is not None and (
                wrong := asked.headed(response.status_code, response.headers.multi_items())
            ):
                raise wrong
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._endpoint.max_response_bytes:
                    raise OutcomeUnknown(self._source, detail="the answer is too large")
        if not response.is_success:
            raise refusal(
                self._source,
                response.status_code,
                response.headers,
                self._reason,
                content=bytes(content),
                is_write=True,
                refusals=asked.operation.refusals,
                limits=asked.operation.limits,
            )
        if not content:
            return _NOTHING
        if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() != asked.operation.media:
            raise OutcomeUnknown(self._source, detail=f"it was done, but the answer is no {asked.operation.media}")
        return bytes(content)

    def _failure(self, error: BaseException, *, began: bool) -> SourceError:
        """The library's word is doubted where the wire says otherwise."""
        kind = OutcomeUnknown if began else meaning_of_failure(error, is_write=True)
        return failed(kind, self._source, type(error).__name__)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            places, endpoint = self._endpoint.max_connections, self._endpoint
            self._client = httpx.AsyncClient(
                limits=httpx.Limits(max_connections=places, keepalive_expiry=endpoint.keep_alive_seconds),
                verify=self._tls or trusted(),
                timeout=None,  # noqa: S113 - every exchange stands in a timeout of its own, by the deadline
                trust_env=False,
            )
        return self._client
