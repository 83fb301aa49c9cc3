"""The whole of it over real sockets: four sandbox systems over given facts, and a gateway over them, in one event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from gateway import serving
from gateway.app import create_app
from gateway.settings import settings_from
from sandbox.facts import Dataset
from sandbox.serve import apps
from sources.authorities import trusted
from sources.ending import ended

CALM = {"retry": {"attempts": 1}, "breaker": {"minimum": 1_000, "window": 1_000}}
"""Each call is made once and always: what retries and breakers do has tests of its own, and these count calls."""

QUIET: dict[str, Any] = {"submissions": {"enabled": False}, "garbage_collection": "python"}
"""Submissions are one for a process: the tests of those switch them on. The collector is tuned once for all tests."""

ROLES = ("erp", "crm", "wms", "carrier")
NOTHING: Mapping[str, Mapping[str, Any]] = {}


class _Served:
    """One application on a port of its own."""

    def __init__(self, app: Starlette) -> None:
        # asyncio turns Nagle's algorithm off only where the protocol is named, and every answer would wait 40 ms for it.
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self._config = serving.config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        self._server = serving.Server(self._config, app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    async def open(self) -> None:
        self._config.load()
        self._server.lifespan = self._config.lifespan_class(self._config)
        await self._server.startup(sockets=[self._listening])
        self._ticking = asyncio.create_task(self._server.main_loop())

    async def close(self) -> None:
        await ended(self._ticking)  # told to end, it would look only every tenth of a second
        await self._server.shutdown(sockets=[self._listening])


@asynccontextmanager
async def served_each(apps: Mapping[str, Starlette]) -> AsyncIterator[dict[str, str]]:
    """Serve each on a port of its own; yields their addresses by name. They stop together, for each takes a tenth of a second."""
    running: dict[str, _Served] = {}
    try:
        for name, app in apps.items():
            one = _Served(app)
            await one.open()
            running[name] = one
        yield {name: each.url for name, each in running.items()}
    finally:
        await asyncio.gather(*(each.close() for each in running.values()))


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """Serve on a port of its own; yields the address."""
    async with served_each({"it": app}) as addresses:
        yield addresses["it"]


class Stack:
    def __init__(self, client: httpx.AsyncClient, addresses: Mapping[str, str], app: Starlette) -> None:
        self.client = client
        self.addresses = addresses
        self.app = app

    @property
    def url(self) -> str:
        return str(self.client.base_url).rstrip("/")

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        answer = await self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        body: dict[str, Any] = answer.json()
        return body

    async def calls(self) -> dict[str, int]:
        """How often each operation was called since the last look."""
        counted: dict[str, int] = {}
        for role in ROLES:
            url = f"{self.addresses[role]}/_sandbox/calls"
            counted |= (await self.client.get(url)).json()["operations"]
            await self.client.delete(url)
        return counted

    async def fault(self, role: str, **fault: Any) -> None:
        answer = await self.client.put(f"{self.addresses[role]}/_sandbox/faults", json=fault)
        assert answer.is_success, answer.text

    async def mend(self) -> None:
        for role in ROLES:
            await self.client.delete(f"{self.addresses[role]}/_sandbox/faults")


@asynccontextmanager
async def stack_over(
    dataset: Dataset,
    *,
    timeout_seconds: float = 1.0,
    instead: Mapping[str, Mapping[str, Any]] = NOTHING,
    manner: Mapping[str, Any] = CALM,
    **settings: Any,
) -> AsyncIterator[Stack]:
    """`instead`: by role, the settings of another system than the sandbox's. `manner`: how systems are asked."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(served_each(apps(dataset)))
        sources = {
            role: {"url": addresses[role], "token": "sandbox", "timeout_seconds": timeout_seconds, **manner}
            for role in ROLES
        }
        sources |= {role: {**chosen, **manner} for role, chosen in instead.items()}
        given = {"mode": "development", "sources": sources, "cache": {"enabled": False}, **QUIET, **settings}
        chosen = settings_from(given, origin="test")  # every call is counted, so nothing is remembered unless told
        app = create_app(chosen)
        gateway = await stack.enter_async_context(served(app))
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=gateway, timeout=10, trust_env=False, verify=trusted())
        )
        yield Stack(client, addresses, app)
