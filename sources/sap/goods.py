"""Products as the companies sell them, and what can be promised of them by plant and day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import msgspec

from sources.call import CallContext
from sources.errors import SourceError
from sources.http import SourceClient
from sources.models import Item, Key, Page, PageRequest, SupplyDemand, WarehousePlan
from sources.sap import mapping, payload
from sources.sap.batch import Answer
from sources.sap.batched import Batched, Wanted
from sources.sap.odata import Params, all_of, literal, one_of, query
from sources.sap.options import Options
from sources.sap.paging import Place, place_of, stretch
from sources.sap.reader import AVAILABILITY, PRODUCTS, Entity, Reader, Row
from sources.sap.session import Session

NUMBER = 40
EXPANDED = "to_Description,to_SalesDelivery,to_ProductUnitsOfMeasure"
_MATERIAL = Entity(
    PRODUCTS, "A_Product", msgspec.json.Decoder(payload.Material), "Product", lambda row: row.product, NUMBER, EXPANDED
)
_NAMED = Entity(
    PRODUCTS,
    "A_ProductDescription",
    msgspec.json.Decoder(payload.ProductNumber),
    "Product",
    lambda row: row.product,
    NUMBER,
)
_PLANT = Entity(
    PRODUCTS, "A_ProductPlant", msgspec.json.Decoder(payload.ProductPlant), "Product", lambda row: row.product, NUMBER
)
_RECORD = msgspec.json.Decoder(payload.Availability)
_TIMESERIES = "CalculateAvailabilityTimeseries"


class _At(NamedTuple):
    product: str
    plant: str


class Goods:
    def __init__(self, client: SourceClient, reader: Reader, session: Session, options: Options) -> None:
        self._reader, self._options = reader, options
        self._batched = Batched(client, reader, session)

    async def items(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> dict[Key, Item | SourceError]:
        codes = [code for code in self._options.companies if company in {None, code}]
        if not codes:
            return {}
        found: dict[Key, Item | SourceError] = {}
        for number, row in (await self._reader.found(call, _MATERIAL, numbers)).items():
            if isinstance(row, SourceError):
                found[Key(company, number)] = row
            else:
                made = [mapping.item(row.content, code, row.as_of, self._options) for code in codes]
                found |= {Key(each.company, number): each for each in made if each is not None}
        return found

    # ------------------------------------------------------------ search

    async def search(
        self, call: CallContext, page: PageRequest, *, text: str | None, category: str | None, codes: Sequence[str]
    ) -> Page[Item]:
        """One company after the other. What a company does not sell is passed over, so that a page may be short."""
        place = place_of(page, codes, self._reader.name)
        while place is not None:
            code, skip = place
            numbers, more = await self._stretch(call, page.limit, skip, text=text, category=category)
            found = await self._reader.found(call, _MATERIAL, numbers) if numbers else {}
            rows = self._sold(code, numbers, found, category)
            place = Place(code, skip + len(numbers)) if more else Place.after(code, codes)
            if rows:
                return Page(rows, place and place.cursor)
        return Page(())

    async def _stretch(
        self, call: CallContext, limit: int, skip: int, *, text: str | None, category: str | None
    ) -> tuple[list[str], bool]:
        """The numbers of so many products, and whether there are more. Texts are another list's than categories."""
        bounds: Params = (("$orderby", "Product"), ("$skip", str(skip)), ("$top", str(limit + 1)))
        if text:
            language = f"Language eq {literal(self._options.language)}"
            chosen = all_of(f"substringof({literal(text)},ProductDescription)", language)
            listed = await self._reader.listed(call, _NAMED, (("$filter", chosen), *bounds))
        else:
            given: Params = (("$filter", f"ProductGroup eq {literal(category)}"),) if category else ()
            listed = await self._reader.listed(call, _ALL, (*given, *bounds))
        rows, more = stretch(listed.rows, limit, goes_on=listed.next is not None)
        return [row.product for row in rows], more

    def _sold(
        self,
        code: str,
        numbers: Sequence[str],
        found: Mapping[str, Row[payload.Material] | SourceError],
        category: str | None,
    ) -> tuple[Item, ...]:
        """Raises what is wrong with a row: of a list in order nothing is left out in silence."""
        rows: list[Item] = []
        for number in numbers:
            row = found.get(number)
            if isinstance(row, SourceError):
                raise row
            made = mapping.item(row.content, code, row.as_of, self._options) if row is not None else None
            if made is not None and category in {None, made.category}:
                rows.append(made)
        return tuple(rows)

    # ------------------------------------------------------------ what can be promised

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> dict[Key, SupplyDemand | SourceError]:
        """By the ERP's own check. An item that is in none of the company's plants is absent."""
        area = self._options.companies.get(company)
        plants = (
            {}
            if area is None
            else {plant: place for plant, place in area.plants.items() if not warehouses or place in warehouses}
        )
        if not plants:
            return {}
        as_of = datetime.now(UTC)
        rows = await self._reader.rows(call, _PLANT, numbers, bound=one_of("Plant", plants))
        failed = {row[0]: row[1] for row in rows if not isinstance(row, Row)}
        kept = [row.content for row in rows if isinstance(row, Row)]
        asked = dict.fromkeys(numbers)
        here = [_At(row.product, row.plant) for row in kept if row.product in asked and row.plant in plants]
        answers = await self._batched.asked(call, AVAILABILITY, [self._wanted(each) for each in dict.fromkeys(here)])
        last = datetime.combine(as_of.date() + timedelta(days=days), time.max, UTC)
        found: dict[Key, SupplyDemand | SourceError] = {}
        for product in dict.fromkeys(each.product for each in here):
            told = {each.plant: answers[f"{each.plant} {each.product}"] for each in here if each.product == product}
            found[Key(company, product)] = self._supply(told, plants, as_of, last)
        return found | {Key(company, product): error for product, error in failed.items() if product in asked}

    def _wanted(self, at: _At) -> Wanted:
        params = (
            ("ATPCheckingRule", literal(self._options.checking_rule)),
            ("Material", literal(at.product)),
            ("SupplyingPlant", literal(at.plant)),
        )
        return Wanted(f"{at.plant} {at.product}", f"{_TIMESERIES}?{query(params)}")

    def _supply(
        self, told: Mapping[str, Answer | SourceError], plants: Mapping[str, str], as_of: datetime, last: datetime
    ) -> SupplyDemand | SourceError:
        """A plant that could not be asked fails the item: a total without it would be too small."""
        plans: list[WarehousePlan] = []
        for plant, answer in sorted(told.items()):
            rows = answer if isinstance(answer, SourceError) else self._records(answer)
            if isinstance(rows, SourceError):
                return rows
            plans.append(WarehousePlan(plants[plant], atp=mapping.buckets(rows, last)))
        return SupplyDemand(tuple(plans), as_of)

    def _records(self, answer: Answer) -> list[payload.Availability] | SourceError:
        listing = self._reader.row(_LISTING, answer.body, "$")
        if isinstance(listing, SourceError):
            return listing
        rows: list[payload.Availability] = []
        for raw in listing.d.results:
            row = self._reader.row(_RECORD, raw)
            if isinstance(row, SourceError):
                return row
            rows.append(row)
        return rows


_ALL = Entity(
    PRODUCTS, "A_Product", msgspec.json.Decoder(payload.ProductNumber), "Product", lambda row: row.product, NUMBER
)
_LISTING = msgspec.json.Decoder(payload.List)
