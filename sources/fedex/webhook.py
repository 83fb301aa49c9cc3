"""FedEx's Advanced Integrated Visibility: results shaped as in its answers, pushed. Every scan is an event; those known are dropped."""

from collections.abc import Iterable

import msgspec

from sources.delivery import Delivery, NotUnderstood, Reading, read_json
from sources.events import Event, new_event
from sources.fedex.mapping import expected, place, scanned, tracking_status
from sources.fedex.payload import NumberResults, TrackAnswer, TrackResult, decoded
from sources.happenings import ShipmentMoved

_PUSH = msgspec.json.Decoder(TrackAnswer)
_ROW = msgspec.json.Decoder(NumberResults, dec_hook=decoded)


def read(delivery: Delivery) -> Reading:
    """What can be read is told; of the rest, which row it was. A push without a scan tells of something else: a proof of delivery, say."""
    push = read_json(_PUSH.decode, delivery.body)
    if not isinstance(push, TrackAnswer) or push.output is None:
        raise NotUnderstood("it has no results")
    events: list[Event] = []
    ignored, left = 0, None
    for position, raw in enumerate(push.output.complete_track_results):
        try:
            row = read_json(_ROW.decode, bytes(raw))
        except NotUnderstood as error:
            left = left or f"row {position}: {error}"
            continue
        told = _events(delivery, row) if isinstance(row, NumberResults) else []
        events += told
        ignored += not told
    if not events and left is not None:
        raise NotUnderstood(left)
    return Reading(events, ignored, left)


def _events(delivery: Delivery, row: NumberResults) -> list[Event]:
    results = [each for each in row.track_results or () if each.error is None]
    told = [event for result in results for event in _scans(delivery, row.tracking_number, result)]
    return sorted(told, key=lambda each: each.time)


def _scans(delivery: Delivery, number: str, result: TrackResult) -> Iterable[Event]:
    day = expected(result)
    for scan in result.scan_events or ():
        at = scan.date.value if scan.date is not None else None
        if at is None:
            continue
        code = scanned(scan)
        data = ShipmentMoved(
            tracking_number=number,
            carrier="FedEx",
            status=tracking_status(code),
            source_status=code.source_status or None,
            location=place(scan.scan_location),
            estimated_delivery=day,
        )
        identity = f"{number}/{code.source_status}/{at.isoformat()}"
        yield new_event(code.type, data, id=identity, source=f"/{delivery.source}", time=at)
