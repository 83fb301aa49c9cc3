"""Where a subject stands, and whether an event moves it: time decides, and some statuses lie behind others whatever the time.

Two systems' clocks differ, so a parcel that is under way is not about to be handed over again because a warehouse's clock says so.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from sources.events import Event
from sources.happenings import OrderMoved, PickShort, ShipmentMoved
from sources.models import OrderStatus, TrackingStatus


class Rung(NamedTuple):
    """`rank` decides between events of one moment; once a subject has stood here, whatever ranks below `floor` is late."""

    rank: int
    floor: int


_ANY = Rung(0, 0)

RUNGS: Mapping[Enum, Rung] = {
    TrackingStatus.PRE_TRANSIT: Rung(1, 0),
    TrackingStatus.IN_TRANSIT: Rung(2, 2),
    TrackingStatus.OUT_FOR_DELIVERY: Rung(3, 2),
    TrackingStatus.AVAILABLE_FOR_PICKUP: Rung(3, 2),
    TrackingStatus.EXCEPTION: Rung(3, 2),
    TrackingStatus.CANCELLED: Rung(7, 7),
    TrackingStatus.DELIVERED: Rung(8, 8),
    TrackingStatus.RETURNED: Rung(9, 9),
    OrderStatus.OPEN: Rung(1, 0),
    OrderStatus.RELEASED: Rung(2, 0),
    OrderStatus.PARTIALLY_SHIPPED: Rung(3, 3),
    OrderStatus.SHIPPED: Rung(4, 4),
    OrderStatus.CLOSED: Rung(5, 5),
    OrderStatus.CANCELLED: Rung(9, 9),
}
"""A status that is not here, such as UNKNOWN, never moves anything and is late only by its time."""


class Move(NamedTuple):
    """What an event would do to its subject, in numbers: the same rule is carried out here and inside Redis.

    `moment` in microseconds. `above`: the subject that this one is part of, as a parcel is of its shipment. `status` is empty
    where the event says none that counts.
    """

    subject: str
    above: str
    moment: int
    rank: int
    floor: int
    status: str


class Standing(NamedTuple):
    """`moment` and `rank` of the latest event, the highest `floor` reached, and the status it stands at."""

    moment: int = 0
    rank: int = 0
    floor: int = 0
    status: str = ""


NOWHERE = Standing()


def move_of(event: Event, moment: int) -> Move:
    data = event.data
    status = data.status if isinstance(data, ShipmentMoved | PickShort | OrderMoved) else None
    rung = RUNGS.get(status, _ANY) if status is not None else _ANY
    above = ""
    if isinstance(data, ShipmentMoved) and data.tracking_number and data.shipment:
        above = data.about("shipment", data.shipment)
    counts = status is not None and status in RUNGS
    return Move(event.subject, above, moment, rung.rank, rung.floor, status.value if counts and status else "")


def is_late(move: Move, at: Standing) -> bool:
    """Whether something later is known of the subject. Without a rank, only time counts."""
    if move.moment < at.moment:
        return True
    if move.rank == 0:
        return False
    return move.rank < at.floor or (move.moment == at.moment and move.rank < at.rank)


def moved(move: Move, at: Standing) -> Standing:
    """Where the subject stands after an event that is not late."""
    if not move.status:
        return at._replace(moment=move.moment)
    return Standing(move.moment, move.rank, max(at.floor, move.floor), move.status)


def lifted(move: Move, above: Standing) -> Standing:
    """Where the whole stands after a part of it moved: its own time is untouched, for its own system counts that."""
    return above._replace(floor=max(above.floor, move.floor), status=move.status or above.status)
