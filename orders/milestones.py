"""What is known of the way of an order or a submission: its milestones, from events and from submissions' records.

They can be put together in any order, and any number of times, and come to the same: each moment is the earliest that was told. So
it does not matter which gateway hears of what first, what comes twice, and what comes late. docs/metrics.md says what is made of them.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple, TypeVar

import msgspec

from orders.record import ENDED, UNDER_WAY, Step, StepStatus, Submission, SubmissionStatus
from sources.events import Event
from sources.happenings import OrderMoved, PickShort, ShipmentMoved
from sources.links import order as order_name
from sources.links import parcel as parcel_name
from sources.models import TrackingStatus

K = TypeVar("K")
V = TypeVar("V")

Moment = int
"""In milliseconds since 1970: whole numbers are counted and divided alike by every database."""

T = TypeVar("T", Moment, date)

STRAIGHT_THROUGH, AFTER_DECISION = "ACCEPTED_STRAIGHT_THROUGH", "ACCEPTED_AFTER_DECISION"


class Leg(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shipment of an order. `parcels`: when each of them was delivered, as far as it was."""

    confirmed: Moment | None = None
    delivered: Moment | None = None
    cancelled: Moment | None = None
    parcels: Mapping[str, Moment | None] = {}

    @property
    def arrived(self) -> Moment | None:
        """Once the whole of it was told to be delivered, or the last of its parcels was."""
        moments = [moment for moment in self.parcels.values() if moment is not None]
        last = max(moments) if moments and len(moments) == len(self.parcels) else None
        return _earliest(self.delivered, last)


class Standing(msgspec.Struct, frozen=True):
    """How far a submission is. `kind`: what it came to; empty while it is under way or waits."""

    run: int
    is_over: bool
    kind: str
    channel: str
    at: Moment


class Waited(msgspec.Struct, frozen=True):
    until: Moment
    reasons: tuple[str, ...]


class Milestones(msgspec.Struct, frozen=True, omit_defaults=True):
    """`due`: the day by which the order is to be delivered. `failed`: when something first went wrong on its way.

    `shorts`: when less was picked than ordered, by shipment and item. `waits`: by when each began. `owner`: of a parcel, its order;
    what is told of it is kept there.
    """

    owner: str | None = None
    company: str | None = None
    accepted: Moment | None = None
    released: Moment | None = None
    cancelled: Moment | None = None
    due: date | None = None
    failed: Moment | None = None
    shipments: Mapping[str, Leg] = {}
    shorts: Mapping[str, Moment] = {}
    standing: Standing | None = None
    waits: Mapping[str, Waited] = {}

    @property
    def delivered(self) -> Moment | None:
        """Once everything that was to be sent, and was not given up, has arrived."""
        arrived = [leg.arrived for leg in self.shipments.values() if leg.cancelled is None]
        moments = [moment for moment in arrived if moment is not None]
        is_whole = moments and len(moments) == len(arrived) and self.cancelled is None
        return max(moments) if is_whole else None

    @property
    def parcels(self) -> list[str]:
        """Their numbers, under which a carrier may have told something before it was known whose they are."""
        return [number for leg in self.shipments.values() for number in leg.parcels]


class News(NamedTuple):
    """`subject`: an order, a submission, or a parcel of which nobody has said yet whose it is."""

    subject: str
    milestones: Milestones


# ---------------------------------------------------------------- put together


def together(one: Milestones, other: Milestones) -> Milestones:
    return Milestones(
        company=one.company or other.company,
        accepted=_earliest(one.accepted, other.accepted),
        released=_earliest(one.released, other.released),
        cancelled=_earliest(one.cancelled, other.cancelled),
        due=_earliest(one.due, other.due),
        failed=_earliest(one.failed, other.failed),
        shipments=_each(one.shipments, other.shipments, _one_leg),
        shorts=_each(one.shorts, other.shorts, min),
        standing=_latest(one.standing, other.standing),
        waits=_each(one.waits, other.waits, lambda first, _: first),
    )


def adopted(order: Milestones, parcel: Milestones) -> Milestones:
    """The order, with what was known of one of its parcels before it was known whose it is."""
    told = {number: at for leg in parcel.shipments.values() for number, at in leg.parcels.items()}
    shipments = {
        name: msgspec.structs.replace(
            leg, parcels={each: _earliest(at, told.get(each)) for each, at in leg.parcels.items()}
        )
        for name, leg in order.shipments.items()
    }
    return msgspec.structs.replace(order, shipments=shipments, failed=_earliest(order.failed, parcel.failed))


def _one_leg(one: Leg, other: Leg) -> Leg:
    return Leg(
        _earliest(one.confirmed, other.confirmed),
        _earliest(one.delivered, other.delivered),
        _earliest(one.cancelled, other.cancelled),
        _each(one.parcels, other.parcels, _earliest),
    )


def _latest(one: Standing | None, other: Standing | None) -> Standing | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda each: (each.run, each.is_over))


