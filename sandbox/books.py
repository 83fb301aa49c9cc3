"""The books as they stand: the data set, and on top of it what the journal says was written since."""

import heapq
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import msgspec

from sandbox.amounts import ZERO, money, plain
from sandbox.entries import Entry
from sandbox.facts import Dataset, placed, shipment_age
from sandbox.facts_customers import Credit, Customer, Relationship
from sandbox.facts_orders import Order
from sandbox.facts_shipments import Shipment
from sandbox.facts_stock import Plan, Stock
from sandbox.flows import Place, places_of, plan_of
from sandbox.journal import Journal, JournalBusyError
from sandbox.problems import Problem
from sandbox.written import Written

_FIRST_NUMBER = 9_000_001


class Books:
    def __init__(self, dataset: Dataset, journal: Journal) -> None:
        self.dataset = dataset
        self.journal = journal
        self.written = Written(dataset)

    def catch_up(self) -> None:
        for entry in self.journal.news():
            self.written.apply(entry)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Alone among all processes, and up to date: what is decided inside still holds when it is appended."""
        try:
            async with self.journal.locked():
                self.catch_up()
                yield
        except JournalBusyError as busy:
            raise Problem(503, "Another process is busy writing; try again.") from busy

    def append(self, entry: Entry) -> None:
        """Only while `writing`."""
        self.journal.append(entry)
        self.written.apply(entry)

    def next_number(self) -> str:
        number = _FIRST_NUMBER + len(self.written.placed)
        while self.orders(str(number)):
            number += 1
        return str(number)

    def orders(self, number: str, company: str | None = None) -> list[Order]:
        rows = [*self.dataset.orders.find(number, company), *self.written.numbers.find(number, company)]
        return [self.written.order_now(row) for row in rows]

    def order(self, company: str, number: str) -> Order | None:
        return next(iter(self.orders(number, company)), None)

    def orders_by_reference(self, reference: str, company: str | None = None) -> list[Order]:
        known = self.dataset.orders_by_reference.find(reference, company)
        rows = [*known, *self.written.references.find(reference, company)]
        return [self.written.order_now(row) for row in rows]

    def newest_first(self, *, company: str | None, customer: str | None, po_number: str | None) -> Iterator[Order]:
        """Orders that may fit, from the shortest list there is; the caller still filters."""
        data = self.dataset
        if po_number is not None:
            known = data.orders_by_po.find(po_number, company)
        elif customer is not None:
            known = data.orders_of.find(customer, company)
        else:
            known = data.order_list
        # What places an order in the list never changes, so rows may be brought up to date after the merge.
        new = self.written.placed
        rows = heapq.merge(reversed(known), reversed(new), key=placed, reverse=True) if new else reversed(known)
        return map(self.written.order_now, rows)

    def knows_customer(self, company: str, number: str) -> bool:
        listed = self.dataset.customers.one(company, number) is not None
        return listed or self.dataset.orders_of.one(company, number) is not None

    def shipments(self, number: str, company: str | None = None) -> list[Shipment]:
        rows = [*self.written.shipments.find(number, company), *self.dataset.shipments.find(number, company)]
        return [self.written.shipment_now(row) for row in rows]

    def shipments_of(self, order: str, company: str | None = None) -> list[Shipment]:
        rows = [*self.written.shipments_of.find(order, company), *self.dataset.shipments_of.find(order, company)]
        return sorted(map(self.written.shipment_now, rows), key=shipment_age, reverse=True)

    def relationships(self, customer: str, company: str | None = None) -> list[Relationship]:
        return [self._seen(row) for row in self.dataset.relationships.find(customer, company)]

    def _seen(self, row: Relationship) -> Relationship:
        noted = self.written.last_seen(row.company, row.customer)
        if noted is None or (row.last_activity_at is not None and row.last_activity_at >= noted):
            return row
        return msgspec.structs.replace(row, last_activity_at=noted)

    def stock(self, sku: str, company: str | None = None) -> list[Stock]:
        return [self._with_held(row) for row in self.dataset.stock.find(sku, company)]

    def _with_held(self, row: Stock) -> Stock:
        held = self.written.figures.held.get(Place(row.company, row.sku, row.warehouse))
        if not held:
            return row
        # A data set may say less is allocated than its orders hold: what is given back cannot go below nothing.
        return msgspec.structs.replace(row, allocated=plain(max(row.allocated + held, ZERO)))

    def stock_at(self, place: Place) -> Stock | None:
        rows = self.stock(place.sku, place.company)
        return next((row for row in rows if row.warehouse == place.warehouse), None)

    def plans(self, sku: str, company: str | None, days: int) -> Iterator[Plan]:
        for place in places_of((self.dataset.flows, self.written.figures.flows), sku):
            if company in {None, place.company} and (plan := self.plan(place, days)):
                yield plan

    def plan(self, place: Place, days: int) -> Plan | None:
        until: date = self.dataset.today + timedelta(days=days)
        return plan_of((self.dataset.flows, self.written.figures.flows), place, until)

    def credit(self, customer: Customer) -> Credit:
        account = (customer.company, customer.number)
        terms = self.dataset.credit.get(account)
        limit = terms.limit if terms else None
        owed = self.dataset.exposure.get(account, ZERO) + self.written.figures.owed.get(account, ZERO)
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
