"""UPS's tracking answers over the wire, as its own description spells them; these shapes never leave this folder.

Its description requires nothing, so neither do we, but for `trackResponse`: what is missing or null is not known. Texts and lists have a
length that no honest answer reaches.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from sources.ups.moments import Clock, Day, Offset

Code = Annotated[str, Meta(max_length=100)]
Text = Annotated[str, Meta(max_length=2_000)]


class Wire(msgspec.Struct, rename="camel"):
    """UPS spells in camelCase; what it has and we do not read is passed over."""


class Status(Wire):
    type: Code | None = None
    code: Code | None = None
    status_code: Code | None = None
    description: Text | None = None


class Address(Wire):
    city: Text | None = None
    state_province: Text | None = None
    country_code: Text | None = None
    country: Text | None = None


class Location(Wire):
    address: Address | None = None


class Activity(Wire):
    status: Status | None = None
    location: Location | None = None
    date: Day | None = None
    time: Clock | None = None
    gmt_date: Day | None = None
    gmt_time: Clock | None = None
    gmt_offset: Offset | None = None


class DeliveryDate(Wire):
    """`type`: SDD scheduled, RDD rescheduled, DEL delivered."""

    type: Code | None = None
    date: Day | None = None


class DeliveryTime(Wire):
    """`type`: DEL is when it was delivered; the others are windows."""

    type: Code | None = None
    end_time: Clock | None = None


class DeliveryInformation(Wire):
    received_by: Text | None = None


class AlternateNumber(Wire):
    number: Code | None = None


class Package(Wire):
    tracking_number: Code | None = None
    alternate_tracking_number: Annotated[tuple[AlternateNumber, ...], Meta(max_length=1_000)] | None = None
    current_status: Status | None = None
    activity: Annotated[tuple[Activity, ...], Meta(max_length=1_000)] | None = None
    delivery_date: Annotated[tuple[DeliveryDate, ...], Meta(max_length=100)] | None = None
    delivery_time: DeliveryTime | None = None
    delivery_information: DeliveryInformation | None = None


class Warning(Wire):  # noqa: A001 - UPS's own word for it
    code: Code | None = None


class Shipment(Wire):
    package: Annotated[tuple[Package, ...], Meta(max_length=1_000)] | None = None
    warnings: Annotated[tuple[Warning, ...], Meta(max_length=100)] | None = None


class TrackResponse(Wire):
    shipment: Annotated[tuple[Shipment, ...], Meta(max_length=1_000)] | None = None


class TrackAnswer(Wire):
    track_response: TrackResponse


class Refusal(msgspec.Struct):
    code: str


class Refusals(msgspec.Struct):
    errors: tuple[Refusal, ...]


class RefusalAnswer(msgspec.Struct):
    """What UPS sends with 400 and 404."""

    response: Refusals
