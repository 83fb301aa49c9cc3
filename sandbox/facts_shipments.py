"""Shipments with their parcels (WMS) and the carriers' tracking of them."""

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from sandbox.fact import Fact, Moment
from sandbox.facts_stock import Warehouse

ShipmentStatus: TypeAlias = Literal[
    "WAITING", "ALLOCATED", "PICKING", "SHORT_PICKED", "PACKED", "SHIPPED", "DELIVERED", "CANCELLED"
]
SHIPMENT_STATUSES: tuple[ShipmentStatus, ...] = get_args(ShipmentStatus)
TrackingStatus: TypeAlias = Literal[
    "PRE_TRANSIT",
    "IN_TRANSIT",
    "OUT_FOR_DELIVERY",
    "AVAILABLE_FOR_PICKUP",
    "DELIVERED",
    "EXCEPTION",
    "RETURNED",
    "CANCELLED",
]
TRACKING_STATUSES: tuple[TrackingStatus, ...] = get_args(TrackingStatus)


class Freight(Fact, frozen=True):
    amount: Decimal
    currency: str = "USD"


class Content(Fact, frozen=True):
    sku: str
    quantity: Decimal
    lots: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()


class Parcel(Fact, frozen=True):
    tracking_number: str
    weight_kg: Decimal | None = None
    contents: tuple[Content, ...] = ()


class Shipment(Fact, frozen=True, kw_only=True):
    company: str
    number: str
    order: str | None = None
    warehouse: Warehouse
    status: ShipmentStatus
    status_text: str
    carrier: str | None = None
    service: str | None = None
    shipped_at: Moment | None = None
    freight: Freight | None = None
    parcels: tuple[Parcel, ...] = ()


class TrackingEvent(Fact, frozen=True):
    at: Moment
    status: TrackingStatus
    description: str
    location: str | None = None


class Tracking(Fact, frozen=True, kw_only=True):
    tracking_number: str
    carrier: str | None = None
    status: TrackingStatus = "IN_TRANSIT"
    status_text: str = ""
    estimated_delivery: date | None = None
    delivered_at: Moment | None = None
    signed_by: str | None = None
    events: tuple[TrackingEvent, ...] = ()
