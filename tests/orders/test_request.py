"""What tells two askings apart: their meaning, not their spelling."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.request import Channel, OrderRequest, RequestedLine, fingerprint
from tests.orders.invented import line, request

FIGURES = st.decimals(min_value=0, max_value=999_999_999_999, places=6)
NAMES = st.text("AB1-", min_size=1, max_size=3)
LINES = st.builds(
    RequestedLine, NAMES, FIGURES.filter(bool), st.none() | NAMES, expected_unit_price=st.none() | FIGURES
)
REQUESTS = st.builds(
    OrderRequest,
    customer=NAMES,
    ship_to=NAMES,
    lines=st.lists(LINES, min_size=1, max_size=3).map(tuple),
    company=st.none() | NAMES,
    po_number=st.none() | NAMES,
    channel=st.sampled_from(Channel),
    requested_date=st.none() | st.dates(),
    allow_backorder=st.booleans(),
    allow_substitutes=st.booleans(),
    carrier_service=st.none() | NAMES,
    backorder_of=st.none() | NAMES,
)


@pytest.mark.parametrize(
    ("one", "other"), [("12.50", "12.5"), ("100", "1E+2"), ("100.000000", "100"), ("0012", "12"), ("0.10", ".1")]
)
def test_the_same_figure_spelt_differently_is_the_same_order(one: str, other: str) -> None:
    assert fingerprint(request(line(quantity=one))) == fingerprint(request(line(quantity=other)))
    assert fingerprint(request(line(expected=one))) == fingerprint(request(line(expected=other)))


def test_it_is_the_same_in_every_process() -> None:
    """Kept in the database for thirty days: whoever changes it breaks every key that is in use."""
    asked = request(line("BOLT", "12.50", "CS", "1.10"), requested_date=date(2026, 7, 1), po_number="PO-1")
    assert fingerprint(asked)[:16] == "301658a2face77a6"


CHANGES: list[dict[str, Any]] = [
    {"customer": "C2"}, {"ship_to": "S2"}, {"company": "US"}, {"po_number": "P"}, {"channel": Channel.EDI},
    {"requested_date": date(2026, 7, 1)}, {"allow_backorder": False}, {"allow_substitutes": True},
    {"carrier_service": "AIR"}, {"backorder_of": "7"}, {"lines": (line(), line())}, {"lines": (line("NUT"),)},
    {"lines": (line(quantity="1.000001"),)}, {"lines": (line(uom="EA"),)}, {"lines": (line(expected="0"),)},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_anything_else_is_another_order(change: dict[str, Any]) -> None:
    assert fingerprint(request()) != fingerprint(msgspec.structs.replace(request(), **change))


def test_every_field_has_its_change_above() -> None:
    assert {name for change in CHANGES for name in change} == set(OrderRequest.__struct_fields__)


def test_the_order_of_the_lines_counts() -> None:
    one, other = line("BOLT"), line("NUT")
    assert fingerprint(request(one, other)) != fingerprint(request(other, one))


@given(REQUESTS, REQUESTS)
def test_equal_requests_and_no_others_have_one_fingerprint(one: OrderRequest, other: OrderRequest) -> None:
    assert (fingerprint(one) == fingerprint(other)) is (one == other)


@given(REQUESTS, st.integers(0, 5))
def test_zeros_at_the_end_of_any_figure_change_nothing(asked: OrderRequest, zeros: int) -> None:
    padding = Decimal(1).scaleb(-6 - zeros)
    padded = [
        msgspec.structs.replace(
            each,
            quantity=each.quantity.quantize(padding),
            expected_unit_price=None
            if each.expected_unit_price is None
            else each.expected_unit_price.quantize(padding),
        )
        for each in asked.lines
    ]
    assert fingerprint(asked) == fingerprint(msgspec.structs.replace(asked, lines=tuple(padded)))
