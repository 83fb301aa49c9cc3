"""What every connector makes of a change: it is known to be done, known not to be, or said to be unknown; and it is never sent twice."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from sources.errors import OutcomeUnknown, SourceError, SourceRateLimited, SourceRefused, SourceRejected
from tests.connectors.between import Fault, another_shape, cut
from tests.connectors.case import Asked, Case, Write
from tests.connectors.cases import each_of
from tests.connectors.running import Running, outcome, running

every_write = pytest.mark.parametrize(("case", "write"), each_of("writes"))
HANG_SECONDS = 0.5
"""Long enough for what prepares a change on a busy machine: time that is over before the change is sent is another case."""


async def written(at: Running, write: Write, **fault: Any) -> tuple[Any, Sequence[Asked]]:
    """What came of it where the change itself is struck, and how often that was sent."""
    at.server.put(Fault(strikes=write.is_sent, **fault))
    came = await outcome(write.once(at.connector, at.call()))
    return came, [asked for asked in at.server.taken() if write.is_sent(asked)]


@every_write
async def test_a_change_is_done_and_sent_once(case: Case, write: Write) -> None:
    async with running(case) as at:
        came = await outcome(write.once(at.connector, at.call()))
        assert not isinstance(came, SourceError), came
        assert len([asked for asked in at.server.asked if write.is_sent(asked)]) == 1


@every_write
async def test_what_the_system_says_no_to_is_rejected_with_its_word(case: Case, write: Write) -> None:
    assert (write.refused is None) == bool(write.never_refused), "do what is refused, or say why nothing ever is"
    if write.refused is None:
        return
    async with running(case) as at:
        came = await outcome(write.refused(at.connector, at.call()))
        assert isinstance(came, SourceRejected), came
        assert came.reason == write.word
        assert write.word not in {"", "REJECTED"}


@every_write
@pytest.mark.parametrize(
    "fault",
    [
        {"is_dropping": True},
        {"status": 500},
        {"status": 503},
        {"status": 408},
        {"spoil": cut},
        {"spoil": another_shape},
    ],
    ids=["dropped", "500", "503", "408", "cut", "of-another-shape"],
)
async def test_where_no_good_answer_comes_the_outcome_is_unknown_and_it_is_not_sent_again(
    case: Case, write: Write, fault: dict[str, Any]
) -> None:
    async with running(case) as at:
        came, sent = await written(at, write, **fault)
        assert isinstance(came, OutcomeUnknown), came
        assert len(sent) == 1


@pytest.mark.alone
@every_write
async def test_a_change_that_is_not_answered_in_time_has_an_unknown_outcome(case: Case, write: Write) -> None:
    async with running(case, timeout_seconds=HANG_SECONDS) as at, asyncio.timeout(5):
        came, sent = await written(at, write, is_hanging=True)
        assert isinstance(came, OutcomeUnknown), came
        assert len(sent) == 1


@every_write
@pytest.mark.parametrize(("status", "kind"), [(401, SourceRefused), (403, SourceRefused), (429, SourceRateLimited)])
async def test_a_change_turned_away_at_the_door_was_not_done(
    case: Case, write: Write, status: int, kind: type[SourceError]
) -> None:
    async with running(case) as at:
        came, sent = await written(at, write, status=status)
        assert type(came) is kind
        assert len(sent) == 1


@every_write
async def test_where_what_prepares_a_change_fails_nothing_is_changed(case: Case, write: Write) -> None:
    async with running(case) as at:
        at.server.put(Fault(status=500, strikes=lambda asked: not write.is_sent(asked) and asked in at.server.asked))
        came = await outcome(write.once(at.connector, at.call()))
        sent = [asked for asked in at.server.asked if write.is_sent(asked)]
        if len(at.server.asked) > len(sent):
            assert isinstance(came, SourceError)
            assert not isinstance(came, OutcomeUnknown)
            assert sent == []
        else:
            assert not isinstance(came, SourceError)
