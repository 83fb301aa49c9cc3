"""SAP S/4HANA Cloud as ERP, by its OData V2 services (README.md)."""

from collections.abc import Sequence

from sources.absence import AbsentErp
from sources.call import CallContext
from sources.changes import Cancellation, HoldLifted, NewHold, NewOrder
from sources.http import SourceClient
from sources.models import (
    Basket,
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
from sources.ports import Found
from sources.sap import options, reader
from sources.sap.goods import Goods
from sources.sap.order_book import OrderBook
from sources.sap.partners import Partners
from sources.sap.reader import LOOKED_UP, Reader
from sources.sap.session import Session
from sources.sap.simulations import MOST_LINES, Simulations
from sources.sap.writer import Writer

LISTED = 10
"""How many accounts' orders are listed at once: each is a request of its own."""


class SapErp(AbsentErp):
    Options = options.Options
    reason = staticmethod(reader.reason)
    batches = {  # noqa: RUF012 - declared as what it is in sources/absence.py
        "items": LOOKED_UP,
        "customers": LOOKED_UP,
        "customers_by_bill_to": LOOKED_UP,
        "ship_tos": LOOKED_UP,
        "ship_tos_by_customer": LOOKED_UP,
        "prices": MOST_LINES,
        "supply_demand": LOOKED_UP,
        "orders": LOOKED_UP,
        "orders_by_customer": LISTED,
        "orders_by_reference": LOOKED_UP,
    }

    def __init__(self, client: SourceClient, options: options.Options) -> None:
        super().__init__(client)
        self._options = options
        lists, session = Reader(client), Session(client)
        self._goods, self._partners = Goods(client, lists, session, options), Partners(lists, options)
        self._book = OrderBook(lists, self._partners, options)
        self._simulations = Simulations(client, lists, session, options, goods=self._goods, partners=self._partners)
        self._writer = Writer(client, self._book, session, options)

    # ------------------------------------------------------------ items and prices

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        return await self._goods.items(call, company, numbers)

    async def search_items(  # type: ignore[override]  # what is absent takes any keywords
        self,
        call: CallContext,
        page: PageRequest,
        *,
        text: str | None,
        category: str | None,
        company: str | None,
        reach: Sequence[str] = (),
    ) -> Page[Item]:
        """Items are of a company, not of an account: a reach bounds them by the companies in it."""
        bounds = {row.partition(":")[0] for row in reach}
        codes = [code for code in self._partners.codes(company) if not bounds or bounds & {"*", code}]
        return await self._goods.search(call, page, text=text, category=category, codes=codes)

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        return await self._simulations.prices(call, terms)

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        return await self._goods.supply_demand(call, company, numbers, warehouses=warehouses, days=days)

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        return await self._simulations.simulate(call, basket)

    # ------------------------------------------------------------ customers

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        return await self._partners.customers(call, company, numbers)

    async def search_customers(  # type: ignore[override]  # the same
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        return await self._partners.search(call, page, text=text, company=company, reach=reach)

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]:
        return await self._partners.billed_to(call, company, numbers, page)

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        return await self._partners.ship_tos(call, company, numbers)

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        return await self._partners.ship_tos_by_customer(call, company, numbers)

    # ------------------------------------------------------------ orders

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        return await self._book.orders(call, company, numbers)

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        return await self._book.search(call, page, matching)

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        return await self._book.by_customer(call, company, numbers, statuses=statuses, page=page)

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        return await self._book.by_reference(call, company, references)

    # ------------------------------------------------------------ writes

    async def create_order(self, call: CallContext, order: NewOrder) -> Order:
        return await self._writer.create(call, order)

    async def hold_order(self, call: CallContext, hold: NewHold) -> Order:
        return await self._writer.hold(call, hold)

    async def unhold_order(self, call: CallContext, lifted: HoldLifted) -> Order:
        return await self._writer.unhold(call, lifted)

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order:
        return await self._writer.cancel(call, cancellation)
