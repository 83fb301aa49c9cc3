"""The standard contract's webhooks: canonical events in the CloudEvents envelope, one or a list of them (docs/contracts/events.yaml)."""

from typing import Any

import msgspec

from sources.codes import UNKNOWN_SHIPMENT, Codes, Meaning
from sources.delivery import Delivery, NotUnderstood, Reading, read_json
from sources.events import EVENTS, Event, NotAnEvent, decoded
from sources.happenings import OrderMoved, ShipmentMoved
from sources.models import OrderStatus, TrackingStatus

SHIPMENT_WORDS = Codes("standard", UNKNOWN_SHIPMENT, {each.value.lower(): Meaning("", each) for each in TrackingStatus})
ORDER_WORDS = Codes(
    "standard",
    Meaning("order.unknown", OrderStatus.UNKNOWN),
    {each.value.lower(): Meaning("", each) for each in OrderStatus},
)
_WORDS = {ShipmentMoved: SHIPMENT_WORDS, OrderMoved: ORDER_WORDS}
_OURS = "submission."
"""What only the gateway itself can tell."""

MAX_EVENTS = 1_000
_ANY = msgspec.json.Decoder(dict[str, Any] | list[dict[str, Any]])


def read(delivery: Delivery) -> Reading:
    body = read_json(_ANY.decode, delivery.body)
    messages = body if isinstance(body, list) else [body]
    if len(messages) > MAX_EVENTS:
        raise NotUnderstood(f"it holds more than {MAX_EVENTS} events")
    events: list[Event] = []
    left: str | None = None
    for at, message in enumerate(messages):
        try:
            events.append(_event(delivery, message))
        except NotAnEvent as refused:
            left = left or f"message {at}: {refused}"
    if not events and left is not None:
        raise NotUnderstood(left)
    return Reading(events, left=left)


def _event(delivery: Delivery, message: Any) -> Event:
    if str(message.get("type", "")).startswith(_OURS):
        raise NotAnEvent("its type is the gateway's own")
    event = decoded(msgspec.json.encode(_worded(message)), received=delivery.received)
    own = f"/{delivery.source}"
    source = own if event.source.strip("/") in {"", delivery.source} else f"{own}/{event.source.strip('/')}"
    data = event.data
    if delivery.company and data.company is None:
        data = msgspec.structs.replace(data, company=delivery.company)
    return msgspec.structs.replace(event, source=source, data=data)


def _worded(message: Any) -> Any:
    """A status that is none of ours becomes UNKNOWN, and its word is kept."""
    kind = EVENTS.get(message.get("type", ""))
    words = _WORDS.get(kind.data) if kind is not None else None
    data = message.get("data")
    if words is None or not isinstance(data, dict) or not isinstance(data.get("status"), str):
        return message
    word = data["status"]
    if word.lower() in words.table:
        return message | {"data": data | {"status": word.upper()}}
    unknown = words.read(word)
    changed = {"type": unknown.type, "data": data | {"status": unknown.status.value, "sourceStatus": word}}
    return {key: value for key, value in (message | changed).items() if key != "dataschema"}
