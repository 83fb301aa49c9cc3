"""What becomes of an order afterwards: put on hold, let go on, cancelled. Asked again, nothing changes."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from sandbox.amounts import ZERO
from sandbox.call import Call
from sandbox.entries import Change, OrderChanged
from sandbox.erp_goods import Key
from sandbox.facts_orders import Hold, HoldCode, Order, OrderLine
from sandbox.facts_shipments import Shipment
from sandbox.operation import Operation
from sandbox.problems import rejected


class HoldAsked(msgspec.Struct, rename="camel", kw_only=True):
    company: Key
    number: Key
    code: HoldCode
    reason: str | None = None
    by: Key


class UnholdAsked(msgspec.Struct, rename="camel", kw_only=True):
    company: Key
    number: Key
    code: HoldCode
    by: Key
    note: str | None = None


class CancelAsked(msgspec.Struct, rename="camel", kw_only=True):
    company: Key
    number: Key
    reason: str | None = None
    by: Key


_Asked: TypeAlias = HoldAsked | UnholdAsked | CancelAsked


async def hold_order(call: Call) -> Order:
    asked = call.read(HoldAsked)
    async with call.books.writing():
        order = _found(call, asked)
        if any(hold.code == asked.code for hold in order.holds):
            return order
        if order.status == "CANCELLED" or _is_under_way(order):
            raise rejected("NOT_HOLDABLE", f"Order {order.number} is past being held: {order.status}.", "number")
        hold = Hold(asked.code, asked.reason, call.clock.now(), asked.by)
        held = msgspec.structs.replace(order, holds=(*order.holds, hold))
        return _changed(call, "held", asked, held)


async def unhold_order(call: Call) -> Order:
    asked = call.read(UnholdAsked)
    async with call.books.writing():
        order = _found(call, asked)
        left = tuple(hold for hold in order.holds if hold.code != asked.code)
        if left == order.holds:
            return order
        return _changed(call, "unheld", asked, msgspec.structs.replace(order, holds=left))


async def cancel_order(call: Call) -> Order:
    asked = call.read(CancelAsked)
    async with call.books.writing():
        order = _found(call, asked)
        if order.status == "CANCELLED":
            return order
        if _is_under_way(order):
            raise rejected("NOT_CANCELLABLE", f"Order {order.number} is past cancelling: {order.status}.", "number")
        lines = tuple(_cancelled(line) for line in order.lines)
        cancelled = msgspec.structs.replace(order, status="CANCELLED", status_text="Cancelled", lines=lines)
        return _changed(call, "cancelled", asked, cancelled)


def _found(call: Call, asked: _Asked) -> Order:
    order = call.books.order(asked.company, asked.number)
    if order is None:
        raise rejected("UNKNOWN_ORDER", f"{asked.company} has no order {asked.number}.", "number")
    return order


def _is_under_way(order: Order) -> bool:
    """Something has shipped, or the order is done with."""
    shipped = any(line.progress.shipped > 0 for line in order.lines)
    return shipped or order.status in {"PARTIALLY_SHIPPED", "SHIPPED", "CLOSED"}


def _cancelled(line: OrderLine) -> OrderLine:
    made = line.progress
    progress = msgspec.structs.replace(
        made, allocated=ZERO, picked=ZERO, backordered=ZERO, cancelled=made.ordered - made.shipped
    )
    return msgspec.structs.replace(line, progress=progress)


def _changed(call: Call, change: Change, asked: _Asked, order: Order) -> Order:
    shipments = tuple(_stopped(call, order)) if change == "cancelled" else ()
    note = asked.note if isinstance(asked, UnholdAsked) else asked.reason
    call.books.append(OrderChanged(change=change, by=asked.by, note=note, order=order, shipments=shipments))
    return order


def _stopped(call: Call, order: Order) -> Sequence[Shipment]:
    return [
        msgspec.structs.replace(row, status="CANCELLED", status_text="Cancelled")
        for row in call.books.shipments_of(order.number, order.company)
        if row.shipped_at is None and row.status != "CANCELLED"
    ]


def _order_of(call: Call) -> Sequence[str]:
    return (call.read(_Numbered).number,)


class _Numbered(msgspec.Struct):
    number: str


OPERATIONS = (
    Operation("POST", "/orders/hold", hold_order, _order_of, batch=False),
    Operation("POST", "/orders/unhold", unhold_order, _order_of, batch=False),
    Operation("POST", "/orders/cancel", cancel_order, _order_of, batch=False),
)
