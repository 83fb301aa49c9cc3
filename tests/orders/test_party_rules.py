"""The rules about who buys, where it goes, what was ordered before and who pays."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orders.facts import OrderFacts
from orders.party_rules import (
    REASONS,
    credit_problems,
    customer_problems,
    duplicate_po_problems,
    duplicates,
    rejected_problem,
    ship_to_problems,
)
from orders.problems import CreditLimitExceeded, DuplicatePurchaseOrder, ProblemCode
from sandbox.data import load
from sources import models
from sources.errors import SourceRejected, SourceUnavailable
from tests.orders.invented import ADDRESS, MOMENT, customer, order, request, ship_to, usd

WWI = Path(__file__).parents[2].parent / "shared" / "data" / "wwi"
DOWN = SourceUnavailable("erp")
Repeated = dict[tuple[str, str], list[models.Order]]


def facts(**fields: Any) -> OrderFacts:
    return OrderFacts(**{"customer": customer(), "ship_to": ship_to(), "is_ship_to_reached": True, **fields})


def told(problems: Sequence[Any]) -> list[tuple[str, str]]:
    return [(each.code.value, ".".join(each.path)) for each in problems]


# ---------------------------------------------------------------- who buys


def test_a_customer_who_may_buy_has_no_problem() -> None:
    assert customer_problems(facts(), request()) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"customer": None}, [("UNKNOWN_CUSTOMER", "customer")]),
        ({"customer": None, "companies": ("CA", "US")}, [("UNKNOWN_CUSTOMER", "company")]),
        ({"customer": customer(blocked=True)}, [("CUSTOMER_BLOCKED", "customer")]),
        ({"customer": DOWN}, []),
    ],
)
def test_one_who_is_unknown_ambiguous_or_blocked_is_told_where(
    fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert told(customer_problems(facts(**fields), request())) == expected


def test_the_companies_to_choose_from_are_named() -> None:
    (found,) = customer_problems(facts(customer=None, companies=("CA", "US")), request())
    assert found.message == '"C1" exists in the companies CA, US: say which one with "company".'


# ---------------------------------------------------------------- where it goes


def at(**fields: str) -> models.ShipTo:
    address = {name: getattr(ADDRESS, name) for name in ("line1", "city", "country")}
    return ship_to(address=models.Address(**{**address, **fields}))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"ship_to": None}, [("UNKNOWN_SHIP_TO", "shipTo")]),
        ({"ship_to": DOWN}, []),
        ({"is_ship_to_reached": False}, [("INVALID_SHIP_TO", "shipTo")]),
        ({"customer": None, "ship_to": None}, []),
        ({"customer": DOWN, "ship_to": None}, []),
        ({"ship_to": at(line1=" ")}, [("INVALID_SHIP_TO", "shipTo")]),
        ({"ship_to": at(city="")}, [("INVALID_SHIP_TO", "shipTo")]),
        ({"ship_to": at(country="")}, [("INVALID_SHIP_TO", "shipTo")]),
    ],
)
def test_a_ship_to_is_the_customers_own_and_can_be_sent_to(
    fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert told(ship_to_problems(facts(**fields), request())) == expected


def test_all_that_an_address_lacks_is_told_at_once() -> None:
    (found,) = ship_to_problems(facts(ship_to=at(line1="", country="")), request())
    assert found.message == 'The address of "S1" has no line1 and no country.'


# ---------------------------------------------------------------- what was ordered before


def test_an_order_with_the_same_po_number_is_told_by_its_number() -> None:
    asked = request(po_number="PO-1")
    assert duplicate_po_problems((order("7"), order("8")), asked, None) == [
        DuplicatePurchaseOrder("PO-1", "7", 'Order 7 has the PO number "PO-1" already.', ("poNumber",))
    ]


@pytest.mark.parametrize("same_po", [(), DOWN, (order("7", status=models.OrderStatus.CANCELLED),)])
def test_none_an_unread_one_or_a_cancelled_one_is_no_duplicate(same_po: object) -> None:
    assert duplicate_po_problems(same_po, request(po_number="PO-1"), None) == []


def test_an_order_without_a_po_number_duplicates_nothing() -> None:
    assert duplicate_po_problems((order("7"),), request(), None) == []


FAMILY = (
    order("4", backorder_of_number="3"),
    order("3", backorder_of_number="1"),
    order("2", backorder_of_number="1"),
    order("1"),
)
"""1 was delivered in part twice; of its rest 3, another rest is 4. As a search gives them: the newest first."""


@pytest.mark.parametrize("parent", ["1", "2", "3", "4"])
def test_a_backorder_of_any_of_a_family_is_no_duplicate_of_any_of_it(parent: str) -> None:
    assert duplicates(FAMILY, backorder_of=parent) == []
    assert duplicates(tuple(reversed(FAMILY)), backorder_of=parent) == []


def test_an_order_outside_the_family_is_a_duplicate_all_the_same() -> None:
    stranger = order("9")
    assert duplicates((stranger, *FAMILY), backorder_of="2") == [stranger]
    assert duplicates(FAMILY, backorder_of="8") == list(FAMILY)
    assert duplicates(FAMILY) == list(FAMILY)


def test_a_backorder_of_an_order_with_another_po_number_brings_no_family_along() -> None:
    """Its original is not among those with this PO number; the order is known by it all the same."""
    child = order("6", backorder_of_number="5")
    assert duplicates((child,), backorder_of="5") == []


def test_the_orders_own_writing_and_what_delivers_its_rest_are_no_duplicates() -> None:
    own = order("7", external_reference="XD-s1")
    rest = order("8", backorder_of_number="7")
    assert duplicates((rest, own), own_reference="XD-s1") == []
    assert duplicates((rest, own), own_reference="XD-s2") == [rest, own]
    unreferenced = order("9")
    assert duplicates((unreferenced, own), own_reference="XD-s1") == [unreferenced]


@pytest.fixture(scope="module")
def repeated() -> Repeated:
    """Wide World Importers' orders by customer and PO number, where there are several of one."""
    if not WWI.is_dir():
        pytest.skip(f"Wide World Importers' tables are not at {WWI}")
    found: Repeated = defaultdict(list)
    for row in load(str(WWI)).rows.orders:
        if row.po_number:
            known = order(row.number, po_number=row.po_number, backorder_of_number=row.backorder_of)
            found[row.customer, row.po_number].append(known)
    return {pair: rows for pair, rows in found.items() if len(rows) > 1}


