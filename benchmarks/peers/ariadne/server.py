"""Ariadne as its documentation tells: the schema's text, a resolver a field, aiodataloader, parsed documents kept.

python benchmarks/peers/ariadne/server.py UPSTREAM_PORT PORT
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]

import uvicorn
from aiodataloader import DataLoader
from ariadne import ObjectType, QueryType, load_schema_from_path, make_executable_schema
from ariadne.asgi import GraphQL
from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate
from starlette.applications import Starlette
from systems import Systems

query = QueryType()
item, order, customer = ObjectType("Item"), ObjectType("Order"), ObjectType("Customer")
line, parcel = ObjectType("OrderLine"), ObjectType("Parcel")


class Loaders:
    """One request's."""

    def __init__(self, systems: Systems) -> None:
        self.systems = systems
        self.item = DataLoader(self._items)
        self.price = DataLoader(systems.prices)
        self.availability = DataLoader(self._availabilities)
        self.customer = DataLoader(self._customers)
        self.shipments = DataLoader(self._shipments)
        self.tracking = DataLoader(systems.trackings)

    async def _items(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.systems.items(keys[0][0], [sku for _, sku in keys])
        return [found.get(sku) for _, sku in keys]

    async def _availabilities(self, keys: list[tuple[str, str]]) -> list[Any]:
        return await self.systems.availabilities(keys[0][0], [sku for _, sku in keys])

    async def _customers(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.systems.customers(keys[0][0], [number for _, number in keys])
        return [found.get(number) for _, number in keys]

    async def _shipments(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.systems.shipments(keys[0][0], [number for _, number in keys])
        return [found.get(number, []) for _, number in keys]


def _loaders(info: Any) -> Loaders:
    found: Loaders = info.context["loaders"]
    return found


@query.field("item")
async def resolve_item(_: Any, info: Any, *, sku: str, company: str) -> Any:
    return await _loaders(info).item.load((company, sku))


@query.field("items")
async def resolve_items(_: Any, info: Any, *, skus: list[str], company: str) -> Any:
    return await _loaders(info).item.load_many([(company, sku) for sku in skus])


@query.field("customer")
async def resolve_customer(_: Any, info: Any, *, number: str, company: str) -> Any:
    return await _loaders(info).customer.load((company, number))


@query.field("orders")
async def resolve_orders(_: Any, info: Any, *, company: str, placedTo: str, first: int) -> Any:  # noqa: N803 - an argument's name
    return _connection(await _loaders(info).systems.orders(company, placedTo, first))


@item.field("price")
async def resolve_price(row: Any, info: Any, *, customer: str, quantity: str) -> Any:
    return await _loaders(info).price.load((row["company"], customer, row["sku"], quantity))


@item.field("availability")
async def resolve_availability(row: Any, info: Any) -> Any:
    return await _loaders(info).availability.load((row["company"], row["sku"]))


@customer.field("orders")
async def resolve_orders_of(row: Any, info: Any, *, first: int) -> Any:
    return _connection(await _loaders(info).systems.orders_of(row["company"], row["number"], first))


@order.field("customer")
async def resolve_customer_of(row: Any, info: Any) -> Any:
    return await _loaders(info).customer.load((row["company"], row["customer"]))


@order.field("lines")
def resolve_lines(row: Any, _: Any) -> Any:
    return [{"number": each["number"], "company": row["company"], "sku": each["sku"]} for each in row["lines"]]


@order.field("shipments")
async def resolve_shipments(row: Any, info: Any) -> Any:
    return await _loaders(info).shipments.load((row["company"], row["number"]))


@line.field("item")
async def resolve_item_of(row: Any, info: Any) -> Any:
    return await _loaders(info).item.load((row["company"], row["sku"]))


@parcel.field("tracking")
async def resolve_tracking(row: Any, info: Any) -> Any:
    return await _loaders(info).tracking.load(row["trackingNumber"])


def _connection(rows: list[Any]) -> dict[str, Any]:
    return {"edges": [{"node": row} for row in rows]}


@lru_cache(maxsize=100)
def _parsed(text: str) -> DocumentNode:
    return parse(text)


@lru_cache(maxsize=100)
def _validated(text: str) -> list[GraphQLError]:
    return validate(SCHEMA, _parsed(text))


def _valid(schema: GraphQLSchema, document: DocumentNode, *_: Any, **__: Any) -> list[GraphQLError]:
    """By the document's text, for the document itself cannot be a key."""
    assert schema is SCHEMA
    assert document.loc is not None
    return _validated(document.loc.source.body)


SCHEMA = make_executable_schema(
    load_schema_from_path(str(HERE.parent / "schema.graphql")), query, item, order, customer, line, parcel
)


def app(upstream: int) -> Starlette:
    opened: dict[str, Systems] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with Systems.opened(upstream) as opened["systems"]:
            yield

    served = GraphQL(
        SCHEMA,
        context_value=lambda request, _: {"request": request, "loaders": Loaders(opened["systems"])},
        query_parser=lambda _, data: _parsed(data["query"]),
        query_validator=_valid,
        introspection=False,
    )
    here = Starlette(lifespan=lifespan)
    here.add_route("/graphql", served)
    return here


if __name__ == "__main__":
    uvicorn.run(app(int(sys.argv[1])), port=int(sys.argv[2]), log_level="warning", access_log=False)
