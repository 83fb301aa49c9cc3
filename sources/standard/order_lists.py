"""Lists of orders over the wire: whole, or as heads, whose lines are passed over."""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from sources.models import Order, PageRequest
from sources.standard import mapping, payload

R = TypeVar("R", payload.OrderHeadRow, payload.OrderRow)


class OrdersPage(payload.Wire, Generic[R], kw_only=True):
    orders: tuple[R, ...]
    next: str | None = None
    total: int | None = None


class CustomerOrdersRow(OrdersPage[R], Generic[R], kw_only=True):
    number: str


class CustomerOrdersAnswer(payload.Batch, Generic[R]):
    pages: tuple[CustomerOrdersRow[R], ...]


class OrderList(NamedTuple):
    """How a list of orders is read: a page of a search, pages by customer, and what becomes of a row."""

    page: msgspec.json.Decoder[Any]
    pages: msgspec.json.Decoder[Any]
    order: Callable[[Any], Order]


_WHOLE = OrderList(
    msgspec.json.Decoder(OrdersPage[payload.OrderRow]),
    msgspec.json.Decoder(CustomerOrdersAnswer[payload.OrderRow]),
    mapping.order,
)
_HEADS = OrderList(
    msgspec.json.Decoder(OrdersPage[payload.OrderHeadRow]),
    msgspec.json.Decoder(CustomerOrdersAnswer[payload.OrderHeadRow]),
    mapping.order_head,
)


def order_list(page: PageRequest) -> OrderList:
    return _WHOLE if page.lines else _HEADS
