"""Money and quantities: Decimals rounded half up, written without exponents."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
_CENT = Decimal("0.01")
_UNIT = Decimal("0.0001")
_NO_MINOR_UNIT = frozenset({"JPY", "KRW", "VND", "CLP"})


def money(amount: Decimal, currency: str) -> Decimal:
    step = ONE if currency in _NO_MINOR_UNIT else _CENT
    return amount.quantize(step, ROUND_HALF_UP)


def unit_price(amount: Decimal) -> Decimal:
    """Four digits, because a screw costs 0.0375."""
    return amount.quantize(_UNIT, ROUND_HALF_UP)


def plain(quantity: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent: `Decimal` would otherwise print 1E+2 or 0E-8."""
    if quantity == quantity.to_integral_value():
        return quantity.quantize(ONE)
    return quantity.quantize(_UNIT, ROUND_HALF_UP).normalize()


def floor_like(quantity: Decimal, sample: Decimal) -> Decimal:
    """Rounded down to whole units where `sample` is whole, else to four digits."""
    whole = sample == sample.to_integral_value()
    return plain(quantity.quantize(ONE if whole else _UNIT, ROUND_FLOOR))


def ceiling(quantity: Decimal) -> Decimal:
    return quantity.quantize(ONE, ROUND_CEILING)
