"""Quotes: CPQ's one call. Items, prices, promises and the ERP's own tax and freight for up to 500 lines."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from orders.outlook import Destination, Outlook, outlook
from orders.quoting import Found, Line, Quoted, line_quoted, quoted
from orders.request import RequestedLine
from resolvers.availability import DeliveryPromise, expect_facts, facts_of
from resolvers.context import Context, Info
from resolvers.errors import Ambiguous, BadInput, LimitExceeded
from resolvers.items import Item
from resolvers.money import Money
from resolvers.prices import Price
from resolvers.problems import Problem
from resolvers.selection import selects
from sources import models
from sources.errors import NotOffered

MAX_LINES = 500
WHOLE_DIGITS = 12
QUANTITY_DECIMALS = 6


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
        resolver=lambda root: _raised(root.item), graphql_type=Item | None, description="The item."
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
    _look_ahead(context, input)
    customer, ship_to = await _parties(context, input)
    simulated = any(selects(info, name) for name in ("tax", "freight", "total"))
    lines, simulation = await asyncio.gather(
        _lines(context, customer, ship_to, asked=input),
        _simulation(context, customer, input) if simulated else _nothing(),
    )
    return quoted(lines, simulation, customer)


def _check(asked: QuoteInput) -> None:
    if len(asked.lines) > MAX_LINES:
        raise LimitExceeded("input.lines", asked=len(asked.lines), limit=MAX_LINES)
    if not asked.lines:
        raise BadInput("input.lines", "at least one line is needed.")
    for index, line in enumerate(asked.lines):
        check_quantity(f"input.lines[{index}].quantity", line.quantity)


def check_quantity(argument: str, quantity: Decimal) -> None:
    if quantity <= 0:
        raise BadInput(argument, "it must be more than 0.")
    check_digits(argument, quantity, QUANTITY_DECIMALS)


def check_digits(argument: str, number: Decimal, decimals: int) -> None:
    """As the source contract has them; what is worked out of so many stays exact."""
    _, digits, exponent = number.as_tuple()
    behind = -exponent if isinstance(exponent, int) else 0
    if behind > decimals or len(digits) - behind > WHOLE_DIGITS:
        raise BadInput(argument, f"it may have {WHOLE_DIGITS} digits before the point and {decimals} after it at most.")


async def _parties(context: Context, asked: QuoteInput) -> tuple[models.Customer, Destination]:
    """Who buys and where it goes, asked side by side."""
    (customer,), ship_tos = await asyncio.gather(
        context.loaders.customer_by_number.load_each([models.Key(asked.company, asked.customer)]),
        context.loaders.ship_to_by_code.load_each([models.Key(asked.company, asked.ship_to)] if asked.ship_to else []),
    )
    if isinstance(customer, BaseException):
        raise customer
    if customer is None:
        raise BadInput("input.customer", f'there is no customer "{asked.customer}".')
    if asked.ship_to is None:
        return customer, None
    return customer, await _belonging(context, customer, asked.ship_to, found=ship_tos[0] if ship_tos else None)


async def _belonging(context: Context, customer: models.Customer, code: str, *, found: Destination) -> Destination:
    """The customer's own ship-to. One that could not be read stays its exception: only the promises need it."""
    if isinstance(found, Ambiguous):
        # Those found in several companies are remembered by company, so this asks nothing more.
        (found,) = await context.loaders.ship_to_by_code.load_each([models.Key(customer.company, code)])
    if isinstance(found, BaseException):
        return found
    owner = (found.company, found.customer_number) if found is not None else None
    if owner != (customer.company, customer.number):
        raise BadInput("input.shipTo", f'the customer "{customer.number}" has no ship-to "{code}".')
    return found


def _look_ahead(context: Context, asked: QuoteInput) -> None:
    """Where the company is known before the customer has been read, the lines need not wait for that."""
    known = context.foreseen("customers", asked.company, [asked.customer])
    if not known or asked.ship_to == "":
        return
    company = known[0].company
    loaders, keys = context.loaders, [models.Key(company, line.sku) for line in asked.lines]
    loaders.item_by_sku.expect(keys)
    loaders.price_by_terms.expect(_terms(company or "", asked.customer, asked))
    expect_facts(context, keys, (), days=context.availability.horizon_days)


def _terms(company: str, customer: str, asked: QuoteInput) -> list[models.PriceTerms]:
    return [
        models.PriceTerms(company, customer, line.sku, line.quantity, line.uom, asked.ship_to) for line in asked.lines
    ]


async def _nothing() -> None:
    return None


async def _simulation(
    context: Context, customer: models.Customer, asked: QuoteInput
) -> models.Simulation | BaseException | None:
    """None where the ERP works nothing out beforehand."""
    lines = tuple(models.BasketLine(line.sku, line.quantity, line.uom) for line in asked.lines)
    basket = models.Basket(customer.company, customer.number, lines, asked.ship_to, asked.requested_date)
    try:
        return await context.sources.erp.simulate(context.call, basket)
    except NotOffered:
        return None
    except Exception as error:  # noqa: BLE001 - it is raised where tax, freight and total are asked for
        return error


async def _lines(context: Context, customer: models.Customer, ship_to: Destination, *, asked: QuoteInput) -> list[Line]:
    items, prices = await asyncio.gather(
        context.loaders.item_by_sku.load_each(models.Key(customer.company, line.sku) for line in asked.lines),
        context.loaders.price_by_terms.load_each(_terms(customer.company, customer.number, asked)),
    )
    outlooks = iter(await _outlooks(context, [item for item in items if isinstance(item, models.Item)], ship_to))
    ahead = [next(outlooks) if isinstance(item, models.Item) else None for item in items]
    return [
        line_quoted(_asked(line), found, by=asked.requested_date, path=("lines", str(index)))
        for index, (line, found) in enumerate(zip(asked.lines, map(Found, items, prices, ahead), strict=True))
    ]


def _asked(line: QuoteLineInput) -> RequestedLine:
    return RequestedLine(line.sku, line.quantity, line.uom)


async def _outlooks(
    context: Context, items: Sequence[models.Item], ship_to: Destination
) -> Sequence[Outlook | BaseException | None]:
    if isinstance(ship_to, BaseException):
        return [ship_to] * len(items)  # nothing can be promised for arrival at an unknown place
    days = context.availability.horizon_days
    facts = await facts_of(context, items, (), days=days)
    return [outlook(context.availability, each, ship_to, days=days) for each in facts]
