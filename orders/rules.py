"""The rules of a line: pure, each its own function; they collect every problem, not the first."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from orders.policy import OrderPolicy
from orders.problems import (
    CarrierRestricted,
    InsufficientAvailability,
    ItemDiscontinued,
    PlainProblem,
    PriceChanged,
    Problem,
    ProblemCode,
    QuantityRuleBroken,
    Severity,
)
from orders.request import RequestedLine
from sources.models import Customer, Item, ItemStatus, Money, Price, ShipTo

ZERO_DIGIT_CURRENCIES = frozenset({"JPY", "KRW", "CLP", "ISK", "VND"})


def rounded(amount: Decimal, currency: str) -> Money:
    """Half up, to the currency's digits: how line totals are made."""
    digits = Decimal(1) if currency in ZERO_DIGIT_CURRENCIES else Decimal("0.01")
    return Money(amount.quantize(digits, rounding=ROUND_HALF_UP), currency)


def base_factor(item: Item, uom: str | None) -> Decimal | None:
    """How many base units one `uom` holds; None where the item is not sold in it."""
    if uom is None or uom == item.uom:
        return Decimal(1)
    return next((unit.factor for unit in item.uoms if unit.code == uom), None)


def unread_problem(sku: str, path: tuple[str, ...]) -> PlainProblem:
    """Where the item's record could not be read, none of the other rules can be checked."""
    return PlainProblem(ProblemCode.SOURCE_UNAVAILABLE, f"{sku} could not be read, so it was not checked.", path)


def uom_problem(item: Item, uom: str | None, path: tuple[str, ...]) -> PlainProblem:
    return PlainProblem(ProblemCode.UNKNOWN_UOM, f"{item.sku} is not sold by {uom}.", (*path, "uom"))


def status_problems(item: Item, path: tuple[str, ...]) -> Sequence[Problem]:
    if item.status is ItemStatus.BLOCKED:
        return [PlainProblem(ProblemCode.ITEM_BLOCKED, f"{item.sku} may not be sold at the moment.", path)]
    if item.status is ItemStatus.DISCONTINUED:
        instead = f" {item.replaced_by_sku} takes its place." if item.replaced_by_sku else ""
        told = f"{item.sku} is discontinued.{instead}"
        return [ItemDiscontinued(told, path, item.replaced_by_sku, item.substitute_skus)]
    return []


def quantity_problems(item: Item, quantity: Decimal, path: tuple[str, ...]) -> Sequence[Problem]:
    """`quantity` in the base unit."""
    rule = item.quantity_rule
    broken = []
    if quantity < rule.minimum:
        broken.append(f"the least is {rule.minimum:f} {item.uom}")
    if rule.maximum is not None and quantity > rule.maximum:
        broken.append(f"the most is {rule.maximum:f} {item.uom}")
    if quantity % rule.increment:
        broken.append(f"it is sold in multiples of {rule.increment:f} {item.uom}")
    where = (*path, "quantity")
    least, step, most = rule.minimum, rule.increment, rule.maximum
    return [QuantityRuleBroken(quantity, least, step, f"{item.sku}: {each}.", where, most) for each in broken]


def price_problems(
    policy: OrderPolicy, asked: RequestedLine, price: Price | None, path: tuple[str, ...]
) -> Sequence[Problem]:
    """Where the price now lies further from the expected one than the tolerance, up or down."""
    expected = asked.expected_unit_price
    if expected is None or price is None:
        return []
    tolerance, actual = policy.price_tolerance(expected), price.unit
    if abs(actual.amount - expected) <= tolerance:
        return []
    told = f"{asked.sku} costs {actual.amount:f} {actual.currency} now, not {expected:f}."
    was = Money(expected, actual.currency)
    return [PriceChanged(was, actual, tolerance, told, (*path, "expectedUnitPrice"))]


def judged_short(problem: Problem, allow_backorder: bool) -> Problem:  # noqa: FBT001 - the order's own word for it
    """What is short but will come may be sent later, where the customer allows that: then it is only worth knowing."""
    if not isinstance(problem, InsufficientAvailability) or not allow_backorder or problem.earliest_date is None:
        return problem
    return msgspec.structs.replace(problem, severity=Severity.WARNING)


def carrier_problems(
    policy: OrderPolicy,
    carrier_service: str,
    parties: tuple[Customer, ShipTo],
    goods: Sequence[tuple[Item, tuple[str, ...]]],
) -> Sequence[Problem]:
    """What the carrier service does not take, item by item, and where it does not go. `goods`: items with their paths."""
    found: list[Problem] = []
    for restriction in policy.restrictions:
        if not restriction.fit(*parties, carrier_service):
            continue
        reason = restriction.reason
        if not restriction.is_about_items:
            told = f"{carrier_service}: {reason}."
            found.append(CarrierRestricted(carrier_service, reason, told, ("carrierService",)))
            continue
        for item, path in goods:
            if restriction.concerns(item):
                told = f"{carrier_service} does not take {item.sku}: {reason}."
                found.append(CarrierRestricted(carrier_service, reason, told, (*path, "sku"), item.sku))
    return found
