"""ShipHero as the WMS: warehouses, stock by sku and warehouse, shipments by number and by order, orders released by lifting their hold."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from sources.absence import AbsentWms
from sources.call import CallContext
from sources.changes import NewRelease, Released
from sources.errors import SourceError, SourceRejected
from sources.http import SourceClient
from sources.models import Key, Shipment, Stock, Warehouse
from sources.ports import Found
from sources.rows import Spoilt, each_row, owner_of
from sources.shiphero import documents, mapping, payload, problems
from sources.shiphero.asking import GRAPHQL, Asked, Asking
from sources.shiphero.options import ShipHeroOptions
from sources.shiphero.tokens import RefreshTokens

_ACCOUNT = msgspec.json.Decoder(payload.Found[payload.Account])
_PLACE, _PLACE_OWN = msgspec.json.Decoder(payload.Place), msgspec.json.Decoder(payload.PlaceOwn)
_SHELVES = msgspec.json.Decoder(payload.Listed[payload.Shelf])
_SHIPMENT = msgspec.json.Decoder(payload.Found[payload.Shipment])
_LINES = msgspec.json.Decoder(payload.Found[payload.MoreLines])
_SHIPPED = msgspec.json.Decoder(payload.Listed[payload.ShippedOrder])
_HELD = msgspec.json.Decoder(payload.Listed[payload.HeldOrder])
_CHANGED = msgspec.json.Decoder(payload.Changed)
_ENCODER = msgspec.json.Encoder()

MAX_WAREHOUSES = 100
"""A number of our own: they all come with the account, however many are asked for."""

Lines = Mapping[str, Sequence[payload.Line] | SourceError]


class ShipHeroWms(AbsentWms):
    Options = ShipHeroOptions
    grant = RefreshTokens()
    batches: ClassVar[Mapping[str, int]] = {
        "warehouses": MAX_WAREHOUSES,
        "stock": documents.MAX_KEYS,
        "shipments": documents.MAX_KEYS,
        "shipments_by_order": documents.MAX_KEYS,
    }

    def __init__(self, client: SourceClient, options: ShipHeroOptions) -> None:
        super().__init__(client)
        self._options = options
        self._asking = Asking(client, options.customer_account_id)

    def _key(self, number: str) -> Key:
        return Key(self._options.company, number)

    # ------------------------------------------------------------ warehouses and stock

    async def warehouses(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Warehouse]:
        if not self._options.is_asked(company) or not numbers:
            return {}
        account = await self._asking.plain(call, documents.WAREHOUSES, _ACCOUNT, alias="account", keys=len(numbers))
        if account.data is None:
            return {}
        asked = set(numbers)
        found: dict[Key, Warehouse | SourceError] = {}
        for row in each_row(account.data.warehouses, _PLACE, "$.data.account.data.warehouses"):
            code, held = self._warehouse(row)
            if code in asked:
                found[self._key(code)] = held
        return found

    def _warehouse(self, row: payload.Place | Spoilt) -> tuple[str, Warehouse | SourceError]:
        """Its code, and it. Raises where a row does not even tell which it is: it may be any that was asked for."""
        if isinstance(row, Spoilt):
            own = owner_of(row, _PLACE_OWN, self.name)
            return mapping.warehouse_code(mapping.warehouse_number(own), self._options), row.error(self.name)
        found = mapping.warehouse(row, self._options)
        return found.code, found

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]:
        """A sku that is in none of the warehouses has no stock that could be told."""
        skus = _named(numbers)
        if not self._options.is_asked(company) or not skus:
            return {}
        shelves, as_of = await self._asking.listed(call, documents.STOCK, skus, _SHELVES)
        found: dict[Key, Stock | SourceError] = {}
        for sku, held in shelves.items():
            if isinstance(held, SourceError):
                found[self._key(sku)] = held
                continue
            rows = [mapping.warehouse_stock(each, self._options) for each in held if each.sku == sku]
            wanted = [row for row in rows if not warehouses or row.warehouse.code in warehouses]
            if wanted:
                found[self._key(sku)] = mapping.stock(wanted, self._options, as_of)
        return found

    # ------------------------------------------------------------ shipments

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        ids = {mapping.shipment_id(number): number for number in numbers if mapping.is_number(number)}
        if not self._options.is_asked(company) or not ids:
            return {}
        found, _ = await self._asking.each(call, documents.SHIPMENTS, [Asked(each) for each in ids], _SHIPMENT)
        failed = {ids[each]: held for each, held in found.items() if isinstance(held, SourceError)}
        rows = [held.data for held in found.values() if isinstance(held, payload.Found) and held.data is not None]
        lines = await self._lines(call, rows)
        told = {str(row.legacy_id): self._shipment(row, lines) for row in rows}
        asked = set(ids.values())
        return {self._key(number): held for number, held in {**told, **failed}.items() if number in asked}

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        """Orders of one number, such as those of two shops, are told as one."""
        orders = _named(numbers)
        if not self._options.is_asked(company) or not orders:
            return {}
        found, _ = await self._asking.listed(call, documents.SHIPPED_ORDERS, orders, _SHIPPED)
        failed: dict[Key, SourceError] = {}
        rows: dict[str, list[payload.Shipment]] = {}
        for number, held in found.items():
            if isinstance(held, SourceError):
                failed[self._key(number)] = held
            elif own := [order for order in held if order.order_number == number]:
                rows[number] = [row for order in own for row in order.shipments or ()]
        lines = await self._lines(call, [row for each in rows.values() for row in each])
        told = {self._key(number): self._all(each, lines, number) for number, each in rows.items()}
        return {**told, **failed}

    def _all(
        self, rows: Sequence[payload.Shipment], lines: Lines, order_number: str
    ) -> tuple[Shipment, ...] | SourceError:
        held = [self._shipment(row, lines, order_number) for row in rows]
        failed = next((each for each in held if isinstance(each, SourceError)), None)
        return failed or tuple(each for each in held if isinstance(each, Shipment))

    def _shipment(self, row: payload.Shipment, lines: Lines, order_number: str | None = None) -> Shipment | SourceError:
        own = lines[row.id]
        if isinstance(own, SourceError):
            return own
        return mapping.shipment(row, own, self._options, order_number=order_number)

    async def _lines(self, call: CallContext, rows: Sequence[payload.Shipment]) -> Lines:
        """The lines of each shipment by its id, those on further pages too. Orders that were merged have a shipment in common."""
        first = {row.id: row.line_items for row in rows}
        lines: dict[str, list[payload.Line] | SourceError] = {each: [] for each in first}
        wanted = self._taken(lines, [(Asked(each), page) for each, page in first.items()])
        while wanted:
            further: list[tuple[Asked, payload.Connection[payload.Line]]] = []
            for start in range(0, len(wanted), documents.MAX_KEYS):
                part = wanted[start : start + documents.MAX_KEYS]
                found = await self._asking.caught(call, documents.MORE_LINES, part, _LINES)
                for asked in part:
                    held = found[asked.key]
                    if isinstance(held, SourceError) or held.data is None:
                        lines[asked.key] = held if isinstance(held, SourceError) else self._asking.gone()
                    else:
                        further.append((asked, held.data.line_items))
            wanted = self._taken(lines, further)
        return lines

    def _taken(
        self,
        lines: dict[str, list[payload.Line] | SourceError],
        pages: Sequence[tuple[Asked, payload.Connection[payload.Line]]],
    ) -> list[Asked]:
        """What a page held is added; those that go on are asked for next."""
        further = []
        for asked, page in pages:
            held = lines[asked.key]
            after = self._asking.next_page(page.page_info, asked.after)
            if isinstance(after, SourceError):
                lines[asked.key] = after
            elif isinstance(held, list):
                held += [edge.node for edge in page.edges]
                further += [] if after is None else [Asked(asked.key, after)]
        return further

    # ------------------------------------------------------------ release

    async def release_order(self, call: CallContext, release: NewRelease) -> Released:
        """The holds that are to be lifted by a release are lifted, all at once. Any other is somebody's decision, and refuses it."""
        order, as_of = await self._held(call, release)
        lifted = [name for name in mapping.holds(order) if name in self._options.release_lifts]
        self._let_through(mapping.holds(order), besides=lifted)
        if lifted:
            data: dict[str, str | bool] = {"order_id": order.id, **self._asking.account}
            data |= dict.fromkeys(lifted, False)
            body = _ENCODER.encode({"query": documents.LIFT_HOLDS, "variables": {"data": data}})
            answer, as_of = await self._client.write(
                call, GRAPHQL, decoder=_CHANGED, body=body, judged=problems.of_changes(self.name)
            )
            if answer.data is not None and answer.data.order_update_holds is not None:
                self._let_through(mapping.holds(answer.data.order_update_holds.order))
        return Released(self._options.company, release.order, as_of, ())

    async def _held(self, call: CallContext, release: NewRelease) -> tuple[payload.HeldOrder, datetime]:
        """The order to be released. Raises where there is none, more than one, or one that will never ship."""
        if not self._options.is_asked(release.company) or not release.order:
            raise self._rejected("UNKNOWN_ORDER")
        found, as_of = await self._asking.listed(call, documents.HELD_ORDERS, [release.order], _HELD)
        held = found.get(release.order, [])
        if isinstance(held, SourceError):
            raise held
        orders = [order for order in held if order.order_number == release.order]
        if not orders:
            raise self._rejected("UNKNOWN_ORDER")
        if len(orders) > 1:
            raise self._rejected("AMBIGUOUS_ORDER")
        if mapping.is_cancelled(orders[0]):
            raise self._rejected("ORDER_CANCELLED")
        return orders[0], as_of

    def _let_through(self, holds: Sequence[str], besides: Collection[str] = ()) -> None:
        left = next((name for name in holds if name not in besides), None)
        if left is not None:
            raise self._rejected(mapping.HOLDS[left])

    def _rejected(self, reason: str) -> SourceRejected:
        return SourceRejected(self.name, reason=reason, detail="by the state of the order")


def _named(numbers: Sequence[str]) -> list[str]:
    """Each once, and none that is empty: that would ask for all there are."""
    return [each for each in dict.fromkeys(numbers) if each]
