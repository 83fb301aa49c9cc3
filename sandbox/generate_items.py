"""Generated items: 2,000 of them, 40 of which both companies carry under the same SKU."""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from sandbox.amounts import ONE, money, plain, unit_price
from sandbox.dice import Dice
from sandbox.facts_items import Item, ItemStatus, QuantityRule, Uom
from sandbox.facts_orders import Progress
from sandbox.facts_prices import Break, PriceRow
from sandbox.facts_shipments import Content
from sandbox.generate_names import FAMILIES, Family
from sandbox.pricing import breaks_in

US_ITEMS = 1_500
CA_ITEMS = 460
IN_BOTH = 40
CURRENCIES = {"US": "USD", "CA": "CAD"}

_STATUSES: tuple[tuple[ItemStatus, float], ...] = (("ACTIVE", 0.92), ("DISCONTINUED", 0.05), ("BLOCKED", 0.03))
_TEXTS: dict[ItemStatus, str] = {"ACTIVE": "Active", "DISCONTINUED": "Phased out", "BLOCKED": "Quality hold"}
_UOMS: dict[str, tuple[tuple[str, int], ...]] = {
    "small": (("EA", 1), ("BX", 100), ("CS", 1_000), ("PL", 48_000)),
    "each": (("EA", 1), ("BX", 6), ("CS", 24), ("PL", 480)),
    "metre": (("M", 1), ("RL", 100), ("PL", 2_400)),
    "kilogram": (("KG", 1), ("BG", 5), ("CS", 20)),
}
_QUANTITIES: dict[str, tuple[tuple[str, str], ...]] = {
    "small": (("EA", "50"), ("EA", "200"), ("BX", "1"), ("BX", "3"), ("CS", "1")),
    "each": (("EA", "1"), ("EA", "2"), ("EA", "5"), ("BX", "2"), ("CS", "1"), ("EA", "12")),
    "metre": (("M", "12.5"), ("M", "37.5"), ("M", "80"), ("RL", "1")),
    "kilogram": (("KG", "2.5"), ("KG", "7.5"), ("BG", "2"), ("CS", "1")),
}
_DECIMAL_RULE = QuantityRule(Decimal("0.5"), None, Decimal("0.5"))


class Offer(NamedTuple):
    """A quantity the item is ordered in, with all that follows from it, worked out once instead of once a line."""

    uom: str
    factor: Decimal
    quantity: Decimal
    unit_price: Decimal
    total: Decimal
    base: Decimal
    shipped: Progress
    cancelled: Progress
    content: Content


class _Draft(NamedTuple):
    sku: str
    name: str
    family: Family
    product: str


class Good(NamedTuple):
    item: Item
    price: PriceRow
    offers: tuple[Offer, ...]
    kept_by: str | None


