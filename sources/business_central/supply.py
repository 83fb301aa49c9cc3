"""Supply and demand: out of all open documents, or from a page of the installation's own that tells them by item."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import msgspec

from sources.business_central import flows, pages, payload
from sources.business_central.lookup import Lookup, answered
from sources.business_central.mapping import Entity
from sources.business_central.odata import NUMBER, may_exist, parted
from sources.business_central.options import ApiPage
from sources.business_central.reader import Ask, Listed
from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Key, SupplyDemand

_ITEM = msgspec.json.Decoder(payload.Item)
_LOCATION = msgspec.json.Decoder(payload.Location)
_SALES = msgspec.json.Decoder(payload.OpenSales)
_PURCHASES = msgspec.json.Decoder(payload.OpenPurchases)

BLANK = ("", "00000000-0000-0000-0000-000000000000")
"""How a line says that it is of no location."""

R = TypeVar("R")
AT_ONCE = 500

Told = tuple[list[flows.Moved], dict[str, SourceError]]


class Supply:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    async def of(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> dict[Key, SupplyDemand | SourceError]:
        """Every key asked is answered: an item without open documents has no plans."""
        if not self._lookup.companies(company):
            return {}
        as_of, own = datetime.now(UTC), self._lookup.options.flows
        if own is None:
            moved, failed = await self._documents(call, company, numbers, as_of)
        else:
            moved, failed = await self._told(call, company, numbers, own)
        plans = flows.plans(moved, warehouses, as_of.date() + timedelta(days=days))
        return {
            Key(company, number): failed.get(number) or SupplyDemand(plans.get(number, ()), as_of) for number in numbers
        }

    async def _documents(self, call: CallContext, company: str, numbers: Sequence[str], as_of: datetime) -> Told:
        """All open documents of the company, for the API gives lines by their document only."""
        api, reader = self._lookup.options.api, self._lookup.reader
        sales = Ask(api, company, "salesOrders", (("$expand", "salesOrderLines"),))
        bought = Ask(api, company, "purchaseOrders", (("$expand", "purchaseOrderLines"),))
        places = Ask(api, company, "locations")
        items = self._lookup.asks(company, numbers, "items")
        answers = await reader.whole(call, [sales, bought, places, *items])
        units = self._lookup.found(
            company, {ask: answers[ask] for ask in items}, _ITEM, make=_unit, key=lambda row: row.number
        )
        located = dict.fromkeys(BLANK, self._lookup.entity(company).company.blank_location) | {
            row.id: row.code for row in reader.rows(_LOCATION, answered(answers[places]))
        }
        leaving = partial(flows.of_sales, locations=located, today=as_of.date())
        coming = partial(flows.of_purchases, locations=located)
        moved = [
            *await self._moved(answered(answers[sales]), _SALES, leaving, items=frozenset(numbers)),
            *await self._moved(answered(answers[bought]), _PURCHASES, coming, items=frozenset(numbers)),
        ]
        broken = {key.number: unit for key, unit in units.items() if isinstance(unit, SourceError)}
        known = {key.number: unit for key, unit in units.items() if isinstance(unit, str)}
        return moved, flows.refused(moved, known, self._lookup.name) | broken

    async def _moved(
        self,
        listed: Listed,
        decoder: msgspec.json.Decoder[R],
        told: Callable[[Iterable[R]], Iterable[flows.Moved]],
        *,
        items: frozenset[str],
    ) -> list[flows.Moved]:
        """What is asked about. Thousands of documents are read a few at a time, for others wait for the loop, too."""
        moved: list[flows.Moved] = []
        for start in range(0, len(listed.rows), AT_ONCE):
            part = listed._replace(rows=listed.rows[start : start + AT_ONCE])
            moved += [each for each in told(self._lookup.reader.rows(decoder, part)) if each.item in items]
            await asyncio.sleep(0)
        return moved

    async def _told(self, call: CallContext, company: str, numbers: Sequence[str], page: ApiPage) -> Told:
        fields = pages.Fields(self._lookup.name, page, pages.FLOW_FIELDS)
        known = [number for number in numbers if may_exist(number, NUMBER)]
        asks = [
            fields.ask(company, fields.among("item", tuple(part)), keys=tuple(part))
            for part in parted(fields["item"], known)
        ]
        moved: list[flows.Moved] = []
        failed: dict[str, SourceError] = {}
        blank = self._lookup.entity(company).company.blank_location
        for ask, answer in (await self._lookup.reader.whole(call, asks) if asks else {}).items():
            try:
                told = [pages.flow(fields, raw) for raw in answered(answer).rows]
            except SourceError as error:
                failed |= dict.fromkeys(ask.keys, error)
            else:
                moved += [flows.Moved(item, "", place or blank, each) for item, place, each in told]
        return moved, failed


def _unit(row: payload.Item, _: Entity, __: datetime) -> str:
    return row.base_unit_of_measure_code
