"""Generated order lines: what is ordered, and how far each line has come in an order of a given state."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sandbox.amounts import ZERO, floor_like, money
from sandbox.dice import Dice
from sandbox.facts_orders import OrderLine, OrderStatus, Progress
from sandbox.facts_shipments import Content, ShipmentStatus
from sandbox.flows import Place
from sandbox.generate_items import Good, Offer

_CANCELLED_LINES = 0.015


class Wanted(NamedTuple):
    """`quantity` and `total` as offered, or what is left of it on a backorder."""

    good: Good
    offer: Offer
    quantity: Decimal
    total: Decimal


class Leg(NamedTuple):
    """What one shipment carries; nothing before it is packed."""

    status: ShipmentStatus
    contents: tuple[Content, ...] = ()


class Filled(NamedTuple):
    progress: tuple[Progress, ...]
    legs: tuple[Leg, ...]


class Shelves:
    """What is free in each warehouse, and what orders have taken of it."""

    def __init__(self, free: dict[Place, Decimal]) -> None:
        self._free = free
        self.held: dict[Place, Decimal] = {}

    def take(self, wanted: Wanted, warehouse: str) -> Decimal:
        place = Place(wanted.good.item.company, wanted.good.item.sku, warehouse)
        factor = wanted.offer.factor
        taken = min(wanted.quantity, floor_like(self._free[place] / factor, wanted.quantity))
        if taken > 0:
            base = taken * factor
            self._free[place] -= base
            self.held[place] = self.held.get(place, ZERO) + base
        return taken

    def put_back(self, wanted: Wanted, warehouse: str, quantity: Decimal) -> None:
        """A short pick: what was reserved was not there. It is not free either, so that nobody reserves it again."""
        place = Place(wanted.good.item.company, wanted.good.item.sku, warehouse)
        self.held[place] -= quantity * wanted.offer.factor


class Situation(NamedTuple):
    dice: Dice
    shelves: Shelves
    warehouse: str
    recent: bool


def wants(dice: Dice, goods: list[Good], count: int) -> tuple[Wanted, ...]:
    found = []
    for _ in range(count):
        good = dice.pick(goods)
        offer = dice.pick(good.offers)
        found.append(Wanted(good, offer, offer.quantity, offer.total))
    return tuple(found)


def rest_of(wanted: Wanted, quantity: Decimal, currency: str) -> Wanted:
    return Wanted(wanted.good, wanted.offer, quantity, money(quantity * wanted.offer.unit_price, currency))


def line_of(number: int, wanted: Wanted, progress: Progress, promised: date | None) -> OrderLine:
    offer = wanted.offer
    sku = wanted.good.item.sku
    return OrderLine(number, sku, wanted.quantity, offer.uom, offer.unit_price, wanted.total, promised, progress)


def fill(status: OrderStatus, lines: tuple[Wanted, ...], at: Situation) -> Filled:
    return _FILLERS[status](lines, at)


def _content(wanted: Wanted, quantity: Decimal) -> Content:
    if quantity == wanted.offer.quantity:
        return wanted.offer.content
    return Content(wanted.good.item.sku, quantity * wanted.offer.factor)


def _ordered_in_full(lines: tuple[Wanted, ...], at: Situation) -> Filled:
    """All shipped, but for a cancelled line or one of which a part goes on as a backorder."""
    dice = at.dice
    progress: list[Progress] = []
    contents: list[Content] = []
    short = 0 if dice.chance(0.07) else -1
    for number, wanted in enumerate(lines):
        if number == short and wanted.quantity % 1 == 0 and wanted.quantity > 1:
            made = _short(wanted)
        elif number and dice.chance(_CANCELLED_LINES):
            progress.append(Progress(wanted.quantity, cancelled=wanted.quantity))
            continue
        else:
            made = _shipped(wanted)
        progress.append(made)
        contents.append(_content(wanted, made.shipped))
    return Filled(tuple(progress), _legs(contents, at))


def _shipped(wanted: Wanted) -> Progress:
    same = wanted.quantity == wanted.offer.quantity
    return wanted.offer.shipped if same else Progress(wanted.quantity, shipped=wanted.quantity)


def _short(wanted: Wanted) -> Progress:
    part = (wanted.quantity + 1) // 2
    return Progress(wanted.quantity, shipped=part, backordered=wanted.quantity - part)


def _legs(contents: list[Content], at: Situation) -> tuple[Leg, ...]:
    delivered = at.dice.chance(0.4 if at.recent else 0.985)
    status: ShipmentStatus = "DELIVERED" if delivered else "SHIPPED"
    if len(contents) > 1 and at.dice.chance(0.12):
        return Leg(status, tuple(contents[:1])), Leg("SHIPPED" if at.recent else status, tuple(contents[1:]))
    return (Leg(status, tuple(contents)),)


def _ordered_in_part(lines: tuple[Wanted, ...], at: Situation) -> Filled:
    """The first line has gone, or half of it where it is the only one; the rest waits."""
    first = lines[0]
    gone = _shipped(first) if len(lines) > 1 else _half(first, at)
    rest = [Progress(wanted.quantity, **_split(wanted, at)) for wanted in lines[1:]]
    sent = Leg("DELIVERED" if not at.recent else "SHIPPED", (_content(first, gone.shipped),))
    return Filled((gone, *rest), (sent, Leg("WAITING")))


def _half(wanted: Wanted, at: Situation) -> Progress:
    part = floor_like(wanted.quantity / 2, wanted.quantity) or wanted.quantity
    remaining = wanted._replace(quantity=wanted.quantity - part)
    return Progress(wanted.quantity, shipped=part, **_split(remaining, at))


def _split(wanted: Wanted, at: Situation) -> dict[str, Decimal]:
    taken = at.shelves.take(wanted, at.warehouse) if wanted.quantity else ZERO
    return {"allocated": taken, "backordered": wanted.quantity - taken}


def _waiting(lines: tuple[Wanted, ...], at: Situation) -> Filled:
    return Filled(tuple(Progress(wanted.quantity, **_split(wanted, at)) for wanted in lines), ())


def _in_the_warehouse(lines: tuple[Wanted, ...], at: Situation) -> Filled:
    """Released: somewhere between waiting and packed."""
    taken = [at.shelves.take(wanted, at.warehouse) for wanted in lines]
    status: ShipmentStatus = at.dice.pick(("WAITING", "ALLOCATED", "PICKING", "SHORT_PICKED", "PACKED"))
    if not any(taken):
        status = "WAITING"
    progress = tuple(_PICKS[status](wanted, held, at) for wanted, held in zip(lines, taken, strict=True))
    packed = tuple(_content(wanted, made.picked) for wanted, made in zip(lines, progress, strict=True) if made.picked)
    return Filled(progress, (Leg(status, packed if status == "PACKED" else ()),))


def _not_picked(wanted: Wanted, held: Decimal, _at: Situation) -> Progress:
    return Progress(wanted.quantity, allocated=held, backordered=wanted.quantity - held)


def _half_picked(wanted: Wanted, held: Decimal, _at: Situation) -> Progress:
    picked = floor_like(held / 2, wanted.quantity)
    return Progress(wanted.quantity, held - picked, picked, backordered=wanted.quantity - held)


def _short_picked(wanted: Wanted, held: Decimal, at: Situation) -> Progress:
    picked = floor_like(held / 2, wanted.quantity)
    at.shelves.put_back(wanted, at.warehouse, held - picked)
    return Progress(wanted.quantity, picked=picked, backordered=wanted.quantity - picked)


def _all_picked(wanted: Wanted, held: Decimal, _at: Situation) -> Progress:
    return Progress(wanted.quantity, picked=held, backordered=wanted.quantity - held)


def _called_off(lines: tuple[Wanted, ...], at: Situation) -> Filled:
    progress = tuple(Progress(wanted.quantity, cancelled=wanted.quantity) for wanted in lines)
    return Filled(progress, (Leg("CANCELLED"),) if at.dice.chance(0.3) else ())


_PICKS: dict[str, Callable[[Wanted, Decimal, Situation], Progress]] = {
    "WAITING": _not_picked,
    "ALLOCATED": _not_picked,
    "PICKING": _half_picked,
    "SHORT_PICKED": _short_picked,
    "PACKED": _all_picked,
}
_FILLERS: dict[OrderStatus, Callable[[tuple[Wanted, ...], Situation], Filled]] = {
    "OPEN": _waiting,
    "RELEASED": _in_the_warehouse,
    "PARTIALLY_SHIPPED": _ordered_in_part,
    "SHIPPED": _ordered_in_full,
    "CLOSED": _ordered_in_full,
    "CANCELLED": _called_off,
}
