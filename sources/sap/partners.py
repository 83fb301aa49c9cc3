"""Customers, and the partners that they have in a sales area: where they are shipped to and who is billed."""

from collections.abc import Mapping, Sequence

import msgspec

from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Customer, Key, Page, PageRequest, ShipTo
from sources.sap import mapping, payload
from sources.sap.odata import Params, all_of, literal, may_exist, one_of
from sources.sap.options import Options
from sources.sap.paging import Place, place_of, stretch
from sources.sap.reader import PARTNERS, Entity, Reader, Row

NUMBER = 10
ANY = "*"

_CUSTOMER = Entity(
    PARTNERS, "A_Customer", msgspec.json.Decoder(payload.Customer), "Customer", lambda row: row.customer,
    expand="to_CustomerSalesArea/to_PartnerFunction",
)  # fmt: skip
_FUNCTIONS = msgspec.json.Decoder(payload.PartnerFunction)
_BY_CUSTOMER = Entity(PARTNERS, "A_CustSalesPartnerFunc", _FUNCTIONS, "Customer", lambda row: row.customer)
_BY_OTHER = Entity(PARTNERS, "A_CustSalesPartnerFunc", _FUNCTIONS, "BPCustomerNumber", lambda row: row.other)
_PARTNER = Entity(
    PARTNERS, "A_BusinessPartner", msgspec.json.Decoder(payload.Partner), "Customer", lambda row: row.customer,
    expand="to_BusinessPartnerAddress",
)  # fmt: skip

Functions = list[payload.PartnerFunction]


