"""Which carrier a parcel's number is one of, by its published form and check digit: pure, and a guess, never a carrier's word.

Other carriers' numbers may have the same form by chance: one twelve-digit number in ten passes for FedEx's. So it is asked only where
nobody named the carrier. Sources: UPS "1Z" format; FedEx's and USPS's bar code guides (GS1's digit); UPU S10; DHL waybills (modulo 7).
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

UPS, FEDEX, USPS, DHL = "UPS", "FEDEX", "USPS", "DHL"

_GAPS = re.compile(r"[\s-]+")
_MAX_LENGTH = 40
"""No form is as long; whoever sends more has no number."""


def _value(character: str) -> int:
    """UPS counts letters on from A = 2, by the last digit."""
    return int(character) if character.isdigit() else (ord(character) - ord("A") + 2) % 10


def _has_ups_digit(number: str) -> bool:
    total = sum(_value(each) * (1 + at % 2) for at, each in enumerate(number[2:-1]))
    return -total % 10 == int(number[-1])


def _weighed(digits: str, weights: tuple[int, ...]) -> int:
    """From the right: the weights in turn."""
    return sum(int(each) * weights[at % len(weights)] for at, each in enumerate(reversed(digits)))


def _has_gs1_digit(number: str) -> bool:
    return -_weighed(number[:-1], (3, 1)) % 10 == int(number[-1])


def _has_express_digit(number: str) -> bool:
    """FedEx Express: what is left of eleven, by its last digit."""
    return _weighed(number[:-1], (1, 3, 7)) % 11 % 10 == int(number[-1])


def _has_waybill_digit(number: str) -> bool:
    return int(number[:-1]) % 7 == int(number[-1])


_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def _has_s10_digit(number: str) -> bool:
    left = 11 - sum(int(each) * weight for each, weight in zip(number[2:10], _S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(left, left) == int(number[10])


def _any_digit(_: str) -> bool:
    return True


class Form(NamedTuple):
    """How a carrier's numbers look, and how their last digit is made. `part`: of which group of the pattern."""

    carrier: str
    pattern: re.Pattern[str]
    has_digit: Callable[[str], bool]
    part: int = 0


def _form(carrier: str, pattern: str, has_digit: Callable[[str], bool], part: int = 0) -> Form:
    return Form(carrier, re.compile(pattern, re.ASCII), has_digit, part)


FORMS: tuple[Form, ...] = (
    _form(UPS, r"1Z[A-Z0-9]{15}\d", _has_ups_digit),
    _form(FEDEX, r"96\d{5}(\d{15})", _has_gs1_digit, 1),
    _form(FEDEX, r"96\d{18}(\d{14})", _has_express_digit, 1),
    _form(FEDEX, r"[0-8]\d{19}(\d{14})", _has_express_digit, 1),
    _form(FEDEX, r"\d{15}", _has_gs1_digit),
    _form(FEDEX, r"\d{12}", _has_express_digit),
    _form(USPS, r"(?:420\d{5}(?:\d{4})?)?(9[1-5]\d{20}(?:\d{4})?)", _has_gs1_digit, 1),
    _form(USPS, r"\d{20}", _has_gs1_digit),
    _form(USPS, r"[A-Z]{2}\d{9}US", _has_s10_digit),
    _form(DHL, r"\d{10,11}", _has_waybill_digit),
    _form(DHL, r"J[A-Z]{2,3}\d{10,18}", _any_digit),
)
"""The surest first."""


def carriers_of(number: str) -> tuple[str, ...]:
    """The carriers that may have given this number, the likeliest first; none where no form fits."""
    bare = _GAPS.sub("", number).upper()
    if not bare or len(bare) > _MAX_LENGTH:
        return ()
    return tuple(dict.fromkeys(_fitting(bare)))


def _fitting(number: str) -> Iterable[str]:
    for form in FORMS:
        found = form.pattern.fullmatch(number)
        if found is not None and form.has_digit(found[form.part]):
            yield form.carrier
