"""Operations as ASGI endpoints: who asks, what is counted, which faults strike, and then the answer."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from inspect import isawaitable
from typing import Any, NamedTuple, TypeAlias

import msgspec
from starlette.types import Receive, Scope, Send

from sandbox.books import Books
from sandbox.call import Call
from sandbox.calls import Calls
from sandbox.clock import FrozenDay
from sandbox.faults import Fault, Faults
from sandbox.filler import Filler
from sandbox.problems import Problem, not_allowed
from sandbox.progress import Progress
from sandbox.query import Query
from sandbox.webhook import Webhook
from sandbox.wire import DRIP, FLOW, Answer, disconnected, drop, hang_up, read_body, send_answer, send_slowly

Handler: TypeAlias = Callable[[Call], Any]


class Operation(NamedTuple):
    """`keys` names the query parameter that the calls are counted by, or finds the keys in the body.

    A fault of one key fails only that key of a `batch`; what is no batch it fails as a whole.
    """

    method: str
    path: str
    handle: Handler
    keys: str | Callable[[Call], Sequence[str]] | None = None
    batch: bool = True

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def keys_of(self, call: Call) -> Sequence[str]:
        if self.keys is None:
            return ()
        if isinstance(self.keys, str):
            return call.query.all(self.keys)
        try:
            return self.keys(call)
        except Problem:
            return ()


class Made(NamedTuple):
    """An answer with another status than 200."""

    status: int
    body: Any


class System(NamedTuple):
    """One of the four: its name, what it knows, and what is to go wrong."""

    name: str
    books: Books
    clock: FrozenDay
    token: str
    faults: Faults
    calls: Calls
    progress: Progress
    webhook: Webhook


class Endpoint:
    """All the operations of one path."""

    def __init__(self, system: System, operations: Sequence[Operation]) -> None:
        self._system = system
        self._operations = {operation.method: operation for operation in operations}
        self._authorization = f"Bearer {system.token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            operation = self._admit(scope)
            body = await read_body(receive)
        except Problem as problem:
            await send_answer(send, answer_of(problem))
            return
        books, clock = self._system.books, self._system.clock
        call = Call(Query(scope["query_string"]), body, books=books, clock=clock)
        keys = operation.keys_of(call)
        self._system.calls.count(operation.name, keys)
        self._system.calls.heard(operation.name, scope["headers"])
        faults = self._system.faults.drawn(operation.name, keys)
        if not faults:
            await send_answer(send, await self._answer(operation, call))
            return
        try:
            await self._strike(Struck(operation, call, faults), receive, send)
        except asyncio.CancelledError:
            # The server stops while a call hangs: uvicorn would answer it with a 500 of its own.
            hang_up(receive)
            raise

    def _admit(self, scope: Scope) -> Operation:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if not secrets.compare_digest(given, self._authorization):
            problem = Problem(401, "Give the sandbox's token as Authorization: Bearer.")
            problem.headers["WWW-Authenticate"] = "Bearer"
            raise problem
        operation = self._operations.get(scope["method"])
        if operation is None:
            raise not_allowed(scope["method"], list(self._operations))
        return operation

    async def _answer(self, operation: Operation, call: Call) -> Answer:
        try:
            call.books.catch_up()
            found = operation.handle(call)
            if isawaitable(found):
                found = await found
        except Problem as problem:
            return answer_of(problem)
        if isinstance(found, Made):
            return Answer(found.status, msgspec.json.encode(found.body))
        return Answer(200, msgspec.json.encode(found))

    async def _strike(self, struck: "Struck", receive: Receive, send: Send) -> None:
        faults = struck.faults
        # A slow system does its work even when nobody waits for it any more.
        await asyncio.sleep(sum(fault.latency_ms for fault in faults) / 1000)
        if any(fault.hang for fault in faults) and await self._or_gone(self._system.faults.cleared(), receive):
            return
        if any(fault.drop == "before" for fault in faults):
            await drop(receive)
            return
        answer = shaped(await self._struck_answer(struck), faults)
        if any(fault.drop == "after" for fault in faults):
            await drop(receive)
        else:
            await self._send(answer, faults, receive, send)

    async def _send(self, answer: Answer, faults: Sequence[Fault], receive: Receive, send: Send) -> None:
        whole = len(answer.body)
        most = min((fault.truncate for fault in faults if fault.truncate is not None), default=whole)
        pace = DRIP if any(fault.drip for fault in faults) else FLOW
        if pace is FLOW and most >= whole and isinstance(answer.body, bytes):
            await send_answer(send, answer)
            return
        if await self._or_gone(send_slowly(send, answer, pace, most), receive):
            return
        if most < whole:
            await drop(receive)

    async def _struck_answer(self, struck: "Struck") -> Answer:
        batch = struck.operation.batch
        failing = next((fault for fault in struck.faults if fault.fails_call or (fault.fails_key and not batch)), None)
        if failing is not None:
            return answer_of(failing.problem())
        for fault in struck.faults:
            if fault.redirect is not None:
                return Answer(302, b"", {"Location": fault.redirect})
        struck.call.settling = _settling(struck.faults)
        struck.call.failing = {fault.key: fault.problem() for fault in struck.faults if fault.fails_key and fault.key}
        answer = await self._answer(struck.operation, struck.call)
        if any(fault.garbage for fault in struck.faults):
            return Answer(200, answer.body[: max(len(answer.body) // 2, 1)])
        return answer

    async def _or_gone(self, work: Coroutine[Any, Any, None], receive: Receive) -> bool:
        """Whether the client went away before the work was over."""
        working = asyncio.ensure_future(work)
        watching = asyncio.ensure_future(disconnected(receive))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
            return not working.done()
        finally:
            for task in (working, watching):
                task.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)


class Struck(NamedTuple):
    operation: Operation
    call: Call
    faults: Sequence[Fault]


def _settling(faults: Sequence[Fault]) -> dict[str | None, float]:
    found: dict[str | None, float] = {}
    for fault in faults:
        found[fault.key] = max(found.get(fault.key, 0.0), fault.settle_ms / 1000)
    return found


def answer_of(problem: Problem) -> Answer:
    return Answer(problem.status, problem.body(), problem.headers)


def shaped(answer: Answer, faults: Sequence[Fault]) -> Answer:
    """The answer with the headers and the body that the faults give it; the last one's, where several do."""
    headers = dict(answer.headers)
    for fault in faults:
        headers |= fault.replaced
        if fault.body_bytes is not None:
            answer = answer._replace(body=Filler(fault.body_bytes))
    return answer._replace(headers=headers)
