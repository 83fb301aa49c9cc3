"""What can be subscribed to: events of shipments, and changes of what can be promised."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import strawberry

from engine import batched
from orders.outlook import Facts, outlook
from resolvers.availability import Availability, facts_of
from resolvers.context import Info
from resolvers.errors import BadInput, LimitExceeded
from resolvers.following import Watch, followed
from resolvers.items import Company
from resolvers.shipments import Shipment
from resolvers.submission_ids import submission_id_of
from resolvers.telling import PART, Telling
from sources import models
from sources.bus import UnknownCursor, parsed_cursor
from sources.wanted import AVAILABILITY, SHIPMENTS, SUBMISSIONS, Wanted

if TYPE_CHECKING:
    from resolvers.submissions import OrderSubmission

MAX_SKUS = 500
_PART = re.compile(r"\d{1,4}", re.ASCII)

After = Annotated[
    str | None, strawberry.argument(description="A cursor: what followed it is told first, nothing missed or twice.")
]


@strawberry.interface(description="One thing that happened.")
class Event:
    id: strawberry.ID = strawberry.field(description="The same for the same event, whoever is told of it.")
    cursor: str = strawberry.field(description="Its place: pass it as after to go on behind it.")
    type: str = strawberry.field(description="What happened, such as shipment.delivered; docs/events.md lists them.")
    occurred_at: datetime = strawberry.field(description="When it happened, by the system where it did.")
    late: bool = strawberry.field(description="It reached the gateway after a later one of the same subject.")
    gap: bool = strawberry.field(
        description="Events between the one asked after, or the one before, and this one are no longer kept."
    )


async def shipment_of_event(events: Sequence[Telling], info: Info) -> Sequence[Any]:
    keys = [models.Key(each.company, each.shipment_number) if each.shipment_number else None for each in events]
    return await info.context.loaders.shipment_by_number.load_linked(keys)


@strawberry.type(description="Something happened to a shipment, or to one of its parcels.")
class ShipmentEvent(Event):
    shipment_number: str = strawberry.field(
        description="The WMS's number; empty while nothing has told which shipment a carrier's parcel is of."
    )
    order_number: str | None = strawberry.field(description="The order it is for.")
    tracking_number: str | None = strawberry.field(description="The carrier's number of the parcel, where it is one's.")
    status: models.TrackingStatus = strawberry.field(
        description="Where it stands after this event. It never runs backwards: a late event leaves it as it was."
    )
    source_status: str | None = strawberry.field(description="The source's own word for what happened.")
    location: str | None = strawberry.field(description="Where it happened.")
    shipment: Shipment | None = batched(
        shipment_of_event, description="The shipment as it is now, by the WMS.", reads=("wms.shipments",)
    )

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, Telling)


async def submission_of_event(events: Sequence[Telling], info: Info) -> Sequence[Any]:
    keys = [models.Key("", each.submission_id) for each in events]
    return await info.context.loaders.submission_by_id.load_each(keys)


@strawberry.type(description="A submission moved on.")
class SubmissionEvent(Event):
    submission: Annotated["OrderSubmission", strawberry.lazy("resolvers.submissions")] | None = batched(
        submission_of_event, description="The submission as it is now."
    )

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, Telling)


async def availability_of_change(changes: Sequence[Telling], info: Info) -> Sequence[Any]:
    """As it is now, over all warehouses and the policy's own horizon."""
    context, days = info.context, info.context.availability.horizon_days
    items = await context.loaders.item_by_sku.load_each(models.Key(each.company, each.sku) for each in changes)
    known = [each for each in items if isinstance(each, models.Item)]
    facts: dict[tuple[str, str], Facts] = {
        (each.item.company, each.item.sku): each for each in await facts_of(context, known, (), days=days)
    }
    return [
        outlook(context.availability, facts[each.company, each.sku], None, days=days)
        if isinstance(each, models.Item)
        else each
        for each in items
    ]


@strawberry.type(description="What can be promised of an item has changed, or may have.")
class AvailabilityChange(Event):
    sku: str = strawberry.field(description="The item.")
    availability: Availability | None = batched(
        availability_of_change,
        description="As it is now, over all warehouses.",
        reads=("erp.items", "wms.stock", "erp.supply_demand"),
    )

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, Telling)


# ---------------------------------------------------------------- what is wanted


