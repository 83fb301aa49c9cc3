"""GraphQL over one HTTP answer that goes on: SSE (graphql-sse, distinct connections) and multipart (Apollo's subscription protocol).

Event ends are LF: a client that splits at empty lines finds none in CRLF.
"""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncGenerator, Callable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.admission import Seats
from gateway.auth import Known
from gateway.event_settings import SubscriptionSettings
from gateway.fanout import Fanout, Message
from gateway.intake import Taken
from gateway.operations import Asking, Operations
from gateway.outbox import CLOSE_SECONDS, Frame, Outbox
from gateway.subscription import Refused, Subscription, subscription_of
from sources.bus import BusUnavailable
from sources.ending import ended
from sources.viewer import Viewer

_MAX_RANGES = 32
_MAX_CHARACTERS = 1_024
_KEY = ""


class Kind(NamedTuple):
    """How one kind of stream is written."""

    media_type: str
    start: str
    prefix: str
    suffix: str
    beat: str
    end: str


SSE = Kind("text/event-stream", ":\n\n", "event: next\ndata: ", "\n\n", ":\n\n", "event: complete\ndata:\n\n")
_HEAD = "\r\ncontent-type: application/json\r\n\r\n"
MULTIPART = Kind(
    'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"',
    "--graphql",
    f'{_HEAD}{{"payload":',
    "}\r\n--graphql",
    f"{_HEAD}{{}}\r\n--graphql",
    "--\r\n",
)


class Accepted(NamedTuple):
    """The kind of stream that the caller takes, if any; whether it likes JSON better."""

    kind: Kind | None
    prefers_json: bool


def accepted(accept: str) -> Accepted:
    """Quality first; of two that are liked equally, the one that stands earlier."""
    return _accepted(accept[:_MAX_CHARACTERS])


@lru_cache(maxsize=256)
def _accepted(accept: str) -> Accepted:
    liked: list[tuple[float, int, Kind | None]] = []
    for at, text in enumerate(accept.split(",")[:_MAX_RANGES]):
        kind, *parameters = (part.strip().lower() for part in text.split(";"))
        quality = _quality(parameters)
        if quality <= 0:
            continue
        if kind == "text/event-stream":
            liked.append((-quality, at, SSE))
        elif kind == "multipart/mixed" and any(re.fullmatch(r'subscriptionspec="?1\.0"?', each) for each in parameters):
            liked.append((-quality, at, MULTIPART))
        elif kind in {"application/json", "application/graphql-response+json", "application/*", "*/*"}:
            liked.append((-quality, at, None))
    liked.sort(key=lambda each: each[:2])
    return Accepted(next((kind for *_, kind in liked if kind), None), prefers_json=not liked or liked[0][2] is None)


def asks_for_stream(http: HttpRequest, taken: Taken) -> bool:
    """A subscription may be begun by GET, as browsers' EventSource does."""
    return accepted(http.headers.get("accept", "")).kind is not None and taken.is_subscription


def _quality(parameters: list[str]) -> float:
    try:
        return float(next((each[2:] for each in parameters if each.startswith("q=")), "1"))
    except ValueError:
        return 0.0


