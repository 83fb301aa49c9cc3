"""Every path of the schema, asked by one customer with its own keys, another's and nobody's.

The same is asked in a world in which the other does not exist: not one byte may differ.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import pytest
from stack import Stack, stack_over
from two_customers import AMOUNT, KEYS, MARK, Path, facts, paths

from gateway import development_key
from sandbox.facts import Dataset
from sources.policy import POLICY
from sources.viewer import SCOPES

pytestmark = pytest.mark.uncovered

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
AT_ONCE = 2
TOGETHER = 12
WORDS = re.compile("|".join(f"{foreign}|{absent}" for _, foreign, absent in KEYS.values()))
ABSENT = {foreign: absent for _, foreign, absent in KEYS.values()}


def token(subject: str, companies: Sequence[str], customers: Sequence[str]) -> str:
    """With every scope but the operator's, who may see how busy the systems are."""
    scopes = set(SCOPES) - {"source:read"}
    return development_key.token(development_key.Bearer(subject, scopes, companies, customers))


BY_NUMBER = token("by-number", ["US"], ["A1", "A3"])
BY_COMPANY = token("by-company-and-number", ["US", "CA"], ["US:A1", "US:A3"])
OTHER = token("the-other", ["US"], ["B1"])


FRESH = {fact: {"fresh_seconds": 3600} for fact in POLICY if POLICY[fact].stale_on == "refresh"}
"""On a busy machine the walk takes longer than a customer is fresh for: `stale` would tell how long it took, and nothing else."""


class Worlds(NamedTuple):
    whole: Stack
    without: Stack


@pytest.fixture(scope="module")
async def worlds() -> AsyncIterator[Worlds]:
    remembering: dict[str, Any] = {
        "cache": {"enabled": True, "policy": FRESH},
        "limits": {"cost": 10**9, "comparisons": 10**6, "validation_ms": 10_000},
        "deadlines": {"query_seconds": 20},
        "timeout_seconds": 20.0,  # a machine that stands still for a moment is no difference
    }  # what one customer was told must not reach another through the cache either
    async with (
        stack_over(Dataset.from_builtins(facts()), **remembering) as whole,
        stack_over(Dataset.from_builtins(facts(with_foreign=False)), **remembering) as without,
    ):
        yield Worlds(whole, without)


class Told(NamedTuple):
    """What one path was answered: its data and its errors, and the headers that came with it."""

    body: str
    headers: Mapping[str, str]


MOMENTARY = {"SOURCE_UNAVAILABLE", "DEADLINE_EXCEEDED"}
ATTEMPTS = 3


async def told(stack: Stack, queries: Sequence[str], bearer: str) -> list[tuple[str, Told]]:
    """A system that fails for a moment, on a machine that has too much to do, is no difference: it is asked again, a few times."""
    found: list[tuple[str, Told]] = []
    for _ in range(ATTEMPTS):
        found = await _told(stack, queries, bearer)
        if not MOMENTARY & _codes(dict(found)):
            break
    return found


async def _told(stack: Stack, queries: Sequence[str], bearer: str) -> list[tuple[str, Told]]:
    """Several paths in one request, each under an alias: the roots are nullable, so none can touch another's answer."""
    text = "{ " + " ".join(f"p{at}: {query[2:-2]}" for at, query in enumerate(queries)) + " }"
    headers = {"Authorization": f"Bearer {bearer}", "X-Correlation-Id": "t"}
    answer = await stack.client.post("/graphql", json={"query": text}, headers=headers)
    shown = {name: value for name, value in answer.headers.items() if name not in {"date", "content-length"}}
    body = orjson.loads(MOMENT.sub("now", answer.text))
    assert answer.status_code == 200
    assert "data" in body, body
    return [(query, _part(body, f"p{at}", shown)) for at, query in enumerate(queries)]


def _part(body: Mapping[str, Any], alias: str, headers: Mapping[str, str]) -> Told:
    errors = [
        {**error, "locations": None, "path": error["path"][1:]}
        for error in body.get("errors", ())
        if error["path"][0] == alias
    ]
    errors.sort(key=str)
    return Told(orjson.dumps([body["data"][alias], errors]).decode(), headers)


async def all_told(stack: Stack, queries: Sequence[str], bearer: str) -> dict[str, Told]:
    turn = asyncio.Semaphore(AT_ONCE)
    each = list(dict.fromkeys(queries))

    async def some(part: Sequence[str]) -> list[tuple[str, Told]]:
        async with turn:
            return await told(stack, part, bearer)

    parts = [each[at : at + TOGETHER] for at in range(0, len(each), TOGETHER)]
    return dict(row for rows in await asyncio.gather(*map(some, parts)) for row in rows)


def _without_keys(text: str) -> str:
    """A foreign key, and what it looks like within an id, reads like nobody's."""
    return WORDS.sub(lambda found: ABSENT.get(found[0], found[0]), text)


@pytest.mark.alone
@pytest.mark.parametrize(
    ("bearer", "hops", "visits"),
    [(BY_NUMBER, 4, 2), (BY_COMPANY, 6, 1)],
    ids=["by number, types twice", "by company and number, deeper"],
)
async def test_no_path_tells_anything_of_another_customer(
    worlds: Worlds, bearer: str, hops: int, visits: int, capsys: pytest.CaptureFixture[str]
) -> None:
    walked = list(paths(hops=hops, visits=visits))
    queries = [text for path in walked for text in (path.own, path.foreign)]
    # The other's own look comes first, so that the cache is full of what must not be told.
    others = await all_told(worlds.whole, [path.foreign for path in walked], OTHER)
    there = await all_told(worlds.without, queries, bearer)
    here = await all_told(worlds.whole, [*queries, *(path.absent for path in walked)], bearer)
    for answers in (there, here):  # a system that failed for a moment would look like a difference
        assert _codes(answers) == {"BAD_INPUT"}
    leaks = [query for query, each in here.items() if MARK in _without_echo(query, each.body) or AMOUNT in each.body]
    differences = [query for query, each in there.items() if each != here[query]]
    existing = [path.foreign for path in walked if _differs(here[path.foreign], here[path.absent])]
    assert leaks == []
    assert differences == []
    assert existing == []
    _assert_not_vacuous(walked, others, here)
    with capsys.disabled():
        print(f"\n{len(walked)} paths, {len(here)} queries: no foreign fact, no difference")  # noqa: T201 - the figure is wanted


def _codes(answers: Mapping[str, Told]) -> set[str]:
    return {error["extensions"]["code"] for each in answers.values() for error in orjson.loads(each.body)[1]}


def _without_echo(query: str, body: str) -> str:
    """A text that is searched for may come back in a message."""
    return body if f'"{MARK}"' not in query else body.replace(f'"{MARK}"', "")


def _differs(foreign: Told, absent: Told) -> bool:
    return (_without_keys(foreign.body), foreign.headers) != (_without_keys(absent.body), absent.headers)


def _assert_not_vacuous(walked: Sequence[Path], others: Mapping[str, Told], here: Mapping[str, Told]) -> None:
    """The other sees its own facts on the very paths that show nothing here, and so does this one its own."""
    seen = {path.place.split("/")[0] for path in walked if MARK in others[path.foreign].body}
    own = {path.place.split("/")[0] for path in walked if "Apple" in here[path.own].body}
    wanted = {"customer", "customers", "order", "orders", "shipment", "node", "nodes", "_entities"}
    assert wanted <= seen
    assert wanted <= own
    assert len(walked) > 1_000
