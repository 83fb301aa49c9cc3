"""Available-to-promise arithmetic, pure: what can still be promised from stock, supply and demand, where and when.

Only days on which something happens are looked at, so a horizon of a year costs no more than a week. The quantities of
flows are positive and in the item's base unit.
"""

import datetime as dt
import enum
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from operator import add, sub
from typing import NamedTuple

import msgspec

ZERO = Decimal(0)
UNLIMITED = Decimal("Infinity")


class AtpMethod(enum.Enum):
    SOURCE = "SOURCE"
    CUMULATIVE_LOOKAHEAD = "CUMULATIVE_LOOKAHEAD"
    DISCRETE = "DISCRETE"


class Flow(msgspec.Struct, frozen=True, gc=False):
    """A supply or a demand."""

    date: dt.date
    quantity: Decimal


class AtpBucket(msgspec.Struct, frozen=True, gc=False):
    date: dt.date
    available: Decimal


class AtpRules(msgspec.Struct, frozen=True, gc=False):
    """How to count what is overdue.

    Back to `overdue_*_days` before today it counts as due `overdue_*_offset_days` after today; what is older is not
    counted. So 0 ignores all that is overdue, and None sets no fence. By default a late supply is not relied upon, and
    a late demand is still owed, however old.
    """

    method: AtpMethod = AtpMethod.CUMULATIVE_LOOKAHEAD
    overdue_supply_days: int | None = 0
    overdue_supply_offset_days: int = 0
    overdue_demand_days: int | None = None
    overdue_demand_offset_days: int = 0


DEFAULT_RULES = AtpRules()


class StockPosition(msgspec.Struct, frozen=True, gc=False):
    """One item in one warehouse.

    `on_hand` is what `sellable` leaves. Allocated stock stays in it: the orders it is allocated to are in `demand`.
    """

    on_hand: Decimal
    supply: tuple[Flow, ...] = ()
    demand: tuple[Flow, ...] = ()


class WarehouseOutlook(msgspec.Struct, frozen=True, gc=False):
    """What leaves on a day arrives `lead_days` later; from `replenish_date` on, as much as is asked for can leave."""

    warehouse: str
    timeline: tuple[AtpBucket, ...]
    lead_days: int = 0
    replenish_date: dt.date | None = None


class Portion(msgspec.Struct, frozen=True, gc=False):
    """`date` is the day of arrival."""

    warehouse: str
    quantity: Decimal
    date: dt.date


class Promise(msgspec.Struct, frozen=True, gc=False):
    """`date` is the day the last portion arrives, None where there is a shortfall."""

    complete: bool
    date: dt.date | None
    portions: tuple[Portion, ...]
    shortfall: Decimal


def sellable(on_hand: Decimal, *, unsellable: Decimal = ZERO, safety_stock: Decimal = ZERO) -> Decimal:
    """May be negative: supply then fills the gap before any of it can be promised."""
    return on_hand - unsellable - safety_stock


def timeline(
    position: StockPosition, *, today: dt.date, horizon_days: int, rules: AtpRules = DEFAULT_RULES
) -> tuple[AtpBucket, ...]:
    """Give what can be promised in total on each day of 0..horizon_days, without harm to any later demand.

    DISCRETE gives the same: the running total of its buckets, once deficits have been taken from the buckets before
    them, is the look-ahead. The two methods differ in what `promise` makes of it.
    """
    if rules.method is AtpMethod.SOURCE:
        raise ValueError("an availability given by its source is passed on, not computed")
    supply, demand = _windows(today, horizon_days, rules)
    if not position.supply and not position.demand:
        return (AtpBucket(today, max(ZERO, position.on_hand)),)
    net = {today: position.on_hand}
    _book(net, position.supply, supply, add)
    _book(net, position.demand, demand, sub)
    days = sorted(net)
    projected = accumulate(map(net.__getitem__, days))
    return _changes(days, _lookahead(list(projected)))


