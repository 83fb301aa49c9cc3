"""A home-made contract server: a sandbox system with something between it and whoever asks, wrong in one thing."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import yaml
from starlette.applications import Starlette

from sandbox.facts import Dataset
from sandbox.serve import apps
from sources.conformance import Finding, Params, check

FACTS = Path(__file__).parent / "contract_facts.yaml"
URL = "http://system"
TOKEN = "sandbox"
SAMPLES = {
    "sku": ["TAPE-48", "BOX-S", "BOX-M", "GLOVE-L"],
    "customer": ["C1", "C5"],
    "order": ["1002", "1003"],
    "shipment": ["SH1", "SH2"],
    "warehouse": ["RNO", "YYZ"],
    "trackingNumber": ["1Z001", "1Z002"],
}


class Got(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return msgspec.json.decode(self.body)

    def with_data(self, data: object) -> "Got":
        return self._replace(body=msgspec.json.encode(data))


class Asked(NamedTuple):
    method: str
    path: str
    params: Params
    json: object | None
    token: str | None

    def keys(self, name: str) -> list[str]:
        return [value for key, value in self.params if key == name]


Handler = Callable[[Asked], Awaitable[Got]]
Twist = Callable[[Handler, Asked], Awaitable[Got]]
"""A server between the check and the sandbox, wrong in one thing."""


async def faithful(sandbox: Handler, asked: Asked) -> Got:
    return await sandbox(asked)


async def conform(
    app: Starlette,
    role: str,
    twist: Twist = faithful,
    *,
    token: str = TOKEN,
    samples: Mapping[str, Sequence[str]] = SAMPLES,
    write: bool = False,
) -> list[Finding]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=URL) as client:

        async def sandbox(asked: Asked) -> Got:
            headers = {"Authorization": f"Bearer {asked.token}"} if asked.token else {}
            content = None if asked.json is None else msgspec.json.encode(asked.json)
            reply = await client.request(
                asked.method, asked.path, params=list(asked.params), content=content, headers=headers
            )
            return Got(reply.status_code, reply.headers, reply.content)

        async def send(method: str, url: str, /, *, params: Params, json: object | None, token: str | None) -> Got:
            return await twist(sandbox, Asked(method, url.removeprefix(URL), params, json, token))

        return await check(URL, role=role, token=token, samples=samples, get=send, write=write)


def systems() -> dict[str, Starlette]:
    """The four over tests/contract_facts.yaml, where every operation has something to answer."""
    return apps(Dataset.from_builtins(yaml.safe_load(FACTS.read_text(encoding="utf-8"))))


def changed(path: str, change: Callable[[Any, Asked], Any], *, method: str | None = None) -> Twist:
    """Answers a good question to `path` with what `change` makes of the answer's data."""

    async def twist(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        is_it = asked.path == path and method in {None, asked.method} and got.status < httpx.codes.BAD_REQUEST
        return got.with_data(change(got.data, asked)) if is_it else got

    return twist


Told = tuple[str, str, str, str]
"""Severity, operation, place and what is told."""


def error(operation: str, where: str, what: str) -> Told:
    return "error", operation, where, what


def rows(member: str, change: Callable[[list[Any], Asked], Sequence[Any]]) -> Callable[[Any, Asked], Any]:
    """Changes the rows under a member."""
    return lambda data, asked: {**data, member: change(data[member], asked)}


def each(member: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Any, Asked], Any]:
    """Changes every row under a member."""
    return rows(member, lambda found, _: [{**row, **change(row)} for row in found])


def value(asked: Asked, name: str) -> str | None:
    return next(iter(asked.keys(name)), None)


def without(name: str, *, only: str = "") -> Callable[[Asked], Asked]:
    """The question as a server hears it that passes over a parameter (or over one value of it)."""
    return lambda asked: asked._replace(
        params=[pair for pair in asked.params if pair[0] != name or (only and pair[1] != only)]
    )


def deaf(path: str, hears: Callable[[Asked], Asked]) -> Twist:
    async def twist(sandbox: Handler, asked: Asked) -> Got:
        return await sandbox(hears(asked) if asked.path == path else asked)

    return twist


def refuses(path: str, *, code: str, reason: str) -> Twist:
    """Refuses every sample order as the business may; what must be refused keeps its own refusal."""

    async def twist(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        if (asked.method, asked.path) != ("POST", path) or got.status not in {200, 201}:
            return got
        error = {"code": code, "reason": reason, "message": "Not today.", "path": None}
        return Got(422, {"Content-Type": "application/json"}, msgspec.json.encode({"error": error}))

    return twist


def cut(path: str, when: Callable[[Asked], bool] = lambda _: True) -> Twist:
    """A server that lets go of the connection on one path, where the question is of one kind."""

    async def twist(sandbox: Handler, asked: Asked) -> Got:
        if asked.path == path and when(asked):
            raise ConnectionResetError(104, "Connection reset by peer")
        return await sandbox(asked)

    return twist


def refusals(on: str, status: int, **members: str) -> Twist:
    """A server whose refusals say something else."""

    async def twist(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        is_it = asked.path == on and got.status == status
        return got.with_data({"error": {**got.data["error"], **members}}) if is_it else got

    return twist


def raw(path: str, change: Callable[[Got], Got]) -> Twist:
    async def twist(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        return change(got) if asked.path == path and got.status == 200 else got

    return twist
