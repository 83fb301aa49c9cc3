"""The server under check: asks it one thing at a time and writes down what is wrong with each answer by itself."""

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from sources.conformance.contract import Contract, Operation
from sources.conformance.finding import Finding, Severity

Params = Sequence[tuple[str, str]]

NOBODY = "crossdock-no-such-key"
"""A key no company has."""

_RATE_LIMITED = 429
_ASKED_AGAIN = 3
_LONGEST_WAIT = 10


class Reply(Protocol):
    """What came back over HTTP."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Send(Protocol):
    """Sends one request and returns whatever status comes back.

    `url` is absolute. `json` None means no body, `token` None means no Authorization header. Redirects are not followed. Each
    call is bounded in time; where no answer comes it raises OSError (TimeoutError and ConnectionError are).
    """

    async def __call__(
        self, method: str, url: str, /, *, params: Params, json: object | None, token: str | None
    ) -> Reply: ...


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: Any

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows under a member; what is malformed was already found by the schema and is left out."""
        value = self.body.get(name) if isinstance(self.body, dict) else None
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

    def text(self, name: str) -> str | None:
        value = self.body.get(name) if isinstance(self.body, dict) else None
        return value if isinstance(value, str) else None


class Server:
    def __init__(self, url: str, *, token: str, contract: Contract, send: Send) -> None:
        self.url = url.rstrip("/")
        self.token: str | None = token
        self.contract = contract
        self.findings: list[Finding] = []
        self._send = send
        self._told: set[tuple[str, str, str]] = set()

    def tell(self, operation: Operation, where: str, *, what: str, hint: str, severity: Severity = "error") -> None:
        """Writes a finding down, once for each operation, place and rule."""
        rule = (operation.label, where, hint)
        if rule not in self._told:
            self._told.add(rule)
            self.findings.append(Finding(severity, operation.label, where, what, hint))

    async def send(
        self, method: str, path: str, *, params: Params = (), body: object = None, token: str | None
    ) -> Reply:
        """One request; where the server says "too many" it waits as told, a few times."""
        reply = await self._send(method, self.url + path, params=params, json=body, token=token)
        for _ in range(_ASKED_AGAIN):
            if reply.status != _RATE_LIMITED:
                break
            await asyncio.sleep(min(_seconds(header(reply.headers, "Retry-After")), _LONGEST_WAIT))
            reply = await self._send(method, self.url + path, params=params, json=body, token=token)
        return reply

    async def ask(
        self,
        operation: Operation,
        params: Params = (),
        *,
        body: object = None,
        expect: Collection[int] = (200,),
        asked: str = "",
    ) -> Answer | None:
        """The answer, checked against the document; None, and a finding, where it is no answer to this question."""
        return await self._asked(operation, params, body=body, expect=expect, asked=asked, token=self.token)

    async def ask_as(
        self, token: str | None, operation: Operation, *, params: Params, body: object, expect: int, asked: str
    ) -> Answer | None:
        return await self._asked(operation, params, body=body, expect=(expect,), asked=asked, token=token)

    async def refused(
        self,
        operation: Operation,
        params: Params = (),
        *,
        body: object = None,
        code: str,
        path: str | None = None,
        asked: str,
    ) -> Answer | None:
        """Expects a 400 with this code, and with this path where one is named."""
        answer = await self.ask(operation, params, body=body, expect=(400,), asked=asked)
        error = answer.body.get("error") if answer and isinstance(answer.body, dict) else None
        if isinstance(error, dict):
            self._expect(operation, asked, member="code", wanted=code, found=error.get("code"))
            if path is not None:
                self._expect(operation, asked, member="path", wanted=path, found=error.get("path"))
        return answer

    def _expect(self, operation: Operation, asked: str, *, member: str, wanted: str, found: object) -> None:
        if found != wanted:
            self.tell(
                operation,
                f"$.error.{member}",
                what=f"{asked}: answered {found!r} where {wanted!r} is expected.",
                hint=f"The error envelope's {member} tells a program what to mend.",
            )

    async def _asked(
        self,
        operation: Operation,
        params: Params,
        *,
        body: object,
        expect: Collection[int],
        asked: str,
        token: str | None,
    ) -> Answer | None:
        send = self.send(operation.method, operation.path, params=params, body=body, token=token)
        reply = await self.told(operation, send, asked=asked)
        return (
            None
            if reply is None
            else self.read(operation, reply, expect=expect, asked=asked or "A well-formed request")
        )

    async def told(self, operation: Operation, send: Coroutine[Any, Any, Reply], *, asked: str) -> Reply | None:
        """The reply of a request on its way; None, and a finding, where none came."""
        try:
            return await send
        except OSError as error:
            self.tell(
                operation,
                "connection",
                what=f"{asked or 'A well-formed request'}: no answer ({error!r}).",
                hint="Every request is answered in time.",
            )
            return None

    def read(self, operation: Operation, reply: Reply, *, expect: Collection[int], asked: str) -> Answer | None:
        if reply.status not in expect:
            wanted = " or ".join(map(str, sorted(expect)))
            self.tell(
                operation,
                "status",
                what=f"{asked}: answered {reply.status} where {wanted} is expected. {excerpt(reply.body)}".rstrip(),
                hint=f"{asked} is answered {wanted}.",
            )
            return None
        answer = self._decoded(operation, reply)
        if answer is not None:
            for violation in self.contract.violations(operation, reply.status, answer.body):
                self.tell(
                    operation, violation.where, what=f"{violation.what} (status {reply.status})", hint=violation.hint
                )
        return answer

    def _decoded(self, operation: Operation, reply: Reply) -> Answer | None:
        kind = header(reply.headers, "Content-Type").partition(";")[0].strip().lower()
        if kind != "application/json":
            self.tell(
                operation,
                "header Content-Type",
                what=f"{kind or 'nothing'} on a {reply.status}.",
                hint="Every answer is application/json.",
            )
        try:
            return Answer(reply.status, reply.headers, msgspec.json.decode(reply.body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.tell(
                operation,
                "$",
                what=f"Not JSON on a {reply.status}: {excerpt(reply.body)}",
                hint="Every answer is JSON in UTF-8.",
            )
            return None


def header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def excerpt(body: bytes) -> str:
    return body[:160].decode("utf-8", "replace")


def identities(rows: Sequence[Mapping[str, Any]], members: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(str(row.get(member)) for member in members) for row in rows]


def _seconds(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() else 1
