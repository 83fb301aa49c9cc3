"""The rules of a line, each at its boundaries."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import rules
from orders.policy import OrderPolicy, Restriction
from orders.problems import (
    CarrierRestricted,
    InsufficientAvailability,
    ItemDiscontinued,
    PlainProblem,
    PriceChanged,
    ProblemCode,
    Severity,
)
from sources.models import ItemStatus, Money, QuantityRule
from tests.orders.invented import TODAY, customer, item, line, price, ship_to, usd

PATH = ("lines", "0")
AIR = "UPS NEXT DAY AIR"


# ---------------------------------------------------------------- amounts and units


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("0.125", "USD", "0.13"), ("0.124999", "USD", "0.12"), ("-0.125", "USD", "-0.13"), ("2.5", "JPY", "3"),
     ("2.49", "JPY", "2"), ("7", "EUR", "7.00")],
)  # fmt: skip
def test_amounts_round_half_up_to_the_currencys_digits(amount: str, currency: str, expected: str) -> None:
    assert rules.rounded(Decimal(amount), currency) == Money(Decimal(expected), currency)


@pytest.mark.parametrize(("uom", "factor"), [(None, 1), ("EA", 1), ("CS", 12), ("PL", None), ("ea", None)])
def test_a_unit_holds_so_many_base_units_or_is_not_sold(uom: str | None, factor: int | None) -> None:
    assert rules.base_factor(item(), uom) == factor


def test_a_base_unit_that_is_not_listed_holds_one() -> None:
    assert rules.base_factor(item(uoms=()), "EA") == 1
    assert rules.base_factor(item(uoms=()), "CS") is None


def test_an_unknown_unit_and_an_unread_item_are_told_where_they_stand() -> None:
    assert rules.uom_problem(item(), "PL", PATH) == PlainProblem(
        ProblemCode.UNKNOWN_UOM, "BOLT is not sold by PL.", ("lines", "0", "uom")
    )
    assert rules.unread_problem("BOLT", PATH) == PlainProblem(
        ProblemCode.SOURCE_UNAVAILABLE, "BOLT could not be read, so it was not checked.", PATH
    )


# ---------------------------------------------------------------- status and quantity


@pytest.mark.parametrize("status", [ItemStatus.ACTIVE, ItemStatus.UNKNOWN])
def test_an_item_that_is_sold_has_no_problem(status: ItemStatus) -> None:
    assert rules.status_problems(item(status=status), PATH) == []


def test_a_blocked_item_is_told() -> None:
    assert rules.status_problems(item(status=ItemStatus.BLOCKED), PATH) == [
        PlainProblem(ProblemCode.ITEM_BLOCKED, "BOLT may not be sold at the moment.", PATH)
    ]


def test_a_discontinued_item_names_what_there_is_instead() -> None:
    gone = item(status=ItemStatus.DISCONTINUED)
    successor = item(status=ItemStatus.DISCONTINUED, replaced_by_sku="NUT", substitute_skus=("PIN",))
    assert rules.status_problems(gone, PATH) == [ItemDiscontinued("BOLT is discontinued.", PATH)]
    assert rules.status_problems(successor, PATH) == [
        ItemDiscontinued("BOLT is discontinued. NUT takes its place.", PATH, "NUT", ("PIN",))
    ]


@pytest.mark.parametrize(
    ("quantity", "told"),
    [
        ("10", []), ("100", []), ("9.999", ["the least is 10 EA", "multiples"]), ("5", ["the least is 10 EA"]),
        ("12", ["multiples of 5 EA"]), ("105", ["the most is 100 EA"]), ("101", ["the most is 100 EA", "multiples"]),
    ],
)  # fmt: skip
def test_a_quantity_is_held_against_least_most_and_multiple(quantity: str, told: list[str]) -> None:
    ruled = item(quantity_rule=QuantityRule(Decimal(10), Decimal(5), Decimal(100)))
    found: Any = rules.quantity_problems(ruled, Decimal(quantity), PATH)
    assert len(found) == len(told)
    assert all(words in each.message for words, each in zip(told, found, strict=True))
    for each in found:
        assert (each.path, each.quantity) == (("lines", "0", "quantity"), Decimal(quantity))
        assert (each.minimum, each.increment, each.maximum) == (10, 5, 100)


def test_without_a_most_any_multiple_will_do() -> None:
    assert rules.quantity_problems(item(), Decimal(1_000_000_000), PATH) == []


def test_a_broken_multiple_of_a_fraction_is_found_exactly() -> None:
    ruled = item(quantity_rule=QuantityRule(Decimal("0.1"), Decimal("0.1")))
    assert rules.quantity_problems(ruled, Decimal("0.3"), PATH) == []
    assert len(rules.quantity_problems(ruled, Decimal("0.35"), PATH)) == 1


# ---------------------------------------------------------------- price


@pytest.mark.parametrize(
    ("expected", "now", "is_told"),
    [
        ("100", "101", False), ("100", "101.01", True), ("100", "99", False), ("100", "98.99", True),
        ("100", "100", False), ("0", "0.01", True), ("0", "0", False),
    ],
)  # fmt: skip
def test_a_price_may_move_by_the_tolerated_percentage_up_and_down(expected: str, now: str, *, is_told: bool) -> None:
    found = rules.price_problems(OrderPolicy(), line(expected=expected), price(now), PATH)
    assert bool(found) is is_told


@pytest.mark.parametrize(
    ("expected", "now", "is_told"),
    [("1", "1.05", False), ("1", "1.06", True), ("1", "0.95", False), ("1", "0.94", True), ("100", "101", False),
     ("100", "101.01", True)],
)  # fmt: skip
def test_or_by_the_tolerated_amount_where_that_is_more(expected: str, now: str, *, is_told: bool) -> None:
    policy = OrderPolicy(price_tolerance_percent=Decimal(1), price_tolerance_amount=Decimal("0.05"))
    found = rules.price_problems(policy, line(expected=expected), price(now), PATH)
    assert bool(found) is is_told


def test_without_tolerance_a_hundredth_of_a_cent_is_told_with_its_figures() -> None:
    exact = OrderPolicy(price_tolerance_percent=Decimal(0))
    (found,) = rules.price_problems(exact, line(expected="12.5"), price("12.5001"), PATH)
    assert found == PriceChanged(
        usd("12.5"), usd("12.5001"), Decimal(0), "BOLT costs 12.5001 USD now, not 12.5.",
        ("lines", "0", "expectedUnitPrice"),
    )  # fmt: skip


def test_where_nothing_was_expected_or_nothing_is_known_nothing_has_changed() -> None:
    assert rules.price_problems(OrderPolicy(), line(), price("5"), PATH) == []
    assert rules.price_problems(OrderPolicy(), line(expected="5"), None, PATH) == []


@given(expected=st.decimals(0, 1000, places=4), moved=st.decimals(0, 1000, places=4))
def test_a_move_up_is_judged_as_the_same_move_down(expected: Decimal, moved: Decimal) -> None:
    asked = line(expected=str(expected))
    up = rules.price_problems(OrderPolicy(), asked, price(str(expected + moved)), PATH)
    down = rules.price_problems(OrderPolicy(), asked, price(str(expected - moved)), PATH)
    assert bool(up) == bool(down) == (moved > expected / 100)


# ---------------------------------------------------------------- what is short


def short(**fields: Any) -> InsufficientAvailability:
    return InsufficientAvailability(Decimal(50), Decimal(30), "", PATH, **fields)


def test_what_comes_later_is_a_warning_where_backorders_are_allowed() -> None:
    judged = rules.judged_short(short(earliest_date=TODAY), allow_backorder=True)
    assert judged == short(earliest_date=TODAY, severity=Severity.WARNING)


def test_it_is_an_error_where_it_never_comes_or_where_it_must_come_at_once() -> None:
    assert rules.judged_short(short(), allow_backorder=True).severity is Severity.ERROR
    assert rules.judged_short(short(earliest_date=TODAY), allow_backorder=False).severity is Severity.ERROR


def test_any_other_problem_keeps_its_weight() -> None:
    blocked = PlainProblem(ProblemCode.ITEM_BLOCKED, "", PATH)
    assert rules.judged_short(blocked, allow_backorder=True) is blocked


# ---------------------------------------------------------------- carriers

PARTIES = (customer(segment="RETAIL"), ship_to())
GOODS = [(item("ACID", hazardous=True), ("lines", "0")), (item("BOLT"), ("lines", "1"))]


def test_hazardous_goods_do_not_go_by_air_unless_a_policy_says_otherwise() -> None:
    assert rules.carrier_problems(OrderPolicy(), AIR, PARTIES, GOODS) == [
        CarrierRestricted(
            AIR, "hazardous goods do not go by air", f"{AIR} does not take ACID: hazardous goods do not go by air.",
            ("lines", "0", "sku"), "ACID",
        )
    ]  # fmt: skip
    assert rules.carrier_problems(OrderPolicy(), "UPS GROUND", PARTIES, GOODS) == []
    assert rules.carrier_problems(OrderPolicy(restrictions=()), AIR, PARTIES, GOODS) == []


def test_a_service_that_does_not_go_there_is_told_once_and_not_for_each_item() -> None:
    nowhere = Restriction(carrier_services=("COURIER",), regions=("NV",), reason="no courier in Nevada")
    policy = OrderPolicy(restrictions=(nowhere,))
    assert rules.carrier_problems(policy, "COURIER", PARTIES, GOODS) == [
        CarrierRestricted("COURIER", "no courier in Nevada", "COURIER: no courier in Nevada.", ("carrierService",))
    ]


def test_a_category_is_refused_item_by_item_and_every_restriction_is_told() -> None:
    liquids = Restriction(categories=("LIQUID",), reason="no liquids")
    never = Restriction(reason="on strike")
    goods = [(item("ACID", category="LIQUID"), ("lines", "0")), (item("OIL", category="LIQUID"), ("lines", "1")),
             (item("BOLT", category="STEEL"), ("lines", "2"))]  # fmt: skip
    found: Any = rules.carrier_problems(OrderPolicy(restrictions=(liquids, never)), "ANY", PARTIES, goods)
    assert [(each.sku, each.path) for each in found] == [
        ("ACID", ("lines", "0", "sku")), ("OIL", ("lines", "1", "sku")), (None, ("carrierService",))
    ]  # fmt: skip


def test_a_restriction_of_hazardous_goods_of_a_category_needs_both() -> None:
    both = Restriction(hazardous=True, categories=("LIQUID",), reason="")
    assert both.concerns(item(hazardous=True, category="LIQUID"))
    assert not both.concerns(item(hazardous=True, category="STEEL"))
    assert not both.concerns(item(hazardous=False, category="LIQUID"))
