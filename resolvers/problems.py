"""Problems of orders and quotes as the schema publishes them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from orders import problems
from resolvers.context import Info
from resolvers.enums import publish
from resolvers.money import Money
from sources.viewer import Viewer

publish(
    problems.Severity,
    "How bad a problem is.",
    {"ERROR": "The order cannot go on with it.", "WARNING": "Worth knowing; it goes on."},
)
publish(
    problems.ProblemCode,
    "What is wrong.",
    {
        "UNKNOWN_CUSTOMER": "There is no such customer.",
        "CUSTOMER_BLOCKED": "The customer may not be sold to.",
        "CREDIT_HOLD": "The account that pays is on hold.",
        "CREDIT_LIMIT": "The order takes the account that pays over its limit.",
        "UNKNOWN_SHIP_TO": "There is no such ship-to.",
        "INVALID_SHIP_TO": "The ship-to is not one of the customer's, or its address is incomplete.",
        "DUPLICATE_PO": "The customer has an order with this PO number already.",
        "UNKNOWN_ITEM": "There is no such item.",
        "ITEM_DISCONTINUED": "The item is no longer sold.",
        "ITEM_BLOCKED": "The item may not be sold at the moment.",
        "QUANTITY_RULE": "The quantity is too small, too large, or no multiple.",
        "UNKNOWN_UOM": "The item is not sold in this unit of measure.",
        "PRICE_CHANGED": "The price is not the one that was expected.",
        "PRICE_UNAVAILABLE": "There is no price for this customer, or it could not be read.",
        "INSUFFICIENT_AVAILABILITY": "Not all of it can be had, or not in time.",
        "NO_ROUTE": "No warehouse can ship it there.",
        "CARRIER_RESTRICTION": "The carrier service may not take it, or not there.",
        "SOURCE_UNAVAILABLE": "A system could not be read, so this was not checked.",
        "SOURCE_REJECTED": "The ERP refuses the order.",
        "RELEASE_REFUSED": "The warehouse refuses to ship the order.",
        "IDEMPOTENCY_KEY_MISSING": "Neither the input nor the Idempotency-Key header names a key.",
        "IDEMPOTENCY_KEY_REUSED": "The key was used for an order that asked for something else.",
        "NOT_CANCELLABLE": "It is too late, or not the moment, to cancel.",
        "ALREADY_RESOLVED": "There is nothing left to decide or to try again.",
    },
)


@strawberry.interface(description="Something that keeps a line or an order from going on as it stands.")
class Problem:
    code: problems.ProblemCode = strawberry.field(description="What is wrong.")
    message: str = strawberry.field(description="What is wrong, in a sentence for people.")
    path: list[str] = strawberry.field(description="Where in the input.")
    severity: problems.Severity = strawberry.field(description="How bad it is.")


@strawberry.type(description="A problem that needs no figures.")
class PlainProblem(Problem):
    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.PlainProblem)


@strawberry.type(description="The quantity is too small, too large, or no multiple; in the base unit.")
class QuantityRuleBroken(Problem):
    quantity: Decimal = strawberry.field(description="How much was asked for.")
    minimum: Decimal = strawberry.field(description="The least.")
    maximum: Decimal | None = strawberry.field(description="The most; null means no limit.")
    increment: Decimal = strawberry.field(description="Quantities are multiples of this.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.QuantityRuleBroken)


@strawberry.type(description="The item is no longer sold; what may take its place.")
class ItemDiscontinued(Problem):
    replaced_by_sku: str | None = strawberry.field(description="The item that takes its place.")
    substitute_skus: list[str] = strawberry.field(description="Items that serve as well.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.ItemDiscontinued)


@strawberry.type(description="The price of one unit is not the one that was expected.")
class PriceChanged(Problem):
    expected: Money = strawberry.field(description="What the customer was told.")
    actual: Money = strawberry.field(description="What the ERP asks now.")
    tolerance: Decimal = strawberry.field(description="How far the two may lie apart, as an amount.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.PriceChanged)


@strawberry.type(description="Not all of it can be had, or not in time; in the base unit.")
class InsufficientAvailability(Problem):
    requested: Decimal = strawberry.field(description="How much was asked for.")
    available: Decimal = strawberry.field(description="How much can be had, by the day asked for where there is one.")
    earliest_date: date | None = strawberry.field(description="When all of it can be had.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.InsufficientAvailability)


@strawberry.type(description="The order takes the account that pays over its limit.")
class CreditLimitExceeded(Problem):
    limit: Money = strawberry.field(description="The limit.")
    exposure: Money = strawberry.field(description="What is owed without this order.")
    exceeded_by: Money = strawberry.field(description="By how much exposure and order together lie over the limit.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.CreditLimitExceeded)


@strawberry.type(description="The customer has an order with this PO number already.")
class DuplicatePurchaseOrder(Problem):
    po_number: str = strawberry.field(description="The customer's number.")
    order_number: str = strawberry.field(description="The ERP's number of the order that has it.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.DuplicatePurchaseOrder)


@strawberry.type(description="The carrier service may not take it, or not there.")
class CarrierRestricted(Problem):
    carrier_service: str = strawberry.field(description="The service asked for.")
    sku: str | None = strawberry.field(description="The item it is about; null where it is about the destination.")
    reason: str = strawberry.field(description="The restriction in words.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.CarrierRestricted)


PROBLEM_TYPES = (
    PlainProblem,
    QuantityRuleBroken,
    ItemDiscontinued,
    PriceChanged,
    InsufficientAvailability,
    CreditLimitExceeded,
    DuplicatePurchaseOrder,
    CarrierRestricted,
)


def shown(told: Sequence[problems.Problem], info: Info) -> Sequence[problems.Problem]:
    """Figures of credit and of prices are for those who may see such."""
    viewer = info.context.call.viewer
    return [_without_figures(each) if _hides(each, viewer) else each for each in told]


def _hides(problem: problems.Problem, viewer: Viewer) -> bool:
    if isinstance(problem, problems.CreditLimitExceeded):
        return not viewer.may("credit:read")
    return isinstance(problem, problems.PriceChanged) and not viewer.may("price:read")


def _without_figures(problem: problems.Problem) -> problems.PlainProblem:
    told = {
        problems.ProblemCode.CREDIT_LIMIT: "The order takes the account over its credit limit.",
        problems.ProblemCode.PRICE_CHANGED: "The price is not the one that was expected.",
    }
    return problems.PlainProblem(problem.code, told[problem.code], problem.path, problem.severity)
