"""Tryton as the ERP, over its JSON-RPC. What it does not have (bill-to accounts, holds) is absent."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, TypeVar

import msgspec

from sources.absence import AbsentErp
from sources.call import CallContext
from sources.changes import Cancellation, NewOrder
from sources.errors import SourceContractBroken, SourceError
from sources.http import SourceClient
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
from sources.ports import Found
from sources.tryton import mapping
from sources.tryton.composing import Composing
from sources.tryton.directory import Company, DirectoryReader
from sources.tryton.listing import Listed, Listing, Stretch, within_reach
from sources.tryton.moves import Moves, horizon
from sources.tryton.order_book import OrderBook
from sources.tryton.ordering import Ordering
from sources.tryton.payload import AddressRow, CreditRow, PartyRow, ProductRow
from sources.tryton.pricing import Pricing
from sources.tryton.rpc import Rows, Rpc, Search, all_of, pattern, searched, whole
from sources.tryton.session import Login
from sources.tryton.simulating import Simulating

R = TypeVar("R")

ITEMS = searched("product.product", ProductRow, "code")
PARTIES = searched("party.party", PartyRow, "code")
ADDRESSES = searched("party.address", AddressRow, "id")
OF_PARTIES = searched("party.address", AddressRow, "party.", "code")
CREDIT = searched("party.party", CreditRow, "code")
MAX_KEYS = 200
"""Tryton takes any number; so many are answered in a fraction of a second."""

MAX_DIGITS = 18
"""A longer number is none of a record."""

_BATCHED = (
    "items", "customers", "ship_tos", "ship_tos_by_customer", "credit_by_customer", "prices", "supply_demand", "orders",
    "orders_by_reference",
)  # fmt: skip


class TrytonOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`directory_seconds`: for how long Tryton's numbers of companies, warehouses and units are kept.

    `price_breaks`: whether prices come with their breaks: a read more for each quantity at which a price list has a line.
    """

    directory_seconds: Annotated[float, msgspec.Meta(ge=0)] = 300.0
    price_breaks: bool = False


DEFAULTS = TrytonOptions()


