"""The sales of Tryton that are orders, read: by number, by reference, by customer, by whatever is searched for."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Key, Order, OrderFilter, OrderStatus, Page, PageRequest
from sources.ports import Found
from sources.tryton import sales
from sources.tryton.directory import Company, Directory
from sources.tryton.listing import Listed, Listing, Stretch, within_reach
from sources.tryton.payload import Moment, SaleRow
from sources.tryton.rpc import Domain, Rows, Rpc, all_of, searched, whole

SALES = searched("sale.sale", SaleRow, "number")
BY_REFERENCE = searched("sale.sale", SaleRow, "description")
PLACED: Domain = [["OR", ["state", "in", list(sales.PLACED)], [["state", "=", "cancelled"], ["sale_date", "!=", None]]]]
"""A sale has its day from when it is confirmed: one that was cancelled before was never an order."""


class OrderBook:
    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._listing = Listing(rpc, "sale.sale", is_newest_first=True)

    async def by(
        self, call: CallContext, companies: Sequence[Company], field: str, values: Sequence[str]
    ) -> dict[Key, Order | SourceError]:
        """Orders by `number`, or by `description`, which holds the gateway's own reference; of several with one, the first."""
        domain = [[field, "in", sorted(set(values))], *PLACED]
        found: dict[Key, Order | SourceError] = {}
        for company, rows in await all_of(self._of(call, company, domain, field) for company in companies):
            for row in rows.content:
                value = row.number if field == "number" else row.description
                found.setdefault(Key(company.code, value or ""), sales.order(row, company.code))
            found |= {Key(company.code, value): failure for value, failure in rows.failed.items()}
        return found

    async def _of(
        self, call: CallContext, company: Company, domain: Domain, field: str
    ) -> tuple[Company, Rows[SaleRow]]:
        search = SALES if field == "number" else BY_REFERENCE
        bounded = [["company", "=", company.id], *domain]
        return company, await self._rpc.search(call, search, bounded, context={"company": company.id})

    async def rows(self, call: CallContext, company: Company, domain: Domain) -> tuple[SaleRow, ...]:
        """Sales in whatever state. Raises SourceContractBroken where one of them does not fit."""
        bounded = [["company", "=", company.id], *domain]
        return whole(await self._rpc.search(call, SALES, bounded, context={"company": company.id}))

    async def search(
        self, call: CallContext, directory: Directory, page: PageRequest, matching: OrderFilter
    ) -> Page[Order]:
        companies = directory.chosen(matching.company)
        bounded = within_reach(companies, matching.reach, field="party.code")
        within = [(company, [*domain, *_wanted(matching)]) for company, domain in bounded]
        return await self._page(call, page, within)

    async def by_customer(
        self,
        call: CallContext,
        company: Company,
        number: str,
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        matching = OrderFilter(customer=number, statuses=tuple(statuses))
        return {Key(company.code, number): await self._page(call, page, [(company, _wanted(matching))])}

    async def _page(
        self, call: CallContext, page: PageRequest, within: Sequence[tuple[Company, Domain]]
    ) -> Page[Order]:
        async def read(stretch: Stretch) -> Listed[Order]:
            company = stretch.company
            domain = [["company", "=", company.id], *stretch.domain]
            context = {"company": company.id}
            found = await self._rpc.search(
                call, SALES, domain, context=context, limit=stretch.limit, order=stretch.order
            )
            return [(row.id, sales.order(row, company.code)) for row in whole(found)]

        return await self._listing.page(call, page, within, read=read)


def _wanted(matching: OrderFilter) -> Domain:
    domain: Domain = [*PLACED]
    if matching.customer is not None:
        domain.append(["party.code", "=", matching.customer])
    if matching.po_number is not None:
        domain.append(["reference", "=", matching.po_number])
    if matching.statuses:
        domain.append(_in_status(matching.statuses))
    if matching.placed_from is not None:
        domain.append(["create_date", ">=", _beginning(matching.placed_from)])
    if matching.placed_to is not None:
        domain.append(["create_date", "<", _beginning(matching.placed_to + timedelta(days=1))])
    return domain


def _in_status(statuses: Sequence[OrderStatus]) -> Domain:
    ways: Domain = []
    for status in statuses:
        for state, shipping in sales.STATES_OF[status]:
            more = [["shipment_state", "in", list(shipping)]] if shipping else []
            ways.append([["state", "=", state], *more])
    return ["OR", *ways] if ways else [["id", "=", None]]  # a status that no sale has


def _beginning(on: date) -> Moment:
    at = datetime(on.year, on.month, on.day, tzinfo=UTC)
    return Moment(at.year, at.month, at.day, 0, 0, 0, 0)