def make_goods(dice: Dice) -> dict[str, list[Good]]:
    """By company. What replaces an item, or stands in for it, is of the same family."""
    drafts = [_draft(dice, at) for at in range(US_ITEMS + CA_ITEMS)]
    american = _related(dice, [_item("US", draft) for draft in drafts[:US_ITEMS]])
    shared = [drafts[at] for at in range(7, US_ITEMS, US_ITEMS // IN_BOTH)][:IN_BOTH]
    canadian = _related(dice, [_item("CA", draft) for draft in (*drafts[US_ITEMS:], *shared)])
    return {company: [_good(dice, item) for item in items] for company, items in (("US", american), ("CA", canadian))}


def _draft(dice: Dice, at: int) -> _Draft:
    family = FAMILIES[at % len(FAMILIES)]
    product, size, finish = dice.pick(family.products), dice.pick(family.sizes), dice.pick(family.finishes)
    return _Draft(f"{family.prefix}-{10_001 + at}", f"{product} {size} {finish}", family, product)


def _item(company: str, draft: _Draft) -> Item:
    family = draft.family
    return Item(
        company=company,
        sku=draft.sku,
        name=draft.name,
        description=f"{draft.product}, {family.category.lower()}",
        category=family.category,
        uom=_UOMS[family.kind][0][0],
        uoms=tuple(Uom(code, Decimal(factor)) for code, factor in _UOMS[family.kind]),
        hazardous=family.hazardous,
    )


def _related(dice: Dice, items: list[Item]) -> list[Item]:
    """Statuses, lead times, rules; what replaces what."""
    by_prefix: dict[str, list[Item]] = {}
    for item in items:
        by_prefix.setdefault(item.sku[:3], []).append(item)
    done: dict[str, Item] = {}
    for family in by_prefix.values():
        statuses = [dice.weighted(_STATUSES) for _ in family]
        statuses[0] = "ACTIVE"
        active = [item.sku for item, status in zip(family, statuses, strict=True) if status == "ACTIVE"]
        for item, status in zip(family, statuses, strict=True):
            done[item.sku] = _finished(dice, item, status, [sku for sku in dice.some(active, 3) if sku != item.sku])
    return [done[item.sku] for item in items]


def _finished(dice: Dice, item: Item, status: ItemStatus, peers: list[str]) -> Item:
    return msgspec.structs.replace(
        item,
        status=status,
        status_text=_TEXTS[status],
        replaced_by=peers[0] if status == "DISCONTINUED" and peers else None,
        substitutes=tuple(peers[1:]) if dice.chance(0.3) else (),
        quantity_rule=_rule(dice, item),
        lead_time_days=dice.between(3, 45) if dice.chance(0.9) else None,
    )


def _rule(dice: Dice, item: Item) -> QuantityRule:
    if item.uom in {"M", "KG"}:
        return _DECIMAL_RULE
    if item.uoms[1].factor == Decimal(100):
        return QuantityRule(Decimal(10), None, Decimal(10)) if dice.chance(0.5) else QuantityRule()
    return QuantityRule(ONE, Decimal(5_000), ONE) if dice.chance(0.1) else QuantityRule()


def _good(dice: Dice, item: Item) -> Good:
    family = next(family for family in FAMILIES if item.sku.startswith(family.prefix))
    lowest, highest = family.price
    share = dice.share()
    # Only products: powers and logarithms differ in their last bit between machines.
    thousandths = lowest + int((highest - lowest) * share * share * share)
    price = PriceRow(company=item.company, sku=item.sku, breaks=_breaks(Decimal(thousandths) / 1000, item))
    offers = tuple(_offer(item, price, uom, Decimal(quantity)) for uom, quantity in _QUANTITIES[family.kind])
    kept_by = dice.weighted((("lot", 0.1), ("serial", 0.05), (None, 0.85)))
    return Good(item, price, offers, kept_by)


def _breaks(list_price: Decimal, item: Item) -> tuple[Break, ...]:
    minimums = (100, 1_000) if list_price < 1 else (10, 50)
    unit = unit_price(list_price)
    first = min(item.quantity_rule.minimum, ONE)
    return (
        Break(first, unit),
        Break(Decimal(minimums[0]), unit_price(unit * Decimal("0.92"))),
        Break(Decimal(minimums[1]), unit_price(unit * Decimal("0.85"))),
    )


def _offer(item: Item, price: PriceRow, uom: str, quantity: Decimal) -> Offer:
    factor = item.factor(uom) or ONE
    breaks = breaks_in(price, item, uom) or price.breaks
    unit = [each for each in breaks if each.minimum <= quantity or each is breaks[0]][-1].unit
    base = plain(quantity * factor)
    return Offer(
        uom=uom,
        factor=factor,
        quantity=quantity,
        unit_price=unit,
        total=money(unit * quantity, CURRENCIES[item.company]),
        base=base,
        shipped=Progress(quantity, shipped=quantity),
        cancelled=Progress(quantity, cancelled=quantity),
        content=Content(item.sku, base),
    )
