"""For every problem an order can have, an order of the data set that has it and, as far as possible, no other."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

import msgspec

from sandbox.amounts import ONE, ZERO, plain, unit_price
from sandbox.facts_customers import Customer, ShipTo
from sandbox.facts_items import Item
from sandbox.facts_refusals import Refusal
from sandbox.sample_order import SampleLine, SampleOrder
from sandbox.sample_shop import Buyer, Shop, fits, least

_NOBODY = "NO-SUCH-KEY"
_AIR = "NEXT DAY AIR"
_TENTH_OFF = Decimal("0.9")
_TRIED = 40
"""How many customers, and how many goods, are tried for a total that just passes a limit."""

Found: TypeAlias = SampleOrder | None


def problems_of(shop: Shop) -> Mapping[str, SampleOrder]:
    if not shop.buyers or not shop.goods:
        return {}
    found = ((code, make(shop)) for code, make in _MAKERS.items())
    return {code: order for code, order in found if order is not None}


def _plain(shop: Shop, buyer: Buyer | None = None) -> Found:
    """One line without a problem, for this buyer or the first who can pay for it."""
    for each in [buyer] if buyer else shop.buyers:
        for item in shop.goods:
            order = _line(shop, each, item, least(item))
            if order is not None:
                return order
    return None


def _line(shop: Shop, buyer: Buyer, item: Item, quantity: Decimal) -> Found:
    cost = shop.cost(buyer.customer, item, quantity)
    if cost is None or not buyer.bears(cost):
        return None
    return shop.order(buyer, SampleLine(sku=item.sku, quantity=plain(quantity)))


def _changed(shop: Shop, **change: object) -> Found:
    order = _plain(shop)
    return None if order is None else msgspec.structs.replace(order, **change)


def _line_changed(shop: Shop, **change: object) -> Found:
    order = _plain(shop)
    return None if order is None else _with_line(order, **change)


def _with_line(order: SampleOrder, **change: object) -> SampleOrder:
    return msgspec.structs.replace(order, lines=(msgspec.structs.replace(order.lines[0], **change),))


def _first(orders: Iterator[Found]) -> Found:
    return next((order for order in orders if order is not None), None)


def _unknown_customer(shop: Shop) -> Found:
    return _changed(shop, customer=_NOBODY)


def _customer_blocked(shop: Shop) -> Found:
    return _first(_plain(shop, row) for row in shop.everybody if row.customer.blocked and not row.on_hold)


def _credit_hold(shop: Shop) -> Found:
    """A branch whose payer is on hold, where there is one: its own account says nothing of it."""
    held = [row for row in shop.everybody if row.on_hold and not row.customer.blocked]
    held.sort(key=lambda row: row.customer.bill_to is None)
    return _first(_plain(shop, row) for row in held)


def _credit_limit(shop: Shop) -> Found:
    """An order that just passes the limit; else one of somebody who has passed it already."""
    able = [row for row in shop.everybody if not row.customer.blocked and not row.on_hold and row.room is not None]
    able.sort(key=lambda row: row.room or ZERO)
    passing = [row for row in able if (row.room or ZERO) >= 0][:_TRIED]
    passed = [row for row in able if (row.room or ZERO) < 0][:1]
    return _first(_beyond(shop, row, item) for row in [*passing, *passed] for item in shop.goods[:_TRIED])


def _beyond(shop: Shop, buyer: Buyer, item: Item) -> Found:
    quantity = least(item)
    cost = shop.cost(buyer.customer, item, quantity)
    if cost is None:
        return None
    while cost is not None and buyer.bears(cost):
        # By leaps, for quantity breaks make the price fall on the way; a multiple of the least keeps the rule.
        quantity *= 2
        if not fits(item, quantity) or quantity * 2 > shop.spare(item):
            return None
        cost = shop.cost(buyer.customer, item, quantity)
    return shop.order(buyer, SampleLine(sku=item.sku, quantity=plain(quantity)))


def _unknown_ship_to(shop: Shop) -> Found:
    return _changed(shop, ship_to=_NOBODY)


def _invalid_ship_to(shop: Shop) -> Found:
    order = _plain(shop)
    if order is None:
        return None
    others = (row for row in shop.everybody if not _related(shop, order.customer, row.customer.number))
    other = next(others, None)
    return None if other is None else msgspec.structs.replace(order, ship_to=other.ship_to.code)


def _related(shop: Shop, one: str, other: str) -> bool:
    """Whether one pays for the other, however indirectly."""
    payers = shop.dataset.accounts
    return (shop.company, one) in payers(shop.company, other) or (shop.company, other) in payers(shop.company, one)


def _duplicate_po(shop: Shop) -> Found:
    """The newest order of somebody who could order again."""
    buyers = {row.customer.number: row for row in shop.buyers}
    for known in reversed(shop.dataset.order_list):
        buyer = buyers.get(known.customer) if known.company == shop.company else None
        if buyer and known.po_number and known.status != "CANCELLED" and (order := _plain(shop, buyer)):
            return msgspec.structs.replace(order, po_number=known.po_number)
    return None


def _unknown_item(shop: Shop) -> Found:
    return _line_changed(shop, sku=_NOBODY)


def _of(shop: Shop, items: Iterator[Item]) -> Found:
    return _first(_line(shop, shop.buyers[0], item, least(item)) for item in items)


def _item_discontinued(shop: Shop) -> Found:
    return _of(shop, (item for item in shop.plentiful if item.status == "DISCONTINUED" and not item.hazardous))


def _item_blocked(shop: Shop) -> Found:
    return _of(shop, (item for item in shop.plentiful if item.status == "BLOCKED" and not item.hazardous))


def _quantity_rule(shop: Shop) -> Found:
    """Between two multiples; where an item is sold in any quantity, above its most."""
    stepped = [item for item in shop.goods if item.quantity_rule.increment is not None]
    stepped.sort(key=lambda item: -(item.quantity_rule.increment or ONE))
    tens = ((item, least(item) + (item.quantity_rule.increment or ONE) / 2) for item in stepped)
    capped = ((item, item.quantity_rule.maximum + ONE) for item in shop.goods if item.quantity_rule.maximum)
    for wrong in (tens, capped):
        order = _first(_line(shop, shop.buyers[0], item, quantity) for item, quantity in wrong)
        if order is not None:
            return order
    return None


def _unknown_uom(shop: Shop) -> Found:
    return _line_changed(shop, uom=_NOBODY)


def _price_changed(shop: Shop) -> Found:
    """Of something that costs at least 1, so that a tenth of it survives rounding."""
    buyer = shop.buyers[0]
    for item in shop.goods:
        quantity = least(item)
        unit = shop.unit(buyer.customer, item, quantity)
        if unit is not None and unit >= 1 and (order := _line(shop, buyer, item, quantity)):
            return _with_line(order, expected_unit_price=unit_price(unit * _TENTH_OFF))
    return None


def _price_unavailable(shop: Shop) -> Found:
    unpriced = (item for item in shop.goods if not shop.dataset.prices.get((shop.company, item.sku)))
    item = next(unpriced, None)
    return None if item is None else _line_changed(shop, sku=item.sku, quantity=least(item))


def _insufficient_availability(shop: Shop) -> Found:
    """More than all stock and all supply there is, for the customer who can pay for most; best without a lead time to hope for."""
    richest = max(shop.buyers, key=lambda row: (row.room is None, row.room or ZERO))
    wanted = [item for item in shop.items if item.status == "ACTIVE" and not item.hazardous]
    wanted.sort(key=lambda item: item.lead_time_days is not None)
    orders = (_too_many(shop, richest, item) for item in wanted)
    order = _first(orders)
    return None if order is None else msgspec.structs.replace(order, allow_backorder=False)


def _too_many(shop: Shop, buyer: Buyer, item: Item) -> Found:
    data = shop.dataset
    rows = data.stock.find(item.sku, shop.company)
    places = [place for place in data.flows.places.get(item.sku, {}) if place.company == shop.company]
    if not rows or any(place in data.flows.atp for place in places):
        return None
    supply = sum((sum(data.flows.supply.get(place, {}).values(), ZERO) for place in places), ZERO)
    everything = sum((row.on_hand for row in rows), ZERO) + supply
    step = least(item)
    quantity = step * (everything // step + 1)
    return _line(shop, buyer, item, quantity) if fits(item, quantity) else None


def _no_route(shop: Shop) -> Found:
    return _of(shop, (item for item in shop.items if item.status == "ACTIVE" and not _kept(shop, item)))


def _kept(shop: Shop, item: Item) -> bool:
    rows = shop.dataset.stock.find(item.sku, shop.company)
    return bool(rows) or any(place.company == shop.company for place in shop.dataset.flows.places.get(item.sku, {}))


def _carrier_restriction(shop: Shop) -> Found:
    order = _of(shop, (item for item in shop.plentiful if item.status == "ACTIVE" and item.hazardous))
    return None if order is None else msgspec.structs.replace(order, carrier_service=_AIR)


def _source_rejected(shop: Shop) -> Found:
    return _first(_refused(shop, row) for row in shop.dataset.rows.refusals if row.system == "erp")


def _release_refused(shop: Shop) -> Found:
    """What the ERP takes and the WMS does not let go."""
    orders = (_refused(shop, row) for row in shop.dataset.rows.refusals if row.system == "wms")
    return _first(order for order in orders if order and not shop.dataset.refusal("erp", order))


def _refused(shop: Shop, refusal: Refusal) -> Found:
    """An order of somebody, or to somewhere, that this refusal names."""
    party = _named(shop, refusal) if refusal.company == shop.company else None
    if party is None or party[0].blocked:
        return None
    buyer = shop.buyer(*party)
    order = None if buyer.on_hold else _plain(shop, buyer)
    return order if order and refusal.strikes(order) else None


def _named(shop: Shop, refusal: Refusal) -> tuple[Customer, ShipTo] | None:
    data = shop.dataset
    if refusal.ship_to is not None:
        ship_to = data.ship_tos.one(shop.company, refusal.ship_to)
    else:
        ship_to = next(iter(data.ship_tos_of.find(refusal.customer or "", shop.company)), None)
    customer = data.customers.one(shop.company, ship_to.customer) if ship_to else None
    return None if customer is None or ship_to is None else (customer, ship_to)


_MAKERS: Mapping[str, Callable[[Shop], Found]] = {
    "UNKNOWN_CUSTOMER": _unknown_customer,
    "CUSTOMER_BLOCKED": _customer_blocked,
    "CREDIT_HOLD": _credit_hold,
    "CREDIT_LIMIT": _credit_limit,
    "UNKNOWN_SHIP_TO": _unknown_ship_to,
    "INVALID_SHIP_TO": _invalid_ship_to,
    "DUPLICATE_PO": _duplicate_po,
    "UNKNOWN_ITEM": _unknown_item,
    "ITEM_DISCONTINUED": _item_discontinued,
    "ITEM_BLOCKED": _item_blocked,
    "QUANTITY_RULE": _quantity_rule,
    "UNKNOWN_UOM": _unknown_uom,
    "PRICE_CHANGED": _price_changed,
    "PRICE_UNAVAILABLE": _price_unavailable,
    "INSUFFICIENT_AVAILABILITY": _insufficient_availability,
    "NO_ROUTE": _no_route,
    "CARRIER_RESTRICTION": _carrier_restriction,
    "SOURCE_REJECTED": _source_rejected,
    "RELEASE_REFUSED": _release_refused,
}
