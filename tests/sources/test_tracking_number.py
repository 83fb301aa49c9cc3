"""A parcel's number tells its carrier by its form and check digit: published examples, and numbers that only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.tracking_number import DHL, FEDEX, UPS, USPS, carriers_of


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z5R89390357567127", UPS),
        ("1Z879E930346834440", UPS),
        ("1Z 999 AA1 01 2345 6784", UPS),
        ("1z410e7w0392751591", UPS),
        ("986578788855", FEDEX),
        ("7905-3531-2317", FEDEX),
        ("041441760228964", FEDEX),
        ("568283610012734", FEDEX),
        ("9611020987654312345672", FEDEX),
        ("9622001900000000000000776632517510", FEDEX),
        ("1001921334250001000300779017972697", FEDEX),
        ("9400 1112 0108 0805 4830 16", USPS),
        ("420787459400111206206406260787", USPS),
        ("9505 5110 6960 5048 6006 24", USPS),
        ("0307 1790 0005 2348 3741", USPS),
        ("RB123456785US", USPS),
        ("3318810025", DHL),
        ("73891051146", DHL),
        ("JVGL0999999990", DHL),
    ],
)
def test_a_published_number_is_its_carriers(number: str, carrier: str) -> None:
    assert carriers_of(number)[0] == carrier


@pytest.mark.parametrize(
    "number",
    [
        "", " ", "1Z", "1Z5R89390357567128", "2Z5R89390357567127", "996578788855", "568283610012732",
        "9600000000000000000001", "9400111201080805483017", "03071790000523483742", "RB123456786US", "RB123456785XX",
        "3318810010", "PRO-7", "1Z5R8939035756712\N{ARABIC-INDIC DIGIT SEVEN}", "9" * 41, "1" * 5_000,
    ],
)  # fmt: skip
def test_a_number_with_another_form_or_a_wrong_digit_is_nobodys(number: str) -> None:
    assert carriers_of(number) == ()


@given(st.text(max_size=45))
def test_any_text_has_an_answer(text: str) -> None:
    assert set(carriers_of(text)) <= {UPS, FEDEX, USPS, DHL}


@given(st.from_regex(r"1Z[A-Z0-9]{15}", fullmatch=True))
def test_of_the_ten_last_digits_exactly_one_is_right(start: str) -> None:
    ascii_only = start.encode("ascii", "ignore").decode()
    fitting = [digit for digit in "0123456789" if carriers_of(ascii_only + digit) == (UPS,)]
    assert len(fitting) == (1 if ascii_only == start else 0)
