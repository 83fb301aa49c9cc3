"""Generated shipments: each leg of an order in one to four parcels."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sandbox.dice import Dice
from sandbox.facts_orders import Order
from sandbox.facts_shipments import Content, Freight, Parcel, Shipment, ShipmentStatus
from sandbox.facts_stock import Warehouse
from sandbox.generate_items import Good
from sandbox.generate_lines import Leg
from sandbox.generate_orders import Placed

_CARRIERS = (("UPS", "Ground"), ("UPS", "2nd Day Air"), ("FEDEX", "Ground"), ("FEDEX", "Express"), ("PURO", "Ground"))
_PARCELS = ((1, 0.55), (2, 0.27), (3, 0.12), (4, 0.06))
_MOST_SERIALS = 12
_WORDS: dict[ShipmentStatus, str] = {
    "WAITING": "Waiting for release",
    "ALLOCATED": "Allocated to wave",
    "PICKING": "Pick in progress",
    "SHORT_PICKED": "Short",
    "PACKED": "Packed, label printed",
    "SHIPPED": "Left the dock",
    "DELIVERED": "Proof of delivery",
    "CANCELLED": "Void",
}


class ShipmentMaker:
    def __init__(
        self, dice: Dice, goods: Mapping[str, Mapping[str, Good]], warehouses: Mapping[str, Warehouse], today: date
    ) -> None:
        self._dice = dice
        self._kept_by = {
            (company, sku): good.kept_by for company, own in goods.items() for sku, good in own.items() if good.kept_by
        }
        self._warehouses = warehouses
        self._midnight = datetime.combine(today, time(), UTC)
        self._parcels = 0
        self._freights: dict[tuple[int, str], Freight] = {}
        self._weights = [Decimal(tenths) / 10 for tenths in range(3, 400)]

    def make(self, placed: Iterable[Placed]) -> Iterator[Shipment]:
        for each in placed:
            for at, leg in enumerate(each.legs, 1):
                yield self._shipment(each.order, self._warehouses[each.warehouse], leg, at)

    def _shipment(self, order: Order, warehouse: Warehouse, leg: Leg, at: int) -> Shipment:
        carrier, service = self._dice.pick(_CARRIERS)
        gone = leg.status in {"SHIPPED", "DELIVERED"}
        shipped_at = self._shipped_at(order, leg, at) if gone else None
        early = shipped_at is not None and shipped_at > self._midnight - timedelta(days=1)
        status: ShipmentStatus = "SHIPPED" if early else leg.status
        parcels = self._packed(order.company, leg)
        named = bool(parcels)
        return Shipment(
            company=order.company,
            number=f"SH{order.number}-{at}",
            order=order.number,
            warehouse=warehouse,
            status=status,
            status_text=_WORDS[status],
            carrier=carrier if named else None,
            service=service if named else None,
            shipped_at=shipped_at,
            freight=self._freight(len(parcels), order.currency) if gone else None,
            parcels=parcels,
        )

    def _shipped_at(self, order: Order, leg: Leg, at: int) -> datetime:
        """In the evening one to three days after the order, and never later than yesterday's."""
        evening = order.placed_at.replace(hour=20, minute=0) + timedelta(days=at, minutes=self._dice.below(120))
        if leg.status == "SHIPPED":
            evening += timedelta(days=self._dice.below(2))
        return min(evening, self._midnight - timedelta(hours=3))

    def _packed(self, company: str, leg: Leg) -> tuple[Parcel, ...]:
        if leg.status == "CANCELLED":
            return (self._parcel(()),) if self._dice.chance(0.5) else ()
        if not leg.contents:
            return ()
        pieces = self._pieces([self._traced(company, content) for content in leg.contents])
        count = min(self._dice.weighted(_PARCELS), len(pieces))
        return tuple(self._parcel(tuple(pieces[start::count])) for start in range(count))

    def _pieces(self, contents: list[Content]) -> list[Content]:
        """A large quantity that nobody traces goes into two cartons now and then."""
        first = contents[0]
        if not first.quantity or first.quantity % 2 or first.serials or not self._dice.chance(0.3):
            return contents
        half = Content(first.sku, first.quantity // 2, first.lots)
        return [half, half, *contents[1:]]

    def _traced(self, company: str, content: Content) -> Content:
        kept_by = self._kept_by.get((company, content.sku))
        if kept_by == "lot":
            lot = f"L{self._dice.between(24, 25)}{self._dice.between(1, 12):02d}-{self._dice.between(100, 999)}"
            return Content(content.sku, content.quantity, (lot,))
        if kept_by == "serial" and content.quantity <= _MOST_SERIALS and content.quantity % 1 == 0:
            first = self._dice.between(100_000, 899_999)
            return Content(
                content.sku, content.quantity, (), tuple(f"SN{first + at}" for at in range(int(content.quantity)))
            )
        return content

    def _parcel(self, contents: tuple[Content, ...]) -> Parcel:
        self._parcels += 1
        return Parcel(f"1Z{self._parcels:010d}", self._dice.pick(self._weights), contents)

    def _freight(self, parcels: int, currency: str) -> Freight:
        key = (parcels, currency)
        if key not in self._freights:
            self._freights[key] = Freight(Decimal(f"{6 + 7 * parcels}.50"), currency)
        return self._freights[key]
