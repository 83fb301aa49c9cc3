"""`POST /_sandbox/advance`: a shipment goes on in the WMS, a parcel at the carrier; the books show it, and the webhook tells it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from sandbox.decoding import decoded
from sandbox.facts_shipments import Shipment, Tracking, TrackingEvent
from sandbox.operation import System
from sandbox.problems import Problem, bad_request
from sandbox.progress import STATUSES
from sandbox.webhook import Sent

WMS_STAGES = ("created", "confirmed")
CARRIER_STAGES = ("in_transit", "out_for_delivery", "delivered")
_NEVER_PASSED = ("exception", "cancelled")
"""Stages that are only gone to by name."""


class Advance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`stages`: which to go through, in this order; by default a whole life, as far as this system has a part in it."""

    shipment: str | None = None
    company: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    location: str | None = None
    stages: tuple[str, ...] = ()


async def advance(system: System, body: bytes) -> dict[str, Any]:
    asked = decoded(body, Advance)
    if system.name == "wms":
        events = _moved(system, asked)
    elif system.name == "carrier":
        events = _scanned(system, asked)
    else:
        raise Problem(404, "Shipments go on in the WMS, parcels at the carrier.")
    sent: Sequence[Sent] = await system.webhook.tell(events)
    return {"events": events, "sent": sent}


def _stages(asked: Advance, usual: Sequence[str]) -> Sequence[str]:
    known = {*usual, *_NEVER_PASSED}
    for at, stage in enumerate(asked.stages):
        if stage not in known:
            raise bad_request(f"There is no stage {stage} here; there are {', '.join(sorted(known))}.", f"stages[{at}]")
    return asked.stages or usual


# ---------------------------------------------------------------- the WMS


def _moved(system: System, asked: Advance) -> list[dict[str, Any]]:
    system.books.catch_up()
    found = system.books.shipments(asked.shipment or "", asked.company)
    if len(found) != 1:
        raise bad_request("There is no such shipment, or there are several.", "shipment")
    row = system.progress.shipment(found[0])
    events = []
    for stage in _stages(asked, WMS_STAGES):
        at = system.progress.moment(system.clock.now())
        row = _moved_on(system, row, stage, at)
        kind = f"shipment.{stage}"
        events.append(system.webhook.event(kind, f"shipment/{row.company}/{row.number}", _said(at), _data(system, row)))
    return events


def _moved_on(system: System, row: Shipment, stage: str, at: datetime) -> Shipment:
    progress = system.progress
    if stage == "confirmed":
        return progress.move(progress.packed(row), status="SHIPPED", status_text="Confirmed", shipped_at=at)
    if stage == "cancelled":
        return progress.move(row, status="CANCELLED", status_text="Cancelled")
    return progress.move(row, status="PICKING", status_text="In picking")


def _data(system: System, row: Shipment) -> dict[str, Any]:
    orders = system.books.orders(row.order, row.company) if row.order else []
    return {
        "company": row.company,
        "shipment": row.number,
        "order": row.order,
        "customer": orders[0].customer if orders else None,
        "carrier": row.carrier,
        "trackingNumbers": [parcel.tracking_number for parcel in row.parcels],
        "skus": list(dict.fromkeys(line.sku for order in orders for line in order.lines)),
    }


# ---------------------------------------------------------------- the carrier


def _scanned(system: System, asked: Advance) -> list[dict[str, Any]]:
    number = asked.tracking_number
    if not number:
        raise bad_request("Say which parcel.", "trackingNumber")
    known = next(iter(system.books.dataset.tracking.get(number, ())), None)
    row = system.progress.parcel(number, known) or Tracking(
        tracking_number=number, carrier=asked.carrier, status="PRE_TRANSIT"
    )
    events = []
    for stage in _stages(asked, CARRIER_STAGES):
        if stage not in STATUSES:
            raise bad_request(f"A parcel has no stage {stage}.", "stages")
        at = system.progress.moment(system.clock.now())
        words = stage.replace("_", " ").capitalize()
        row = system.progress.scan(row, TrackingEvent(at, STATUSES[stage], words, asked.location))
        data = {
            "trackingNumber": number,
            "carrier": row.carrier,
            "status": STATUSES[stage],
            "sourceStatus": words,
            "location": asked.location,
        }
        kind = "shipment.in_transit" if stage == "out_for_delivery" else f"shipment.{stage}"
        events.append(system.webhook.event(kind, f"parcel/{number}", _said(at), data))
    return events


def _said(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