def test_every_pair_that_repeats_because_of_backorders_is_no_duplicate(repeated: Repeated) -> None:
    families = {pair: rows for pair, rows in repeated.items() if len({root(row, rows) for row in rows}) == 1}
    assert (len(repeated), len(families)) == (7_533, 7_237)
    for rows in families.values():
        for row in rows:
            if row.backorder_of_number is not None:
                assert duplicates(before(row, rows), backorder_of=row.backorder_of_number) == []


def test_a_backorder_duplicates_just_those_that_share_its_po_number_by_chance(repeated: Repeated) -> None:
    backorders = strangers = 0
    for rows in repeated.values():
        for row in rows:
            if row.backorder_of_number is not None:
                others = [each for each in before(row, rows) if root(each, rows) != root(row, rows)]
                assert duplicates(before(row, rows), backorder_of=row.backorder_of_number) == others
                backorders, strangers = backorders + 1, strangers + bool(others)
    assert (backorders, strangers) == (7_538, 29)


def root(row: models.Order, rows: Sequence[models.Order]) -> str:
    """The first order of its chain."""
    by_number = {each.number: each for each in rows}
    while row.backorder_of_number is not None:
        row = by_number[row.backorder_of_number]
    return row.number


def before(row: models.Order, rows: Sequence[models.Order]) -> list[models.Order]:
    """What there was when it was ordered."""
    return [each for each in rows if int(each.number) < int(row.number)]


# ---------------------------------------------------------------- who pays


