"""A loader a question, named as the question. Fresh for every operation, so nothing is remembered between callers."""

from __future__ import (
    annotations,  # its inner functions are made for every operation: their annotations cost, evaluated
)

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from orders.record import Submission
from resolvers.loader import Loader
from resolvers.reading import aligned_records
from resolvers.recorded import reading
from resolvers.whereabouts import Whereabouts
from sources.call import CallContext
from sources.errors import SourceError
from sources.models import (
    Credit,
    Customer,
    Item,
    Key,
    Order,
    OrderStatus,
    Page,
    PageRequest,
    Price,
    PriceTerms,
    Relationship,
    Shipment,
    ShipTo,
    Stock,
    SupplyDemand,
    Tracking,
    TrackingKey,
    Warehouse,
)
from sources.parts import aligned, grouped, in_parts
from sources.ports import Found, Sources
from sources.viewer import Viewer

V = TypeVar("V")
ByNumber = Callable[[CallContext, str | None, Sequence[str]], Awaitable[Found[Key, V]]]
SubmissionsById = Callable[[Viewer, Sequence[str]], Awaitable[Mapping[str, Submission]]]


class ChildrenKey(msgspec.Struct, frozen=True, gc=False):
    company: str
    number: str
    page: PageRequest


class OrdersKey(msgspec.Struct, frozen=True, gc=False):
    company: str
    number: str
    statuses: tuple[OrderStatus, ...]
    page: PageRequest


class StockKey(msgspec.Struct, frozen=True, gc=False):
    """Warehouses: empty means every one the item is kept in."""

    company: str
    sku: str
    warehouses: tuple[str, ...]


class SupplyDemandKey(msgspec.Struct, frozen=True, gc=False):
    company: str
    sku: str
    warehouses: tuple[str, ...]
    days: int


