"""Availability: stock from the WMS, supply and demand from the ERP, worked into what can be promised."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from orders.outlook import Day, Delivery, Destination, Facts, Outlook, delivery, outlook
from resolvers.context import Context, Info
from resolvers.errors import BadInput, LimitExceeded
from resolvers.loaders import StockKey, SupplyDemandKey
from resolvers.warehouses import Warehouse
from sources import models

MAX_HORIZON_DAYS = 365
MAX_WAREHOUSES = 100


@strawberry.type(description="A part of a promise: how much comes from where, when.")
class PromisePortion:
    warehouse: Warehouse = strawberry.field(description="Where it comes from.")
    quantity: Decimal = strawberry.field(description="How much, in the base unit.")
    date: Day = strawberry.field(description="When: leaving the warehouse, or arriving where a shipTo was given.")


@strawberry.type(description="When a quantity can be had.")
class DeliveryPromise:
    complete: bool = strawberry.field(description="Whether all of it can be had, and by the day asked for.")
    date: Day | None = strawberry.field(description="When the last portion is there; null where something is missing.")
    portions: list[PromisePortion] = strawberry.field(description="What comes from where, when; earliest first.")
    shortfall: Decimal = strawberry.field(description="What cannot be promised at all.")


@strawberry.type(description="From this day on, this much can be promised.")
class AtpBucket:
    date: Day = strawberry.field(description="The day the figure begins to hold.")
    available: Decimal = strawberry.field(description="Available to promise, in the base unit.")


@strawberry.type(description="One warehouse's part of an availability, in the base unit.")
class WarehouseAvailability:
    warehouse: Warehouse = strawberry.field(description="Which warehouse.")
    on_hand: Decimal = strawberry.field(description="What stands there.")
    allocated: Decimal = strawberry.field(description="What of it is set aside for orders.")
    inbound: Decimal = strawberry.field(description="What is due to come in within the horizon.")
    available: Decimal = strawberry.field(description="What can be promised today.")


async def promise_of_availability(
    root: Outlook,
    quantity: Annotated[Decimal, strawberry.argument(description="How much, in the base unit.")],
    by: Annotated[date | None, strawberry.argument(description="The day it is wanted by.")] = None,
    allow_split: Annotated[bool | None, strawberry.argument(description="Whether it may come in parts.")] = True,  # noqa: FBT002 - a GraphQL argument
) -> Delivery:
    if quantity <= 0:
        raise BadInput("quantity", "it must be more than 0.")
    return delivery(root, quantity, by=by, allow_split=allow_split is not False)


@strawberry.type(description="What stands, what is set aside, what comes, and what can be promised; in the base unit.")
class Availability:
    on_hand: Decimal = strawberry.field(description="What stands in the warehouses.")
    allocated: Decimal = strawberry.field(description="What of it is set aside for orders.")
    inbound: Decimal = strawberry.field(description="What is due to come in within the horizon.")
    available: Decimal = strawberry.field(description="Available to promise today, over all the warehouses asked for.")
    method: models.AtpMethod = strawberry.field(description="How it was worked out.")
    warehouses: list[WarehouseAvailability] = strawberry.field(description="Warehouse by warehouse, in routing order.")
    timeline: list[AtpBucket] = strawberry.field(
        description="What can be promised from which day: one a change, oldest first."
    )
    promise: Any = strawberry.field(
        resolver=promise_of_availability, graphql_type=DeliveryPromise, description="When a quantity can be had."
    )
    as_of: datetime = strawberry.field(description="When the oldest fact in it was read from its system.")
    stale: bool = strawberry.field(description="Served past its policy because the system is down.")


async def availability_of_item(
    items: Sequence[models.Item],
    info: Info,
    *,
    warehouses: Annotated[
        list[str] | None, strawberry.argument(description="Codes of the warehouses to look at; all if left out.")
    ] = None,
    ship_to: Annotated[
        str | None,
        strawberry.argument(
            description="A ship-to code: its warehouse comes first, and promises are for arrival there."
        ),
    ] = None,
    horizon_days: Annotated[int | None, strawberry.argument(description="How far to look ahead: 0 to 365 days.")] = 30,
) -> Sequence[Outlook | BaseException | None]:
    horizon_days = info.context.availability.horizon_days if horizon_days is None else horizon_days
    _check(warehouses, horizon_days)
    places = tuple(sorted(set(warehouses))) if warehouses is not None else ()
    if warehouses == []:
        raise BadInput("warehouses", "name at least one, or leave it out for all.")
    facts, ship_tos = await asyncio.gather(
        facts_of(info.context, items, places, days=horizon_days), _ship_tos(info.context, items, ship_to)
    )
    policy = info.context.availability
    return [outlook(policy, fact, goes_to, days=horizon_days) for fact, goes_to in zip(facts, ship_tos, strict=True)]


def availability_ahead(
    keys: Sequence[models.Key],
    info: Info,
    *,
    warehouses: list[str] | None = None,
    ship_to: str | None = None,
    horizon_days: int | None = None,
) -> None:
    """Stock, supply and demand hang on company and SKU only; the item itself is needed to work them out."""
    days = info.context.availability.horizon_days if horizon_days is None else horizon_days
    _check(warehouses, days)
    expect_facts(info.context, keys, tuple(sorted(set(warehouses or ()))), days=days)
    if ship_to:
        info.context.loaders.ship_to_by_code.expect(models.Key(key.company, ship_to) for key in keys)


def expect_facts(context: Context, keys: Sequence[models.Key], warehouses: tuple[str, ...], *, days: int) -> None:
    """Begin to ask for what `facts_of` will ask for."""
    named = [(key.company or "", key.number) for key in keys]
    context.loaders.stock_by_sku.expect(StockKey(company, sku, warehouses) for company, sku in named)
    context.loaders.supply_demand_by_sku.expect(
        SupplyDemandKey(company, sku, warehouses, days) for company, sku in named
    )


def _check(warehouses: Sequence[str] | None, horizon_days: int) -> None:
    if horizon_days > MAX_HORIZON_DAYS:
        raise LimitExceeded("horizonDays", asked=horizon_days, limit=MAX_HORIZON_DAYS)
    if horizon_days < 0:
        raise BadInput("horizonDays", "it may not be negative.")
    if warehouses is not None and len(warehouses) > MAX_WAREHOUSES:
        raise LimitExceeded("warehouses", asked=len(warehouses), limit=MAX_WAREHOUSES)


async def _ship_tos(context: Context, items: Sequence[models.Item], code: str | None) -> Sequence[Destination]:
    """Where each item would go: the ship-to of this code in the item's company."""
    if code is None:
        return [None] * len(items)
    keys = [models.Key(item.company, code) if code else None for item in items]
    found = await context.loaders.ship_to_by_code.load_linked(keys)
    return [BadInput("shipTo", f'there is no ship-to "{code}".') if each is None else each for each in found]


async def facts_of(
    context: Context, items: Sequence[models.Item], warehouses: tuple[str, ...], *, days: int
) -> list[Facts]:
    """Facts an item; one call to the WMS and one to the ERP for all of them, side by side."""
    loaders = context.loaders
    stocks, plans = await asyncio.gather(
        loaders.stock_by_sku.load_each(StockKey(item.company, item.sku, warehouses) for item in items),
        loaders.supply_demand_by_sku.load_each(
            SupplyDemandKey(item.company, item.sku, warehouses, days) for item in items
        ),
    )
    return list(map(Facts, items, stocks, plans))
