"""Dynamics 365 Business Central as ERP, by its API v2.0 and pages of the installation's own (README.md)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec

from sources.absence import AbsentErp
from sources.business_central import mapping, options, payload, reader
from sources.business_central.credits import Credits
from sources.business_central.lookup import LOOKED_UP, Lookup
from sources.business_central.mapping import Entity
from sources.business_central.odata import NUMBER, REFERENCE, Params, all_of, literal, may_exist
from sources.business_central.order_list import EXPANDED, OrderList, listed
from sources.business_central.prices import Prices
from sources.business_central.reader import Ask, Listed, together
from sources.business_central.ship_tos import ShipTos
from sources.business_central.subscriptions import Subscriptions
from sources.business_central.supply import Supply
from sources.business_central.writer import ENTITY, Writer
from sources.call import CallContext
from sources.changes import Cancellation, NewOrder
from sources.errors import SourceError, SourceRejected
from sources.http import SourceClient
from sources.models import (
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
    SupplyDemand,
)
from sources.ports import Found

TERMS = ("$expand", "paymentTerm")
BY_NUMBER = ("$orderby", "number")

_ITEM = msgspec.json.Decoder(payload.Item)
_CUSTOMER = msgspec.json.Decoder(payload.Customer)
_ORDER = msgspec.json.Decoder(payload.SalesOrder)

LISTED = 50
"""How many accounts' lists are read at once: each takes up to three parts of a batch."""


