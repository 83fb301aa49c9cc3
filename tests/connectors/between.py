"""What stands between the gateway and a vendor's server: it remembers what was asked, grants tokens, and lets things go wrong."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.wire import Answer, disconnected, drop, read_body, send_answer
from tests.connectors.case import Asked

TOKEN_PATH = "/suite/token"
MARK = "Zebra-of-the-upstream"
"""In the body of everything that goes wrong: no error and no log may show it."""

_BODY = msgspec.json.encode({"error": MARK, "message": MARK, "errors": [{"message": MARK}]})
_PART = re.compile(rb"(HTTP/1\.1 [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(.*?)(?=\r\n--)", re.DOTALL)
"""An HTTP answer within another: its head and its body."""

_EMPTY = 204
"""A status whose answers may not have a body: spoilt, they have one."""

Spoil = Callable[[bytes], bytes]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the requests that it `strikes`, `times` of them or all: exactly one of the others says what."""

    status: int | None = None
    headers: Mapping[str, str] = {}
    is_hanging: bool = False
    is_dropping: bool = False
    spoil: Spoil | None = None
    strikes: Callable[[Asked], bool] | None = None
    times: int | None = None


class Between:
    """An ASGI application around a vendor's. `is_sign_in` tells the requests that only show who asks, `is_prepared` what goes before."""

    def __init__(
        self,
        app: ASGIApp,
        is_sign_in: Callable[[Asked], bool] | None = None,
        is_prepared: Callable[[Asked], bool] | None = None,
    ) -> None:
        self._app, self._is_sign_in, self._is_prepared = app, is_sign_in, is_prepared
        self.prepared: list[Asked] = []
        self.fault: Fault | None = None
        self.asked: list[Asked] = []
        self.sign_ins: list[Asked] = []
        self.granted: list[str] = []
        self.was_asked = asyncio.Event()
        self._struck = 0

    def put(self, fault: Fault | None) -> None:
        self.fault, self._struck = fault, 0

    def taken(self) -> Sequence[Asked]:
        """What was asked since the last look, signing in left out."""
        taken, self.asked = self.asked, []
        return taken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        asked = _asked(scope, body)
        is_sign_in = asked.path == TOKEN_PATH or (self._is_sign_in is not None and self._is_sign_in(asked))
        is_prepared = self._is_prepared is not None and self._is_prepared(asked)
        (self.sign_ins if is_sign_in else self.prepared if is_prepared else self.asked).append(asked)
        self.was_asked.set()
        fault = self._striking(asked, is_aside=is_sign_in or is_prepared)
        if fault is None:
            await self._answer(scope, _again(body, receive), send)
        else:
            await self._go_wrong(fault, scope, (body, receive), send)

    def _striking(self, asked: Asked, *, is_aside: bool) -> Fault | None:
        """Signing in, and what goes before a question, goes wrong only where a fault names it."""
        fault = self.fault
        if fault is None or (fault.times is not None and self._struck >= fault.times):
            return None
        if not (fault.strikes(asked) if fault.strikes is not None else not is_aside):
            return None
        self._struck += 1
        return fault

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != TOKEN_PATH:
            await self._app(scope, receive, send)
            return
        self.granted.append(f"granted-secret-{len(self.granted) + 1}")
        answer = {"access_token": self.granted[-1], "token_type": "Bearer", "expires_in": 3600}
        await send_answer(send, Answer(200, msgspec.json.encode(answer)))

    async def _go_wrong(self, fault: Fault, scope: Scope, asked: tuple[bytes, Receive], send: Send) -> None:
        body, receive = asked
        if fault.status is not None:
            await send_answer(send, Answer(fault.status, _BODY, fault.headers))
        elif fault.is_hanging:
            await disconnected(receive)
        elif fault.is_dropping:
            await _Held(self._answer).of(scope, _again(body, receive))  # it is done, and nobody is told
            await drop(receive)
        elif fault.spoil is not None:
            answer = await _Held(self._answer).of(scope, _again(body, receive))
            status = 200 if answer.status == _EMPTY else answer.status
            body = spoilt(bytes(answer.body[:]), answer.headers.get("content-type", ""), fault.spoil)
            await send_answer(send, Answer(status, body, answer.headers))


class _Held:
    """An application's answer, held back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._status, self._content, self._headers = 0, bytearray(), dict[str, str]()

    async def of(self, scope: Scope, receive: Receive) -> Answer:
        await self._app(scope, receive, self._send)
        return Answer(self._status, bytes(self._content), self._headers)

    async def _send(self, message: Message) -> None:
        self._status = message.get("status", self._status)
        told = {name.decode(): value.decode() for name, value in message.get("headers", ())}
        self._headers |= {name: value for name, value in told.items() if name == "content-type"}
        self._content += message.get("body", b"")


def _asked(scope: Scope, body: bytes) -> Asked:
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["method"], scope["path"], scope["query_string"].decode(), body, headers)


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that was read already, for whoever reads it now."""
    first: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        message: Message = first.pop() if first else await receive()
        return message

    return given


# ---------------------------------------------------------------- spoilt answers


def spoilt(body: bytes, kind: str, spoil: Spoil) -> bytes:
    """An answer of several parts is spoilt part by part."""
    if not kind.startswith("multipart/mixed"):
        return spoil(body or b"null")
    return _PART.sub(lambda found: found[1] + spoil(found[2] or b"null"), body)


def cut(body: bytes) -> bytes:
    return body[: len(body) // 2] or b"{"


def another_shape(_: bytes) -> bytes:
    return b"12"


def leaves_spoilt(body: bytes) -> bytes:
    """Wherever a text, a number or a truth stood, there is an object."""
    return msgspec.json.encode(_spoilt(msgspec.json.decode(body)))


def _spoilt(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _spoilt(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_spoilt(each) for each in value]
    return {"spoilt": MARK}
