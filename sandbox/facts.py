"""The data set: rows with the look-ups that the four systems need, built once and never changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Protocol

from sandbox.amounts import ONE, ZERO, money
from sandbox.facts_companies import Company
from sandbox.facts_orders import OPEN_STATUSES, Order, OrderLine
from sandbox.facts_prices import PriceRow
from sandbox.facts_refusals import Delivery, Refusal
from sandbox.facts_shipments import Shipment
from sandbox.facts_stock import Warehouse
from sandbox.flows import Flows, Place
from sandbox.index import Index
from sandbox.rows import Rows
from sandbox.samples import Samples, samples_of


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def placed(order: Order) -> tuple[datetime, str, str]:
    return order.placed_at, order.number, order.company


def shipment_age(shipment: Shipment) -> tuple[bool, float, str]:
    """Descending gives newest first: what has not shipped yet is newer than anything that has."""
    at = shipment.shipped_at
    return at is None, at.timestamp() if at else 0.0, shipment.number


class Dataset:
    """`Dataset(rows)`, or `Dataset.from_builtins(block)` for a terse block of facts as YAML or JSON gives it."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.today = rows.today
        self.companies = {company.code: company for company in rows.companies}
        self._index_parties(rows)
        self._index_goods(rows)
        self._index_orders(rows)
        self.flows = Flows()
        self.exposure = {(row.company, row.number): row.open_invoices for row in rows.credit}
        self._derive_flows(rows)
        for order in self.open_orders:
            self._derive_demand(order)

    @classmethod
    def from_builtins(cls, block: Mapping[str, Any]) -> "Dataset":
        """Unknown keys are refused with their path; names may be written in camelCase or snake_case."""
        from sandbox.block import rows_from_builtins  # noqa: PLC0415 - block derives rows by means of a Dataset

        return cls(rows_from_builtins(block))

    def _index_parties(self, rows: Rows) -> None:
        self.warehouses = Index(lambda row: row.code, rows.warehouses)
        self.customer_list = sorted(rows.customers, key=lambda row: (row.company, row.number))
        self.customer_texts = _texts(self.customer_list, [row.number for row in self.customer_list])
        self.customers = Index(lambda row: row.number, self.customer_list)
        self.children = Index(lambda row: row.bill_to, self.customer_list)
        self.ship_tos = Index(lambda row: row.code, rows.ship_tos)
        self.ship_tos_of = Index(lambda row: row.customer, rows.ship_tos)
        self.credit = {(row.company, row.number): row for row in rows.credit}
        self.relationships = Index(lambda row: row.customer, rows.relationships)

    def _index_goods(self, rows: Rows) -> None:
        self.item_list = sorted(rows.items, key=lambda row: (row.company, row.sku))
        self.item_texts = _texts(self.item_list, [row.sku for row in self.item_list])
        self.items = Index(lambda row: row.sku, self.item_list)
        self.stock = Index(lambda row: row.sku, rows.stock)
        self.prices: dict[tuple[str, str], list[PriceRow]] = {}
        for row in rows.prices:
            self.prices.setdefault((row.company, row.sku), []).append(row)

    def _index_orders(self, rows: Rows) -> None:
        self.order_list = sorted(rows.orders, key=placed)
        self.open_orders = [order for order in self.order_list if order.status in OPEN_STATUSES]
        self.orders = Index(lambda row: row.number, self.order_list)
        self.orders_of = Index(lambda row: row.customer, self.order_list)
        self.orders_by_reference = Index(lambda row: row.external_reference, self.order_list)
        self.orders_by_po = Index(lambda row: row.po_number, self.order_list)
        newest_first = sorted(rows.shipments, key=shipment_age, reverse=True)
        self.shipments = Index(lambda row: row.number, newest_first)
        self.shipments_of = Index(lambda row: row.order, newest_first)
        self.tracking = rows.tracking

    def _derive_flows(self, rows: Rows) -> None:
        for inbound in rows.inbound:
            place = Place(inbound.company, inbound.sku, inbound.warehouse)
            self.flows.add_supply(place, inbound.expected, inbound.quantity)
        for row in rows.supply:
            self.flows.add_supply(Place(row.company, row.sku, row.warehouse), row.date, row.quantity)
        for row in rows.demand:
            self.flows.add_demand(Place(row.company, row.sku, row.warehouse), row.date, row.quantity)
        for atp in rows.atp:
            self.flows.add_atp(atp)

    def _derive_demand(self, order: Order) -> None:
        warehouse = self.warehouse_of(order)
        for line in order.lines:
            if warehouse and line.progress.open > 0:
                day = line.promised_date or order.requested_date or self.today
                base = line.progress.open * self.line_factor(order.company, line)
                self.flows.add_demand(Place(order.company, line.sku, warehouse), day, base)
        value = unshipped_value(order)
        for account in self.accounts(order.company, order.customer):
            self.exposure[account] = self.exposure.get(account, ZERO) + value

    def accounts(self, company: str, number: str) -> Iterator[tuple[str, str]]:
        """The customer and those it is billed through: each of them bears what the customer owes."""
        seen: set[str] = set()
        current: str | None = number
        while current is not None and current not in seen:
            seen.add(current)
            yield company, current
            customer = self.customers.one(company, current)
            current = customer.bill_to if customer else None

    def line_factor(self, company: str, line: OrderLine) -> Decimal:
        item = self.items.one(company, line.sku)
        return (item.factor(line.uom) if item else None) or ONE

    def warehouse_of(self, order: Order) -> str | None:
        explicit = self.rows.order_warehouses.get((order.company, order.number))
        return explicit or self.warehouse_for(order.company, order.ship_to)

    def warehouse_for(self, company: str, ship_to: str | None) -> str | None:
        address = self.ship_tos.one(company, ship_to) if ship_to else None
        if address and address.warehouse:
            return address.warehouse
        own = self.warehouses_by_company.get(company)
        return own[0].code if own else None

    def refusal(self, system: Literal["erp", "wms"], order: Delivery) -> Refusal | None:
        return next((row for row in self.rows.refusals if row.system == system and row.strikes(order)), None)

    @cached_property
    def warehouses_by_company(self) -> dict[str, list[Warehouse]]:
        """In routing order."""
        found: dict[str, list[Warehouse]] = {}
        for row in sorted(self.rows.warehouses, key=lambda row: (row.priority, row.code)):
            found.setdefault(row.company, []).append(row)
        return found

    @cached_property
    def samples(self) -> Samples:
        return samples_of(self)

    def company(self, code: str) -> Company:
        return self.companies.get(code) or Company(code)


def unshipped_value(order: Order) -> Decimal:
    return sum((money(line.unit_price * line.progress.open, order.currency) for line in order.lines), ZERO)


def _texts(rows: Sequence[_Named], keys: Sequence[str]) -> list[str]:
    return [f"{key}\n{row.name}".casefold() for key, row in zip(keys, rows, strict=True)]
