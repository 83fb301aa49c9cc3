"""A gateway in a process of its own, to be attacked and measured."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 20
NOWHERE = dict.fromkeys(("erp", "crm", "wms", "carrier"), "http://127.0.0.1:9")
"""Systems that nobody starts: for what must never get as far as them."""


class GatewayProcess:
    """`cpu_ms` is the CPU that its loop has used, for other threads look into a queue all the while; `resident_mib` is its memory."""

    def __init__(self, pid: int, url: str, client: httpx.AsyncClient) -> None:
        self._pid, self.url, self.client = pid, url, client

    def cpu_ms(self) -> float:
        return int(Path(f"/proc/{self._pid}/schedstat").read_text().split()[0]) / 1e6

    def resident_mib(self) -> float:
        return int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    async def post(self, content: bytes, **headers: str) -> httpx.Response:
        return await self.client.post(
            "/graphql", content=content, headers={"Content-Type": "application/json", **headers}
        )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@asynccontextmanager
async def gateway_process(
    folder: Path, more: str = "", *, mode: str = "development", systems: Mapping[str, str] = NOWHERE
) -> AsyncIterator[Any]:
    """`more` is what its settings say besides mode, port and systems. What it logs goes to `log` in the folder."""
    port = _free_port()
    sources = "".join(f'[sources.{role}]\nurl = "{url}"\ntoken = "sandbox"\n' for role, url in systems.items())
    kept = f'[submissions]\nurl = "sqlite:///{folder}/submissions.db"\n[events]\nletters = "{folder}/letters.sqlite3"\n'
    config = folder / "crossdock.toml"
    config.write_text(f'mode = "{mode}"\nport = {port}\n{sources}{kept}{more}')
    command = (sys.executable, "-m", "gateway", "serve", "--config", str(config))
    with (folder / "log").open("wb") as log:
        untraced = {
            name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")
        }  # its CPU is measured
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=log, env=untraced)
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await _is_ready(client):  # noqa: ASYNC110 - a process that starts tells nobody
                    await asyncio.sleep(0.05)
            yield GatewayProcess(process.pid, url, client)
    finally:
        process.terminate()
        await process.wait()


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).is_success
    except httpx.TransportError:
        return False
