"""A vendor's own description of its API as the judge of what it is asked: Prism over it, as a process of its own."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.requests import Request

from sources.ending import ended

PRISM = Path(__file__).parent / "prism" / "node_modules" / ".bin" / "prism"


def description(name: str) -> Path | None:
    """Where it stands beside a checkout; None where it does not."""
    places = [each / "shared" / "data" / "vendor-specs" / name for each in Path(__file__).parents]
    return next((each for each in places if each.is_file()), None)


def prism() -> str:
    """The program. Where it is not there the test is skipped; with a description there, CI must have it."""
    if PRISM.is_file() and shutil.which("node") is not None:
        return str(PRISM)
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have node, and `make prism` must have been run")
    pytest.skip("Prism is not installed (`make prism`)")


class Judge:
    """Told of a request, it says what the description has against it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def of_request(self, request: Request) -> list[dict[str, Any]]:
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "accept-encoding"}}
        path = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
        return await self.of(request.method, path, headers=headers, content=await request.body())

    async def of(self, method: str, path: str, **sent: Any) -> list[dict[str, Any]]:
        """What is wrong with the request itself; answers of Prism's own making are no concern."""
        answer = await self._client.request(method, path, **sent)
        found: list[dict[str, Any]] = msgspec.json.decode(answer.headers.get("sl-violations", "[]"))
        wrong = [each for each in found if each["location"][0] == "request"]
        assert wrong or answer.is_success, f"Prism says {answer.status_code} and not why"
        return wrong


@asynccontextmanager
async def judge_by(file: Path) -> AsyncIterator[Judge]:
    program = prism()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        program, "mock", "-h", "127.0.0.1", "-p", str(port), str(file),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    draining: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(60):
            await _listening(process)
        draining = asyncio.create_task(_drained(process))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
            yield Judge(client)
    finally:
        await ended(draining)
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listening(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"is listening" in line:
            return
    raise AssertionError("Prism did not start")


async def _drained(process: asyncio.subprocess.Process) -> None:
    """It logs each request: a pipe that nobody reads would hold it up."""
    assert process.stdout is not None
    while await process.stdout.read(65_536):
        pass
