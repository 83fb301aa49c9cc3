"""What the status of a shipping label says of the shipment it was made for."""

from sources.codes import Codes, Meaning
from sources.models import ShipmentStatus

LABELS = Codes(
    "shiphero",
    Meaning("shipment.unknown", ShipmentStatus.UNKNOWN),
    {
        "valid": Meaning("shipment.confirmed", ShipmentStatus.SHIPPED),
        "void": Meaning("shipment.cancelled", ShipmentStatus.CANCELLED),
        "voided": Meaning("shipment.cancelled", ShipmentStatus.CANCELLED),
    },
)
"""ShipHero makes a shipment when it makes its labels, which is when its webhook tells of one: whoever has a valid label has shipped."""
