"""A vendor's codes and what they mean: one table a vendor. A code that is not in it is UNKNOWN, kept, and counted."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from sources.models import OrderStatus, ShipmentStatus, TrackingStatus

MAX_UNMAPPED = 200


class Meaning(NamedTuple):
    """Which event a code is, and the status it tells."""

    type: str
    status: TrackingStatus | OrderStatus | ShipmentStatus


class Read(NamedTuple):
    """`source_status`: the vendor's own code."""

    type: str
    status: TrackingStatus | OrderStatus | ShipmentStatus
    source_status: str


class Codes:
    """`unmapped` counts the codes that were met and are not in the table, so that somebody adds them; bounded."""

    def __init__(self, vendor: str, unknown: Meaning, table: Mapping[str, Meaning]) -> None:
        self.vendor, self.table = vendor, table
        self.unmapped: Counter[str] = Counter()
        self._unknown = unknown

    def read(self, code: str) -> Read:
        """Upper and lower case are the same."""
        meaning = self.table.get(code.strip().lower())
        if meaning is None:
            self._count(code)
            meaning = self._unknown
        return Read(meaning.type, meaning.status, code)

    def first(self, *codes: str | None) -> Read:
        """Of several codes that a vendor gives for one thing, the most telling first: the first that is in the table says what it means.

        `source_status` is the most telling one that was given, known or not; those that had to be passed over are counted.
        """
        given = [code for code in codes if code and code.strip()]
        for code in given:
            read = self.read(code)
            if code.strip().lower() in self.table:
                return read._replace(source_status=given[0])
        return Read(self._unknown.type, self._unknown.status, given[0] if given else "")

    def _count(self, code: str) -> None:
        known = code in self.unmapped or len(self.unmapped) < MAX_UNMAPPED
        self.unmapped[code[:100] if known else "(others)"] += 1


UNKNOWN_SHIPMENT = Meaning("shipment.unknown", TrackingStatus.UNKNOWN)
PRE_TRANSIT = Meaning("shipment.created", TrackingStatus.PRE_TRANSIT)
IN_TRANSIT = Meaning("shipment.in_transit", TrackingStatus.IN_TRANSIT)
OUT_FOR_DELIVERY = Meaning("shipment.in_transit", TrackingStatus.OUT_FOR_DELIVERY)
AVAILABLE_FOR_PICKUP = Meaning("shipment.in_transit", TrackingStatus.AVAILABLE_FOR_PICKUP)
DELIVERED = Meaning("shipment.delivered", TrackingStatus.DELIVERED)
EXCEPTION = Meaning("shipment.exception", TrackingStatus.EXCEPTION)
RETURNED = Meaning("shipment.exception", TrackingStatus.RETURNED)
CANCELLED = Meaning("shipment.cancelled", TrackingStatus.CANCELLED)
