"""The same schema twice: as Strawberry's documentation tells (a resolver and a data loader a field), and with batched fields."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import facts
import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from engine import batched

SCALARS = {
    Decimal: strawberry.scalar(name="Decimal", serialize=str, parse_value=Decimal),
    datetime: strawberry.scalar(name="DateTime", serialize=datetime.isoformat, parse_value=datetime.fromisoformat),
}
LOADS: Mapping[str, Mapping[str, Any]] = {
    "item": facts.ITEMS,
    "price": facts.PRICES,
    "availability": facts.AVAILABILITIES,
    "shipments": facts.SHIPMENTS,
    "tracking": facts.TRACKINGS,
}


def loaders(kind: type[DataLoader[str, Any]]) -> dict[str, Any]:
    """One operation's data loaders, over facts that are there already."""
    return {name: kind(_load(rows)) for name, rows in LOADS.items()}


def _load(rows: Mapping[str, Any]) -> Callable[[list[str]], Awaitable[list[Any]]]:
    async def load(keys: list[str]) -> list[Any]:
        return [rows[key] for key in keys]

    return load


def one(name: str, attribute: str) -> Any:
    """A field as the documentation tells: each parent asks the loader for itself."""

    async def resolve(root: Any, info: strawberry.Info) -> Any:
        return await info.context[name].load(getattr(root, attribute))

    return strawberry.field(resolver=resolve)


def many(name: str, attribute: str) -> Any:
    """A batched field over Crossdock's loader."""

    async def resolve(parents: Sequence[Any], info: strawberry.Info) -> Sequence[Any]:
        return await info.context[name].load_each([getattr(parent, attribute) for parent in parents])

    return batched(resolve, description="")


def schema_of(fetched: Callable[[str, str], Any]) -> strawberry.Schema:
    """Types are made anew, for a field belongs to one type."""
    enum = strawberry.enum(facts.TrackingStatus)

    @strawberry.type
    class Money:
        amount: Decimal
        currency: str

    @strawberry.type
    class PriceBreak:
        minimum: Decimal
        unit: Money

    @strawberry.type
    class Price:
        unit: Money
        uom: str
        breaks: list[PriceBreak]

    @strawberry.type
    class Warehouse:
        code: str
        name: str

    @strawberry.type
    class WarehouseAvailability:
        warehouse: Warehouse
        on_hand: Decimal
        allocated: Decimal
        available: Decimal

    @strawberry.type
    class Availability:
        on_hand: Decimal
        available: Decimal
        warehouses: list[WarehouseAvailability]

    @strawberry.type
    class Item:
        sku: str
        name: str
        uom: str
        hazardous: bool
        price: Price = fetched("price", "sku")
        availability: Availability = fetched("availability", "sku")

    @strawberry.type
    class OrderLine:
        number: int
        quantity: Decimal
        item: Item = fetched("item", "sku")

    @strawberry.type
    class TrackingEvent:
        at: datetime
        status: enum
        description: str
        city: str | None

    @strawberry.type
    class Tracking:
        status: enum
        events: list[TrackingEvent]

    @strawberry.type
    class Shipment:
        number: str
        tracking_number: str
        tracking: Tracking = fetched("tracking", "tracking_number")

    @strawberry.type
    class Order:
        number: str
        placed_at: datetime
        lines: list[OrderLine]
        shipments: list[Shipment] = fetched("shipments", "number")

    async def placed() -> Any:
        return facts.ORDERS

    @strawberry.type
    class Customer:
        number: str
        name: str
        orders: list[Order] = strawberry.field(resolver=placed, graphql_type=list[Order])

    @strawberry.type
    class Row:
        a: str
        b: str
        c: int
        d: int
        e: bool
        f: str
        g: float
        h: str
        i: int
        j: str

    async def found(info: strawberry.Info, skus: list[str]) -> Any:
        return await info.context["item"].load_many(skus)

    async def account() -> Any:
        return facts.CUSTOMER

    async def table() -> Any:
        return facts.ROWS

    @strawberry.type
    class Query:
        items: list[Item] = strawberry.field(resolver=found, graphql_type=list[Item])
        customer: Customer = strawberry.field(resolver=account, graphql_type=Customer)
        rows: list[Row] = strawberry.field(resolver=table, graphql_type=list[Row])

    caches = [ParserCache(maxsize=100), ValidationCache(maxsize=100)]
    return strawberry.Schema(
        query=Query,
        extensions=[lambda: caches[0], lambda: caches[1]],
        config=strawberry.schema.config.StrawberryConfig(scalar_map=SCALARS),
    )
