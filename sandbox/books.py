"""The books as they stand: the data set, and on top of it what the journal says was ordered since."""

import heapq
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from sandbox.amounts import ZERO, money, plain
from sandbox.facts import Dataset, placed, shipment_age, unshipped_value
from sandbox.facts_customers import Credit, Customer
from sandbox.facts_orders import Order
from sandbox.facts_shipments import Shipment
from sandbox.facts_stock import Plan, Stock
from sandbox.flows import Flows, Place, places_of, plan_of
from sandbox.index import Index
from sandbox.journal import Entry, Journal

_FIRST_NUMBER = 9_000_001


class Books:
    def __init__(self, dataset: Dataset, journal: Journal) -> None:
        self.dataset = dataset
        self.journal = journal
        self.fingerprints: dict[tuple[str, str], str] = {}
        self._placed: list[Order] = []
        self._orders: Index[Order] = Index(lambda row: row.number)
        self._by_reference: Index[Order] = Index(lambda row: row.external_reference)
        self._shipments: Index[Shipment] = Index(lambda row: row.number)
        self._shipments_of: Index[Shipment] = Index(lambda row: row.order)
        self._stock: dict[Place, Stock] = {}
        self._flows = Flows()
        self._exposure: dict[tuple[str, str], Decimal] = {}

    def catch_up(self) -> None:
        for entry in self.journal.news():
            self._apply(entry)

    def append(self, entry: Entry) -> None:
        """Only inside the journal's lock."""
        self.journal.append(entry)
        self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        order = entry.order
        self._placed.append(order)
        self._placed.sort(key=placed)
        self._orders.add(order)
        self._by_reference.add(order)
        self._shipments.add(entry.shipment)
        self._shipments_of.add(entry.shipment)
        if order.external_reference is not None:
            self.fingerprints[order.company, order.external_reference] = entry.fingerprint
        self._apply_quantities(order, entry.warehouse)
        value = unshipped_value(order)
        for account in self.dataset.accounts(order.company, order.customer):
            self._exposure[account] = self._exposure.get(account, ZERO) + value

    def _apply_quantities(self, order: Order, warehouse: str) -> None:
        for line in order.lines:
            place = Place(order.company, line.sku, warehouse)
            factor = self.dataset.line_factor(order.company, line)
            day = line.promised_date or order.requested_date or self.dataset.today
            self._flows.add_demand(place, day, line.progress.open * factor)
            row = self.stock_at(place)
            if row is not None:
                held = plain(row.allocated + line.progress.allocated * factor)
                self._stock[place] = msgspec.structs.replace(row, allocated=held)

    def next_number(self) -> str:
        number = _FIRST_NUMBER + len(self._placed)
        while self.orders(str(number)):
            number += 1
        return str(number)

    def orders(self, number: str, company: str | None = None) -> list[Order]:
        return [*self.dataset.orders.find(number, company), *self._orders.find(number, company)]

    def orders_by_reference(self, reference: str, company: str | None = None) -> list[Order]:
        return [
            *self.dataset.orders_by_reference.find(reference, company),
            *self._by_reference.find(reference, company),
        ]

    def newest_first(self, *, company: str | None, customer: str | None, po_number: str | None) -> Iterator[Order]:
        """Orders that may fit, from the shortest list there is; the caller still filters."""
        data = self.dataset
        if po_number is not None:
            known = data.orders_by_po.find(po_number, company)
        elif customer is not None:
            known = data.orders_of.find(customer, company)
        else:
            known = data.order_list
        if not self._placed:
            return reversed(known)
        return heapq.merge(reversed(known), reversed(self._placed), key=placed, reverse=True)

    def knows_customer(self, company: str, number: str) -> bool:
        listed = self.dataset.customers.one(company, number) is not None
        return listed or self.dataset.orders_of.one(company, number) is not None

    def shipments(self, number: str, company: str | None = None) -> list[Shipment]:
        return [*self._shipments.find(number, company), *self.dataset.shipments.find(number, company)]

    def shipments_of(self, order: str, company: str | None = None) -> list[Shipment]:
        rows = [*self._shipments_of.find(order, company), *self.dataset.shipments_of.find(order, company)]
        return sorted(rows, key=shipment_age, reverse=True)

    def stock(self, sku: str, company: str | None = None) -> list[Stock]:
        rows = self.dataset.stock.find(sku, company)
        return [self._stock.get(Place(row.company, row.sku, row.warehouse), row) for row in rows]

    def stock_at(self, place: Place) -> Stock | None:
        rows = self.stock(place.sku, place.company)
        return next((row for row in rows if row.warehouse == place.warehouse), None)

    def plans(self, sku: str, company: str | None, days: int) -> Iterator[Plan]:
        for place in places_of((self.dataset.flows, self._flows), sku):
            if company in {None, place.company} and (plan := self.plan(place, days)):
                yield plan

    def plan(self, place: Place, days: int) -> Plan | None:
        until: date = self.dataset.today + timedelta(days=days)
        return plan_of((self.dataset.flows, self._flows), place, until)

    def credit(self, customer: Customer) -> Credit:
        account = (customer.company, customer.number)
        terms = self.dataset.credit.get(account)
        limit = terms.limit if terms else None
        owed = self.dataset.exposure.get(account, ZERO) + self._exposure.get(account, ZERO)
        exposure = money(owed, customer.currency)
        return Credit(
            company=customer.company,
            number=customer.number,
            currency=customer.currency,
            limit=limit,
            exposure=exposure,
            available=None if limit is None else limit - exposure,
            on_hold=bool(terms and terms.on_hold),
        )

    def paying_credit(self, customer: Customer) -> Credit:
        """The credit an order of this customer is held against: the nearest account on its way up that has a limit."""
        rows = []
        for company, number in self.dataset.accounts(customer.company, customer.number):
            account = self.dataset.customers.one(company, number)
            if account is not None:
                rows.append(self.credit(account))
        limited = next((row for row in rows if row.limit is not None), rows[-1])
        return msgspec.structs.replace(limited, on_hold=any(row.on_hold for row in rows))
