"""The business figures of a day that was worked out by hand, asked for as a client asks for them; who may ask, and for how much."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scripted_day import DAY, END, KEPT_DAYS, NEXT_DAY, QUERY, events, expected, submissions, told
from stack import Stack, stack_over

from gateway import development_key
from gateway.bookkeeping import Bookkeeping
from gateway.eventing import Eventing
from sandbox.facts import Dataset
from sources.events import encoded
from sources.signatures import signed
from sources.viewer import SCOPES

SECRET = "shared"
FACTS = {"today": "2026-06-30", "companies": [{"code": "US", "currency": "USD"}, {"code": "CA", "currency": "CAD"}]}
DAYS = {"since": DAY.isoformat(), "until": END.isoformat(), "every": "DAY"}


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[Stack]:
    """On the same files each time."""
    chosen = {"url": f"sqlite:///{folder}/submissions.db", "keep_days": KEPT_DAYS}
    senders = {role: {"secrets": [SECRET]} for role in ("wms", "carrier")}
    given = {"submissions": chosen, "webhooks": senders, "events": {"letters": f"{folder}/letters.sqlite3"}}
    async with stack_over(Dataset.from_builtins(FACTS), **given) as running:
        yield running


def bookkeeping(running: Stack) -> Bookkeeping:
    eventing: Eventing = running.app.state.eventing
    assert eventing.bookkeeping is not None
    return eventing.bookkeeping


async def acted_out(running: Stack, *, first: int = 0, last: int = 1_000) -> list[int]:
    """The events pushed as a warehouse and a carrier push them; what each of them was answered."""
    answers = []
    for number, event in enumerate(list(events())[first:last]):
        body = encoded(event)
        to = event.source.strip("/")
        # Told twice within one millisecond it would be a replay: the same body under the same signature.
        headers = signed(body, SECRET, datetime.now(UTC) + timedelta(milliseconds=number))
        answers.append((await running.client.post(f"/webhooks/{to}", content=body, headers=headers)).status_code)
    async with asyncio.timeout(10):
        await bookkeeping(running).written()
    return answers


async def handed_in(running: Stack) -> None:
    for each in submissions():
        bookkeeping(running).hear_submission(each)


async def asked(running: Stack, variables: dict[str, Any], **headers: str) -> Any:
    body = await running.ask(QUERY, variables, **headers)
    assert "errors" not in body, body
    return body["data"]["operations"]


@pytest.fixture(scope="module")
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The day acted out, with a restart in the middle of it."""
    folder = tmp_path_factory.mktemp("day")
    async with gateway(folder) as before:
        await handed_in(before)
        assert set(await acted_out(before, last=16)) == {200}
    async with gateway(folder) as running:
        assert set(await acted_out(running, first=16)) == {200}
        yield running


async def test_the_figures_are_those_that_were_worked_out_by_hand(day: Stack) -> None:
    us = await asked(day, {**DAYS, "company": "US"})
    both = await asked(day, DAYS)
    assert told(us["series"][0]) == expected(0)
    assert told(both["series"][0]) == expected(1)
    assert told(us["series"][1]) == expected(2)
    assert [(each["since"], each["until"]) for each in us["series"]] == [
        ("2026-06-30T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"),
    ]


async def test_the_total_is_over_all_of_the_period_and_not_made_of_its_parts(day: Stack) -> None:
    whole = await asked(day, {**DAYS, "company": "US", "every": None})
    assert whole["series"] is None
    assert whole["total"]["orderCycle"] == {"count": 8, "medianSeconds": 360 * 60, "p90Seconds": 600 * 60}
    assert whole["total"]["perfectOrders"]["rate"] == 4 / 7


