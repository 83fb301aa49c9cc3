"""The ledger in SQLite and in PostgreSQL: what is written once, what is corrected, what is counted, and what is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orders.ledger import Ledger, Period, Row, TooMany
from orders.milestones import Leg, Milestones, News, Standing
from orders.observations import Figure, Observation
from tests.orders.databases import KINDS, engine

DAY = datetime(2026, 6, 30, tzinfo=UTC)
MINUTE, HOUR = 60_000, 3_600_000
START = round(DAY.timestamp() * 1000)
WHOLE_DAY = Period(START, START + 24 * HOUR)


@pytest.fixture(params=KINDS)
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    async with engine(request.param, tmp_path) as (made, threads):
        empty = Ledger(made, threads)
        await empty.create_tables()
        yield empty


def heard(ledger: Ledger) -> list[Observation]:
    found: list[Observation] = []
    ledger.listeners.append(found.append)
    return found


def order(number: int, *, company: str = "US", begun: int = 0, took: int = 60) -> News:
    """Accepted so many minutes into the day, delivered so many later."""
    accepted = START + begun * MINUTE
    leg = Leg(delivered=accepted + took * MINUTE)
    return News(f"order/{company}/{number}", Milestones(company=company, accepted=accepted, shipments={"S": leg}))


def cycles(rows: list[Row]) -> list[tuple[int, int, float | None, float | None]]:
    found = [row for row in rows if row.figure is Figure.ORDER_CYCLE]
    return sorted((row.stretch, row.times, row.median, row.p90) for row in found)


# ---------------------------------------------------------------- once


async def test_what_is_told_again_is_neither_counted_nor_told_again(ledger: Ledger) -> None:
    told = heard(ledger)
    assert await ledger.learn([order(1)], DAY) == 2
    assert await ledger.learn([order(1), order(1)], DAY) == 0
    assert [(each.figure, each.label, each.seconds) for each in told] == [
        (Figure.PERFECT_ORDER, "UNDATED", None),
        (Figure.ORDER_CYCLE, "", 3_600),
    ]
    assert cycles(await ledger.rows(WHOLE_DAY, None)) == [(0, 1, 3_600, 3_600)]


async def test_of_twenty_who_are_told_the_same_at_once_one_is_the_first(ledger: Ledger) -> None:
    made = await asyncio.gather(*(ledger.learn([order(1), order(2)], DAY) for _ in range(20)))
    assert sorted(made) == [0] * 19 + [4]


async def test_two_who_are_each_told_a_half_put_it_together(ledger: Ledger) -> None:
    whole = order(1)
    halves = [Milestones(company="US", accepted=whole.milestones.accepted),
              Milestones(company="US", shipments=whole.milestones.shipments)]  # fmt: skip
    made = await asyncio.gather(*(ledger.learn([News(whole.subject, half)], DAY) for half in halves))
    assert sum(made) == 2
    assert cycles(await ledger.rows(WHOLE_DAY, None)) == [(0, 1, 3_600, 3_600)]


async def test_what_is_known_outlives_who_knew_it(ledger: Ledger) -> None:
    subject, milestones = order(1)
    await ledger.learn([News(subject, Milestones(company="US", accepted=milestones.accepted))], DAY)
    later = Ledger(ledger._engine, ledger._threads)  # noqa: SLF001 - another process's, over the same database
    assert await later.learn([News(subject, Milestones(company="US", shipments=milestones.shipments))], DAY) == 2


# ---------------------------------------------------------------- corrected


async def test_an_earlier_delivery_that_is_told_late_corrects_the_figure_and_is_not_told_anew(ledger: Ledger) -> None:
    await ledger.learn([order(1, took=60)], DAY)
    told = heard(ledger)
    assert await ledger.learn([order(1, took=30)], DAY) == 0
    assert told == []
    assert cycles(await ledger.rows(WHOLE_DAY, None)) == [(0, 1, 1_800, 1_800)]


async def test_what_turns_out_not_to_be_whole_yet_is_taken_back(ledger: Ledger) -> None:
    subject, _ = order(1)
    await ledger.learn([order(1)], DAY)
    more = Milestones(company="US", shipments={"T": Leg()})
    assert await ledger.learn([News(subject, more)], DAY) == 0
    assert await ledger.rows(WHOLE_DAY, None) == []
    last = Milestones(company="US", shipments={"T": Leg(delivered=START + 90 * MINUTE)})
    assert await ledger.learn([News(subject, last)], DAY) == 2
    assert cycles(await ledger.rows(WHOLE_DAY, None)) == [(0, 1, 5_400, 5_400)]


async def test_a_failure_that_went_well_in_the_end_counts_as_that(ledger: Ledger) -> None:
    failed = Standing(1, is_over=True, kind="FAILED", channel="EDI", at=START)
    well = Standing(2, is_over=True, kind="ACCEPTED_AFTER_DECISION", channel="EDI", at=START + 1)
    for standing in (failed, well, failed):
        await ledger.learn([News("s1", Milestones(standing=standing))], DAY)
    assert await ledger.rows(WHOLE_DAY, None) == [
        Row(Figure.SUBMISSION, "EDI:ACCEPTED_AFTER_DECISION", 0, 1, 1, None, None)
    ]


# ---------------------------------------------------------------- parcels


PARCEL = News("parcel/1Z", Milestones(shipments={"": Leg(parcels={"1Z": START + 90 * MINUTE})}))
OWNER = News(
    "order/US/1", Milestones(company="US", accepted=START, shipments={"S": Leg(confirmed=START, parcels={"1Z": None})})
)


@pytest.mark.parametrize(
    "news", [[[PARCEL], [OWNER]], [[OWNER], [PARCEL]], [[PARCEL, OWNER]], [[OWNER, PARCEL, PARCEL]]]
)
async def test_a_parcel_belongs_to_its_order_whoever_is_told_of_first(ledger: Ledger, news: list[list[News]]) -> None:
    made = [await ledger.learn(each, DAY) for each in news]
    assert sum(made) == 2
    assert cycles(await ledger.rows(WHOLE_DAY, None)) == [(0, 1, 5_400, 5_400)]
    assert await ledger.learn([PARCEL, OWNER], DAY) == 0


async def test_a_parcel_that_nobody_knows_counts_nowhere(ledger: Ledger) -> None:
    assert await ledger.learn([PARCEL], DAY) == 0
    assert await ledger.rows(WHOLE_DAY, None) == []


# ---------------------------------------------------------------- counted


@pytest.mark.parametrize(
    ("minutes", "median", "p90"),
    [([7], 7, 7), ([9, 1], 1, 9), ([3, 1, 2], 2, 3), (list(range(10, 0, -1)), 5, 9), (list(range(1, 12)), 6, 10)],
)
async def test_median_and_p90_are_by_the_nearest_rank(
    ledger: Ledger, minutes: list[int], median: int, p90: int
) -> None:
    await ledger.learn([order(number, took=took) for number, took in enumerate(minutes)], DAY)
    assert cycles(await ledger.rows(WHOLE_DAY, None)) == [(0, len(minutes), median * 60, p90 * 60)]


async def test_stretches_begin_with_the_period_and_its_end_is_no_part_of_it(ledger: Ledger) -> None:
    delivered = {1: -1, 2: 0, 3: 59, 4: 60, 5: 119, 6: 120}  # in minutes
    await ledger.learn([order(number, begun=at - 1, took=1) for number, at in delivered.items()], DAY)
    two_hours = Period(START, START + 2 * HOUR, HOUR)
    assert cycles(await ledger.rows(two_hours, None)) == [(0, 2, 60, 60), (1, 2, 60, 60)]
    assert cycles(await ledger.rows(two_hours._replace(every=None), None)) == [(0, 4, 60, 60)]


async def test_companies_are_told_apart_and_what_is_nobodys_is_only_in_the_whole(ledger: Ledger) -> None:
    nobodys = Standing(1, is_over=True, kind="REJECTED", channel="EDI", at=START)
    await ledger.learn([order(1), order(1, company="CA", took=30), News("s1", Milestones(standing=nobodys))], DAY)
    assert cycles(await ledger.rows(WHOLE_DAY, ["US"])) == [(0, 1, 3_600, 3_600)]
    assert cycles(await ledger.rows(WHOLE_DAY, ["CA", "US"])) == [(0, 2, 1_800, 3_600)]
    assert await ledger.rows(WHOLE_DAY, []) == []
    figures = {companies: len(await ledger.rows(WHOLE_DAY, companies)) for companies in (None, ("CA", "US"))}
    assert figures == {None: 3, ("CA", "US"): 2}


# ---------------------------------------------------------------- forgotten


async def test_what_was_kept_for_long_enough_is_forgotten_and_what_goes_on_is_not(ledger: Ledger) -> None:
    await ledger.learn([order(1), order(2, begun=2 * 24 * 60)], DAY)
    await ledger.learn([News("order/US/3", Milestones(company="US", accepted=START))], DAY + timedelta(days=2))
    await ledger.forget_before(DAY + timedelta(days=1))
    assert await ledger.rows(WHOLE_DAY, None) == []
    assert cycles(await ledger.rows(Period(START, START + 72 * HOUR), None)) == [(0, 1, 3_600, 3_600)]
    delivered = Milestones(company="US", shipments={"S": Leg(delivered=START + 49 * HOUR)})
    assert await ledger.learn([News("order/US/3", delivered)], DAY + timedelta(days=2)) == 2
    assert await ledger.learn([order(2, begun=2 * 24 * 60)], DAY) == 2  # its milestones are gone, its figures are not
    assert cycles(await ledger.rows(Period(START, START + 72 * HOUR), None)) == [(0, 2, 3_600, 176_400)]


async def test_tables_that_are_there_stay_as_they_are(ledger: Ledger) -> None:
    await ledger.learn([order(1)], DAY)
    await ledger.create_tables()
    assert cycles(await ledger.rows(WHOLE_DAY, None)) == [(0, 1, 3_600, 3_600)]


async def test_a_period_in_which_too_much_was_timed_is_refused_before_it_is_put_in_order(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.ledger.MOST_TIMES", 2)
    await ledger.learn([order(1), order(2), order(3, took=120)], DAY)
    with pytest.raises(TooMany):
        await ledger.rows(WHOLE_DAY, None)
    assert cycles(await ledger.rows(WHOLE_DAY._replace(until=START + 2 * HOUR), None)) == [(0, 2, 3_600, 3_600)]