class Partners:
    def __init__(self, reader: Reader, options: Options) -> None:
        self._reader, self._options = reader, options

    def codes(self, company: str | None) -> list[str]:
        """One that the settings do not name has nothing."""
        return [code for code in self._options.companies if company in {None, code}]

    # ------------------------------------------------------------ customers

    async def customers(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> dict[Key, Customer | SourceError]:
        codes = self.codes(company)
        if not codes:
            return {}
        found: dict[Key, Customer | SourceError] = {}
        for number, row in (await self._reader.found(call, _CUSTOMER, numbers)).items():
            if isinstance(row, SourceError):
                found[Key(company, number)] = row
            else:
                made = [mapping.customer(row.content, code, row.as_of, self._options) for code in codes]
                found |= {Key(each.company, number): each for each in made if each is not None}
        return found

    async def search(
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str]
    ) -> Page[Customer]:
        """One company after the other; whom a company does not sell to is passed over, so that a page may be short."""
        bounds = await self.within(call, company, reach)
        place = place_of(page, list(bounds), self._reader.name)
        named = f"substringof({literal(text)},CustomerName)" if text else None
        while place is not None:
            code, skip = place
            chosen = all_of(named, self._reader.bounded("Customer", bounds[code]))
            given: Params = (("$filter", chosen),) if chosen else ()
            paging: Params = (("$orderby", "Customer"), ("$skip", str(skip)), ("$top", str(page.limit + 1)))
            listed = await self._reader.listed(call, _CUSTOMER, (*given, *paging))
            here, more = stretch(listed.rows, page.limit, goes_on=listed.next is not None)
            made = [mapping.customer(row, code, listed.as_of, self._options) for row in here]
            rows = tuple(each for each in made if each is not None)
            place = Place(code, skip + len(here)) if more else Place.after(code, list(bounds))
            if rows:
                return Page(rows, place and place.cursor)
        return Page(())

    async def billed_to(
        self, call: CallContext, company: str, numbers: Sequence[str], page: PageRequest
    ) -> dict[Key, Page[Customer] | SourceError]:
        """A child that cannot be read fails the page of its payer. The cursor is the last child told."""
        if company not in self._options.companies:
            return {}
        children: dict[str, set[str]] = {number: set() for number in numbers if may_exist(number, NUMBER)}
        failed: dict[str, SourceError] = {}
        for row in await self._functions(call, _BY_OTHER, company, numbers, functions=mapping.BILL_TO):
            if not isinstance(row, Row):
                failed[row[0]] = row[1]
            elif row.content.other in children and row.content.customer != row.content.other:
                children[row.content.other].add(row.content.customer)
        here = {payer: _stretch(rows, page) for payer, rows in children.items() if rows}
        wanted = list(dict.fromkeys(number for stretch, _ in here.values() for number in stretch))
        found = await self.customers(call, company, wanted) if wanted else {}
        pages = {
            Key(company, payer): _page([found.get(Key(company, each)) for each in stretch], following,
                                       len(children[payer]) if page.counted else None)
            for payer, (stretch, following) in here.items()
        }  # fmt: skip
        return pages | {Key(company, payer): error for payer, error in failed.items() if payer in children}

    # ------------------------------------------------------------ ship-tos

    async def ship_tos(
        self, call: CallContext, company: str | None, codes: Sequence[str]
    ) -> dict[Key, ShipTo | SourceError]:
        found: dict[Key, ShipTo | SourceError] = {}
        for code in self.codes(company):
            rows = await self._functions(call, _BY_OTHER, code, codes, functions=mapping.SHIP_TO)
            functions = [row.content for row in rows if isinstance(row, Row)]
            found |= {Key(company, row[0]): row[1] for row in rows if not isinstance(row, Row)}
            owners = {each: owner for each in codes if (owner := mapping.sold_to(functions, each)) is not None}
            for number, partner in (await self._partners(call, list(owners))).items():
                if isinstance(partner, SourceError):
                    found[Key(company, number)] = partner
                else:
                    found[Key(code, number)] = mapping.ship_to(partner.content, code, owners[number])
        return found

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> dict[Key, tuple[ShipTo, ...] | SourceError]:
        found: dict[Key, tuple[ShipTo, ...] | SourceError] = {}
        for code in self.codes(company):
            rows = await self._functions(call, _BY_CUSTOMER, code, numbers, functions=mapping.SHIP_TO)
            functions = [row.content for row in rows if isinstance(row, Row) and row.content.other]
            found |= {Key(company, row[0]): row[1] for row in rows if not isinstance(row, Row)}
            partners = await self._partners(call, list(dict.fromkeys(each.other for each in functions)))
            for number in dict.fromkeys(each.customer for each in functions):
                if number in numbers:
                    codes = sorted({each.other for each in functions if each.customer == number})
                    found[Key(code, number)] = _ship_tos(codes, partners, code, number)
        return found

    async def _partners(
        self, call: CallContext, numbers: Sequence[str]
    ) -> Mapping[str, Row[payload.Partner] | SourceError]:
        return await self._reader.found(call, _PARTNER, numbers) if numbers else {}

    async def _functions(
        self,
        call: CallContext,
        entity: Entity[payload.PartnerFunction],
        company: str,
        numbers: Sequence[str],
        *,
        functions: frozenset[str],
    ) -> list[Row[payload.PartnerFunction] | tuple[str, SourceError]]:
        """Who plays one of these parts for whom in the company's sales area."""
        area = self._options.companies[company]
        bound = all_of(
            f"SalesOrganization eq {literal(area.sales_organization)}",
            f"DistributionChannel eq {literal(area.distribution_channel)}",
            f"Division eq {literal(area.division)}",
            one_of("PartnerFunction", sorted(functions)),
        )
        rows = await self._reader.rows(call, entity, numbers, bound=bound)
        return [
            row for row in rows
            if not isinstance(row, Row) or (mapping.is_of(area, row.content) and row.content.partner_function in functions)
        ]  # fmt: skip

    # ------------------------------------------------------------ reach

    async def within(
        self, call: CallContext, company: str | None, reach: Sequence[str]
    ) -> dict[str, tuple[str, ...] | None]:
        """By company the accounts that bound a search, those billed to them included; None: nothing does. Others are left out."""
        if not reach:
            return dict.fromkeys(self.codes(company))
        bounds: dict[str, tuple[str, ...] | None] = {}
        for code in self.codes(company):
            named = [number for own, _, number in (row.partition(":") for row in reach) if own in {ANY, code}]
            accounts = list(dict.fromkeys(each for each in named if may_exist(each, NUMBER)))
            if ANY in accounts:
                bounds[code] = None
            elif accounts:
                rows = await self._functions(call, _BY_OTHER, code, accounts, functions=mapping.BILL_TO)
                failed = next((row[1] for row in rows if not isinstance(row, Row)), None)
                if failed is not None:
                    raise failed
                children = [row.content.customer for row in rows if isinstance(row, Row)]
                bounds[code] = tuple(dict.fromkeys((*accounts, *sorted(children))))
        return bounds


def _stretch(numbers: set[str], page: PageRequest) -> tuple[list[str], str | None]:
    later = sorted(number for number in numbers if page.cursor is None or number > page.cursor)
    here = later[: page.limit]
    return here, here[-1] if len(later) > len(here) else None


def _page(
    rows: Sequence[Customer | SourceError | None], following: str | None, total: int | None
) -> Page[Customer] | SourceError:
    failed = next((row for row in rows if isinstance(row, SourceError)), None)
    return failed or Page(tuple(row for row in rows if isinstance(row, Customer)), following, total)


def _ship_tos(
    codes: Sequence[str], partners: Mapping[str, Row[payload.Partner] | SourceError], company: str, number: str
) -> tuple[ShipTo, ...] | SourceError:
    """One that cannot be read fails the customer's list; one that is no business partner any more is not in it."""
    told: list[ShipTo] = []
    for each in codes:
        partner = partners.get(each)
        if isinstance(partner, SourceError):
            return partner
        if partner is not None:
            told.append(mapping.ship_to(partner.content, company, number))
    return tuple(told)
