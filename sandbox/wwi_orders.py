"""Wide World Importers' orders: 73,595 of them with 231,412 lines, read by column."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from sandbox.amounts import ZERO
from sandbox.facts_orders import Order, OrderLine, OrderStatus, Progress
from sandbox.wwi_items import PACKAGES
from sandbox.wwi_tables import COMPANY, Decimals, Tables, moment, text

# Invoices are given for the last month only: what was picked before is taken to be closed.
_SETTLED = timedelta(days=31)


class _Line(NamedTuple):
    sku: str
    quantity: Decimal
    uom: str
    unit_price: Decimal
    total: Decimal
    progress: Progress


class Lines:
    """Lines by order, in the order they were entered. Equal figures are one object, for there are few of them."""

    def __init__(self, tables: Tables) -> None:
        self._decimals = Decimals()
        self._known: dict[tuple[int, ...], _Line] = {}
        names = ("OrderLineID", "OrderID", "StockItemID", "Quantity", "PickedQuantity", "PackageTypeID", "UnitPrice")
        self._by_order: dict[int, list[tuple[int, _Line]]] = {}
        for key, order, *figures in tables.rows("OrderLines", *names):
            self._by_order.setdefault(order, []).append((key, self._line(tuple(figures))))

    def _line(self, figures: tuple[int, ...]) -> _Line:
        found = self._known.get(figures)
        if found is None:
            found = self._known[figures] = self._made(figures)
        return found

    def _made(self, figures: tuple[int, ...]) -> _Line:
        item, ordered, picked, package, price = figures
        quantity, unit = self._decimals.whole(ordered), self._decimals.cents(price)
        shipped = self._decimals.whole(picked)
        progress = Progress(quantity, shipped=shipped, backordered=self._decimals.whole(ordered - picked))
        return _Line(str(item), quantity, PACKAGES[package], unit, unit * quantity, progress)

    def of(self, order: int) -> tuple[OrderLine, ...]:
        entered = sorted(self._by_order.get(order, ()), key=lambda line: line[0])
        return tuple(
            OrderLine(number, line.sku, line.quantity, line.uom, line.unit_price, line.total, None, line.progress)
            for number, (_, line) in enumerate(entered, 1)
        )


def last_day(tables: Tables) -> date:
    (days,) = tables.columns("Orders", "OrderDate")
    newest: date = max(days).date()
    return newest


def read_orders(tables: Tables, today: date) -> Iterator[Order]:
    """An original names the backorder made from it; here the backorder names its original."""
    lines = Lines(tables)
    original = {
        int(child): str(order)
        for order, child in tables.rows("Orders", "OrderID", "BackorderOrderID")
        if child is not None
    }
    names = ("OrderID", "CustomerID", "OrderDate", "ExpectedDeliveryDate", "PickingCompletedWhen")
    for order, customer, placed, expected, picked, po_number in tables.rows(
        "Orders", *names, "CustomerPurchaseOrderNumber"
    ):
        own = lines.of(order)
        status: OrderStatus = "OPEN" if picked is None else "CLOSED" if picked.date() < today - _SETTLED else "SHIPPED"
        yield Order(
            company=COMPANY,
            number=str(order),
            po_number=text(po_number),
            customer=str(customer),
            ship_to=str(customer),
            status=status,
            status_text="Not picked" if picked is None else "Picking completed",
            placed_at=moment(placed),
            requested_date=expected.date(),
            currency="USD",
            total=sum((line.total for line in own), ZERO),
            backorder_of=original.get(order),
            lines=own,
        )
