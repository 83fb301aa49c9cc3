"""What changes once in a year and every question needs: Tryton's numbers of companies, warehouses and units. Kept for a while."""

import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from sources.call import CallContext
from sources.tryton.payload import CompanyRow, PlaceRow, SaleDefaults, UnitRow
from sources.tryton.rpc import Rpc, all_of, both, question, searched

COMPANIES = searched("company.company", CompanyRow)
PLACES = searched("stock.location", PlaceRow)
UNITS = searched("product.uom", UnitRow)
DEFAULTS = question("model.sale.configuration.read", tuple[SaleDefaults, ...])
_THE_ONLY = 1
"""Tryton's settings are the only records of their models."""


class Company(NamedTuple):
    id: int
    code: str
    currency: str
    currency_id: int
    price_list: int | None


class Directory(NamedTuple):
    companies: Mapping[str, Company]
    places: tuple[PlaceRow, ...]
    units: Mapping[int, UnitRow]

    def chosen(self, company: str | None) -> tuple[Company, ...]:
        """The companies that a question is about: one, none where there is no such, all where none is named."""
        if company is None:
            return tuple(self.companies.values())
        return (self.companies[company],) if company in self.companies else ()

    def coded(self, company: int) -> str | None:
        return next((each.code for each in self.companies.values() if each.id == company), None)

    def places_of(self, codes: tuple[str, ...]) -> tuple[PlaceRow, ...]:
        """The warehouses with these codes; all where none is named."""
        return tuple(place for place in self.places if not codes or place_code(place) in codes)

    def place_at(self, left: int) -> PlaceRow | None:
        """The warehouse that a location lies in."""
        return next((place for place in self.places if place.left <= left <= place.right), None)

    def unit(self, symbol: str, *, like: int) -> UnitRow | None:
        """The unit of this symbol that measures the same as unit `like`."""
        known = self.units.get(like)
        same = (each for each in self.units.values() if known is not None and each.category == known.category)
        return next((each for each in same if each.symbol == symbol), None)


def place_code(place: PlaceRow) -> str:
    return place.code or place.name


def factor(unit: UnitRow, base: UnitRow) -> Decimal:
    """How many of `base` one `unit` holds; both measure the same."""
    return tidy(unit.factor / base.factor)


def tidy(number: Decimal) -> Decimal:
    """Without what floating point leaves behind the ninth digit, and without zeros at the end."""
    rounded = round(number, 9)
    whole = rounded.to_integral_value()
    return whole.quantize(Decimal(1)) if rounded == whole else rounded.normalize()


class DirectoryReader:
    def __init__(self, rpc: Rpc, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rpc, self._seconds, self._clock = rpc, seconds, clock
        self._held: Directory | None = None
        self._until = 0.0

    async def current(self, call: CallContext) -> Directory:
        """Read at the first question and again when its time is over; side by side, the same reads are one (sources/sharing.py)."""
        if self._held is None or self._clock() >= self._until:
            begun = self._clock()
            self._held = await self._read(call)
            self._until = begun + self._seconds
        return self._held

    async def _read(self, call: CallContext) -> Directory:
        rpc = self._rpc
        companies, (places, units) = await both(
            rpc.search(call, COMPANIES, [], context={}),
            both(
                rpc.search(call, PLACES, [["type", "=", "warehouse"]], context={}),
                rpc.search(call, UNITS, [], context={"active_test": False}),
            ),
        )
        rows = [row for row in companies.content if row.party.code and row.currency.code]
        lists = await all_of(self._price_list(call, row.id) for row in rows)
        return Directory(
            {
                row.party.code or "": Company(
                    row.id, row.party.code or "", row.currency.code or "", row.currency.id, chosen
                )
                for row, chosen in zip(rows, lists, strict=True)
            },
            places.content,
            {unit.id: unit for unit in units.content},
        )

    async def _price_list(self, call: CallContext, company: int) -> int | None:
        """What is sold at where the customer has no price list."""
        names = ["sale_price_list"]
        rows, _ = await self._rpc.read(call, DEFAULTS, [_THE_ONLY], names, context={"company": company})
        return rows[0].sale_price_list if rows else None
