"""Several warehouse systems as one: each warehouse is asked about where it is kept, and what lies in several is put together."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from sources.call import CallContext
from sources.changes import NewRelease, Released
from sources.errors import SourceError, SourceRejected
from sources.models import Key, Shipment, Stock, Warehouse
from sources.ports import Found, ReleasingWms
from sources.routed.merging import Answer, joined, joined_shipments, joined_stock, merged
from sources.routed.systems import System, Systems, able, side_by_side

Wms = System[ReleasingWms]
Own = Callable[[Wms, Any], Any]
"""What of a system's value is about its own warehouses; None where nothing is."""


class RoutedWms:
    def __init__(self, name: str, systems: Sequence[Wms]) -> None:
        self.name = name
        self._systems = Systems(systems)
        self.max_batch = self._systems.max_batch

    async def warehouses(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Warehouse]:
        asked = self._by_system(company, numbers)
        systems = [each for each in self._of(call, company) if each.port.name in asked]
        answers = await self._asked(
            [(wms, asked[wms.port.name]) for wms in able(systems, "warehouses")],
            lambda wms, codes: wms.port.warehouses(call, _narrow(wms, company), codes),
            self._own_warehouse,
        )
        return merged(company, answers)

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]:
        """Of a warehouse that is nobody's there is none."""
        places = self._by_system(company, warehouses)
        systems = [each for each in self._systems.of_company(company) if not warehouses or each.port.name in places]
        answers = await self._asked(
            [(wms, numbers) for wms in able(systems, "stock")],
            lambda wms, skus: wms.port.stock(call, company, skus, warehouses=places.get(wms.port.name, ())),
            self._own_stock,
        )
        return joined(company, answers, joined_stock, may_hold=lambda _, __: True)

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        answers = await self._asked(
            [(wms, numbers) for wms in able(self._of(call, company), "shipments")],
            lambda wms, some: wms.port.shipments(call, _narrow(wms, company), some),
            lambda wms, row: row if self._owns(wms, row.warehouse) else None,
        )
        return merged(company, answers)

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        """An order may ship from the warehouses of several."""
        systems = able(self._of(call, company), "shipments_by_order")
        answers = await self._asked(
            [(wms, numbers) for wms in systems],
            lambda wms, some: wms.port.shipments_by_order(call, _narrow(wms, company), some),
            lambda wms, rows: tuple(row for row in rows if self._owns(wms, row.warehouse)),
        )
        return joined(company, answers, joined_shipments, may_hold=lambda at, own: self._systems.owns(systems[at], own))

    async def release_order(self, call: CallContext, release: NewRelease) -> Released:
        """By one of them, the first warehouse's, and from its warehouses only: two would each ship the whole order."""
        wms = self._releasing(release)
        own = tuple(code for code in release.warehouses if self._systems.owns_warehouse(wms, release.company, code))
        return await wms.port.release_order(call, msgspec.structs.replace(release, warehouses=own))

    def _releasing(self, release: NewRelease) -> Wms:
        if release.warehouses:
            found = self._systems.of_warehouse(release.company, release.warehouses[0])
        else:
            found = self._systems.of_company(release.company)
        if len(found) != 1:
            raise SourceRejected(self.name, reason="UNKNOWN_WAREHOUSE")
        return found[0]

    # ------------------------------------------------------------ who is asked what

    def _of(self, call: CallContext, company: str | None) -> tuple[Wms, ...]:
        return self._systems.seen_by(call.viewer) if company is None else self._systems.of_company(company)

    def _by_system(self, company: str | None, codes: Sequence[str]) -> dict[str, list[str]]:
        """Each warehouse's code with whoever has it."""
        asked: dict[str, list[str]] = {}
        for code in codes:
            for wms in self._systems.of_warehouse(company, code):
                asked.setdefault(wms.port.name, []).append(code)
        return asked

    async def _asked(
        self,
        parts: Sequence[tuple[Wms, Sequence[str]]],
        ask: Callable[[Wms, Sequence[str]], Awaitable[Mapping[Key, Any]]],
        own: Own,
    ) -> list[Answer]:
        """Each one's answer about what is its own. Raises the error where all of them failed as a whole."""
        found = await side_by_side([ask(wms, numbers) for wms, numbers in parts])
        return [
            Answer(numbers, answer if isinstance(answer, SourceError) else _kept(wms, answer, own))
            for (wms, numbers), answer in zip(parts, found, strict=True)
        ]

    def _owns(self, wms: Wms, place: Warehouse) -> bool:
        return self._systems.owns_warehouse(wms, place.company, place.code)

    def _own_warehouse(self, wms: Wms, place: Warehouse) -> Warehouse | None:
        return place if self._owns(wms, place) else None

    def _own_stock(self, wms: Wms, stock: Stock) -> Stock | None:
        rows = tuple(row for row in stock.rows if self._owns(wms, row.warehouse))
        return msgspec.structs.replace(stock, rows=rows) if rows else None


def _kept(wms: Wms, found: Mapping[Key, Any], own: Own) -> dict[Key, Any]:
    rows = {key: value if isinstance(value, SourceError) else own(wms, value) for key, value in found.items()}
    return {key: value for key, value in rows.items() if value is not None}


def _narrow(wms: Wms, company: str | None) -> str | None:
    return wms.only_company if company is None else company
