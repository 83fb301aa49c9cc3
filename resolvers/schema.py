"""The schema: every root field by name, and how it is printed."""

import strawberry
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

import resolvers.enums  # noqa: F401 - describes the enums before they are used
from resolvers.connections import Connection
from resolvers.customers import Customer, ShipTo, customer, customers
from resolvers.items import Item, item, items, search_items
from resolvers.nodes import Node, node, nodes
from resolvers.orders import Order, order, orders
from resolvers.problems import InsufficientAvailability, PlainProblem
from resolvers.quotes import Quote, quote
from resolvers.scalars import SCALARS
from resolvers.shipments import Shipment, shipment
from resolvers.tracking import Tracking, tracking


@strawberry.type(description="What can be asked.")
class Query:
    node: Node | None = strawberry.field(
        resolver=node, graphql_type=Node | None, description="The record with this id."
    )
    nodes: list[Node | None] | None = strawberry.field(
        resolver=nodes,
        graphql_type=list[Node | None] | None,
        description="The records with these ids, in the order asked; null where there is none.",
    )
    customer: Customer | None = strawberry.field(
        resolver=customer, graphql_type=Customer | None, description="The customer with this number."
    )
    customers: Connection[Customer] | None = strawberry.field(
        resolver=customers, graphql_type=Connection[Customer] | None, description="Customers by number."
    )
    item: Item | None = strawberry.field(resolver=item, graphql_type=Item | None, description="The item with this SKU.")
    items: list[Item | None] | None = strawberry.field(
        resolver=items,
        graphql_type=list[Item | None] | None,
        description="The items with these SKUs, in the order asked; null where there is no such item.",
    )
    search_items: Connection[Item] | None = strawberry.field(
        resolver=search_items, graphql_type=Connection[Item] | None, description="Items by SKU."
    )
    quote: Quote | None = strawberry.field(
        resolver=quote, graphql_type=Quote | None, description="Prices, promises, tax and freight for up to 500 lines."
    )
    order: Order | None = strawberry.field(
        resolver=order, graphql_type=Order | None, description="The order with this number."
    )
    orders: Connection[Order] | None = strawberry.field(
        resolver=orders, graphql_type=Connection[Order] | None, description="Orders, newest first."
    )
    shipment: Shipment | None = strawberry.field(
        resolver=shipment, graphql_type=Shipment | None, description="The shipment with this number."
    )
    tracking: Tracking | None = strawberry.field(
        resolver=tracking, graphql_type=Tracking | None, description="Where the parcel with this tracking number is."
    )


schema = strawberry.Schema(
    query=Query,
    types=[ShipTo, PlainProblem, InsufficientAvailability],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
)


def printed() -> str:
    return print_schema(schema) + "\n"
