"""The schema: every root field by name, and how it is printed."""

from functools import cache
from typing import Any

import strawberry
from graphql import print_directive
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

import resolvers.enums  # noqa: F401 - describes the enums before they are used
from engine import INCREMENTAL, fetching
from resolvers.connections import Connection
from resolvers.customers import Customer, ShipTo, customer, customers, foreseen_customer
from resolvers.deciding import resolve_submission
from resolvers.entities import ANY, ENTITY, ENTITY_READS, Representation, entities, foreseen_entities
from resolvers.items import Item, foreseen_item, foreseen_items, item, items, search_items
from resolvers.nodes import Node, node, nodes
from resolvers.operations import Operations, operations
from resolvers.ordering import (
    ORDER_READS,
    ORDER_WRITES,
    OrderValidation,
    SubmitOrderPayload,
    submit_order,
    validate_order,
)
from resolvers.orders import Order, foreseen_order, order, orders
from resolvers.problems import PROBLEM_TYPES
from resolvers.quotes import Quote, quote
from resolvers.scalars import SCALARS
from resolvers.shipments import Shipment, shipment
from resolvers.subgraph import Service, annotated
from resolvers.submissions import (
    OrderSubmission,
    SubmissionConnection,
    SubmissionPayload,
    cancel_submission,
    retry_submission,
    submission,
    submissions,
)
from resolvers.subscriptions import Subscription
from resolvers.systems import SourceStatus, source_statuses
from resolvers.traces import RecentOperation, recent_operations
from resolvers.tracking import Tracking, tracking
from resolvers.viewers import Viewer, viewer


@strawberry.type(description="What can be asked.")
class Query:
    node: Node | None = strawberry.field(
        metadata=fetching(reads=("erp.items", "erp.customers", "erp.ship_tos", "erp.orders", "wms.shipments")),
        resolver=node,
        graphql_type=Node | None,
        description="The record with this id.",
    )
    nodes: list[Node | None] | None = strawberry.field(
        metadata=fetching(
            reads=("erp.items", "erp.customers", "erp.ship_tos", "erp.orders", "wms.shipments"), lists="ids"
        ),
        resolver=nodes,
        graphql_type=list[Node | None] | None,
        description="The records with these ids, in the order asked; null where there is none.",
    )
    viewer: Viewer | None = strawberry.field(resolver=viewer, graphql_type=Viewer | None, description="Whoever asks.")
    customer: Customer | None = strawberry.field(
        metadata=fetching(foresee=foreseen_customer, reads=("erp.customers",)),
        resolver=customer,
        graphql_type=Customer | None,
        description="The customer with this number.",
    )
    customers: Connection[Customer] | None = strawberry.field(
        metadata=fetching(reads=("erp.search_customers",), answers="first"),
        resolver=customers,
        graphql_type=Connection[Customer] | None,
        description="Customers by number.",
    )
    item: Item | None = strawberry.field(
        metadata=fetching(foresee=foreseen_item, reads=("erp.items",)),
        resolver=item,
        graphql_type=Item | None,
        description="The item with this SKU.",
    )
    items: list[Item | None] | None = strawberry.field(
        metadata=fetching(foresee=foreseen_items, reads=("erp.items",), answers="skus"),
        resolver=items,
        graphql_type=list[Item | None] | None,
        description="The items with these SKUs, in the order asked; null where there is no such item.",
    )
    search_items: Connection[Item] | None = strawberry.field(
        metadata=fetching(reads=("erp.search_items",), answers="first"),
        resolver=search_items,
        graphql_type=Connection[Item] | None,
        description="Items by SKU.",
    )
    quote: Quote | None = strawberry.field(
        metadata=fetching(
            reads=("erp.customers", "erp.items", "erp.prices", "wms.stock", "erp.supply_demand"), lists="input.lines"
        ),
        resolver=quote,
        graphql_type=Quote | None,
        description="Prices, promises, tax and freight for up to 500 lines.",
    )
    order: Order | None = strawberry.field(
        metadata=fetching(foresee=foreseen_order, reads=("erp.orders",)),
        resolver=order,
        graphql_type=Order | None,
        description="The order with this number.",
    )
    orders: Connection[Order] | None = strawberry.field(
        metadata=fetching(reads=("erp.search_orders",), answers="first"),
        resolver=orders,
        graphql_type=Connection[Order] | None,
        description="Orders, newest first.",
    )
    shipment: Shipment | None = strawberry.field(
        metadata=fetching(reads=("wms.shipments",)),
        resolver=shipment,
        graphql_type=Shipment | None,
        description="The shipment with this number.",
    )
    tracking: Tracking | None = strawberry.field(
        metadata=fetching(reads=("carrier.tracking",)),
        resolver=tracking,
        graphql_type=Tracking | None,
        description="Where the parcel with this tracking number is.",
    )
    validate_order: OrderValidation | None = strawberry.field(
        metadata=fetching(reads=ORDER_READS, checks=ORDER_READS, lists="input.lines"),
        resolver=validate_order,
        graphql_type=OrderValidation | None,
        description="The checks of submitOrder, with fresh facts; nothing is written.",
    )
    submission: OrderSubmission | None = strawberry.field(
        resolver=submission,
        graphql_type=OrderSubmission | None,
        description="The submission with this id.",
    )
    submissions: SubmissionConnection | None = strawberry.field(
        resolver=submissions,
        graphql_type=SubmissionConnection | None,
        description="Submissions, newest first.",
    )
    operations: Operations | None = strawberry.field(
        resolver=operations,
        graphql_type=Operations | None,
        description="How the business does over a period: cycle times, perfect orders, exceptions, submissions, short picks.",
    )
    sources: list[SourceStatus] | None = strawberry.field(
        resolver=source_statuses,
        graphql_type=list[SourceStatus] | None,
        description="The systems of record and how they are doing.",
    )
    recent_operations: list[RecentOperation] | None = strawberry.field(
        metadata=fetching(answers="first"),
        resolver=recent_operations,
        graphql_type=list[RecentOperation] | None,
        description="The slowest operations of the last hour, as this process of the gateway saw them.",
    )


