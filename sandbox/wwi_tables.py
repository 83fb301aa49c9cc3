"""Wide World Importers' parquet tables, read by column: the only place that needs pyarrow."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.missing import NoSuchDataError

_NAMES = {
    "Customers": "Sales.Customers",
    "StockItems": "Warehouse.StockItems",
    "StockItemHoldings": "Warehouse.StockItemHoldings",
    "Orders": "Sales.Orders",
    "OrderLines": "Sales.OrderLines",
    "PurchaseOrders": "Purchasing.PurchaseOrders",
    "PurchaseOrderLines": "Purchasing.PurchaseOrderLines",
    "SpecialDeals": "Sales.SpecialDeals",
    "DeliveryMethods": "Application.DeliveryMethods",
    "Invoices": "Sales.Invoices_May",
}
COMPANY = "WWI"


class Tables:
    def __init__(self, folder: Path) -> None:
        try:
            from pyarrow import parquet  # noqa: PLC0415 - only who loads these tables has it installed
        except ImportError as missing:
            raise NoSuchDataError("reading Wide World Importers needs pyarrow: pip install crossdock[wwi]") from missing
        self._folder = folder
        self._read: Any = parquet.read_table
        absent = [name for name in _NAMES.values() if not (folder / f"{name}.parquet").exists()]
        if absent:
            raise NoSuchDataError(f"{folder} lacks {', '.join(f'{name}.parquet' for name in absent)}")

    def columns(self, table: str, *names: str) -> list[list[Any]]:
        read = self._read(self._folder / f"{_NAMES[table]}.parquet", columns=list(names))
        return [read[name].to_pylist() for name in names]

    def rows(self, table: str, *names: str) -> Iterator[tuple[Any, ...]]:
        return zip(*self.columns(table, *names), strict=True)


def text(value: float | None) -> str | None:
    """Keys with gaps come as floats."""
    return None if value is None else str(int(value))


def moment(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


class Decimals:
    """Few prices and quantities in many rows: each is made once."""

    def __init__(self) -> None:
        self._whole: dict[int, Decimal] = {}
        self._cents: dict[float, Decimal] = {}

    def whole(self, value: int) -> Decimal:
        found = self._whole.get(value)
        if found is None:
            found = self._whole[value] = Decimal(value)
        return found

    def cents(self, value: float) -> Decimal:
        found = self._cents.get(value)
        if found is None:
            found = self._cents[value] = Decimal(f"{value:.2f}")
        return found
