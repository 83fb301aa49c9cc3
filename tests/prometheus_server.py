"""A real Prometheus for a test, which reads one gateway. Where it is not installed the test is skipped, but not in CI."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS, PAUSE_SECONDS = 60, 0.2
CONFIG = """
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: crossdock
    static_configs: [{{ targets: ["{target}"] }}]
"""


class Prometheus:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def found(self, expression: str) -> list[dict[str, Any]]:
        answer = (await self._client.get("/api/v1/query", params={"query": expression})).json()
        assert answer["status"] == "success", (expression, answer.get("error"))
        rows: list[dict[str, Any]] = answer["data"]["result"]
        return rows

    async def alerts(self) -> dict[str, str]:
        """The state of each rule, by its name."""
        groups = (await self._client.get("/api/v1/rules")).json()["data"]["groups"]
        return {rule["name"]: rule["state"] for group in groups for rule in group["rules"]}

    async def until(self, expression: str) -> None:
        """Until the expression has an answer: Prometheus tells nobody when it has read something."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._answers(expression):  # noqa: ASYNC110 - as said above
                await asyncio.sleep(PAUSE_SECONDS)

    async def _answers(self, expression: str) -> bool:
        try:
            return bool(await self.found(expression))
        except httpx.TransportError:
            return False  # it has not started yet


@asynccontextmanager
async def prometheus_over(gateway: str, folder: Path) -> AsyncIterator[Prometheus]:
    program = shutil.which("prometheus")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("CI must have prometheus")
    if program is None:
        pytest.skip("prometheus is not installed, so the dashboard's and the alerts' queries are not tried")
    rules = ROOT / "docker" / "prometheus" / "rules.yml"
    (folder / "prometheus.yml").write_text(CONFIG.format(rules=rules, target=urlsplit(gateway).netloc))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"config.file": folder / "prometheus.yml", "storage.tsdb.path": folder / "data"}
    flags = [f"--{name}={value}" for name, value in {**settings, "web.listen-address": f"127.0.0.1:{port}"}.items()]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *flags, stdout=log, stderr=log)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield Prometheus(client)
    finally:
        process.terminate()
        await process.wait()
