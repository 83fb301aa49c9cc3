# ruff: noqa: ARG002 - every argument here is a port's own
"""What a connector answers where its system offers nothing: one class a role, of which vendors' connectors are made.

A fact that nobody keeps is absent, as one that does not exist is: no key is in the answer, and clients see null. What can be neither
null nor empty (a search, a simulation, a write) is refused with NotOffered. Which it is for whom stands in the manifest.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sources.batches import Batches
from sources.call import CallContext
from sources.changes import Cancellation, HoldLifted, NewHold, NewNote, NewOrder, NewRelease, Released
from sources.errors import NotOffered
from sources.http import SourceClient, no_reason
from sources.models import (
    Basket,
    Credit,
    Customer,
    Item,
    Key,
    Order,
    OrderFilter,
    OrderStatus,
    Page,
    PageRequest,
    Price,
    PriceTerms,
    Relationship,
    Shipment,
    ShipTo,
    Simulation,
    Stock,
    SupplyDemand,
    Tracking,
    TrackingKey,
    Warehouse,
)
from sources.ports import Found


class Absent:
    """`batches`: how many keys an operation takes at once, by the method's name."""

    reason = staticmethod(no_reason)
    batches: ClassVar[Mapping[str, int]] = {}

    def __init__(self, client: SourceClient) -> None:
        self.name = client.name
        self.max_batch = Batches(self.batches)
        self._client = client

    def _refused(self, what: str) -> NotOffered:
        return NotOffered(self.name, detail=what)


class AbsentErp(Absent):
    is_idempotent_by_reference = False

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        return {}

    async def search_items(self, call: CallContext, page: PageRequest, **_: Any) -> Page[Item]:
        raise self._refused("search_items")

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        return {}

    async def search_customers(self, call: CallContext, page: PageRequest, **_: Any) -> Page[Customer]:
        raise self._refused("search_customers")

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]:
        return {}

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        return {}

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        return {}

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]:
        return {}

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        return {}

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        return {}

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        return {}

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        raise self._refused("search_orders")

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        return {}

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        raise self._refused("simulate")

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        raise self._refused("orders_by_reference")  # absent would mean "it was not written"

    async def create_order(self, call: CallContext, order: NewOrder) -> Order:
        raise self._refused("create_order")

    async def hold_order(self, call: CallContext, hold: NewHold) -> Order:
        raise self._refused("hold_order")

    async def unhold_order(self, call: CallContext, lifted: HoldLifted) -> Order:
        raise self._refused("unhold_order")

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order:
        raise self._refused("cancel_order")


class AbsentCrm(Absent):
    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]:
        return {}

    async def add_note(self, call: CallContext, note: NewNote) -> None:
        raise self._refused("add_note")


class AbsentWms(Absent):
    async def warehouses(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Warehouse]:
        return {}

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]:
        return {}

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        return {}

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        return {}

    async def release_order(self, call: CallContext, release: NewRelease) -> Released:
        raise self._refused("release_order")


class AbsentCarrier(Absent):
    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        return {}
