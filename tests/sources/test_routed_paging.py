"""One list over several systems: every row once, in order, whatever the pages; shorter pages begin longer ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import SourceError, SourceRejected, SourceUnavailable
from sources.models import Page, PageRequest
from sources.routed.paging import MOST_ROWS, Listing, Reader

Row = tuple[int, str, int]
"""What it is ordered by, whose it is, and its own number."""


class System:
    """Its rows in falling order, in pages of at most `most`; counts what it was asked."""

    def __init__(self, name: str, rows: Sequence[Row], *, most: int = MOST_ROWS, counts: bool = True) -> None:
        self.name, self.rows, self._most, self._counts = name, list(rows), most, counts
        self.asked: list[PageRequest] = []
        self.failure: SourceError | None = None

    async def read(self, page: PageRequest) -> Page[Row]:
        self.asked.append(page)
        if self.failure is not None:
            raise self.failure
        start = int(page.cursor or 0)
        end = start + min(page.limit, self._most)
        total = len(self.rows) if page.counted and self._counts else None
        return Page(tuple(self.rows[start:end]), str(end) if end < len(self.rows) else None, total)


def listing(systems: Sequence[System]) -> Listing[Row]:
    def reader(system: System) -> Reader[Row]:
        return Reader(system.read, lambda row: row[1] == system.name)

    return Listing("erp", {each.name: reader(each) for each in systems})


async def read(systems: Sequence[System], way: str, page: PageRequest) -> Page[Row]:
    over = listing(systems)
    return await (over.in_turn(page) if way == "in turn" else over.merged(page, lambda row: row[0]))


async def walked(systems: Sequence[System], way: str, limits: Sequence[int]) -> list[Row]:
    found: list[Row] = []
    cursor: str | None = None
    for at in range(10_000):
        page = await read(systems, way, PageRequest(limits[at % len(limits)], cursor))
        assert len(page.rows) <= limits[at % len(limits)]
        found += page.rows
        cursor = page.next
        if cursor is None:
            return found
    raise AssertionError("no end")


def rows_of(name: str, ages: Sequence[int], foreign: set[int]) -> list[Row]:
    ordered = sorted(ages, reverse=True)
    return [(age, "another" if at in foreign else name, at) for at, age in enumerate(ordered)]


ages = st.lists(st.integers(0, 30), max_size=40)
worlds = st.lists(
    st.tuples(ages, st.sets(st.integers(0, 40), max_size=8), st.integers(1, MOST_ROWS)), min_size=2, max_size=4
)
limits = st.lists(st.integers(1, MOST_ROWS), min_size=1, max_size=4)


def made(world: Sequence[tuple[Sequence[int], set[int], int]]) -> list[System]:
    return [
        System(f"s{at}", rows_of(f"s{at}", ages, foreign), most=most) for at, (ages, foreign, most) in enumerate(world)
    ]


def own(systems: Sequence[System]) -> list[Row]:
    return [row for each in systems for row in each.rows if row[1] == each.name]


@given(worlds, limits)
async def test_every_row_comes_once_one_system_after_the_other(world: Any, limits: list[int]) -> None:
    systems = made(world)
    assert await walked(systems, "in turn", limits) == own(systems)


@given(worlds, limits)
async def test_every_row_comes_once_merged_and_newest_first(world: Any, limits: list[int]) -> None:
    systems = made(world)
    wanted = sorted(own(systems), key=lambda row: -row[0])  # stable: equals in the order of the systems
    assert await walked(systems, "merged", limits) == wanted


@given(worlds, st.lists(st.integers(1, 20), min_size=1, max_size=3), st.integers(1, 60), st.integers(1, 60))
async def test_from_one_cursor_a_shorter_page_begins_a_longer_one(
    world: Any, limits: list[int], one: int, other: int
) -> None:
    """Cursors of edges amid a page count from its beginning."""
    for way in ("in turn", "merged"):
        systems = made(world)
        cursor = None
        for limit in limits:
            cursor = (await read(systems, way, PageRequest(limit, cursor))).next
            if cursor is None:
                break
        shorter, longer = sorted((one, other))
        begins = (await read(systems, way, PageRequest(shorter, cursor))).rows
        whole = (await read(systems, way, PageRequest(longer, cursor))).rows
        assert whole[: len(begins)] == begins


@given(worlds)
async def test_the_total_is_the_sum_wherever_the_page_begins(world: Any) -> None:
    systems = made([(ages, set(), most) for ages, _, most in world])
    total = len(own(systems))
    for way in ("in turn", "merged"):
        first = await read(systems, way, PageRequest(3, None, counted=True))
        assert first.total == total
        if first.next is not None:
            assert (await read(systems, way, PageRequest(3, first.next, counted=True))).total == total
        assert (await read(systems, way, PageRequest(3, None))).total is None


def numbered(name: str, count: int, **more: Any) -> System:
    return System(name, [(100 - at, name, at) for at in range(count)], **more)


@pytest.mark.parametrize("way", ["in turn", "merged"])
async def test_no_total_is_told_where_one_does_not_say_or_counts_anothers_rows(way: str) -> None:
    silent = [numbered("a", 3), numbered("b", 3, counts=False)]
    assert (await read(silent, way, PageRequest(10, None, counted=True))).total is None
    mixed = [numbered("a", 3), System("b", [(5, "b", 0), (4, "a", 1)])]
    assert (await read(mixed, way, PageRequest(10, None, counted=True))).total is None


async def test_one_system_after_the_other_asks_nobody_before_its_turn() -> None:
    systems = [numbered("a", 30), numbered("b", 30)]
    page = await read(systems, "in turn", PageRequest(10))
    assert ([len(each.asked) for each in systems], page.next) == ([1, 0], '{"a":["10",0]}')


async def test_a_page_that_is_counted_counts_each_system_once() -> None:
    systems = [numbered("a", 3), numbered("b", 30)]
    await read(systems, "in turn", PageRequest(10, None, counted=True))
    assert [sorted(each.counted for each in system.asked) for system in systems] == [[True], [False, True]]
    merging = [numbered("a", 3), numbered("b", 30)]
    await read(merging, "merged", PageRequest(10, None, counted=True))
    assert [[each.counted for each in system.asked] for system in merging] == [[True], [True]]


async def test_a_merged_page_reads_each_system_once_and_no_more_than_it_may_need() -> None:
    systems = [numbered("a", 300), numbered("b", 300)]
    page = await read(systems, "merged", PageRequest(10))
    assert [each.asked for each in systems] == [[PageRequest(10)], [PageRequest(10)]]
    await read(systems, "merged", PageRequest(10, page.next))
    assert [each.asked[1] for each in systems] == [PageRequest(15), PageRequest(15)]


async def test_a_merged_page_fails_with_the_system_that_failed_and_one_in_turn_only_when_it_is_its_turn() -> None:
    systems = [numbered("a", 30), numbered("b", 30)]
    systems[1].failure = SourceUnavailable("erp.b")
    assert len((await read(systems, "in turn", PageRequest(10, None, counted=True))).rows) == 10
    for way, limit in (("in turn", 31), ("merged", 1)):
        with pytest.raises(SourceUnavailable) as raised:
            await read(systems, way, PageRequest(limit))
        assert raised.value is systems[1].failure


FOREIGN: Mapping[str, str] = {
    "no JSON": "x",
    "a system's own": "10",
    "of a system that is not there": '{"c":["10",0]}',
    "nowhere": "{}",
    "beyond a page": '{"a":["10",100]}',
    "before a page": '{"a":["10",-1]}',
    "of another shape": '{"a":["10",0,1]}',
    "half a character": "\ud800",
}


@pytest.mark.parametrize("cursor", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("way", ["in turn", "merged"])
async def test_what_is_no_cursor_of_the_list_is_refused_and_nobody_is_asked(way: str, cursor: str) -> None:
    systems = [numbered("a", 30), numbered("b", 30)]
    with pytest.raises(SourceRejected) as raised:
        await read(systems, way, PageRequest(10, cursor))
    assert (raised.value.source, raised.value.reason) == ("erp", "UNKNOWN_CURSOR")
    assert [each.asked for each in systems] == [[], []]


async def test_a_list_over_no_system_is_empty() -> None:
    for way in ("in turn", "merged"):
        assert await read([], way, PageRequest(10, None, counted=True)) == Page((), None, 0)