class BusinessCentralErp(AbsentErp):
    Options = options.Options
    reason = staticmethod(reader.reason)
    batches = {  # noqa: RUF012 - declared as what it is in sources/absence.py
        "items": LOOKED_UP,
        "customers": LOOKED_UP,
        "customers_by_bill_to": LISTED,
        "ship_tos": LOOKED_UP,
        "ship_tos_by_customer": LOOKED_UP,
        "credit_by_customer": LOOKED_UP,
        "prices": LOOKED_UP,
        "supply_demand": LOOKED_UP,
        "orders": LOOKED_UP,
        "orders_by_customer": LISTED,
        "orders_by_reference": LOOKED_UP,
    }

    def __init__(self, client: SourceClient, options: options.Options) -> None:
        super().__init__(client)
        self._options = options
        self._lookup = Lookup(client, options)
        self._prices, self._writer = Prices(self._lookup), Writer(client, self._lookup)
        self._ship_tos, self._credits, self._supply = ShipTos(self._lookup), Credits(self._lookup), Supply(self._lookup)

    # ------------------------------------------------------------ items

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        asks = self._lookup.asks(company, numbers, "items")
        return self._lookup.found(company, await self._ask(call, asks), _ITEM, make=self._item, key=_number)

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
        codes = [code for code in self._lookup.companies(company) if not bounds or bounds & {"*", code}]
        wanted = category and f"itemCategoryCode eq {literal(category)}"
        asks = {code: self._search(code, "items", _named(text), wanted) for code in codes}
        return await self._lookup.page(call, page, asks, decoder=_ITEM, make=self._item)

    def _item(self, row: payload.Item, entity: Entity, as_of: datetime) -> Item:
        return mapping.item(row, entity, as_of, self._options)

    # ------------------------------------------------------------ customers

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        asks = self._lookup.asks(company, numbers, "customers", extra=(TERMS,))
        answers, payers = await together(self._ask(call, asks), self._lookup.payers(call, company, numbers))
        make = partial(_customer, payers=payers)
        return self._lookup.found(company, answers, _CUSTOMER, make=make, key=_number)

    async def search_customers(  # type: ignore[override]  # the same
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        bounds = await self._lookup.within(call, company, reach)
        asks = {
            code: self._search(
                code, "customers", _named(text), self._lookup.bounded("number", accounts), extra=(TERMS,)
            )
            for code, accounts in bounds.items()
        }
        found = await self._lookup.page(call, page, asks, decoder=_CUSTOMER, make=_row)
        payers = await self._payers(call, found)
        return Page(tuple(_customer(*each, payers=payers) for each in found.rows), found.next, found.total)

    async def _payers(
        self, call: CallContext, page: "Page[tuple[payload.Customer, Entity, datetime]]"
    ) -> dict[Key, str]:
        """Of the rows of one page, which are of one company."""
        if not page.rows:
            return {}
        return await self._lookup.payers(call, page.rows[0][1].code, [row.number for row, _, _ in page.rows])

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]:
        """Only where a page of its own tells who is billed for whom: the API's customers do not."""
        if self._options.bill_tos is None or not self._lookup.companies(company):
            return {}
        known = [number for number in dict.fromkeys(numbers) if may_exist(number, NUMBER)]
        children: dict[str, list[str]] = {number: [] for number in known}
        for child, payer in await self._lookup.billed_to(call, company, known):
            if payer in children and child != payer:
                children[payer].append(child)
        here = {payer: _stretch(rows, page) for payer, rows in children.items()}
        wanted = [number for stretch, _ in here.values() for number in stretch]
        rows = await self.customers(call, company, wanted) if wanted else {}
        return {
            Key(company, payer): _page_of(
                Key(company, payer),
                stretch,
                rows,
                page=Page((), following, len(set(children[payer])) if page.counted else None),
            )
            for payer, (stretch, following) in here.items()
        }

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        return await self._ship_tos.by_code(call, company, numbers)

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        return await self._ship_tos.by_customer(call, company, numbers)

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]:
        return await self._credits.of(call, company, numbers)

    # ------------------------------------------------------------ prices, supply and demand

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        return await self._prices.of(call, terms)

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        return await self._supply.of(call, company, numbers, warehouses=warehouses, days=days)

    # ------------------------------------------------------------ orders

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        asks = self._lookup.asks(company, numbers, ENTITY, extra=(EXPANDED,))
        return self._lookup.found(company, await self._ask(call, asks), _ORDER, make=self._order, key=_number)

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        bounds = await self._lookup.within(call, matching.company, matching.reach)
        own = _order_filter(matching)
        filters = {
            code: all_of(own, self._lookup.bounded("customerNumber", accounts)) or None
            for code, accounts in bounds.items()
        }
        if not filters:
            return Page((), None, 0 if page.counted else None)
        lists = {"": OrderList(self._lookup, filters, page)}
        found = (await listed(call, self._lookup, lists, matching.statuses))[""]
        if isinstance(found, SourceError):
            raise found
        return found

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        if not self._lookup.companies(company):
            return {}
        lists = {
            number: OrderList(self._lookup, {company: f"customerNumber eq {literal(number)}"}, page)
            for number in numbers
            if may_exist(number, NUMBER)
        }
        found = await listed(call, self._lookup, lists, statuses)
        return {Key(company, number): each for number, each in found.items()}

    def _order(self, row: payload.SalesOrder, entity: Entity, _: datetime) -> Order:
        return mapping.order(row, entity, self._options)

    # ------------------------------------------------------------ writes

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        extra = (
            ("$orderby", "number desc"),
            EXPANDED,
        )  # of two with one reference the one with the lower number is read last and stands
        asks = self._lookup.asks(
            company, references, ENTITY, extra=extra, field="externalDocumentNumber", length=REFERENCE
        )
        return self._lookup.found(
            company,
            await self._ask(call, asks),
            _ORDER,
            make=self._order,
            key=lambda row: row.external_document_number,
            named_by="externalDocumentNumber",
        )

    async def create_order(self, call: CallContext, order: NewOrder) -> Order:
        """What was written; read again for its lines, and told without them where that fails."""
        self._writer.entity(order.company)
        place = None if order.ship_to in {"", order.customer} else await self._place(call, order)
        written = await self._writer.create(call, order, place)
        try:
            found = (await self.orders(call, order.company, [written.number])).get(Key(order.company, written.number))
        except SourceError:
            return written
        return found if isinstance(found, Order) else written

    async def _place(self, call: CallContext, order: NewOrder) -> ShipTo:
        found = (await self.ship_tos(call, order.company, [order.ship_to])).get(Key(order.company, order.ship_to))
        if isinstance(found, SourceError):
            raise found
        if found is None or found.customer_number != order.customer:
            raise SourceRejected(self.name, reason="UNKNOWN_SHIP_TO")
        return found

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order:
        entity = self._writer.entity(cancellation.company)
        asks = self._lookup.asks(cancellation.company, [cancellation.number], ENTITY, extra=(EXPANDED,))
        found = self._lookup.found(
            cancellation.company, await self._ask(call, asks), _ORDER, make=lambda row, _, __: row, key=_number
        )
        row = found.get(Key(cancellation.company, cancellation.number))
        if isinstance(row, SourceError):
            raise row
        if row is None:
            raise SourceRejected(self.name, reason="UNKNOWN_ORDER")
        return await self._writer.cancel(call, row, entity)

    # ------------------------------------------------------------ webhooks

    async def subscribe(self, call: CallContext, address: str, secret: str) -> dict[str, datetime | SourceError]:
        """What is told of at this address from now on, and until when; gateway/subscribing.py asks for it."""
        return await Subscriptions(self._client, self._options).renew(call, address, secret)

    # ------------------------------------------------------------ what they share

    async def _ask(self, call: CallContext, asks: Sequence[Ask]) -> dict[Ask, Listed | SourceError]:
        return await self._lookup.reader.ask(call, asks) if asks else {}

    def _search(self, code: str, entity: str, *filters: str | None, extra: Params = ()) -> Ask:
        given: Params = (("$filter", all_of(*filters)),) if any(filters) else ()
        return Ask(self._options.api, code, entity, (*given, BY_NUMBER, *extra))


