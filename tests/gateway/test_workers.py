"""`crossdock serve --workers`: processes on one socket, as whoever runs them sees it."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth import hashed, new_key
from tests.orders.processes import Process, free_ports

KEY = new_key("edi")


class Served(Process):
    """A gateway in production over systems that nobody starts."""

    def __init__(
        self, folder: Path, *, workers: int, submissions: str = "enabled = false", notice: float = 0.5
    ) -> None:
        self.port = free_ports(1)
        systems = "".join(
            f'[sources.{role}]\nurl = "http://127.0.0.1:9"\n' for role in ("erp", "crm", "wms", "carrier")
        )
        config = folder / "crossdock.toml"
        config.write_text(
            f'mode = "production"\nport = {self.port}\n[stopping]\nnotice_seconds = {notice}\n'
            f'[http]\nhosts = ["127.0.0.1"]\n[telemetry.metrics]\naccess = "open"\n'
            f'[events]\nletters = "{folder}/letters.sqlite3"\n[submissions]\n{submissions}\n{systems}'
            f'[[identity.keys]]\nid = "edi"\nhashes = ["{hashed(KEY)}"]\nscopes = []\ncompanies = ["*"]\ncustomers = ["*"]\n'
        )
        self.folder = folder
        super().__init__(
            folder / "log", "gateway", "serve", "--config", str(config), "--workers", str(workers)
        )  # fmt: skip

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written().splitlines() if line.startswith("{")]

    def told(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if event in line["event"]]

    async def tells(self, event: str, count: int = 1) -> None:
        async with asyncio.timeout(30):
            while len(self.told(event)) < count:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.05)

    def workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def figures(self) -> Path:
        """The folder that the workers count in."""
        open_files = [each.readlink() for each in Path(f"/proc/{self.workers()[0]}/fd").iterdir()]
        return next(each.parent for each in open_files if "crossdock-figures-" in str(each))


def lives(pid: int) -> bool:
    """Whether the process has not ended; one that nobody has waited for yet has."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@asynccontextmanager
async def serving(folder: Path, **more: Any) -> AsyncIterator[tuple[Served, httpx.AsyncClient]]:
    served = Served(folder, workers=2, **more)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", trust_env=False) as client:
        await served.start()
        try:
            await served.tells("Application startup complete", 2)
            yield served, client
        finally:
            await served.end(signal.SIGTERM)


async def viewer(client: httpx.AsyncClient) -> Any:
    answer = await client.post(
        "/graphql", json={"query": "{ viewer { subject } }"}, headers={"Authorization": f"Bearer {KEY}"}
    )
    return answer.json()


async def test_a_worker_that_dies_is_started_again_later_each_time_and_all_is_served_meanwhile(tmp_path: Path) -> None:
    async with serving(tmp_path) as (served, client):
        first, second = served.workers()
        for dies, starts in ((first, "another starts in 0.1 s"), (second, "another starts in 0.5 s")):
            os.kill(dies, signal.SIGKILL)
            await served.tells(f"worker {dies} ended by itself with -9: {starts}")
            async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as another:
                assert await viewer(another) == {"data": {"viewer": {"subject": "key:edi"}}}
        await served.tells("Application startup complete", 4)
        assert len(served.workers()) == 2
        assert not {first, second} & set(served.workers())


async def test_the_figures_of_all_workers_are_told_by_any_and_gauges_of_dead_ones_are_gone(tmp_path: Path) -> None:
    async with serving(tmp_path) as (served, client):
        folder = served.figures()
        assert folder.stat().st_mode & 0o777 == 0o700
        for _ in range(6):
            async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as another:
                await viewer(another)
        page = (await client.get("/metrics")).text
        assert 'crossdock_operations_total{kind="query",operation="unnamed",outcome="ok"} 6.0' in page
        dead, _ = served.workers()
        os.kill(dead, signal.SIGKILL)
        await served.tells(f"worker {dead} ended by itself")
        await served.tells("Application startup complete", 3)
        assert [each.name for each in folder.glob(f"gauge_live*_{dead}.db")] == []
        async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as another:
            page = (await another.get("/metrics")).text
        assert 'crossdock_operations_total{kind="query",operation="unnamed",outcome="ok"} 6.0' in page
        assert await served.end(signal.SIGTERM) == 0
        assert not folder.exists()


async def test_who_is_told_to_stop_says_that_it_is_not_ready_and_serves_until_that_was_noticed(tmp_path: Path) -> None:
    async with serving(tmp_path, notice=2.0) as (served, client):
        ending = asyncio.create_task(served.end(signal.SIGTERM))
        async with asyncio.timeout(10):
            while (ready := await client.get("/health/ready")).is_success:  # noqa: ASYNC110 - the process has to hear it
                await asyncio.sleep(0.02)
        assert (ready.status_code, ready.json()) == (503, {"status": "stopping"})
        assert (await client.get("/health/live")).status_code == 200
        assert await viewer(client) == {"data": {"viewer": {"subject": "key:edi"}}}
        assert not ending.done()
        assert await ending == 0
        assert len(served.told("Application shutdown complete")) == 2
        with pytest.raises(httpx.ConnectError):
            await client.get("/health/live")


async def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    async with serving(tmp_path, notice=0.0) as (served, _):
        workers = served.workers()
        await served.end(signal.SIGKILL)
        async with asyncio.timeout(20):
            while any(lives(pid) for pid in workers):  # noqa: ASYNC110 - they are nobody's children now
                await asyncio.sleep(0.05)
        assert len(served.told("Application shutdown complete")) == 2


async def test_several_workers_do_not_take_orders_into_sqlite(tmp_path: Path) -> None:
    served = Served(tmp_path, workers=2, submissions=f'url = "sqlite:///{tmp_path}/submissions.db"')
    await served.start()
    assert await served.ended() == 1
    assert served.written() == (
        "Error: several workers take orders into PostgreSQL, and this is SQLite - at `$.submissions.url`\n"
    )


async def test_what_keeps_a_worker_from_starting_ends_the_parent_as_it_would_end_a_single_process(
    tmp_path: Path,
) -> None:
    outcomes = []
    for count in (1, 2):
        folder = tmp_path / str(count)
        folder.mkdir()
        served = Served(folder, workers=count, submissions='url = "postgresql://nobody@127.0.0.1:9/nowhere"')
        await served.start()
        code = await served.ended()
        outcomes.append((code, [line["event"] for line in served.lines() if line["level"] == "error"]))
        assert served.written().count("the database of the submissions cannot be used") == 1
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == 3
