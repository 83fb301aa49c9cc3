"""Strawberry as its documentation tells: a class a type, a resolver a field, its own DataLoader, parser and validation caches.

python benchmarks/peers/strawberry/server.py UPSTREAM_PORT PORT
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NewType

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]

import strawberry
import uvicorn
from starlette.applications import Starlette
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from systems import Systems

Figure, Day, Moment = NewType("Figure", str), NewType("Day", str), NewType("Moment", str)
"""Scalars that the systems give as texts are passed on as texts."""

Info = strawberry.Info


class Loaders:
    """One request's."""

    def __init__(self, systems: Systems) -> None:
        self.systems = systems
        self.item = DataLoader(self._items)
        self.price = DataLoader(self._prices)
        self.availability = DataLoader(self._availabilities)
        self.customer = DataLoader(self._customers)
        self.shipments = DataLoader(self._shipments)
        self.tracking = DataLoader(self._trackings)

    async def _items(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.systems.items(keys[0][0], [sku for _, sku in keys])
        return [Item.of(found[sku]) if sku in found else None for _, sku in keys]

    async def _prices(self, keys: list[tuple[str, str, str, str]]) -> list[Any]:
        return [Price.of(row) if row else None for row in await self.systems.prices(keys)]

    async def _availabilities(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.systems.availabilities(keys[0][0], [sku for _, sku in keys])
        return [Availability.of(row) if row else None for row in found]

    async def _customers(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.systems.customers(keys[0][0], [number for _, number in keys])
        return [Customer.of(found[number]) if number in found else None for _, number in keys]

    async def _shipments(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.systems.shipments(keys[0][0], [number for _, number in keys])
        return [[Shipment.of(row) for row in found.get(number, [])] for _, number in keys]

    async def _trackings(self, keys: list[str]) -> list[Any]:
        return [Tracking.of(row) if row else None for row in await self.systems.trackings(keys)]


def _loaders(info: Info) -> Loaders:
    found: Loaders = info.context["loaders"]
    return found


@strawberry.type
class Money:
    amount: Figure
    currency: str


@strawberry.type
class PriceBreak:
    minimum: Figure
    unit: Money


@strawberry.type
class Price:
    unit: Money
    breaks: list[PriceBreak]

    @staticmethod
    def of(row: Any) -> "Price":
        currency = row["unit"]["currency"]
        breaks = [
            PriceBreak(minimum=step["minimum"], unit=Money(amount=step["unit"]["amount"], currency=currency))
            for step in row["breaks"]
        ]
        return Price(unit=Money(amount=row["unit"]["amount"], currency=currency), breaks=breaks)


@strawberry.type
class Warehouse:
    code: str
    name: str


@strawberry.type
class WarehouseAvailability:
    warehouse: Warehouse
    available: Figure


@strawberry.type
class AtpBucket:
    date: Day
    available: Figure


@strawberry.type
class Availability:
    available: Figure
    warehouses: list[WarehouseAvailability]
    timeline: list[AtpBucket]

    @staticmethod
    def of(row: Any) -> "Availability":
        places = [
            WarehouseAvailability(warehouse=Warehouse(**each["warehouse"]), available=each["available"])
            for each in row["warehouses"]
        ]
        timeline = [AtpBucket(**each) for each in row["timeline"]]
        return Availability(available=row["available"], warehouses=places, timeline=timeline)


@strawberry.type
class Item:
    company: strawberry.Private[str]
    sku: str
    name: str
    uom: str
    hazardous: bool

    @staticmethod
    def of(row: Any) -> "Item":
        return Item(**{name: row[name] for name in ("company", "sku", "name", "uom", "hazardous")})

    @strawberry.field
    async def price(self, info: Info, customer: str, quantity: Figure) -> Price | None:
        return await _loaders(info).price.load((self.company, customer, self.sku, quantity))

    @strawberry.field
    async def availability(self, info: Info) -> Availability | None:
        return await _loaders(info).availability.load((self.company, self.sku))


@strawberry.type
class TrackingEvent:
    at: Moment
    description: str


@strawberry.type
class Tracking:
    status: str
    events: list[TrackingEvent]

    @staticmethod
    def of(row: Any) -> "Tracking":
        events = [TrackingEvent(at=each["at"], description=each["description"]) for each in row["events"]]
        return Tracking(status=row["status"], events=events)


@strawberry.type
class Parcel:
    tracking_number: str

    @strawberry.field
    async def tracking(self, info: Info) -> Tracking | None:
        return await _loaders(info).tracking.load(self.tracking_number)


@strawberry.type
class Shipment:
    number: str
    parcels: list[Parcel]

    @staticmethod
    def of(row: Any) -> "Shipment":
        parcels = [Parcel(tracking_number=each["trackingNumber"]) for each in row["parcels"]]
        return Shipment(number=row["number"], parcels=parcels)


@strawberry.type
class OrderLine:
    company: strawberry.Private[str]
    sku: strawberry.Private[str]
    number: int

    @strawberry.field
    async def item(self, info: Info) -> Item | None:
        return await _loaders(info).item.load((self.company, self.sku))


@strawberry.type
class Order:
    company: strawberry.Private[str]
    customer_number: strawberry.Private[str]
    number: str
    status: str
    placed_at: Moment
    lines: list[OrderLine]

    @staticmethod
    def of(row: Any) -> "Order":
        return Order(
            company=row["company"],
            customer_number=row["customer"],
            number=row["number"],
            status=row["status"],
            placed_at=row["placedAt"],
            lines=[OrderLine(company=row["company"], sku=each["sku"], number=each["number"]) for each in row["lines"]],
        )

    @strawberry.field
    async def customer(self, info: Info) -> "Customer | None":
        return await _loaders(info).customer.load((self.company, self.customer_number))

    @strawberry.field
    async def shipments(self, info: Info) -> list[Shipment] | None:
        return await _loaders(info).shipments.load((self.company, self.number))


@strawberry.type
class OrderEdge:
    node: Order


@strawberry.type
class OrderConnection:
    edges: list[OrderEdge]

    @staticmethod
    def of(rows: list[Any]) -> "OrderConnection":
        return OrderConnection(edges=[OrderEdge(node=Order.of(row)) for row in rows])


@strawberry.type
class Customer:
    company: strawberry.Private[str]
    number: str
    name: str

    @staticmethod
    def of(row: Any) -> "Customer":
        return Customer(company=row["company"], number=row["number"], name=row["name"])

    @strawberry.field
    async def orders(self, info: Info, first: int) -> OrderConnection | None:
        return OrderConnection.of(await _loaders(info).systems.orders_of(self.company, self.number, first))


@strawberry.type
class Query:
    @strawberry.field
    async def item(self, info: Info, sku: str, company: str | None = None) -> Item | None:
        return await _loaders(info).item.load((company or "", sku))

    @strawberry.field
    async def items(self, info: Info, skus: list[str], company: str | None = None) -> list[Item | None] | None:
        return await _loaders(info).item.load_many([(company or "", sku) for sku in skus])

    @strawberry.field
    async def customer(self, info: Info, number: str, company: str | None = None) -> Customer | None:
        return await _loaders(info).customer.load((company or "", number))

    @strawberry.field
    async def orders(
        self, info: Info, placed_to: Day | None = None, first: int = 20, company: str | None = None
    ) -> OrderConnection | None:
        return OrderConnection.of(await _loaders(info).systems.orders(company or "", placed_to or "", first))


SCALARS: dict[Any, Any] = {
    Figure: strawberry.scalar(name="Decimal"),
    Day: strawberry.scalar(name="Date"),
    Moment: strawberry.scalar(name="DateTime"),
}
CACHES = [ParserCache(maxsize=100), ValidationCache(maxsize=100)]
SCHEMA = strawberry.Schema(
    query=Query, extensions=[lambda: CACHES[0], lambda: CACHES[1]], config=StrawberryConfig(scalar_map=SCALARS)
)


class Served(GraphQL[Any, Any]):
    systems: Systems

    async def get_context(self, request: Any, response: Any) -> Any:
        return {"request": request, "response": response, "loaders": Loaders(self.systems)}


def app(upstream: int) -> Starlette:
    served = Served(SCHEMA, graphql_ide=None)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with Systems.opened(upstream) as served.systems:
            yield

    here = Starlette(lifespan=lifespan)
    here.add_route("/graphql", served)
    return here


if __name__ == "__main__":
    uvicorn.run(app(int(sys.argv[1])), port=int(sys.argv[2]), log_level="warning", access_log=False)
