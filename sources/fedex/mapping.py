"""From FedEx's results to canonical tracking: pure functions."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec

from sources import models
from sources.codes import Read
from sources.errors import SourceContractBroken, SourceError, SourceRateLimited, SourceRejected, SourceUnavailable
from sources.fedex import payload
from sources.fedex.statuses import CODES
from sources.http import broken_path

ABSENT = "TRACKING.TRACKINGNUMBER.NOTFOUND"

FAILURES: dict[str, type[SourceError]] = {
    "INTERNAL.SERVER.ERROR": SourceUnavailable,
    "SERVICE.UNAVAILABLE.ERROR": SourceUnavailable,
    "SYSTEM.UNEXPECTED.ERROR": SourceUnavailable,
    "SYSTEM.UNAVAILABLE.EXCEPTION": SourceUnavailable,
    "RATE.LIMIT.EXCEEDED": SourceRateLimited,
}
"""Words for troubles of FedEx's own; every other one is its refusal."""

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}", re.ASCII)
_REFUSAL = msgspec.json.Decoder(payload.RefusalAnswer)
_HEAD = msgspec.json.Decoder(payload.NumberHead)
_RESULTS = msgspec.json.Decoder(payload.NumberResults, dec_hook=payload.decoded)
_PATH = "$.output.completeTrackResults[...]"
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def question(numbers: Sequence[str]) -> payload.Question:
    """With all scans, not the last one alone."""
    asked = tuple([payload.TrackingAsked(payload.NumberAsked(number)) for number in numbers])
    return payload.Question(include_detailed_scans=True, tracking_info=asked)


def reason(content: bytes) -> str:
    """The first error's code in a refusal's body; only a plain word is told on."""
    try:
        errors = _REFUSAL.decode(content).errors
    except _UNREADABLE:
        return "REJECTED"
    return word(errors[0].code) if errors else "REJECTED"


def word(code: str) -> str:
    return code if _WORD.fullmatch(code) else "REJECTED"


def failure(code: str, *, source: str, detail: str) -> SourceError:
    kind = FAILURES.get(code)
    return kind(source, detail=detail) if kind else SourceRejected(source, reason=word(code), detail=detail)


def same(number: str) -> str:
    """FedEx answers a number without the spaces it was asked with."""
    return number.replace(" ", "").upper()


def by_number(rows: Sequence[msgspec.Raw], as_of: datetime, *, source: str) -> dict[str, models.Tracking | SourceError]:
    """Each number's tracking, or its failure; one that FedEx does not know is not in it. Raises where a row has no number to fail."""
    found: dict[str, models.Tracking | SourceError] = {}
    for row in rows:
        try:
            head = _HEAD.decode(row)
        except _UNREADABLE as error:
            raise _broken(source, error) from error
        try:
            results = _RESULTS.decode(row).track_results or ()
        except _UNREADABLE as error:
            found[same(head.tracking_number)] = _broken(source, error)
            continue
        outcome = of_number(results, as_of, source=source)
        if outcome is not None:
            found[same(head.tracking_number)] = outcome
    return found


def _broken(source: str, error: Exception) -> SourceContractBroken:
    path = _PATH + broken_path(str(error)).removeprefix("$")
    return SourceContractBroken(source, path=path, detail="one number's results do not decode")


def of_number(
    results: Sequence[payload.TrackResult], as_of: datetime, *, source: str
) -> models.Tracking | SourceError | None:
    """A number that FedEx has used again has several results: the one with the latest scan is the parcel on its way."""
    told = [tracking(each, as_of) for each in results if each.error is None]
    if told:
        return max(told, key=lambda each: each.events[-1].at if each.events else _EARLIEST)
    codes = [each.error.code for each in results if each.error is not None and each.error.code != ABSENT]
    return failure(codes[0], source=source, detail="one number failed") if codes else None


def tracking(result: payload.TrackResult, as_of: datetime) -> models.Tracking:
    scans = sorted(
        [(each.date.value, each) for each in result.scan_events or () if each.date and each.date.value], key=_at
    )
    events = tuple([_event(at, scan) for at, scan in scans])
    latest = result.latest_status_detail
    if latest is not None and (latest.code or latest.derived_code):
        read = CODES.first(latest.code, latest.derived_code)
    else:
        read = scanned(scans[-1][1]) if scans else CODES.first()
    status = tracking_status(read)
    details = result.delivery_details
    return models.Tracking(
        status=status,
        events=events,
        as_of=as_of,
        source_status=read.source_status or None,
        estimated_delivery=expected(result),
        delivered_at=_delivered(result, events) if status is models.TrackingStatus.DELIVERED else None,
        signed_by=(details.signed_by_name or details.received_by_name or None) if details is not None else None,
    )


def _at(scan: tuple[datetime, payload.ScanEvent]) -> datetime:
    return scan[0]


def tracking_status(read: Read) -> models.TrackingStatus:
    status = read.status
    return status if isinstance(status, models.TrackingStatus) else models.TrackingStatus.UNKNOWN


def scanned(scan: payload.ScanEvent) -> Read:
    """The event's own type says more than the status derived from it: OD is derived to IT."""
    return CODES.first(scan.event_type, scan.derived_status_code)


def _event(at: datetime, scan: payload.ScanEvent) -> models.TrackingEvent:
    read = scanned(scan)
    words = [each.strip() for each in (scan.event_description, scan.exception_description) if each and each.strip()]
    description = ": ".join(dict.fromkeys(words)) or read.source_status
    return models.TrackingEvent(at, tracking_status(read), description, place(scan.scan_location))


def place(address: payload.Address | None) -> str | None:
    if address is None:
        return None
    parts = (address.city, address.state_or_province_code, address.country_code)
    return ", ".join([each for each in parts if each]) or None


def _moments(result: payload.TrackResult, kind: str) -> list[datetime]:
    return sorted(
        [
            each.date_time.value
            for each in result.date_and_times or ()
            if each.type == kind and each.date_time and each.date_time.value
        ]
    )


def expected(result: payload.TrackResult) -> date | None:
    """The day where the parcel is going: of the estimated moment, else of the end of its window."""
    moments = _moments(result, "ESTIMATED_DELIVERY")
    if moments:
        return moments[-1].date()
    outer = result.estimated_delivery_time_window
    ends = outer.window.ends if outer is not None and outer.window is not None else None
    return ends.value.date() if ends is not None and ends.value is not None else None


def _delivered(result: payload.TrackResult, events: tuple[models.TrackingEvent, ...]) -> datetime | None:
    moments = _moments(result, "ACTUAL_DELIVERY")
    scanned = [each.at for each in events if each.status is models.TrackingStatus.DELIVERED]
    return moments[-1] if moments else (scanned[-1] if scanned else None)
