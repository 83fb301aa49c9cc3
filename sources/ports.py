"""What each role of system is asked: a Protocol a role, and `Sources`, which bundles them.

Every read is a batch. An answer is a mapping: a key that is missing does not exist, a key whose reading failed holds the SourceError.
A call that fails as a whole raises the SourceError. Keys in answers always name their company, except a failed look-up
that was asked without one. `max_batch` says how many keys an operation takes at once, by the method's name; the caller splits.
Where `company` is None, rows of all companies are wanted; what was found stands under its own key, and an error under the key without
a company says that there may be more. `reach` bounds a search to some accounts and those billed to them, as
`Viewer.reach` spells them; a source that cannot must say so by refusing, for whoever may not see a row may not count it either.

A write is one call and raises its SourceError: OutcomeUnknown where it may have been done, any other where it was not.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from sources.call import CallContext
from sources.changes import Cancellation, HoldLifted, NewHold, NewNote, NewOrder, NewRelease, Released
from sources.errors import SourceError
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

K = TypeVar("K")
V = TypeVar("V")
Found = Mapping[K, V | SourceError]


class ErpSource(Protocol):
    name: str
    max_batch: Mapping[str, int]

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]: ...

    async def search_items(
        self,
        call: CallContext,
        page: PageRequest,
        *,
        text: str | None,
        category: str | None,
        company: str | None,
        reach: Sequence[str] = (),
    ) -> Page[Item]: ...

    async def customers(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Customer]: ...

    async def search_customers(
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]: ...

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]: ...

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]: ...

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]: ...

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]: ...

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]: ...

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]: ...

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]: ...

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]: ...

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]: ...

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation: ...


class CrmSource(Protocol):
    name: str
    max_batch: Mapping[str, int]

    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]: ...


class WmsSource(Protocol):
    name: str
    max_batch: Mapping[str, int]

    async def warehouses(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Warehouse]: ...

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]: ...

    async def shipments(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Shipment]: ...

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]: ...


class CarrierSource(Protocol):
    name: str
    max_batch: Mapping[str, int]

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]: ...


# ---------------------------------------------------------------- those that are also written to


class OrderingErp(ErpSource, Protocol):
    @property
    def is_idempotent_by_reference(self) -> bool:
        """Whether an order created again under its reference is the same order."""
        ...

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        """By company and reference. What was written a moment ago may not be found yet."""
        ...

    async def create_order(self, call: CallContext, order: NewOrder) -> Order: ...

    async def hold_order(self, call: CallContext, hold: NewHold) -> Order: ...

    async def unhold_order(self, call: CallContext, lifted: HoldLifted) -> Order: ...

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order: ...


class NotedCrm(CrmSource, Protocol):
    async def add_note(self, call: CallContext, note: NewNote) -> None: ...


class ReleasingWms(WmsSource, Protocol):
    async def release_order(self, call: CallContext, release: NewRelease) -> Released: ...


class Sources(msgspec.Struct, frozen=True):
    """The systems that answer: one a role."""

    erp: ErpSource
    crm: CrmSource
    wms: WmsSource
    carrier: CarrierSource


class WrittenSources(Sources, frozen=True):
    """The same, as the gateway itself has them: with what they can be asked to do."""

    erp: OrderingErp
    crm: NotedCrm
    wms: ReleasingWms
