"""Where customers are shipped to: their own address, and what a page of the installation's own adds to it."""

from collections.abc import Mapping, Sequence

import msgspec

from sources.business_central import mapping, pages, payload
from sources.business_central.lookup import Lookup, answered
from sources.business_central.mapping import Entity
from sources.business_central.odata import NUMBER, may_exist, parted
from sources.business_central.pages import SHIP_TO_FIELDS, Fields
from sources.business_central.reader import Ask, Listed
from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Key, ShipTo

_CUSTOMER = msgspec.json.Decoder(payload.Customer)


class ShipTos:
    """A code is a customer's number (its own address), or that, a slash and the code of one of its ship-to addresses."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        page = lookup.options.ship_tos
        self._fields = None if page is None else Fields(lookup.name, page, SHIP_TO_FIELDS)

    async def by_code(
        self, call: CallContext, company: str | None, codes: Sequence[str]
    ) -> dict[Key, ShipTo | SourceError]:
        own = self._lookup.asks(company, codes, "customers")
        further = [ask for code in self._lookup.companies(company) for ask in self._coded(code, codes)]
        answers = await self._lookup.reader.ask(call, [*own, *further]) if own or further else {}
        found: dict[Key, ShipTo | SourceError] = {
            **self._lookup.found(company, _of(answers, own), _CUSTOMER, make=_own, key=lambda row: row.number)
        }
        failed: dict[Key, SourceError] = {}
        for ask, answer in _of(answers, further).items():
            try:
                rows = self._rows(ask, answer)
            except SourceError as error:
                failed |= dict.fromkeys((Key(company, code) for code in ask.keys), error)
            else:
                found |= {Key(ask.company, row.code): row for row in rows if row.code in ask.keys}
        there = {key.number for key in found}
        return found | {key: error for key, error in failed.items() if company is not None or key.number not in there}

    async def by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> dict[Key, tuple[ShipTo, ...] | SourceError]:
        """The own address first. A customer that does not exist has none."""
        known = tuple(number for number in numbers if may_exist(number, NUMBER))
        own = self._lookup.asks(company, known, "customers")
        further = [ask for code in self._lookup.companies(company) for ask in self._of_customers(code, known)]
        answers = await self._lookup.reader.whole(call, [*own, *further]) if own else {}
        found = self._lookup.found(company, _of(answers, own), _CUSTOMER, make=_own, key=lambda row: row.number)
        lists: dict[Key, tuple[ShipTo, ...] | SourceError] = {
            key: row if isinstance(row, SourceError) else (row,) for key, row in found.items()
        }
        for ask, answer in _of(answers, further).items():
            try:
                rows = self._rows(ask, answer)
            except SourceError as error:
                lists |= {key: error for key in list(lists) if key.company == ask.company and key.number in ask.keys}
                continue
            for row in rows:
                before = lists.get(Key(row.company, row.customer_number))
                if isinstance(before, tuple):
                    lists[Key(row.company, row.customer_number)] = (*before, row)
        there = {key.number for key in lists}
        return {**{Key(company, number): () for number in numbers if number not in there}, **lists}

    def _coded(self, company: str, codes: Sequence[str]) -> list[Ask]:
        """One question a customer: its codes are unique with it only."""
        if self._fields is None:
            return []
        by_customer: dict[str, list[str]] = {}
        for code in dict.fromkeys(codes):
            customer, _, own = code.rpartition("/")
            if may_exist(customer, NUMBER) and may_exist(own, NUMBER):
                by_customer.setdefault(customer, []).append(own)
        return [
            self._fields.ask(
                company,
                pages.ship_to_filter(self._fields, customer, tuple(part)),
                keys=tuple(pages.code_of(customer, each) for each in part),
            )
            for customer, own_codes in by_customer.items()
            for part in parted(self._fields["code"], own_codes)
        ]

    def _of_customers(self, company: str, numbers: Sequence[str]) -> list[Ask]:
        if self._fields is None:
            return []
        return [
            self._fields.ask(company, self._fields.among("customer", tuple(part)), keys=tuple(part))
            for part in parted(self._fields["customer"], numbers)
        ]

    def _rows(self, ask: Ask, answer: Listed | SourceError) -> list[ShipTo]:
        fields = self._fields
        rows = answered(answer).rows
        return [] if fields is None else [pages.ship_to(fields, raw, ask.company) for raw in rows]


def _own(row: payload.Customer, entity: Entity, _: object) -> ShipTo:
    return mapping.own_address(row, entity)


def _of(answers: Mapping[Ask, Listed | SourceError], asks: Sequence[Ask]) -> dict[Ask, Listed | SourceError]:
    return {ask: answers[ask] for ask in asks}