def _earliest(one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _each(one: Mapping[K, V], other: Mapping[K, V], both: Callable[[V, V], V]) -> Mapping[K, V]:
    return {**one, **{key: both(one[key], value) if key in one else value for key, value in other.items()}}


# ---------------------------------------------------------------- from events


def news_of_event(event: Event) -> News | None:
    """None where it is no milestone, or where it says neither whose order it is about nor of which parcel."""
    data, at = event.data, _moment(event.time)
    if isinstance(data, OrderMoved):
        told = _ORDER.get(event.type)
        return _of_order(data.company, data.order, told(at)) if told else None
    if isinstance(data, PickShort):
        is_short = data.picked < data.ordered
        short = Milestones(shorts={f"{data.shipment}/{data.sku}": at}, shipments={data.shipment: Leg()})
        return _of_order(data.company, data.order, short) if is_short else None
    return _of_shipment(event.type, data, at) if isinstance(data, ShipmentMoved) else None


_ORDER: Mapping[str, Callable[[Moment], Milestones]] = {
    "order.accepted": lambda at: Milestones(accepted=at),
    "order.released": lambda at: Milestones(released=at),
    "order.cancelled": lambda at: Milestones(cancelled=at),
}


def _of_order(company: str | None, number: str | None, milestones: Milestones) -> News | None:
    if not company or not number:
        return None
    return News(order_name(company, number), msgspec.structs.replace(milestones, company=company))


def _of_shipment(kind: str, data: ShipmentMoved, at: Moment) -> News | None:
    has_failed = kind == "shipment.exception" or data.status in {TrackingStatus.EXCEPTION, TrackingStatus.RETURNED}
    leg = _leg(kind, data, at)
    if leg is None and not has_failed:
        return None
    failed = at if has_failed else None
    if data.shipment and data.order and data.company:
        return _of_order(data.company, data.order, Milestones(failed=failed, shipments={data.shipment: leg or Leg()}))
    if data.tracking_number:
        return News(parcel_name(data.tracking_number), Milestones(failed=failed, shipments={"": leg or Leg()}))
    return None


def _leg(kind: str, data: ShipmentMoved, at: Moment) -> Leg | None:
    parcels: dict[str, Moment | None] = dict.fromkeys(data.tracking_numbers)
    if kind == "shipment.created":
        return Leg(parcels=parcels)
    if kind == "shipment.confirmed":
        return Leg(confirmed=at, parcels=parcels)
    if kind == "shipment.cancelled":
        return Leg(cancelled=at)
    if kind == "shipment.delivered" and data.tracking_number:
        return Leg(parcels={data.tracking_number: at})
    return Leg(delivered=at) if kind == "shipment.delivered" else None


# ---------------------------------------------------------------- from submissions


def news_of_submission(submission: Submission) -> list[News]:
    """Of the submission, once it has come to something or a person has had a hand in it; and of the order that it became."""
    has_ended = submission.status not in UNDER_WAY
    if not has_ended and not _was_touched(submission):
        return []
    found = [News(submission.id, _of_submission(submission))]
    order = _of_accepted(submission)
    return found if order is None else [*found, order]


def _of_submission(submission: Submission) -> Milestones:
    at = submission.ended_at or submission.submitted_at
    is_over = submission.status not in UNDER_WAY
    kind, channel = _kind(submission), submission.request.channel.value
    waits = {
        str(_moment(wait.since)): Waited(_moment(wait.until), tuple(code.value for code in wait.reasons))
        for wait in submission.waits
    }
    standing = Standing(submission.run, is_over, kind, channel, _moment(at))
    return Milestones(company=submission.company, standing=standing, waits=waits)


def _kind(submission: Submission) -> str:
    if submission.status is SubmissionStatus.ACCEPTED:
        return AFTER_DECISION if _was_touched(submission) else STRAIGHT_THROUGH
    return submission.status.value if submission.status in {*ENDED, SubmissionStatus.FAILED} else ""


def _was_touched(submission: Submission) -> bool:
    return bool(submission.waits or submission.decisions or submission.step("retry").attempts)


def _of_accepted(submission: Submission) -> News | None:
    if submission.status is not SubmissionStatus.ACCEPTED or submission.ended_at is None:
        return None
    milestones = Milestones(
        accepted=_moment(submission.ended_at),
        released=_finished(submission.step("release")),
        due=_due(submission),
        shipments=dict.fromkeys(submission.shipments, Leg()),
    )
    return _of_order(submission.company, submission.erp_order_number, milestones)


def _finished(step: Step) -> Moment | None:
    return _moment(step.finished_at) if step.status is StepStatus.DONE and step.finished_at else None


def _due(submission: Submission) -> date | None:
    """What the customer asked for; else the day by which the last line was promised, if each of them was."""
    promised = [line.promised_date for line in submission.lines]
    days = [day for day in promised if day is not None]
    last = max(days) if days and len(days) == len(promised) else None
    return submission.request.requested_date or last


def _moment(at: datetime) -> Moment:
    return round(at.timestamp() * 1000)
