"""A vendor's server, what stands before it, and the connector over it, as the gateway makes one: over a real socket."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, cast

import uvicorn
from starlette.types import ASGIApp
from upstream import Clock
from uvicorn.server import ServerState

from sources.breaker import BreakerSettings
from sources.call import CallContext, CallMade, Deadline
from sources.endpoint import Endpoint
from sources.errors import SourceError
from sources.grant import CLIENT_CREDENTIALS, AuthSettings
from sources.http import SourceClient
from sources.retry import RetrySettings
from sources.viewer import SERVICE_DESK
from tests.connectors.between import TOKEN_PATH, Between
from tests.connectors.case import Case

TIMEOUT_SECONDS = 5.0
_NEVER_OPEN = BreakerSettings(window=1_000, minimum=1_000)


class Running(NamedTuple):
    """`clock` is what the client lives by: tokens age by it, and sources are left alone by it."""

    case: Case
    connector: Any
    server: Between
    client: SourceClient
    endpoint: Endpoint
    clock: Clock
    made: list[CallMade]

    def call(self, seconds: float = 10.0) -> CallContext:
        """One that shares nothing with another."""
        return CallContext(SERVICE_DESK, Deadline(time.monotonic() + seconds), "id-1", self.made.append, 0)


@asynccontextmanager
async def running(case: Case, *, timeout_seconds: float = TIMEOUT_SECONDS, attempts: int = 1) -> AsyncIterator[Running]:
    kind = case.manifest.roles[case.role]
    server, clock = Between(case.server(), case.is_sign_in, case.is_prepared), Clock()
    async with listening(server) as url:
        endpoint = Endpoint(
            name=case.role,
            url=url + case.path,
            system=case.manifest.name,
            auth=_auth(case.auth, url),
            timeout_seconds=timeout_seconds,
            retry=RetrySettings(attempts=attempts, base_seconds=0),
            breaker=_NEVER_OPEN,
        )
        grant = getattr(kind, "grant", CLIENT_CREDENTIALS)
        async with SourceClient(endpoint, reason=kind.reason, grant=grant, clock=clock) as client:
            yield Running(
                case, case.manifest.connector(case.role, client, case.options), server, client, endpoint, clock, []
            )


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """What uvicorn serves with, without its clock, by which each of many tests would wait a tenth of a second. Yields the address."""
    config = uvicorn.Config(app, http="httptools", ws="none", lifespan="off", log_level="error", access_log=False)
    config.load()
    state, made = (
        ServerState(),
        cast("Any", config.http_protocol_class),
    )  # the type that all its protocols share is not their own
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    listening = await asyncio.get_running_loop().create_server(
        lambda: made(config=config, server_state=state, app_state={}), sock=bound
    )
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        listening.close()
        for connection in list(state.connections):
            connection.shutdown()
        async with asyncio.timeout(5):
            await asyncio.gather(*state.tasks)


def _auth(given: Mapping[str, str], url: str) -> AuthSettings:
    if "client_id" not in given:
        return AuthSettings(**given)
    where = given.get("token_url", TOKEN_PATH)
    return AuthSettings(**{**given, "token_url": url + where if where.startswith("/") else where})


async def outcome(asking: Any) -> Any:
    """What came of it: an answer, or the error."""
    try:
        return await asking
    except SourceError as error:
        return error


def errors(came: Any) -> list[SourceError]:
    """A call that failed as a whole, or each key that did; empty where anything was answered."""
    if isinstance(came, SourceError):
        return [came]
    held = list(came.values()) if isinstance(came, Mapping) else [came]
    return held if held and all(isinstance(each, SourceError) for each in held) else []
