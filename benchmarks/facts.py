"""In-memory facts for the execution benchmarks: made once, the same for every contestant."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum

import msgspec

MOMENT = datetime(2026, 6, 30, 9, 15, tzinfo=UTC)
TODAY = date(2026, 6, 30)


class TrackingStatus(Enum):
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"


class Fact(msgspec.Struct, frozen=True):
    """A record; each kind below is one."""


class Money(Fact, frozen=True):
    amount: Decimal
    currency: str


class PriceBreak(Fact, frozen=True):
    minimum: Decimal
    unit: Money


class Price(Fact, frozen=True):
    unit: Money
    uom: str
    breaks: tuple[PriceBreak, ...]


class Warehouse(Fact, frozen=True):
    code: str
    name: str


class WarehouseAvailability(Fact, frozen=True):
    warehouse: Warehouse
    on_hand: Decimal
    allocated: Decimal
    available: Decimal


class Availability(Fact, frozen=True):
    on_hand: Decimal
    available: Decimal
    warehouses: tuple[WarehouseAvailability, ...]


class Item(Fact, frozen=True):
    sku: str
    name: str
    uom: str
    hazardous: bool


class OrderLine(Fact, frozen=True):
    number: int
    sku: str
    quantity: Decimal


class Order(Fact, frozen=True):
    number: str
    placed_at: datetime
    lines: tuple[OrderLine, ...]


class TrackingEvent(Fact, frozen=True):
    at: datetime
    status: TrackingStatus
    description: str
    city: str | None


class Shipment(Fact, frozen=True):
    number: str
    order: str
    tracking_number: str


class Tracking(Fact, frozen=True):
    status: TrackingStatus
    events: tuple[TrackingEvent, ...]


class Customer(Fact, frozen=True):
    number: str
    name: str


class Row(Fact, frozen=True):
    """Ten plain fields."""

    a: str
    b: str
    c: int
    d: int
    e: bool
    f: str
    g: float
    h: str
    i: int
    j: str


SKUS = [f"SKU-{number:04}" for number in range(50)]
_PLACES = [Warehouse(f"W{number}", f"Warehouse {number}") for number in range(3)]


def _price(number: int) -> Price:
    unit = Decimal(100 + number) / 8
    breaks = [PriceBreak(Decimal(minimum), Money(unit - minimum / Decimal(100), "USD")) for minimum in (1, 10, 100)]
    return Price(Money(unit, "USD"), "EA", tuple(breaks))


def _availability(number: int) -> Availability:
    places = [
        WarehouseAvailability(place, Decimal(number + 40), Decimal(number), Decimal(40 + index))
        for index, place in enumerate(_PLACES)
    ]
    return Availability(Decimal(120 + 3 * number), Decimal(123), tuple(places))


def _events(number: int) -> tuple[TrackingEvent, ...]:
    moments = [MOMENT + timedelta(hours=number + hour) for hour in range(4)]
    return tuple(TrackingEvent(at, TrackingStatus.IN_TRANSIT, f"Scan {number}", "Reno") for at in moments)


ITEMS = {sku: Item(sku, f"Item {sku}", "EA", False) for sku in SKUS}  # noqa: FBT003 - hazardous
PRICES = {sku: _price(number) for number, sku in enumerate(SKUS)}
AVAILABILITIES = {sku: _availability(number) for number, sku in enumerate(SKUS)}
CUSTOMER = Customer("C1", "Acme")
ORDERS = [
    Order(
        str(number), MOMENT, tuple(OrderLine(line, SKUS[(number + line) % 50], Decimal(line * 3)) for line in range(5))
    )
    for number in range(20)
]
SHIPMENTS = {order.number: (Shipment(f"S{order.number}", order.number, f"T{order.number}"),) for order in ORDERS}
TRACKINGS = {f"T{number}": Tracking(TrackingStatus.IN_TRANSIT, _events(number)) for number in range(20)}
ROWS = [Row("a" * 5, "b", number, 4, True, "f", 1.5, "h", 9, "j") for number in range(1000)]  # noqa: FBT003 - a row

QUOTE = """query ($skus: [String!]!) { items(skus: $skus) { sku name uom hazardous
  price { unit { amount currency } uom breaks { minimum unit { amount currency } } }
  availability { onHand available warehouses { warehouse { code name } onHand allocated available } } } }"""
PORTAL = """query { customer { number name orders { number placedAt
  lines { number quantity item { name } }
  shipments { number trackingNumber tracking { status events { at status description city } } } } } }"""
FLAT = "query { rows { a b c d e f g h i j } }"
