"""An order let go to the warehouse: its shipment is allocated, and the ERP, which shares the books, calls it released."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from sandbox.books import Books
from sandbox.entries import OrderReleased
from sandbox.erp_goods import Key
from sandbox.facts_orders import Order
from sandbox.facts_shipments import Shipment
from sandbox.facts_writing import Release, Released
from sandbox.placement import first_of, waiting
from sandbox.problems import rejected

_MOST_WAREHOUSES = 50


class ReleaseAsked(msgspec.Struct, rename="camel", kw_only=True):
    company: Key
    order: Key
    warehouses: Annotated[list[Key], msgspec.Meta(max_length=_MOST_WAREHOUSES)]
    carrier_service: str | None = None
    reference: Key


async def release(books: Books, asked: ReleaseAsked, now: datetime) -> tuple[Released, bool]:
    """What was released, and whether it is new: an order is released once, whoever asks again."""
    async with books.writing():
        known = books.written.releases.get((asked.company, asked.order))
        if known is not None:
            return _answer(books, known), False
        entry = _entry(books, asked, now)
        books.append(entry)
        return _answer(books, entry.release), True


def _answer(books: Books, known: Release) -> Released:
    shipments = tuple(books.shipments_of(known.order, known.company))
    return Released(**msgspec.structs.asdict(known), shipments=shipments)


def _entry(books: Books, asked: ReleaseAsked, now: datetime) -> OrderReleased:
    order = _releasable(books, asked)
    warehouse = first_of(books, asked.company, asked.warehouses)
    refusal = books.dataset.refusal("wms", order)
    if refusal is not None:
        raise rejected(refusal.reason, refusal.sentence, "order")
    if order.status == "OPEN":
        order = msgspec.structs.replace(order, status="RELEASED", status_text="Released")
    release = Release(company=asked.company, order=asked.order, reference=asked.reference, released_at=now)
    known = books.shipments_of(asked.order, asked.company)
    if not known:
        code = warehouse or books.written.warehouse_of(order) or ""
        known = [waiting(books, order, code, asked.carrier_service)]
    return OrderReleased(release=release, order=order, shipments=_allocated(known, asked.carrier_service))


def _releasable(books: Books, asked: ReleaseAsked) -> Order:
    order = books.order(asked.company, asked.order)
    if order is None:
        raise rejected("UNKNOWN_ORDER", f"{asked.company} has no order {asked.order}.", "order")
    if order.status == "CANCELLED":
        raise rejected("ORDER_CANCELLED", f"Order {asked.order} is cancelled.", "order")
    if order.holds:
        codes = ", ".join(hold.code for hold in order.holds)
        raise rejected("ORDER_ON_HOLD", f"Order {asked.order} is on hold: {codes}.", "order")
    return order


def _allocated(shipments: Sequence[Shipment], service: str | None) -> tuple[Shipment, ...]:
    return tuple(
        msgspec.structs.replace(row, status="ALLOCATED", status_text="Allocated", service=service or row.service)
        for row in shipments
        if row.status == "WAITING"
    )
