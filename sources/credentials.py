"""How the gateway shows itself to a source: a header of its own, basic, bearer, or a token by OAuth2 client credentials."""

import asyncio
import base64
import random
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Annotated

import httpx
import msgspec

from sources.ending import ended
from sources.errors import DeadlineExceeded, SourceError, SourceRefused, SourceUnavailable

EARLY_SHARE = 0.1
"""A token is renewed when a tenth of its life, more or less, is left; until the new one is there the old one serves."""

DEFAULT_LIFE_SECONDS = 300.0
TRUSTED_SECONDS = 5.0
"""A token younger than this that the source refuses is not the reason: another one would fare no better."""

PAUSE_SECONDS = 1.0
"""How long a failure to fetch a token stands before it is tried again."""

MAX_ANSWER_BYTES = 65_536


class AuthSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of: a bearer `token`; `header` and `value`; `username` and `password`; or `token_url`, `client_id` and `client_secret`.

    `timeout_seconds` is what fetching a token may take; `ca_file` trusts other authorities than the system's for it.
    """

    token: str = ""
    header: str = ""
    value: str = ""
    username: str = ""
    password: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    ca_file: str = ""
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0

    def __post_init__(self) -> None:
        ways = [
            ("token", bool(self.token), True),
            ("header", bool(self.header or self.value), bool(self.header and self.value)),
            ("username", bool(self.username or self.password), bool(self.username)),
            ("token_url", bool(self.token_url or self.client_id or self.client_secret), self._can_fetch),
        ]
        given = [name for name, there, _ in ways if there]
        if len(given) > 1:
            raise ValueError(f"`{given[0]}` and `{given[1]}` are two ways: give one")
        halves = [name for name, there, whole in ways if there and not whole]
        if halves:
            raise ValueError(f"`{halves[0]}` lacks its other half")

    def __repr__(self) -> str:
        return "AuthSettings(…)"

    @property
    def _can_fetch(self) -> bool:
        return bool(self.token_url and self.client_id and self.client_secret)

    def headers(self) -> dict[str, str]:
        """Those that never change; none where a token is to be fetched."""
        if self.header:
            return {self.header: self.value}
        if self.username:
            pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


class _Granted(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(pattern=r"^[!-~]+$")]
    expires_in: float | None = None


_GRANTED = msgspec.json.Decoder(_Granted)
_NEVER = float("inf")


class Credentials:
    """Asked before each call, closed at the end. What never changes costs nothing; a token is fetched by one call for all."""

    def __init__(self, source: str, settings: AuthSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._settings, self._clock = source, settings, clock
        self._headers: Mapping[str, str] = {} if settings.token_url else settings.headers()
        self._renew_at = self._ends_at = -_NEVER if settings.token_url else _NEVER
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
        settings = self._settings
        form = {"grant_type": "client_credentials", "client_id": settings.client_id}
        form |= {"client_secret": settings.client_secret} | ({"scope": settings.scope} if settings.scope else {})
        begun = self._clock()
        try:
            async with asyncio.timeout(settings.timeout_seconds):
                granted = await self._granted(form)
        except TimeoutError:
            raise SourceUnavailable(self._source, detail="no token: no answer in time") from None
        life = granted.expires_in or DEFAULT_LIFE_SECONDS
        self._headers = {"Authorization": f"Bearer {granted.access_token}"}
        self._fetched_at, self._ends_at = self._clock(), begun + life
        early = EARLY_SHARE * random.uniform(0.5, 1.5)  # noqa: S311 - several gateways shall not renew at one moment
        self._renew_at = begun + life * (1 - early)

    async def _granted(self, form: Mapping[str, str]) -> _Granted:
        try:
            async with self._opened().stream("POST", self._settings.token_url, data=form) as answer:
                content = await _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(SourceUnavailable, type(error).__name__) from None
        if answer.status_code != httpx.codes.OK:
            busy = answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS
            raise self._failed(SourceUnavailable if busy else SourceRefused, f"HTTP {answer.status_code}")
        try:
            return _GRANTED.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._failed(SourceRefused, "the answer does not decode") from None

    def _failed(self, kind: type[SourceError], detail: str) -> SourceError:
        """Without a cause: its text would name the address or hold the form."""
        return kind(self._source, detail=f"no token: {detail}")

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            authorities = self._settings.ca_file or None
            verify = ssl.create_default_context(cafile=authorities)
            self._client = httpx.AsyncClient(verify=verify, timeout=None, trust_env=False)  # noqa: S113 - bounded in total by `_fetch`
        return self._client


async def _bounded(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > MAX_ANSWER_BYTES:
            raise httpx.DecodingError("too large")
    return bytes(content)
