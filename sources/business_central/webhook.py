"""Business Central's notifications: which kind of record changed, by its own id and not by its number."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from sources.delivery import Delivery, Reading, read_json
from sources.events import Event, new_event
from sources.happenings import CustomerChanged, Happening, ItemChanged

_ENTITY = re.compile(r"/(\w+)\([^()/]*\)$", re.ASCII)
_LISTS: Mapping[str, tuple[str, type[Happening]]] = {
    "items": ("item.changed", ItemChanged),
    "itemvariants": ("item.changed", ItemChanged),
    "customers": ("customer.changed", CustomerChanged),
}


class _Notification(msgspec.Struct, rename="camel"):
    resource: str
    change_type: str
    last_modified_date_time: datetime
    subscription_id: str = ""


class _Body(msgspec.Struct):
    value: tuple[_Notification, ...]


_BODY = msgspec.json.Decoder(_Body)


def read(delivery: Delivery) -> Reading:
    body = read_json(_BODY.decode, delivery.body)
    rows = body.value if isinstance(body, _Body) else ()
    events = [event for each in rows if (event := _event(delivery, each)) is not None]
    return Reading(events, ignored=len(rows) - len(events))


def _event(delivery: Delivery, notification: _Notification) -> Event | None:
    """With `collection` more changed than could be told: the resource is the list, without an id."""
    found = _ENTITY.search(notification.resource)
    name = found[1] if found else notification.resource.split("?")[0].rstrip("/").rpartition("/")[2]
    kind = _LISTS.get(name.lower())
    if kind is None:
        return None
    at = notification.last_modified_date_time
    said = f"{notification.resource}\n{notification.change_type}\n{at.isoformat()}"
    identity = hashlib.sha256(said.encode()).hexdigest()[:32]
    return new_event(kind[0], kind[1](company=delivery.company), id=identity, source=f"/{delivery.source}", time=at)
