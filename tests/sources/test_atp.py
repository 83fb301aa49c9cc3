"""Availability against the numbers others have published, and the edges of a timeline."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from sources.atp import (
    AtpBucket,
    AtpMethod,
    AtpRules,
    Flow,
    StockPosition,
    available_on,
    discrete_buckets,
    merged,
    sellable,
    timeline,
)

TODAY = dt.date(2026, 3, 2)


def day(offset: int, *, start: dt.date = TODAY) -> dt.date:
    return start + dt.timedelta(days=offset)


def flows(quantities: Mapping[dt.date, int]) -> tuple[Flow, ...]:
    return tuple(Flow(on, Decimal(quantity)) for on, quantity in quantities.items())


def bucket(on: dt.date, available: str) -> AtpBucket:
    return AtpBucket(on, Decimal(available))


def by_day(buckets: Sequence[AtpBucket], start: dt.date, days: int) -> list[Decimal]:
    return [available_on(buckets, day(offset, start=start)) for offset in range(days)]


# T1: JD Edwards, "Cumulative Available to Promise Calculation": eight periods, here eight days.
#
#   period          1    2    3    4    5    6    7    8
#   on hand        80
#   orders         30   25   30   10    0   35    0    0
#   replenishment   0    0   60    0    0   60    0    0
#   ATP            25        20             25
#   CATP           25   25   45   45   45   70   70   70
JDE_START = dt.date(2026, 1, 1)
JDE_POSITION = StockPosition(
    Decimal(80),
    supply=flows({day(2, start=JDE_START): 60, day(5, start=JDE_START): 60}),
    demand=flows({day(n, start=JDE_START): quantity for n, quantity in enumerate([30, 25, 30, 10, 0, 35, 0, 0])}),
)


def test_discrete_buckets_are_those_jd_edwards_publishes() -> None:
    assert discrete_buckets(JDE_POSITION, today=JDE_START, horizon_days=7) == (
        bucket(dt.date(2026, 1, 1), "25"),
        bucket(dt.date(2026, 1, 3), "20"),
        bucket(dt.date(2026, 1, 6), "25"),
    )


@pytest.mark.parametrize("method", [AtpMethod.CUMULATIVE_LOOKAHEAD, AtpMethod.DISCRETE])
def test_both_methods_give_the_cumulative_row_jd_edwards_publishes(method: AtpMethod) -> None:
    buckets = timeline(JDE_POSITION, today=JDE_START, horizon_days=7, rules=AtpRules(method=method))
    assert by_day(buckets, JDE_START, 8) == [25, 25, 45, 45, 45, 70, 70, 70]


# T2: Dynamics 365 Inventory Visibility, "Available to promise": a schedule period of seven days from 1 February 2022.
# Each step: the day it is, on hand, supply and demand by day of February, and the seven published quantities.
D365_STEPS = {
    "1: one demand": (1, 20, {}, {1: 3}, [17, 17, 17, 17, 17, 17, 17]),
    "2: a supply on the 3rd": (1, 20, {3: 10}, {1: 3}, [17, 17, 27, 27, 27, 27, 27]),
    "3: more of both": (1, 20, {3: 10, 5: 1, 6: 3}, {1: 3, 4: 15}, [12, 12, 12, 12, 13, 16, 16]),
    "4: the first demand has shipped": (1, 17, {3: 10, 5: 1, 6: 3}, {4: 15}, [12, 12, 12, 12, 13, 16, 16]),
    "5: the next day": (2, 17, {3: 10, 5: 1, 6: 3}, {4: 15}, [12, 12, 12, 13, 16, 16, 16]),
    "6: the supply of the 3rd is late": (4, 17, {3: 10, 5: 1, 6: 3}, {4: 15}, [2, 3, 6, 6, 6, 6, 6]),
}


@pytest.mark.parametrize(("today", "on_hand", "supply", "demand", "published"), D365_STEPS.values(), ids=D365_STEPS)
def test_look_ahead_gives_the_tables_of_d365_inventory_visibility(
    *, today: int, on_hand: int, supply: dict[int, int], demand: dict[int, int], published: list[int]
) -> None:
    position = StockPosition(
        Decimal(on_hand),
        supply=flows({dt.date(2022, 2, n): quantity for n, quantity in supply.items()}),
        demand=flows({dt.date(2022, 2, n): quantity for n, quantity in demand.items()}),
    )
    start = dt.date(2022, 2, today)
    assert by_day(timeline(position, today=start, horizon_days=6), start, 7) == published


# T3: Dynamics 365 Supply Chain Management, delivery dates: an overdue purchase of 200 and an overdue order of 75, both
# fences 7 days and both offsets 1, a purchase of 100 in ten days.
D365_FENCES = AtpRules(
    overdue_supply_days=7, overdue_supply_offset_days=1, overdue_demand_days=7, overdue_demand_offset_days=1
)


def test_overdue_flows_within_their_fences_are_moved_as_d365_publishes() -> None:
    position = StockPosition(Decimal(0), flows({day(-2): 200, day(10): 100}), flows({day(-3): 75}))
    assert timeline(position, today=TODAY, horizon_days=30, rules=D365_FENCES) == (
        bucket(TODAY, "0"),
        bucket(day(1), "125"),
        bucket(day(10), "225"),
    )


# T4: NetSuite, discrete ATP.
#
#   supply      50 Jan 1    40 Feb 10    50 Feb 15    50 Mar 1
#   demand      30          40           10
#   available   20           0           40           50
#   cumulative  20          20           60          110
NETSUITE_START = dt.date(2026, 1, 1)
NETSUITE_POSITION = StockPosition(
    Decimal(0),
    supply=flows(
        {dt.date(2026, 1, 1): 50, dt.date(2026, 2, 10): 40, dt.date(2026, 2, 15): 50, dt.date(2026, 3, 1): 50}
    ),
    demand=flows({dt.date(2026, 1, 1): 30, dt.date(2026, 2, 10): 40, dt.date(2026, 2, 15): 10}),
)


def test_discrete_buckets_are_those_netsuite_publishes() -> None:
    assert discrete_buckets(NETSUITE_POSITION, today=NETSUITE_START, horizon_days=90) == (
        bucket(dt.date(2026, 1, 1), "20"),
        bucket(dt.date(2026, 2, 10), "0"),
        bucket(dt.date(2026, 2, 15), "40"),
        bucket(dt.date(2026, 3, 1), "50"),
    )


def test_netsuites_cumulative_row_is_the_timeline() -> None:
    buckets = timeline(NETSUITE_POSITION, today=NETSUITE_START, horizon_days=90)
    assert [
        available_on(buckets, on)
        for on in (dt.date(2026, 1, 1), dt.date(2026, 2, 10), dt.date(2026, 2, 15), dt.date(2026, 3, 1))
    ] == [20, 20, 60, 110]


def test_a_bucket_in_deficit_takes_from_the_nearest_before_it_and_leaves_the_rest_owed() -> None:
    position = StockPosition(Decimal(10), flows({day(5): 20, day(10): 5, day(20): 30}), flows({day(12): 28}))
    assert discrete_buckets(position, today=TODAY, horizon_days=30) == (
        bucket(TODAY, "7"),
        bucket(day(5), "0"),
        bucket(day(10), "0"),
        bucket(day(20), "30"),
    )
    more_owed = StockPosition(Decimal(10), position.supply, flows({day(12): 45}))
    assert [b.available for b in discrete_buckets(more_owed, today=TODAY, horizon_days=30)] == [0, 0, 0, 20]


def test_a_position_without_flows_is_one_bucket() -> None:
    assert timeline(StockPosition(Decimal("12.5")), today=TODAY, horizon_days=0) == (bucket(TODAY, "12.5"),)


def test_quantities_keep_their_decimals() -> None:
    position = StockPosition(
        Decimal("0.3"), (Flow(day(2), Decimal("0.0375")),), (Flow(TODAY, Decimal("0.1")), Flow(TODAY, Decimal("0.1")))
    )
    assert timeline(position, today=TODAY, horizon_days=9) == (bucket(TODAY, "0.1"), bucket(day(2), "0.1375"))


def test_a_change_that_leaves_the_same_available_makes_no_bucket() -> None:
    position = StockPosition(Decimal(10), flows({day(3): 5}), flows({day(3): 5}))
    assert timeline(position, today=TODAY, horizon_days=9) == (bucket(TODAY, "10"),)


def test_flows_beyond_the_horizon_do_not_count() -> None:
    position = StockPosition(Decimal(10), flows({day(7): 5, day(8): 100}), flows({day(8): 12}))
    assert timeline(position, today=TODAY, horizon_days=7) == (bucket(TODAY, "10"), bucket(day(7), "15"))


def test_overdue_demand_is_owed_today_however_old_and_overdue_supply_is_not_relied_upon() -> None:
    position = StockPosition(Decimal(10), flows({day(-1): 50}), flows({day(-400): 4}))
    assert timeline(position, today=TODAY, horizon_days=7) == (bucket(TODAY, "6"),)


@pytest.mark.parametrize(("fence", "expected"), [(6, "0"), (7, "50"), (None, "50"), (10_000_000, "50")])
def test_a_fence_counts_its_last_day(fence: int | None, expected: str) -> None:
    position = StockPosition(Decimal(0), flows({day(-7): 50}))
    rules = AtpRules(overdue_supply_days=fence)
    assert timeline(position, today=TODAY, horizon_days=7, rules=rules) == (bucket(TODAY, expected),)


def test_overdue_demand_beyond_its_fence_is_ignored() -> None:
    position = StockPosition(Decimal(10), demand=flows({day(-7): 1, day(-8): 2}))
    rules = AtpRules(overdue_demand_days=7)
    assert timeline(position, today=TODAY, horizon_days=7, rules=rules) == (bucket(TODAY, "9"),)


def test_stock_short_of_its_safety_is_filled_before_anything_is_promised() -> None:
    on_hand = sellable(Decimal(12), unsellable=Decimal("2.5"), safety_stock=Decimal(15))
    assert on_hand == Decimal("-5.5")
    assert timeline(StockPosition(on_hand, flows({day(4): 8})), today=TODAY, horizon_days=7) == (
        bucket(TODAY, "0"),
        bucket(day(4), "2.5"),
    )


def test_a_timeline_given_by_its_source_is_not_computed() -> None:
    with pytest.raises(ValueError, match="passed on, not computed"):
        timeline(StockPosition(Decimal(1)), today=TODAY, horizon_days=7, rules=AtpRules(method=AtpMethod.SOURCE))


@pytest.mark.parametrize(
    ("horizon_days", "rules"),
    [
        (-1, AtpRules()),
        (7, AtpRules(overdue_supply_offset_days=-1)),
        (7, AtpRules(overdue_demand_offset_days=-1)),
    ],
)
def test_days_before_today_are_refused(horizon_days: int, rules: AtpRules) -> None:
    with pytest.raises(ValueError, match="not before today"):
        timeline(StockPosition(Decimal(1)), today=TODAY, horizon_days=horizon_days, rules=rules)


def test_timelines_sum_over_warehouses() -> None:
    east = (bucket(TODAY, "10"), bucket(day(3), "15"), bucket(day(9), "20.5"))
    west = (bucket(TODAY, "0"), bucket(day(3), "2"), bucket(day(5), "4"))
    assert merged([east, west]) == (
        bucket(TODAY, "10"),
        bucket(day(3), "17"),
        bucket(day(5), "19"),
        bucket(day(9), "24.5"),
    )


def test_changes_that_cancel_out_merge_into_none() -> None:
    falling = (bucket(TODAY, "10"), bucket(day(3), "4"))
    rising = (bucket(TODAY, "1"), bucket(day(3), "7"))
    assert merged([falling, rising]) == (bucket(TODAY, "11"),)


def test_no_timelines_merge_into_none() -> None:
    assert merged([]) == ()


def test_available_holds_from_one_bucket_to_the_next() -> None:
    buckets = (bucket(TODAY, "10"), bucket(day(3), "15"))
    assert [available_on(buckets, day(n)) for n in (-1, 0, 2, 3, 400)] == [0, 10, 10, 15, 15]
