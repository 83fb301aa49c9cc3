"""HubSpot's change notices. They name HubSpot's own object, not our customer: whatever was remembered of relationships is read anew."""

from datetime import UTC, datetime

import msgspec

from sources.delivery import Delivery, Reading, read_json
from sources.events import Event, new_event
from sources.happenings import CustomerChanged

_CONCERNED = ("company.", "contact.", "deal.", "object.")


class _Notice(msgspec.Struct, rename="camel"):
    event_id: int | str
    occurred_at: int
    subscription_type: str
    attempt_number: int = 0


_BODY = msgspec.json.Decoder(tuple[_Notice, ...])


def read(delivery: Delivery) -> Reading:
    notices = read_json(_BODY.decode, delivery.body)
    rows = notices if isinstance(notices, tuple) else ()
    events = [_event(delivery, each) for each in rows if each.subscription_type.startswith(_CONCERNED)]
    return Reading(events, ignored=len(rows) - len(events))


def _event(delivery: Delivery, notice: _Notice) -> Event:
    time = datetime.fromtimestamp(notice.occurred_at / 1000, UTC)
    identity = f"{notice.subscription_type}/{notice.event_id}"
    data = CustomerChanged(company=delivery.company)
    return new_event("customer.changed", data, id=identity, source=f"/{delivery.source}", time=time)
