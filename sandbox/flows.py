"""Dated supply and demand of an item in a warehouse, in base units."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sandbox.amounts import ZERO, plain
from sandbox.facts_stock import AtpRow, Dated, DatedAtp, Plan


class Place(NamedTuple):
    company: str
    sku: str
    warehouse: str


_ByDate = dict[date, Decimal]


class Flows:
    def __init__(self) -> None:
        self.supply: dict[Place, _ByDate] = {}
        self.demand: dict[Place, _ByDate] = {}
        self.atp: dict[Place, list[AtpRow]] = {}
        self.places: dict[str, dict[Place, None]] = {}

    def add_supply(self, place: Place, day: date, quantity: Decimal) -> None:
        self._add(self.supply, place, day, quantity)

    def add_demand(self, place: Place, day: date, quantity: Decimal) -> None:
        self._add(self.demand, place, day, quantity)

    def add_atp(self, row: AtpRow) -> None:
        place = Place(row.company, row.sku, row.warehouse)
        self.atp.setdefault(place, []).append(row)
        self.places.setdefault(row.sku, {})[place] = None

    def _add(self, side: dict[Place, _ByDate], place: Place, day: date, quantity: Decimal) -> None:
        days = side.setdefault(place, {})
        days[day] = days.get(day, ZERO) + quantity
        self.places.setdefault(place.sku, {})[place] = None


def places_of(parts: Sequence[Flows], sku: str) -> Iterator[Place]:
    seen: dict[Place, None] = {}
    for part in parts:
        seen.update(part.places.get(sku, {}))
    return iter(seen)


def plan_of(parts: Sequence[Flows], place: Place, until: date) -> Plan | None:
    """What several ledgers say together about one place up to a day; None when that is nothing. The past is overdue, not over."""
    supply = _summed([part.supply.get(place) for part in parts], until)
    demand = _summed([part.demand.get(place) for part in parts], until)
    rows = [row for part in parts for row in part.atp.get(place, ()) if row.date <= until]
    atp = tuple(DatedAtp(row.date, row.available) for row in sorted(rows, key=lambda row: row.date)) or None
    if not (supply or demand or atp):
        return None
    return Plan(company=place.company, sku=place.sku, warehouse=place.warehouse, supply=supply, demand=demand, atp=atp)


def _summed(sides: Sequence[_ByDate | None], until: date) -> tuple[Dated, ...]:
    total: _ByDate = {}
    for side in sides:
        for day, quantity in (side or {}).items():
            if day <= until:
                total[day] = total.get(day, ZERO) + quantity
    return tuple(Dated(day, plain(total[day])) for day in sorted(total) if total[day])
