"""Generated stock, inbound purchase orders, and what the ERP itself promises for a few items."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from sandbox.amounts import ZERO
from sandbox.dice import Dice
from sandbox.facts_stock import AtpRow, Inbound, Stock
from sandbox.flows import Place
from sandbox.generate_customers import WAREHOUSES
from sandbox.generate_items import Good

_PROMISED_BY_ERP = 0.02
_TYPICAL = {"EA": 60, "M": 400, "KG": 80}
_SMALL = Decimal(100)
_MANY_SMALL = 6_000


def make_stock(dice: Dice, goods: Sequence[Good]) -> dict[Place, Stock]:
    found: dict[Place, Stock] = {}
    for good in goods:
        for warehouse in WAREHOUSES[good.item.company]:
            row = _row(dice, good, warehouse)
            found[Place(row.company, row.sku, warehouse)] = row
    return found


def _row(dice: Dice, good: Good, warehouse: str) -> Stock:
    typical = _typical(good)
    on_hand = 0 if dice.chance(0.06) else dice.between(typical // 6, typical * 3)
    return Stock(
        company=good.item.company,
        sku=good.item.sku,
        warehouse=warehouse,
        on_hand=Decimal(on_hand),
        unsellable=Decimal(on_hand // 40) if dice.chance(0.1) else ZERO,
        safety_stock=Decimal(typical // 12) if dice.chance(0.8) else ZERO,
    )


def _typical(good: Good) -> int:
    item = good.item
    return _MANY_SMALL if item.uom == "EA" and item.uoms[1].factor == _SMALL else _TYPICAL[item.uom]


def make_inbound(dice: Dice, goods: Sequence[Good], today: date) -> list[Inbound]:
    found: list[Inbound] = []
    for good in goods:
        for warehouse in WAREHOUSES[good.item.company]:
            for _ in range(dice.weighted(((0, 0.7), (1, 0.22), (2, 0.08)))):
                due = -dice.between(1, 12) if dice.chance(0.03) else dice.between(1, 60)
                found.append(
                    Inbound(
                        company=good.item.company,
                        number=f"PO{good.item.company}-{70_001 + len(found)}",
                        sku=good.item.sku,
                        warehouse=warehouse,
                        quantity=Decimal(dice.between(1, 8) * _typical(good) // 2),
                        expected=today + timedelta(days=due),
                    )
                )
    return found


def with_allocations(stock: Mapping[Place, Stock], held: Mapping[Place, Decimal]) -> list[Stock]:
    return [
        msgspec.structs.replace(row, allocated=held[place]) if place in held else row for place, row in stock.items()
    ]


def make_atp(dice: Dice, stock: Sequence[Stock], inbound: Sequence[Inbound], today: date) -> list[AtpRow]:
    """What is free today and what each inbound order adds to it."""
    chosen: dict[tuple[str, str], bool] = {}
    arriving: dict[Place, list[Inbound]] = {}
    for order in inbound:
        arriving.setdefault(Place(order.company, order.sku, order.warehouse), []).append(order)
    found: list[AtpRow] = []
    for row in stock:
        key = (row.company, row.sku)
        if key not in chosen:
            chosen[key] = dice.chance(_PROMISED_BY_ERP)
        if chosen[key]:
            found.extend(_atp(row, arriving.get(Place(row.company, row.sku, row.warehouse), []), today))
    return found


def _atp(row: Stock, arriving: Sequence[Inbound], today: date) -> list[AtpRow]:
    available = row.free
    days = {today: available}
    for order in sorted(arriving, key=lambda order: (order.expected, order.number)):
        available += order.quantity
        days[max(order.expected, today)] = available
    return [
        AtpRow(company=row.company, sku=row.sku, warehouse=row.warehouse, date=day, available=quantity)
        for day, quantity in days.items()
    ]
