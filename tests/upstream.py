"""A source that answers in turn what it was told to, and the client that asks it, over a real socket."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sources.call import CallContext, CallMade, Deadline
from sources.endpoint import Endpoint
from sources.http import Operation, SourceClient
from sources.retry import RetrySettings
from sources.viewer import SERVICE_DESK

THING, MAKE = Operation("GET", "/thing"), Operation("POST", "/thing")
OK = b'{"size": 1}'
QUICK = RetrySettings(base_seconds=0.0)
ONCE = RetrySettings(attempts=1)
Answer = Callable[[Request], Awaitable[Response]]


class Thing(msgspec.Struct):
    size: int


DECODER = msgspec.json.Decoder(Thing)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def call(seconds: float = 2.0, made: list[CallMade] | None = None, max_age: float | None = None) -> CallContext:
    observed = [] if made is None else made
    return CallContext(SERVICE_DESK, Deadline.after(seconds), "id-1", observed.append, max_age)


def json(body: bytes = OK, status: int = 200, **headers: str) -> Response:
    return Response(body, status_code=status, media_type="application/json", headers=headers)


class Upstream:
    """Answers in turn what it was told to; the last answer again and again. Remembers what it was asked."""

    def __init__(self, *answers: Response | Answer) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []
        self.bodies: list[bytes] = []
        self.was_asked = asyncio.Event()

    async def answered(self, request: Request) -> Response:
        self.asked.append(request)
        self.was_asked.set()
        self.bodies.append(await request.body())
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, Response) else await answer(request)


@asynccontextmanager
async def client_of(
    upstream: Upstream, clock: Callable[[], float] = time.monotonic, **settings: Any
) -> AsyncIterator[SourceClient]:
    app = Starlette(routes=[Route("/{anything:path}", upstream.answered, methods=["GET", "POST", "PATCH"])])
    async with served(app) as url, SourceClient(Endpoint(name="erp", url=url, **settings), clock=clock) as client:
        yield client
