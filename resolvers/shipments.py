"""Shipments: what left, or is about to leave, a warehouse."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from engine import batched
from resolvers.context import Info
from resolvers.items import Company
from resolvers.money import Money
from resolvers.nodes import Node
from resolvers.tracking import Tracking
from resolvers.warehouses import Warehouse
from sources import models

if TYPE_CHECKING:
    from resolvers.orders import Order


@strawberry.type(description="What a parcel holds of one item.")
class ParcelItem:
    sku: str = strawberry.field(description="The item.")
    quantity: Decimal = strawberry.field(description="How much of it, in the base unit.")
    lots: list[str] = strawberry.field(description="Lot numbers.")
    serials: list[str] = strawberry.field(description="Serial numbers.")


async def tracking_of_parcel(parcels: Sequence[models.Parcel], info: Info) -> Sequence[Any]:
    """All carriers' parcels in one question: tracking numbers are told apart by the carrier system itself."""
    keys = [models.TrackingKey(None, parcel.tracking_number) for parcel in parcels]
    return await info.context.loaders.tracking_by_number.load_each(keys)


@strawberry.type(description="A carton or pallet with a tracking number of its own.")
class Parcel:
    tracking_number: str = strawberry.field(description="The carrier's number.")
    weight_kg: Decimal | None = strawberry.field(description="Its weight in kilograms.")
    contents: list[ParcelItem] = strawberry.field(description="What is in it.")
    tracking: Tracking | None = batched(
        tracking_of_parcel, description="Where it is, by the carrier, live.", reads=("carrier.tracking",)
    )


async def order_of_shipment(shipments: Sequence[models.Shipment], info: Info) -> Sequence[Any]:
    keys = [models.Key(each.company, each.order_number) if each.order_number else None for each in shipments]
    return await info.context.loaders.order_by_number.load_linked(keys)


@strawberry.type(description="What left, or is about to leave, a warehouse.")
class Shipment(Node):
    number: str = strawberry.field(description="The WMS's number for it.")
    company: str = strawberry.field(description="The legal entity.")
    order: Annotated["Order", strawberry.lazy("resolvers.orders")] | None = batched(
        order_of_shipment, description="The order it is for.", reads=("erp.orders",)
    )
    warehouse: Warehouse = strawberry.field(description="Where it leaves from.")
    status: models.ShipmentStatus = strawberry.field(description="Where it stands.")
    source_status: str | None = strawberry.field(description="The WMS's own word for its status.")
    carrier: str | None = strawberry.field(description="Who carries it.")
    service: str | None = strawberry.field(description="By which of the carrier's services.")
    shipped_at: datetime | None = strawberry.field(description="When it left.")
    freight: Money | None = strawberry.field(description="What carrying it costs.")
    parcels: list[Parcel] = strawberry.field(description="Its cartons and pallets.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, models.Shipment)


async def shipment(
    info: Info, number: Annotated[str, strawberry.argument(description="The WMS's number.")], company: Company = None
) -> Any:
    return await info.context.loaders.shipment_by_number.load(models.Key(company, number))
