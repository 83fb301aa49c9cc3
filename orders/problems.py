"""What is wrong with an order or a quote, with the figures that a person needs to act; docs/order-submission.md has cause and cure.

Problem                        code, message, path into the input, severity
├── PlainProblem               any code that needs no figures
├── QuantityRuleBroken         quantity, minimum, maximum, increment
├── ItemDiscontinued           replaced_by_sku, substitute_skus
├── PriceChanged               expected, actual, tolerance
├── InsufficientAvailability   requested, available, earliest_date
├── CreditLimitExceeded        limit, exposure, exceeded_by
├── DuplicatePurchaseOrder     po_number, order_number
└── CarrierRestricted          carrier_service, sku, reason
"""

import enum
from datetime import date
from decimal import Decimal

import msgspec

from sources.models import Money


class Severity(enum.Enum):
    ERROR = "ERROR"
    WARNING = "WARNING"


class ProblemCode(enum.Enum):
    UNKNOWN_CUSTOMER = "UNKNOWN_CUSTOMER"
    CUSTOMER_BLOCKED = "CUSTOMER_BLOCKED"
    CREDIT_HOLD = "CREDIT_HOLD"
    CREDIT_LIMIT = "CREDIT_LIMIT"
    UNKNOWN_SHIP_TO = "UNKNOWN_SHIP_TO"
    INVALID_SHIP_TO = "INVALID_SHIP_TO"
    DUPLICATE_PO = "DUPLICATE_PO"
    UNKNOWN_ITEM = "UNKNOWN_ITEM"
    ITEM_DISCONTINUED = "ITEM_DISCONTINUED"
    ITEM_BLOCKED = "ITEM_BLOCKED"
    QUANTITY_RULE = "QUANTITY_RULE"
    UNKNOWN_UOM = "UNKNOWN_UOM"
    PRICE_CHANGED = "PRICE_CHANGED"
    PRICE_UNAVAILABLE = "PRICE_UNAVAILABLE"
    INSUFFICIENT_AVAILABILITY = "INSUFFICIENT_AVAILABILITY"
    NO_ROUTE = "NO_ROUTE"
    CARRIER_RESTRICTION = "CARRIER_RESTRICTION"
    SOURCE_UNAVAILABLE = "SOURCE_UNAVAILABLE"
    SOURCE_REJECTED = "SOURCE_REJECTED"
    RELEASE_REFUSED = "RELEASE_REFUSED"
    IDEMPOTENCY_KEY_MISSING = "IDEMPOTENCY_KEY_MISSING"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    NOT_CANCELLABLE = "NOT_CANCELLABLE"
    ALREADY_RESOLVED = "ALREADY_RESOLVED"


class PlainProblem(msgspec.Struct, frozen=True, tag="plain"):
    code: ProblemCode
    message: str
    path: tuple[str, ...]
    severity: Severity = Severity.ERROR


class QuantityRuleBroken(msgspec.Struct, frozen=True, tag="quantity"):
    """In the base unit."""

    quantity: Decimal
    minimum: Decimal
    increment: Decimal
    message: str
    path: tuple[str, ...]
    maximum: Decimal | None = None
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.QUANTITY_RULE


class ItemDiscontinued(msgspec.Struct, frozen=True, tag="discontinued"):
    message: str
    path: tuple[str, ...]
    replaced_by_sku: str | None = None
    substitute_skus: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.ITEM_DISCONTINUED


class PriceChanged(msgspec.Struct, frozen=True, tag="price"):
    """Prices of one unit; `tolerance` is how far they may lie apart."""

    expected: Money
    actual: Money
    tolerance: Decimal
    message: str
    path: tuple[str, ...]
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.PRICE_CHANGED


class InsufficientAvailability(msgspec.Struct, frozen=True, tag="availability"):
    """Quantities in the base unit; `earliest_date`: when all of it can be had, None where that is not known."""

    requested: Decimal
    available: Decimal
    message: str
    path: tuple[str, ...]
    earliest_date: date | None = None
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.INSUFFICIENT_AVAILABILITY


class CreditLimitExceeded(msgspec.Struct, frozen=True, tag="credit"):
    """`exposure` is what the paying account owes without this order."""

    limit: Money
    exposure: Money
    exceeded_by: Money
    message: str
    path: tuple[str, ...]
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.CREDIT_LIMIT


class DuplicatePurchaseOrder(msgspec.Struct, frozen=True, tag="duplicate"):
    po_number: str
    order_number: str
    message: str
    path: tuple[str, ...]
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.DUPLICATE_PO


class CarrierRestricted(msgspec.Struct, frozen=True, tag="carrier"):
    """`sku` is the item it is about; None where it is about the destination."""

    carrier_service: str
    reason: str
    message: str
    path: tuple[str, ...]
    sku: str | None = None
    severity: Severity = Severity.ERROR
    code: ProblemCode = ProblemCode.CARRIER_RESTRICTION


Problem = (
    PlainProblem
    | QuantityRuleBroken
    | ItemDiscontinued
    | PriceChanged
    | InsufficientAvailability
    | CreditLimitExceeded
    | DuplicatePurchaseOrder
    | CarrierRestricted
)


def is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR
