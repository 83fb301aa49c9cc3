"""From EasyPost's trackers to canonical tracking: pure functions."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from sources import models
from sources.codes import Read
from sources.easypost import payload
from sources.easypost.statuses import CODES
from sources.errors import SourceContractBroken, SourceError
from sources.http import broken_path

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}", re.ASCII)
_REFUSAL = msgspec.json.Decoder(payload.RefusalAnswer)
_HEAD = msgspec.json.Decoder(payload.TrackerHead)
_TRACKER = msgspec.json.Decoder(payload.Tracker)
_PATH = "$.trackers[...]"
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Row(NamedTuple):
    """One tracker: where it stands in the list, and itself, or why it could not be read."""

    id: str
    number: str
    tracker: payload.Tracker | SourceContractBroken


def reason(content: bytes) -> str:
    """The error's code in a refusal's body; only a plain word is told on."""
    try:
        code = _REFUSAL.decode(content).error.code
    except _UNREADABLE:
        return "REJECTED"
    return code if _WORD.fullmatch(code) else "REJECTED"


def same(number: str) -> str:
    return number.replace(" ", "").upper()


def row(raw: msgspec.Raw, *, source: str) -> Row:
    """Raises where a tracker has no number to fail, or no id to go on from."""
    try:
        head = _HEAD.decode(raw)
    except _UNREADABLE as error:
        raise _broken(source, error) from error
    try:
        return Row(head.id, same(head.tracking_code), _TRACKER.decode(raw))
    except _UNREADABLE as error:
        return Row(head.id, same(head.tracking_code), _broken(source, error))


def _broken(source: str, error: Exception) -> SourceContractBroken:
    path = _PATH + broken_path(str(error)).removeprefix("$")
    return SourceContractBroken(source, path=path, detail="one tracker does not decode")


def by_number(rows: Iterable[Row], carrier: str | None, as_of: datetime) -> dict[str, models.Tracking | SourceError]:
    """Each number's tracking, or why it could not be read.

    Carriers use numbers again, and two may have the same one: where a carrier is named, only its trackers count, and the youngest is meant.
    """
    trackers: dict[str, list[payload.Tracker]] = {}
    found: dict[str, models.Tracking | SourceError] = {}
    for each in rows:
        if isinstance(each.tracker, SourceContractBroken):
            found[each.number] = each.tracker
        elif carrier is None or (each.tracker.carrier or "").casefold() == carrier.casefold():
            trackers.setdefault(each.number, []).append(each.tracker)
    for number, several in trackers.items():
        if number not in found:  # the one that could not be read may be the youngest
            found[number] = tracking(max(several, key=_created), as_of)
    return found


def _created(tracker: payload.Tracker) -> datetime:
    return aware(tracker.created_at) if tracker.created_at is not None else _EARLIEST


def aware(moment: datetime) -> datetime:
    """EasyPost says UTC where it knows no zone, and so do we."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def tracking(tracker: payload.Tracker, as_of: datetime) -> models.Tracking:
    details = [each for each in tracker.tracking_details or () if each.at is not None]
    events = tuple(sorted([_event(aware(each.at), each) for each in details if each.at], key=_moment))
    read = CODES.first(tracker.status)
    status = tracking_status(read)
    delivered = [each.at for each in events if each.status is models.TrackingStatus.DELIVERED]
    return models.Tracking(
        status=status,
        events=events,
        as_of=as_of,
        source_status=read.source_status or None,
        estimated_delivery=tracker.est_delivery_date.date() if tracker.est_delivery_date is not None else None,
        delivered_at=delivered[-1] if delivered and status is models.TrackingStatus.DELIVERED else None,
        signed_by=tracker.signed_by or None,
    )


def _moment(event: models.TrackingEvent) -> datetime:
    return event.at


def tracking_status(read: Read) -> models.TrackingStatus:
    status = read.status
    return status if isinstance(status, models.TrackingStatus) else models.TrackingStatus.UNKNOWN


def _event(at: datetime, detail: payload.Detail) -> models.TrackingEvent:
    read = CODES.first(detail.status)
    return models.TrackingEvent(
        at, tracking_status(read), detail.message or read.source_status, _place(detail.tracking_location)
    )


def _place(place: payload.Location | None) -> str | None:
    parts = (place.city, place.state, place.country) if place is not None else ()
    return ", ".join([each for each in parts if each]) or None


def spelled(carrier: str | None, names: Mapping[str, str]) -> str | None:
    """The carrier as EasyPost names it."""
    return names.get(carrier, carrier) if carrier is not None else None


def question(number: str, carrier: str | None) -> bytes:
    return msgspec.json.encode(payload.TrackerAsked(payload.NewTracker(number, carrier)))
