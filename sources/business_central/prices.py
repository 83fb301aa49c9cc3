"""What customers pay: a page of the installation's own where there is one, else the item's list price, told as such."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from sources.business_central import mapping, payload
from sources.business_central.lookup import Lookup
from sources.business_central.mapping import Entity
from sources.business_central.odata import NUMBER, all_of, literal, may_exist, parted
from sources.business_central.pages import PRICE_FIELDS, Agreed, Fields, agreed, question
from sources.business_central.reader import Ask, Listed, together
from sources.call import CallContext
from sources.errors import SourceContractBroken, SourceError, SourceRejected
from sources.models import Key, Money, Price, PriceBreak, PriceSource, PriceTerms

UNIT_NOT_PRICED, CURRENCY_NOT_PRICED, TAX_INCLUDED = "UNIT_NOT_PRICED", "CURRENCY_NOT_PRICED", "PRICE_INCLUDES_TAX"

_ITEM = msgspec.json.Decoder(payload.Item)
_BUYER = msgspec.json.Decoder(payload.Buyer)
_SELECTED = ("$select", "number,currencyCode")
ONE = Decimal(1)

Listing = tuple[payload.Item, Entity, datetime]


class Prices:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup, self._name = lookup, lookup.name
        page = lookup.options.prices
        self._fields = None if page is None else Fields(lookup.name, page, PRICE_FIELDS)

    async def of(self, call: CallContext, terms: Sequence[PriceTerms]) -> dict[PriceTerms, Price | SourceError]:
        """Of an item or a customer that does not exist there is no price."""
        (items, buyers), own = await together(self._known(call, terms), self._own(call, terms))
        found: dict[PriceTerms, Price | SourceError] = {}
        for each in terms:
            item, currency = items.get(Key(each.company, each.sku)), buyers.get(Key(each.company, each.customer))
            if item is None or currency is None:
                continue
            failed = next((one for one in (item, currency) if isinstance(one, SourceError)), None)
            found[each] = failed or self._price(each, item, own.get(each, ()), currency=str(currency))  # type: ignore[arg-type]  # neither is a failure
        return found

    async def _known(
        self, call: CallContext, terms: Sequence[PriceTerms]
    ) -> tuple[dict[Key, Listing | SourceError], dict[Key, str | SourceError]]:
        """The items, and the currency in which each customer buys."""
        lookup = self._lookup
        items, buyers = [], []
        for code in dict.fromkeys(each.company for each in terms):
            own = [each for each in terms if each.company == code]
            items += lookup.asks(code, [each.sku for each in own], "items")
            buyers += lookup.asks(code, [each.customer for each in own], "customers", extra=(_SELECTED,))
        answers = await lookup.reader.ask(call, [*items, *buyers]) if items or buyers else {}
        listings: dict[Key, Listing | SourceError] = {}
        currencies: dict[Key, str | SourceError] = {}
        for code in dict.fromkeys(each.company for each in (*items, *buyers)):
            of_items = {ask: answers[ask] for ask in items if ask.company == code}
            of_buyers = {ask: answers[ask] for ask in buyers if ask.company == code}
            listings |= lookup.found(code, of_items, _ITEM, make=_listing, key=lambda row: row.number)
            currencies |= lookup.found(code, of_buyers, _BUYER, make=_currency, key=lambda row: row.number)
        return listings, currencies

    def _price(
        self, terms: PriceTerms, item: Listing, own: Sequence[Agreed] | SourceError, *, currency: str
    ) -> Price | SourceError:
        """In the customer's currency only: an order is written in that, and would take any other for it.

        A page that could not be read fails the price, for the list price would be another answer.
        """
        if isinstance(own, SourceError):
            return own
        row, _, as_of = item
        listed = self._listed(terms, item, currency)
        unit = terms.uom or row.base_unit_of_measure_code
        fitting = [
            each
            for each in own
            if (each.unit or row.base_unit_of_measure_code) == unit
            and each.price.currency == currency
            and each.holds_on(terms.on or as_of.date())
        ]
        list_price = listed.unit if isinstance(listed, Price) else None
        return _best(terms, fitting, unit, as_of=as_of, list_price=list_price) or listed

    def _listed(self, terms: PriceTerms, item: Listing, currency: str) -> Price | SourceError:
        row, entity, as_of = item
        if row.price_includes_tax:
            return SourceRejected(self._name, reason=TAX_INCLUDED, detail="a list price with tax")
        if terms.uom not in {None, row.base_unit_of_measure_code}:
            return SourceRejected(self._name, reason=UNIT_NOT_PRICED, detail="no list price in this unit")
        if currency != entity.company.currency:
            return SourceRejected(self._name, reason=CURRENCY_NOT_PRICED, detail="no list price in this currency")
        return mapping.list_price(row, entity, as_of)

    # ------------------------------------------------------------ the page of its own

    async def _own(
        self, call: CallContext, terms: Sequence[PriceTerms]
    ) -> Mapping[PriceTerms, Sequence[Agreed] | SourceError]:
        known = [
            each
            for each in terms
            if each.company in self._lookup.options.companies
            and may_exist(each.sku, NUMBER)
            and may_exist(each.customer, NUMBER)
        ]
        if self._fields is None or not known:
            return {}
        if self._fields.page.method == "POST":
            return await self._worked_out(call, self._fields, known)
        return await self._read(call, self._fields, known)

    async def _worked_out(
        self, call: CallContext, fields: Fields, terms: Sequence[PriceTerms]
    ) -> Mapping[PriceTerms, Sequence[Agreed] | SourceError]:
        asked = {
            each: Ask(fields.page.api, each.company, fields.page.entity, keys=(each.sku,), body=question(fields, each))
            for each in terms
        }
        answers = await self._lookup.reader.ask(call, list(dict.fromkeys(asked.values())))
        return {each: self._agreed(fields, ask, answers[ask]) for each, ask in asked.items()}

    async def _read(
        self, call: CallContext, fields: Fields, terms: Sequence[PriceTerms]
    ) -> Mapping[PriceTerms, Sequence[Agreed] | SourceError]:
        asks = [
            ask for company, customer in _buyers(terms) for ask in _questions(fields, company, customer, terms=terms)
        ]
        answers = await self._lookup.reader.whole(call, list(asks))
        found: dict[PriceTerms, Sequence[Agreed] | SourceError] = {}
        for ask, listed in answers.items():
            rows = self._agreed(fields, ask, listed)
            customer, *skus = ask.keys
            for each in terms:
                if (each.company, each.customer) == (ask.company, customer) and each.sku in skus:
                    found[each] = (
                        rows if isinstance(rows, SourceError) else [row for row in rows if row.item == each.sku]
                    )
        return found

    def _agreed(self, fields: Fields, ask: Ask, listed: Listed | SourceError) -> Sequence[Agreed] | SourceError:
        if isinstance(listed, SourceError):
            return listed
        currency = self._lookup.options.companies[ask.company].currency
        try:
            return [agreed(fields, raw, currency) for raw in listed.rows]
        except SourceContractBroken as error:
            return error


def _listing(row: payload.Item, entity: Entity, as_of: datetime) -> Listing:
    return row, entity, as_of


def _currency(row: payload.Buyer, entity: Entity, _: datetime) -> str:
    return row.currency_code or entity.company.currency


def _best(
    terms: PriceTerms, rows: Sequence[Agreed], unit: str, *, as_of: datetime, list_price: Money | None
) -> Price | None:
    """The lowest of those that hold at the quantity, as Business Central itself chooses."""
    holding = [each for each in rows if each.minimum <= terms.quantity]
    if not holding:
        return None
    best = min(holding, key=lambda each: each.price.amount)
    return Price(
        unit=best.price,
        uom=unit,
        breaks=_breaks(rows),
        source=PriceSource.CONTRACT,
        as_of=as_of,
        list_price=list_price,
        valid_from=best.first,
        valid_to=best.last,
    )


def _buyers(terms: Sequence[PriceTerms]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each.company, each.customer) for each in terms))


def _questions(fields: Fields, company: str, customer: str, *, terms: Sequence[PriceTerms]) -> list[Ask]:
    """One customer's prices of the items asked; the keys hold the customer first."""
    skus = [each.sku for each in terms if (each.company, each.customer) == (company, customer)]
    return [
        fields.ask(
            company,
            all_of(f"{fields['customer']} eq {literal(customer)}", fields.among("item", tuple(part))),
            keys=(customer, *part),
        )
        for part in parted(fields["item"], skus)
    ]


def _breaks(rows: Sequence[Agreed]) -> tuple[PriceBreak, ...]:
    """From each quantity on the best price so far: a step that is no cheaper is none."""
    steps: dict[Decimal, Money] = {}
    for row in sorted(rows, key=lambda each: (each.minimum, each.price.amount)):
        if not steps or row.price.amount < min(each.amount for each in steps.values()):
            steps.setdefault(row.minimum or ONE, row.price)
    return tuple(PriceBreak(minimum, price) for minimum, price in steps.items())
