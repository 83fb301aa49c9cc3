"""UPS's Track Alert: one event of one package a delivery, for numbers that somebody has subscribed to at UPS."""

from typing import Annotated

import msgspec
from msgspec import Meta

from sources.delivery import Delivery, NotUnderstood, Reading, read_json
from sources.events import new_event
from sources.happenings import ShipmentMoved
from sources.models import TrackingStatus
from sources.ups.moments import Clock, Day, Offset, decoded, happened
from sources.ups.payload import Code, Text, Wire
from sources.ups.statuses import CODES


class _Place(Wire):
    city: Text | None = None
    state_province: Text | None = None
    country: Text | None = None


class _Status(Wire):
    type: Code | None = None
    description_code: Code | None = None


class _Alert(Wire, kw_only=True):
    tracking_number: Annotated[str, Meta(min_length=1, max_length=100)]
    activity_status: _Status
    activity_location: _Place | None = None
    local_activity_date: Day | None = None
    local_activity_time: Clock | None = None
    gmt_activity_date: Day | None = None
    gmt_activity_time: Clock | None = None
    gmt_offset: Offset | None = None
    scheduled_delivery_date: Day | None = None


_ALERT = msgspec.json.Decoder(_Alert, dec_hook=decoded)


def read(delivery: Delivery) -> Reading:
    """It has no id of its own: the package, its status and the moment tell it from others. Without a moment it happened when it came."""
    alert = read_json(_ALERT.decode, delivery.body)
    if not isinstance(alert, _Alert):
        raise NotUnderstood("it is no alert")
    local = (alert.local_activity_date, alert.local_activity_time)
    gmt = (alert.gmt_activity_date, alert.gmt_activity_time)
    at = happened(local, gmt, alert.gmt_offset) or delivery.received
    code = CODES.first(alert.activity_status.description_code, alert.activity_status.type)
    expected = alert.scheduled_delivery_date
    data = ShipmentMoved(
        tracking_number=alert.tracking_number,
        carrier="UPS",
        status=code.status if isinstance(code.status, TrackingStatus) else None,
        source_status=code.source_status or None,
        location=_location(alert.activity_location),
        estimated_delivery=expected.value if expected is not None else None,
    )
    identity = f"{alert.tracking_number}/{code.source_status}/{at.isoformat()}"
    return Reading([new_event(code.type, data, id=identity, source=f"/{delivery.source}", time=at)])


def _location(place: _Place | None) -> str | None:
    parts = (place.city, place.state_province, place.country) if place is not None else ()
    return ", ".join([each for each in parts if each]) or None
