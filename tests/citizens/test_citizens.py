"""Other people's clients against one running gateway: what each prints is the matrix of docs/clients.md."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from happened import LIFE, moved
from stack import Stack, stack_over

from gateway.development_key import Bearer, token
from gateway.eventing import Eventing
from gateway.fanout import Fanout
from sandbox.data import load
from sources.viewer import SCOPES
from tests.citizens.client import ARIADNE, ARIADNES_PYTHON, CITIZENS, CLIENTS, COLUMNS, ROOT, WRITTEN, Client
from tests.citizens.gql_client import PARTIAL, QUOTE
from tests.citizens.matrix import Cells, cells, table

pytestmark = pytest.mark.uncovered

TOOLS = CITIZENS.parent / "node_modules" / ".bin"
AUDIT = ROOT / "tests" / "http_audit"
BUILDS = (
    (CITIZENS, str(TOOLS / "graphql-codegen"), "--config", "codegen.ts"),
    (CITIZENS, str(TOOLS / "relay-compiler"), "relay.config.json"),
)
MYPY = ("-m", "mypy", "--config-file", str(ARIADNE / "pyproject.toml"))
JUDGES = (
    (CITIZENS, str(TOOLS / "tsc"), "-p", "."),
    (WRITTEN, str(ARIADNES_PYTHON), *MYPY, str(ARIADNE / "ask.py"), "crossdock_client"),
)


async def ran(folder: Path, *command: str, seconds: float = 120) -> tuple[int, str, str]:
    """Killed after so many seconds; what it has said until then is told nevertheless."""
    piped = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=piped, stderr=piped)
    saying = asyncio.create_task(process.communicate())
    try:
        await asyncio.wait({saying}, timeout=seconds)
    finally:
        if not saying.done():
            process.kill()
        out, complained = await saying
    return process.returncode or 0, out.decode(), complained.decode()


def unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


@pytest.fixture(scope="module")
async def compiled() -> dict[str, bool]:
    """By folder, whether its generated types stand up to the strict compiler."""
    needed = (TOOLS, AUDIT / "node_modules", ARIADNES_PYTHON.with_name("ariadne-codegen"))
    if shutil.which("node") is None or not all(each.exists() for each in needed):
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have node, and `make clients` must have been run")
        pytest.skip("node or the clients are not installed (`make clients`)")
    # What its compiler finds unchanged it does not write into the manifest again.
    shutil.rmtree(CITIZENS / "relay" / "__generated__", ignore_errors=True)
    (CITIZENS / "relay-manifest.json").write_text("{}")
    WRITTEN.mkdir(exist_ok=True)
    generating = (ARIADNE, str(ARIADNES_PYTHON.with_name("ariadne-codegen")))
    for folder, *command in (*BUILDS, generating):
        status, out, complained = await ran(folder, *command)
        assert status == 0, out + complained
    judged = {folder.name: await ran(folder, *command) for folder, *command in JUDGES}
    for status, out, _ in judged.values():
        print(out if status else "", end="")  # noqa: T201 - `make citizens` shows it
    return {name: status == 0 for name, (status, *_) in judged.items()}


@pytest.fixture(scope="module")
async def running(compiled: dict[str, bool], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    del compiled  # Relay's manifest is there once it has run
    folder = tmp_path_factory.mktemp("citizens")
    settings = {
        "submissions": {"url": f"sqlite:///{folder}/submissions.db", "settle_seconds": 0.3},
        "events": {"letters": f"{folder}/letters.sqlite3"},
        "documents": {"mode": "log", "manifest": str(CITIZENS / "relay-manifest.json")},
    }
    async with stack_over(load("generated"), **settings) as running_:
        await running_.fault("crm", status=503)
        yield running_


def followed(fanout: Fanout, shipment: str) -> bool:
    groups = fanout._groups.values()  # noqa: SLF001 - who follows what is nobody else's business
    return any(group.wanted.shipment == shipment for group in groups)


async def follow(running: Stack, client: Client) -> None:
    """Once it has subscribed by one transport, the life of a shipment that is that transport's own goes by; then by the next."""
    eventing: Eventing = running.app.state.eventing
    for stream in client.streams:
        shipment = f"{client.name}-{stream}"
        while not followed(eventing.fanout, shipment):  # noqa: ASYNC110 - another process does it; `told` ends the wait
            await asyncio.sleep(0.01)
        for at, (kind, source, status) in enumerate(LIFE):
            parcel = {"shipment": shipment, "tracking_number": shipment}
            await eventing.bus.publish(moved(kind, at=at, source=source, status=status, **parcel))


async def told(running: Stack, client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    """Each part is a line of its own: one that fails takes none of the others along."""
    following = asyncio.create_task(follow(running, client))
    try:
        _, out, complained = await ran(client.folder, *client.command, json.dumps(asked))
    finally:
        following.cancel()
        await asyncio.wait([following])
    print(complained, end="")  # noqa: T201 - `make citizens` shows it
    return {part: found for line in out.splitlines() for part, found in json.loads(line).items()}


@pytest.fixture(scope="module")
async def rows(running: Stack, compiled: dict[str, bool]) -> dict[str, Cells]:
    samples = (await running.client.get(f"{running.addresses['erp']}/_sandbox/samples")).json()
    order = samples["sound"][0]
    lines = [{"sku": sku, "quantity": "2.5"} for sku in samples["skus"][:3]]
    quote = {"customer": order["customer"], "lines": lines}
    asked = {
        "url": f"{running.url}/graphql",
        "key": token(Bearer("citizen", SCOPES)),
        "quote": quote,
        "customer": order["customer"],
    }
    expected = {
        "quote": (await running.ask(QUOTE, {"input": quote}))["data"],
        "partial": (await running.ask(PARTIAL, {"number": order["customer"]}))["data"],
    }
    found = {}
    for at, client in enumerate(CLIENTS):
        answer = await told(running, client, {**asked, "order": samples["sound"][at]})
        compiles = compiled.get(client.folder.name, False)
        found[client.name] = cells(client, answer, expected, compiles=compiles)
        if "FAILS" in found[client.name].values():
            print(client.name, json.dumps(answer), json.dumps(expected))  # noqa: T201 - `make citizens` shows it
    return found


@pytest.fixture(scope="module")
async def audits(running: Stack) -> str:
    status, out, complained = await ran(AUDIT, "node", "audits.js", f"{running.url}/graphql")
    assert status == 0, complained
    results = [json.loads(line)["status"] for line in out.splitlines()]
    return f"{results.count('ok')} of {len(results)}"


async def test_each_client_does_all_that_it_offers_and_the_documentation_says_so(
    rows: dict[str, Cells], audits: str
) -> None:
    """One test, for one process: two that ran side by side would generate into the same folders."""
    printed = table(rows, audits)
    print(f"\n{printed}")  # noqa: T201 - `make citizens` shows it
    failing = {name: [column for column in COLUMNS if found[column] == "FAILS"] for name, found in rows.items()}
    assert failing == {client.name: [] for client in CLIENTS}
    assert audits == "61 of 61"
    assert printed in (ROOT / "docs" / "clients.md").read_text()


def test_every_block_of_the_documentation_is_found_in_what_runs() -> None:
    blocks = re.findall(r"```(?:ts|python)\n(.*?)\n```", (ROOT / "docs" / "clients.md").read_text(), re.DOTALL)
    sources = [unindented(each.source.read_text()) for each in CLIENTS]
    sources.append(unindented((CITIZENS / "codegen.ts").read_text()))
    held = [[block in source for source in sources] for block in map(unindented, blocks)]
    assert held == [[at == source for source in range(len(sources))] for at in range(len(sources))]
