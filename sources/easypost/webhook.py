"""EasyPost's tracker events. Every scan that the tracker lists is an event; the bus drops those that it has had."""

from datetime import date, datetime

import msgspec

from sources.delivery import Delivery, NotUnderstood, Reading, read_json
from sources.easypost.statuses import CODES
from sources.events import Event, new_event
from sources.happenings import ShipmentMoved


class _Place(msgspec.Struct):
    city: str | None = None
    state: str | None = None
    country: str | None = None


class _Detail(msgspec.Struct):
    status: str
    datetime: datetime
    tracking_location: _Place | None = None


class _Tracker(msgspec.Struct):
    id: str
    tracking_code: str
    status: str
    updated_at: datetime
    carrier: str | None = None
    est_delivery_date: datetime | None = None
    tracking_details: tuple[_Detail, ...] = ()


class _Head(msgspec.Struct):
    description: str
    object: str


class _Body(msgspec.Struct):
    result: _Tracker


_HEAD, _BODY = msgspec.json.Decoder(_Head), msgspec.json.Decoder(_Body)


def read(delivery: Delivery) -> Reading:
    head = read_json(_HEAD.decode, delivery.body)
    if not isinstance(head, _Head) or head.object != "Event":
        raise NotUnderstood("it is no Event")
    if not head.description.startswith("tracker."):
        return Reading([], ignored=1)
    body = read_json(_BODY.decode, delivery.body)
    if not isinstance(body, _Body):
        raise NotUnderstood("it is no tracker")
    tracker = body.result
    details = tracker.tracking_details or (_Detail(tracker.status, tracker.updated_at),)
    return Reading([_event(delivery, tracker, each) for each in sorted(details, key=lambda each: each.datetime)])


def _event(delivery: Delivery, tracker: _Tracker, detail: _Detail) -> Event:
    code = CODES.read(detail.status)
    expected: date | None = tracker.est_delivery_date.date() if tracker.est_delivery_date else None
    data = ShipmentMoved(
        tracking_number=tracker.tracking_code,
        carrier=tracker.carrier,
        status=code.status,  # type: ignore[arg-type]  # this vendor's table has shipments only
        source_status=code.source_status,
        location=_location(detail.tracking_location),
        estimated_delivery=expected,
    )
    at = detail.datetime
    identity = f"{tracker.id}/{detail.status}/{at.isoformat()}"
    return new_event(code.type, data, id=identity, source=f"/{delivery.source}", time=at)


def _location(place: _Place | None) -> str | None:
    parts = (place.city, place.state, place.country) if place is not None else ()
    return ", ".join(each for each in parts if each) or None
