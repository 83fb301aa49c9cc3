"""What was written since the data set, entry by entry: orders and shipments as they are now, releases, notes."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from sandbox.entries import Entry, Noted, OrderChanged, OrderPlaced, OrderReleased
from sandbox.facts import Dataset, placed
from sandbox.facts_orders import Order
from sandbox.facts_shipments import Shipment
from sandbox.facts_writing import Note, Release
from sandbox.figures import Figures
from sandbox.index import Index

Key: TypeAlias = tuple[str, str]
"""A company and a number of its own."""


class Written:
    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.figures = Figures(dataset)
        self.placed: list[Order] = []
        self.numbers: Index[Order] = Index(lambda row: row.number)
        self.references: Index[Order] = Index(lambda row: row.external_reference)
        self.shipments: Index[Shipment] = Index(lambda row: row.number)
        self.shipments_of: Index[Shipment] = Index(lambda row: row.order)
        self.fingerprints: dict[Key, str] = {}
        self.releases: dict[Key, Release] = {}
        self.notes: dict[Key, Note] = {}
        self._in_order: list[Key] = []
        self._written: dict[Key, float] = {}
        self._warehouses: dict[Key, str] = {}
        self._orders_now: dict[Key, Order] = {}
        self._shipments_now: dict[Key, Shipment] = {}
        self._seen: dict[Key, datetime] = {}

    def apply(self, entry: Entry) -> None:
        if isinstance(entry, OrderPlaced):
            self._place(entry)
        elif isinstance(entry, OrderChanged):
            self._change(entry.order, entry.shipments)
        elif isinstance(entry, OrderReleased):
            self._change(entry.order, entry.shipments)
            self.releases[entry.release.company, entry.release.order] = entry.release
        elif isinstance(entry, Noted):
            self._note(entry.note)

    def _place(self, entry: OrderPlaced) -> None:
        order = entry.order
        key = (order.company, order.number)
        self._in_order.append(key)
        self._written[key] = entry.written
        self._warehouses[key] = entry.warehouse
        self.placed.append(order)
        self.placed.sort(key=placed)
        self.numbers.add(order)
        self.references.add(order)
        if order.external_reference is not None:
            self.fingerprints[order.company, order.external_reference] = entry.fingerprint
        self._ship(entry.shipment)
        self._orders_now[key] = order
        self.figures.replace(None, order, entry.warehouse)

    def _change(self, order: Order, shipments: Iterable[Shipment]) -> None:
        key = (order.company, order.number)
        before = self._orders_now.get(key) or self._dataset.orders.one(*key)
        self.figures.replace(before, order, self.warehouse_of(order))
        self._orders_now[key] = order
        for shipment in shipments:
            self._ship(shipment)

    def _ship(self, shipment: Shipment) -> None:
        key = (shipment.company, shipment.number)
        if key not in self._shipments_now and self._dataset.shipments.one(*key) is None:
            self.shipments.add(shipment)
            self.shipments_of.add(shipment)
        self._shipments_now[key] = shipment

    def _note(self, note: Note) -> None:
        self.notes[note.company, note.reference] = note
        key = (note.company, note.customer)
        self._seen[key] = max(note.at, self._seen.get(key, note.at))

    def warehouse_of(self, order: Order) -> str | None:
        return self._warehouses.get((order.company, order.number)) or self._dataset.warehouse_of(order)

    def order_now(self, order: Order) -> Order:
        return self._orders_now.get((order.company, order.number), order)

    def shipment_now(self, shipment: Shipment) -> Shipment:
        return self._shipments_now.get((shipment.company, shipment.number), shipment)

    def last_seen(self, company: str, customer: str) -> datetime | None:
        return self._seen.get((company, customer))

    def written_at(self, order: Order) -> float | None:
        """By the wall clock; None for an order of the data set."""
        return self._written.get((order.company, order.number))

    def report(self) -> dict[str, object]:
        """All that was written, in order of writing; orders as they are now."""
        releases = [
            {"company": row.company, "order": row.order, "reference": row.reference} for row in self.releases.values()
        ]
        notes = [
            {"company": row.company, "customer": row.customer, "reference": row.reference}
            for row in self.notes.values()
        ]
        orders = [_told(self._orders_now[key]) for key in self._in_order]
        return {"orders": orders, "releases": releases, "notes": notes}


def _told(order: Order) -> dict[str, object]:
    return {
        "company": order.company,
        "number": order.number,
        "externalReference": order.external_reference,
        "status": order.status,
        "holds": [hold.code for hold in order.holds],
        "customer": order.customer,
        "poNumber": order.po_number,
        "channel": order.channel,
    }