class Loaders:
    def __init__(
        self, call: CallContext, sources: Sources, whereabouts: Whereabouts, submissions: SubmissionsById | None = None
    ) -> None:
        self._call, self._whereabouts, self._submissions = call, whereabouts, submissions
        self._erp, self._crm, self._wms, self._carrier = sources.erp, sources.crm, sources.wms, sources.carrier

    # ------------------------------------------------------------ records by company and number

    @cached_property
    def item_by_sku(self) -> Loader[Key, Item | None]:
        return self._record_loader(self._erp.items, self._erp.max_batch["items"])

    @cached_property
    def customer_by_number(self) -> Loader[Key, Customer | None]:
        return self._record_loader(self._erp.customers, self._erp.max_batch["customers"])

    @cached_property
    def ship_to_by_code(self) -> Loader[Key, ShipTo | None]:
        return self._record_loader(self._erp.ship_tos, self._erp.max_batch["ship_tos"])

    @cached_property
    def order_by_number(self) -> Loader[Key, Order | None]:
        return self._record_loader(self._erp.orders, self._erp.max_batch["orders"])

    @cached_property
    def shipment_by_number(self) -> Loader[Key, Shipment | None]:
        return self._record_loader(self._wms.shipments, self._wms.max_batch["shipments"])

    @cached_property
    def warehouse_by_code(self) -> Loader[Key, Warehouse | None]:
        return self._record_loader(self._wms.warehouses, self._wms.max_batch["warehouses"])

    @cached_property
    def ship_tos_by_customer(self) -> Loader[Key, tuple[ShipTo, ...] | None]:
        return self._record_loader(self._erp.ship_tos_by_customer, self._erp.max_batch["ship_tos_by_customer"])

    @cached_property
    def credit_by_customer(self) -> Loader[Key, Credit | None]:
        return self._record_loader(self._erp.credit_by_customer, self._erp.max_batch["credit_by_customer"])

    @cached_property
    def relationship_by_customer(self) -> Loader[Key, Relationship | None]:
        return self._record_loader(self._crm.relationships, self._crm.max_batch["relationships"])

    @cached_property
    def shipments_by_order(self) -> Loader[Key, tuple[Shipment, ...] | None]:
        return self._record_loader(self._wms.shipments_by_order, self._wms.max_batch["shipments_by_order"])

    def _record_loader(self, ask: ByNumber[V], max_batch: int) -> Loader[Key, V | None]:
        kind = ask.__name__

        async def part(company: str | None, keys: Sequence[Key]) -> Found[Key, V]:
            return await ask(self._call, company, [key.number for key in keys])

        async def load(keys: list[Key]) -> Sequence[V | BaseException | None]:
            found = await in_parts(grouped(keys, _company), part, max_batch=max_batch)
            outcomes = aligned_records(keys, found, self._call.viewer)
            if any(key.company is None for key in keys):
                # Found without its company: asked with it, it is not asked again.
                loader.prime_many({key: value for key, value in found.items() if not isinstance(value, Exception)})
                self._note(kind, keys, outcomes)
            return outcomes

        loader: Loader[Key, V | None] = Loader(load)
        return loader

    def _note(self, kind: str, keys: Sequence[Key], outcomes: Sequence[Any]) -> None:
        for key, outcome in zip(keys, outcomes, strict=True):
            company = getattr(outcome, "company", None)
            if key.company is None and isinstance(company, str):
                self._whereabouts.found(kind, key.number, company)
            elif key.company is None and not isinstance(outcome, SourceError):
                self._whereabouts.lost(kind, key.number)

    # ------------------------------------------------------------ pages of lists

    @cached_property
    def customers_by_bill_to(self) -> Loader[ChildrenKey, Page[Customer] | None]:
        async def part(
            group: tuple[str, PageRequest], keys: Sequence[ChildrenKey]
        ) -> Found[ChildrenKey, Page[Customer]]:
            company, page = group
            found = await self._erp.customers_by_bill_to(self._call, company, [key.number for key in keys], page=page)
            return {ChildrenKey(company, key.number, page): value for key, value in found.items()}

        async def load(keys: list[ChildrenKey]) -> Sequence[Page[Customer] | BaseException | None]:
            parts: dict[tuple[str, PageRequest], list[ChildrenKey]] = grouped(keys, lambda key: (key.company, key.page))
            found = await in_parts(parts, part, max_batch=self._erp.max_batch["customers_by_bill_to"])
            for page in found.values():
                if isinstance(page, Page):
                    self.prime_customers(page.rows)
            return aligned(keys, found)

        return Loader(load)

    @cached_property
    def orders_by_customer(self) -> Loader[OrdersKey, Page[Order] | None]:
        async def part(
            group: tuple[str, tuple[OrderStatus, ...], PageRequest], keys: Sequence[OrdersKey]
        ) -> Found[OrdersKey, Page[Order]]:
            company, statuses, page = group
            numbers = [key.number for key in keys]
            found = await self._erp.orders_by_customer(self._call, company, numbers, statuses=statuses, page=page)
            return {OrdersKey(company, key.number, statuses, page): value for key, value in found.items()}

        async def load(keys: list[OrdersKey]) -> Sequence[Page[Order] | BaseException | None]:
            found = await in_parts(
                grouped(keys, lambda key: (key.company, key.statuses, key.page)),
                part,
                max_batch=self._erp.max_batch["orders_by_customer"],
            )
            for page in found.values():
                if isinstance(page, Page):
                    self.prime_orders(page.rows)
            return aligned(keys, found)

        return Loader(load)

    # ------------------------------------------------------------ prices, stock, supply and demand, tracking

    @cached_property
    def price_by_terms(self) -> Loader[PriceTerms, Price | None]:
        async def part(_: None, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
            return await self._erp.prices(self._call, terms)

        async def load(keys: list[PriceTerms]) -> Sequence[Price | BaseException | None]:
            return aligned(keys, await in_parts({None: keys}, part, max_batch=self._erp.max_batch["prices"]))

        return Loader(load)

    @cached_property
    def stock_by_sku(self) -> Loader[StockKey, Stock | None]:
        async def part(group: tuple[str, tuple[str, ...]], keys: Sequence[StockKey]) -> Found[StockKey, Stock]:
            company, warehouses = group
            found = await self._wms.stock(self._call, company, [key.sku for key in keys], warehouses=warehouses)
            return {StockKey(company, key.number, warehouses): value for key, value in found.items()}

        async def load(keys: list[StockKey]) -> Sequence[Stock | BaseException | None]:
            parts: dict[tuple[str, tuple[str, ...]], list[StockKey]] = grouped(
                keys, lambda key: (key.company, key.warehouses)
            )
            return aligned(keys, await in_parts(parts, part, max_batch=self._wms.max_batch["stock"]))

        return Loader(load)

    @cached_property
    def supply_demand_by_sku(self) -> Loader[SupplyDemandKey, SupplyDemand | None]:
        async def part(
            group: tuple[str, tuple[str, ...], int], keys: Sequence[SupplyDemandKey]
        ) -> Found[SupplyDemandKey, SupplyDemand]:
            company, warehouses, days = group
            skus = [key.sku for key in keys]
            found = await self._erp.supply_demand(self._call, company, skus, warehouses=warehouses, days=days)
            return {SupplyDemandKey(company, key.number, warehouses, days): value for key, value in found.items()}

        async def load(keys: list[SupplyDemandKey]) -> Sequence[SupplyDemand | BaseException | None]:
            found = await in_parts(
                grouped(keys, lambda key: (key.company, key.warehouses, key.days)),
                part,
                max_batch=self._erp.max_batch["supply_demand"],
            )
            return aligned(keys, found)

        return Loader(load)

    @cached_property
    def tracking_by_number(self) -> Loader[TrackingKey, Tracking | None]:
        async def part(carrier: str | None, keys: Sequence[TrackingKey]) -> Found[TrackingKey, Tracking]:
            return await self._carrier.tracking(self._call, carrier, [key.number for key in keys])

        async def load(keys: list[TrackingKey]) -> Sequence[Tracking | BaseException | None]:
            found = await in_parts(
                grouped(keys, lambda key: key.carrier), part, max_batch=self._carrier.max_batch["tracking"]
            )
            return aligned(keys, found)

        return Loader(load)

    @cached_property
    def submission_by_id(self) -> Loader[Key, Submission | None]:
        async def load(keys: list[Key]) -> Sequence[Submission | None]:
            if self._submissions is None:
                return [None] * len(keys)
            ask, viewer = self._submissions, self._call.viewer
            found = await reading(lambda: ask(viewer, [key.number for key in keys]))
            return [found.get(key.number) for key in keys]

        return Loader(load)

    # ------------------------------------------------------------ what came along with another question

    def prime_items(self, items: Sequence[Item]) -> None:
        self.item_by_sku.prime_many({Key(item.company, item.sku): item for item in items})

    def prime_customers(self, customers: Sequence[Customer]) -> None:
        self.customer_by_number.prime_many({Key(each.company, each.number): each for each in customers})

    def prime_orders(self, orders: Sequence[Order]) -> None:
        self.order_by_number.prime_many({Key(order.company, order.number): order for order in orders})

    async def aclose(self) -> None:
        """Stop whatever is still being asked on behalf of this operation."""
        for loader in [value for value in vars(self).values() if isinstance(value, Loader)]:
            await loader.aclose()


def _company(key: Key) -> str | None:
    return key.company
