"""How the business does: the figures of a period, over all companies that the viewer sees or one of them."""

import enum
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
import strawberry

from orders import figures
from orders.ledger import MOST_TIMES, Ledger, Period, TooMany
from orders.problems import ProblemCode
from orders.request import Channel
from resolvers.context import Info
from resolvers.enums import publish
from resolvers.errors import BadInput, LimitExceeded
from resolvers.recorded import reading
from resolvers.submissions import desk_of
from sources.viewer import Viewer

READ = "operations:read"
MOST_STRETCHES = 200
MOST_DAYS = 366


class Every(enum.Enum):
    HOUR = timedelta(hours=1)
    DAY = timedelta(days=1)


publish(
    Every,
    "How long each stretch of a series is.",
    {"HOUR": "An hour.", "DAY": "24 hours."},
    name="OperationsStretch",
)


@strawberry.type(description="How long something took, over all that was completed in the time.")
class OperationsTimes:
    count: int = strawberry.field(description="How many there were.")
    median_seconds: float | None = strawberry.field(
        description="Half of them took at most so long; null where there were none."
    )
    p90_seconds: float | None = strawberry.field(
        description="Nine of ten took at most so long; null where there were none."
    )


@strawberry.type(description="How long exceptions of one reason took.")
class OperationsReason:
    reason: ProblemCode = strawberry.field(description="Why a person was needed.")
    times: OperationsTimes = strawberry.field(description="How long until a person did something about it.")


@strawberry.type(description="Orders that were delivered whole, and what was right and wrong with them.")
class PerfectOrders:
    delivered: int = strawberry.field(description="Orders of which everything that was sent has arrived.")
    judged: int = strawberry.field(description="Those of them that were due by a day that is known.")
    perfect: int = strawberry.field(
        description="Of the judged: on time, without a short pick and without an exception."
    )
    rate: float | None = strawberry.field(
        description="The share of the judged that was perfect; null where none was judged."
    )
    late: int = strawberry.field(description="Of the judged: those that arrived after the day they were due.")
    short_picked: int = strawberry.field(description="Of the judged: those of which less was picked than ordered.")
    with_exception: int = strawberry.field(
        description="Of the judged: those with an exception on their way, or a shipment that was cancelled."
    )


@strawberry.type(description="What submissions came to.")
class SubmissionOutcomes:
    channel: Channel | None = strawberry.field(description="Of which channel; null for all of them together.")
    count: int = strawberry.field(description="How many came to an end, or failed.")
    straight_through: int = strawberry.field(description="Accepted, and no person had a hand in it.")
    after_decision: int = strawberry.field(description="Accepted after a person decided, or had it tried again.")
    rejected: int = strawberry.field(description="Rejected, by a rule or by a person.")
    cancelled: int = strawberry.field(description="Taken back.")
    failed: int = strawberry.field(description="Failed for a reason on our side, and not tried again since.")
    success_rate: float | None = strawberry.field(description="The accepted ones of all; null where there were none.")
    straight_through_rate: float | None = strawberry.field(
        description="Those without a person's hand of all; null where there were none."
    )


@strawberry.type(description="What warehouses found too little of.")
class ShortPicks:
    lines: int = strawberry.field(description="Items of shipments of which less was picked than ordered.")
    orders: int = strawberry.field(description="How many orders they belong to.")


@strawberry.type(description="The figures of one stretch of time. Each counts where it was completed.")
class OperationsFigures:
    since: datetime = strawberry.field(description="From this moment on.")
    until: datetime = strawberry.field(description="Before this moment.")
    order_cycle: OperationsTimes = strawberry.field(description="From an order's acceptance to its delivery.")
    perfect_orders: PerfectOrders = strawberry.field(description="How well orders were delivered.")
    exception_resolution: OperationsTimes = strawberry.field(
        description="From a submission's need for attention until a person did something about it."
    )
    exception_reasons: list[OperationsReason] = strawberry.field(
        description="The same by reason; one of several reasons counts under each."
    )
    shipment_confirmation: OperationsTimes = strawberry.field(
        description="From an order's release to the warehouse until a shipment of it was confirmed."
    )
    submissions: SubmissionOutcomes = strawberry.field(description="What submissions came to.")
    submission_channels: list[SubmissionOutcomes] = strawberry.field(
        description="The same by channel, for those from which any came."
    )
    short_picks: ShortPicks = strawberry.field(description="What warehouses found too little of.")


class Told(msgspec.Struct, frozen=True):
    total: figures.Figures
    series: list[figures.Figures] | None


@strawberry.type(description="How the business does over a period; docs/metrics.md defines each figure.")
class Operations:
    total: OperationsFigures = strawberry.field(description="Over all of the period.")
    series: list[OperationsFigures] | None = strawberry.field(
        description="Stretch by stretch, oldest first; null where `every` was not given."
    )


async def operations(
    info: Info,
    *,
    since: Annotated[datetime, strawberry.argument(description="The period's beginning.")],
    until: Annotated[datetime, strawberry.argument(description="The period's end, which is not part of it.")],
    company: Annotated[
        str | None, strawberry.argument(description="Of this legal entity only; else of all that may be seen.")
    ] = None,
    every: Annotated[
        Every | None, strawberry.argument(description="With a series in stretches of this length, from since on.")
    ] = None,
) -> Any:
    period, series = _period(since, until), _series(since, until, every)
    ledger, viewer = desk_of(info).ledger, info.context.call.viewer
    if not viewer.may(READ) or viewer.customers:
        return None
    companies = _companies(viewer, company)
    return await reading(lambda: _told(ledger, companies, period, series))


async def _told(ledger: Ledger, companies: list[str] | None, period: Period, series: Period | None) -> Told:
    try:
        (total,) = await figures.figures_of(ledger, period, companies)
        return Told(total, await figures.figures_of(ledger, series, companies) if series is not None else None)
    except TooMany:
        raise BadInput(
            "until", f"more than {MOST_TIMES:,} things were timed until then: ask for less at once."
        ) from None


def _companies(viewer: Viewer, company: str | None) -> list[str] | None:
    """One that may not be seen is like one that does not exist: nothing happens there."""
    if company is not None:
        return [company] if viewer.sees_company(company) else []
    return sorted(viewer.companies) or None


def _period(since: datetime, until: datetime) -> Period:
    if until <= since:
        raise BadInput("until", "it must be later than since.")
    if until - since > timedelta(days=MOST_DAYS):
        raise BadInput("until", f"it may be {MOST_DAYS} days after since at most.")
    return Period(_moment(since), _moment(until))


def _series(since: datetime, until: datetime, every: Every | None) -> Period | None:
    if every is None:
        return None
    stretches = -((since - until) // every.value)
    if stretches > MOST_STRETCHES:
        raise LimitExceeded("every", asked=stretches, limit=MOST_STRETCHES)
    return _period(since, until)._replace(every=round(every.value.total_seconds() * 1000))


def _moment(at: datetime) -> int:
    return round(at.timestamp() * 1000)
