"""A WMS that speaks the standard contract."""

from collections.abc import Sequence

import msgspec

from sources.call import CallContext
from sources.changes import NewRelease, Released
from sources.errors import SourceError
from sources.http import Operation, SourceClient, repeated
from sources.models import Key, Shipment, Stock, Warehouse, WarehouseStock
from sources.ports import Found
from sources.standard import mapping, payload
from sources.standard.batch import MAX_KEYS, by_key, failures, listed_by_key, optional, reason

WAREHOUSES = Operation("GET", "/warehouses")
STOCK = Operation("GET", "/stock")
SHIPMENTS = Operation("GET", "/shipments")
SHIPMENTS_BY_ORDER = Operation("GET", "/shipments/by-order")
RELEASE_ORDER = Operation("POST", "/orders/release")

_WAREHOUSES = msgspec.json.Decoder(payload.WarehousesAnswer)
_STOCK = msgspec.json.Decoder(payload.StockAnswer)
_SHIPMENTS = msgspec.json.Decoder(payload.ShipmentsAnswer)
_RELEASED = msgspec.json.Decoder(payload.ReleaseAnswer)


class StandardWms:
    reason = staticmethod(reason)

    def __init__(self, client: SourceClient) -> None:
        self.name = client.name
        self.max_batch = dict.fromkeys(("warehouses", "stock", "shipments", "shipments_by_order"), MAX_KEYS)
        self._client = client

    async def warehouses(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Warehouse]:
        params = [*optional(company=company), *repeated("code", numbers)]
        answer, _ = await self._client.read(call, WAREHOUSES, decoder=_WAREHOUSES, params=params, keys=len(numbers))
        failed = failures(self.name, company, answer.errors)
        return by_key(answer.warehouses, lambda row: Key(row.company, row.code), lambda row: row, failed=failed)

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]:
        params = [("company", company), *repeated("sku", numbers), *repeated("warehouse", warehouses)]
        answer, as_of = await self._client.read(call, STOCK, decoder=_STOCK, params=params, keys=len(numbers))
        places = {place.code: place for place in answer.warehouses}
        rows: dict[Key, list[WarehouseStock]] = {}
        for row in answer.stock:
            rows.setdefault(Key(row.company, row.sku), []).append(mapping.warehouse_stock(row, places))
        found: dict[Key, Stock | SourceError] = {
            key: Stock(tuple(sorted(of_item, key=_routing)), answer.today, as_of) for key, of_item in rows.items()
        }
        return {**found, **failures(self.name, company, answer.errors)}

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        params = [*optional(company=company), *repeated("number", numbers)]
        answer, _ = await self._client.read(call, SHIPMENTS, decoder=_SHIPMENTS, params=params, keys=len(numbers))
        failed = failures(self.name, company, answer.errors)
        return by_key(answer.shipments, lambda row: Key(row.company, row.number), mapping.shipment, failed=failed)

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        params = [*optional(company=company), *repeated("order", numbers)]
        answer, _ = await self._client.read(
            call, SHIPMENTS_BY_ORDER, decoder=_SHIPMENTS, params=params, keys=len(numbers)
        )
        lists = listed_by_key(
            [Key(company, number) for number in numbers],
            [row for row in answer.shipments if row.order is not None],
            lambda row: Key(row.company, row.order or ""),
            value=mapping.shipment,
        )
        return {**lists, **failures(self.name, company, answer.errors)}

    async def release_order(self, call: CallContext, release: NewRelease) -> Released:
        body = msgspec.json.encode(mapping.new_release(release))
        answer, _ = await self._client.write(
            call, RELEASE_ORDER, decoder=_RELEASED, body=body, idempotency_key=release.reference
        )
        return mapping.released(answer)


def _routing(row: WarehouseStock) -> tuple[int, str]:
    return row.warehouse.priority, row.warehouse.code
