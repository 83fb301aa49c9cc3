"""The models' enums as the schema publishes them: each with its description, and each of its values."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from sources import models


def publish(kind: type[Enum], description: str, values: Mapping[str, str], *, name: str | None = None) -> None:
    published: Any = strawberry.enum(kind, name=name, description=description)
    definition: StrawberryEnumDefinition = published.__strawberry_definition__
    for value in definition.values:
        value.description = values[value.name]


publish(
    models.ItemStatus,
    "Whether an item can be ordered.",
    {
        "ACTIVE": "Can be ordered.",
        "DISCONTINUED": "No longer bought; what is left may be sold. See replacedBy.",
        "BLOCKED": "May not be sold at the moment.",
        "UNKNOWN": "The ERP gave a status that the gateway does not know.",
    },
)
publish(
    models.PriceSource,
    "Where a price comes from.",
    {
        "CONTRACT": "Agreed with this customer.",
        "PROMOTION": "A promotion that holds on the day asked about.",
        "PRICE_LIST": "The price list: nothing better was agreed.",
    },
)
publish(
    models.AtpMethod,
    "How the available-to-promise quantity was worked out.",
    {
        "SOURCE": "By the ERP itself, passed through unchanged.",
        "CUMULATIVE_LOOKAHEAD": "Projected stock, never promising what a later demand needs.",
        "DISCRETE": "Supply by supply: what each receipt holds after the demand up to the next one.",
    },
)
publish(
    models.OrderStatus,
    "Where an order stands.",
    {
        "OPEN": "Taken, not yet released to the warehouse.",
        "RELEASED": "Released to the warehouse.",
        "PARTIALLY_SHIPPED": "Some of it has left.",
        "SHIPPED": "All of it has left.",
        "CLOSED": "Shipped, invoiced and done.",
        "CANCELLED": "Cancelled before it was shipped.",
        "UNKNOWN": "The ERP gave a status that the gateway does not know: see sourceStatus.",
    },
)
publish(
    models.HoldCode,
    "Why an order is held.",
    {
        "CREDIT": "The customer's credit.",
        "PRICE": "A price that must be confirmed.",
        "INVENTORY": "Stock is short.",
        "ADDRESS": "The address cannot be delivered to.",
        "CARRIER_RESTRICTION": "The carrier may not take it, or not there.",
        "DUPLICATE_PO": "The customer's PO number was used before.",
        "COMPLIANCE": "Export control, licence or other rules.",
        "MANUAL": "A person put it on hold.",
        "OTHER": "Another reason: see reason.",
    },
)
publish(
    models.ShipmentStatus,
    "Where a shipment stands in the warehouse.",
    {
        "WAITING": "Planned; nothing is set aside yet.",
        "ALLOCATED": "Stock is set aside for it.",
        "PICKING": "Being picked.",
        "SHORT_PICKED": "Picked, but less was found than planned.",
        "PACKED": "Packed and ready for the carrier.",
        "SHIPPED": "Handed to the carrier.",
        "DELIVERED": "Arrived.",
        "CANCELLED": "Cancelled before it left.",
        "UNKNOWN": "The WMS gave a status that the gateway does not know: see sourceStatus.",
    },
)
publish(
    models.TrackingStatus,
    "Where a parcel stands with its carrier.",
    {
        "UNKNOWN": "The carrier gave a status that the gateway does not know: see sourceStatus.",
        "PRE_TRANSIT": "Announced to the carrier, not yet handed over.",
        "IN_TRANSIT": "On its way.",
        "OUT_FOR_DELIVERY": "On the vehicle that delivers it.",
        "AVAILABLE_FOR_PICKUP": "Waiting to be picked up.",
        "DELIVERED": "Delivered.",
        "EXCEPTION": "Something went wrong: see the events.",
        "RETURNED": "On its way back, or back.",
        "CANCELLED": "Cancelled before it was handed over.",
    },
)