def _watch(wanted: Wanted, after: str | None) -> Watch:
    if after is None:
        return Watch(wanted)
    cursor, _, part = after.partition(PART)
    try:
        parsed_cursor(cursor)
    except UnknownCursor:
        raise BadInput("after", "this is no cursor that the gateway gave out.") from None
    if part and not _PART.fullmatch(part):
        raise BadInput("after", "this is no cursor that the gateway gave out.")
    return Watch(wanted, cursor, int(part or 0))


def watch_shipments(arguments: Mapping[str, Any]) -> Watch:
    wanted = Wanted(
        topic="shipments",
        types=SHIPMENTS,
        company=arguments.get("company"),
        customer=arguments.get("customer"),
        order=arguments.get("order"),
        shipment=arguments.get("shipment"),
        tracking_number=arguments.get("trackingNumber"),
    )
    return _watch(wanted, arguments.get("after"))


def watch_availability(arguments: Mapping[str, Any]) -> Watch:
    skus = frozenset(arguments["skus"])
    if not skus:
        raise BadInput("skus", "name at least one.")
    if len(skus) > MAX_SKUS:
        raise LimitExceeded("skus", asked=len(skus), limit=MAX_SKUS)
    wanted = Wanted(topic="availability", types=AVAILABILITY, company=arguments.get("company"), skus=skus)
    return _watch(wanted, arguments.get("after"))


def watch_submissions(arguments: Mapping[str, Any]) -> Watch:
    own = arguments.get("id")
    wanted = Wanted(
        topic="submissions",
        types=SUBMISSIONS,
        company=arguments.get("company"),
        customer=arguments.get("customer"),
        submission=submission_id_of(own, "id") if own is not None else None,
    )
    return _watch(wanted, arguments.get("after"))


class Subscribed(NamedTuple):
    """How a field's arguments become a Watch, and the scope that a caller needs for it. Raises ClientError."""

    watch: Callable[[Mapping[str, Any]], Watch]
    scope: str


WATCHES: Mapping[str, Subscribed] = {
    "shipmentEvents": Subscribed(watch_shipments, "shipment:read"),
    "submissionEvents": Subscribed(watch_submissions, "submission:read"),
    "availabilityChanges": Subscribed(watch_availability, "availability:read"),
}
"""Every field of Subscription. The gateway delivers by this table; the resolvers below serve Strawberry's own execution."""


async def shipment_events(  # noqa: PLR0917 - GraphQL's arguments are named
    info: Info,
    company: Company = None,
    order: Annotated[str | None, strawberry.argument(description="Only of this order.")] = None,
    shipment: Annotated[str | None, strawberry.argument(description="Only of this shipment.")] = None,
    tracking_number: Annotated[str | None, strawberry.argument(description="Only of this parcel.")] = None,
    customer: Annotated[str | None, strawberry.argument(description="Only of this customer.")] = None,
    after: After = None,
) -> AsyncGenerator[Any, None]:
    given = {"company": company, "order": order, "shipment": shipment, "customer": customer}
    watch = watch_shipments({**given, "trackingNumber": tracking_number, "after": after})
    async for telling in followed(info.context, watch):
        yield telling


async def submission_events(  # noqa: PLR0917 - GraphQL's arguments are named
    info: Info,
    id: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this submission.")] = None,  # noqa: A002 - GraphQL's name
    company: Company = None,
    customer: Annotated[str | None, strawberry.argument(description="Only of this customer.")] = None,
    after: After = None,
) -> AsyncGenerator[Any, None]:
    watch = watch_submissions({"id": id, "company": company, "customer": customer, "after": after})
    async for telling in followed(info.context, watch):
        yield telling


async def availability_changes(
    info: Info,
    skus: Annotated[list[str], strawberry.argument(description="The items, at most 500.")],
    company: Company = None,
    after: After = None,
) -> AsyncGenerator[Any, None]:
    watch = watch_availability({"skus": skus, "company": company, "after": after})
    async for telling in followed(info.context, watch):
        yield telling


@strawberry.type(description="What can be subscribed to.")
class Subscription:
    shipment_events: Any = strawberry.subscription(
        resolver=shipment_events,
        graphql_type=ShipmentEvent,
        description="What happens to shipments and their parcels, as it happens.",
    )
    submission_events: Any = strawberry.subscription(
        resolver=submission_events,
        graphql_type=SubmissionEvent,
        description="Orders on their way, as they move on.",
    )
    availability_changes: Any = strawberry.subscription(
        resolver=availability_changes,
        graphql_type=AvailabilityChange,
        description="Changes of what can be promised of these items.",
    )
