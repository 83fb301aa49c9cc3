"""An event as one subscriber is told of it, and whether that subscriber may be told at all."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from resolvers.context import Context
from sources.bus import Placed
from sources.happenings import skus_of
from sources.models import Key, TrackingStatus
from sources.wanted import Wanted

PART = "~"
"""Stands in a cursor before the number of the part told last, where one event is told in several parts."""


class Telling:
    """What the fields of an event are read from. `sku`: the item it is told for, where it concerns several."""

    __slots__ = ("data", "gap", "part", "placed", "sku")

    def __init__(self, placed: Placed, *, gap: bool = False, part: int = 0, sku: str = "") -> None:
        self.placed, self.gap, self.part, self.sku = placed, gap, part, sku
        self.data: Any = placed.event.data

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.placed.event.key}\n{self.sku}".encode()).hexdigest()[:32]

    @property
    def cursor(self) -> str:
        return f"{self.placed.cursor}{PART}{self.part}" if self.part else self.placed.cursor

    @property
    def type(self) -> str:
        """That an order of somebody else's changed an item's availability is not told."""
        own = self.placed.event.type
        return own if not self.sku or own.startswith("inventory.") else "availability.changed"

    @property
    def occurred_at(self) -> datetime:
        return self.placed.event.time

    @property
    def late(self) -> bool:
        return self.placed.late

    @property
    def company(self) -> str | None:
        known: str | None = self.data.company
        return known

    @property
    def submission_id(self) -> str:
        own: str = self.data.submission
        return own

    # ------------------------------------------------------------ of a shipment

    @property
    def shipment_number(self) -> str:
        return self.data.shipment or ""

    @property
    def order_number(self) -> str | None:
        number: str | None = self.data.order
        return number

    @property
    def tracking_number(self) -> str | None:
        """A shipment's event names its only parcel."""
        own, of_shipment = (
            getattr(self.data, "tracking_number", None),
            tuple(getattr(self.data, "tracking_numbers", ())),
        )
        only: str | None = next(iter(of_shipment), None) if len(of_shipment) == 1 else None
        return own or only

    @property
    def status(self) -> TrackingStatus:
        """Where the parcel stands, which a late event does not change; UNKNOWN where the event's own code has no meaning."""
        if self.data.status is TrackingStatus.UNKNOWN and not self.late:
            return TrackingStatus.UNKNOWN
        return TrackingStatus.__members__.get(self.placed.status, TrackingStatus.UNKNOWN)

    @property
    def source_status(self) -> str | None:
        word: str | None = getattr(self.data, "source_status", None)
        return word

    @property
    def location(self) -> str | None:
        place: str | None = getattr(self.data, "location", None)
        return place


def tellings(placed: Placed, wanted: Wanted, *, gap: bool = False) -> Sequence[Telling]:
    """One; or one an item, where several of those wanted are concerned. Only the first tells of a gap."""
    if not wanted.skus:
        return (Telling(placed, gap=gap),)
    concerned = [sku for sku in dict.fromkeys(skus_of(placed.event.data)) if sku in wanted.skus]
    last = len(concerned)
    return [
        Telling(placed, gap=gap and at == 1, part=at if at < last else 0, sku=sku)
        for at, sku in enumerate(concerned, start=1)
    ]


SCOPES_OF_TOPICS = {
    "shipments": "shipment:read",
    "availability": "availability:read",
    "submissions": "submission:read",
}


async def is_permitted(placed: Placed, wanted: Wanted, context: Context) -> bool:
    """Whether this caller may be told, and wants to be where that hangs on whose it is. Raises SourceError: nobody knows."""
    viewer, data = context.call.viewer, placed.event.data
    if not viewer.may(SCOPES_OF_TOPICS[wanted.topic]):
        return False
    if viewer.companies and (data.company is None or not viewer.sees_company(data.company)):
        return False
    if wanted.customer is None and (not viewer.customers or wanted.skus):
        return True  # an item's availability is nobody's own
    customer = await whose(data, context)
    if customer is None or (wanted.customer is not None and customer != wanted.customer):
        return False
    return not viewer.customers or await _reaches(context, Key(data.company, customer))


async def _reaches(context: Context, account: Key) -> bool:
    """One of the viewer's accounts, or billed to one."""
    if context.call.viewer.has_customer(account.company or "", account.number):
        return True
    return account.company is not None and await context.reach.customer_by_number.load(account) is not None


async def whose(data: Any, context: Context) -> str | None:
    """The customer: as the event says, or by its order, or by its shipment's order. None where nothing within reach leads to one."""
    known: str | None = getattr(data, "customer", None)
    if known is not None or data.company is None:
        return known
    number: str | None = getattr(data, "order", None)
    shipment: str | None = getattr(data, "shipment", None)
    if number is None and shipment is not None:
        found = await context.reach.shipment_by_number.load(Key(data.company, shipment))
        number = found.order_number if found is not None else None
    if number is None:
        return None
    order = await context.reach.order_by_number.load(Key(data.company, number))
    return order.customer_number if order is not None else None
