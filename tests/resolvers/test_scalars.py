"""Decimal, Date and DateTime: what is taken in, what is refused and how it is told, how it goes out."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from graphql import parse_value
from hypothesis import given
from hypothesis import strategies as st

from resolvers.scalars import (
    parse_date,
    parse_datetime,
    parse_decimal,
    parse_decimal_literal,
    serialize_date,
    serialize_datetime,
    serialize_decimal,
)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_a_decimal_comes_back_as_it_went_out(value: Decimal) -> None:
    assert parse_decimal(serialize_decimal(value)) == value


@given(st.integers(min_value=-(10**30) + 1, max_value=10**30 - 1))
def test_an_integer_is_taken_as_it_is(value: int) -> None:
    assert parse_decimal(value) == value


@pytest.mark.parametrize(
    ("given_", "expected"),
    [("0.0375", "0.0375"), ("+1.50", "1.50"), ("-0.1", "-0.1"), (7, "7"), ("1" * 30, "1" * 30)],
)
def test_a_decimal_keeps_the_digits_it_was_written_with(given_: object, expected: str) -> None:
    assert str(parse_decimal(given_)) == expected


@pytest.mark.parametrize(
    "given_",
    [
        "ten",
        "",
        "1e5",
        "NaN",
        "Infinity",
        ".5",
        "1.",
        " 1",
        "1 ",
        "\uff11",
        "1" * 31,
        10**30,
        -(10**30),
        None,
        True,
        [],
        {},
    ],
)
def test_what_is_no_decimal_is_refused_with_how_to_write_one(given_: object) -> None:
    with pytest.raises(ValueError, match=r'is no decimal number: write it as a string like "12\.50"\.$'):
        parse_decimal(given_)


def test_a_float_is_refused_since_it_has_lost_its_digits() -> None:
    with pytest.raises(TypeError) as raised:
        parse_decimal(0.1)
    assert str(raised.value) == '0.1 is a float, which cannot carry a decimal exactly: send it as a string, "0.1".'


def test_a_long_text_is_shown_cut_off() -> None:
    with pytest.raises(ValueError, match=r'^"x{39}…" is no decimal number'):
        parse_decimal("x" * 100)


def test_a_literal_may_be_a_string_or_an_integer_and_nothing_else() -> None:
    assert parse_decimal_literal(parse_value('"12.50"')) == Decimal("12.50")
    assert parse_decimal_literal(parse_value("12")) == Decimal(12)
    for literal in ("1.5", "true", "null", "[1]", "ABC"):
        with pytest.raises(ValueError, match="is no decimal number") as raised:
            parse_decimal_literal(parse_value(literal))
        assert str(raised.value).startswith(f"{literal} is no")


@pytest.mark.parametrize(
    ("value", "expected"), [(Decimal("1E+2"), "100"), (Decimal("1E-7"), "0.0000001"), ("2.50", "2.50"), (3, "3")]
)
def test_a_decimal_goes_out_in_plain_notation(value: object, expected: str) -> None:
    assert serialize_decimal(value) == expected


def test_a_day_is_taken_in_and_goes_out_as_written() -> None:
    assert parse_date("2026-06-30") == date(2026, 6, 30)
    assert serialize_date(date(2026, 6, 30)) == "2026-06-30"


@pytest.mark.parametrize("given_", ["2026-02-30", "2026-6-30", "20260630", "2026-W01-1", "30.06.2026", "", None, 5])
def test_what_is_no_day_is_refused_with_how_to_write_one(given_: object) -> None:
    with pytest.raises(ValueError, match=r'is no date: write it like "2026-06-30"\.$'):
        parse_date(given_)


def test_a_moment_is_taken_with_any_zone_and_goes_out_in_utc() -> None:
    moment = parse_datetime("2026-06-30T11:15:00+02:00")
    assert moment == datetime(2026, 6, 30, 9, 15, tzinfo=UTC)
    assert serialize_datetime(moment) == "2026-06-30T09:15:00Z"
    tahiti = timezone(timedelta(hours=-10))
    assert serialize_datetime(datetime(2026, 6, 30, 23, 15, 0, 250_000, tzinfo=tahiti)) == "2026-07-01T09:15:00.250000Z"
    assert parse_datetime("2026-06-30T09:15:00Z") == moment


@pytest.mark.parametrize("given_", ["2026-06-30T09:15:00", "2026-06-30", "noon", "", None, 1_782_810_900])
def test_what_is_no_moment_with_a_zone_is_refused_with_how_to_write_one(given_: object) -> None:
    with pytest.raises(ValueError, match=r'is no moment with a time zone: write it like "2026-06-30T09:15:00Z"\.$'):
        parse_datetime(given_)
