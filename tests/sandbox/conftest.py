"""The systems inside the test, and as processes."""

import asyncio
import json
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.data import load
from sandbox.facts import Dataset
from sandbox.serve import apps
from tests.sandbox.faulty import FACTS

ROOT = Path(__file__).parents[2]
WWI = ROOT.parent / "shared" / "data" / "wwi"
AUTHORIZED = {"Authorization": "Bearer sandbox"}
NAMES = ("erp", "crm", "wms", "carrier")

Clients = dict[str, httpx.AsyncClient]
Open = Callable[..., Awaitable[Clients]]


@pytest.fixture
async def systems() -> AsyncIterator[Open]:
    """Clients of the four systems over a block of facts, all in this process."""
    async with AsyncExitStack() as stack:

        async def opened(facts: dict[str, Any] | Dataset, journal: Path | None = None) -> Clients:
            dataset = facts if isinstance(facts, Dataset) else Dataset.from_builtins(facts)
            clients = {}
            for name, app in apps(dataset, journal).items():
                transport = httpx.ASGITransport(app=app)
                client = httpx.AsyncClient(transport=transport, base_url=f"http://{name}", headers=AUTHORIZED)
                clients[name] = await stack.enter_async_context(client)
            return clients

        yield opened


@pytest.fixture(scope="session")
def generated() -> Dataset:
    return load("generated")


@pytest.fixture(scope="session")
def wwi() -> Dataset:
    if not WWI.is_dir():
        pytest.skip(f"Wide World Importers' tables are not at {WWI}")
    return load(str(WWI))


class Sandbox:
    """One run of `python -m sandbox`."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.lines: list[str] = []

    def client(self, name: str) -> httpx.AsyncClient:
        url = f"http://127.0.0.1:{self.port + NAMES.index(name)}"
        return httpx.AsyncClient(base_url=url, headers=AUTHORIZED, timeout=5)

    def child(self, name: str) -> int:
        """Children are forked in the systems' order."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sorted(int(each) for each in listed)[NAMES.index(name)]

    async def ready(self) -> None:
        assert self.process.stdout
        async with asyncio.timeout(20):
            while (line := await self.process.stdout.readline()) and line != b"sandbox ready\n":
                self.lines.append(line.decode())

    async def ended(self) -> int:
        async with asyncio.timeout(10):
            return await self.process.wait()


def free_port() -> int:
    """The first of four in a row that nobody uses; looked for from anywhere, for other tests run at the same time."""
    for port in range(random.randrange(21_000, 31_000, 4), 32_000, 4):  # noqa: S311 - no secret
        if all(_is_free(port + at) for at in range(4)):
            return port
    raise AssertionError("no four free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


Start = Callable[..., Any]


@pytest.fixture
def facts_file(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    def written(facts: dict[str, Any]) -> Path:
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(facts))
        return path

    return written


@pytest.fixture
def start() -> Start:
    @asynccontextmanager
    async def started(*arguments: str, port: int | None = None) -> AsyncIterator[Sandbox]:
        chosen = port or free_port()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sandbox", "--port", str(chosen), *arguments),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        running = Sandbox(process, chosen)
        try:
            await running.ready()
            yield running
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await running.ended()

    return started


@pytest.fixture
async def erp(start: Start, facts_file: Callable[[dict[str, Any]], Path]) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(start("--data", str(facts_file(FACTS)), "--only", "erp"))
        yield await stack.enter_async_context(sandbox.client("erp"))
