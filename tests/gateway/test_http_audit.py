"""GraphQL over HTTP, as the reference implementation's own audits see it: all 61 of them."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from stack import Stack

AUDIT = Path(__file__).parents[1] / "http_audit"
INSTALL_SECONDS = 120


async def ran(*command: str, folder: Path, seconds: float) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(seconds):
        out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def test_all_audits_of_graphql_over_http_pass(stack: Stack, tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None and os.environ.get("CI") == "true":
        pytest.fail("CI must have npm")
    if npm is None:
        pytest.skip("npm is not installed, so the audits of GraphQL over HTTP are not run")
    for name in ("package.json", "audits.js"):
        shutil.copy(AUDIT / name, tmp_path)
    await ran(npm, "install", "--no-audit", "--no-fund", folder=tmp_path, seconds=INSTALL_SECONDS)
    url = str(stack.client.base_url).rstrip("/") + "/graphql"
    rows = [
        json.loads(line) for line in (await ran("node", "audits.js", url, folder=tmp_path, seconds=60)).splitlines()
    ]
    assert [row for row in rows if row["status"] != "ok"] == []
    assert len(rows) == 61
