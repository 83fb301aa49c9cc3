"""Generated orders: 20,000 over two years, the newest placed the day before today."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from sandbox.amounts import ZERO
from sandbox.dice import Dice
from sandbox.facts_customers import ShipTo
from sandbox.facts_orders import HOLD_CODES, Hold, Order, OrderLine, OrderStatus
from sandbox.generate_customers import Party
from sandbox.generate_items import Good
from sandbox.generate_lines import Filled, Leg, Shelves, Situation, Wanted, fill, line_of, rest_of, wants

ORDERS = 20_000
_DAYS = 730
_FIRST_NUMBER = 100_001
_AMERICAN = 0.75
_RECENT_DAYS = 7
_LINES = ((1, 0.3), (2, 0.25), (3, 0.18), (4, 0.12), (5, 0.09), (6, 0.06))
_CHANNELS = ("DIRECT", "CPQ", "PORTAL", "ECOMMERCE", "EDI", "MARKETPLACE")
_WORDS: dict[OrderStatus, str] = {
    "OPEN": "Booked",
    "RELEASED": "Released to warehouse",
    "PARTIALLY_SHIPPED": "Part shipped",
    "SHIPPED": "Shipped complete",
    "CLOSED": "Invoiced",
    "CANCELLED": "Cancelled",
}
_BY_AGE: tuple[tuple[int, tuple[tuple[OrderStatus, float], ...]], ...] = (
    (1, (("OPEN", 0.6), ("RELEASED", 0.37), ("CANCELLED", 0.03))),
    (6, (("SHIPPED", 0.45), ("PARTIALLY_SHIPPED", 0.15), ("RELEASED", 0.25), ("OPEN", 0.13), ("CANCELLED", 0.02))),
    (30, (("SHIPPED", 0.7), ("CLOSED", 0.15), ("PARTIALLY_SHIPPED", 0.08), ("OPEN", 0.03), ("CANCELLED", 0.04))),
    (_DAYS, (("CLOSED", 0.62), ("SHIPPED", 0.32), ("CANCELLED", 0.04), ("PARTIALLY_SHIPPED", 0.01), ("OPEN", 0.01))),
)
_REASONS = {
    "CREDIT": "Over the credit limit",
    "PRICE": "Price below the floor",
    "INVENTORY": "Stock short at the preferred warehouse",
    "ADDRESS": "Delivery address not confirmed",
    "CARRIER_RESTRICTION": "Hazardous goods by air",
    "DUPLICATE_PO": "PO number already used",
    "COMPLIANCE": "Export screening",
    "MANUAL": "Held by customer service",
}


class Placed(NamedTuple):
    order: Order
    warehouse: str
    legs: tuple[Leg, ...]


class _Backorder(NamedTuple):
    """What is left of an order, to be placed again a day or two later under the same PO number."""

    parent: Order
    party: Party
    ship_to: ShipTo
    lines: tuple[Wanted, ...]
    due: int


class _Draft(NamedTuple):
    party: Party
    ship_to: ShipTo
    lines: tuple[Wanted, ...]
    parent: Order | None


class OrderMaker:
    def __init__(
        self, dice: Dice, goods: Mapping[str, Sequence[Good]], parties: Mapping[str, Sequence[Party]], shelves: Shelves
    ) -> None:
        self._dice = dice
        self._goods = {
            company: [good for good in rows if good.item.status != "BLOCKED"] for company, rows in goods.items()
        }
        self._parties = parties
        self._shelves = shelves
        self._backorders: deque[_Backorder] = deque()

    def make(self, today: date) -> Iterator[Placed]:
        midnight = datetime.combine(today, time(), UTC)
        for at in range(ORDERS):
            age = _DAYS - at * _DAYS // ORDERS
            minute = self._dice.between(13 * 60, 23 * 60 - 1)
            yield self._place(at, age, midnight - timedelta(days=age) + timedelta(minutes=minute))

    def _place(self, at: int, age: int, placed_at: datetime) -> Placed:
        draft = self._draft(at)
        status = self._dice.weighted(next(weights for limit, weights in _BY_AGE if age <= limit))
        warehouse = draft.ship_to.warehouse or ""
        situation = Situation(self._dice, self._shelves, warehouse, recent=age < _RECENT_DAYS)
        filled = fill(status, draft.lines, situation)
        order = self._order(draft, filled, status, (at, placed_at))
        self._keep_backorder(order, draft, filled, at)
        return Placed(order, warehouse, filled.legs)

    def _draft(self, at: int) -> _Draft:
        if self._backorders and self._backorders[0].due <= at:
            late = self._backorders.popleft()
            return _Draft(late.party, late.ship_to, late.lines, late.parent)
        company = "US" if self._dice.chance(_AMERICAN) else "CA"
        party = self._dice.pick(self._parties[company])
        lines = wants(self._dice, self._goods[company], self._dice.weighted(_LINES))
        return _Draft(party, self._dice.pick(party.ship_tos), lines, None)

    def _keep_backorder(self, order: Order, draft: _Draft, filled: Filled, at: int) -> None:
        if order.status not in {"SHIPPED", "CLOSED"} or at > ORDERS - 200:
            return
        rest = tuple(
            rest_of(wanted, made.backordered, order.currency)
            for wanted, made in zip(draft.lines, filled.progress, strict=True)
            if made.backordered
        )
        if rest:
            self._backorders.append(_Backorder(order, draft.party, draft.ship_to, rest, at + 40))

    def _order(self, draft: _Draft, filled: Filled, status: OrderStatus, when: tuple[int, datetime]) -> Order:
        at, placed_at = when
        dice = self._dice
        number = str(_FIRST_NUMBER + at)
        requested = placed_at.date() + timedelta(days=dice.between(2, 14))
        late = (
            timedelta(days=dice.between(0, 21)) if status in {"OPEN", "RELEASED", "PARTIALLY_SHIPPED"} else timedelta()
        )
        lines = tuple(
            line_of(index, wanted, made, requested + late if made.backordered else requested)
            for index, (wanted, made) in enumerate(zip(draft.lines, filled.progress, strict=True), 1)
        )
        channel = dice.pick(_CHANNELS)
        customer = draft.party.customer
        return Order(
            company=customer.company,
            number=number,
            external_reference=f"{channel}-{number}" if channel not in {"DIRECT", "CPQ"} else None,
            po_number=draft.parent.po_number if draft.parent else self._po_number(number),
            customer=customer.number,
            ship_to=draft.ship_to.code,
            status=status,
            status_text=_WORDS[status],
            channel=channel,
            holds=self._holds(placed_at) if status == "OPEN" and dice.chance(0.45) else (),
            placed_at=placed_at,
            requested_date=requested if dice.chance(0.8) else None,
            currency=customer.currency,
            total=_total(lines),
            backorder_of=draft.parent.number if draft.parent else None,
            lines=lines,
        )

    def _po_number(self, number: str) -> str | None:
        return f"PO-{self._dice.between(10, 99)}{number}" if self._dice.chance(0.9) else None

    def _holds(self, placed_at: datetime) -> tuple[Hold, ...]:
        codes = self._dice.some(HOLD_CODES, 2 if self._dice.chance(0.15) else 1)
        at = placed_at + timedelta(minutes=5)
        owner = self._dice.pick(("credit.desk", "order.desk", None))
        return tuple(Hold(code, _REASONS.get(code), at, owner) for code in codes)


def _total(lines: Sequence[OrderLine]) -> Decimal:
    total = ZERO
    for line in lines:
        total += line.total
    return total
