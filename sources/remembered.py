"""The four roles, read through the cache: a port each around a port, so that nobody behind it knows whether an answer was remembered.

What may be remembered says `sources.policy`; here stands what each answer depends on. Lists of orders, credit, simulations
and all writes pass through.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import msgspec

from sources.cache import Cache
from sources.call import CallContext, Recalled
from sources.changes import Cancellation, HoldLifted, NewHold, NewNote, NewOrder, NewRelease, Released
from sources.entry import Rows
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
from sources.ports import CarrierSource, Found, NotedCrm, OrderingErp, ReleasingWms
from sources.question import KINDS, Question, Tags, rights, spelled

P = TypeVar("P", OrderingErp, NotedCrm, ReleasingWms, CarrierSource)
V = TypeVar("V")
ByNumber = Callable[[CallContext, str | None, Sequence[str]], Any]

_TERMS = msgspec.json.Encoder()


class _Remembered(Generic[P]):
    """What the roles have alike: a port, and questions by company and number."""

    def __init__(self, port: P, cache: Cache) -> None:
        self.name = port.name
        self.max_batch: Mapping[str, int] = port.max_batch
        self._port: P = port
        self._cache = cache

    def _question(self, call: CallContext, operation: str, company: str | None, *more: str | None) -> Question:
        caller = rights(call.viewer) if self._cache.is_scoped(KINDS[operation].fact) else None
        return _question(self.name, caller, operation, company, *more)

    async def _by_number(
        self, call: CallContext, operation: str, company: str | None, numbers: Sequence[str]
    ) -> dict[Any, Any]:
        ask: ByNumber = getattr(self._port, operation)

        async def load(flight: CallContext, names: Sequence[str]) -> Found[Any, Any]:
            return cast("Found[Any, Any]", await ask(flight, company, names))

        return await self._cache.read(call, self._question(call, operation, company), numbers, load)

    async def _page(
        self, call: CallContext, operation: str, name: str, ask: Callable[[CallContext], Awaitable[V]]
    ) -> V:
        """A page of a search, by all that was asked for. Its rows come with it: they are far younger than they may be."""

        async def load(flight: CallContext, _: Sequence[str]) -> Found[Any, Any]:
            return {name: await ask(flight)}

        found = await self._cache.read(call, self._question(call, operation, None), [name], load)
        page: V | SourceError = found[name]
        if isinstance(page, SourceError):
            raise page
        return page

    def _passed(self, call: CallContext, fact: str, keys: int) -> None:
        """Tell that something was asked which is never remembered."""
        call.recalled(Recalled(self.name, fact, keys, 0, 0, 0.0, 0.0))


@lru_cache(maxsize=4096)
def _question(source: str, caller: str | None, operation: str, company: str | None, *more: str | None) -> Question:
    """Made once for each way of asking: a batch that is remembered costs little more than this would."""
    prefix = spelled(operation, source, caller, company, *more)
    if operation in _SEARCHES:
        return Question(KINDS[operation], source, prefix, str, _tags_of_page)
    key = TrackingKey if operation == "tracking" else Key
    is_wide = company is None and operation != "tracking"
    return Question(
        KINDS[operation], source, prefix, lambda name: key(company, name), _tags(operation, company, more), is_wide
    )


_SEARCHES = frozenset({"search_items", "search_customers"})


def _paging(page: PageRequest) -> tuple[str, str | None, str]:
    return str(page.limit), page.cursor, str(page.counted)


def _tags_of_page(_: str, rows: Rows) -> Iterable[str]:
    """Those of the records on it. A record that is new to a list has no tag there yet: lists live seconds."""
    for _, page in rows:
        for record in page.rows:
            if isinstance(record, Item):
                yield f"item:{record.company}:{record.sku}"
            else:
                yield f"customer:{record.company}:{record.number}"


def _tags(operation: str, company: str | None, more: Sequence[Any]) -> Tags:
    """Which tags (item:US:BOLT-M8) concern an answer."""
    if operation == "customers_by_bill_to":
        return _tags_of_page
    if operation == "ship_tos":
        return _tags_of_ship_to(company or "")
    if operation == "stock":
        return _tags_of_standing(company, more)
    if operation == "supply_demand":
        return _tags_of_standing(company, more[1:])
    start = f"{_TAGGED[operation]}:{company or ''}:"
    return lambda name, _: (start + name,)


_TAGGED = {
    "items": "item",
    "customers": "customer",
    "ship_tos_by_customer": "customer",
    "relationships": "customer",
    "warehouses": "warehouse",
    "tracking": "tracking",
    "orders": "order",
    "shipments": "shipment",
    "shipments_by_order": "order",
}


def _tags_of_ship_to(company: str) -> Tags:
    """Its own, and that of its customer."""

    def tags(name: str, rows: Rows) -> Iterable[str]:
        yield f"ship_to:{company}:{name}"
        for key, ship_to in rows:
            yield f"customer:{key.company}:{ship_to.customer_number}"

    return tags


def _tags_of_standing(company: str | None, warehouses: Sequence[str]) -> Tags:
    """The item's, and that of each warehouse; where none is named, of any."""
    places = [f"warehouse:{company}:{code}" for code in warehouses or ("",)]
    return lambda name, _: (f"item:{company}:{name}", *places)


