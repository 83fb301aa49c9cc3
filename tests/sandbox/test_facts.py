"""Terse facts become a whole data set."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from sandbox.facts import Dataset
from sandbox.flows import Place

ORDERED = {
    "items": [{"sku": "A", "uoms": [{"code": "EA"}, {"code": "CS", "factor": "12"}]}],
    "customers": [{"number": "HEAD"}, {"number": "BRANCH", "billTo": "HEAD"}],
    "shipTos": [{"code": "S", "customer": "BRANCH", "warehouse": "DFW"}],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 5}, {"sku": "A", "warehouse": "DFW", "onHand": 40}],
    "credit": [{"number": "HEAD", "limit": "1000", "openInvoices": "100.50"}],
    "orders": [
        {
            "number": "1",
            "customer": "BRANCH",
            "shipTo": "S",
            "status": "PARTIALLY_SHIPPED",
            "lines": [
                {
                    "sku": "A",
                    "quantity": "4",
                    "uom": "CS",
                    "unitPrice": "6.0000",
                    "promisedDate": "2026-07-03",
                    "progress": {"shipped": "1", "allocated": "2", "cancelled": "1"},
                }
            ],
        },
        {"number": "2", "customer": "BRANCH", "status": "CLOSED", "lines": [{"sku": "A", "unitPrice": "9"}]},
    ],
}


def test_demand_is_what_open_orders_still_lack_in_base_units_at_the_ship_tos_warehouse() -> None:
    data = Dataset.from_builtins(ORDERED)
    assert data.flows.demand == {Place("US", "A", "DFW"): {date(2026, 7, 3): Decimal(24)}}


def test_demand_without_a_date_is_of_the_requested_date_else_of_today() -> None:
    line = {"sku": "A", "quantity": 2}
    orders = [
        {"number": "1", "customer": "C", "requestedDate": "2026-07-09", "lines": [line]},
        {"number": "2", "customer": "C", "lines": [line]},
    ]
    data = Dataset.from_builtins({"warehouses": [{"code": "RNO"}], "orders": orders})
    expected = {date(2026, 7, 9): Decimal(2), date(2026, 6, 30): Decimal(2)}
    assert data.flows.demand == {Place("US", "A", "RNO"): expected}


def test_allocated_is_what_open_orders_hold_unless_it_is_given() -> None:
    held = [row.allocated for row in Dataset.from_builtins(ORDERED).stock.find("A")]
    assert held == [Decimal(0), Decimal(24)]
    given = {**ORDERED, "stock": [{"sku": "A", "warehouse": "DFW", "onHand": 40, "allocated": 7}]}
    assert [row.allocated for row in Dataset.from_builtins(given).stock.find("A")] == [Decimal(7)]


def test_a_head_office_owes_what_its_branches_ordered_and_its_own_invoices() -> None:
    data = Dataset.from_builtins(ORDERED)
    assert data.exposure["US", "HEAD"] == Decimal("112.50")
    assert data.exposure["US", "BRANCH"] == Decimal("12.00")


def test_an_exposure_that_is_given_is_exact() -> None:
    given = {**ORDERED, "credit": [{"number": "HEAD", "exposure": "3000.00"}]}
    assert Dataset.from_builtins(given).exposure["US", "HEAD"] == Decimal("3000.00")


def test_totals_progress_and_status_words_are_filled_in() -> None:
    (order,) = Dataset.from_builtins(ORDERED).orders.find("1")
    assert (order.total, order.status_text) == (Decimal("24.00"), "Partially shipped")
    assert (order.lines[0].number, order.lines[0].progress.ordered) == (1, Decimal(4))


def test_names_may_be_written_with_underscores() -> None:
    data = Dataset.from_builtins({"items": [{"sku": "A", "lead_time_days": 3}], "ship_tos": []})
    assert data.items.find("A")[0].lead_time_days == 3


def test_an_unknown_key_is_refused_with_its_path() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"unknown field `colour` - at `\$.items\[1\]`"):
        Dataset.from_builtins({"items": [{"sku": "A"}, {"sku": "B", "colour": "red"}]})


def test_warehouses_that_are_only_mentioned_exist_in_the_order_of_their_mention() -> None:
    data = Dataset.from_builtins(ORDERED)
    assert [(row.code, row.priority) for row in data.warehouses_by_company["US"]] == [("RNO", 1), ("DFW", 2)]


def test_a_customer_that_bills_to_itself_in_a_circle_is_counted_once() -> None:
    customers = [{"number": "A", "billTo": "B"}, {"number": "B", "billTo": "A"}]
    order = {"number": "1", "customer": "A", "lines": [{"sku": "X", "unitPrice": "5"}]}
    data = Dataset.from_builtins({"customers": customers, "orders": [order]})
    assert data.exposure == {("US", "A"): Decimal("5.00"), ("US", "B"): Decimal("5.00")}
