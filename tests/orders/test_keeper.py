"""What goes on beside the runs, round by round: the dead are replaced, the parked go on, the old is forgotten."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orders.keeper import Keeper
from orders.leases import Leases
from orders.queueing import TURN
from orders.record import Submission, SubmissionStatus
from orders.request import Channel
from orders.settings import SubmissionSettings
from orders.store import Store
from tests.orders.databases import engine
from tests.orders.invented import request, submission

S = SubmissionStatus


class Workflows:
    """Notes what it is asked to set going."""

    def __init__(self) -> None:
        self.active: set[tuple[str, int]] = set()
        self.started: list[tuple[str, int]] = []
        self.enqueued: list[tuple[str, int, bool]] = []
        self.forgotten: list[tuple[str, int]] = []
        self.begun: dict[str, list[tuple[str, int]]] = {}
        self.cleaned: list[datetime] = []

    async def start(self, submission_id: str, run: int) -> None:
        self.started.append((submission_id, run))

    async def enqueue(self, submission_id: str, run: int, *, is_interactive: bool) -> None:
        self.enqueued.append((submission_id, run, is_interactive))

    async def begun_by(self, executor: str) -> list[tuple[str, int]]:
        return self.begun.get(executor, [])

    async def forget(self, submission_id: str, run: int) -> None:
        self.forgotten.append((submission_id, run))

    async def clean(self, before: datetime) -> None:
        self.cleaned.append(before)


class House:
    def __init__(self, store: Store, process: Any) -> None:
        self.store, self.process = store, process
        self.workflows, self.answering = Workflows(), set[str]()
        self.asked: list[str] = []

    async def keeper(self, **settings: Any) -> Keeper:
        own = self.process("me")
        await own.renew()
        return Keeper(self.store, own, self.workflows, settings=SubmissionSettings(**settings), answers=self._answers)

    async def _answers(self, source: str) -> bool:
        self.asked.append(source)
        return source in self.answering

    async def died(self, own: str) -> None:
        dead = self.process(own)
        await dead.renew()
        await dead.give_up()

    async def keep(self, *submissions: Submission) -> None:
        for each in submissions:
            await self.store.insert(each)

    async def found(self, ids: Iterable[int]) -> list[Submission]:
        found = [await self.store.get(f"s{number:04}") for number in ids]
        return [each for each in found if each is not None]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with engine("sqlite", tmp_path) as (made, threads):
        store = Store(made, threads)
        await store.create_tables()

        def process(own: str, version: str = "1") -> Leases:
            return Leases(made, threads, own=own, version=version, seconds=60.0)

        await process("me").create_tables()
        yield House(store, process)


async def test_what_a_dead_process_was_at_goes_on_in_a_run_of_its_own(house: House) -> None:
    await house.died("gone")
    await house.keep(submission(1, executor="gone", run=3), submission(2, executor="gone", status=S.FAILED))
    keeper = await house.keeper()
    await keeper.round()
    first, second = await house.found([1, 2])
    assert (first.run, first.executor, first.takeovers, first.status) == (4, "me", 1, S.RUNNING)
    assert (second.run, second.executor) == (1, "gone"), "what waits for somebody is left alone"
    assert (house.workflows.started, house.workflows.forgotten) == ([("s0001", 4)], [("s0001", 3)])
    house.workflows.active = {("s0001", 4)}
    await keeper.round()
    await keeper.round()
    assert house.workflows.started == [("s0001", 4)], "the dead are dealt with once"


async def test_what_it_had_just_taken_out_of_the_queue_goes_on_too(house: House) -> None:
    await house.died("gone")
    house.workflows.begun = {"gone": [("s0001", 1), ("s0002", 1)]}
    await house.keep(submission(1, status=S.QUEUED), submission(2, status=S.QUEUED, run=2))
    await (await house.keeper()).round()
    assert house.workflows.started == [("s0001", 2)], "the other has another run by now"


async def test_the_living_keep_their_work(house: House) -> None:
    other = house.process("other")
    await other.renew()
    await house.keep(submission(1, executor="other"))
    keeper = await house.keeper()
    for _ in range(3):
        await keeper.round()
    assert (house.workflows.started, keeper.live) == ([], 2)


async def test_one_that_kills_whoever_works_on_it_is_left_to_a_person(house: House) -> None:
    await house.died("gone")
    await house.keep(submission(1, executor="gone", takeovers=5), submission(2, executor="gone", takeovers=4))
    await (await house.keeper(most_takeovers=5)).round()
    first, second = await house.found([1, 2])
    assert (first.status, first.takeovers, second.status) == (S.FAILED, 6, S.RUNNING)
    assert house.workflows.started == [("s0002", 2)]


async def test_what_this_process_says_it_is_at_and_is_not_is_taken_up_after_two_rounds(house: House) -> None:
    await house.keep(submission(1, executor="me"), submission(2, executor="me"))
    house.workflows.active = {("s0002", 1)}
    keeper = await house.keeper()
    await keeper.round()
    assert house.workflows.started == [], "it may be about to begin"
    await keeper.round()
    assert house.workflows.started == [("s0001", 2)]


async def test_what_waits_in_a_queue_that_no_version_serves_is_taken_over(house: House) -> None:
    await house.keep(submission(1, status=S.QUEUED, version="0"), submission(2, status=S.QUEUED, version="1"))
    await (await house.keeper()).round()
    first, second = await house.found([1, 2])
    assert (first.version, first.run, second.run) == ("1", 2, 1)
    assert house.workflows.started == [("s0001", 2)]


async def test_the_parked_go_on_once_their_source_answers_and_not_before(house: House) -> None:
    edi = request(channel=Channel.EDI)
    await house.keep(
        submission(1, status=S.QUEUED, parked_for="erp", request=edi),
        submission(2, status=S.QUEUED, parked_for="erp"),
        submission(3, status=S.QUEUED, parked_for="wms"),
    )
    keeper = await house.keeper()
    await keeper.round()
    assert (house.workflows.enqueued, sorted(house.asked)) == ([], ["erp", "wms"])
    house.answering = {"erp"}
    await keeper.round()
    assert house.workflows.enqueued == [("s0002", 1, True), ("s0001", 1, False)]
    assert [each.parked_for for each in await house.found([1, 2, 3])] == [None, None, "wms"]


async def test_what_only_waits_for_its_turn_asks_no_source(house: House) -> None:
    await house.keep(submission(1, status=S.QUEUED, parked_for=TURN))
    await (await house.keeper()).round()
    assert (house.workflows.enqueued, house.asked) == ([("s0001", 1, True)], [])


async def test_what_ended_long_ago_is_forgotten_here_and_in_the_journal(house: House) -> None:
    now = datetime.now(UTC)
    await house.keep(
        submission(1, status=S.ACCEPTED, submitted_at=now - timedelta(days=31)),
        submission(2, status=S.ACCEPTED, submitted_at=now - timedelta(days=29)),
    )
    keeper = await house.keeper(keep_days=30)
    keeper._cleaned_at = float("-inf")  # noqa: SLF001 - a machine that has just started has no ten minutes behind it
    await keeper.round()
    await keeper.round()
    assert [each.id for each in await house.found([1, 2])] == ["s0002"]
    (before,) = house.workflows.cleaned
    assert timedelta(0) <= before - (now - timedelta(days=30)) < timedelta(minutes=1)