class Streams:
    """All the streams of this process."""

    def __init__(
        self,
        fanout: Fanout,
        settings: SubscriptionSettings,
        *,
        seats: Seats,
        operations: Operations,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.fanout, self.settings, self.seats, self.operations, self.clock = fanout, settings, seats, operations, clock
        self.open: set[Stream] = set()
        self.is_draining = False

    def answer(self, http: HttpRequest, taken: Taken, known: Known) -> Response | None:
        """None: it is to be answered as JSON, or refused as JSON: no stream was asked for, or none is wanted for this."""
        kind, prefers_json = accepted(http.headers.get("accept", ""))
        if kind is None:
            return None
        prepared, streams, viewer = taken.prepared, taken.is_subscription, known.viewer
        if prepared.errors or (not streams and (prefers_json or kind is MULTIPART)):
            return None
        correlation_id = secrets.token_hex(16)
        try:
            subscription = subscription_of(taken.request, prepared, correlation_id=correlation_id) if streams else None
        except Refused as refused:
            return _refusal(400, refused.errors)
        if self.is_draining or not self.seats.take(viewer.subject):
            extensions = {"code": "RATE_LIMITED", "correlationId": correlation_id}
            error: dict[str, Any] = {"message": "Too many connections.", "extensions": extensions}
            return _refusal(503 if self.is_draining else 429, [error])
        stream = Stream(self, kind, known.expires_at)
        body = self._once(taken, viewer, correlation_id)
        if subscription is not None:
            body = self._followed(stream, subscription, viewer)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Correlation-Id": correlation_id}
        return _Held(stream, viewer, body, media_type=kind.media_type, headers=headers)

    async def _once(self, taken: Taken, viewer: Viewer, correlation_id: str) -> AsyncGenerator[str, None]:
        """A query or a mutation over SSE: its answer, and that is all."""
        async with self.operations.running(taken, Asking(viewer, correlation_id, "sse")) as running:
            answer = await running.answer()
        yield f"{SSE.prefix}{orjson.dumps(answer.body).decode()}{SSE.suffix}"
        yield SSE.end

    async def _followed(
        self, stream: "Stream", subscription: Subscription, viewer: Viewer
    ) -> AsyncGenerator[str, None]:
        member = self.fanout.join(subscription, viewer, stream)
        catching = asyncio.get_running_loop().create_task(self.fanout.catch_up(member))
        catching.add_done_callback(stream.caught_up)
        self.open.add(stream)
        try:
            yield stream.kind.start
            while (text := await stream.next()) is not None:
                yield text
        finally:
            self.open.discard(stream)
            self.fanout.leave(member)
            await ended(catching)

    def look(self, now: float) -> None:
        for stream in tuple(self.open):
            stream.look(now)

    def drain(self) -> None:
        """Streams end without saying that they are complete, so that clients come back."""
        self.is_draining = True
        for stream in tuple(self.open):
            stream.end()


class _Held(StreamingResponse):
    """Holds a seat until the client is gone, also where it went before the first word."""

    def __init__(self, stream: "Stream", viewer: Viewer, body: AsyncGenerator[str, None], **more: Any) -> None:
        super().__init__(body, **more)
        self._stream, self._viewer, self._body = stream, viewer, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = self._stream.task = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._stream.is_over or task is None or task.uncancel():
                raise  # else it is `look` that gave up on who does not read
        finally:
            self._stream.task = None
            await self._body.aclose()
            self._stream.streams.seats.leave(self._viewer.subject)


class Stream:
    """One subscriber's stream, as a Sink."""

    def __init__(self, streams: Streams, kind: Kind, expires_at: float | None) -> None:
        self.kind, self.streams, self._expires_at = kind, streams, expires_at
        self._outbox = Outbox(streams.settings.max_pending)
        self._news = asyncio.Event()
        self.is_over = False
        self.task: asyncio.Task[Any] | None = None
        self._over_since: float | None = None
        self._beat_due = streams.clock() + streams.settings.ping_seconds

    def give(self, message: Message) -> None:
        self._outbox.put(Frame(_KEY, message.payload, self.kind.prefix, self.kind.suffix), self.streams.clock)
        self._news.set()

    async def give_in_turn(self, message: Message) -> None:
        await self._outbox.room()
        self.give(message)

    async def next(self) -> str | None:
        """What is to be sent next; None: it is over."""
        while not self.is_over:
            frame = self._outbox.take()
            if frame is not None:
                return frame.text()
            self._news.clear()
            await self._news.wait()
        return None

    def caught_up(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self._fail(task.exception())

    def _fail(self, error: BaseException | None) -> None:
        """The history cannot be read: the client is told, and may come back with the same cursor."""
        code = error.code if isinstance(error, BusUnavailable) else "INTERNAL"
        body = {"errors": [{"message": str(BusUnavailable()), "extensions": {"code": code}}]}
        self._outbox.put(
            Frame(None, orjson.dumps(body).decode(), self.kind.prefix, self.kind.suffix), self.streams.clock
        )
        self._outbox.put(Frame(None, self.kind.end), self.streams.clock)
        self._news.set()

    def look(self, now: float) -> None:
        lagging = self._outbox.lagging_since
        if self._over_since is not None:
            if now - self._over_since > CLOSE_SECONDS and self.task is not None:
                self.task.cancel()
                self.task = None  # once: it has seats to give back
        elif lagging is not None and now - lagging > self.streams.settings.slow_seconds:
            self.end()
        elif self._expires_at is not None and time.time() >= self._expires_at:
            self.end()  # whoever it was comes back with a token that holds
        elif now >= self._beat_due and not len(self._outbox):
            self._beat_due = now + self.streams.settings.ping_seconds
            self._outbox.put(Frame(None, self.kind.beat), self.streams.clock)
            self._news.set()

    def end(self) -> None:
        self.is_over, self._over_since = True, self.streams.clock()
        self._news.set()


def _refusal(status: int, errors: list[dict[str, Any]]) -> Response:
    return Response(
        orjson.dumps({"errors": errors}), status, {"Cache-Control": "no-store"}, "application/json; charset=utf-8"
    )
