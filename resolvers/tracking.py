"""Tracking: the carrier's word on a parcel, live."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from resolvers.context import Info
from sources import models


@strawberry.type(description="One thing the carrier reported.")
class TrackingEvent:
    at: datetime = strawberry.field(description="When it happened.")
    status: models.TrackingStatus = strawberry.field(description="What it means.")
    description: str = strawberry.field(description="The carrier's words.")
    location: str | None = strawberry.field(description="Where it happened.")


@strawberry.type(description="Where a parcel is.")
class Tracking:
    status: models.TrackingStatus = strawberry.field(description="Where it stands.")
    source_status: str | None = strawberry.field(description="The carrier's own word for its status.")
    estimated_delivery: date | None = strawberry.field(description="When it is expected to arrive.")
    delivered_at: datetime | None = strawberry.field(description="When it arrived.")
    signed_by: str | None = strawberry.field(description="Who took it in.")
    events: list[TrackingEvent] = strawberry.field(description="What happened, oldest first.")
    as_of: datetime = strawberry.field(description="When it was read from the carrier.")
    stale: bool = strawberry.field(description="Served past its policy because the carrier is down.")


async def tracking(
    info: Info,
    tracking_number: Annotated[str, strawberry.argument(description="The carrier's number for the parcel.")],
    carrier: Annotated[str | None, strawberry.argument(description="Which carrier, where it is known.")] = None,
) -> Any:
    return await info.context.loaders.tracking_by_number.load(models.TrackingKey(carrier, tracking_number))