class RememberedErp(_Remembered[OrderingErp]):
    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        return await self._by_number(call, "items", company, numbers)

    async def search_items(
        self,
        call: CallContext,
        page: PageRequest,
        *,
        text: str | None,
        category: str | None,
        company: str | None,
        reach: Sequence[str] = (),
    ) -> Page[Item]:
        async def ask(flight: CallContext) -> Page[Item]:
            return await self._port.search_items(
                flight, page, text=text, category=category, company=company, reach=reach
            )

        name = spelled(text, category, company, *_paging(page), *reach)
        return await self._page(call, "search_items", name, ask)

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        return await self._by_number(call, "customers", company, numbers)

    async def search_customers(
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        async def ask(flight: CallContext) -> Page[Customer]:
            return await self._port.search_customers(flight, page, text=text, company=company, reach=reach)

        return await self._page(call, "search_customers", spelled(text, company, *_paging(page), *reach), ask)

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]:
        async def load(flight: CallContext, names: Sequence[str]) -> Found[Key, Page[Customer]]:
            return await self._port.customers_by_bill_to(flight, company, names, page=page)

        question = self._question(call, "customers_by_bill_to", company, *_paging(page))
        return await self._cache.read(call, question, numbers, load)

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        return await self._by_number(call, "ship_tos", company, numbers)

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        return await self._by_number(call, "ship_tos_by_customer", company, numbers)

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]:
        self._passed(call, "credit", len(numbers))
        return await self._port.credit_by_customer(call, company, numbers)

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        asked = {_TERMS.encode(msgspec.structs.astuple(each)).decode(): each for each in terms}

        def tags(name: str, _: Rows) -> Iterable[str]:
            each = asked[name]
            return f"item:{each.company}:{each.sku}", f"customer:{each.company}:{each.customer}"

        async def load(flight: CallContext, names: Sequence[str]) -> Found[PriceTerms, Price]:
            return await self._port.prices(flight, [asked[name] for name in names])

        caller = rights(call.viewer) if self._cache.is_scoped("price") else None
        question = Question(KINDS["prices"], self.name, spelled("prices", self.name, caller), asked.__getitem__, tags)
        return await self._cache.read(call, question, list(asked), load)

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        async def load(flight: CallContext, names: Sequence[str]) -> Found[Key, SupplyDemand]:
            return await self._port.supply_demand(flight, company, names, warehouses=warehouses, days=days)

        question = self._question(call, "supply_demand", company, str(days), *warehouses)
        return await self._cache.read(call, question, numbers, load)

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        return await self._by_number(call, "orders", company, numbers)

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        self._passed(call, "order", 1)
        return await self._port.search_orders(call, page, matching)

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        self._passed(call, "order", len(numbers))
        return await self._port.orders_by_customer(call, company, numbers, statuses=statuses, page=page)

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        self._passed(call, "simulation", 1)
        return await self._port.simulate(call, basket)

    @property
    def is_idempotent_by_reference(self) -> bool:
        return self._port.is_idempotent_by_reference

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        self._passed(call, "order", len(references))
        return await self._port.orders_by_reference(call, company, references)

    async def create_order(self, call: CallContext, order: NewOrder) -> Order:
        return await self._port.create_order(call, order)

    async def hold_order(self, call: CallContext, hold: NewHold) -> Order:
        return await self._port.hold_order(call, hold)

    async def unhold_order(self, call: CallContext, lifted: HoldLifted) -> Order:
        return await self._port.unhold_order(call, lifted)

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order:
        return await self._port.cancel_order(call, cancellation)


class RememberedCrm(_Remembered[NotedCrm]):
    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]:
        return await self._by_number(call, "relationships", company, numbers)

    async def add_note(self, call: CallContext, note: NewNote) -> None:
        await self._port.add_note(call, note)


class RememberedWms(_Remembered[ReleasingWms]):
    async def warehouses(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Warehouse]:
        return await self._by_number(call, "warehouses", company, numbers)

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]:
        async def load(flight: CallContext, names: Sequence[str]) -> Found[Key, Stock]:
            return await self._port.stock(flight, company, names, warehouses=warehouses)

        question = self._question(call, "stock", company, *warehouses)
        return await self._cache.read(call, question, numbers, load)

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        return await self._by_number(call, "shipments", company, numbers)

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        return await self._by_number(call, "shipments_by_order", company, numbers)

    async def release_order(self, call: CallContext, release: NewRelease) -> Released:
        return await self._port.release_order(call, release)


class RememberedCarrier(_Remembered[CarrierSource]):
    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        async def load(flight: CallContext, names: Sequence[str]) -> Found[TrackingKey, Tracking]:
            return await self._port.tracking(flight, carrier, names)

        question = self._question(call, "tracking", carrier)
        return await self._cache.read(call, question, numbers, load)


REMEMBERED: Mapping[str, Callable[[Any, Cache], Any]] = {
    "erp": RememberedErp,
    "crm": RememberedCrm,
    "wms": RememberedWms,
    "carrier": RememberedCarrier,
}
"""Role → a system's port, read through the cache. Each system's own: what one says is nothing that another would have to say, too."""
