"""An item's outlook: stock, supply and demand worked into what can be promised, each figure when it is asked for."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from sources import atp, models
from sources.atp import DEFAULT_RULES, AtpRules

Destination = models.ShipTo | BaseException | None
Day = date
"""Where a class has a field called date, its annotation needs another name for the type."""


class AvailabilityPolicy(msgspec.Struct, frozen=True):
    """`horizon_days` holds where a question names none; `today` overrides the warehouses' own date."""

    rules: AtpRules = DEFAULT_RULES
    horizon_days: int = 90
    today: date | None = None


DEFAULT_POLICY = AvailabilityPolicy()


class Facts(msgspec.Struct, frozen=True):
    """What the WMS and the ERP say of one item."""

    item: models.Item
    stock: models.Stock | BaseException | None
    plan: models.SupplyDemand | BaseException | None


class Span(NamedTuple):
    """Over which days, by which rules and to where an outlook is made."""

    today: date
    days: int
    rules: atp.AtpRules
    ship_to: models.ShipTo | None


class Place:
    """One warehouse's figures, in the item's base unit."""

    __slots__ = ("_item", "_plan", "_row", "_span", "allocated", "on_hand", "timeline", "warehouse")

    def __init__(
        self, row: models.WarehouseStock, plan: models.WarehousePlan | None, item: models.Item, span: Span
    ) -> None:
        self.warehouse, self.on_hand, self.allocated = row.warehouse, row.on_hand, row.allocated
        self._row, self._plan, self._item, self._span = row, plan, item, span
        given = plan.atp if plan is not None else None
        self.timeline = given if given is not None else self._promisable()

    def _promisable(self) -> tuple[models.AtpBucket, ...]:
        row, plan, span = self._row, self._plan, self._span
        position = atp.StockPosition(
            atp.sellable(row.on_hand, unsellable=row.unsellable, safety_stock=row.safety_stock),
            plan.supply if plan is not None else (),
            plan.demand if plan is not None else (),
        )
        return atp.timeline(position, today=span.today, horizon_days=span.days, rules=span.rules)

    @property
    def available(self) -> Decimal:
        return atp.available_on(self.timeline, self._span.today)

    @property
    def inbound(self) -> Decimal:
        """What is due within the span, with the overdue supply that its rules still count on."""
        if self._plan is None:
            return atp.ZERO
        today, days, rules, _ = self._span
        fence = rules.overdue_supply_days if rules.overdue_supply_offset_days <= days else 0
        earliest = date.min if fence is None else today - timedelta(days=fence)
        last = today + timedelta(days=days)
        return sum((flow.quantity for flow in self._plan.supply if earliest <= flow.date <= last), atp.ZERO)

    @property
    def outlook(self) -> atp.WarehouseOutlook:
        """The timeline as promises need it."""
        ship_to, code = self._span.ship_to, self.warehouse.code
        lead_days = ship_to.transit_days.get(code, 0) if ship_to is not None else 0
        return atp.WarehouseOutlook(code, self.timeline, lead_days, self._replenished())

    def _replenished(self) -> date | None:
        """When a fresh order at the supplier would be in; nothing more comes of an item that is no longer bought."""
        item = self._item
        if item.lead_time_days is None or item.status is not models.ItemStatus.ACTIVE:
            return None
        return self._span.today + timedelta(days=item.lead_time_days)


class Outlook:
    """An item's availability over the warehouses asked for, in routing order; the sums are over all of them."""

    __slots__ = ("_timeline", "as_of", "method", "stale", "today", "warehouses")

    def __init__(self, warehouses: Sequence[Place], method: models.AtpMethod, today: date, *, as_of: datetime) -> None:
        self.warehouses, self.method, self.today, self.as_of = warehouses, method, today, as_of
        self.stale = False
        self._timeline: tuple[models.AtpBucket, ...] | None = None

    @property
    def on_hand(self) -> Decimal:
        return sum([place.on_hand for place in self.warehouses], atp.ZERO)

    @property
    def allocated(self) -> Decimal:
        return sum([place.allocated for place in self.warehouses], atp.ZERO)

    @property
    def inbound(self) -> Decimal:
        return sum([place.inbound for place in self.warehouses], atp.ZERO)

    @property
    def available(self) -> Decimal:
        return sum([place.available for place in self.warehouses], atp.ZERO)

    @property
    def timeline(self) -> tuple[models.AtpBucket, ...]:
        if self._timeline is None:
            self._timeline = atp.merged([place.timeline for place in self.warehouses])
        return self._timeline


def outlook(
    policy: AvailabilityPolicy,
    facts: Facts,
    ship_to: Destination,
    *,
    days: int,
    warehouses: Sequence[str] | None = None,
) -> Outlook | BaseException | None:
    """None where no warehouse keeps the item; what could not be read stands in its place.

    `warehouses`: only these, in this order; else all, the ship-to's own first.
    """
    item, stock, plan = facts.item, facts.stock, facts.plan
    for fact in (ship_to, stock, plan):
        if isinstance(fact, BaseException):
            return fact
    if not isinstance(stock, models.Stock) or not isinstance(plan, models.SupplyDemand):
        return None
    goes_to = ship_to if isinstance(ship_to, models.ShipTo) else None
    span = Span(policy.today or stock.today, days, policy.rules, goes_to)
    plans = {each.warehouse_code: each for each in plan.plans}
    places = [Place(row, plans.get(row.warehouse.code), item, span) for row in _routed(stock.rows, goes_to, warehouses)]
    by_source = any(each.atp is not None for each in plan.plans)
    method = models.AtpMethod.SOURCE if by_source else policy.rules.method
    found = Outlook(places, method, span.today, as_of=min(stock.as_of, plan.as_of))
    found.stale = stock.stale or plan.stale
    return found


def _routed(
    rows: Sequence[models.WarehouseStock], ship_to: models.ShipTo | None, warehouses: Sequence[str] | None
) -> Sequence[models.WarehouseStock]:
    if warehouses is not None:
        named = {row.warehouse.code: row for row in rows}
        return [named[code] for code in warehouses if code in named]
    if ship_to is None:
        return rows
    return sorted(rows, key=lambda row: row.warehouse.code != ship_to.warehouse_code)


class Promised(msgspec.Struct, frozen=True):
    warehouse: models.Warehouse
    quantity: Decimal
    date: Day


class Delivery(msgspec.Struct, frozen=True):
    """`shortfall` is what cannot be promised at all."""

    complete: bool
    date: Day | None
    portions: tuple[Promised, ...]
    shortfall: Decimal


def delivery(outlook: Outlook, quantity: Decimal, *, by: Day | None, allow_split: bool = True) -> Delivery:
    """When `quantity` (in the base unit) can be had, and wanted `by` then."""
    promised = atp.promise(
        quantity,
        [place.outlook for place in outlook.warehouses],
        today=outlook.today,
        by=by,
        allow_split=allow_split,
        method=outlook.method,
    )
    places = {place.warehouse.code: place.warehouse for place in outlook.warehouses}
    portions = tuple(Promised(places[part.warehouse], part.quantity, part.date) for part in promised.portions)
    return Delivery(promised.complete, promised.date, portions, promised.shortfall)
