"""What every connector promises of its answers, capability by capability: docs/adding-a-source.md says how one is put to this test."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sources.errors import NotOffered, SourceError
from sources.manifest import CAPABILITIES
from sources.models import Page, PageRequest
from sources.registry import CONNECTORS
from tests.connectors.asking import absent, asked_for_nothing
from tests.connectors.case import Asked, Case, Read, Walk
from tests.connectors.cases import CASES, each_of
from tests.connectors.running import running
from tests.connectors.strange import errors_in, held_in, strange

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_read = pytest.mark.parametrize(("case", "read"), each_of("reads"))


def test_every_connector_has_a_case_for_each_role_it_plays() -> None:
    wanted = sorted((name, role) for name, found in CONNECTORS.items() for role in found.roles)
    assert sorted((case.manifest.name, case.role) for case in CASES) == wanted
    assert [case for case in CASES if CONNECTORS[case.manifest.name] is not case.manifest] == []


@every_case
def test_everything_offered_is_asked_here(case: Case) -> None:
    assert {each.name for each in (*case.readings, *case.writes)} == case.manifest.offers[case.role]


@every_case
async def test_what_is_not_offered_is_absent_or_refused_and_nothing_is_sent(case: Case) -> None:
    async with running(case) as at:
        for name in sorted(CAPABILITIES[case.role] - case.manifest.offers[case.role]):
            if absent(name):
                assert await asked_for_nothing(getattr(at.connector, name), at.call()) == {}
            else:
                with pytest.raises(NotOffered):
                    await asked_for_nothing(getattr(at.connector, name), at.call())
        assert at.server.asked == []


def found_of(read: Read, came: Mapping[Any, Any]) -> set[Any]:
    """The keys that exist."""
    return {key for key, held in came.items() if read.is_nothing is None or not read.is_nothing(held)}


@every_read
async def test_known_keys_are_found_and_unknown_ones_are_absent(case: Case, read: Read) -> None:
    async with running(case) as at:
        numbers = [*read.known, read.unknown][: read.limit]
        came = await read.ask(at.connector, at.call(), numbers)
        assert found_of(read, came) == {read.key(number) for number in numbers if number != read.unknown}
        assert errors_in(came) == []
        assert found_of(read, await read.ask(at.connector, at.call(), [read.unknown])) == set()


@every_read
async def test_a_key_given_twice_is_asked_once(case: Case, read: Read) -> None:
    numbers = list(read.known[: read.limit])
    async with running(case) as at:
        once = await read.ask(at.connector, at.call(), numbers)
        asked = in_short(at.server.taken())
        twice = await read.ask(at.connector, at.call(), [*numbers, *numbers])
        assert in_short(at.server.taken()) == asked
        assert twice.keys() == once.keys()


def in_short(asked: Sequence[Asked]) -> list[tuple[str, str, bytes]]:
    return sorted((str(each), each.query, each.body) for each in asked)


@every_read
async def test_so_many_keys_as_max_batch_says_take_as_many_requests_as_the_vendor_needs(case: Case, read: Read) -> None:
    known = read.known[: read.limit]
    numbers = [*known, *map(read.filler, range(read.limit - len(known)))]
    async with running(case) as at:
        assert at.connector.max_batch[read.name] == read.limit
        came = await read.ask(at.connector, at.call(), numbers)
        assert len(numbers) == read.limit
        assert found_of(read, came) == {read.key(number) for number in known}
        assert len(at.server.asked) == read.requests, [str(each) for each in at.server.asked]


@every_read
async def test_rows_on_further_pages_of_the_vendors_are_found(case: Case, read: Read) -> None:
    async with running(case) as at:
        one = await read.ask(at.connector, at.call(), read.known[:1])
        short = len(at.server.taken())
        came = await read.ask(at.connector, at.call(), read.paged or read.known[:1])
        assert found_of(read, one) == {read.key(read.known[0])}
        assert found_of(read, came) == {read.key(number) for number in read.paged or read.known[:1]}
        assert len(at.server.asked) > short or not read.paged


@every_read
async def test_one_bad_row_fails_its_key_only(case: Case, read: Read) -> None:
    assert (read.bad is None) == bool(read.whole), "name a key whose row is bad, or say why there is none"
    if read.bad is None:
        return
    numbers = [read.bad, read.known[0]][: read.limit]
    async with running(case) as at:
        came = dict(await read.ask(at.connector, at.call(), numbers))
        if read.limit > 1:
            assert not isinstance(came[read.key(read.known[0])], SourceError)
        assert isinstance(came[read.key(read.bad)], SourceError)
        assert came.keys() == {read.key(number) for number in numbers}


@pytest.mark.parametrize(("case", "walk"), each_of("walks"))
async def test_a_list_is_followed_to_its_end_every_row_once(case: Case, walk: Walk) -> None:
    rows: list[str] = []
    cursor, total = None, len(walk.rows) if walk.is_counted else None
    async with running(case) as at:
        for _ in range(len(walk.rows) + 1):
            page: Page[Any] = await walk.ask(at.connector, at.call(), PageRequest(walk.limit, cursor, counted=True))
            assert len(page.rows) <= walk.limit
            assert page.total == total
            rows += map(walk.row, page.rows)
            cursor = page.next
            if cursor is None:
                break
        assert cursor is None
        assert tuple(rows) == walk.rows
        assert len(walk.rows) > walk.limit
        assert len({str(each) + each.query + each.body.decode() for each in at.server.asked}) > 1


@pytest.mark.parametrize(("case", "one"), each_of("readings"))
async def test_answers_are_in_the_trades_words_with_decimals_and_aware_times(case: Case, one: Any) -> None:
    async with running(case) as at:
        came = await one.once(at.connector, at.call())
        assert held_in(came)
        assert errors_in(came) == []
        assert strange(came) == []
