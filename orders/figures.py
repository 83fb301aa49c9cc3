"""The business figures of a period, made of what the ledger counted; docs/metrics.md defines each of them.

A rate of nothing is None, and so are the times of nothing: there is nothing to tell.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from orders.ledger import Ledger, Period, Row
from orders.milestones import AFTER_DECISION, STRAIGHT_THROUGH, Moment
from orders.observations import FAILED, LATE, PERFECT, SHORT, UNDATED, Figure
from orders.problems import ProblemCode
from orders.record import SubmissionStatus
from orders.request import Channel


class Times(msgspec.Struct, frozen=True):
    count: int = 0
    median_seconds: float | None = None
    p90_seconds: float | None = None


class ReasonTimes(msgspec.Struct, frozen=True):
    reason: ProblemCode
    times: Times


class Deliveries(msgspec.Struct, frozen=True):
    """`judged`: those that had a day by which they were due. Faults are counted among those; an order may have several."""

    delivered: int
    judged: int
    perfect: int
    late: int
    short_picked: int
    with_exception: int

    @property
    def rate(self) -> float | None:
        return _rate(self.perfect, self.judged)


class Outcomes(msgspec.Struct, frozen=True):
    """What submissions came to; `channel` is None where all are counted together."""

    channel: Channel | None
    straight_through: int
    after_decision: int
    rejected: int
    cancelled: int
    failed: int

    @property
    def count(self) -> int:
        return self.straight_through + self.after_decision + self.rejected + self.cancelled + self.failed

    @property
    def success_rate(self) -> float | None:
        return _rate(self.straight_through + self.after_decision, self.count)

    @property
    def straight_through_rate(self) -> float | None:
        return _rate(self.straight_through, self.count)


class ShortPicks(msgspec.Struct, frozen=True):
    lines: int
    orders: int


class Figures(msgspec.Struct, frozen=True):
    since: datetime
    until: datetime
    order_cycle: Times
    perfect_orders: Deliveries
    exception_resolution: Times
    exception_reasons: Sequence[ReasonTimes]
    shipment_confirmation: Times
    submissions: Outcomes
    submission_channels: Sequence[Outcomes]
    short_picks: ShortPicks


async def figures_of(ledger: Ledger, period: Period, companies: Collection[str] | None) -> list[Figures]:
    """One for each stretch of the period, whether anything happened in it or not."""
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    for row in await ledger.rows(period, companies):
        rows[row.stretch].append(row)
    return [_figures(span, rows[at]) for at, span in enumerate(_stretches(period))]


def _stretches(period: Period) -> Iterable[tuple[Moment, Moment]]:
    every = period.every or period.until - period.since
    return [(at, min(at + every, period.until)) for at in range(period.since, period.until, every)]


def _figures(span: tuple[Moment, Moment], rows: Sequence[Row]) -> Figures:
    by_figure: defaultdict[Figure, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_figure[row.figure][row.label] = row
    since, until = (datetime.fromtimestamp(each / 1000, UTC) for each in span)
    ended = _ended(by_figure[Figure.SUBMISSION])
    return Figures(
        since,
        until,
        _times(by_figure[Figure.ORDER_CYCLE].get("")),
        _deliveries(by_figure[Figure.PERFECT_ORDER]),
        _times(by_figure[Figure.EXCEPTION].get("")),
        [
            ReasonTimes(ProblemCode(name), _times(row))
            for name, row in sorted(by_figure[Figure.EXCEPTION_REASON].items())
        ],
        _times(by_figure[Figure.CONFIRMATION].get("")),
        _outcomes(None, ended),
        [_outcomes(each, ended) for each in Channel if any(each is channel for channel, _ in ended)],
        _short_picks(by_figure[Figure.SHORT_PICK].get("")),
    )


def _times(row: Row | None) -> Times:
    return Times() if row is None else Times(row.times, row.median, row.p90)


def _deliveries(rows: Mapping[str, Row]) -> Deliveries:
    judged = [(row.times, row.label.split("|")) for row in rows.values() if row.label != UNDATED]
    of = {name: sum(times for times, words in judged if name in words) for name in (PERFECT, LATE, SHORT, FAILED)}
    return Deliveries(
        delivered=sum(row.times for row in rows.values()),
        judged=sum(times for times, _ in judged),
        perfect=of[PERFECT],
        late=of[LATE],
        short_picked=of[SHORT],
        with_exception=of[FAILED],
    )


Ended = Mapping[tuple[Channel, str], int]


def _ended(rows: Mapping[str, Row]) -> Ended:
    told = [(row.label.partition(":"), row.times) for row in rows.values()]
    return {(Channel(channel), kind): times for (channel, _, kind), times in told}


def _outcomes(channel: Channel | None, ended: Ended) -> Outcomes:
    def of(kind: str) -> int:
        return sum(times for (each, name), times in ended.items() if name == kind and channel in {None, each})

    return Outcomes(
        channel,
        straight_through=of(STRAIGHT_THROUGH),
        after_decision=of(AFTER_DECISION),
        rejected=of(SubmissionStatus.REJECTED.value),
        cancelled=of(SubmissionStatus.CANCELLED.value),
        failed=of(SubmissionStatus.FAILED.value),
    )


def _short_picks(row: Row | None) -> ShortPicks:
    return ShortPicks(0, 0) if row is None else ShortPicks(row.times, row.subjects)


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
