"""Lines and sums of a quote, from what was read of items, prices and availability; nothing is asked for here."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from orders import rules
from orders.outlook import Delivery, Outlook, delivery
from orders.problems import InsufficientAvailability, PlainProblem, Problem, ProblemCode
from orders.request import RequestedLine
from sources import models


class Line(msgspec.Struct, frozen=True):
    """Where the item, the price or the promise could not be read, its exception stands in its place."""

    sku: str
    quantity: Decimal
    uom: str
    item: models.Item | BaseException | None = None
    price: models.Price | BaseException | None = None
    total: models.Money | None = None
    promise: Delivery | BaseException | None = None
    problems: tuple[Problem, ...] = ()
    as_of: datetime | None = None


class Quoted(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    subtotal: models.Money | None
    simulation: models.Simulation | BaseException | None
    as_of: datetime


class Found(NamedTuple):
    """What was read of one line."""

    item: models.Item | BaseException | None
    price: models.Price | BaseException | None
    outlook: Outlook | BaseException | None


def quoted(
    lines: Sequence[Line], simulation: models.Simulation | BaseException | None, customer: models.Customer
) -> Quoted:
    moments = [line.as_of for line in lines if line.as_of is not None]
    if isinstance(simulation, models.Simulation):
        moments.append(simulation.as_of)
    return Quoted(tuple(lines), subtotal(lines), simulation, min([customer.as_of, *moments]))


def subtotal(lines: Sequence[Line]) -> models.Money | None:
    """The sum of the lines' totals; None while one of them has none."""
    totals = [line.total for line in lines if line.total is not None]
    if not totals or len(totals) < len(lines):
        return None
    return models.Money(sum((each.amount for each in totals), Decimal(0)), totals[0].currency)


def line_quoted(asked: RequestedLine, found: Found, *, by: date | None, path: tuple[str, ...]) -> Line:
    """`by` is the day it is wanted."""
    item, price, ahead = found
    if item is None:
        unknown = PlainProblem(ProblemCode.UNKNOWN_ITEM, f'There is no item "{asked.sku}".', (*path, "sku"))
        return Line(asked.sku, asked.quantity, asked.uom or "", problems=(unknown,))
    if isinstance(item, BaseException):
        return _unread(asked, item, price, path=path)
    promise, problems = _promised(asked, item, ahead, by=by, path=path)
    moments = [fact.as_of for fact in (price, ahead) if isinstance(fact, models.Price | Outlook)]
    return Line(
        sku=asked.sku,
        quantity=asked.quantity,
        uom=asked.uom or item.uom,
        item=item,
        price=price,
        total=_total(asked, price),
        promise=promise,
        problems=(*rules.status_problems(item, path), *problems, *_unpriced(asked.sku, price, path)),
        as_of=min([item.as_of, *moments]),
    )


def _unread(
    asked: RequestedLine,
    failure: BaseException,
    price: models.Price | BaseException | None,
    *,
    path: tuple[str, ...],
) -> Line:
    """A line whose item could not be read: its price stands; units, rules and lead time are on the item's record."""
    priced = price if isinstance(price, models.Price) else None
    return Line(
        sku=asked.sku,
        quantity=asked.quantity,
        uom=asked.uom or (priced.uom if priced else ""),
        item=failure,
        price=price,
        total=_total(asked, price),
        problems=(rules.unread_problem(asked.sku, (*path, "sku")), *_unpriced(asked.sku, price, path)),
        as_of=priced.as_of if priced else None,
    )


def _total(asked: RequestedLine, price: models.Price | BaseException | None) -> models.Money | None:
    if not isinstance(price, models.Price):
        return None
    return rules.rounded(asked.quantity * price.unit.amount, price.unit.currency)


def _unpriced(sku: str, price: models.Price | BaseException | None, path: tuple[str, ...]) -> Sequence[Problem]:
    if isinstance(price, models.Price):
        return []
    told = f"There is no price for {sku}." if price is None else f"The price of {sku} could not be read."
    return [PlainProblem(ProblemCode.PRICE_UNAVAILABLE, told, path)]


def _promised(
    asked: RequestedLine,
    item: models.Item,
    ahead: Outlook | BaseException | None,
    *,
    by: date | None,
    path: tuple[str, ...],
) -> tuple[Delivery | BaseException | None, Sequence[Problem]]:
    failure = ahead if isinstance(ahead, BaseException) else None
    factor = rules.base_factor(item, asked.uom)
    if factor is None:
        return failure, [rules.uom_problem(item, asked.uom, path)]
    needed = asked.quantity * factor
    broken = rules.quantity_problems(item, needed, path)
    if not isinstance(ahead, Outlook):
        return failure, broken
    promise = delivery(ahead, needed, by=by)
    return promise, [*broken, *_short(promise, ahead, needed, by, path=path)]


def _short(
    promise: Delivery, ahead: Outlook, needed: Decimal, by: date | None, *, path: tuple[str, ...]
) -> Sequence[Problem]:
    if promise.complete:
        return []
    in_time = [portion.quantity for portion in promise.portions if by is None or portion.date <= by]
    available = sum(in_time, Decimal(0))
    earliest = delivery(ahead, needed, by=None).date
    message = f"{available:f} of {needed:f} can be had{' in time' if by else ''}."
    return [InsufficientAvailability(needed, available, message, (*path, "quantity"), earliest)]
