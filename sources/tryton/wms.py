"""Tryton as the WMS, over its JSON-RPC: warehouses, what stands in them, and what leaves them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from sources.absence import AbsentWms
from sources.call import CallContext
from sources.changes import NewRelease, Released
from sources.errors import SourceError
from sources.http import SourceClient
from sources.models import Key, Shipment, Stock, Warehouse, WarehouseStock
from sources.ports import Found
from sources.tryton import mapping, sales
from sources.tryton.composing import Composing
from sources.tryton.directory import Company, Directory, DirectoryReader, place_code, tidy
from sources.tryton.erp import DEFAULTS, MAX_KEYS, TrytonOptions
from sources.tryton.moves import Moves
from sources.tryton.order_book import OrderBook
from sources.tryton.ordering import Ordering
from sources.tryton.payload import PlaceRow, QuantityRow, ShipmentRow
from sources.tryton.pricing import Pricing
from sources.tryton.rpc import Domain, Rpc, day, searched
from sources.tryton.session import Login

QUANTITIES = searched("product.product", QuantityRow)
SHIPMENTS = searched("stock.shipment.out", ShipmentRow)


class TrytonWms(AbsentWms):
    Options = TrytonOptions
    grant = Login()
    batches = dict.fromkeys(("warehouses", "stock", "shipments", "shipments_by_order"), MAX_KEYS)

    def __init__(self, client: SourceClient, options: TrytonOptions = DEFAULTS) -> None:
        super().__init__(client)
        self._rpc = rpc = Rpc(client)
        self._directory = DirectoryReader(rpc, seconds=options.directory_seconds)
        self._moves = Moves(rpc)
        self._ordering = Ordering(rpc, OrderBook(rpc), Composing(rpc, Pricing(rpc, with_breaks=False)))

    async def warehouses(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Warehouse]:
        """Tryton's warehouses serve all companies."""
        directory = await self._directory.current(call)
        return {
            Key(within.code, place_code(place)): mapping.warehouse(place, within.code, directory)
            for within in directory.chosen(company)
            for place in directory.places_of(tuple(numbers))
        }

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]:
        """One read a warehouse, one of what is set aside, and one of the day. A product that stands nowhere has rows of zero."""
        directory = await self._directory.current(call)
        found: dict[Key, Stock | SourceError] = {}
        for within in directory.chosen(company):
            places = directory.places_of(tuple(warehouses))
            today, (moves, as_of) = await asyncio.gather(
                self._moves.today(call, within), self._moves.assigned(call, within, numbers)
            )
            standing = await asyncio.gather(
                *(self._standing(call, within, place, numbers, today=day(today)) for place in places)
            )
            rows: dict[str, list[WarehouseStock]] = {}
            set_aside = mapping.allocated(moves, directory)
            for place, quantities in zip(places, standing, strict=True):
                where = mapping.warehouse(place, within.code, directory)
                for row in quantities:
                    aside = set_aside.get((row.code, place.id), Decimal(0))
                    one = WarehouseStock(where, tidy(row.quantity), aside, Decimal(0), Decimal(0))
                    rows.setdefault(row.code, []).append(one)
            found |= {Key(within.code, sku): Stock(tuple(each), today, as_of) for sku, each in rows.items()}
        return found

    async def _standing(
        self, call: CallContext, company: Company, place: PlaceRow, skus: Sequence[str], *, today: object
    ) -> tuple[QuantityRow, ...]:
        context = {"company": company.id, "locations": [place.id], "stock_date_end": today, "active_test": False}
        domain = [["code", "in", list(skus)]]
        rows, _ = await self._rpc.search(call, QUANTITIES, domain, row=QuantityRow, context=context, keys=len(skus))
        return rows

    # ------------------------------------------------------------ shipments

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        directory = await self._directory.current(call)
        rows = await self._shipped(call, directory, company, ["number", "in", list(numbers)])
        return {Key(row.company, row.number): row for row in rows}

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        directory = await self._directory.current(call)
        rows = await self._shipped(
            call, directory, company, ["moves.origin.sale.number", "in", list(numbers), "sale.line"]
        )
        lists: dict[Key, list[Shipment]] = {Key(company, number): [] for number in numbers}
        for row in rows:
            lists.setdefault(Key(row.company, row.order_number or ""), []).append(row)
        return {key: tuple(found) for key, found in lists.items()}

    async def _shipped(
        self, call: CallContext, directory: Directory, company: str | None, wanted: Domain
    ) -> list[Shipment]:
        found: list[Shipment] = []
        for within in directory.chosen(company):
            domain, context = [["company", "=", within.id], wanted], {"company": within.id}
            rows, _ = await self._rpc.search(call, SHIPMENTS, domain, row=ShipmentRow, context=context)
            found += [sales.shipment(row, within.code, directory) for row in rows]
        return found

    async def release_order(self, call: CallContext, release: NewRelease) -> Released:
        """Tryton's shipments wait for the warehouse from the moment on at which the order is processed."""
        directory = await self._directory.current(call)
        await self._ordering.process(call, directory, release.company, release.order)
        found = await self.shipments_by_order(call, release.company, [release.order])
        shipments = found.get(Key(release.company, release.order), ())
        if isinstance(shipments, SourceError):
            raise shipments
        return Released(release.company, release.order, datetime.now(UTC), shipments)
