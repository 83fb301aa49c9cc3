"""What SAP wants to see with every POST and PATCH: a token against forged requests, and the cookies of the session that it belongs to.

A token is fetched by a GET of the service, kept until SAP does not take it any more, then fetched anew, once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from sources.call import CallContext
from sources.errors import SourceContractBroken, SourceError, SourceRefused, SourceRejected
from sources.http import Operation, SourceClient

R = TypeVar("R")

TOKEN = "x-csrf-token"  # noqa: S105 - a header's name
_FETCH = "Fetch"
_REQUIRED = "required"
_FORBIDDEN, _CHANGED = 403, 412
MAX_LENGTH = 4_096
CHANGED_MEANWHILE = "CHANGED_MEANWHILE"


class _Service(msgspec.Struct):
    """A service's own document: any list of what it has."""

    d: dict[str, msgspec.Raw]


_SERVICE = msgspec.json.Decoder(_Service)


class TokenWanted(SourceRejected):
    """The request was turned away for want of a token that is good: nothing was done."""


class _Held(NamedTuple):
    token: str
    cookies: str

    def __repr__(self) -> str:
        return "_Held(…)"

    @property
    def headers(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.token, **({"Cookie": self.cookies} if self.cookies else {})}


class Session:
    """Asked before each POST or PATCH. `send` gets the headers to go along."""

    def __init__(self, client: SourceClient) -> None:
        self._client, self._name = client, client.name
        self._held: dict[str, _Held] = {}

    async def sent(self, call: CallContext, service: str, send: Callable[[Mapping[str, str]], Awaitable[R]]) -> R:
        """Raises SourceRefused where SAP takes no token that it has just given out."""
        held = self._held.get(service) or await self._fetched(call, service)
        try:
            return await send(held.headers)
        except TokenWanted:
            if self._held.get(service) is held:
                del self._held[service]
        held = self._held.get(service) or await self._fetched(call, service)
        try:
            return await send(held.headers)
        except TokenWanted as error:
            raise SourceRefused(self._name, detail="no token against forged requests is taken") from error

    def headed(self, status: int, headers: Sequence[tuple[str, str]]) -> SourceError | None:
        """What an answer's status and headers say before its body: that the token is no good, or that somebody else was quicker."""
        if status == _CHANGED:
            return SourceRejected(self._name, reason=CHANGED_MEANWHILE, detail="HTTP 412")
        told = [value for name, value in headers if name.lower() == TOKEN]
        if status == _FORBIDDEN and [each for each in told if each.lower() == _REQUIRED]:
            return TokenWanted(self._name, reason="TOKEN_WANTED")
        return None

    async def _fetched(self, call: CallContext, service: str) -> _Held:
        """Those who fetch at one moment share one request, and each finds what it brought."""

        def taken(status: int, headers: Sequence[tuple[str, str]]) -> SourceError | None:
            if status == 200:  # noqa: PLR2004 - an answer
                self._take(service, headers)
            return None

        operation = Operation("GET", f"{service}/")
        headers = {"X-CSRF-Token": _FETCH, "Accept": "application/json"}
        await self._client.read(call, operation, decoder=_SERVICE, headers=headers, headed=taken)
        held = self._held.get(service)
        if held is None:
            raise SourceContractBroken(self._name, path=TOKEN, detail="no token came")
        return held

    def _take(self, service: str, headers: Sequence[tuple[str, str]]) -> None:
        token = next((value for name, value in headers if name.lower() == TOKEN), "")
        cookies = "; ".join(value.partition(";")[0].strip() for name, value in headers if name.lower() == "set-cookie")
        is_fit = token.isascii() and token.isprintable() and token.lower() != _REQUIRED
        if token and is_fit and cookies.isprintable() and len(token) + len(cookies) <= MAX_LENGTH:
            self._held[service] = _Held(token, cookies)
