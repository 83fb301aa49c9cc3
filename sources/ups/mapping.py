"""From UPS's packages to canonical tracking: pure functions."""

import re
from datetime import UTC, date, datetime

import msgspec

from sources import models
from sources.codes import Read
from sources.errors import SourceContractBroken, SourceError, SourceRejected
from sources.ups import payload
from sources.ups.moments import happened, moment
from sources.ups.statuses import CODES

ABSENT = frozenset({"TW0001", "TV1002"})
"""UPS's words for "there is no such number": tracking information not found, invalid inquiry number."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)
_REFUSAL = msgspec.json.Decoder(payload.RefusalAnswer)


def word(code: str) -> str:
    """Only a plain word is told on."""
    return code if _WORD.fullmatch(code) else "REJECTED"


def reason(content: bytes) -> str:
    """The first error's code in a refusal's body."""
    try:
        errors = _REFUSAL.decode(content).response.errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "REJECTED"
    return word(errors[0].code) if errors else "REJECTED"


def tracking(
    answer: payload.TrackAnswer, number: str, as_of: datetime, *, source: str
) -> models.Tracking | SourceError | None:
    """The tracking of the package that was asked for; None where UPS knows of none."""
    shipments = answer.track_response.shipment or ()
    packages = [each for shipment in shipments for each in shipment.package or ()]
    if not packages:
        codes = [each.code for shipment in shipments for each in shipment.warnings or () if each.code]
        unlike = [code for code in codes if code not in ABSENT]
        return SourceRejected(source, reason=word(unlike[0]), detail="a warning and no package") if unlike else None
    named = [each for each in packages if _same(number) in _numbers(each)]
    if not named and len(packages) > 1:
        # Which of them is meant would be a guess, and a wrong one tells of somebody else's parcel.
        path = "$.trackResponse.shipment[...].package"
        return SourceContractBroken(source, path=path, detail="several packages, and none is the one asked for")
    told = [package_tracking(each, as_of) for each in named or packages]
    return max(told, key=lambda each: each.events[-1].at if each.events else _EARLIEST)  # UPS uses numbers again


def _same(number: str) -> str:
    return number.replace(" ", "").upper()


def _numbers(package: payload.Package) -> set[str]:
    alternates = [each.number for each in package.alternate_tracking_number or ()]
    return {_same(each) for each in (package.tracking_number, *alternates) if each}


def package_tracking(package: payload.Package, as_of: datetime) -> models.Tracking:
    activities = package.activity or ()
    timed = sorted([(at, each) for each in activities if (at := _at(each)) is not None], key=lambda pair: pair[0])
    events = tuple([_event(at, each) for at, each in timed])
    read = meaning(package.current_status)
    if not read.source_status and timed:
        read = meaning(timed[-1][1].status)
    status = tracking_status(read)
    return models.Tracking(
        status=status,
        events=events,
        as_of=as_of,
        source_status=read.source_status or None,
        estimated_delivery=_expected(package),
        delivered_at=_delivered(package, events) if status is models.TrackingStatus.DELIVERED else None,
        signed_by=package.delivery_information.received_by or None if package.delivery_information else None,
    )


def meaning(status: payload.Status | None) -> Read:
    """Current statuses have their three digits in `code`, activities in `statusCode`, with two letters in `code` that say less."""
    if status is None:
        return CODES.first()
    detail = status.status_code or (status.code if status.code and status.code.isdigit() else None)
    return CODES.first(detail, status.type)


def tracking_status(read: Read) -> models.TrackingStatus:
    status = read.status
    return status if isinstance(status, models.TrackingStatus) else models.TrackingStatus.UNKNOWN


def _at(activity: payload.Activity) -> datetime | None:
    local, gmt = (activity.date, activity.time), (activity.gmt_date, activity.gmt_time)
    return happened(local, gmt, activity.gmt_offset)


def _event(at: datetime, activity: payload.Activity) -> models.TrackingEvent:
    status = activity.status
    read = meaning(status)
    description = (status.description or "").strip() if status is not None else ""
    address = activity.location.address if activity.location is not None else None
    return models.TrackingEvent(at, tracking_status(read), description or read.source_status, _place(address))


def _place(address: payload.Address | None) -> str | None:
    if address is None:
        return None
    parts = (address.city, address.state_province, address.country_code or address.country)
    return ", ".join([each for each in parts if each]) or None


def _expected(package: payload.Package) -> date | None:
    """The rescheduled day, else the scheduled one."""
    days = {each.type: each.date.value for each in package.delivery_date or () if each.date is not None}
    return days.get("RDD") or days.get("SDD")


def _delivered(package: payload.Package, events: tuple[models.TrackingEvent, ...]) -> datetime | None:
    """When it was scanned as delivered, which has a zone; else the delivery's own day and time, as if they were UTC."""
    scanned = [each.at for each in events if each.status is models.TrackingStatus.DELIVERED]
    if scanned:
        return scanned[-1]
    days = [each.date for each in package.delivery_date or () if each.type == "DEL" and each.date is not None]
    taken = package.delivery_time
    clock = taken.end_time if taken is not None and taken.type == "DEL" else None
    return moment(days[0], clock) if days else None
