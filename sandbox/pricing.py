"""What a customer pays: contract before promotion before price list; quantity breaks by quantity in the unit asked for."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sandbox.amounts import ONE, ceiling, unit_price
from sandbox.facts import Dataset
from sandbox.facts_customers import Customer
from sandbox.facts_items import Item
from sandbox.facts_prices import Break, Price, PriceRow

_PRECEDENCE = {"CONTRACT": 0, "PROMOTION": 1, "PRICE_LIST": 2}


class Question(NamedTuple):
    ref: str
    customer: Customer
    item: Item
    uom: str
    quantity: Decimal
    on: date


class _Offer(NamedTuple):
    rank: tuple[int, int, int]
    unit: Decimal
    breaks: tuple[Break, ...]
    row: PriceRow


def price_of(dataset: Dataset, asked: Question) -> Price | None:
    offers = [
        offer
        for row in dataset.prices.get((asked.item.company, asked.item.sku), ())
        if _applies(row, asked) and (offer := _offer(row, asked))
    ]
    if not offers:
        return None
    best = min(offers, key=lambda offer: offer[:2])
    listed = min((offer for offer in offers if offer.row.source == "PRICE_LIST"), default=None, key=lambda o: o[:2])
    return Price(
        ref=asked.ref,
        currency=best.row.currency or asked.customer.currency,
        unit=best.unit,
        list=listed.breaks[0].unit if listed else None,
        uom=asked.uom,
        breaks=best.breaks,
        source=best.row.source,
        valid_from=best.row.valid_from,
        valid_to=best.row.valid_to,
    )


def _applies(row: PriceRow, asked: Question) -> bool:
    if row.customer is not None and row.customer != asked.customer.number:
        return False
    if row.buying_group is not None and row.buying_group != asked.customer.buying_group:
        return False
    begun = row.valid_from is None or row.valid_from <= asked.on
    return begun and (row.valid_to is None or asked.on <= row.valid_to)


def _offer(row: PriceRow, asked: Question) -> _Offer | None:
    breaks = breaks_in(row, asked.item, asked.uom)
    if breaks is None:
        return None
    reached = [each for each in breaks if each.minimum <= asked.quantity]
    if not reached and row.source != "PRICE_LIST":
        return None
    specific = 0 if row.customer else 1 if row.buying_group else 2
    rank = (_PRECEDENCE[row.source], specific, 0 if row.uom == asked.uom else 1)
    return _Offer(rank, (reached[-1] if reached else breaks[0]).unit, breaks, row)


def breaks_in(row: PriceRow, item: Item, uom: str) -> tuple[Break, ...] | None:
    """A row for the unit itself as it stands; a row for the base unit converted; any other unit's row says nothing."""
    if (row.uom or item.uom) == uom:
        return tuple(Break(each.minimum, unit_price(each.unit)) for each in row.breaks)
    factor = item.factor(uom)
    if factor is None or (row.uom is not None and row.uom != item.uom):
        return None
    converted: dict[Decimal, Break] = {}
    for each in row.breaks:
        minimum = max(ceiling(each.minimum / factor), ONE)
        converted[minimum] = Break(minimum, unit_price(each.unit * factor))
    return tuple(converted[minimum] for minimum in sorted(converted))
