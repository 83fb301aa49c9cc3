"""Warehouses, what stands in them, what comes in and what is promised."""

from datetime import date
from decimal import Decimal

from sandbox.amounts import ZERO
from sandbox.fact import COMPANY, Fact


class Warehouse(Fact, frozen=True, kw_only=True):
    company: str = COMPANY
    code: str
    name: str = ""
    priority: int = 1


class Stock(Fact, frozen=True, kw_only=True):
    company: str = COMPANY
    sku: str
    warehouse: str
    on_hand: Decimal = ZERO
    allocated: Decimal = ZERO
    unsellable: Decimal = ZERO
    safety_stock: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        """What a new order may still take; safety stock is there to be taken."""
        return max(self.on_hand - self.allocated - self.unsellable, ZERO)


class Inbound(Fact, frozen=True, kw_only=True):
    """An open purchase order line, in base units; `expected` before today is overdue."""

    company: str = COMPANY
    number: str
    sku: str
    warehouse: str
    quantity: Decimal
    expected: date


class Movement(Fact, frozen=True, kw_only=True):
    """An explicit supply or demand, in base units, beside those derived from purchase orders and orders."""

    company: str = COMPANY
    sku: str
    warehouse: str
    date: date
    quantity: Decimal


class AtpRow(Fact, frozen=True, kw_only=True):
    """What the ERP itself says is available to promise from `date` on."""

    company: str = COMPANY
    sku: str
    warehouse: str
    date: date
    available: Decimal


class Dated(Fact, frozen=True):
    date: date
    quantity: Decimal


class DatedAtp(Fact, frozen=True):
    date: date
    available: Decimal


class Plan(Fact, frozen=True, kw_only=True):
    company: str
    sku: str
    warehouse: str
    supply: tuple[Dated, ...]
    demand: tuple[Dated, ...]
    atp: tuple[DatedAtp, ...] | None
