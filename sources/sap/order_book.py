"""Sales orders by number, by reference, and in lists."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Key, Order, OrderFilter, OrderStatus, Page, PageRequest
from sources.sap import documents, payload
from sources.sap.odata import Params, all_of, any_of, day_literal, literal, may_exist, one_of
from sources.sap.options import Options
from sources.sap.paging import Place, place_of, stretch
from sources.sap.partners import NUMBER, Partners
from sources.sap.reader import ORDERS, Entity, Reader, Row

EXPANDED = "to_Item/to_ScheduleLine,to_Partner"
_DECODER = msgspec.json.Decoder(payload.Order)
_ORDER = Entity(ORDERS, "A_SalesOrder", _DECODER, "SalesOrder", lambda row: row.sales_order, expand=EXPANDED)
_NEWEST = ("$orderby", "SalesOrderDate desc,SalesOrder desc")


class OrderBook:
    def __init__(self, reader: Reader, partners: Partners, options: Options) -> None:
        self._reader, self._partners, self._options = reader, partners, options
        field = options.reference_field
        self._referred = Entity(
            ORDERS, "A_SalesOrder", _DECODER, field, _reference_of(field), documents.MAX_REFERENCE, EXPANDED
        )

    def _order(self, row: payload.Order) -> Order | None:
        """None where none of the legal entities sells by its organization."""
        company = self._options.company_of(row.sales_organization)
        return None if company is None else documents.order(row, company, self._options)

    def _sold_by(self, codes: Sequence[str]) -> str:
        return one_of("SalesOrganization", [self._options.companies[code].sales_organization for code in codes])

    # ------------------------------------------------------------ by key

    async def rows(
        self, call: CallContext, company: str, numbers: Sequence[str]
    ) -> dict[str, Row[payload.Order] | SourceError]:
        """As SAP has them."""
        if company not in self._options.companies:
            return {}
        return await self._reader.found(call, _ORDER, numbers, bound=self._sold_by([company]))

    async def orders(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> dict[Key, Order | SourceError]:
        return await self._found(call, company, numbers, _ORDER)

    async def by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> dict[Key, Order | SourceError]:
        """Of two with one reference the one with the lower number stands."""
        return await self._found(call, company, references, self._referred)

    async def _found(
        self, call: CallContext, company: str | None, keys: Sequence[str], entity: Entity[payload.Order]
    ) -> dict[Key, Order | SourceError]:
        codes = self._partners.codes(company)
        if not codes:
            return {}
        rows = await self._reader.rows(call, entity, keys, bound=self._sold_by(codes))
        asked, found = set(keys), dict[Key, Order | SourceError]()
        for row in sorted((each for each in rows if isinstance(each, Row)), key=_by_number, reverse=True):
            order, key = self._order(row.content), entity.of(row.content)
            if order is not None and key in asked and order.company in codes:
                found[Key(order.company, key)] = order
        return found | {Key(company, row[0]): row[1] for row in rows if not isinstance(row, Row) and row[0] in asked}

    # ------------------------------------------------------------ lists

    async def search(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        bounds = await self._partners.within(call, matching.company, matching.reach)
        free = [code for code, accounts in bounds.items() if accounts is None]
        clauses = [self._sold_by(free)] if free else []
        for code, accounts in bounds.items():
            if accounts is not None:
                clauses.append(all_of(self._sold_by([code]), self._reader.bounded("SoldToParty", accounts)))
        chosen = self._chosen(matching, any_of(*clauses)) if clauses else None
        return Page((), None, 0 if page.counted else None) if chosen is None else await self._page(call, page, chosen)

    async def by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> dict[Key, Page[Order] | SourceError]:
        """One request an account: SAP pages a list as a whole."""
        known = [number for number in dict.fromkeys(numbers) if may_exist(number, NUMBER)]
        if company not in self._options.companies:
            return {}
        matching = OrderFilter(statuses=tuple(statuses))
        mine = self._sold_by([company])
        filters = [self._chosen(matching, all_of(mine, f"SoldToParty eq {literal(number)}")) for number in known]
        outcomes = await asyncio.gather(
            *(self._page_or_error(call, page, chosen) for chosen in filters),
        )
        if len(outcomes) == 1 and isinstance(outcomes[0], SourceError):
            raise outcomes[0]
        return {Key(company, number): each for number, each in zip(known, outcomes, strict=True)}

    async def _page_or_error(
        self, call: CallContext, page: PageRequest, chosen: str | None
    ) -> Page[Order] | SourceError:
        try:
            return Page(()) if chosen is None else await self._page(call, page, chosen)
        except SourceError as error:
            return error

    def _chosen(self, matching: OrderFilter, bound: str) -> str | None:
        """None where no order can match."""
        statuses = [documents.FILTERS[each] for each in dict.fromkeys(matching.statuses) if each in documents.FILTERS]
        if matching.statuses and not statuses:
            return None
        po_number = matching.po_number
        return all_of(
            bound,
            matching.customer and f"SoldToParty eq {literal(matching.customer)}",
            po_number and any_of(*(f"{field} eq {literal(po_number)}" for field in _PO_FIELDS)),
            f"SalesOrderDate ge {day_literal(matching.placed_from)}" if matching.placed_from else None,
            f"SalesOrderDate le {day_literal(matching.placed_to)}" if matching.placed_to else None,
            any_of(*statuses) if statuses else None,
        )

    async def _page(self, call: CallContext, page: PageRequest, chosen: str) -> Page[Order]:
        place = place_of(page, _ONE_LIST, self._reader.name)
        skip = place.skip if place is not None else 0
        params: Params = (("$filter", chosen), _NEWEST, ("$skip", str(skip)), ("$top", str(page.limit + 1)))
        if page.counted:
            params = (*params, ("$inlinecount", "allpages"))
        listed = await self._reader.listed(call, _ORDER, params)
        here, more = stretch(listed.rows, page.limit, goes_on=listed.next is not None)
        orders = [order for row in here if (order := self._order(row)) is not None]
        following = Place(_ONE_LIST[0], skip + len(here)).cursor if more else None
        return Page(tuple(orders), following, listed.total)


_ONE_LIST = ("orders",)
_PO_FIELDS = ("PurchaseOrderByCustomer", "PurchaseOrderByShipToParty")


def _reference_of(field: str) -> Callable[[payload.Order], str]:
    if field == "PurchaseOrderByCustomer":
        return lambda row: row.purchase_order_by_customer
    return lambda row: row.purchase_order_by_ship_to_party


def _by_number(row: Row[payload.Order]) -> str:
    return row.content.sales_order