async def test_by_the_hour_everything_counts_in_the_hour_in_which_it_was_completed(day: Stack) -> None:
    found = await asked(day, {"since": DAY.isoformat(), "until": NEXT_DAY.isoformat(), "every": "HOUR"})
    assert len(found["series"]) == 24
    delivered = {
        at: each["orderCycle"]["count"] for at, each in enumerate(found["series"]) if each["orderCycle"]["count"]
    }
    assert delivered == {11: 1, 12: 1, 14: 1, 15: 1, 16: 1, 17: 1, 19: 1, 20: 1}
    quiet = found["series"][3]
    assert quiet["orderCycle"] == {"count": 0, "medianSeconds": None, "p90Seconds": None}
    assert (quiet["perfectOrders"]["rate"], quiet["submissions"]["successRate"]) == (None, None)
    assert (quiet["exceptionReasons"], quiet["submissionChannels"]) == ([], [])


async def test_the_last_stretch_is_shorter_where_the_period_ends_within_it(day: Stack) -> None:
    until = (DAY + timedelta(hours=14, minutes=30)).isoformat()
    found = await asked(day, {"since": DAY.isoformat(), "until": until, "every": "DAY"})
    (only,) = found["series"]
    assert only["until"] == "2026-06-30T14:30:00Z"
    assert only == found["total"]
    assert only["orderCycle"]["count"] == 3


# ---------------------------------------------------------------- who may see it


def bearer(scopes: set[str], companies: list[str], customers: list[str]) -> dict[str, str]:
    token = development_key.token(development_key.Bearer("ann", scopes, companies, customers))
    return {"Authorization": f"Bearer {token}"}


async def test_a_viewer_is_told_of_its_companies_and_of_no_other(day: Stack) -> None:
    of_us = bearer({"operations:read"}, ["US"], ["*"])
    own = await asked(day, DAYS, **of_us)
    assert told(own["series"][0]) == expected(0)
    foreign = await asked(day, {**DAYS, "company": "CA"}, **of_us)
    absent = await asked(day, {**DAYS, "company": "XX"}, **of_us)
    assert foreign == absent
    assert foreign["total"]["orderCycle"]["count"] == foreign["total"]["submissions"]["count"] == 0
    assert told((await asked(day, DAYS, **bearer({"operations:read"}, ["US", "CA"], ["*"])))["series"][0]) == expected(
        1
    )


async def test_without_the_scope_or_bounded_to_accounts_nobody_is_told_anything(day: Stack) -> None:
    assert await asked(day, DAYS, **bearer(set(SCOPES) - {"operations:read"}, ["US"], ["*"])) is None
    assert await asked(day, DAYS, **bearer(set(SCOPES), ["US"], ["C1"])) is None


@pytest.mark.parametrize(
    ("wrong", "argument", "code"),
    [
        ({"until": DAY.isoformat()}, "until", "BAD_INPUT"),
        ({"until": (DAY + timedelta(days=367)).isoformat(), "every": None}, "until", "BAD_INPUT"),
        ({"until": (DAY + timedelta(days=201)).isoformat()}, "every", "LIMIT_EXCEEDED"),
        ({"until": (DAY + timedelta(hours=200, seconds=1)).isoformat(), "every": "HOUR"}, "every", "LIMIT_EXCEEDED"),
    ],
)
async def test_a_period_has_its_bounds(day: Stack, wrong: dict[str, Any], argument: str, code: str) -> None:
    body = await day.ask(QUERY, {**DAYS, **wrong})
    (error,) = body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == (code, argument)
    assert body["data"] == {"operations": None}


async def test_two_hundred_stretches_cost_less_than_a_request_may(day: Stack) -> None:
    until = (DAY + timedelta(hours=200)).isoformat()
    found = await asked(day, {"since": DAY.isoformat(), "until": until, "every": "HOUR"})
    assert len(found["series"]) == 200
    assert sum(each["orderCycle"]["count"] for each in found["series"]) == found["total"]["orderCycle"]["count"] == 9


async def test_without_submissions_there_are_no_figures_and_it_says_so(stack: Stack) -> None:
    (error,) = (await stack.ask(QUERY, DAYS))["errors"]
    assert error["message"] == "This gateway takes no orders: submissions are switched off."


async def test_what_was_written_is_told_among_the_events(day: Stack) -> None:
    found = (await day.client.get("/health/events")).json()["figures"]
    assert found == {"written": 16, "waiting": 0}
