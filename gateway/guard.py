"""What every request passes first: its Host is one of ours; and what every answer carries: headers that keep browsers careful."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec
import orjson
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_Host = Annotated[str, msgspec.Meta(pattern=r"^(\*\.)?[A-Za-z0-9_.:\[\]-]+$")]
_Origin = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/*]+$")]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ALLOWED_HEADERS = (
    "Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "Mcp-Method", "Mcp-Name", "Mcp-Protocol-Version",
    "X-Correlation-Id", "X-Crossdock-Cost", "X-Crossdock-Sources", "X-Crossdock-Trace", "X-Timeout-Ms",
)  # fmt: skip
EXPOSED_HEADERS = ("Age", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Correlation-Id")

CAREFUL: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For answers that are no page. The explorer's pages bring a policy of their own."""

HSTS = "max-age=31536000"


class HttpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hosts`: the names that the gateway is reached by. `origins`: sites whose scripts may ask it from a browser.

    `subgraph`: whether `_service` tells the schema although introspection does not.
    """

    hosts: list[_Host] = []
    origins: list[_Origin] = []
    introspection: Literal["development", "on", "off"] = "development"
    subgraph: bool = False


def layers(settings: HttpSettings, *, mode: str, host: str) -> list[Middleware]:
    """In development the names of this machine are added; production names its own."""
    local = (*LOOPBACK, host) if mode == "development" else ()
    found = [Middleware(Guard, hosts=(*settings.hosts, *local), is_public=mode == "production")]
    if settings.origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=ALLOWED_HEADERS,
            expose_headers=EXPOSED_HEADERS,
        )
        found.append(cors)
    return found


class Guard:
    """A pure ASGI layer. Health checks come from machines that know the gateway by its address, so they pass by any name."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], is_public: bool) -> None:
        self._app = app
        names = [each.strip("[]").lower() for each in hosts]
        self._hosts = frozenset(each for each in names if not each.startswith("*."))
        self._domains = tuple(each[1:] for each in names if each.startswith("*."))
        careful = {**CAREFUL, **({"Strict-Transport-Security": HSTS} if is_public else {})}
        self._page_headers = _raw(careful)
        self._headers = _raw({**careful, "Content-Security-Policy": NO_CONTENT_POLICY})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if not path.startswith("/health/") and not self._is_ours(scope["headers"]):
            await self._refuse(scope, send)
            return

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(message, path)
            await send(message)

        await self._app(scope, receive, careful)

    def _is_ours(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        given = [value for name, value in headers if name == b"host"]
        if len(given) != 1:
            return False
        name = _without_port(given[0].decode("latin-1").lower())
        return name in self._hosts or name.endswith(self._domains or ("\0",))

    async def _refuse(self, scope: Scope, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "unknown host"})
            return
        message = "This gateway does not answer by that host name."
        body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": "BAD_INPUT"}}]})
        kind = (b"content-type", b"application/json; charset=utf-8")
        start: Message = {"type": "http.response.start", "status": 421, "headers": [kind]}
        self._mark(start, scope["path"])
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def _mark(self, start: Message, path: str) -> None:
        """Beside what the answer says of itself."""
        given: list[tuple[bytes, bytes]] = list(start["headers"])
        names = {name for name, _ in given}
        added = self._page_headers if path.startswith("/explorer") else self._headers
        start["headers"] = [*given, *(each for each in added if each[0] not in names)]


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
