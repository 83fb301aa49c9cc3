"""What every connector makes of an answer with one thing wrong in it: an error that names the path, or an answer that still holds true."""

from typing import Any

import pytest

from sources.errors import SourceContractBroken
from tests.connectors.between import Fault
from tests.connectors.case import Asked, Case
from tests.connectors.cases import each_of
from tests.connectors.mutations import mutations
from tests.connectors.running import Running, outcome, running
from tests.connectors.strange import errors_in, strange

SECONDS = 2.0
"""What one question may take: an answer that points to itself as the next one is followed no longer."""


async def answers_of(at: Running, one: Any) -> list[tuple[Asked, bytes]]:
    """What the system answers to each request that a capability takes."""
    bodies: list[bytes] = []

    def heard(body: bytes) -> bytes:
        bodies.append(body)
        return body

    at.server.put(Fault(spoil=heard))
    assert errors_in(await outcome(one.once(at.connector, at.call()))) == []
    return list(zip(at.server.taken(), bodies, strict=True))


def is_same(asked: Asked, other: Asked) -> bool:
    return asked[:4] == other[:4]


async def tried(at: Running, one: Any, fault: Fault) -> tuple[list[str], int]:
    """What is wrong with what comes of it, and how many errors name a path."""
    at.server.put(fault)
    try:
        came = await outcome(one.once(at.connector, at.call(SECONDS)))
    except Exception as error:  # noqa: BLE001 - whatever else is raised is what is looked for
        return [f"raises {type(error).__name__}: {error}"[:200]], 0
    broken = [each for each in errors_in(came) if isinstance(each, SourceContractBroken)]
    nameless = [f"names {each.path}, which is no path" for each in broken if not each.path.startswith("$")]
    return nameless + strange(came), len(broken)


@pytest.mark.parametrize(("case", "one"), each_of("readings"))
async def test_whatever_is_wrong_in_an_answer_is_told_by_its_path_or_makes_no_difference_to_what_is_true(
    case: Case, one: Any
) -> None:
    wrong: list[str] = []
    told = 0
    async with running(case) as at:
        for asked, body in await answers_of(at, one):
            for what, spoilt in mutations(body):
                fault = Fault(spoil=lambda _, to=spoilt: to, strikes=lambda each, it=asked: is_same(each, it))
                found, named = await tried(at, one, fault)
                wrong += [f"{asked}: {what}: {each}" for each in found]
                told += named
    assert wrong == []
    assert told > 0
