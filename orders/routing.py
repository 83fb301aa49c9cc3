"""Which legal entity sells an order and which warehouses ship it, in which order; and why."""

from collections.abc import Iterable, Sequence

import msgspec

from orders.policy import OrderPolicy, RoutingRule
from orders.request import OrderRequest
from sources.models import Customer, Item, ShipTo, Stock, Warehouse


class Route(msgspec.Struct, frozen=True):
    """`warehouses` in the order to ship from; empty where none can."""

    company: str
    warehouses: tuple[Warehouse, ...]
    reason: str


def seller(candidates: Sequence[Customer], ship_tos: Iterable[ShipTo]) -> Customer | None:
    """Of the companies that know a customer number, the one that sells: the one whose ship-to it is. None where several are left."""
    if len(candidates) == 1:
        return candidates[0]
    owned = {(ship_to.company, ship_to.customer_number) for ship_to in ship_tos}
    fitting = [each for each in candidates if (each.company, each.number) in owned]
    return fitting[0] if len(fitting) == 1 else None


def routed(
    policy: OrderPolicy, request: OrderRequest, parties: tuple[Customer, ShipTo], goods: Sequence[tuple[Item, Stock]]
) -> Route:
    """The first rule that fits decides; without one, the ship-to's own warehouse comes first, then the others by priority."""
    customer, ship_to = parties
    kept = _kept(goods)
    items = tuple(item for item, _ in goods)
    for rule in policy.routing:
        if rule.fit(customer, ship_to, request.carrier_service) and rule.takes(items):
            return _by_rule(rule, customer.company, kept)
    own = ship_to.warehouse_code
    order = sorted(kept.values(), key=lambda place: (place.code != own, place.priority, place.code))
    first = f"the ship-to's own warehouse {own} first, then" if own in kept else "the warehouses"
    return Route(customer.company, tuple(order), f"No rule fits: {first} by priority.")


def _by_rule(rule: RoutingRule, company: str, kept: dict[str, Warehouse]) -> Route:
    chosen = tuple(kept[code] for code in rule.warehouses if code in kept)
    conditions = rule.said()
    return Route(company, chosen, f'Rule "{rule.name}"{f": {conditions}" if conditions else ""}.')


def _kept(goods: Sequence[tuple[Item, Stock]]) -> dict[str, Warehouse]:
    """Every warehouse that keeps any of the items."""
    return {row.warehouse.code: row.warehouse for _, stock in goods for row in stock.rows}
