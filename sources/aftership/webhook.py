"""AfterShip's tracking updates. Every checkpoint is an event; the bus drops those that it has had."""

from datetime import UTC, datetime

import msgspec

from sources.codes import (
    AVAILABLE_FOR_PICKUP,
    DELIVERED,
    EXCEPTION,
    IN_TRANSIT,
    OUT_FOR_DELIVERY,
    PRE_TRANSIT,
    UNKNOWN_SHIPMENT,
    Codes,
)
from sources.delivery import Delivery, NotUnderstood, Reading, read_json
from sources.events import Event, new_event
from sources.happenings import ShipmentMoved

CODES = Codes(
    "aftership",
    UNKNOWN_SHIPMENT,
    {
        "pending": PRE_TRANSIT,
        "inforeceived": PRE_TRANSIT,
        "intransit": IN_TRANSIT,
        "outfordelivery": OUT_FOR_DELIVERY,
        "availableforpickup": AVAILABLE_FOR_PICKUP,
        "attemptfail": EXCEPTION,
        "exception": EXCEPTION,
        "expired": EXCEPTION,
        "delivered": DELIVERED,
    },
)


class _Checkpoint(msgspec.Struct):
    tag: str
    checkpoint_time: datetime
    city: str | None = None
    state: str | None = None
    country_iso3: str | None = None


class _Tracking(msgspec.Struct):
    id: str
    tracking_number: str
    tag: str
    updated_at: datetime
    slug: str | None = None
    checkpoints: tuple[_Checkpoint, ...] = ()


class _Head(msgspec.Struct):
    event: str


class _Body(msgspec.Struct):
    msg: _Tracking


_HEAD, _BODY = msgspec.json.Decoder(_Head), msgspec.json.Decoder(_Body)


def read(delivery: Delivery) -> Reading:
    head = read_json(_HEAD.decode, delivery.body)
    if not isinstance(head, _Head) or head.event != "tracking_update":
        return Reading([], ignored=1)
    body = read_json(_BODY.decode, delivery.body)
    if not isinstance(body, _Body):
        raise NotUnderstood("it is no tracking")
    tracking = body.msg
    points = tracking.checkpoints or (_Checkpoint(tracking.tag, tracking.updated_at),)
    return Reading([_event(delivery, tracking, each) for each in sorted(points, key=_moment)])


def _moment(point: _Checkpoint) -> datetime:
    """Where a carrier gives no time zone, AfterShip gives none: it is taken for UTC."""
    at = point.checkpoint_time
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _event(delivery: Delivery, tracking: _Tracking, point: _Checkpoint) -> Event:
    code, at = CODES.read(point.tag), _moment(point)
    data = ShipmentMoved(
        tracking_number=tracking.tracking_number,
        carrier=tracking.slug,
        status=code.status,  # type: ignore[arg-type]  # this vendor's table has shipments only
        source_status=code.source_status,
        location=", ".join(each for each in (point.city, point.state, point.country_iso3) if each) or None,
    )
    identity = f"{tracking.id}/{point.tag}/{at.isoformat()}"
    return new_event(code.type, data, id=identity, source=f"/{delivery.source}", time=at)
