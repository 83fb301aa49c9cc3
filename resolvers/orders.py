"""Orders: the ERP's record."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from engine import batched
from resolvers.connections import After, First, Stretch, connection, stretch
from resolvers.context import Info, by_key
from resolvers.errors import BadInput
from resolvers.items import Company, Item
from resolvers.money import Money
from resolvers.nodes import Node
from resolvers.shipments import Shipment
from sources import models

if TYPE_CHECKING:
    from resolvers.customers import Customer, ShipTo


@strawberry.type(description="Why an order does not go on.")
class Hold:
    code: models.HoldCode = strawberry.field(description="The kind of reason.")
    reason: str = strawberry.field(description="The reason in words; the source's own code where it gave none.")
    placed_at: datetime | None = strawberry.field(description="Since when.")
    owner: str | None = strawberry.field(description="Who can release it.")


@strawberry.type(description="How far a line has come, in its unit of measure.")
class LineProgress:
    ordered: Decimal = strawberry.field(description="Ordered.")
    allocated: Decimal = strawberry.field(description="Set aside, not yet picked or shipped.")
    picked: Decimal = strawberry.field(description="Picked.")
    shipped: Decimal = strawberry.field(description="Shipped.")
    backordered: Decimal = strawberry.field(description="Waiting for stock.")
    cancelled: Decimal = strawberry.field(description="Cancelled.")


async def item_of_line(lines: Sequence[models.OrderLine], info: Info) -> Sequence[Any]:
    return await info.context.loaders.item_by_sku.load_each(models.Key(line.company, line.sku) for line in lines)


@strawberry.type(description="A line of an order.")
class OrderLine:
    number: int = strawberry.field(description="Its number within the order.")
    sku: str = strawberry.field(description="What was ordered.")
    item: Item | None = batched(item_of_line, description="The item itself.", reads=("erp.items",))
    quantity: Decimal = strawberry.field(description="How much was ordered.")
    uom: str = strawberry.field(description="In which unit.")
    unit_price: Money = strawberry.field(description="The price of one unit.")
    total: Money = strawberry.field(description="The line's amount.")
    progress: LineProgress = strawberry.field(description="How far it has come.")
    promised_date: date | None = strawberry.field(description="When it was promised.")


async def customer_of_order(orders: Sequence[models.Order], info: Info) -> Sequence[Any]:
    keys = [models.Key(order.company, order.customer_number) for order in orders]
    return await info.context.loaders.customer_by_number.load_each(keys)


async def ship_to_of_order(orders: Sequence[models.Order], info: Info) -> Sequence[Any]:
    keys = [models.Key(order.company, order.ship_to_code) if order.ship_to_code else None for order in orders]
    return await info.context.loaders.ship_to_by_code.load_linked(keys)


async def backorder_of(orders: Sequence[models.Order], info: Info) -> Sequence[Any]:
    numbers = [(order.company, order.backorder_of_number) for order in orders]
    keys = [models.Key(company, number) if number else None for company, number in numbers]
    return await info.context.loaders.order_by_number.load_linked(keys)


async def shipments_of_order(orders: Sequence[models.Order], info: Info) -> Sequence[Any]:
    keys = [models.Key(order.company, order.number) for order in orders]
    return await info.context.loaders.shipments_by_order.load_each(keys)


@strawberry.type(description="What a customer ordered.")
class Order(Node):
    number: str = strawberry.field(description="The ERP's number for it.")
    company: str = strawberry.field(description="The legal entity.")
    po_number: str | None = strawberry.field(description="The customer's own number for it.")
    customer: Annotated["Customer", strawberry.lazy("resolvers.customers")] | None = batched(
        customer_of_order, description="Who ordered.", reads=("erp.customers",)
    )
    ship_to: Annotated["ShipTo", strawberry.lazy("resolvers.customers")] | None = batched(
        ship_to_of_order, description="Where it goes.", reads=("erp.ship_tos",)
    )
    status: models.OrderStatus = strawberry.field(description="Where it stands.")
    source_status: str | None = strawberry.field(description="The ERP's own word for its status.")
    holds: list[Hold] = strawberry.field(description="What keeps it from going on.")
    placed_at: datetime = strawberry.field(description="When it was placed.")
    requested_date: date | None = strawberry.field(description="When the customer wants it.")
    total: Money = strawberry.field(description="Its amount.")
    lines: list[OrderLine] = strawberry.field(description="What was ordered.")
    backorder_of: Annotated["Order", strawberry.lazy("resolvers.orders")] | None = batched(
        backorder_of, description="The order that this one delivers the rest of.", reads=("erp.orders",)
    )
    shipments: list[Shipment] | None = batched(
        shipments_of_order,
        description="What left for it, newest first.",
        ahead=by_key("shipments_by_order"),
        reads=("wms.shipments_by_order",),
    )

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, models.Order)


def asked_statuses(status: Sequence[models.OrderStatus] | None) -> tuple[models.OrderStatus, ...]:
    if status and models.OrderStatus.UNKNOWN in status:
        raise BadInput("status", "UNKNOWN stands for what the ERP calls otherwise; it cannot be asked for.")
    return tuple(dict.fromkeys(status or ()))


def stretch_of_orders(info: Info, first: int | None, after: str | None) -> Stretch:
    """Lines are most of what an order's list carries: a source need not read them for an operation that never asks for any."""
    return stretch(info, first, after)._replace(lines=info.context.may_read("Order.lines"))


def foreseen_order(info: Info, *, number: str, company: str | None = None) -> Sequence[models.Key]:
    return info.context.foreseen("orders", company, [number])


async def order(
    info: Info, number: Annotated[str, strawberry.argument(description="The ERP's number.")], company: Company = None
) -> Any:
    return await info.context.loaders.order_by_number.load(models.Key(company, number))


async def orders(
    info: Info,
    *,
    company: Annotated[str | None, strawberry.argument(description="Of this legal entity only.")] = None,
    customer: Annotated[str | None, strawberry.argument(description="Of the customer with this number.")] = None,
    po_number: Annotated[str | None, strawberry.argument(description="With this number of the customer's.")] = None,
    status: Annotated[
        list[models.OrderStatus] | None, strawberry.argument(description="Only orders in one of these.")
    ] = None,
    placed_from: Annotated[date | None, strawberry.argument(description="Placed on this day or later.")] = None,
    placed_to: Annotated[date | None, strawberry.argument(description="Placed on this day or earlier.")] = None,
    first: First = 20,
    after: After = None,
) -> Any:
    matching = models.OrderFilter(company, customer, po_number, asked_statuses(status), placed_from, placed_to)
    context = info.context

    async def read(page: models.PageRequest) -> models.Page[models.Order]:
        found = await context.sources.erp.search_orders(context.call, page, matching)
        context.loaders.prime_orders(found.rows)
        return found

    return await connection(stretch_of_orders(info, first, after), read)
