"""Items that are no longer sold, and those that take their place where the customer allows it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orders import rules
from orders.facts import Goods
from orders.problems import ItemDiscontinued, Problem, Severity
from orders.request import RequestedLine
from sources import models


class Substituted(NamedTuple):
    """A line as it would be ordered: `instead_of` is the SKU that was asked for, where another one takes its place."""

    asked: RequestedLine
    goods: Goods
    path: tuple[str, ...]
    instead_of: str | None = None
    problems: tuple[Problem, ...] = ()


def substitutes_wanted(lines: Sequence[tuple[RequestedLine, Goods]]) -> Mapping[int, RequestedLine]:
    """For each discontinued item that has a successor, the same line of that."""
    wanted: dict[int, RequestedLine] = {}
    for index, (line, goods) in enumerate(lines):
        item = goods.item
        if isinstance(item, models.Item) and item.status is models.ItemStatus.DISCONTINUED:
            sku = item.replaced_by_sku or next(iter(item.substitute_skus), None)
            if sku is not None:
                wanted[index] = RequestedLine(sku, line.quantity, line.uom, line.expected_unit_price)
    return wanted


def substituted(
    index: int, line: RequestedLine, goods: Goods, instead: tuple[RequestedLine, Goods] | None
) -> Substituted:
    """The other item's line where that one is sold, in the unit asked for; else the line as it was asked."""
    path = ("lines", str(index))
    if instead is None:
        return Substituted(line, goods, path)
    other, found = instead
    item = found.item
    fits = isinstance(item, models.Item) and item.status is models.ItemStatus.ACTIVE
    if not fits or not isinstance(item, models.Item) or rules.base_factor(item, line.uom) is None:
        return Substituted(line, goods, path)
    told = f"{line.sku} is discontinued: {other.sku} takes its place."
    problem = ItemDiscontinued(told, (*path, "sku"), other.sku, severity=Severity.WARNING)
    return Substituted(other, found, path, line.sku, (problem,))
