"""From where and when a quantity is promised."""

import datetime as dt
from decimal import Decimal

import pytest

from sources.atp import (
    AtpBucket,
    AtpMethod,
    AtpRules,
    Flow,
    Portion,
    Promise,
    StockPosition,
    WarehouseOutlook,
    promise,
    timeline,
)

TODAY = dt.date(2026, 3, 2)


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def outlook(
    warehouse: str, levels: dict[int, str], *, lead_days: int = 0, replenish_on: int | None = None
) -> WarehouseOutlook:
    """Levels are what is available in all, by days from today."""
    buckets = tuple(AtpBucket(day(offset), Decimal(level)) for offset, level in levels.items())
    return WarehouseOutlook(warehouse, buckets, lead_days, None if replenish_on is None else day(replenish_on))


def portion(warehouse: str, quantity: str, offset: int) -> Portion:
    return Portion(warehouse, Decimal(quantity), day(offset))


def kept(*portions: Portion) -> Promise:
    """Make the promise that brings these portions, all that was asked for, in time."""
    return Promise(complete=True, date=portions[-1].date, portions=portions, shortfall=Decimal(0))


EAST = outlook("EAST", {0: "20", 10: "100"})
WEST = outlook("WEST", {0: "25", 4: "30"})


def test_d365s_order_of_150_is_promised_for_the_tenth_day() -> None:
    rules = AtpRules(
        overdue_supply_days=7, overdue_supply_offset_days=1, overdue_demand_days=7, overdue_demand_offset_days=1
    )
    position = StockPosition(
        Decimal(0),
        supply=(Flow(day(-2), Decimal(200)), Flow(day(10), Decimal(100))),
        demand=(Flow(day(-3), Decimal(75)),),
    )
    main = WarehouseOutlook("MAIN", timeline(position, today=TODAY, horizon_days=30, rules=rules))
    assert promise(Decimal(150), [main], today=TODAY) == kept(portion("MAIN", "150", 10))


# NetSuite's discrete table: buckets of 20, 0, 40 and 50, an ATP lead time of 90 days.
NETSUITE_TODAY = dt.date(2026, 1, 1)
NETSUITE_LEAD = dt.date(2026, 4, 1)
NETSUITE_POSITION = StockPosition(
    Decimal(0),
    supply=(
        Flow(dt.date(2026, 1, 1), Decimal(50)),
        Flow(dt.date(2026, 2, 10), Decimal(40)),
        Flow(dt.date(2026, 2, 15), Decimal(50)),
        Flow(dt.date(2026, 3, 1), Decimal(50)),
    ),
    demand=(
        Flow(dt.date(2026, 1, 1), Decimal(30)),
        Flow(dt.date(2026, 2, 10), Decimal(40)),
        Flow(dt.date(2026, 2, 15), Decimal(10)),
    ),
)


def netsuite(quantity: int, method: AtpMethod, *, replenish_date: dt.date | None = NETSUITE_LEAD) -> Promise:
    rules = AtpRules(method=method)
    buckets = timeline(NETSUITE_POSITION, today=NETSUITE_TODAY, horizon_days=80, rules=rules)
    main = WarehouseOutlook("MAIN", buckets, replenish_date=replenish_date)
    return promise(Decimal(quantity), [main], today=NETSUITE_TODAY, method=method)


@pytest.mark.parametrize(
    ("quantity", "published"), [(10, dt.date(2026, 1, 1)), (30, dt.date(2026, 2, 15)), (100, NETSUITE_LEAD)]
)
def test_a_discrete_promise_is_the_one_netsuite_publishes(quantity: int, published: dt.date) -> None:
    assert netsuite(quantity, AtpMethod.DISCRETE) == Promise(
        complete=True,
        date=published,
        portions=(Portion("MAIN", Decimal(quantity), published),),
        shortfall=Decimal(0),
    )


def test_a_cumulative_promise_adds_up_what_netsuites_discrete_one_keeps_apart() -> None:
    assert netsuite(100, AtpMethod.CUMULATIVE_LOOKAHEAD).date == dt.date(2026, 3, 1)


def test_a_discrete_promise_without_a_lead_time_is_never_split() -> None:
    assert netsuite(100, AtpMethod.DISCRETE, replenish_date=None) == Promise(
        complete=False, date=None, portions=(), shortfall=Decimal(100)
    )


