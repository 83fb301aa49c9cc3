"""EasyPost's trackers over the wire; these shapes never leave this folder.

A tracker is kept as it came until its number is known, so that one that does not fit breaks its own number only. What is missing or null
is not known. Texts and lists have a length that no honest answer reaches.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Code = Annotated[str, Meta(max_length=100)]
Number = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=2_000)]


class Location(msgspec.Struct):
    city: Text | None = None
    state: Text | None = None
    country: Text | None = None


class Detail(msgspec.Struct):
    """A scan. One without a moment is not told."""

    status: Code | None = None
    message: Text | None = None
    at: datetime | None = msgspec.field(name="datetime", default=None)
    tracking_location: Location | None = None


class TrackerHead(msgspec.Struct):
    """`id` is where the next page begins."""

    id: Number
    tracking_code: Number


class Tracker(TrackerHead):
    status: Code | None = None
    carrier: Code | None = None
    created_at: datetime | None = None
    signed_by: Text | None = None
    est_delivery_date: datetime | None = None
    tracking_details: Annotated[tuple[Detail, ...], Meta(max_length=1_000)] | None = None


class TrackersAnswer(msgspec.Struct):
    trackers: Annotated[tuple[msgspec.Raw, ...], Meta(max_length=1_000)]
    has_more: bool = False


# ---------------------------------------------------------------- what is sent


class NewTracker(msgspec.Struct, omit_defaults=True):
    tracking_code: str
    carrier: str | None = None


class TrackerAsked(msgspec.Struct):
    tracker: NewTracker


# ---------------------------------------------------------------- refusals


class Error(msgspec.Struct):
    code: str


class RefusalAnswer(msgspec.Struct):
    error: Error
