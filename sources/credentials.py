"""How the gateway shows itself to a source: by headers that never change, or by what it is granted for a while (sources/grant.py)."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping

import httpx
import msgspec

from sources.authorities import trusted
from sources.ending import ended
from sources.errors import DeadlineExceeded, SourceError, SourceRefused, SourceUnavailable
from sources.grant import CLIENT_CREDENTIALS, AuthSettings, Grant, Granted, Request

EARLY_SHARE = 0.1
"""A token is renewed when a tenth of its life, more or less, is left; until the new one is there the old one serves."""

DEFAULT_LIFE_SECONDS = 300.0
TRUSTED_SECONDS = 5.0
"""A token younger than this that the source refuses is not the reason: another one would fare no better."""

PAUSE_SECONDS = 1.0
"""How long a failure to fetch a token stands before it is tried again."""

MAX_ANSWER_BYTES = 65_536


_NEVER = float("inf")


class Credentials:
    """Asked before each call, closed at the end. What never changes costs nothing; a token is fetched by one call for all."""

    def __init__(
        self,
        source: str,
        settings: AuthSettings,
        clock: Callable[[], float] = time.monotonic,
        *,
        grant: Grant = CLIENT_CREDENTIALS,
        root: str = "",
    ) -> None:
        self._source, self._settings, self._clock = source, settings, clock
        self._grant, self._request = grant, grant.request(settings, root)
        is_granted = self._request is not None
        self._headers: Mapping[str, str] = {} if is_granted else settings.headers()
        self._renew_at = self._ends_at = -_NEVER if is_granted else _NEVER
        self._fetched_at = -_NEVER
        self._again_at = 0.0
        self._fetching: asyncio.Task[None] | None = None
        self._client: httpx.AsyncClient | None = None

    def at_hand(self) -> Mapping[str, str] | None:
        """The headers; None where a token has to be waited for."""
        if self._renew_at == _NEVER:
            return self._headers
        now = self._clock()
        if now >= self._renew_at:
            _ = self._start()
        return self._headers if now < self._ends_at else None

    async def fetched(self, remaining_seconds: float) -> Mapping[str, str]:
        """The headers with a new token. Raises SourceError; whoever gives up leaves the fetching to the others."""
        task = self._start()
        done, _ = await asyncio.wait({task}, timeout=remaining_seconds)
        if not done:
            raise DeadlineExceeded(self._source, detail="no token in time")
        if task.cancelled():
            raise SourceUnavailable(self._source, detail="no token: the gateway stops")
        error = task.exception()
        if error is not None:
            raise error.with_traceback(None)
        return self._headers

    def refused(self, headers: Mapping[str, str]) -> None:
        """The source did not take these headers: the next call has others fetched, unless these were as good as new."""
        is_trusted = self._clock() < self._fetched_at + TRUSTED_SECONDS
        if self._renew_at != _NEVER and headers is self._headers and not is_trusted:
            self._renew_at = self._ends_at = -_NEVER

    @property
    def held(self) -> Mapping[str, str] | None:
        """The token that serves at this moment; None where there is none, or none is needed."""
        return None if abs(self._ends_at) == _NEVER else self._headers

    async def aclose(self) -> None:
        await ended(self._fetching)
        if self._client is not None:
            await self._client.aclose()

    def _start(self) -> asyncio.Task[None]:
        """The fetching under way. One that failed stands for a moment, so that a server in trouble is not asked by every call."""
        if self._fetching is None or (self._fetching.done() and self._clock() >= self._again_at):
            self._fetching = asyncio.get_running_loop().create_task(self._fetch())
            self._fetching.add_done_callback(self._settle)
        return self._fetching

    def _settle(self, task: "asyncio.Task[None]") -> None:
        failed = task.cancelled() or task.exception() is not None
        self._again_at = self._clock() + PAUSE_SECONDS if failed else 0.0

    async def _fetch(self) -> None:
        begun = self._clock()
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                granted = await self._granted()
        except TimeoutError:
            raise SourceUnavailable(self._source, detail="no token: no answer in time") from None
        life = granted.life_seconds or DEFAULT_LIFE_SECONDS
        self._headers = granted.headers
        self._fetched_at, self._ends_at = self._clock(), begun + life
        early = EARLY_SHARE * random.uniform(0.5, 1.5)  # noqa: S311 - several gateways shall not renew at one moment
        self._renew_at = begun + life * (1 - early)

    async def _granted(self) -> Granted:
        asked = self._request or Request("", b"", {})
        try:
            async with self._opened().stream(
                "POST", asked.url, content=asked.body, headers=dict(asked.headers)
            ) as answer:
                content = await _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(SourceUnavailable, type(error).__name__) from None
        if answer.status_code != httpx.codes.OK:
            busy = answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS
            raise self._failed(SourceUnavailable if busy else SourceRefused, f"HTTP {answer.status_code}")
        try:
            return self._grant.granted(self._settings, content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            raise self._failed(SourceRefused, "the answer does not decode") from None

    def _failed(self, kind: type[SourceError], detail: str) -> SourceError:
        """Without a cause: its text would name the address or hold the form."""
        return kind(self._source, detail=f"no token: {detail}")

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            verify = trusted(self._settings.ca_file)
            self._client = httpx.AsyncClient(verify=verify, timeout=None, trust_env=False)  # noqa: S113 - bounded in total by `_fetch`
        return self._client


async def _bounded(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > MAX_ANSWER_BYTES:
            raise httpx.DecodingError("too large")
    return bytes(content)
