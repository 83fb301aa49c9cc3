"""FedEx's tracking answers over the wire; these shapes never leave this folder.

A number's results are kept as they came until its number is known, so that one that does not fit breaks its own number only. What is
missing or null is not known. Texts and lists have a length that no honest answer reaches.
"""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import msgspec
from msgspec import Meta

Code = Annotated[str, Meta(max_length=100)]
Number = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=2_000)]


class Moment:
    """A moment as FedEx writes it: with an offset, without one, or a day alone. `value` is None for an empty text.

    Without an offset it is read as if it were UTC; a day alone is its midnight.
    """

    __slots__ = ("value",)

    def __init__(self, text: str) -> None:
        self.value: datetime | None = None
        if not text:
            return
        if len(text) > 40:  # noqa: PLR2004 - no way to write one is longer
            raise ValueError("Expected a moment")
        read = datetime.fromisoformat(text) if len(text) > len("2026-06-30") else _midnight(text)
        self.value = read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time())


def decoded(kind: type, given: Any) -> Any:
    """For msgspec: it adds to the ValueError at which path it stands."""
    if kind is not Moment or not isinstance(given, str):
        raise ValueError("Expected `str`")
    return Moment(given)


class Wire(msgspec.Struct, rename="camel"):
    """FedEx spells in camelCase; what it has and we do not read is passed over."""


# ---------------------------------------------------------------- the question


class NumberAsked(Wire):
    tracking_number: str


class TrackingAsked(Wire):
    tracking_number_info: NumberAsked


class Question(Wire):
    include_detailed_scans: bool
    tracking_info: tuple[TrackingAsked, ...]


# ---------------------------------------------------------------- the answer


class Error(Wire):
    code: Code


class Status(Wire):
    code: Code | None = None
    derived_code: Code | None = None
    description: Text | None = None


class Address(Wire):
    city: Text | None = None
    state_or_province_code: Text | None = None
    country_code: Text | None = None


class ScanEvent(Wire):
    date: Moment | None = None
    event_type: Code | None = None
    derived_status_code: Code | None = None
    event_description: Text | None = None
    exception_description: Text | None = None
    scan_location: Address | None = None


class DateAndTime(Wire):
    type: Code | None = None
    date_time: Moment | None = None


class Window(Wire):
    ends: Moment | None = None


class TimeWindow(Wire):
    window: Window | None = None


class DeliveryDetails(Wire):
    signed_by_name: Text | None = None
    received_by_name: Text | None = None


class TrackResult(Wire):
    error: Error | None = None
    latest_status_detail: Status | None = None
    scan_events: Annotated[tuple[ScanEvent, ...], Meta(max_length=1_000)] | None = None
    date_and_times: Annotated[tuple[DateAndTime, ...], Meta(max_length=100)] | None = None
    estimated_delivery_time_window: TimeWindow | None = None
    delivery_details: DeliveryDetails | None = None


class NumberHead(Wire):
    tracking_number: Number


class NumberResults(NumberHead):
    """Several where FedEx has used a number again."""

    track_results: Annotated[tuple[TrackResult, ...], Meta(max_length=100)] | None = None


class Output(Wire):
    complete_track_results: Annotated[tuple[msgspec.Raw, ...], Meta(max_length=1_000)]


class TrackAnswer(Wire):
    """`errors` instead of `output`, or with it, where the whole question failed."""

    output: Output | None = None
    errors: Annotated[tuple[Error, ...], Meta(max_length=100)] | None = None


class RefusalAnswer(Wire):
    """What FedEx sends with 400 and 404."""

    errors: tuple[Error, ...]
