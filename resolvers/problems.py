"""Problems of orders and quotes as the schema publishes them."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from orders import problems
from resolvers.enums import publish

publish(
    problems.Severity,
    "How bad a problem is.",
    {"ERROR": "The order cannot go on with it.", "WARNING": "Worth knowing; it goes on."},
)
publish(
    problems.ProblemCode,
    "What is wrong.",
    {
        "UNKNOWN_ITEM": "There is no such item.",
        "ITEM_DISCONTINUED": "The item is no longer sold.",
        "ITEM_BLOCKED": "The item may not be sold at the moment.",
        "QUANTITY_RULE": "The quantity is too small, too large, or no multiple.",
        "UNKNOWN_UOM": "The item is not sold in this unit of measure.",
        "PRICE_UNAVAILABLE": "There is no price for this customer, or it could not be read.",
        "INSUFFICIENT_AVAILABILITY": "Not all of it can be had, or not in time.",
        "SOURCE_UNAVAILABLE": "A system could not be read, so this was not checked.",
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


@strawberry.type(description="Not all of it can be had, or not in time; in the base unit.")
class InsufficientAvailability(Problem):
    requested: Decimal = strawberry.field(description="How much was asked for.")
    available: Decimal = strawberry.field(description="How much can be had, by the day asked for where there is one.")
    earliest_date: date | None = strawberry.field(description="When all of it can be had.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, problems.InsufficientAvailability)
