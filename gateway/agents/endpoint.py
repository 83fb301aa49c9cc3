"""POST /mcp: the door before the protocol's library. It lets in whom /graphql lets in, and reads no more than that does."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import body
from gateway.admission import is_own_page
from gateway.agents.calling import Caller
from gateway.answering import UNKEPT, Answering, Traced
from gateway.body import Audited, Refused
from gateway.intake import Intake
from gateway.telemetry.hearing import Telemetry

CALLER: Final = "crossdock.caller"
"""Where the door leaves who calls, in the request's ASGI scope."""

INVALID_REQUEST: Final = -32600
"""JSON-RPC's own code; what we mean by it stands in `data`, as GraphQL's extensions do."""


class AgentEndpoint:
    """Made when the gateway starts. `origins`: whose pages may ask, beside our own."""

    def __init__(self, intake: Intake, telemetry: Telemetry, server: ASGIApp, origins: Sequence[str]) -> None:
        self._intake, self._server, self._origins = intake, server, origins
        self._answering = Answering(telemetry, _as_json_rpc)

    async def handle(self, http: HttpRequest) -> Response:
        return await self._answering.answer(http, self._let_in)

    async def _let_in(self, http: HttpRequest, traced: Traced) -> Response:
        if not is_own_page(http.headers, self._origins):
            refused = Audited("", "origin")
            raise Refused("No page of this origin may ask.", 403, code="FORBIDDEN", audited=refused)
        admitted = await self._intake.reception.admitted(http)
        raw = await body.received(http, self._intake.limits)
        try:
            msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refused("The body is no JSON.") from None
        return HandedOn(self._server, raw, Caller(admitted, traced, http))


def _as_json_rpc(error: Mapping[str, Any]) -> dict[str, Any]:
    told = {"code": INVALID_REQUEST, "message": error["message"], "data": error["extensions"]}
    return {"jsonrpc": "2.0", "id": None, "error": told}


class HandedOn(Response):
    """What the library answers to a request whose body was read already, with the headers that every answer of ours has."""

    def __init__(self, server: ASGIApp, raw: bytes, caller: Caller) -> None:
        super().__init__()
        self._server, self._raw, self._caller = server, raw, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unread = [self._raw]

        async def again() -> Message:
            return {"type": "http.request", "body": unread.pop()} if unread else await receive()

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._marks()]
            await send(message)

        await self._server({**scope, CALLER: self._caller}, again, marked)

    def _marks(self) -> list[tuple[bytes, bytes]]:
        admitted, traced, _ = self._caller
        found = {"X-Correlation-Id": traced.correlation_id, **UNKEPT, **admitted.rates.headers()}
        return [(name.lower().encode(), value.encode()) for name, value in found.items()]
