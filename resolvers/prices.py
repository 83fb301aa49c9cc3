"""Prices: what one customer pays for one item, at a quantity, on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from resolvers.context import Info
from resolvers.errors import BadInput
from resolvers.money import Money
from sources import models

Quantity = Annotated[Decimal | None, strawberry.argument(description="How much is bought, in the unit given by uom.")]
Asked = tuple[str, Decimal | None, str | None, str | None, date | None]
Uom = Annotated[str | None, strawberry.argument(description="Unit of measure; the item's base unit if left out.")]


@strawberry.type(description="From this quantity on, this unit price.")
class PriceBreak:
    minimum: Decimal = strawberry.field(description="The quantity it begins at, in the price's unit of measure.")
    unit: Money = strawberry.field(description="The price of one unit from there on.")


@strawberry.type(description="What a customer pays for an item.")
class Price:
    unit: Money = strawberry.field(description="The price of one uom at the quantity asked about.")
    list_price: Money | None = strawberry.field(name="list", description="The list price of one uom.")
    uom: str = strawberry.field(description="The unit of measure that the prices are for.")
    breaks: list[PriceBreak] = strawberry.field(description="Quantity breaks, smallest quantity first.")
    source: models.PriceSource = strawberry.field(description="Where the price comes from.")
    valid_from: date | None = strawberry.field(description="The first day it holds.")
    valid_to: date | None = strawberry.field(description="The last day it holds.")
    as_of: datetime = strawberry.field(description="When it was read from the ERP.")


def price_ahead(
    keys: Sequence[models.Key],
    info: Info,
    *,
    customer: str,
    quantity: Decimal | None = Decimal(1),
    uom: str | None = None,
    ship_to: str | None = None,
    on: date | None = None,
) -> None:
    """The price hangs on company, SKU and terms only, so it need not wait for the item."""
    terms = (customer, quantity, uom, ship_to, on)
    info.context.loaders.price_by_terms.expect(_terms(key.company or "", key.number, terms) for key in keys)


def _terms(company: str, sku: str, asked: Asked) -> models.PriceTerms:
    customer, quantity, uom, ship_to, on = asked
    quantity = Decimal(1) if quantity is None else quantity
    if quantity <= 0:
        raise BadInput("quantity", "it must be more than 0.")
    return models.PriceTerms(company, customer, sku, quantity, uom, ship_to, on)


async def price_of_item(
    items: Sequence[models.Item],
    info: Info,
    *,
    customer: Annotated[str, strawberry.argument(description="Who buys: the customer's number in the item's company.")],
    quantity: Quantity = Decimal(1),
    uom: Uom = None,
    ship_to: Annotated[
        str | None, strawberry.argument(description="Where it goes: a ship-to code of the customer.")
    ] = None,
    on: Annotated[
        date | None, strawberry.argument(description="The day the price shall hold; today if left out.")
    ] = None,
) -> Sequence[models.Price | BaseException | None]:
    asked = (customer, quantity, uom, ship_to, on)
    terms = [_terms(item.company, item.sku, asked) for item in items]
    return await info.context.loaders.price_by_terms.load_each(terms)
