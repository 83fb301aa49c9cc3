"""The legal entities: in which money they trade and which tax they add."""

from decimal import Decimal

from sandbox.amounts import ZERO
from sandbox.fact import Fact


class Company(Fact, frozen=True):
    code: str
    name: str = ""
    currency: str = "USD"
    tax_rate: Decimal = ZERO
