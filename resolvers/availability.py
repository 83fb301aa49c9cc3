"""Availability: stock from the WMS, supply and demand from the ERP, worked into what can be promised."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import strawberry

from resolvers.context import Context, Info
from resolvers.errors import BadInput, LimitExceeded
from resolvers.loaders import StockKey, SupplyDemandKey
from resolvers.warehouses import Warehouse
from sources import atp, models

Day = date
"""Where a class has a field called date, its annotation needs another name for the type."""

MAX_HORIZON_DAYS = 365
DEFAULT_HORIZON_DAYS = 30
MAX_WAREHOUSES = 100


class Place(msgspec.Struct, frozen=True):
    """One warehouse's figures; `outlook` is its timeline as promises need it."""

    warehouse: models.Warehouse
    on_hand: Decimal
    allocated: Decimal
    inbound: Decimal
    available: Decimal
    outlook: atp.WarehouseOutlook


class Outlook(msgspec.Struct, frozen=True):
    """An item's availability over the warehouses asked for, in routing order."""

    warehouses: tuple[Place, ...]
    timeline: tuple[models.AtpBucket, ...]
    method: models.AtpMethod
    today: date
    as_of: datetime
    stale: bool = False


@strawberry.type(description="A part of a promise: how much comes from where, when.")
class PromisePortion:
    warehouse: Warehouse = strawberry.field(description="Where it comes from.")
    quantity: Decimal = strawberry.field(description="How much, in the base unit.")
    date: Day = strawberry.field(description="When: leaving the warehouse, or arriving where a shipTo was given.")


class Promised(msgspec.Struct, frozen=True):
    warehouse: models.Warehouse
    quantity: Decimal
    date: Day


class Delivery(msgspec.Struct, frozen=True):
    complete: bool
    date: Day | None
    portions: tuple[Promised, ...]
    shortfall: Decimal


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
    on_hand: Decimal = strawberry.field(
        resolver=lambda root: total(root, "on_hand"), graphql_type=Decimal, description="What stands in the warehouses."
    )
    allocated: Decimal = strawberry.field(
        resolver=lambda root: total(root, "allocated"),
        graphql_type=Decimal,
        description="What of it is set aside for orders.",
    )
    inbound: Decimal = strawberry.field(
        resolver=lambda root: total(root, "inbound"),
        graphql_type=Decimal,
        description="What is due to come in within the horizon.",
    )
    available: Decimal = strawberry.field(
        resolver=lambda root: atp.available_on(root.timeline, root.today),
        graphql_type=Decimal,
        description="Available to promise today, over all the warehouses asked for.",
    )
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


def total(outlook: Outlook, figure: str) -> Decimal:
    return sum((getattr(place, figure) for place in outlook.warehouses), Decimal(0))


def delivery(outlook: Outlook, quantity: Decimal, *, by: date | None, allow_split: bool = True) -> Delivery:
    promised = atp.promise(
        quantity,
        [place.outlook for place in outlook.warehouses],
        today=outlook.today,
        by=by,
        allow_split=allow_split,
        method=outlook.method,
    )
    places = {place.warehouse.code: place.warehouse for place in outlook.warehouses}
    portions = tuple(Promised(places[part.warehouse], part.quantity, part.date) for part in promised.portions)
    return Delivery(promised.complete, promised.date, portions, promised.shortfall)


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
    horizon_days = DEFAULT_HORIZON_DAYS if horizon_days is None else horizon_days
    _check(warehouses, horizon_days)
    places = tuple(sorted(set(warehouses))) if warehouses is not None else ()
    if warehouses == []:
        raise BadInput("warehouses", "name at least one, or leave it out for all.")
    return await outlooks(info.context, items, places, days=horizon_days, ship_to=ship_to)


def _check(warehouses: Sequence[str] | None, horizon_days: int) -> None:
    if horizon_days > MAX_HORIZON_DAYS:
        raise LimitExceeded("horizonDays", asked=horizon_days, limit=MAX_HORIZON_DAYS)
    if horizon_days < 0:
        raise BadInput("horizonDays", "it may not be negative.")
    if warehouses is not None and len(warehouses) > MAX_WAREHOUSES:
        raise LimitExceeded("warehouses", asked=len(warehouses), limit=MAX_WAREHOUSES)


