"""What is wrong with an order or quote line, with the figures that a person needs to act."""

import enum
from datetime import date
from decimal import Decimal

import msgspec


class Severity(enum.Enum):
    ERROR = "ERROR"
    WARNING = "WARNING"


class ProblemCode(enum.Enum):
    UNKNOWN_ITEM = "UNKNOWN_ITEM"
    ITEM_DISCONTINUED = "ITEM_DISCONTINUED"
    ITEM_BLOCKED = "ITEM_BLOCKED"
    QUANTITY_RULE = "QUANTITY_RULE"
    UNKNOWN_UOM = "UNKNOWN_UOM"
    PRICE_UNAVAILABLE = "PRICE_UNAVAILABLE"
    INSUFFICIENT_AVAILABILITY = "INSUFFICIENT_AVAILABILITY"
    SOURCE_UNAVAILABLE = "SOURCE_UNAVAILABLE"


class PlainProblem(msgspec.Struct, frozen=True):
    code: ProblemCode
    message: str
    path: tuple[str, ...]
    severity: Severity = Severity.ERROR


class InsufficientAvailability(msgspec.Struct, frozen=True):
    """Quantities in the base unit; `earliest_date`: when all of it can be had, None where that is not known."""

    requested: Decimal
    available: Decimal
    message: str
    path: tuple[str, ...]
    earliest_date: date | None = None
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.INSUFFICIENT_AVAILABILITY


Problem = PlainProblem | InsufficientAvailability
