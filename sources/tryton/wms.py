"""Tryton as the WMS, over its JSON-RPC: warehouses, what stands in them, and what leaves them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from sources.absence import AbsentWms
from sources.call import CallContext
from sources.changes import NewRelease, Released
from sources.errors import SourceError
from sources.http import SourceClient
from sources.models import Key, Shipment, Stock, Warehouse, WarehouseStock
from sources.ports import Found
from sources.tryton import mapping, sales
from sources.tryton.composing import Composing
from sources.tryton.directory import Company, DirectoryReader, place_code, tidy
from sources.tryton.erp import MAX_KEYS
from sources.tryton.moves import Moves
from sources.tryton.order_book import OrderBook
from sources.tryton.ordering import Ordering
from sources.tryton.payload import PlaceRow, QuantityRow, ShipmentRow
from sources.tryton.pricing import Pricing
from sources.tryton.rpc import Rows, Rpc, Search, all_of, both, day, searched
from sources.tryton.session import Login

QUANTITIES = searched("product.product", QuantityRow, "code")
SHIPMENTS = searched("stock.shipment.out", ShipmentRow, "number")
OF_ORDERS = searched("stock.shipment.out", ShipmentRow, "origins")
"""`origins` is the order's number, where a shipment is of one order."""


class TrytonWmsOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`directory_seconds`: for how long Tryton's numbers of companies, warehouses and units are kept."""

    directory_seconds: Annotated[float, msgspec.Meta(ge=0)] = 300.0


DEFAULTS = TrytonWmsOptions()


class TrytonWms(AbsentWms):
    Options = TrytonWmsOptions
    grant = Login()
    batches = dict.fromkeys(("warehouses", "stock", "shipments", "shipments_by_order"), MAX_KEYS)

    def __init__(self, client: SourceClient, options: TrytonWmsOptions = DEFAULTS) -> None:
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
            today, moves = await both(self._moves.today(call, within), self._moves.assigned(call, within, numbers))
            standing = await all_of(self._standing(call, within, place, numbers, today=today) for place in places)
            aside = mapping.allocated(moves.content, directory)
            rows: dict[str, list[WarehouseStock]] = {}
            for place, quantities in zip(places, standing, strict=True):
                where = mapping.warehouse(place, within.code, directory)
                for row in quantities.content:
                    held = aside.get((row.code, place.id), Decimal(0))
                    one = WarehouseStock(where, tidy(row.quantity), held, Decimal(0), Decimal(0))
                    rows.setdefault(row.code, []).append(one)
            found |= {Key(within.code, sku): Stock(tuple(each), today, moves.as_of) for sku, each in rows.items()}
            for failed in (moves.failed, *(each.failed for each in standing)):
                found |= {Key(within.code, sku): failure for sku, failure in failed.items()}
        return found

    async def _standing(
        self, call: CallContext, company: Company, place: PlaceRow, skus: Sequence[str], *, today: date
    ) -> Rows[QuantityRow]:
        context = {"company": company.id, "locations": [place.id], "stock_date_end": day(today), "active_test": False}
        wanted = sorted(set(skus))
        return await self._rpc.search(call, QUANTITIES, [["code", "in", wanted]], context=context, keys=len(wanted))

    # ------------------------------------------------------------ shipments

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        directory = await self._directory.current(call)
        found: dict[Key, Shipment | SourceError] = {}
        for within in directory.chosen(company):
            rows = await self._shipped(call, within, SHIPMENTS, ["number", "in", sorted(set(numbers))])
            found |= {Key(within.code, row.number): sales.shipment(row, within.code, directory) for row in rows.content}
            found |= {Key(within.code, number): failure for number, failure in rows.failed.items()}
        return found

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        directory = await self._directory.current(call)
        wanted = ["moves.origin.sale.number", "in", sorted(set(numbers)), "sale.line"]
        lists: dict[Key, list[Shipment]] = {Key(company, number): [] for number in numbers}
        failed: dict[Key, SourceError] = {}
        for within in directory.chosen(company):
            rows = await self._shipped(call, within, OF_ORDERS, wanted)
            for row in rows.content:
                shipment = sales.shipment(row, within.code, directory)
                lists.setdefault(Key(within.code, shipment.order_number or ""), []).append(shipment)
            failed |= {Key(within.code, number): failure for number, failure in rows.failed.items()}
        return {**{key: tuple(found) for key, found in lists.items()}, **failed}

    async def _shipped(
        self, call: CallContext, within: Company, search: Search[ShipmentRow], wanted: Sequence[object]
    ) -> Rows[ShipmentRow]:
        domain, context = [["company", "=", within.id], wanted], {"company": within.id}
        return await self._rpc.search(call, search, domain, context=context)

    async def release_order(self, call: CallContext, release: NewRelease) -> Released:
        """Tryton's shipments wait for the warehouse from the moment on at which the order is processed."""
        directory = await self._directory.current(call)
        await self._ordering.process(call, directory, release.company, release.order)
        found = await self.shipments_by_order(call, release.company, [release.order])
        shipments = found.get(Key(release.company, release.order), ())
        if isinstance(shipments, SourceError):
            raise shipments
        return Released(release.company, release.order, datetime.now(UTC), shipments)