async def outlooks(
    context: Context,
    items: Sequence[models.Item],
    warehouses: tuple[str, ...],
    *,
    days: int,
    ship_to: str | None = None,
) -> list[Outlook | BaseException | None]:
    """An outlook an item; one call to the WMS and one to the ERP for all of them, side by side."""
    loaders = context.loaders
    keys = [models.Key(item.company, ship_to) for item in items] if ship_to is not None else []
    stocks, plans, ship_tos = await asyncio.gather(
        loaders.stock_by_sku.load_each(StockKey(item.company, item.sku, warehouses) for item in items),
        loaders.supply_demand_by_sku.load_each(
            SupplyDemandKey(item.company, item.sku, warehouses, days) for item in items
        ),
        loaders.ship_to_by_code.load_each(keys),
    )
    return [
        _outlook(context, item, stock, plan, days=days, ship_to=ship_tos[index] if ship_tos else None)
        for index, (item, stock, plan) in enumerate(zip(items, stocks, plans, strict=True))
    ]


def _outlook(
    context: Context,
    item: models.Item,
    stock: models.Stock | BaseException | None,
    plan: models.SupplyDemand | BaseException | None,
    *,
    days: int,
    ship_to: models.ShipTo | BaseException | None,
) -> Outlook | BaseException | None:
    for fact in (stock, plan, ship_to):
        if isinstance(fact, BaseException):
            return fact
    if not isinstance(stock, models.Stock) or not isinstance(plan, models.SupplyDemand):
        return None
    goes_to = ship_to if isinstance(ship_to, models.ShipTo) else None
    today = context.today or stock.today
    plans = {each.warehouse_code: each for each in plan.plans}
    rows = sorted(stock.rows, key=lambda row: goes_to is None or row.warehouse.code != goes_to.warehouse_code)
    places = tuple(
        _place(row, plans.get(row.warehouse.code), item, today=today, days=days, ship_to=goes_to) for row in rows
    )
    by_source = any(each.atp is not None for each in plan.plans)
    return Outlook(
        warehouses=places,
        timeline=atp.merged([place.outlook.timeline for place in places]),
        method=models.AtpMethod.SOURCE if by_source else models.AtpMethod.CUMULATIVE_LOOKAHEAD,
        today=today,
        as_of=min(stock.as_of, plan.as_of),
    )


def _place(
    row: models.WarehouseStock,
    plan: models.WarehousePlan | None,
    item: models.Item,
    *,
    today: date,
    days: int,
    ship_to: models.ShipTo | None,
) -> Place:
    supply, demand = (plan.supply, plan.demand) if plan else ((), ())
    sellable = atp.sellable(row.on_hand, unsellable=row.unsellable, safety_stock=row.safety_stock)
    timeline = plan.atp if plan is not None else None
    if timeline is None:
        timeline = atp.timeline(
            atp.StockPosition(on_hand=sellable, supply=supply, demand=demand),
            today=today,
            horizon_days=days,
            rules=atp.AtpRules(),
        )
    end = today + timedelta(days=days)
    transit: Mapping[str, int] = ship_to.transit_days if ship_to else {}
    return Place(
        warehouse=row.warehouse,
        on_hand=row.on_hand,
        allocated=row.allocated,
        inbound=sum((flow.quantity for flow in supply if today <= flow.date <= end), Decimal(0)),
        available=atp.available_on(timeline, today),
        outlook=atp.WarehouseOutlook(
            warehouse=row.warehouse.code,
            timeline=timeline,
            lead_days=transit.get(row.warehouse.code, 0),
            replenish_date=_replenished(item, today),
        ),
    )


def _replenished(item: models.Item, today: date) -> date | None:
    """When a fresh order at the supplier would be in; nothing more comes of an item that is no longer bought."""
    if item.lead_time_days is None or item.status is not models.ItemStatus.ACTIVE:
        return None
    return today + timedelta(days=item.lead_time_days)