def _named(text: str | None) -> str | None:
    """Only names are searched: Business Central takes no `or` over two fields."""
    return f"contains(displayName,{literal(text)})" if text else None


def _order_filter(matching: OrderFilter) -> str:
    return all_of(
        matching.customer and f"customerNumber eq {literal(matching.customer)}",
        matching.po_number and f"externalDocumentNumber eq {literal(matching.po_number)}",
        f"orderDate ge {matching.placed_from.isoformat()}" if matching.placed_from else None,
        f"orderDate le {matching.placed_to.isoformat()}" if matching.placed_to else None,
    )


def _number(row: payload.Item | payload.Customer | payload.SalesOrder) -> str:
    return row.number


def _customer(row: payload.Customer, entity: Entity, as_of: datetime, *, payers: Mapping[Key, str]) -> Customer:
    return mapping.customer(row, entity, as_of, payers.get(Key(entity.code, row.number)))


def _stretch(numbers: Sequence[str], page: PageRequest) -> tuple[list[str], str | None]:
    """The numbers of one page, and the cursor, which is the last of them."""
    later = sorted(number for number in set(numbers) if page.cursor is None or number > page.cursor)
    here = later[: page.limit]
    return here, here[-1] if len(later) > len(here) else None


def _page_of(
    payer: Key, numbers: Sequence[str], found: Found[Key, Customer], *, page: Page[Customer]
) -> Page[Customer] | SourceError:
    """A child that cannot be read fails the page of its payer."""
    rows = [found.get(Key(payer.company, number)) for number in numbers]
    failed = next((row for row in rows if isinstance(row, SourceError)), None)
    told = tuple(row for row in rows if isinstance(row, Customer))
    return failed or msgspec.structs.replace(page, rows=told)


def _row(row: payload.Customer, entity: Entity, as_of: datetime) -> tuple[payload.Customer, Entity, datetime]:
    return row, entity, as_of