def discrete_buckets(
    position: StockPosition, *, today: dt.date, horizon_days: int, rules: AtpRules = DEFAULT_RULES
) -> tuple[AtpBucket, ...]:
    """Give what each supply leaves to promise until the next one; today opens the first bucket.

    A bucket in deficit takes from the buckets before it, the nearest first; what they cannot give, the next ones owe.
    `timeline` is the running total.
    """
    levels = timeline(position, today=today, horizon_days=horizon_days, rules=rules)
    supplied = {today: ZERO}
    _book(supplied, position.supply, _windows(today, horizon_days, rules)[0], add)
    starts = sorted(supplied)
    totals = [available_on(levels, day) for day in starts]
    return tuple(map(AtpBucket, starts, map(sub, totals, [ZERO, *totals])))


def merged(timelines: Sequence[tuple[AtpBucket, ...]]) -> tuple[AtpBucket, ...]:
    """Sum timelines over warehouses; before its first bucket a timeline counts as nothing."""
    steps: dict[dt.date, Decimal] = {}
    for buckets in timelines:
        level = ZERO
        for bucket in buckets:
            steps[bucket.date] = steps.get(bucket.date, ZERO) + bucket.available - level
            level = bucket.available
    days = sorted(steps)
    return _changes(days, accumulate(map(steps.__getitem__, days)))


def available_on(timeline: Sequence[AtpBucket], day: dt.date) -> Decimal:
    if timeline and timeline[0].date <= day and (len(timeline) == 1 or timeline[1].date > day):
        return timeline[0].available  # the commonest question: today, which opens the timeline
    index = bisect_right(timeline, day, key=_date_of)
    return timeline[index - 1].available if index else ZERO


def promise(
    quantity: Decimal,
    outlooks: Sequence[WarehouseOutlook],
    *,
    today: dt.date,
    by: dt.date | None = None,
    allow_split: bool = True,
    method: AtpMethod = AtpMethod.CUMULATIVE_LOOKAHEAD,
) -> Promise:
    """Say when and from where the quantity can arrive; outlooks come in routing order, all dates are arrivals.

    1. One warehouse, one delivery: the first in routing order that alone can deliver everything by `by`; without `by`,
       as soon as the best plan of all could, splits included.
    2. Else, if it may be split: what arrives first is taken first, the same day in routing order, until it is enough.
       So no plan completes earlier, and none brings more by any day before.
    3. Else the earliest delivery of everything from one warehouse, though later than `by`.

    A warehouse's lead time is a supply without limit on its day, like any other supply; what nothing covers is the
    shortfall. With `by`, `complete` says that everything arrives on or before it. Under DISCRETE one bucket alone must
    hold the quantity, and it is never split.
    """
    if not quantity.is_finite() or quantity <= 0:
        raise ValueError(f"a quantity to promise is positive, not {quantity}")
    arrivals = [_arrivals(outlook, today) for outlook in outlooks]
    wholes = [
        Portion(outlook.warehouse, quantity, day)
        for outlook, increments in zip(outlooks, arrivals, strict=True)
        if (day := _whole_on(quantity, increments, method)) is not None
    ]
    if allow_split and method is not AtpMethod.DISCRETE:
        fallback = _split(quantity, outlooks, arrivals)
    else:
        fallback = tuple(sorted(wholes, key=_date_of)[:1])
    if not fallback:
        return Promise(complete=False, date=None, portions=(), shortfall=quantity)
    # A split that falls short leaves no whole delivery either, so its last date then picks none.
    deadline = fallback[-1].date if by is None else by
    return _outcome(quantity, next(((whole,) for whole in wholes if whole.date <= deadline), fallback), by)


class _Window(NamedTuple):
    """Flows from `today` to `last` count on their day, those before it back to `earliest` on the day `moved_to`."""

    today: dt.date
    last: dt.date
    earliest: dt.date
    moved_to: dt.date


