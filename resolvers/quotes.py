"""Quotes: CPQ's one call. Items, prices, promises and the ERP's own tax and freight for up to 500 lines."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import strawberry

from orders import rules
from orders.problems import InsufficientAvailability, PlainProblem, ProblemCode
from orders.problems import Problem as LineProblem
from resolvers.availability import Delivery, DeliveryPromise, Outlook, delivery, outlooks
from resolvers.context import Context, Info
from resolvers.errors import Ambiguous, BadInput, LimitExceeded
from resolvers.items import Item
from resolvers.money import Money
from resolvers.prices import Price
from resolvers.problems import Problem
from resolvers.selection import selects
from sources import models

MAX_LINES = 500
HORIZON_DAYS = 90


@strawberry.input(description="One line of a quote.")
class QuoteLineInput:
    sku: str = strawberry.field(description="The item.")
    quantity: Decimal = strawberry.field(description="How much, in uom.")
    uom: str | None = strawberry.field(default=None, description="The unit; the item's base unit if left out.")


@strawberry.input(description="What is to be quoted to whom.")
class QuoteInput:
    company: str | None = strawberry.field(
        default=None, description="The legal entity; may be left out where the customer exists in one only."
    )
    customer: str = strawberry.field(description="The customer's number.")
    ship_to: str | None = strawberry.field(default=None, description="Where it goes.")
    requested_date: date | None = strawberry.field(default=None, description="When it is wanted.")
    lines: list[QuoteLineInput] = strawberry.field(description="The lines, 1 to 500.")


class Line(msgspec.Struct, frozen=True):
    sku: str
    quantity: Decimal
    uom: str
    item: Any
    price: Any
    total: models.Money | None
    promise: Any
    problems: tuple[LineProblem, ...]
    as_of: datetime | None


class Quoted(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    simulation: models.Simulation | BaseException | None
    as_of: datetime

    @property
    def subtotal(self) -> models.Money | None:
        """The sum of the lines' totals; None while one of them has none."""
        totals = [line.total for line in self.lines]
        if not totals or any(each is None for each in totals):
            return None
        return models.Money(
            sum((each.amount for each in totals if each), Decimal(0)), totals[0].currency if totals[0] else ""
        )


def _figure(quoted: Quoted, name: str) -> Any:
    if isinstance(quoted.simulation, BaseException):
        raise quoted.simulation
    return getattr(quoted.simulation, name, None)


def total_of_quote(root: Any) -> Any:
    subtotal, tax, freight = root.subtotal, _figure(root, "tax"), _figure(root, "freight")
    if subtotal is None or tax is None or freight is None:
        return None
    return models.Money(subtotal.amount + tax.amount + freight.amount, subtotal.currency)


@strawberry.type(description="One line of a quote, answered.")
class QuoteLine:
    sku: str = strawberry.field(description="What was asked for.")
    quantity: Decimal = strawberry.field(description="How much was asked for, in uom.")
    uom: str = strawberry.field(description="The unit.")
    item: Item | None = strawberry.field(
        resolver=lambda root: root.item, graphql_type=Item | None, description="The item."
    )
    price: Price | None = strawberry.field(
        resolver=lambda root: _raised(root.price), graphql_type=Price | None, description="What the customer pays."
    )
    total: Money | None = strawberry.field(
        description="Quantity times price, rounded half up to the currency's digits."
    )
    promise: DeliveryPromise | None = strawberry.field(
        resolver=lambda root: _raised(root.promise),
        graphql_type=DeliveryPromise | None,
        description="When it can be had.",
    )
    problems: list[Problem] = strawberry.field(description="What keeps the line from being ordered as it stands.")


def _raised(outcome: Any) -> Any:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


@strawberry.type(description="What an order would cost and when it could be had; nothing is saved.")
class Quote:
    lines: list[QuoteLine] = strawberry.field(description="The lines, as asked.")
    subtotal: Money | None = strawberry.field(description="The sum of the lines; null while one has no price.")
    tax: Money | None = strawberry.field(
        resolver=lambda root: _figure(root, "tax"),
        graphql_type=Money | None,
        description="By the ERP's own simulation.",
    )
    freight: Money | None = strawberry.field(
        resolver=lambda root: _figure(root, "freight"),
        graphql_type=Money | None,
        description="By the ERP's own simulation.",
    )
    total: Money | None = strawberry.field(
        resolver=total_of_quote, graphql_type=Money | None, description="Subtotal, tax and freight."
    )
    as_of: datetime = strawberry.field(description="When the oldest fact in it was read from its system.")


