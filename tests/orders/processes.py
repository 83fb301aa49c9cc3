"""Gateways and sandbox systems as the processes they are in earnest: started, killed, stopped and started again."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
ROLES = ("erp", "crm", "wms", "carrier")
PATIENCE_SECONDS = 60

SUBMIT = """
mutation Submit($input: SubmitOrderInput!) {
  submitOrder(input: $input) {
    submission {
      id status erpOrderNumber decisions { decision by note } steps { name status attempts detail }
      problems { code severity path }
    }
    problems { code message path }
  }
}
"""
LOOK = """
query Look($after: String, $status: [SubmissionStatus!]) {
  submissions(first: 100, after: $after, status: $status) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { node { id idempotencyKey status erpOrderNumber channel steps { name status attempts detail finishedAt } } }
  }
}
"""


def free_ports(count: int) -> int:
    """The first of `count` in a row that nobody uses."""
    for port in range(23_000 + os.getpid() % 4_000, 32_000, count):
        if all(_is_free(port + at) for at in range(count)):
            return port
    raise AssertionError("no free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Process:
    """One program: its output goes to a file beside its settings."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self._log, self._arguments = log, arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self._arguments, cwd=ROOT, stdout=output, stderr=output
            )

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        if self._process is None or self._process.returncode is not None:
            return None
        self._process.send_signal(number)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._process.wait()

    async def ended(self) -> int | None:
        """Its exit code, once it has ended by itself."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._process.wait() if self._process is not None else None

    def pause(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def written(self) -> str:
        return self._log.read_text()

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was not started"
        return self._process.pid


class Gateway(Process):
    def __init__(self, folder: Path, port: int, systems: "Systems", submissions: Mapping[str, Any]) -> None:
        config = folder / f"gateway-{port}.toml"
        config.write_text(settings_text(port, systems, submissions))
        super().__init__(folder / f"gateway-{port}.log", "gateway", "serve", "--config", str(config))
        self.url = f"http://127.0.0.1:{port}"

    async def ready(self, client: httpx.AsyncClient) -> None:
        await _answers(client, f"{self.url}/health/ready")


class Systems:
    """The four systems, each a process of its own over one journal, so that one can be stopped and started again."""

    def __init__(self, folder: Path, port: int, data: str) -> None:
        self._port = port
        self.processes = {
            role: Process(
                folder / f"{role}.log", "sandbox", "--port", str(port), "--only", role, "--data", data,
                "--journal", str(folder / "journal.jsonl"),
            )
            for role in ROLES
        }  # fmt: skip

    def url(self, role: str) -> str:
        return f"http://127.0.0.1:{self._port + ROLES.index(role)}"

    async def start(self, client: httpx.AsyncClient, *roles: str) -> None:
        for role in roles or ROLES:
            await self.processes[role].start()
        for role in roles or ROLES:
            await _answers(client, f"{self.url(role)}/_sandbox/faults")

    async def end(self) -> None:
        for process in self.processes.values():
            await process.end(signal.SIGKILL)


async def _answers(client: httpx.AsyncClient, url: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                if (await client.get(url)).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


def settings_text(port: int, systems: Systems, submissions: Mapping[str, Any]) -> str:
    lines = ['mode = "development"', f"port = {port}", "[submissions]"]
    lines += [f"{name} = {value!r}".replace("'", '"') for name, value in submissions.items()]
    for role in ROLES:
        lines += [f"[sources.{role}]", f'url = "{systems.url(role)}"', 'token = "sandbox"']
    return "\n".join(lines) + "\n"


class Site:
    """A distributor's site: its systems, its gateways, and somebody who asks."""

    def __init__(
        self, client: httpx.AsyncClient, systems: Systems, gateways: list[Gateway], submissions: Mapping[str, Any]
    ) -> None:
        self.client, self.systems, self.gateways, self.submissions_settings = client, systems, gateways, submissions

    async def end(self) -> None:
        """Whichever gateways are its own by now."""
        for gateway in self.gateways:
            await gateway.end(signal.SIGKILL)

    async def ask(self, query: str, variables: Mapping[str, Any], *, at: int = 0, **headers: str) -> dict[str, Any]:
        url = f"{self.gateways[at].url}/graphql"
        answer = await self.client.post(url, json={"query": query, "variables": variables}, headers=headers)
        body: dict[str, Any] = answer.json()
        assert "errors" not in body, body
        data: dict[str, Any] = body["data"]
        return data

    async def submit(self, order: Mapping[str, Any], key: str, *, at: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ask(SUBMIT, {"input": {**order, "idempotencyKey": key}}, at=at))[
            "submitOrder"
        ]
        return found

    async def submissions(self, *, at: int = 0, status: list[str] | None = None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = None
        while True:
            page = (await self.ask(LOOK, {"after": after, "status": status}, at=at))["submissions"]
            rows += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return rows
            after = page["pageInfo"]["endCursor"]

    async def settled(self, count: int, *, seconds: float, at: int = 0) -> list[dict[str, Any]]:
        """All `count` submissions, once none of them is under way any more."""
        under_way = ["QUEUED", "RUNNING", "RECONCILING"]
        async with asyncio.timeout(seconds):
            while await self.submissions(at=at, status=under_way):  # noqa: ASYNC110 - it is asked of another process
                await asyncio.sleep(0.2)
        rows = await self.submissions(at=at)
        assert len(rows) == count, len(rows)
        return rows

    async def written(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = (
            await self.client.get(f"{self.systems.url('wms')}/_sandbox/written")
        ).json()
        return found

    async def calls(self, role: str, operation: str) -> int:
        found = (await self.client.get(f"{self.systems.url(role)}/_sandbox/calls")).json()
        return int(found["operations"].get(operation, 0))

    async def samples(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"{self.systems.url('wms')}/_sandbox/samples")).json()
        return found

    async def fault(self, role: str, **fault: Any) -> None:
        answer = await self.client.put(f"{self.systems.url(role)}/_sandbox/faults", json=fault)
        assert answer.is_success, answer.text

    async def mend(self, role: str) -> None:
        await self.client.delete(f"{self.systems.url(role)}/_sandbox/faults")


@asynccontextmanager
async def site(folder: Path, *, gateways: int = 1, data: str = "generated", **submissions: Any) -> AsyncIterator[Site]:
    """Its systems run; its gateways are to be started."""
    port = free_ports(gateways + len(ROLES))
    systems = Systems(folder, port + gateways, data)
    settings = {"url": f"sqlite:///{folder}/submissions.db", **submissions}
    served = [Gateway(folder, port + at, systems, settings) for at in range(gateways)]
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False))
        stack.push_async_callback(systems.end)
        await systems.start(client)
        running = Site(client, systems, served, settings)
        stack.push_async_callback(running.end)
        yield running


async def started(site_: Site) -> None:
    for gateway in site_.gateways:
        await gateway.start()
    for gateway in site_.gateways:
        await gateway.ready(site_.client)