def test_a_discrete_promise_takes_the_first_warehouse_on_the_day_the_first_bucket_holds_it() -> None:
    outlooks = [outlook("A", {0: "10", 3: "25"}), outlook("B", {0: "5", 2: "25"}), outlook("C", {2: "20"})]
    assert promise(Decimal(20), outlooks, today=TODAY, method=AtpMethod.DISCRETE) == kept(portion("B", "20", 2))


def test_the_first_warehouse_in_routing_order_that_holds_it_all_today_is_taken() -> None:
    assert promise(Decimal(20), [EAST, WEST], today=TODAY) == kept(portion("EAST", "20", 0))
    assert promise(Decimal(20), [WEST, EAST], today=TODAY) == kept(portion("WEST", "20", 0))


def test_one_warehouse_that_holds_it_all_goes_before_a_split() -> None:
    assert promise(Decimal(22), [EAST, WEST], today=TODAY) == kept(portion("WEST", "22", 0))


def test_a_split_follows_the_routing_order() -> None:
    assert promise(Decimal(40), [EAST, WEST], today=TODAY) == kept(portion("EAST", "20", 0), portion("WEST", "20", 0))
    assert promise(Decimal(40), [WEST, EAST], today=TODAY) == kept(portion("WEST", "25", 0), portion("EAST", "15", 0))


def test_a_split_over_warehouses_and_days_completes_as_early_as_any_plan_can() -> None:
    assert promise(Decimal(50), [EAST, WEST], today=TODAY) == kept(
        portion("EAST", "20", 0), portion("WEST", "25", 0), portion("WEST", "5", 4)
    )


def test_one_delivery_is_promised_where_parts_would_not_complete_earlier() -> None:
    assert promise(Decimal(100), [EAST], today=TODAY) == kept(portion("EAST", "100", 10))


def test_what_no_supply_covers_is_the_shortfall() -> None:
    assert promise(Decimal(140), [EAST, WEST], today=TODAY) == Promise(
        complete=False,
        date=None,
        portions=(
            portion("EAST", "20", 0),
            portion("WEST", "25", 0),
            portion("WEST", "5", 4),
            portion("EAST", "80", 10),
        ),
        shortfall=Decimal(10),
    )


def test_nothing_anywhere_is_all_shortfall() -> None:
    nothing = Promise(complete=False, date=None, portions=(), shortfall=Decimal(3))
    assert promise(Decimal(3), [], today=TODAY) == nothing
    assert promise(Decimal(3), [outlook("EAST", {})], today=TODAY) == nothing
    assert promise(Decimal(3), [outlook("EAST", {0: "0"})], today=TODAY, by=day(3)) == nothing


def test_a_lead_time_beyond_the_horizon_covers_the_rest() -> None:
    replenished = outlook("WEST", {0: "5"}, lead_days=2, replenish_on=45)
    assert promise(Decimal(130), [outlook("EAST", {0: "20", 10: "100"}), replenished], today=TODAY) == kept(
        portion("WEST", "130", 47)
    )
    assert promise(Decimal(130), [EAST, replenished], today=TODAY, by=day(20)) == Promise(
        complete=False,
        date=day(47),
        portions=(
            portion("EAST", "20", 0),
            portion("WEST", "5", 2),
            portion("EAST", "80", 10),
            portion("WEST", "25", 47),
        ),
        shortfall=Decimal(0),
    )


def test_the_first_warehouse_with_a_lead_time_is_taken_where_two_replenish_on_one_day() -> None:
    outlooks = [EAST, outlook("A", {0: "0"}, replenish_on=30), outlook("B", {0: "0"}, replenish_on=30)]
    assert promise(Decimal(500), outlooks, today=TODAY) == kept(portion("A", "500", 30))


def test_a_lead_time_shorter_than_the_wait_for_a_supply_goes_first() -> None:
    assert promise(Decimal(60), [outlook("EAST", {0: "20", 10: "100"}, replenish_on=6)], today=TODAY) == kept(
        portion("EAST", "60", 6)
    )


def test_a_supply_on_the_day_of_the_lead_time_is_part_of_it() -> None:
    replenished = outlook("EAST", {0: "20", 6: "50"}, replenish_on=6)
    assert promise(Decimal(60), [replenished], today=TODAY, by=day(2)) == Promise(
        complete=False,
        date=day(6),
        portions=(portion("EAST", "20", 0), portion("EAST", "40", 6)),
        shortfall=Decimal(0),
    )


