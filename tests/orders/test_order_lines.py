"""What a line of an order may hold: the figures that the source contract carries."""

from decimal import Decimal
from typing import Any

import pytest

from resolvers.errors import BadInput
from resolvers.ordering import OrderLineInput, lines_of


def line(quantity: str = "1", price: str | None = None) -> OrderLineInput:
    expected = None if price is None else Decimal(price)
    return OrderLineInput(sku="BOLT", quantity=Decimal(quantity), expected_unit_price=expected)


@pytest.mark.parametrize(
    ("asked", "where", "why"),
    [
        (line("0"), "quantity", "more than 0"), (line("-1"), "quantity", "more than 0"),
        (line("1000000000000"), "quantity", "12 digits before the point and 6 after it"),
        (line("0.0000001"), "quantity", "12 digits before the point and 6 after it"),
        (line("9" * 30), "quantity", "12 digits"), (line("1", "-0.01"), "expectedUnitPrice", "negative"),
        (line("1", "0.00001"), "expectedUnitPrice", "4 after it"),
        (line("1", "1000000000000"), "expectedUnitPrice", "12 digits"),
    ],
)  # fmt: skip
def test_a_figure_out_of_bounds_is_refused_by_its_place(asked: OrderLineInput, where: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as raised:
        lines_of([line(), asked], "input.lines")
    assert f"input.lines[1].{where}" in str(raised.value)


@pytest.mark.parametrize("asked", [line("999999999999.999999", "999999999999.9999"), line("0.000001", "0")])
def test_a_figure_at_its_bounds_is_taken_as_it_is(asked: OrderLineInput) -> None:
    (taken,) = lines_of([asked], "input.lines")
    assert (taken.quantity, taken.expected_unit_price) == (asked.quantity, asked.expected_unit_price)


async def test_a_quantity_that_is_too_long_to_reckon_with_is_refused_by_a_quote(stack: Any, samples: Any) -> None:
    asked = f'customer: "{samples["customers"][0]}", lines: [{{sku: "{samples["skus"][0]}", quantity: "{"9" * 30}"}}]'
    answer = await stack.ask(f"{{ quote(input: {{{asked}}}) {{ asOf }} }}")
    (error,) = answer["errors"]
    assert error["extensions"]["argument"] == "input.lines[0].quantity"
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert await stack.calls() == {}
