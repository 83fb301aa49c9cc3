"""Several ERPs as one: each company is asked about where it is kept; without a company, all of them are asked side by side."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sources.call import CallContext
from sources.changes import Cancellation, HoldLifted, NewHold, NewOrder
from sources.errors import SourceRejected
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
    ShipTo,
    Simulation,
    SupplyDemand,
)
from sources.ports import Found, OrderingErp
from sources.routed.companies import ByCompany
from sources.routed.paging import Listing, Reader
from sources.routed.systems import System, able, each_its_own

R = TypeVar("R", Item, Customer, Order)

ReadRows = Callable[[OrderingErp, PageRequest, str | None, Sequence[str]], Awaitable[Page[R]]]
"""A system's page: of the one company that is named, within the reach that concerns it."""


class RoutedErp(ByCompany[OrderingErp]):
    # ------------------------------------------------------------ records

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        return await self._found(call, "items", (company, numbers), lambda erp, own: erp.items(call, own, numbers))

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        return await self._found(
            call, "customers", (company, numbers), lambda erp, own: erp.customers(call, own, numbers)
        )

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        return await self._found(
            call, "ship_tos", (company, numbers), lambda erp, own: erp.ship_tos(call, own, numbers)
        )

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        return await self._found(
            call,
            "ship_tos_by_customer",
            (company, numbers),
            lambda erp, own: erp.ship_tos_by_customer(call, own, numbers),
        )

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]:
        return await self._found(
            call, "credit_by_customer", (company, numbers), lambda erp, own: erp.credit_by_customer(call, own, numbers)
        )

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        return await self._found(call, "orders", (company, numbers), lambda erp, own: erp.orders(call, own, numbers))

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        return await self._found(
            call,
            "orders_by_reference",
            (company, references),
            lambda erp, own: erp.orders_by_reference(call, own, references),
        )

    # ------------------------------------------------------------ what is asked within one company

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]:
        erp = self._of(company)
        return {} if erp is None else await erp.customers_by_bill_to(call, company, numbers, page=page)

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        erp = self._of(company)
        if erp is None:
            return {}
        return await erp.supply_demand(call, company, numbers, warehouses=warehouses, days=days)

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        erp = self._of(company)
        if erp is None:
            return {}
        return await erp.orders_by_customer(call, company, numbers, statuses=statuses, page=page)

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        """Each company's of its own ERP, side by side; one that fails as a whole fails its own terms only."""
        return await each_its_own(
            terms,
            lambda each: self._of(each.company),
            lambda erp, asked: erp.prices(call, asked),
            key=lambda each: each,
        )

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        return await self._writing(basket.company).simulate(call, basket)

    # ------------------------------------------------------------ lists

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
        async def read(erp: OrderingErp, part: PageRequest, own: str | None, within: Sequence[str]) -> Page[Item]:
            return await erp.search_items(call, part, text=text, category=category, company=own, reach=within)

        if company is not None:
            return await self._searched(page, company, lambda erp: read(erp, page, company, reach))
        return await self._listing(call, "search_items", reach, read).in_turn(page)

    async def search_customers(
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        async def read(erp: OrderingErp, part: PageRequest, own: str | None, within: Sequence[str]) -> Page[Customer]:
            return await erp.search_customers(call, part, text=text, company=own, reach=within)

        if company is not None:
            return await self._searched(page, company, lambda erp: read(erp, page, company, reach))
        return await self._listing(call, "search_customers", reach, read).in_turn(page)

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        """Newest first over all of them, as each of them gives its own."""

        async def read(erp: OrderingErp, part: PageRequest, own: str | None, within: Sequence[str]) -> Page[Order]:
            return await erp.search_orders(call, part, matching._replace(company=own, reach=tuple(within)))

        company = matching.company
        if company is not None:
            return await self._searched(page, company, lambda erp: read(erp, page, company, matching.reach))
        return await self._listing(call, "search_orders", matching.reach, read).merged(page, _age)

    async def _searched(
        self, page: PageRequest, company: str, ask: Callable[[OrderingErp], Awaitable[Page[R]]]
    ) -> Page[R]:
        erp = self._of(company)
        return Page((), None, 0 if page.counted else None) if erp is None else await ask(erp)

    def _listing(self, call: CallContext, operation: str, reach: Sequence[str], read: ReadRows[R]) -> Listing[R]:
        """By company as far as they are named. Beyond a system's own part of the reach it is not asked: no reach at all is no bound."""
        readers: dict[str, Reader[R]] = {}
        systems = able(self._systems.seen_by(call.viewer), operation)
        for system in sorted(systems, key=_first_company):
            within = [each for each in reach if self._concerns(system, each)]
            if within or not reach:
                readers[system.port.name] = self._reader(system, within, read)
        return Listing(self.name, readers)

    def _reader(self, system: System[OrderingErp], within: Sequence[str], read: ReadRows[R]) -> Reader[R]:
        async def part(request: PageRequest) -> Page[R]:
            return await read(system.port, request, system.only_company, within)

        return Reader(part, lambda row: self._systems.owns(system, row.company))

    def _concerns(self, system: System[OrderingErp], entry: str) -> bool:
        company = entry.partition(":")[0]
        return company == "*" or self._systems.owns(system, company)

    # ------------------------------------------------------------ writing

    @property
    def is_idempotent_by_reference(self) -> bool:
        """Where one of them is not, an order in doubt is left to a person in all of them."""
        return all(each.port.is_idempotent_by_reference for each in able(self._systems.all, "create_order"))

    async def create_order(self, call: CallContext, order: NewOrder) -> Order:
        return await self._writing(order.company).create_order(call, order)

    async def hold_order(self, call: CallContext, hold: NewHold) -> Order:
        return await self._writing(hold.company).hold_order(call, hold)

    async def unhold_order(self, call: CallContext, lifted: HoldLifted) -> Order:
        return await self._writing(lifted.company).unhold_order(call, lifted)

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order:
        return await self._writing(cancellation.company).cancel_order(call, cancellation)

    def _writing(self, company: str) -> OrderingErp:
        erp = self._of(company)
        if erp is None:
            raise SourceRejected(self.name, reason="UNKNOWN_COMPANY")
        return erp


def _first_company(system: System[Any]) -> tuple[bool, str]:
    """Those that take what is left come last."""
    companies = system.territory.companies
    return not companies, min(companies, default="")


def _age(order: Order) -> tuple[Any, str, str]:
    return order.placed_at, order.number, order.company