class TrytonErp(AbsentErp):
    Options = TrytonOptions
    grant = Login()
    is_idempotent_by_reference = True
    batches: ClassVar = {**dict.fromkeys(_BATCHED, MAX_KEYS), "customers_by_bill_to": MAX_KEYS, "orders_by_customer": 1}

    def __init__(self, client: SourceClient, options: TrytonOptions = DEFAULTS) -> None:
        super().__init__(client)
        self._rpc = rpc = Rpc(client)
        self._directory = DirectoryReader(rpc, seconds=options.directory_seconds)
        self._moves, self._book = Moves(rpc), OrderBook(rpc)
        self._pricing = Pricing(rpc, with_breaks=options.price_breaks)
        composing = Composing(rpc, self._pricing)
        self._simulating, self._ordering = Simulating(rpc, composing), Ordering(rpc, self._book, composing)
        self._item_list, self._party_list = Listing(rpc, "product.product"), Listing(rpc, "party.party")

    # ------------------------------------------------------------ items

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        directory = await self._directory.current(call)
        found: dict[Key, Item | SourceError] = {}
        for within in directory.chosen(company):
            rows = await self._by_code(call, within, ITEMS, numbers)
            for row in rows.content:
                item = mapping.item(row, (within, directory), rows.as_of)
                found[Key(within.code, row.code)] = item or self._unmeasured()
            found |= _failures(within, rows.failed)
        return found

    async def _by_code(self, call: CallContext, within: Company, search: Search[R], codes: Sequence[str]) -> Rows[R]:
        wanted, context = sorted(set(codes)), {"company": within.id, "active_test": False}
        return await self._rpc.search(call, search, [["code", "in", wanted]], context=context, keys=len(wanted))

    def _unmeasured(self) -> SourceContractBroken:
        return SourceContractBroken(self.name, path="$.result[...].default_uom", detail="a unit that is not there")

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
        """Items belong to all companies: reach bounds in which of them they are shown."""
        directory = await self._directory.current(call)
        wanted = [_holding(text, "code", "name")] if text else []
        wanted += [["template.categories.name", "=", category]] if category else []

        async def read(stretch: Stretch) -> Listed[Item]:
            where = (stretch.company, directory)
            context = {"company": stretch.company.id, "active_test": False}
            domain = [["code", "!=", None], *stretch.domain]
            rows = await self._rpc.search(
                call, ITEMS, domain, context=context, limit=stretch.limit, order=stretch.order
            )
            mapped = ((row.id, mapping.item(row, where, rows.as_of)) for row in whole(rows))
            return [(number, item) for number, item in mapped if item is not None]

        within = [(each, wanted) for each, _ in within_reach(directory.chosen(company), reach, field="")]
        return await self._item_list.page(call, page, within, read=read)

    # ------------------------------------------------------------ customers

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        directory = await self._directory.current(call)
        found: dict[Key, Customer | SourceError] = {}
        for within in directory.chosen(company):
            rows = await self._by_code(call, within, PARTIES, numbers)
            for row in rows.content:
                found[Key(within.code, row.code)] = mapping.customer(row, within, rows.as_of)
            found |= _failures(within, rows.failed)
        return found

    async def search_customers(  # type: ignore[override]  # the same
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        directory = await self._directory.current(call)
        wanted = [_holding(text, "code", "name")] if text else []

        async def read(stretch: Stretch) -> Listed[Customer]:
            company, context = stretch.company, {"company": stretch.company.id, "active_test": False}
            rows = await self._rpc.search(
                call, PARTIES, stretch.domain, context=context, limit=stretch.limit, order=stretch.order
            )
            return [(row.id, mapping.customer(row, company, rows.as_of)) for row in whole(rows)]

        bounded = within_reach(directory.chosen(company), reach, field="code")
        within = [(each, [*domain, *wanted]) for each, domain in bounded]
        return await self._party_list.page(call, page, within, read=read)

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        """Tryton's addresses have no codes: their numbers stand for them."""
        ids = sorted({int(number) for number in numbers if _is_number(number)})
        found: dict[Key, ShipTo | SourceError] = {}
        for within, rows in await self._addresses(call, company, ADDRESSES, ["id", "in", ids]) if ids else ():
            found |= {Key(within.code, str(row.id)): mapping.ship_to(row, within) for row in rows.content}
            found |= _failures(within, rows.failed)
        return found

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        lists: dict[Key, list[ShipTo]] = {Key(company, number): [] for number in numbers}
        failed: dict[Key, SourceError] = {}
        wanted = ["party.code", "in", sorted(set(numbers))]
        for within, rows in await self._addresses(call, company, OF_PARTIES, wanted):
            for row in rows.content:
                lists.setdefault(Key(within.code, row.party.code), []).append(mapping.ship_to(row, within))
            failed |= _failures(within, rows.failed)
        return {**{key: tuple(found) for key, found in lists.items()}, **failed}

    async def _addresses(
        self, call: CallContext, company: str | None, search: Search[AddressRow], wanted: Sequence[object]
    ) -> list[tuple[Company, Rows[AddressRow]]]:
        """Of parties that have a code; without one there is no customer."""
        directory = await self._directory.current(call)
        domain = [["party.code", "!=", None], wanted]
        return [
            (within, await self._rpc.search(call, search, domain, context={"company": within.id}))
            for within in directory.chosen(company)
        ]

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]:
        directory = await self._directory.current(call)
        found: dict[Key, Credit | SourceError] = {}
        for within in directory.chosen(company):
            rows = await self._by_code(call, within, CREDIT, numbers)
            found |= {Key(within.code, row.code): mapping.credit(row, rows.as_of) for row in rows.content}
            found |= _failures(within, rows.failed)
        return found

    # ------------------------------------------------------------ prices, supply and demand

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        return await self._pricing.prices(call, await self._directory.current(call), terms)

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        """Every key asked is answered: an item that nothing comes or goes of has no plans."""
        directory = await self._directory.current(call)
        found: dict[Key, SupplyDemand | SourceError] = {}
        for within in directory.chosen(company):
            today = await self._moves.today(call, within)
            moves = await self._moves.planned(call, within, numbers, until=horizon(today, days))
            plans = mapping.plans(moves.content, directory.places_of(tuple(warehouses)), directory, today=today)
            found |= {Key(within.code, sku): SupplyDemand(plans.get(sku, ()), moves.as_of) for sku in numbers}
            found |= _failures(within, moves.failed)
        return found

    # ------------------------------------------------------------ orders

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        directory = await self._directory.current(call)
        return await self._book.by(call, directory.chosen(company), "number", numbers)

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        return await self._book.search(call, await self._directory.current(call), page, matching)

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        directory = await self._directory.current(call)
        asked = [(within, number) for within in directory.chosen(company) for number in dict.fromkeys(numbers)]
        pages = await all_of(
            self._book.by_customer(call, each, number, statuses=statuses, page=page) for each, number in asked
        )
        return {key: found for each in pages for key, found in each.items()}

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        return await self._simulating.simulated(call, await self._directory.current(call), basket)

    # ------------------------------------------------------------ writes

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        """Only what is confirmed: before that, nothing is ordered yet."""
        directory = await self._directory.current(call)
        return await self._book.by(call, directory.chosen(company), "description", references)

    async def create_order(self, call: CallContext, order: NewOrder) -> Order:
        return await self._ordering.create(call, await self._directory.current(call), order)

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order:
        return await self._ordering.cancel(call, await self._directory.current(call), cancellation)


def _failures(within: Company, failed: Mapping[str, SourceError]) -> dict[Key, SourceError]:
    return {Key(within.code, key): failure for key, failure in failed.items()}


def _holding(text: str, *fields: str) -> list[object]:
    return ["OR", *([field, "ilike", pattern(text)] for field in fields)]


def _is_number(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) <= MAX_DIGITS and not code.startswith("0")
