"""What every connector makes of a system that fails: each failure is its own error, told once, and shows nothing it should not."""

import asyncio
import logging
import time
import traceback
from typing import Any

import pytest

from sources.errors import (
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from tests.connectors.between import MARK, Fault, another_shape, cut, leaves_spoilt
from tests.connectors.blocking import MOST_CPU_SECONDS, nothing_blocks, ticking
from tests.connectors.case import Case
from tests.connectors.cases import CASES, each_of
from tests.connectors.running import Running, errors, outcome, running
from tests.tries import least

REFUSED, FAILING = Fault(status=401), Fault(status=500)
LIMITED = Fault(status=429, headers={"Retry-After": "7"})
HANGING, DROPPING = Fault(is_hanging=True), Fault(is_dropping=True)
SPOILT = {
    "cut": Fault(spoil=cut),
    "of-another-shape": Fault(spoil=another_shape),
    "with-objects-for-values": Fault(spoil=leaves_spoilt),
}
every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_reading = pytest.mark.parametrize(("case", "one"), each_of("readings"))
HANG_SECONDS = 0.1


async def failing(at: Running, one: Any, fault: Fault) -> list[SourceError]:
    """What a capability answers under a fault: errors and nothing else."""
    at.server.put(fault)
    came = await outcome(one.once(at.connector, at.call()))
    found = errors(came)
    assert found, came
    return found


def kinds(found: list[SourceError]) -> set[type[SourceError]]:
    return {type(each) for each in found}


@every_reading
@pytest.mark.parametrize("fault", [FAILING, Fault(status=503), DROPPING], ids=["500", "503", "dropped"])
async def test_a_system_that_fails_is_unavailable(case: Case, one: Any, fault: Fault) -> None:
    async with running(case) as at:
        assert kinds(await failing(at, one, fault)) == {SourceUnavailable}


@every_reading
async def test_a_system_that_hangs_is_unavailable_in_its_own_time(case: Case, one: Any) -> None:
    async with running(case, timeout_seconds=HANG_SECONDS) as at, asyncio.timeout(5):
        found = await failing(at, one, HANGING)
        assert kinds(found) == {SourceUnavailable}
        assert {each.detail for each in found} == {"no answer in time"}


@every_reading
async def test_too_many_is_honoured_until_the_time_is_over(case: Case, one: Any) -> None:
    async with running(case) as at:
        found = await failing(at, one, LIMITED)
        assert kinds(found) == {SourceRateLimited}
        assert {each.retry_after_seconds for each in found} == {7.0}
        asked = len(at.server.taken())
        assert asked >= 1
        at.server.put(None)
        at.clock.now += 6.9
        assert kinds(errors(await outcome(one.once(at.connector, at.call())))) == {SourceRateLimited}
        assert at.server.taken() == []
        at.clock.now += 0.2
        assert errors(await outcome(one.once(at.connector, at.call()))) == []


@every_reading
@pytest.mark.parametrize("fault", SPOILT.values(), ids=SPOILT)
async def test_an_answer_that_does_not_fit_names_the_path(case: Case, one: Any, fault: Fault) -> None:
    async with running(case) as at:
        found = await failing(at, one, fault)
        assert kinds(found) == {SourceContractBroken}
        for each in found:
            assert isinstance(each, SourceContractBroken)
            assert each.path.startswith("$")
            assert each.path != "$" or fault is not SPOILT["with-objects-for-values"]


@every_reading
async def test_a_refusal_is_one_and_is_not_asked_again_where_nothing_can_be_renewed(case: Case, one: Any) -> None:
    async with running(case, attempts=3) as at:
        assert errors(await outcome(one.once(at.connector, at.call()))) == []
        at.clock.now += 10
        asked, signed_in = len(at.server.taken()), len(at.server.sign_ins)
        assert kinds(await failing(at, one, REFUSED)) == {SourceRefused}
        assert 1 <= len(at.server.taken()) <= asked * (2 if case.is_granted else 1)
        assert len(at.server.sign_ins) - signed_in == (1 if case.is_granted else 0)


@every_reading
async def test_what_was_granted_and_is_refused_is_granted_anew_once_and_the_read_made_again(
    case: Case, one: Any
) -> None:
    if not case.is_granted:
        return
    async with running(case, attempts=3) as at:
        first = await outcome(one.once(at.connector, at.call()))
        assert errors(first) == []
        at.clock.now += 10
        at.server.put(Fault(status=401, times=1))
        again = await outcome(one.once(at.connector, at.call()))
        assert errors(again) == []
        assert len(at.server.sign_ins) == 2
        if at.server.granted:
            assert at.server.granted[-1] in at.server.asked[-1].headers["authorization"]


@every_case
async def test_credentials_that_grant_nothing_are_a_refusal_and_nothing_is_asked(case: Case) -> None:
    if not case.is_granted or not case.readings:
        return
    async with running(case) as at:
        at.server.put(Fault(status=401, strikes=lambda asked: asked in at.server.sign_ins))
        came = await outcome(case.readings[0].once(at.connector, at.call()))
        assert kinds(errors(came)) == {SourceRefused}
        assert at.server.asked == []


# ---------------------------------------------------------------- what shows, and what stops


@every_case
async def test_no_secret_and_nothing_of_a_failing_system_is_shown(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    shown: list[str] = []
    caplog.set_level(logging.DEBUG)
    async with running(case) as at:
        for one in (*case.readings, *case.writes):
            for fault in (None, REFUSED, FAILING, LIMITED, DROPPING, *SPOILT.values()):
                at.server.put(fault)
                at.clock.now += 100
                came = await outcome(one.once(at.connector, at.call()))
                for error in errors(came):
                    shown += [*traceback.format_exception(error), repr(error)]
                    assert MARK not in f"{error} {error.detail} {getattr(error, 'reason', '')}"
        shown += [repr(at.connector), repr(at.endpoint), repr(vars(at.connector)), repr(at.made)]
        secrets = [*case.hidden, *at.server.granted]
    logged = [each.getMessage() for each in caplog.records]
    assert secrets
    assert [(secret, text) for secret in secrets for text in (*shown, *logged) if secret in text] == []
    assert [text for text in logged if MARK in text] == []


@every_case
async def test_no_key_is_told_with_a_call(case: Case) -> None:
    """What observers are told goes into logs: operations are templates there."""
    async with running(case) as at:
        for read in case.reads:
            await outcome(read.once(at.connector, at.call()))
            assert at.made
            assert [each for each in at.made if read.known[0] in each.operation + each.detail] == []


@every_case
async def test_nothing_holds_up_the_loop(case: Case) -> None:
    """The server answers in the same loop, so whoever waited for it without letting go of the loop would wait for ever.

    CPU seconds are dearer on a core that is shared: what is too much work is so each time.
    """
    longest = await least(lambda _: longest_turn(case), below=MOST_CPU_SECONDS)
    assert longest < MOST_CPU_SECONDS, f"{longest:.2f} s of CPU without letting anybody else on"


async def longest_turn(case: Case) -> float:
    """The most CPU seconds that one turn of the loop took; fails where anything blocked it."""
    async with running(case) as at, asyncio.timeout(20):
        with nothing_blocks() as blocked:
            async with ticking() as longest:
                for one in (*case.readings, *case.writes):
                    await outcome(one.once(at.connector, at.call()))
        assert blocked == []
        return longest[0]


def test_a_call_that_blocks_is_heard() -> None:
    with nothing_blocks() as blocked:
        time.sleep(0)
    assert blocked == ["time.sleep"]


async def test_work_that_lets_nobody_else_on_is_noticed() -> None:
    async with ticking() as longest:
        await asyncio.sleep(0)
        begun = time.thread_time()
        while time.thread_time() < begun + MOST_CPU_SECONDS:
            pass
        await asyncio.sleep(0)
    assert longest[0] >= MOST_CPU_SECONDS
