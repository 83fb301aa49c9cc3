"""Which price a customer gets."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.facts import Dataset
from sandbox.facts_prices import Price
from sandbox.pricing import Question, price_of

CASE = [{"code": "CS", "factor": "12"}]
BREAKS = [{"minimum": 1, "unit": "1.0000"}, {"minimum": 10, "unit": "0.9000"}, {"minimum": 50, "unit": "0.8000"}]
BASE: dict[str, Any] = {
    "items": [{"sku": "A", "listPrice": "1.2500", "uoms": CASE}],
    "customers": [{"number": "C", "buyingGroup": "G"}, {"number": "D"}],
}


def quoted(facts: dict[str, Any], customer: str = "C", quantity: str = "1", **more: Any) -> Price | None:
    data = Dataset.from_builtins(facts)
    (item,) = data.items.find("A")
    (row,) = data.customers.find(customer)
    asked = {"uom": "EA", "on": data.today} | more
    return price_of(data, Question("r", row, item, asked["uom"], Decimal(quantity), asked["on"]))


def unit(*prices: dict[str, Any], customer: str = "C", quantity: str = "1", **more: Any) -> tuple[str, str] | None:
    facts = {**BASE, "prices": [{"sku": "A", **price} for price in prices]}
    found = quoted(facts, customer, quantity, **more)
    return None if found is None else (str(found.unit), found.source)


CONTRACT = {"customer": "C", "unit": "1.1000"}
PROMOTION = {"buyingGroup": "G", "unit": "0.5000"}


def test_a_contract_goes_before_a_cheaper_promotion_and_that_before_the_list() -> None:
    assert unit(CONTRACT, PROMOTION) == ("1.1000", "CONTRACT")
    assert unit(PROMOTION) == ("0.5000", "PROMOTION")
    assert unit() == ("1.2500", "PRICE_LIST")


def test_others_contracts_and_groups_do_not_count() -> None:
    assert unit(CONTRACT, PROMOTION, customer="D") == ("1.2500", "PRICE_LIST")


def test_a_customers_own_promotion_goes_before_its_groups() -> None:
    own = {"customer": "C", "unit": "0.7000", "source": "PROMOTION"}
    assert unit(own, PROMOTION) == ("0.7000", "PROMOTION")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 5, 31), "1.2500"),
        (date(2026, 6, 1), "0.5000"),
        (date(2026, 6, 30), "0.5000"),
        (date(2026, 7, 1), "1.2500"),
    ],
)
def test_a_promotion_holds_from_its_first_to_its_last_day(day: date, expected: str) -> None:
    found = unit({**PROMOTION, "validFrom": "2026-06-01", "validTo": "2026-06-30"}, on=day)
    assert found is not None
    assert found[0] == expected


@pytest.mark.parametrize(
    ("quantity", "expected"), [("1", "1.0000"), ("9.5", "1.0000"), ("10", "0.9000"), ("50", "0.8000")]
)
def test_breaks_apply_from_their_minimum_on(quantity: str, expected: str) -> None:
    assert unit({"customer": "C", "breaks": BREAKS}, quantity=quantity) == (expected, "CONTRACT")


def test_a_contract_from_ten_on_says_nothing_about_nine() -> None:
    contract = {"customer": "C", "breaks": BREAKS[1:]}
    assert unit(contract, quantity="9") == ("1.2500", "PRICE_LIST")
    assert unit(contract, quantity="10") == ("0.9000", "CONTRACT")


@pytest.mark.parametrize(("quantity", "expected"), [("1", "10.8000"), ("4", "10.8000"), ("5", "9.6000")])
def test_breaks_of_the_base_unit_reach_a_case_with_the_first_case_that_holds_as_much(
    quantity: str, expected: str
) -> None:
    assert unit({"customer": "C", "breaks": BREAKS}, quantity=quantity, uom="CS") == (expected, "CONTRACT")


def test_a_price_of_the_case_itself_goes_before_twelve_times_the_piece() -> None:
    piece = {"customer": "C", "unit": "1.0000"}
    case = {"customer": "C", "unit": "11.0000", "uom": "CS"}
    assert unit(piece, case, uom="CS") == ("11.0000", "CONTRACT")
    assert unit(case, uom="EA") == ("1.2500", "PRICE_LIST")


def test_a_case_price_rounds_half_up_to_four_digits() -> None:
    item = {"sku": "A", "listPrice": "0.0375", "uoms": [{"code": "CS", "factor": "0.02"}]}
    found = quoted({"items": [item], "customers": [{"number": "C"}]}, uom="CS")
    assert found is not None
    assert str(found.unit) == "0.0008"


def test_the_list_price_is_named_beside_a_contract() -> None:
    found = quoted({**BASE, "prices": [{"sku": "A", **CONTRACT}]}, uom="CS", quantity="2")
    assert found is not None
    assert (str(found.unit), str(found.list), found.uom) == ("13.2000", "15.0000", "CS")


def test_without_a_price_or_in_an_unknown_unit_there_is_none() -> None:
    assert quoted({**BASE, "items": [{"sku": "A"}]}) is None
    assert quoted(BASE, uom="PL") is None