def test_a_lead_time_counted_from_an_earlier_day_is_over_today() -> None:
    assert promise(Decimal(7), [outlook("EAST", {0: "1"}, replenish_on=-3)], today=TODAY) == kept(
        portion("EAST", "7", 0)
    )


def test_by_lets_the_first_warehouse_in_routing_order_take_its_time() -> None:
    assert promise(Decimal(25), [EAST, WEST], today=TODAY, by=day(10)) == kept(portion("EAST", "25", 10))
    assert promise(Decimal(25), [EAST, WEST], today=TODAY, by=day(9)) == kept(portion("WEST", "25", 0))


def test_by_is_kept_by_a_split_where_no_warehouse_alone_can() -> None:
    assert promise(Decimal(45), [EAST, WEST], today=TODAY, by=TODAY) == kept(
        portion("EAST", "20", 0), portion("WEST", "25", 0)
    )


def test_a_promise_that_misses_by_is_incomplete_and_shows_what_arrives_when() -> None:
    assert promise(Decimal(60), [EAST], today=TODAY, by=day(5)) == Promise(
        complete=False,
        date=day(10),
        portions=(portion("EAST", "20", 0), portion("EAST", "40", 10)),
        shortfall=Decimal(0),
    )


def test_without_a_split_one_warehouse_delivers_all_at_once_when_it_first_can() -> None:
    assert promise(Decimal(40), [EAST, WEST], today=TODAY, allow_split=False) == kept(portion("EAST", "40", 10))
    assert promise(Decimal(28), [EAST, WEST], today=TODAY, allow_split=False) == kept(portion("WEST", "28", 4))


def test_without_a_split_what_no_warehouse_alone_holds_is_all_shortfall() -> None:
    assert promise(Decimal(110), [EAST, WEST], today=TODAY, allow_split=False) == Promise(
        complete=False, date=None, portions=(), shortfall=Decimal(110)
    )


def test_without_a_split_a_delivery_after_by_is_shown_and_incomplete() -> None:
    assert promise(Decimal(40), [WEST, EAST], today=TODAY, by=day(9), allow_split=False) == Promise(
        complete=False, date=day(10), portions=(portion("EAST", "40", 10),), shortfall=Decimal(0)
    )


def test_dates_are_arrivals_so_a_near_warehouse_may_go_before_a_preferred_one() -> None:
    far, near = outlook("FAR", {0: "50"}, lead_days=5), outlook("NEAR", {0: "30"}, lead_days=1)
    assert promise(Decimal(30), [far, near], today=TODAY) == kept(portion("NEAR", "30", 1))
    assert promise(Decimal(30), [far, near], today=TODAY, by=day(5)) == kept(portion("FAR", "30", 5))
    assert promise(Decimal(60), [far, near], today=TODAY) == kept(portion("NEAR", "30", 1), portion("FAR", "30", 5))


def test_fractions_are_promised_exactly() -> None:
    outlooks = [outlook("EAST", {0: "0.1"}), outlook("WEST", {0: "0.2", 1: "0.25"})]
    assert promise(Decimal("0.3"), outlooks, today=TODAY) == kept(portion("EAST", "0.1", 0), portion("WEST", "0.2", 0))
    assert promise(Decimal("0.3375"), outlooks, today=TODAY) == kept(
        portion("EAST", "0.1", 0), portion("WEST", "0.2", 0), portion("WEST", "0.0375", 1)
    )


def test_of_a_sources_timeline_that_falls_only_what_stays_is_promised() -> None:
    falling = outlook("EAST", {0: "10", 3: "4", 6: "9"})
    assert promise(Decimal(8), [falling], today=TODAY, method=AtpMethod.SOURCE, by=TODAY) == Promise(
        complete=False,
        date=day(6),
        portions=(portion("EAST", "4", 0), portion("EAST", "4", 6)),
        shortfall=Decimal(0),
    )


def test_a_timeline_that_began_before_today_counts_by_what_it_says_today() -> None:
    old = outlook("EAST", {-5: "30", -2: "8", 4: "12"})
    assert promise(Decimal(12), [old], today=TODAY, by=TODAY) == Promise(
        complete=False,
        date=day(4),
        portions=(portion("EAST", "8", 0), portion("EAST", "4", 4)),
        shortfall=Decimal(0),
    )


@pytest.mark.parametrize("quantity", ["0", "-1", "-0.5", "NaN", "Infinity"])
def test_only_a_positive_quantity_can_be_promised(quantity: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        promise(Decimal(quantity), [EAST], today=TODAY)
