"""The run as a whole: begun only if it is still the submission's run, and whatever happens on its way, the record says it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from orders.leases import LeaseLost, Leases
from orders.record import StepStatus, Submission, SubmissionStatus
from orders.settings import SubmissionSettings
from orders.steps import Done, Steps, Superseded
from orders.store import Store
from orders.submission import Runs
from tests.orders.databases import engine
from tests.orders.invented import submission

S = SubmissionStatus


class Script:
    """Plays checking, placing and fulfilment: each step is done, or raises what is written for it."""

    def __init__(self) -> None:
        self.raises: dict[str, BaseException] = {}
        self.taken: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Done]]:
        async def done(*given: Any) -> Done:
            self.taken.append(name)
            if name in self.raises:
                raise self.raises[name]
            now: Submission = given[-1]
            return Done(now.changed(erp_order_number="7") if name == "create" else now)

        return done


class Stage:
    def __init__(self, store: Store, leases: Leases, sql: sa.Engine) -> None:
        self.store, self.sql, self.script = store, sql, Script()
        self.told: list[Submission] = []
        script: Any = self.script
        self.runs = Runs(
            store,
            leases,
            steps=Steps(SubmissionSettings(attempts=1), leases, lambda _: None, lambda _: False),
            checking=script,
            placing=script,
            fulfilment=script,
            pace=self._paced,
            told=self.told.append,
        )

    async def _paced(self) -> None:
        self.script.taken.append("pace")

    async def run(self, made: Submission, *, number: int = 1, queued: bool = False) -> str:
        await self.store.insert(made)
        return await self.runs.run(made.id, number, _taken, queued=queued)

    async def kept(self) -> Submission:
        found = await self.store.get("s0001")
        assert found is not None
        return found


async def _taken(_: str, step: Callable[[], Awaitable[str]]) -> str:
    return await step()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with engine("sqlite", tmp_path) as (made, threads):
        store = Store(made, threads)
        await store.create_tables()
        yield Stage(store, Leases(made, threads, own="me", version="2", seconds=60.0), made)


async def test_a_run_takes_its_steps_and_is_told_of_once(stage: Stage) -> None:
    assert await stage.run(submission(1)) == "ACCEPTED"
    assert stage.script.taken == ["check", "create", "release", "note"]
    kept = await stage.kept()
    assert (kept.status, kept.version, kept.executor) == (S.ACCEPTED, "2", None)
    assert {step.status for step in kept.steps} == {StepStatus.DONE}
    assert stage.told == [kept]


async def test_a_run_out_of_the_queue_waits_for_its_turn_before_it_writes(stage: Stage) -> None:
    await stage.run(submission(1, status=S.QUEUED), queued=True)
    assert stage.script.taken.index("pace") < stage.script.taken.index("create")


@pytest.mark.parametrize(
    "made",
    [
        submission(1, run=2), submission(1, executor="another"), submission(1, status=S.CANCELLED),
        submission(1, status=S.NEEDS_ATTENTION),
    ],
    ids=["a later run", "somebody else's", "cancelled", "waiting"],
)  # fmt: skip
async def test_a_run_that_is_not_the_submissions_any_more_does_nothing(stage: Stage, made: Submission) -> None:
    assert await stage.run(made) == "SUPERSEDED"
    assert (stage.script.taken, stage.told, await stage.kept()) == ([], [], made)


async def test_a_run_of_nothing_does_nothing(stage: Stage) -> None:
    assert await stage.runs.run("nothing", 1, _taken, queued=False) == "SUPERSEDED"


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (LeaseLost(), "LEASE_LOST"), (Superseded(), "SUPERSEDED"),
        (sa.exc.OperationalError("select", {}, Exception()), "NOT_RECORDED"),
    ],
    ids=["lease lost", "superseded", "database away"],
)  # fmt: skip
async def test_a_run_that_cannot_go_on_leaves_the_record_to_the_next(
    stage: Stage, error: BaseException, answer: str
) -> None:
    stage.script.raises = {"create": error}
    assert await stage.run(submission(1)) == answer
    kept = await stage.kept()
    assert (kept.status, kept.executor, kept.step("create").status) == (S.RUNNING, "me", StepStatus.PENDING)
    assert (stage.script.taken, stage.told) == (["check", "create"], [])


async def test_an_error_of_ours_is_failed_and_not_running_for_ever(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.script.raises = {"create": ZeroDivisionError("a bug")}
    assert await stage.run(submission(1)) == "FAILED"
    kept = await stage.kept()
    assert (kept.status, kept.executor, kept.problems) == (S.FAILED, None, ())
    assert stage.told == [kept]
    assert "correlation_id=test" in caplog.text


async def test_an_error_of_ours_in_a_run_that_was_taken_over_changes_nothing(stage: Stage) -> None:
    taken_over = submission(1, run=2, executor="another")

    async def meanwhile(_: str, __: Callable[[], Awaitable[str]]) -> str:
        assert await stage.store.save(taken_over, run=1)
        raise ZeroDivisionError

    await stage.store.insert(submission(1))
    await stage.runs.run("s0001", 1, meanwhile, queued=False)
    assert await stage.kept() == taken_over


async def test_what_is_done_already_is_not_done_again(stage: Stage) -> None:
    await stage.run(submission(1, sent=True, erp_order_number="7", released=True))
    assert stage.script.taken == ["note"]