async def quote(info: Info, input: Annotated[QuoteInput, strawberry.argument(description="What to quote.")]) -> Any:  # noqa: A002 - GraphQL's name for it
    _check(input)
    context = info.context
    customer = await context.loaders.customer_by_number.load(models.Key(input.company, input.customer))
    if customer is None:
        raise BadInput("input.customer", f'there is no customer "{input.customer}".')
    simulated = any(selects(info, name) for name in ("tax", "freight", "total"))
    lines, simulation = await asyncio.gather(
        _lines(context, customer, input), _simulation(context, customer, input) if simulated else _nothing()
    )
    moments = [line.as_of for line in lines if line.as_of is not None]
    if isinstance(simulation, models.Simulation):
        moments.append(simulation.as_of)
    return Quoted(lines=tuple(lines), simulation=simulation, as_of=min([customer.as_of, *moments]))


def _check(asked: QuoteInput) -> None:
    if len(asked.lines) > MAX_LINES:
        raise LimitExceeded("input.lines", asked=len(asked.lines), limit=MAX_LINES)
    if not asked.lines:
        raise BadInput("input.lines", "at least one line is needed.")
    for index, line in enumerate(asked.lines):
        if line.quantity <= 0:
            raise BadInput(f"input.lines[{index}].quantity", "it must be more than 0.")


async def _nothing() -> None:
    return None


async def _simulation(
    context: Context, customer: models.Customer, asked: QuoteInput
) -> models.Simulation | BaseException:
    lines = tuple(models.BasketLine(line.sku, line.quantity, line.uom) for line in asked.lines)
    basket = models.Basket(customer.company, customer.number, lines, asked.ship_to, asked.requested_date)
    try:
        return await context.sources.erp.simulate(context.call, basket)
    except Exception as error:  # noqa: BLE001 - it is raised where tax, freight and total are asked for
        return error


async def _lines(context: Context, customer: models.Customer, asked: QuoteInput) -> list[Line]:
    terms = [
        models.PriceTerms(customer.company, customer.number, line.sku, line.quantity, line.uom, asked.ship_to)
        for line in asked.lines
    ]
    loaders = context.loaders
    items, prices = await asyncio.gather(
        loaders.item_by_sku.load_each(models.Key(customer.company, line.sku) for line in asked.lines),
        loaders.price_by_terms.load_each(terms),
    )
    known = [item for item in items if isinstance(item, models.Item)]
    found = iter(await outlooks(context, known, (), days=HORIZON_DAYS, ship_to=asked.ship_to))
    stock = [next(found) if isinstance(item, models.Item) else None for item in items]
    return [
        _line(index, asked, item, price, outlook)
        for index, (item, price, outlook) in enumerate(zip(items, prices, stock, strict=True))
    ]


def _line(  # noqa: PLR0917 - one row of four lists side by side
    index: int,
    asked: QuoteInput,
    item: models.Item | BaseException | None,
    price: models.Price | BaseException | None,
    outlook: Outlook | BaseException | None,
) -> Line:
    line, path = asked.lines[index], ("lines", str(index))
    if isinstance(item, BaseException) and not isinstance(item, Ambiguous):
        raise item
    if not isinstance(item, models.Item):
        unknown = PlainProblem(ProblemCode.UNKNOWN_ITEM, f'There is no item "{line.sku}".', (*path, "sku"))
        return Line(line.sku, line.quantity, line.uom or "", None, None, None, None, (unknown,), None)
    factor = rules.base_factor(item, line.uom)
    problems: list[LineProblem] = [*rules.status_problems(item, path)]
    promise: Delivery | BaseException | None = outlook if isinstance(outlook, BaseException) else None
    if factor is None:
        problems.append(PlainProblem(ProblemCode.UNKNOWN_UOM, f"{item.sku} is not sold by {line.uom}.", (*path, "uom")))
    else:
        needed = line.quantity * factor
        problems += rules.quantity_problems(item, needed, path)
        if isinstance(outlook, Outlook):
            promise = delivery(outlook, needed, by=asked.requested_date)
            problems += _short(promise, outlook, needed, asked.requested_date, path=path)
    if not isinstance(price, models.Price):
        problems.append(PlainProblem(ProblemCode.PRICE_UNAVAILABLE, f"There is no price for {item.sku}.", path))
    total = (
        rules.rounded(line.quantity * price.unit.amount, price.unit.currency)
        if isinstance(price, models.Price)
        else None
    )
    moments = [fact.as_of for fact in (item, price, outlook) if isinstance(fact, models.Item | models.Price | Outlook)]
    return Line(
        line.sku, line.quantity, line.uom or item.uom, item, price, total, promise, tuple(problems), min(moments)
    )


def _short(
    promise: Delivery, outlook: Outlook, needed: Decimal, by: date | None, *, path: tuple[str, ...]
) -> Sequence[LineProblem]:
    if promise.complete:
        return []
    in_time = [portion.quantity for portion in promise.portions if by is None or portion.date <= by]
    available = sum(in_time, Decimal(0))
    earliest = delivery(outlook, needed, by=None).date
    message = f"{available:f} of {needed:f} can be had{' in time' if by else ''}."
    return [InsufficientAvailability(needed, available, message, (*path, "quantity"), earliest)]