@lru_cache(maxsize=64)
def _windows(today: dt.date, horizon_days: int, rules: AtpRules) -> tuple[_Window, _Window]:
    if min(horizon_days, rules.overdue_supply_offset_days, rules.overdue_demand_offset_days) < 0:
        raise ValueError("a horizon and the days overdue flows are moved to lie ahead, not before today")
    last = today + dt.timedelta(days=horizon_days)

    def window(fence: int | None, offset: int) -> _Window:
        earliest = dt.date.min if fence is None else dt.date.fromordinal(max(1, today.toordinal() - fence))
        return _Window(today, last, earliest, today + dt.timedelta(days=offset))

    return (
        window(rules.overdue_supply_days, rules.overdue_supply_offset_days),
        window(rules.overdue_demand_days, rules.overdue_demand_offset_days),
    )


def _book(
    net: dict[dt.date, Decimal],
    flows: Iterable[Flow],
    window: _Window,
    combine: Callable[[Decimal, Decimal], Decimal],
) -> None:
    today, last, earliest, moved_to = window
    for flow in flows:
        day = flow.date
        if day < today:
            if day < earliest:
                continue
            day = moved_to
        if day <= last:
            net[day] = combine(net.get(day, ZERO), flow.quantity)


def _lookahead(projected: list[Decimal]) -> list[Decimal]:
    """Lower each level to the lowest after it, and to no less than nothing."""
    levels = projected.copy()
    lowest = levels[-1] if levels else ZERO
    for index in range(len(levels) - 1, -1, -1):
        lowest = min(levels[index], lowest)
        levels[index] = max(ZERO, lowest)
    return levels


def _changes(days: Iterable[dt.date], levels: Iterable[Decimal]) -> tuple[AtpBucket, ...]:
    buckets: list[AtpBucket] = []
    current: Decimal | None = None
    for day, level in zip(days, levels, strict=True):
        if level != current:
            buckets.append(AtpBucket(day, level))
            current = level
    return tuple(buckets)


def _date_of(dated: AtpBucket | Portion) -> dt.date:
    return dated.date


def _arrivals(outlook: WarehouseOutlook, today: dt.date) -> list[tuple[dt.date, Decimal]]:
    """List how much more can arrive on which day, the oldest first.

    A source's own timeline may fall: only what no later bucket takes back is counted.
    """
    lead = dt.timedelta(days=outlook.lead_days)
    replenished = None if outlook.replenish_date is None else max(outlook.replenish_date, today)
    buckets = _from(today, outlook.timeline)
    increments: list[tuple[dt.date, Decimal]] = []
    reached = ZERO
    for bucket, level in zip(buckets, _lookahead([bucket.available for bucket in buckets]), strict=True):
        if level > reached:
            if replenished is not None and bucket.date >= replenished:
                break
            increments.append((bucket.date + lead, level - reached))
            reached = level
    if replenished is not None:
        increments.append((replenished + lead, UNLIMITED))
    return increments


def _from(today: dt.date, timeline: tuple[AtpBucket, ...]) -> tuple[AtpBucket, ...]:
    if not timeline or timeline[0].date >= today:
        return timeline
    later = (bucket for bucket in timeline if bucket.date > today)
    return (AtpBucket(today, available_on(timeline, today)), *later)


def _whole_on(quantity: Decimal, increments: Iterable[tuple[dt.date, Decimal]], method: AtpMethod) -> dt.date | None:
    reached = ZERO
    for day, increment in increments:
        reached = increment if method is AtpMethod.DISCRETE else reached + increment
        if reached >= quantity:
            return day
    return None


def _split(
    quantity: Decimal, outlooks: Sequence[WarehouseOutlook], arrivals: Sequence[list[tuple[dt.date, Decimal]]]
) -> tuple[Portion, ...]:
    offers = sorted((day, rank, more) for rank, increments in enumerate(arrivals) for day, more in increments)
    portions: list[Portion] = []
    for day, rank, more in offers:
        taken = min(quantity, more)
        portions.append(Portion(outlooks[rank].warehouse, taken, day))
        quantity -= taken
        if not quantity:
            break
    return tuple(portions)


def _outcome(quantity: Decimal, portions: tuple[Portion, ...], by: dt.date | None) -> Promise:
    shortfall = quantity - sum((portion.quantity for portion in portions), ZERO)
    date = None if shortfall else portions[-1].date
    complete = date is not None and (by is None or date <= by)
    return Promise(complete, date, portions, shortfall)
