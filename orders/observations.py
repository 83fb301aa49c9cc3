"""What milestones come to: intervals and counts, each of them once; docs/metrics.md defines them."""

import enum
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from orders.milestones import Milestones, Moment


class Figure(enum.Enum):
    ORDER_CYCLE = "order_cycle"
    PERFECT_ORDER = "perfect_order"
    EXCEPTION = "exception"
    EXCEPTION_REASON = "exception_reason"
    CONFIRMATION = "shipment_confirmation"
    SUBMISSION = "submission"
    SHORT_PICK = "short_pick"


PERFECT, UNDATED = "PERFECT", "UNDATED"
LATE, SHORT, FAILED = "LATE", "SHORT", "EXCEPTION"
"""What may be wrong with an order that was delivered; several are joined by `|`."""


class Observation(NamedTuple):
    """`part` tells several of one figure and subject apart. `label`: a reason, a verdict, or CHANNEL:OUTCOME. `at`: when it was completed.

    `seconds`: how long it took; None for what is only counted.
    """

    figure: Figure
    part: str
    label: str
    company: str | None
    at: Moment
    seconds: float | None = None

    @property
    def key(self) -> tuple[Figure, str]:
        return self.figure, self.part


Listener = Callable[[Observation], None]
"""Told of each observation once, by the gateway that wrote it down first."""


def observed(known: Milestones, zone: tzinfo = UTC) -> Iterator[Observation]:
    """`zone`: whose days orders are due by."""
    yield from _of_submission(known)
    if known.standing is None and known.company is None:
        return  # a parcel of which nobody has said yet whose it is
    yield from _of_shipments(known)
    for name, at in known.shorts.items():
        yield Observation(Figure.SHORT_PICK, name, "", known.company, at)
    delivered, company = known.delivered, known.company
    if delivered is None:
        return
    yield Observation(Figure.PERFECT_ORDER, "", _verdict(known, delivered, zone), company, delivered)
    if known.accepted is not None:
        yield Observation(Figure.ORDER_CYCLE, "", "", company, delivered, _seconds(known.accepted, delivered))


def _of_shipments(known: Milestones) -> Iterator[Observation]:
    released = known.released
    for name, leg in known.shipments.items():
        if leg.confirmed is not None and released is not None:
            seconds = _seconds(released, leg.confirmed)
            yield Observation(Figure.CONFIRMATION, name, "", known.company, leg.confirmed, seconds)


def _of_submission(known: Milestones) -> Iterator[Observation]:
    standing = known.standing
    if standing is not None and standing.kind:
        label = f"{standing.channel}:{standing.kind}"
        yield Observation(Figure.SUBMISSION, "", label, known.company, standing.at)
    for since, wait in known.waits.items():
        seconds = _seconds(int(since), wait.until)
        yield Observation(Figure.EXCEPTION, since, "", known.company, wait.until, seconds)
        for reason in wait.reasons:
            part = f"{since}/{reason}"
            yield Observation(Figure.EXCEPTION_REASON, part, reason, known.company, wait.until, seconds)


def _verdict(known: Milestones, at: Moment, zone: tzinfo) -> str:
    if known.due is None:
        return UNDATED
    is_late = datetime.fromtimestamp(at / 1000, zone).date() > known.due
    has_failed = known.failed is not None or any(leg.cancelled is not None for leg in known.shipments.values())
    faults = {LATE: is_late, SHORT: bool(known.shorts), FAILED: has_failed}
    return "|".join(name for name, is_so in faults.items() if is_so) or PERFECT


def _seconds(since: Moment, until: Moment) -> float:
    """Two systems' clocks may differ: what would have ended before it began took no time."""
    return max(0, until - since) / 1000
