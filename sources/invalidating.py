"""What an event makes invalid, and declaring it: before anybody is told of the event, so that what is told is read anew."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from sources.bus import Bus, Placed
from sources.cache import Cache
from sources.ending import ended
from sources.events import Event
from sources.happenings import (
    CustomerChanged,
    InventoryAdjusted,
    ItemChanged,
    OrderMoved,
    PickShort,
    PriceChanged,
    ShipmentMoved,
    skus_of,
)
from sources.invalidation import ALL, Invalidation

MAX_UNTOLD = 10_000


class Declared(NamedTuple):
    """A fact and a tag, either of which may be `ALL`."""

    fact: str
    tag: str


def _tag(kind: str, company: str | None, number: str | None) -> str:
    """Without both, all of a fact: a tag without a company would miss what was asked for within one."""
    return f"{kind}:{company}:{number}" if company and number else ALL


def _position(data: Any) -> Iterable[Declared]:
    for sku in skus_of(data):
        for fact in ("stock", "supply_demand"):
            yield Declared(fact, _tag("item", data.company, sku))


def _order(data: OrderMoved) -> Iterable[Declared]:
    yield Declared("order", _tag("order", data.company, data.order))
    yield from _position(data)


def _shipment(data: ShipmentMoved | PickShort) -> Iterable[Declared]:
    if data.shipment:
        yield Declared("shipment", _tag("shipment", data.company, data.shipment))
    if data.order:
        yield Declared("shipment", _tag("order", data.company, data.order))
        yield Declared("order", _tag("order", data.company, data.order))
    if isinstance(data, ShipmentMoved) and data.tracking_number:
        yield Declared("tracking", f"tracking:{data.carrier or ''}:{data.tracking_number}")
    yield from _position(data)


def _item(data: ItemChanged) -> Iterable[Declared]:
    tag = _tag("item", data.company, data.sku)
    return [Declared(fact, tag) for fact in ("item", "list")]


def _price(data: PriceChanged) -> Iterable[Declared]:
    """Of an item for one customer: all the item's prices, for a tag names one thing."""
    of_item = _tag("item", data.company, data.sku)
    return [Declared("price", of_item if of_item != ALL else _tag("customer", data.company, data.customer))]


def _customer(data: CustomerChanged) -> Iterable[Declared]:
    tag = _tag("customer", data.company, data.customer)
    return [Declared(fact, tag) for fact in ("customer", "ship_to", "relationship", "list")]


_DECLARES: Mapping[type, Callable[[Any], Iterable[Declared]]] = {
    InventoryAdjusted: _position,
    OrderMoved: _order,
    ShipmentMoved: _shipment,
    PickShort: _shipment,
    ItemChanged: _item,
    PriceChanged: _price,
    CustomerChanged: _customer,
}


def declared_by(event: Event) -> list[Declared]:
    """What must be read anew after this event, each once."""
    declares = _DECLARES.get(type(event.data))
    return list(dict.fromkeys(declares(event.data))) if declares is not None else []


class Invalidating:
    """Listens to the bus. Where every gateway hears the bus itself, each declares for itself; else this one tells the others."""

    def __init__(self, bus: Bus, cache: Cache, *, is_shared: bool) -> None:
        self._bus, self._cache = bus, cache
        self._untold: asyncio.Queue[Invalidation] | None = None if is_shared else asyncio.Queue(MAX_UNTOLD)
        self._telling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._bus.listeners.insert(0, self._heard)
        if self._untold is not None:
            self._telling = asyncio.get_running_loop().create_task(self._tell(self._untold))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bus.listeners.remove(self._heard)
        await ended(self._telling)

    def _heard(self, placed: Placed) -> None:
        for fact, tag in declared_by(placed.event):
            invalidation = self._cache.declare(fact, tag)
            if self._untold is not None and not self._untold.full():
                self._untold.put_nowait(invalidation)  # beyond the bound the others' facts live out their time

    async def _tell(self, untold: asyncio.Queue[Invalidation]) -> None:
        while True:
            await self._cache.tell(await untold.get())
