"""GraphQL over WebSocket: graphql-transport-ws and nothing else. Queries and mutations go over it, too."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.types import Message as AsgiMessage
from starlette.types import Receive, Scope, Send

from gateway import body, messages
from gateway.admission import Seats, is_own_page
from gateway.auth import Unauthenticated
from gateway.errors import MASKED
from gateway.event_settings import SubscriptionSettings
from gateway.fanout import Fanout, Member, Message
from gateway.intake import Intake, Taken
from gateway.messages import Close, Complete, Init, Malformed, Ping, Said, Subscribe
from gateway.operations import Asking, Operations
from gateway.outbox import CLOSE_SECONDS, Frame, Outbox
from gateway.subscription import Refused, Subscription, subscription_of
from resolvers.errors import ClientError
from sources.bus import BusUnavailable
from sources.ending import ended
from sources.viewer import Viewer

_log = logging.getLogger("crossdock.errors")
_NOTHING: Mapping[str, object] = {}
Closed = tuple[int, str]


class Sockets:
    """All the sockets of this process, and what they share. `look` is called again and again: pings, patience, and who is too slow."""

    def __init__(
        self,
        fanout: Fanout,
        settings: SubscriptionSettings,
        *,
        intake: Intake,
        operations: Operations,
        seats: Seats,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.fanout, self.settings, self.intake, self.seats = fanout, settings, intake, seats
        self.operations = operations
        self.clock = clock
        self.open: set[Connection] = set()
        self.is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        is_full = self.is_draining or len(self.open) >= self.settings.max_connections
        if is_full or not is_own_page(headers, self.settings.allowed_origins):
            await send({"type": "websocket.close", "code": Close.FORBIDDEN})  # before it is accepted: HTTP 403
            return
        connection = Connection(self, headers.get("authorization", ""), receive, send)
        self.open.add(connection)
        try:
            await connection.run(is_spoken=messages.PROTOCOL in scope.get("subprotocols", ()))
        finally:
            self.open.discard(connection)

    def look(self, now: float) -> None:
        for connection in tuple(self.open):
            connection.look(now)

    def drain(self) -> None:
        """Every client is told to come back elsewhere."""
        self.is_draining = True
        for connection in tuple(self.open):
            connection.close(Close.RESTART, "The gateway restarts: come back.")


class Connection:
    """One socket. `operations`: what runs on it, by the client's ids: a subscription's member, or the task of anything else."""

    __slots__ = (
        "_authorization",
        "_closing",
        "_due",
        "_is_given_up",
        "_outbox",
        "_receive",
        "_seat",
        "_send",
        "_sender",
        "_sockets",
        "_task",
        "_tasks",
        "_viewer",
        "expires_at",
        "operations",
    )

    def __init__(self, sockets: Sockets, authorization: str, receive: Receive, send: Send) -> None:
        self._sockets, self._authorization, self._receive, self._send = sockets, authorization, receive, send
        self._viewer: Viewer | None = None
        self._seat: str | None = None
        self._outbox = Outbox(sockets.settings.max_pending)
        self._sender: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] | None = None
        self._closing: Closed | None = None
        self._task = asyncio.current_task()
        self._is_given_up = False
        self._due = (sockets.clock() + sockets.settings.init_seconds, False)
        self.expires_at: float | None = None
        self.operations: dict[str, Member | asyncio.Task[None] | None] = {}

    # ------------------------------------------------------------ its life

    async def run(self, *, is_spoken: bool) -> None:
        first = await self._receive()
        if first["type"] != "websocket.connect":
            return
        await self._send({"type": "websocket.accept", "subprotocol": messages.PROTOCOL if is_spoken else None})
        if not is_spoken:
            self.close(Close.NOT_ACCEPTABLE, "Subprotocol not acceptable")
        try:
            while (said := await self._receive())["type"] == "websocket.receive":
                if self._closing is None:
                    await self._hear(said)
        except asyncio.CancelledError:
            if not self._is_given_up or self._task is None or self._task.uncancel():
                raise  # else it is `look` that gave up: the client does not even read why it was sent away
        finally:
            await self._end()

    async def _end(self) -> None:
        for identity in tuple(self.operations):
            self._stop(identity)
        if self._seat is not None:
            self._sockets.seats.leave(self._seat)
        await ended(self._sender, *(self._tasks or ()))

    def look(self, now: float) -> None:
        """A client that says nothing, reads nothing, or is no longer who it was, is sent away."""
        settings, lagging = self._sockets.settings, self._outbox.lagging_since
        due, is_pinged = self._due
        if self._closing is not None:
            if now >= due and self._task is not None and not self._is_given_up:
                self._is_given_up = True
                self._task.cancel()
            return
        if lagging is not None and now - lagging > settings.slow_seconds:
            self.close(Close.TRY_LATER, "Too slow: what was sent was not read.")
        elif self.expires_at is not None and time.time() >= self.expires_at:
            self.close(Close.FORBIDDEN, "The token has expired.")
        elif now < due:
            return
        elif self._viewer is None:
            self.close(Close.TIMED_OUT, "Connection initialisation timeout")
        elif is_pinged:
            self.close(Close.TIMED_OUT, "Pong timeout")
        else:
            self._due = (now + settings.pong_seconds, True)
            self._put(Frame(None, messages.message("ping")))

    @property
    def is_closing(self) -> bool:
        """Whether the client is being sent away."""
        return self._closing is not None

    def close(self, code: int, why: str) -> None:
        """What waits is not sent any more. The first reason stands."""
        if self._closing is None:
            self._closing = (code, messages.reason(why))
            self._due = (self._sockets.clock() + CLOSE_SECONDS, False)
            self._wake()

    # ------------------------------------------------------------ what the client says

    async def _hear(self, said: AsgiMessage) -> None:
        text = said.get("text")
        if text is None:
            self.close(Close.BAD_REQUEST, "Invalid message: it is no text")
            return
        try:
            understood = messages.understood(text)
        except Malformed as malformed:
            self.close(Close.BAD_REQUEST, str(malformed))
            return
        if self._viewer is not None:
            self._due = (self._sockets.clock() + self._sockets.settings.ping_seconds, False)
        await self._obey(understood)

    async def _obey(self, said: Said) -> None:
        if isinstance(said, Init):
            await self._begin(said)
        elif isinstance(said, Ping):
            self._put(Frame(None, messages.message("pong", said.payload)))
        elif isinstance(said, Subscribe):
            self._subscribe(said)
        elif isinstance(said, Complete):
            self._stop(said.id)

    async def _begin(self, said: Init) -> None:
        if self._seat is not None:
            self.close(Close.TOO_MANY_INITS, "Too many initialisation requests")
            return
        try:
            authenticator = self._sockets.intake.reception.authenticator
            admitted = await authenticator.known(_authorization(said.payload) or self._authorization)
        except Unauthenticated as refused:
            self.close(Close.FORBIDDEN, str(refused))
            return
        if not self._sockets.seats.take(admitted.viewer.subject):
            self.close(Close.TRY_LATER, "Too many connections.")
            return
        self._seat, self._viewer, self.expires_at = admitted.viewer.subject, admitted.viewer, admitted.expires_at
        self._due = (self._sockets.clock() + self._sockets.settings.ping_seconds, False)
        self._put(Frame(None, messages.message("connection_ack")))

    def _subscribe(self, said: Subscribe) -> None:
        if self._viewer is None:
            self.close(Close.UNAUTHORIZED, "Unauthorized")
        elif said.id in self.operations:
            self.close(Close.ALREADY_EXISTS, f"Subscriber for {said.id} already exists")
        elif len(self.operations) >= self._sockets.settings.max_operations:
            limit = self._sockets.settings.max_operations
            why = f"At most {limit} operations run on one connection."
            self._fail(said.id, [_error(why, "LIMIT_EXCEEDED", secrets.token_hex(16))])
        else:
            self.operations[said.id] = None
            self._run(said.id, self._carried_out(said, self._viewer))

    def _run(self, identity: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        if self._tasks is None:
            self._tasks = set()
        self._tasks.add(task)
        self.operations[identity] = task
        task.add_done_callback(self._ran)

    def _ran(self, task: asyncio.Task[None]) -> None:
        if self._tasks is not None:
            self._tasks.discard(task)
            self._tasks = self._tasks or None

    def _stop(self, identity: str) -> None:
        running = self.operations.pop(identity, None)
        self._outbox.drop(identity)
        if isinstance(running, Member):
            self._sockets.fanout.leave(running)
        elif running is not None:
            running.cancel()

    # ------------------------------------------------------------ operations

    async def _carried_out(self, said: Subscribe, viewer: Viewer) -> None:
        correlation_id = secrets.token_hex(16)
        try:
            await self._operate(said, viewer, correlation_id)
        except Exception:  # noqa: BLE001 - the operation ends, and nothing else does
            _log.exception("masked error, correlation id %s", correlation_id)
            self._fail(said.id, [_error(MASKED, "INTERNAL", correlation_id)])

    async def _operate(self, said: Subscribe, viewer: Viewer, correlation_id: str) -> None:
        try:
            taken = await self._sockets.intake.said(said.body, viewer)
        except (body.Refused, ClientError) as refused:
            more = refused.more if isinstance(refused, body.Refused) else refused.extensions
            status = refused.status if isinstance(refused, body.Refused) else body.BAD_REQUEST
            self._sockets.operations.telemetry.refused(
                correlation_id, status=status, code=refused.code, caller=viewer.subject
            )
            self._fail(said.id, [_error(str(refused), refused.code, correlation_id, more)])
            return
        if taken.is_subscription:
            await self._begun(said.id, taken, viewer, correlation_id=correlation_id)
        else:
            await self._answered(said.id, taken, viewer, correlation_id=correlation_id)

    async def _begun(self, identity: str, taken: Taken, viewer: Viewer, *, correlation_id: str) -> None:
        try:
            subscription = subscription_of(taken.request, taken.prepared, correlation_id=correlation_id)
            await self._follow(identity, subscription, viewer)
        except Refused as refused:
            self._fail(identity, refused.errors)
        except BusUnavailable as error:
            self._fail(identity, [_error(str(error), error.code, correlation_id)])

    async def _answered(self, identity: str, taken: Taken, viewer: Viewer, *, correlation_id: str) -> None:
        """A query or a mutation."""
        asking = Asking(viewer, correlation_id, "websocket")
        async with self._sockets.operations.running(taken, asking) as running:
            answer = await running.answer()
        if not answer.executed:
            self._fail(identity, answer.body["errors"])
            return
        if self.operations.pop(identity, None) is not None:
            self._put(Frame(None, orjson.dumps(answer.body).decode(), messages.next_prefix(identity), "}"))
            self._put(Frame(None, messages.completed(identity)))

    async def _follow(self, identity: str, subscription: Subscription, viewer: Viewer) -> None:
        """Its task ends when it has caught up; from then on it is told by its group."""
        member = self._sockets.fanout.join(subscription, viewer, _Sink(self, identity))
        try:
            await self._sockets.fanout.catch_up(member)
        except BaseException:
            self._sockets.fanout.leave(member)
            raise
        else:
            self.operations[identity] = member

    def _fail(self, identity: str, errors: list[dict[str, Any]]) -> None:
        """It ends; the socket, and all else that runs on it, does not."""
        self.operations.pop(identity, None)
        self._put(Frame(None, messages.error(identity, errors)))

    # ------------------------------------------------------------ what the client is told

    def _put(self, frame: Frame) -> None:
        if self._closing is not None:
            return
        self._outbox.put(frame, self._sockets.clock)
        if len(self._outbox) > self._sockets.settings.most_waiting:
            self.close(Close.TRY_LATER, "Too slow: what was asked for was not read.")
        self._wake()

    def tell(self, identity: str, prefix: str, payload: str) -> None:
        self._put(Frame(identity, payload, prefix, "}"))

    async def room(self) -> None:
        await self._outbox.room()

    def _wake(self) -> None:
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_all())

    async def _send_all(self) -> None:
        """A task only while there is something to send: an idle connection has none."""
        send, take = self._send, self._outbox.take
        with suppress(OSError, RuntimeError):  # the client is gone: the receiving end says so, too
            while self._closing is None and (frame := take()) is not None:
                await send({"type": "websocket.send", "text": frame.text()})
            if self._closing is not None:
                code, why = self._closing
                await send({"type": "websocket.close", "code": code, "reason": why})


class _Sink:
    """A subscription's way to its client: the answer, with the client's own id before it."""

    __slots__ = ("_connection", "_identity", "_prefix")

    def __init__(self, connection: Connection, identity: str) -> None:
        self._connection, self._identity = connection, identity
        self._prefix = messages.next_prefix(identity)

    def give(self, message: Message) -> None:
        self._connection.tell(self._identity, self._prefix, message.payload)

    async def give_in_turn(self, message: Message) -> None:
        await self._connection.room()
        self.give(message)


def _authorization(payload: dict[str, Any] | None) -> str:
    given = next((value for name, value in (payload or {}).items() if name.lower() == "authorization"), "")
    return given if isinstance(given, str) else ""


def _error(message: str, code: str, correlation_id: str, more: Mapping[str, object] = _NOTHING) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, **more, "correlationId": correlation_id}}
