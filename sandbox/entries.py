"""The journal's entries: each holds all that follows from it, so that every process arrives at the same figures."""

from typing import Literal, TypeAlias

from sandbox.fact import Fact
from sandbox.facts_orders import Order
from sandbox.facts_shipments import Shipment
from sandbox.facts_writing import Note, Release

Change: TypeAlias = Literal["held", "unheld", "cancelled"]


class OrderPlaced(Fact, frozen=True, kw_only=True, tag="placed", tag_field="entry"):
    """`written` is the wall clock's, in seconds: the books' own day stands still."""

    order: Order
    shipment: Shipment
    warehouse: str
    fingerprint: str
    written: float


class OrderChanged(Fact, frozen=True, kw_only=True, tag="changed", tag_field="entry"):
    """The order as it is from now on, and those of its shipments that changed with it."""

    change: Change
    by: str
    note: str | None
    order: Order
    shipments: tuple[Shipment, ...] = ()


class OrderReleased(Fact, frozen=True, kw_only=True, tag="released", tag_field="entry"):
    release: Release
    order: Order
    shipments: tuple[Shipment, ...]


class Noted(Fact, frozen=True, kw_only=True, tag="noted", tag_field="entry"):
    note: Note


Entry: TypeAlias = OrderPlaced | OrderChanged | OrderReleased | Noted
