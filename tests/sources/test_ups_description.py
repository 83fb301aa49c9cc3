"""UPS's own description of its API has nothing against our requests: Prism stands over it as a process and looks at each of them."""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from carriers import connector_over
from starlette.requests import Request
from starlette.responses import Response
from upstream import call

from sources.ending import ended
from sources.errors import SourceContractBroken
from sources.ups.carrier import UpsCarrier

PRISM = Path(__file__).parents[1] / "prism" / "node_modules" / ".bin" / "prism"
SPECS = [each / "shared" / "data" / "vendor-specs" / "ups-tracking.yaml" for each in Path(__file__).parents]
SPEC = next((each for each in SPECS if each.is_file()), None)
NUMBER = "1Z023E2X0214323462"


class Judged:
    """Stands before Prism: passes on what it is asked, and keeps what Prism found wrong with it."""

    def __init__(self, prism: httpx.AsyncClient) -> None:
        self._prism = prism
        self.statuses: list[int] = []
        self.violations: list[dict[str, Any]] = []

    async def answered(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode() + "?" + request.url.query
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "accept-encoding"}}
        answer = await self._prism.request(request.method, path, headers=headers)
        self.statuses.append(answer.status_code)
        self.violations += json.loads(answer.headers.get("sl-violations", "[]"))
        return Response(answer.content, status_code=answer.status_code, media_type="application/json")

    @property
    def of_requests(self) -> list[dict[str, Any]]:
        return [each for each in self.violations if each["location"][0] == "request"]


def prism() -> str:
    """Where the description or Prism is not there the test is skipped; with the description there, CI must have Prism."""
    if SPEC is None:
        pytest.skip("UPS's description stands beside a checkout only")
    if PRISM.is_file() and shutil.which("node") is not None:
        return str(PRISM)
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have node, and `make prism` must have been run")
    pytest.skip("Prism is not installed (`make prism`)")


async def listening(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"is listening" in line:
            return
    raise AssertionError("Prism did not start")


async def drained(process: asyncio.subprocess.Process) -> None:
    """It logs each request: a pipe that nobody reads would hold it up."""
    assert process.stdout is not None
    while await process.stdout.read(65_536):
        pass


@pytest.fixture(scope="module")
async def judged() -> AsyncIterator[Judged]:
    program = prism()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        program, "mock", "-h", "127.0.0.1", "-p", str(port), str(SPEC),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            await listening(process)
        draining = asyncio.create_task(drained(process))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
            yield Judged(client)
        await ended(draining)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_upss_description_has_nothing_against_our_request(judged: Judged) -> None:
    async with connector_over(UpsCarrier, judged, timeout_seconds=10) as ups:
        with pytest.raises(SourceContractBroken) as raised:
            await ups.tracking(call(20), "UPS", [NUMBER])
    # What it answers is made from the description: `"date": "string"`. That is no day, and is said where it stands.
    assert raised.value.path == "$.trackResponse.shipment[0].package[0].deliveryDate[0].date"
    assert judged.statuses == [200]
    assert judged.of_requests == []


async def test_prism_would_have_said_what_is_wrong(judged: Judged) -> None:
    judged.statuses, judged.violations = [], []
    answer = await judged._prism.get(f"/track/v1/details/{NUMBER}", headers={"Authorization": "Bearer t"})  # noqa: SLF001 - past our door
    found = [each["message"] for each in json.loads(answer.headers["sl-violations"])]
    assert answer.status_code == 400
    assert found == [
        "Request header must have required property 'transid'",
        "Request header must have required property 'transactionsrc'",
    ]
