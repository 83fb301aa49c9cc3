"""The table of submissions, in SQLite and in PostgreSQL alike."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orders.problems import ProblemCode
from orders.record import Submission, SubmissionStatus
from orders.request import Channel
from orders.store import Listing, Store
from sources.viewer import SERVICE_DESK, Viewer
from tests.orders.databases import KINDS, engine
from tests.orders.invented import MOMENT, WITH_FIGURES, problem, request, submission

S = SubmissionStatus


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with engine(request.param, tmp_path) as (made, threads):
        empty = Store(made, threads)
        await empty.create_tables()
        yield empty


async def kept(store: Store, *submissions: Submission) -> None:
    for each in submissions:
        assert await store.insert(each) is each


async def listed(store: Store, viewer: Viewer = SERVICE_DESK, **wanted: Any) -> list[str]:
    """The ids of a page; counted, they are as many."""
    listing = Listing(**{"limit": 100, **wanted})
    ids = [each.id for each in await store.page(listing, viewer)]
    assert await store.count(listing, viewer) == len(ids)
    return ids


# ---------------------------------------------------------------- one row


async def test_what_was_kept_is_read_as_it_was(store: Store) -> None:
    made = submission(1, problems=(*WITH_FIGURES.values(), problem(ProblemCode.NO_ROUTE)), executor="me")
    await kept(store, made)
    assert await store.get("s0001") == made
    assert await store.by_key("desk", "key-1") == made
    assert await store.get("s0002") is None
    assert await store.by_key("desk", "key-2") is None
    assert await store.by_key("other", "key-1") is None
    assert await store.several(["s0001", "s0002"]) == [made]
    assert await store.several([]) == []


async def test_tables_that_are_there_stay_as_they_are(store: Store) -> None:
    await kept(store, submission(1))
    await store.create_tables()
    assert await listed(store) == ["s0001"]


async def test_a_second_one_under_the_same_key_is_the_earlier_one(store: Store) -> None:
    first = submission(1)
    await kept(store, first)
    again = first.changed(fingerprint="other", status=S.QUEUED)
    assert await store.insert(again) == first
    under_another_id = first.changed(id="s0009")
    assert await store.insert(under_another_id) == first
    assert await store.get("s0009") is None
    assert await listed(store) == ["s0001"]


async def test_the_same_key_of_another_caller_is_another_submission(store: Store) -> None:
    await kept(store, submission(1), submission(2, subject="other", idempotency_key="key-1"))
    assert await listed(store) == ["s0002", "s0001"]


async def test_of_twenty_at_once_under_one_key_one_is_kept_and_all_are_told_which(store: Store) -> None:
    rivals = [submission(1, correlation_id=f"rival-{number}") for number in range(20)]
    answers = await asyncio.gather(*(store.insert(each) for each in rivals))
    assert {each.correlation_id for each in answers} == {answers[0].correlation_id}
    assert await store.get("s0001") == answers[0]


async def test_an_id_taken_by_another_key_is_an_error_and_not_an_answer(store: Store) -> None:
    await kept(store, submission(1))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.insert(submission(1, idempotency_key="other"))


# ---------------------------------------------------------------- saving


async def test_the_run_it_belongs_to_saves_it(store: Store) -> None:
    made = submission(1)
    await kept(store, made)
    assert await store.save(made.changed(status=S.ACCEPTED), run=1)
    assert await store.save(made.changed(run=2), run=1)
    found = await store.get("s0001")
    assert found == made.changed(run=2)


async def test_a_superseded_run_saves_nothing(store: Store) -> None:
    made = submission(1)
    await kept(store, made.changed(run=2))
    assert not await store.save(made.changed(status=S.ACCEPTED), run=1)
    assert await store.get("s0001") == made.changed(run=2)


async def test_a_save_that_expects_a_status_is_refused_where_it_is_another(store: Store) -> None:
    waiting = submission(1, status=S.NEEDS_ATTENTION)
    await kept(store, waiting)
    assert not await store.save(waiting.changed(status=S.RUNNING), run=1, statuses={S.QUEUED, S.RUNNING})
    assert await store.get("s0001") == waiting
    assert await store.save(waiting.changed(status=S.RUNNING), run=1, statuses={S.NEEDS_ATTENTION, S.FAILED})


async def test_what_is_not_there_is_not_saved(store: Store) -> None:
    assert not await store.save(submission(1), run=1)
    assert await listed(store) == []


async def test_of_ten_who_decide_at_once_one_is_heard(store: Store) -> None:
    waiting = submission(1, status=S.NEEDS_ATTENTION)
    await kept(store, waiting)
    decided = waiting.changed(run=2, status=S.RUNNING)
    saved = await asyncio.gather(
        *(store.save(decided, run=1, statuses={S.NEEDS_ATTENTION}) for _ in range(10)),
    )
    assert sorted(saved) == [False] * 9 + [True]


# ---------------------------------------------------------------- what waits, what is held


async def test_parked_ones_wait_for_their_source_interactive_ones_first(store: Store) -> None:
    await kept(
        store,
        submission(1, parked_for="erp", status=S.QUEUED, request=request(channel=Channel.EDI)),
        submission(2, parked_for="erp", status=S.QUEUED),
        submission(3, parked_for="wms", status=S.QUEUED),
        submission(4, parked_for="erp", status=S.QUEUED),
        submission(5),
    )
    assert [each.id for each in await store.parked("erp", 10)] == ["s0002", "s0004", "s0001"]
    assert [each.id for each in await store.parked("erp", 1)] == ["s0002"]
    assert await store.parked("crm", 10) == []
    assert sorted(await store.parked_sources()) == ["erp", "wms"]


async def test_one_that_goes_on_is_not_parked_any_more(store: Store) -> None:
    parked = submission(1, parked_for="erp", status=S.QUEUED)
    await kept(store, parked)
    assert await store.unpark(parked)
    assert await store.get("s0001") == parked.changed(parked_for=None)
    assert await store.parked_sources() == []
    assert not await store.unpark(parked), "it was not parked any more"


async def test_one_that_has_begun_another_run_is_left_parked(store: Store) -> None:
    parked = submission(1, parked_for="erp", status=S.QUEUED, run=2)
    await kept(store, parked)
    assert not await store.unpark(parked.changed(run=1))
    assert await store.parked("erp", 10) == [parked]


@pytest.mark.parametrize("status", S, ids=lambda status: status.value)
async def test_an_executor_holds_what_is_under_way(store: Store, status: SubmissionStatus) -> None:
    mine = submission(1, executor="me", status=status)
    await kept(store, mine, submission(2, executor="you"), submission(3))
    under_way = status in {S.QUEUED, S.RUNNING, S.RECONCILING}
    assert await store.held_by("me") == ([mine] if under_way else [])


async def test_stranded_are_those_in_the_queue_of_a_version_that_nobody_runs(store: Store) -> None:
    queued = submission(1, status=S.QUEUED, version="1")
    await kept(
        store,
        queued,
        submission(2, status=S.QUEUED, version="2"),
        submission(3, status=S.QUEUED, version="1", executor="me"),
        submission(4, status=S.QUEUED, version="1", parked_for="erp"),
        submission(5, status=S.ACCEPTED, version="1"),
    )
    assert await store.stranded({"2"}) == [queued]
    assert await store.stranded({"1", "2"}) == []


async def test_ended_ones_are_forgotten_after_their_time_and_the_others_never(store: Store) -> None:
    old = MOMENT - timedelta(days=31)
    for number, status in enumerate(S):
        await kept(store, submission(number, status=status, submitted_at=old))
        await kept(store, submission(100 + number, status=status))
    assert await store.forget_ended_before(MOMENT - timedelta(days=30)) == 3
    left = {(each.status, each.submitted_at == old) for each in await store.page(Listing(limit=100), SERVICE_DESK)}
    gone = {S.ACCEPTED, S.REJECTED, S.CANCELLED}
    assert {status for status, is_old in left if is_old} == set(S) - gone
    assert {status for status, is_old in left if not is_old} == set(S)


# ---------------------------------------------------------------- lists


async def test_lists_are_newest_first_and_those_of_one_moment_by_id(store: Store) -> None:
    same = [submission(number, submitted_at=MOMENT) for number in (7, 9, 8)]
    await kept(store, submission(2), *same, submission(1))
    assert await listed(store) == ["s0002", "s0001", "s0009", "s0008", "s0007"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
async def test_pages_leave_no_gap_and_repeat_nothing(store: Store, size: int) -> None:
    moments = [MOMENT + timedelta(seconds=at // 3) for at in range(20)]  # three of each moment, over the pages' edges
    await kept(store, *(submission(at, submitted_at=moment) for at, moment in enumerate(moments)))
    everything = await listed(store)
    seen: list[Submission] = []
    while page := await store.page(Listing(limit=size, after=cursor(seen)), SERVICE_DESK):
        assert len(page) <= size
        seen += page
    assert [each.id for each in seen] == everything
    assert len(everything) == 20


def cursor(seen: list[Submission]) -> tuple[float, str] | None:
    return (seen[-1].submitted_at.timestamp(), seen[-1].id) if seen else None


async def test_a_newer_one_does_not_move_the_pages_behind_it(store: Store) -> None:
    await kept(store, *(submission(number) for number in range(4)))
    first = await store.page(Listing(limit=2), SERVICE_DESK)
    await kept(store, submission(9))
    rest = await store.page(Listing(limit=10, after=cursor(first)), SERVICE_DESK)
    assert [each.id for each in (*first, *rest)] == ["s0003", "s0002", "s0001", "s0000"]


async def test_the_count_is_of_all_pages(store: Store) -> None:
    await kept(store, *(submission(number) for number in range(5)))
    assert await store.count(Listing(limit=1, after=(MOMENT.timestamp(), "")), SERVICE_DESK) == 5


HOLD, LIMIT, PRICE = (problem(ProblemCode(code)) for code in ("CREDIT_HOLD", "CREDIT_LIMIT", "PRICE_CHANGED"))


def spelled(given: Any) -> str:
    """The same in every process: a set's own order is not."""
    if isinstance(given, dict):
        return ", ".join(f"{name}={spelled(each)}" for name, each in given.items())
    return " ".join(sorted(str(each) for each in given)) if isinstance(given, set) else str(given)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"statuses": {S.NEEDS_ATTENTION}}, [2, 1]),
        ({"statuses": {S.NEEDS_ATTENTION, S.ACCEPTED}}, [3, 2, 1]),
        ({"statuses": {S.FAILED}}, []),
        ({"reasons": {ProblemCode.CREDIT_HOLD}}, [2, 1]),
        ({"reasons": {ProblemCode.PRICE_CHANGED, ProblemCode.CREDIT_LIMIT}}, [4, 2]),
        ({"reasons": {ProblemCode.NO_ROUTE}}, []),
        ({"customer": "C2"}, [4, 3]),
        ({"company": "CA"}, [4]),
        ({"company": "CA", "customer": "C1"}, []),
        ({"statuses": {S.NEEDS_ATTENTION}, "reasons": {ProblemCode.CREDIT_LIMIT}, "customer": "C1"}, [2]),
    ],
    ids=spelled,
)
async def test_every_filter_narrows_the_list(store: Store, wanted: dict[str, Any], expected: list[int]) -> None:
    second = request(customer="C2")
    await kept(
        store,
        submission(1, status=S.NEEDS_ATTENTION, problems=(HOLD,)),
        submission(2, status=S.NEEDS_ATTENTION, problems=(HOLD, LIMIT)),
        submission(3, status=S.ACCEPTED, request=second),
        submission(4, status=S.REJECTED, request=second, company="CA", problems=(PRICE,)),
    )
    assert await listed(store, **wanted) == [f"s{number:04}" for number in expected]


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        ({}, [6, 5, 4, 3, 2, 1]),
        ({"companies": {"US"}}, [5, 3, 1]),
        ({"companies": {"CA"}}, [5, 4]),
        ({"companies": {"US", "CA"}}, [5, 4, 3, 1]),
        ({"companies": {"MX"}}, [5]),
        ({"customers": {"C1"}}, [6, 5, 4, 1]),
        ({"customers": {"C2"}}, [5, 3]),
        ({"customers": {"C1"}, "companies": {"US"}}, [5, 1]),
        ({"customers": {"C9"}}, [5]),
        ({"customers": {"US:C1"}}, [5, 1]),
    ],
    ids=spelled,
)
async def test_a_viewer_reaches_its_companies_its_customers_and_its_own_without_a_company(
    store: Store, reach: dict[str, set[str]], expected: list[int]
) -> None:
    await kept(
        store,
        submission(1),
        submission(2, company=None),
        submission(3, request=request(customer="C2")),
        submission(4, company="CA"),
        submission(5, company=None, subject="portal"),
        submission(6, company="BR"),
    )
    viewer = Viewer("portal", **{name: frozenset(values) for name, values in reach.items()})
    assert await listed(store, viewer) == [f"s{number:04}" for number in expected]
    outside = await listed(store, viewer, company="BR", customer="C1")
    assert outside == [f"s{6:04}"] * (6 in expected), "a filter opens nothing"


async def test_words_that_patterns_are_made_of_are_words_like_any_other(store: Store) -> None:
    odd = "C%_'\"\\"
    await kept(store, submission(1, request=request(customer=odd)), submission(2))
    assert await listed(store, customer=odd) == ["s0001"]
    assert await listed(store, customer="C%") == []
