"""What holds of every timeline and every promise, and a day-by-day counting to hold the arithmetic against."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sources.atp import (
    AtpBucket,
    AtpMethod,
    AtpRules,
    Flow,
    Promise,
    StockPosition,
    WarehouseOutlook,
    available_on,
    discrete_buckets,
    merged,
    promise,
    timeline,
)

TODAY = dt.date(2026, 3, 2)
HORIZON = 14
LONG_AFTER = HORIZON + 20


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def decimals(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=low, max_value=high, places=2)


flows = st.lists(st.builds(Flow, st.integers(-9, HORIZON + 3).map(day), decimals(0, 40)), max_size=7).map(tuple)
positions = st.builds(StockPosition, decimals(-20, 60), flows, flows)
fences = st.none() | st.integers(0, 8)
rules = st.builds(
    AtpRules,
    method=st.sampled_from([AtpMethod.CUMULATIVE_LOOKAHEAD, AtpMethod.DISCRETE]),
    overdue_supply_days=fences,
    overdue_supply_offset_days=st.integers(0, 3),
    overdue_demand_days=fences,
    overdue_demand_offset_days=st.integers(0, 3),
)
quantities = decimals(0, 150).filter(bool)


class Network(msgspec.Struct, frozen=True):
    """Warehouses in routing order: position, days of lead, and the day it is replenished, if ever."""

    warehouses: tuple[tuple[StockPosition, int, int | None], ...]

    def outlooks(self) -> list[WarehouseOutlook]:
        return [
            WarehouseOutlook(
                f"W{number}",
                timeline(position, today=TODAY, horizon_days=HORIZON),
                lead,
                None if replenish is None else day(replenish),
            )
            for number, (position, lead, replenish) in enumerate(self.warehouses)
        ]


networks = st.lists(
    st.tuples(positions, st.integers(0, 4), st.none() | st.integers(-2, HORIZON + 6)), min_size=1, max_size=3
).map(lambda warehouses: Network(tuple(warehouses)))
ways = st.fixed_dictionaries(
    {
        "allow_split": st.booleans(),
        "method": st.sampled_from([AtpMethod.CUMULATIVE_LOOKAHEAD, AtpMethod.DISCRETE]),
    }
)


def due(flow: Flow, fence: int | None, offset: int) -> int | None:
    """Give the day, counted from today, on which a flow counts, None where it does not."""
    days = (flow.date - TODAY).days
    if days >= 0:
        return days
    return offset if fence is None or -days <= fence else None


def by_day(position: StockPosition, how: AtpRules) -> tuple[list[Decimal], list[Decimal]]:
    """Give supply and demand of each day 0..HORIZON."""
    supply, demand = [Decimal(0)] * (HORIZON + 1), [Decimal(0)] * (HORIZON + 1)
    for flow in position.supply:
        at = due(flow, how.overdue_supply_days, how.overdue_supply_offset_days)
        if at is not None and at <= HORIZON:
            supply[at] += flow.quantity
    for flow in position.demand:
        at = due(flow, how.overdue_demand_days, how.overdue_demand_offset_days)
        if at is not None and at <= HORIZON:
            demand[at] += flow.quantity
    return supply, demand


def counted_by_day(position: StockPosition, how: AtpRules) -> list[Decimal]:
    """P[t] = on hand + supply - demand up to t; C[t] = min(P[t], C[t + 1]); ATP[t] = max(0, C[t])."""
    supply, demand = by_day(position, how)
    levels = [position.on_hand + sum(supply[: t + 1]) - sum(demand[: t + 1]) for t in range(HORIZON + 1)]
    for t in reversed(range(HORIZON)):
        levels[t] = min(levels[t], levels[t + 1])
    return [max(Decimal(0), level) for level in levels]


def consumed_backward(position: StockPosition, how: AtpRules) -> dict[dt.date, Decimal]:
    """Fill buckets from supply to supply, then take each deficit from before it, and what is left of it from after."""
    supply, demand = by_day(position, how)
    supplied = {due(flow, how.overdue_supply_days, how.overdue_supply_offset_days) for flow in position.supply}
    starts = sorted({0, *(t for t in supplied if t is not None and t <= HORIZON)})
    left = [
        (position.on_hand if start == 0 else 0) + supply[start] - sum(demand[start:end])
        for start, end in pairwise([*starts, HORIZON + 1])
    ]
    for late in range(len(left)):
        for early in [*reversed(range(late)), *range(late + 1, len(left))]:
            taken = min(max(-left[late], Decimal(0)), max(left[early], Decimal(0)))
            left[late] += taken
            left[early] -= taken
    return {day(start): max(Decimal(0), quantity) for start, quantity in zip(starts, left, strict=True)}


def can_leave(outlook: WarehouseOutlook, on: dt.date) -> Decimal:
    if on < TODAY:
        return Decimal(0)
    if outlook.replenish_date is not None and on >= outlook.replenish_date:
        return Decimal("Infinity")
    return available_on(outlook.timeline, on)


def can_arrive(outlook: WarehouseOutlook, on: dt.date) -> Decimal:
    return can_leave(outlook, on - dt.timedelta(days=outlook.lead_days))


def earliest(quantity: Decimal, outlooks: Sequence[WarehouseOutlook], *, together: bool) -> dt.date | None:
    """Look day by day for the first on which all the warehouses together, or one alone, can have delivered it all."""
    for on in map(day, range(LONG_AFTER)):
        arrived = [can_arrive(outlook, on) for outlook in outlooks]
        if (sum(arrived) if together else max(arrived)) >= quantity:
            return on
    return None


def is_no_earlier(late: Promise, early: Promise) -> bool:
    return late.date is None or (early.date is not None and late.date >= early.date)


@given(positions, rules)
def test_a_timeline_equals_the_day_by_day_counting(position: StockPosition, how: AtpRules) -> None:
    buckets = timeline(position, today=TODAY, horizon_days=HORIZON, rules=how)
    assert [available_on(buckets, day(t)) for t in range(HORIZON + 1)] == counted_by_day(position, how)


@given(positions, rules)
def test_a_timeline_begins_today_rises_with_every_bucket_and_is_never_negative(
    position: StockPosition, how: AtpRules
) -> None:
    buckets = timeline(position, today=TODAY, horizon_days=HORIZON, rules=how)
    assert buckets[0].date == TODAY
    assert buckets[0].available >= 0
    assert buckets[-1].date <= day(HORIZON)
    for earlier, later in pairwise(buckets):
        assert earlier.date < later.date
        assert earlier.available < later.available


@given(positions, rules)
def test_discrete_buckets_equal_backward_consumption_step_by_step(position: StockPosition, how: AtpRules) -> None:
    buckets = discrete_buckets(position, today=TODAY, horizon_days=HORIZON, rules=how)
    assert {bucket.date: bucket.available for bucket in buckets} == consumed_backward(position, how)


@given(positions, rules)
def test_the_running_total_of_discrete_buckets_is_the_timeline(position: StockPosition, how: AtpRules) -> None:
    buckets = discrete_buckets(position, today=TODAY, horizon_days=HORIZON, rules=how)
    running = accumulate(bucket.available for bucket in buckets)
    totals = [AtpBucket(bucket.date, total) for bucket, total in zip(buckets, running, strict=True)]
    levels = timeline(position, today=TODAY, horizon_days=HORIZON, rules=how)
    for t in range(HORIZON + 1):
        assert available_on(totals, day(t)) == available_on(levels, day(t))


@given(st.lists(positions, max_size=4))
def test_merged_timelines_are_the_sum_on_every_day(several: list[StockPosition]) -> None:
    timelines = [timeline(position, today=TODAY, horizon_days=HORIZON) for position in several]
    total = merged(timelines)
    for t in range(-1, HORIZON + 2):
        assert available_on(total, day(t)) == sum(available_on(buckets, day(t)) for buckets in timelines)
    assert all(earlier.available != later.available for earlier, later in pairwise(total))


@given(networks, quantities, ways, st.none() | st.integers(-2, LONG_AFTER).map(day))
def test_portions_and_shortfall_are_the_quantity_and_the_date_is_the_last_portions(
    network: Network, quantity: Decimal, how: dict[str, Any], by: dt.date | None
) -> None:
    promised = promise(quantity, network.outlooks(), today=TODAY, by=by, **how)
    assert sum(portion.quantity for portion in promised.portions) + promised.shortfall == quantity
    assert all(portion.quantity > 0 for portion in promised.portions)
    dates = [portion.date for portion in promised.portions]
    assert dates == sorted(dates)
    assert promised.date == (None if promised.shortfall else dates[-1])
    assert promised.complete == (promised.date is not None and (by is None or promised.date <= by))
    assert len({(portion.warehouse, portion.date) for portion in promised.portions}) == len(promised.portions)


@given(networks, quantities, ways, st.none() | st.integers(-2, LONG_AFTER).map(day))
def test_no_warehouse_promises_more_by_any_day_than_it_can_deliver(
    network: Network, quantity: Decimal, how: dict[str, Any], by: dt.date | None
) -> None:
    outlooks = network.outlooks()
    portions = promise(quantity, outlooks, today=TODAY, by=by, **how).portions
    for outlook in outlooks:
        for on in map(day, range(LONG_AFTER)):
            sent = sum(p.quantity for p in portions if p.warehouse == outlook.warehouse and p.date <= on)
            assert sent <= can_arrive(outlook, on)


@given(st.lists(positions, min_size=1, max_size=3), quantities)
def test_all_portions_by_any_day_fit_into_the_merged_availability(
    several: list[StockPosition], quantity: Decimal
) -> None:
    timelines = [timeline(position, today=TODAY, horizon_days=HORIZON) for position in several]
    outlooks = [WarehouseOutlook(f"W{number}", buckets) for number, buckets in enumerate(timelines)]
    promised = promise(quantity, outlooks, today=TODAY)
    total = merged(timelines)
    for on in map(day, range(HORIZON + 1)):
        assert sum(p.quantity for p in promised.portions if p.date <= on) <= available_on(total, on)
    assert promised.shortfall == max(Decimal(0), quantity - available_on(total, day(HORIZON)))


@given(network=networks, quantity=quantities, split=st.booleans())
def test_no_day_earlier_than_the_one_promised_would_do(network: Network, quantity: Decimal, *, split: bool) -> None:
    outlooks = network.outlooks()
    promised = promise(quantity, outlooks, today=TODAY, allow_split=split)
    assert promised.date == earliest(quantity, outlooks, together=split)


@given(network=networks, quantity=quantities, by=st.integers(0, LONG_AFTER - 1).map(day), split=st.booleans())
def test_by_is_kept_wherever_it_can_be(network: Network, quantity: Decimal, by: dt.date, *, split: bool) -> None:
    outlooks = network.outlooks()
    possible = earliest(quantity, outlooks, together=split)
    promised = promise(quantity, outlooks, today=TODAY, by=by, allow_split=split)
    assert promised.complete == (possible is not None and possible <= by)


@given(networks, quantities, st.integers(0, LONG_AFTER - 1).map(day))
def test_what_misses_by_still_brings_all_that_can_arrive_by_then(
    network: Network, quantity: Decimal, by: dt.date
) -> None:
    outlooks = network.outlooks()
    promised = promise(quantity, outlooks, today=TODAY, by=by)
    in_time = sum(p.quantity for p in promised.portions if p.date <= by)
    assert in_time == min(quantity, sum(can_arrive(outlook, by) for outlook in outlooks))


@given(networks, quantities, st.integers(0, LONG_AFTER - 1).map(day))
def test_the_first_warehouse_that_alone_keeps_by_delivers_everything(
    network: Network, quantity: Decimal, by: dt.date
) -> None:
    outlooks = network.outlooks()
    alone = [outlook.warehouse for outlook in outlooks if can_arrive(outlook, by) >= quantity]
    portions = promise(quantity, outlooks, today=TODAY, by=by).portions
    if alone:
        assert [portion.warehouse for portion in portions] == alone[:1]
    else:
        assert all(portion.quantity < quantity or portion.date > by for portion in portions)


@given(networks, quantities, quantities, ways)
def test_a_larger_quantity_is_never_promised_earlier(
    network: Network, one: Decimal, other: Decimal, how: dict[str, Any]
) -> None:
    outlooks = network.outlooks()
    less, more = (promise(quantity, outlooks, today=TODAY, **how) for quantity in sorted([one, other]))
    assert is_no_earlier(more, less)


@given(networks, quantities, ways, st.data())
def test_removing_a_supply_never_makes_a_promise_earlier(
    network: Network, quantity: Decimal, how: dict[str, Any], data: st.DataObject
) -> None:
    (position, lead, replenish), *others = network.warehouses
    kept = tuple(flow for flow in position.supply if data.draw(st.booleans()))
    poorer = Network(((StockPosition(position.on_hand, kept, position.demand), lead, replenish), *others))
    before, after = (promise(quantity, n.outlooks(), today=TODAY, **how) for n in (network, poorer))
    assert is_no_earlier(after, before)
