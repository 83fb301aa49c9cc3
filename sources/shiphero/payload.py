"""ShipHero's answers: only what is read of them. Its quantities are GraphQL's Int: 32 bits and no fraction, so they are read as such."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec

Count = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
LegacyId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}$")]
"""A number that people know a record by; a BigInt, which may be written as a text."""

Text = Annotated[str, msgspec.Meta(max_length=500)]

R = TypeVar("R")

_NULL = b"null"


class Problem(msgspec.Struct):
    """One of `errors`, told with status 200. Its `message` is looked at and goes no further."""

    message: str = ""
    code: int | str | None = None
    path: tuple[str | int, ...] | None = None
    time_remaining: str | None = None
    required_credits: float | None = None
    remaining_credits: float | None = None


class Answer(msgspec.Struct):
    """`data` by alias: each is read on its own, so that what is wrong with one spoils no other."""

    data: dict[str, msgspec.Raw] | None = None
    errors: tuple[Problem, ...] | None = None


def is_null(raw: msgspec.Raw | None) -> bool:
    return raw is None or (len(memoryview(raw)) == len(_NULL) and bytes(raw) == _NULL)


class PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: Text | None = None


class Edge(msgspec.Struct, Generic[R]):
    node: R


class Connection(msgspec.Struct, Generic[R], rename="camel"):
    page_info: PageInfo
    edges: tuple[Edge[R], ...]


class Listed(msgspec.Struct, Generic[R]):
    data: Connection[R]


class Found(msgspec.Struct, Generic[R]):
    """Null where there is none."""

    data: R | None


# ---------------------------------------------------------------- warehouses and stock


class Place(msgspec.Struct):
    legacy_id: LegacyId
    identifier: Text | None = None


class PlaceOwn(msgspec.Struct):
    """As much of a warehouse as tells which it is."""

    legacy_id: LegacyId


class Account(msgspec.Struct):
    warehouses: tuple[msgspec.Raw, ...]


class Shelf(msgspec.Struct):
    """A product in a warehouse. `non_sellable_quantity` is part of `on_hand`; `reserve_inventory` is kept from being sold."""

    sku: Id
    on_hand: Count
    allocated: Count
    warehouse: Place
    non_sellable_quantity: Count | None = None
    reserve_inventory: Count | None = None


# ---------------------------------------------------------------- orders and shipments


class Item(msgspec.Struct):
    sku: Id


class Line(msgspec.Struct):
    quantity: Count
    line_item: Item
    shipping_label_id: Id | None = None


class Label(msgspec.Struct):
    id: Id
    tracking_number: Text | None = None
    carrier: Text | None = None
    shipping_method: Text | None = None
    status: Text | None = None


class OrderName(msgspec.Struct):
    order_number: Id


class Shipment(msgspec.Struct):
    id: Id
    legacy_id: LegacyId
    warehouse: Place
    shipping_labels: tuple[Label, ...]
    line_items: Connection[Line]
    order: OrderName | None = None
    delivered: bool | None = None
    created_date: datetime | None = None


class MoreLines(msgspec.Struct):
    line_items: Connection[Line]


class ShippedOrder(msgspec.Struct):
    """Without shipments, nothing of it has left."""

    order_number: Id
    shipments: tuple[Shipment, ...] | None = None


class Holds(msgspec.Struct):
    """Null where nobody has ever put it on that hold."""

    payment_hold: bool | None = None
    fraud_hold: bool | None = None
    address_hold: bool | None = None
    shipping_method_hold: bool | None = None
    client_hold: bool | None = None
    operator_hold: bool | None = None


class HeldOrder(msgspec.Struct):
    id: Id
    order_number: Id
    holds: Holds
    fulfillment_status: Text | None = None


class ChangedOrder(msgspec.Struct):
    order: HeldOrder


class Change(msgspec.Struct):
    order_update_holds: ChangedOrder | None = None


class Changed(msgspec.Struct):
    data: Change | None = None
    errors: tuple[Problem, ...] | None = None
