"""Customers and their ship-tos: the ERP's record, and the CRM's relationship."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from engine import batched
from resolvers.connections import After, Connection, First, Stretch, connection, stretch
from resolvers.context import Context, Info, by_key
from resolvers.items import Company
from resolvers.loaders import ChildrenKey, OrdersKey
from resolvers.money import Address, Money
from resolvers.nodes import Node
from resolvers.orders import Order, asked_statuses, stretch_of_orders
from resolvers.warehouses import Warehouse
from sources import models

Statuses = Annotated[list[models.OrderStatus] | None, strawberry.argument(description="Only orders in one of these.")]


async def warehouse_of_ship_to(ship_tos: Sequence[models.ShipTo], info: Info) -> Sequence[Any]:
    keys = [models.Key(each.company, each.warehouse_code) if each.warehouse_code else None for each in ship_tos]
    return await info.context.loaders.warehouse_by_code.load_linked(keys)


@strawberry.type(description="A place that a customer has goods delivered to.")
class ShipTo(Node):
    company: str = strawberry.field(description="The legal entity.")
    code: str = strawberry.field(description="Its code, unique in its company.")
    name: str = strawberry.field(description="What it is called.")
    address: Address = strawberry.field(description="Where it is.")
    warehouse: Warehouse | None = batched(
        warehouse_of_ship_to, description="The warehouse that serves it first.", reads=("wms.warehouses",)
    )

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, models.ShipTo)


@strawberry.type(description="A customer's credit, always live.")
class Credit:
    limit: Money | None = strawberry.field(description="How much may be owed; null means no limit.")
    exposure: Money = strawberry.field(description="Open orders and open invoices.")
    available: Money | None = strawberry.field(description="Limit less exposure; may be negative.")
    on_hold: bool = strawberry.field(description="Whether the customer is on credit hold.")
    as_of: datetime = strawberry.field(description="When it was read from the ERP.")


@strawberry.type(description="A person at the customer's.")
class Contact:
    name: str = strawberry.field(description="Their name.")
    email: str | None = strawberry.field(description="Their e-mail address.")
    phone: str | None = strawberry.field(description="Their telephone number.")
    role: str | None = strawberry.field(description="What they do there.")


@strawberry.type(description="Business that may come.")
class Opportunity:
    name: str = strawberry.field(description="What it is about.")
    stage: str | None = strawberry.field(description="How far it has come.")
    amount: Money | None = strawberry.field(description="What it may be worth.")
    closes_on: date | None = strawberry.field(description="When it is expected to be decided.")


@strawberry.type(description="What the CRM knows of a customer.")
class Relationship:
    owner: str | None = strawberry.field(description="Who looks after the customer.")
    stage: str | None = strawberry.field(description="Where the relationship stands.")
    contacts: list[Contact] = strawberry.field(description="People there.")
    open_opportunities: list[Opportunity] = strawberry.field(description="Business that may come.")
    last_activity_at: datetime | None = strawberry.field(description="When there was contact last.")
    as_of: datetime = strawberry.field(description="When it was read from the CRM.")


def _keys(customers: Sequence[models.Customer]) -> list[models.Key]:
    return [models.Key(each.company, each.number) for each in customers]


async def bill_to(customers: Sequence[models.Customer], info: Info) -> Sequence[Any]:
    keys = [models.Key(each.company, each.bill_to_number or each.number) for each in customers]
    return await info.context.loaders.customer_by_number.load_each(keys)


async def ship_tos(customers: Sequence[models.Customer], info: Info) -> Sequence[Any]:
    return await info.context.loaders.ship_tos_by_customer.load_each(_keys(customers))


async def credit(customers: Sequence[models.Customer], info: Info) -> Sequence[Any]:
    return await info.context.loaders.credit_by_customer.load_each(_keys(customers))


async def relationship(customers: Sequence[models.Customer], info: Info) -> Sequence[Any]:
    return await info.context.loaders.relationship_by_customer.load_each(_keys(customers))


async def children(
    customers: Sequence[models.Customer], info: Info, *, first: First = 20, after: After = None
) -> Sequence[Any]:
    wanted = stretch(info, first, after)
    return await asyncio.gather(*(_children(info.context, each, wanted) for each in customers), return_exceptions=True)


async def _children(context: Context, customer: models.Customer, wanted: Stretch) -> Any:
    async def read(page: models.PageRequest) -> models.Page[models.Customer]:
        key = ChildrenKey(customer.company, customer.number, page)
        return await context.loaders.customers_by_bill_to.load(key) or models.Page(())

    return await connection(wanted, read)


def orders_ahead(
    keys: Sequence[models.Key], info: Info, *, status: Statuses = None, first: First = 20, after: After = None
) -> None:
    wanted, statuses = stretch_of_orders(info, first, after), asked_statuses(status)
    info.context.loaders.orders_by_customer.expect(
        OrdersKey(key.company or "", key.number, statuses, wanted.request()) for key in keys
    )


async def orders_of_customer(
    customers: Sequence[models.Customer], info: Info, *, status: Statuses = None, first: First = 20, after: After = None
) -> Sequence[Any]:
    wanted, statuses = stretch_of_orders(info, first, after), asked_statuses(status)
    listed = (_orders(info.context, each, wanted, statuses) for each in customers)
    return await asyncio.gather(*listed, return_exceptions=True)


async def _orders(
    context: Context, customer: models.Customer, wanted: Stretch, statuses: tuple[models.OrderStatus, ...]
) -> Any:
    async def read(page: models.PageRequest) -> models.Page[models.Order]:
        key = OrdersKey(customer.company, customer.number, statuses, page)
        return await context.loaders.orders_by_customer.load(key) or models.Page(())

    return await connection(wanted, read)


@strawberry.type(description="Who buys: an account in one legal entity.")
class Customer(Node):
    number: str = strawberry.field(description="The account's number; may exist in several companies.")
    company: str = strawberry.field(description="The legal entity.")
    name: str = strawberry.field(description="What it is called.")
    segment: str | None = strawberry.field(description="What kind of customer it is.")
    currency: str = strawberry.field(description="The currency it is billed in.")
    payment_terms: str | None = strawberry.field(description="When it pays.")
    buying_group: str | None = strawberry.field(description="The group it buys with.")
    bill_to: Annotated["Customer", strawberry.lazy("resolvers.customers")] | None = batched(
        bill_to, description="Who is billed: itself, where no other account is.", reads=("erp.customers",)
    )
    children: Connection[Annotated["Customer", strawberry.lazy("resolvers.customers")]] | None = batched(
        children,
        description="The accounts billed to this one, by number.",
        reads=("erp.customers_by_bill_to",),
        answers="first",
    )
    ship_tos: list[ShipTo] | None = batched(
        ship_tos,
        description="Where it has goods delivered to.",
        ahead=by_key("ship_tos_by_customer"),
        reads=("erp.ship_tos_by_customer",),
    )
    credit: Credit | None = batched(
        credit,
        description="Its credit, always live.",
        ahead=by_key("credit_by_customer"),
        reads=("erp.credit_by_customer",),
    )
    relationship: Relationship | None = batched(
        relationship,
        description="What the CRM knows of it.",
        ahead=by_key("relationship_by_customer"),
        reads=("crm.relationships",),
    )
    orders: Connection[Order] | None = batched(
        orders_of_customer,
        description="Its orders, newest first.",
        ahead=orders_ahead,
        reads=("erp.orders_by_customer",),
        answers="first",
    )
    as_of: datetime = strawberry.field(description="When it was read from the ERP.")
    stale: bool = strawberry.field(description="Served past its policy because the ERP is down.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, models.Customer)


def foreseen_customer(info: Info, *, number: str, company: str | None = None) -> Sequence[models.Key]:
    return info.context.foreseen("customers", company, [number])


async def customer(
    info: Info,
    number: Annotated[str, strawberry.argument(description="The account's number.")],
    company: Company = None,
) -> Any:
    return await info.context.loaders.customer_by_number.load(models.Key(company, number))


async def customers(
    info: Info,
    *,
    search: Annotated[str | None, strawberry.argument(description="Part of the number or name.")] = None,
    company: Annotated[str | None, strawberry.argument(description="Of this legal entity only.")] = None,
    first: First = 20,
    after: After = None,
) -> Any:
    context = info.context

    async def read(page: models.PageRequest) -> models.Page[models.Customer]:
        found = await context.sources.erp.search_customers(context.call, page, text=search, company=company)
        context.loaders.prime_customers(found.rows)
        return found

    return await connection(stretch(info, first, after), read)
