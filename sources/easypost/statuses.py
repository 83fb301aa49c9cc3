"""EasyPost's words for where a parcel is, read from its answers and from what it pushes."""

from sources.codes import (
    AVAILABLE_FOR_PICKUP,
    CANCELLED,
    DELIVERED,
    EXCEPTION,
    IN_TRANSIT,
    OUT_FOR_DELIVERY,
    PRE_TRANSIT,
    RETURNED,
    UNKNOWN_SHIPMENT,
    Codes,
)

CODES = Codes(
    "easypost",
    UNKNOWN_SHIPMENT,
    {
        "unknown": UNKNOWN_SHIPMENT,  # the carrier has told EasyPost nothing yet
        "pre_transit": PRE_TRANSIT,
        "in_transit": IN_TRANSIT,
        "out_for_delivery": OUT_FOR_DELIVERY,
        "available_for_pickup": AVAILABLE_FOR_PICKUP,
        "delivered": DELIVERED,
        "return_to_sender": RETURNED,
        "failure": EXCEPTION,
        "error": EXCEPTION,
        "cancelled": CANCELLED,
    },
)
