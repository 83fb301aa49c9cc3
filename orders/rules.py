"""The rules of a line: pure, each its own function; they collect every problem, not the first."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from orders.problems import ItemDiscontinued, PlainProblem, Problem, ProblemCode, QuantityRuleBroken
from sources.models import Item, ItemStatus, Money

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