@strawberry.type(description="What can be done.")
class Mutation:
    submit_order: SubmitOrderPayload | None = strawberry.field(
        metadata=fetching(checks=ORDER_READS, writes=ORDER_WRITES, lists="input.lines"),
        resolver=submit_order,
        graphql_type=SubmitOrderPayload | None,
        description="Hand in an order: checked, routed and written to the ERP exactly once for each key.",
    )
    cancel_submission: SubmissionPayload | None = strawberry.field(
        metadata=fetching(checks=("erp.orders_by_reference",), writes=("erp.cancel_order",)),
        resolver=cancel_submission,
        graphql_type=SubmissionPayload | None,
        description="Take a submission back, as long as it is not done.",
    )
    retry_submission: SubmissionPayload | None = strawberry.field(
        metadata=fetching(checks=ORDER_READS, writes=ORDER_WRITES),
        resolver=retry_submission,
        graphql_type=SubmissionPayload | None,
        description="Try a submission once more, under the same reference.",
    )
    resolve_submission: SubmissionPayload | None = strawberry.field(
        metadata=fetching(checks=ORDER_READS, writes=ORDER_WRITES),
        resolver=resolve_submission,
        graphql_type=SubmissionPayload | None,
        description="Decide about a submission that needs attention.",
    )


def service() -> Any:
    return Service(sdl=printed_for_routers())


@strawberry.type(name="Query", description="What can be asked.")
class RouterQuery(Query):
    """What clients ask, and what a router in front of several subgraphs asks besides."""

    router_entities: Any = strawberry.field(
        name="_entities",
        metadata=fetching(foresee=foreseen_entities, reads=ENTITY_READS, answers="representations"),
        resolver=entities,
        graphql_type=list[ENTITY | None],
        description="For routers: the entities with these keys, in the order asked; null where there is none.",
    )
    router_service: Any = strawberry.field(
        name="_service",
        resolver=service,
        graphql_type=Service,
        description="For routers: this subgraph.",
    )


def _schema_of(query: type) -> strawberry.Schema:
    return strawberry.Schema(
        query=query,
        mutation=Mutation,
        subscription=Subscription,
        types=[ShipTo, *PROBLEM_TYPES],
        config=StrawberryConfig(scalar_map={**SCALARS, Representation: ANY}, disable_field_suggestions=True),
    )


schema = _schema_of(RouterQuery)
# Clients that defer are answered in one piece, which they understand; a directive that is not here they would be refused.
schema._schema.directives += INCREMENTAL  # noqa: SLF001 - Strawberry adds them only with its own incremental execution


def printed() -> str:
    """For clients: without what only routers ask."""
    return "\n\n".join([*map(print_directive, INCREMENTAL), _printed()]) + "\n"


def _printed() -> str:
    return print_schema(_schema_of(Query))


@cache
def printed_for_routers(*, with_scopes: bool = True) -> str:
    """For composition: with keys and whatever else a router goes by. Some gateways cannot read scopes, and take none."""
    core = schema._schema  # noqa: SLF001 - graphql-core's, which Strawberry does not hand out
    return annotated(_printed() + "\n", core, with_scopes=with_scopes)
