"""The durable runs on DBOS: started at once or from the queue, each once for its name.

DBOS is one for a whole process. It is launched inside the running loop: launched elsewhere, its workflows would run on a loop of
their own, and the clients they use belong to ours.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from dbos import Serializer as DbosSerializer

from orders.settings import SubmissionSettings
from orders.submission import Taking
from sources.ending import ended

QUEUE = "submissions"
FIRST, LATER = 1, 10
"""Priorities in the queue: somebody waits, nobody waits."""

_POLLS_A_SECOND = 10
_PAGE = 500
_OVER = ["SUCCESS", "ERROR", "CANCELLED"]
_log = logging.getLogger("crossdock.submission")


class Body(Protocol):
    """What a run does."""

    def __call__(self, submission_id: str, run: int, take: Taking, *, queued: bool) -> Awaitable[str]: ...


class Json(DbosSerializer):
    """Only words and numbers are journalled; nothing that is read back can be code."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_told)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data)

    def name(self) -> str:
        return "crossdock_json"


def _told(value: object) -> str:
    """Errors are journalled by their kind; what they say may hold what no journal should."""
    return type(value).__name__


class DbosWorkflows:
    def __init__(self, engine: sa.Engine, settings: SubmissionSettings, executor: str) -> None:
        self._engine, self._settings, self._executor = engine, settings, executor
        self._run: Callable[[str, int, bool], Any] | None = None
        self.running: set[asyncio.Task[Any]] = set()
        self.active: set[tuple[str, int]] = set()

    async def open(self, body: Body) -> None:
        DBOS(config=self._config())
        self._run = DBOS.workflow(name="submission")(self._workflow(body))
        DBOS.launch()
        rate = {"limit": self._settings.per_second, "period": 1.0}
        await DBOS.register_queue_async(
            QUEUE,
            # What is checked then waits for its turn a second at most: its facts are fresh when it is written.
            worker_concurrency=min(self._settings.at_once, self._settings.per_second),
            limiter=rate,  # type: ignore[arg-type]  # a TypedDict of DBOS that it does not export
            polling_interval_sec=1 / _POLLS_A_SECOND,
            on_conflict="always_update",
        )

    async def close(self) -> None:
        """Runs that are still at it are cut off: their records say what is in doubt. DBOS stops in a thread, for it waits for its own."""
        await self.quiet()
        await ended(*self.running)
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as thread:
            await loop.run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))
        loop.set_default_executor(ThreadPoolExecutor())  # DBOS had put its own there, and has shut it down

    async def quiet(self) -> None:
        if self.running:
            await asyncio.wait(set(self.running), timeout=self._settings.grace_seconds)

    async def start(self, submission_id: str, run: int) -> None:
        self.active.add((submission_id, run))
        with SetWorkflowID(_name(submission_id, run)):
            await DBOS.start_workflow_async(self._opened, submission_id, run, False)  # noqa: FBT003 - DBOS journals positions

    async def enqueue(self, submission_id: str, run: int, *, is_interactive: bool) -> None:
        """Once for each run: enqueued again, it is what it was."""
        priority = FIRST if is_interactive else LATER
        with SetWorkflowID(_name(submission_id, run)), SetEnqueueOptions(priority=priority):
            await DBOS.enqueue_workflow_async(QUEUE, self._opened, submission_id, run, True)  # noqa: FBT003 - as above

    async def begun_by(self, executor: str) -> list[tuple[str, int]]:
        rows = await DBOS.list_workflows_async(
            executor_id=executor, status="PENDING", load_input=False, load_output=False
        )
        names = [each.workflow_id.rpartition(":") for each in rows]
        return [(submission_id, int(run)) for submission_id, _, run in names]

    async def forget(self, submission_id: str, run: int) -> None:
        """A run that another one replaces is not to be started any more."""
        await DBOS.cancel_workflow_async(_name(submission_id, run))

    async def clean(self, before: datetime) -> None:
        """Runs that began before `before` leave the journal, a page at a time."""
        old = await DBOS.list_workflows_async(
            end_time=before.isoformat(), status=_OVER, limit=_PAGE, load_input=False, load_output=False
        )
        if old:
            await DBOS.delete_workflows_async([each.workflow_id for each in old])

    @property
    def _opened(self) -> Any:
        if self._run is None:
            raise TypeError("The workflows are not open.")
        return self._run

    def _config(self) -> DBOSConfig:
        return {
            "name": "crossdock",
            "system_database_engine": self._engine,
            "system_database_url": self._engine.url.render_as_string(hide_password=False),
            "application_version": self._settings.application_version,
            "executor_id": self._executor,
            "serializer": Json(),
            "use_listen_notify": False,
            "log_level": "ERROR",
            "max_executor_threads": 16,
        }

    def _workflow(self, body: Body) -> Callable[[str, int, bool], Awaitable[str]]:
        async def submission(submission_id: str, run: int, queued: bool) -> str:  # noqa: FBT001 - DBOS journals positions
            task = asyncio.current_task()
            if task is None:
                raise TypeError("A workflow runs in a task.")
            self.running.add(task)
            self.active.add((submission_id, run))
            try:
                return await body(submission_id, run, _durably, queued=queued)
            finally:
                self.running.discard(task)
                self.active.discard((submission_id, run))

        return submission


async def _durably(name: str, step: Callable[[], Awaitable[str]]) -> str:
    async def taken() -> str:
        return await step()

    return await DBOS.run_step_async({"name": name}, taken)


def _name(submission_id: str, run: int) -> str:
    return f"{submission_id}:{run}"
