"""Supply and demand out of open documents: pure. Business Central has no ATP service, so this is what ours is worked out from."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sources.atp import Flow
from sources.business_central import payload
from sources.business_central.mapping import day, is_item
from sources.errors import SourceError, SourceRejected
from sources.models import WarehousePlan

UNKNOWN_UNIT = "UNIT_NOT_CONVERTIBLE"
"""The refusal of an item that an open line counts in another unit than its base one: the API does not tell how many that holds."""


class Moved(NamedTuple):
    """What an open line says: less than nothing leaves."""

    item: str
    unit: str
    location: str
    flow: Flow


def of_sales(orders: Iterable[payload.OpenSales], locations: Mapping[str, str], today: date) -> Iterable[Moved]:
    """What is ordered and not shipped leaves on its shipment date; without one it is owed today."""
    for order in orders:
        for line in order.sales_order_lines:
            owed = line.quantity - line.shipped_quantity
            if is_item(line) and owed > 0:
                flow = Flow(day(line.shipment_date) or today, -owed)
                yield Moved(
                    line.line_object_number, line.unit_of_measure_code, locations.get(line.location_id, ""), flow
                )


def of_purchases(orders: Iterable[payload.OpenPurchases], locations: Mapping[str, str]) -> Iterable[Moved]:
    """What is on order and not received comes on its expected day; without one nobody relies on it."""
    for order in orders:
        for line in order.purchase_order_lines:
            expected, due = day(line.expected_receipt_date), line.quantity - line.received_quantity
            if is_item(line) and due > 0 and expected is not None:
                place = locations.get(line.location_id, "")
                yield Moved(line.line_object_number, line.unit_of_measure_code, place, Flow(expected, due))


def refused(moved: Iterable[Moved], units: Mapping[str, str], source: str) -> dict[str, SourceError]:
    """The items that cannot be added up."""
    return {
        each.item: SourceRejected(source, reason=UNKNOWN_UNIT, detail="an open line is in another unit")
        for each in moved
        if each.item in units and each.unit not in {"", units[each.item]}
    }


def plans(moved: Iterable[Moved], warehouses: Iterable[str], until: date) -> dict[str, tuple[WarehousePlan, ...]]:
    """By item, the warehouses in their codes' order, the oldest flow first. Of no warehouse in particular: of all."""
    wanted = frozenset(warehouses)
    supply: dict[tuple[str, str], list[Flow]] = {}
    demand: dict[tuple[str, str], list[Flow]] = {}
    for each in moved:
        if each.flow.date > until or (wanted and each.location not in wanted):
            continue
        into, quantity = (supply, each.flow.quantity) if each.flow.quantity > 0 else (demand, -each.flow.quantity)
        into.setdefault((each.item, each.location), []).append(Flow(each.flow.date, quantity))
    found: dict[str, list[WarehousePlan]] = {}
    for item, location in sorted(supply.keys() | demand.keys()):
        here = (item, location)
        found.setdefault(item, []).append(
            WarehousePlan(location, _in_order(supply.get(here, ())), _in_order(demand.get(here, ())))
        )
    return {item: tuple(rows) for item, rows in found.items()}


def _in_order(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    return tuple(sorted(flows, key=_when))


def _when(flow: Flow) -> tuple[date, Decimal]:
    return flow.date, flow.quantity
