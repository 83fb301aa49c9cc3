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

UNIT_NOT_PRICED, TAX_INCLUDED = "UNIT_NOT_PRICED", "PRICE_INCLUDES_TAX"

_ITEM = msgspec.json.Decoder(payload.Item)
ONE = Decimal(1)

Listing = tuple[payload.Item, Entity, datetime]


class Prices:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup, self._name = lookup, lookup.name
        page = lookup.options.prices
        self._fields = None if page is None else Fields(lookup.name, page, PRICE_FIELDS)

    async def of(self, call: CallContext, terms: Sequence[PriceTerms]) -> dict[PriceTerms, Price | SourceError]:
        items, own = await together(self._items(call, terms), self._own(call, terms))
        found: dict[PriceTerms, Price | SourceError] = {}
        for each in terms:
            item = items.get(Key(each.company, each.sku))
            if item is not None:
                found[each] = item if isinstance(item, SourceError) else self._price(each, item, own.get(each, ()))
        return found

    async def _items(self, call: CallContext, terms: Sequence[PriceTerms]) -> dict[Key, Listing | SourceError]:
        found: dict[Key, Listing | SourceError] = {}
        asks: list[Ask] = []
        for code in dict.fromkeys(each.company for each in terms):
            asks += self._lookup.asks(code, [each.sku for each in terms if each.company == code], "items")
        answers = await self._lookup.reader.ask(call, asks) if asks else {}
        for code in dict.fromkeys(each.company for each in asks):
            own = {ask: each for ask, each in answers.items() if ask.company == code}
            found |= self._lookup.found(code, own, _ITEM, make=_listing, key=lambda row: row.number)
        return found

    def _price(self, terms: PriceTerms, item: Listing, own: Sequence[Agreed] | SourceError) -> Price | SourceError:
        """A page that could not be read fails the price: the list price would be another answer."""
        if isinstance(own, SourceError):
            return own
        row, entity, as_of = item
        if row.price_includes_tax:
            listed: Price | SourceError = SourceRejected(
                self._name, reason=TAX_INCLUDED, detail="a list price with tax"
            )
        elif terms.uom not in {None, row.base_unit_of_measure_code}:
            listed = SourceRejected(self._name, reason=UNIT_NOT_PRICED, detail="no list price in this unit")
        else:
            listed = mapping.list_price(row, entity, as_of)
        unit = terms.uom or row.base_unit_of_measure_code
        fitting = [
            each
            for each in own
            if (each.unit or row.base_unit_of_measure_code) == unit and each.holds_on(terms.on or as_of.date())
        ]
        list_price = listed.unit if isinstance(listed, Price) else None
        return self._best(terms, fitting, unit, as_of=as_of, list_price=list_price) or listed

    def _best(
        self, terms: PriceTerms, rows: Sequence[Agreed], unit: str, *, as_of: datetime, list_price: Money | None
    ) -> Price | SourceError | None:
        """The lowest of those that hold at the quantity, as Business Central itself chooses."""
        holding = [each for each in rows if each.minimum <= terms.quantity]
        if not holding:
            return None
        if len({each.price.currency for each in rows}) > 1:
            return SourceContractBroken(self._name, path="$.value[...]", detail="prices in several currencies")
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
