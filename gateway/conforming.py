"""`crossdock conform`: the conformance checker, given a way to send."""

import json as jsonlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import httpx

from sources.conformance import Params, check, report

TIMEOUT_SECONDS = 10.0


class HttpReply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Sender:
    """Sends what the checker asks; what goes wrong on the way is an OSError."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def __call__(
        self, method: str, url: str, /, *, params: Params, json: object | None, token: str | None
    ) -> HttpReply:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        content = None if json is None else jsonlib.dumps(json).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            reply = await self._client.request(method, url, params=tuple(params), content=content, headers=headers)
        except httpx.TimeoutException as error:
            raise TimeoutError(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise ConnectionError(type(error).__name__) from error
        return HttpReply(reply.status_code, reply.headers, reply.content)


async def conformed(
    url: str, *, role: str, token: str, write: bool = False, samples: Sequence[str] = ()
) -> tuple[str, bool]:
    """The report, and whether nothing breaks the contract. `samples` are written "customer=C1"."""
    named: dict[str, list[str]] = {}
    for sample in samples:
        name, _, value = sample.partition("=")
        named.setdefault(name, []).append(value)
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        findings = await check(url, role=role, token=token, samples=named or None, get=Sender(client), write=write)
    return report(findings), not any(finding.severity == "error" for finding in findings)
