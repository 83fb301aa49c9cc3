"""The durable runs: on the gateway's own loop, each once for its name, journalled as JSON."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from orders.database import engine_of
from orders.settings import SubmissionSettings
from orders.submission import Taking
from orders.workflow import DbosWorkflows


class Runner:
    """Remembers which runs were made, and on which loop."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int, bool]] = []
        self.loops: list[asyncio.AbstractEventLoop] = []
        self.ended = asyncio.Event()

    async def run(self, submission_id: str, run: int, take: Taking, *, queued: bool) -> str:
        async def step() -> str:
            self.loops.append(asyncio.get_running_loop())
            return "DONE"

        self.made.append((submission_id, run, queued))
        await take("step", step)
        self.ended.set()
        return "ACCEPTED"


@asynccontextmanager
async def opened(runner: Runner, path: Path) -> AsyncIterator[DbosWorkflows]:
    url = f"sqlite:///{path}/journal.db"
    engine = engine_of(url)
    workflows = DbosWorkflows(engine, SubmissionSettings(url=url, grace_seconds=1.0), "executor")
    await workflows.open(runner.run)
    try:
        yield workflows
    finally:
        await workflows.close()
        engine.dispose()


@pytest.mark.parametrize("queued", [False, True], ids=["started", "from-the-queue"])
async def test_runs_and_their_steps_are_on_the_loop_that_opened_them(tmp_path: Path, *, queued: bool) -> None:
    runner = Runner()
    async with opened(runner, tmp_path) as workflows, asyncio.timeout(10):
        if queued:
            await workflows.enqueue("one", 1, is_interactive=True)
        else:
            await workflows.start("one", 1)
        await runner.ended.wait()
    assert runner.made == [("one", 1, queued)]
    assert runner.loops == [asyncio.get_running_loop()]


async def test_a_run_is_made_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    runner = Runner()
    async with opened(runner, tmp_path) as workflows, asyncio.timeout(10):
        for _ in range(3):
            await workflows.enqueue("one", 1, is_interactive=False)
        await runner.ended.wait()
        await workflows.start("one", 1)
        runner.ended.clear()
        await workflows.start("one", 2)
        await runner.ended.wait()
    assert [(name, run) for name, run, _ in runner.made] == [("one", 1), ("one", 2)]


async def test_what_is_journalled_is_json(tmp_path: Path) -> None:
    runner = Runner()
    async with opened(runner, tmp_path) as workflows, asyncio.timeout(10):
        await workflows.start("one", 1)
        await runner.ended.wait()
    with sqlite3.connect(tmp_path / "journal.db") as journal:
        (outcome, how) = journal.execute("SELECT output, serialization FROM operation_outputs").fetchone()
        columns = [row[1] for row in journal.execute("PRAGMA table_info(workflow_input)")]
        rows = [dict(zip(columns, row, strict=True)) for row in journal.execute("SELECT * FROM workflow_input")]
    assert (outcome, how) == ('"DONE"', "crossdock_json")
    assert '{"args": ["one", 1, false], "kwargs": {}}' in rows[0].values()


async def test_the_loop_can_use_threads_again_when_the_runs_are_over(tmp_path: Path) -> None:
    async with opened(Runner(), tmp_path):
        pass
    assert await asyncio.to_thread(lambda: "still") == "still"
