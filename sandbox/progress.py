"""How far shipments and parcels have come since the data set was made: kept by the system that moves them, in its own memory."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from sandbox.facts_shipments import Parcel, Shipment, Tracking, TrackingEvent, TrackingStatus


class Progress:
    """One system's. What it says lies over what the books say."""

    def __init__(self) -> None:
        self._shipments: dict[tuple[str, str], Shipment] = {}
        self._parcels: dict[str, Tracking] = {}
        self._latest: datetime | None = None

    def moment(self, now: datetime) -> datetime:
        """Each later than the one before, by a second at least."""
        later = now if self._latest is None else max(now, self._latest + timedelta(seconds=1))
        self._latest = later
        return later

    # ------------------------------------------------------------ shipments

    def shipment(self, row: Shipment) -> Shipment:
        return self._shipments.get((row.company, row.number), row)

    def move(self, row: Shipment, **changes: Any) -> Shipment:
        moved: Shipment = msgspec.structs.replace(row, **changes)
        self._shipments[moved.company, moved.number] = moved
        return moved

    def packed(self, row: Shipment) -> Shipment:
        """With a parcel, if it has none."""
        if row.parcels:
            return row
        return msgspec.structs.replace(row, parcels=(Parcel(f"SBX{row.company}{row.number}"),))

    # ------------------------------------------------------------ parcels

    def parcel(self, number: str, row: Tracking | None) -> Tracking | None:
        return self._parcels.get(number, row)

    def scan(self, row: Tracking, event: TrackingEvent) -> Tracking:
        scanned: Tracking = msgspec.structs.replace(
            row,
            status=event.status,
            status_text=event.description,
            events=(*row.events, event),
            delivered_at=event.at if event.status == "DELIVERED" else row.delivered_at,
        )
        self._parcels[row.tracking_number] = scanned
        return scanned


STATUSES: dict[str, TrackingStatus] = {
    "in_transit": "IN_TRANSIT",
    "out_for_delivery": "OUT_FOR_DELIVERY",
    "exception": "EXCEPTION",
    "delivered": "DELIVERED",
}
"""A parcel's stages, in the order in which it goes through them."""