def simulated(*, on_hold: bool = False, exceeded: bool = False, limit: str | None = "1000") -> models.Simulation:
    check = models.CreditCheck(usd("900"), on_hold, exceeded, None if limit is None else usd(limit))
    return models.Simulation(usd("200"), usd("16"), usd("9"), usd("225"), MOMENT, check)


def test_an_order_within_the_limit_has_no_problem() -> None:
    assert credit_problems(facts(simulation=simulated())) == []
    assert credit_problems(facts()) == []


def test_an_order_over_the_limit_says_by_how_much() -> None:
    assert credit_problems(facts(simulation=simulated(exceeded=True))) == [
        CreditLimitExceeded(
            usd("1000"), usd("900"), usd("125"), "The order takes the account 125 USD over its credit limit.",
            ("customer",),
        )
    ]  # fmt: skip


def test_the_erps_word_counts_where_its_figures_say_less() -> None:
    (found,) = credit_problems(facts(simulation=simulated(exceeded=True, limit="5000")))
    assert isinstance(found, CreditLimitExceeded)
    assert found.exceeded_by == models.Money(Decimal(0), "USD")


def test_without_a_limit_nothing_is_over_it() -> None:
    assert credit_problems(facts(simulation=simulated(exceeded=True, limit=None))) == []


def test_a_hold_and_a_limit_are_two_problems() -> None:
    found = credit_problems(facts(simulation=simulated(on_hold=True, exceeded=True)))
    assert told(found) == [("CREDIT_HOLD", "customer"), ("CREDIT_LIMIT", "customer")]


@pytest.mark.parametrize(("on_hold", "expected"), [(True, ["CREDIT_HOLD"]), (False, [])])
def test_where_the_erp_reckoned_nothing_the_customers_own_credit_tells(*, on_hold: bool, expected: list[str]) -> None:
    credit = models.Credit(usd("0"), on_hold, MOMENT)
    assert [each.code.value for each in credit_problems(facts(credit=credit))] == expected
    without = models.Simulation(usd("1"), usd("0"), usd("0"), usd("1"), MOMENT)
    found = credit_problems(facts(simulation=without, credit=credit))
    assert [each.code.value for each in found] == expected


def test_what_could_not_be_read_is_not_said_to_be_a_problem() -> None:
    assert credit_problems(facts(simulation=DOWN, credit=DOWN)) == []


# ---------------------------------------------------------------- what a system refuses


@pytest.mark.parametrize(("reason", "code"), [*REASONS.items(), ("EXPORT_CONTROL", ProblemCode.SOURCE_REJECTED)])
def test_every_reason_has_its_code_and_an_unknown_one_is_passed_on_in_words(reason: str, code: ProblemCode) -> None:
    found = rejected_problem(SourceRejected("erp", reason=reason, detail="Acme Ltd is on list 7"))
    assert (found.code, found.path) == (code, ())
    assert found.message == f"The erp system refuses the order: {reason}."
    assert [each.code for each in credit_problems(facts(simulation=SourceRejected("erp", reason=reason)))] == [code]


@pytest.mark.parametrize(
    ("limit", "ordered", "over"),
    [
        ("1000", "100", None),
        ("1000", "100.01", "0.01"),
        ("800", "1", "101"),
        (None, "9999", None),
        ("1000", None, None),
    ],
)
def test_where_the_erp_reckons_nothing_what_is_ordered_is_held_against_the_limit(
    limit: str | None, ordered: str | None, over: str | None
) -> None:
    credit = models.Credit(usd("900"), on_hold=False, as_of=MOMENT, limit=None if limit is None else usd(limit))
    found = credit_problems(facts(credit=credit), None if ordered is None else usd(ordered))
    assert [str(each.exceeded_by.amount) for each in found if isinstance(each, CreditLimitExceeded)] == (
        [over] if over else []
    )
    assert len(found) == (0 if over is None else 1)


def test_amounts_in_two_currencies_are_not_held_against_each_other() -> None:
    credit = models.Credit(usd("900"), on_hold=False, as_of=MOMENT, limit=usd("1000"))
    assert credit_problems(facts(credit=credit), models.Money(Decimal(9999), "EUR")) == []
