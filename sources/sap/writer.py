"""Orders written, blocked and rejected. Every change names the state that it was decided on (If-Match), and goes out once."""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

import msgspec

from sources import changes
from sources.call import CallContext
from sources.errors import OutcomeUnknown, SourceError, SourceRejected
from sources.http import Operation, Reply, SourceClient
from sources.meaning import refusal
from sources.models import HoldCode, Order, OrderStatus
from sources.sap import batch, documents, payload
from sources.sap.batch import Answer, BatchDecoder, Part
from sources.sap.batched import boundary_of
from sources.sap.odata import literal, may_exist
from sources.sap.options import Options
from sources.sap.order_book import OrderBook
from sources.sap.reader import ACCEPT, ORDERS, REFUSALS, reason
from sources.sap.session import CHANGED_MEANWHILE, Session

R = TypeVar("R")

_CREATE = Operation("POST", f"{ORDERS}/A_SalesOrder", refusals=REFUSALS)
_CHANGE = Operation("PATCH", f"{ORDERS}/A_SalesOrder('{{order}}')", refusals=REFUSALS)
_BATCH = Operation("POST", f"{ORDERS}/$batch", refusals=REFUSALS, media=batch.MEDIA)
_WRITTEN = msgspec.json.Decoder(payload.Written)
_NOTHING = msgspec.json.Decoder(type(None))
_ANSWERS = BatchDecoder()
_ENCODER = msgspec.json.Encoder()
_SUCCESSES = range(200, 300)
_NO_CONTENT, _CHANGED = 204, 412
_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.CLOSED})


class Writer:
    def __init__(self, client: SourceClient, book: OrderBook, session: Session, options: Options) -> None:
        self._client, self._name = client, client.name
        self._book, self._session, self._options = book, session, options

    # ------------------------------------------------------------ an order

    async def create(self, call: CallContext, order: changes.NewOrder) -> Order:
        """What was written, as SAP answers it: without its schedule, which is worked out while it is saved."""
        if order.company not in self._options.companies:
            raise self._rejected("UNKNOWN_COMPANY")
        if not may_exist(order.reference, documents.MAX_REFERENCE):
            raise self._rejected("REFERENCE_TOO_LONG")
        if order.po_number and not may_exist(order.po_number, documents.MAX_REFERENCE):
            raise self._rejected("PO_NUMBER_TOO_LONG")
        body = _ENCODER.encode(documents.new_order(order, self._options))
        written = (await self._sent(call, _CREATE, _WRITTEN, body)).content.d
        return documents.order(written, order.company, self._options)

    # ------------------------------------------------------------ holds

    async def hold(self, call: CallContext, hold: changes.NewHold) -> Order:
        """An order has one delivery block and one billing block: where another stands already, nothing is overwritten."""
        row = await self._row(call, hold.company, hold.number)
        block = documents.block_for(hold.code, self._options)
        if block is None:
            raise self._rejected("HOLD_NOT_CONFIGURED")
        if list(documents.blocks_meaning(row, hold.code, self._options)):
            return documents.order(row, hold.company, self._options)
        field, code = block
        if documents.blocked(row, field):
            raise self._rejected("BLOCKED_OTHERWISE")
        return await self._changed(call, hold.company, row, {field: code})

    async def unhold(self, call: CallContext, lifted: changes.HoldLifted) -> Order:
        """Whatever block means it is taken away. What the credit check blocks is released in SAP's own credit management."""
        row = await self._row(call, lifted.company, lifted.number)
        fields = dict.fromkeys(documents.blocks_meaning(row, lifted.code, self._options), "")
        if fields:
            return await self._changed(call, lifted.company, row, fields)
        order = documents.order(row, lifted.company, self._options)
        if lifted.code is HoldCode.CREDIT and HoldCode.CREDIT in {each.code for each in order.holds}:
            raise self._rejected("CREDIT_IS_RELEASED_IN_SAP")
        return order

    async def _changed(self, call: CallContext, company: str, row: payload.Order, fields: Mapping[str, str]) -> Order:
        body = _ENCODER.encode({"d": fields})
        at = {"order": row.sales_order.replace("'", "''")}
        await self._sent(call, _CHANGE, _NOTHING, body, at=at, headers={"If-Match": row.metadata.etag or "*"})
        changed = msgspec.structs.replace(
            row,
            delivery_block_reason=fields.get("DeliveryBlockReason", row.delivery_block_reason),
            header_billing_block_reason=fields.get("HeaderBillingBlockReason", row.header_billing_block_reason),
        )
        return documents.order(changed, company, self._options)

    # ------------------------------------------------------------ taken back

    async def cancel(self, call: CallContext, cancellation: changes.Cancellation) -> Order:
        """Rejects all its items in one change set, which SAP does as a whole or not at all."""
        if not self._options.rejection_reason:
            raise self._rejected("NO_REJECTION_REASON")
        company = cancellation.company
        row = await self._row(call, company, cancellation.number)
        order = documents.order(row, company, self._options)
        if order.status is OrderStatus.CANCELLED:
            return order
        left = [each for each in row.to_item.results if not each.sales_document_rjcn_reason]
        if order.status in _OVER or not left:
            raise self._rejected("ALREADY_SHIPPED" if order.status in _OVER else "NOTHING_TO_CANCEL")
        parts = [self._rejection(row, each) for each in left]
        boundary = boundary_of(parts)
        headers = {"Content-Type": batch.content_type(boundary), "Accept": batch.MEDIA}
        body = batch.encoded(parts, boundary, is_change=True)
        await self._sent(call, _BATCH, _ANSWERS, body, headers=headers, judged=partial(self._judged, wanted=len(parts)))
        reason_given = self._options.rejection_reason
        items = tuple(
            msgspec.structs.replace(each, sales_document_rjcn_reason=reason_given) for each in row.to_item.results
        )
        gone = msgspec.structs.replace(row, rejection_status="C", to_item=payload.Several(items))
        return documents.order(gone, company, self._options)

    def _rejection(self, row: payload.Order, item: payload.OrderItem) -> Part:
        place = (
            f"A_SalesOrderItem(SalesOrder={literal(row.sales_order)},SalesOrderItem={literal(item.sales_order_item)})"
        )
        body = _ENCODER.encode({"d": {"SalesDocumentRjcnReason": self._options.rejection_reason}})
        return Part(
            item.sales_order_item, "PATCH", place, {"If-Match": item.metadata.etag or row.metadata.etag or "*"}, body
        )

    def _judged(self, answers: tuple[Answer, ...], *, wanted: int) -> SourceError | None:
        """A change set that fails has one answer, which says why; one that was done has one for each of its parts."""
        unread = OutcomeUnknown(self._name, detail="the change set was answered by nothing that can be read")
        if not answers or any(each.status == 0 or (each.status == _NO_CONTENT and each.body) for each in answers):
            return unread
        failed = next((each for each in answers if each.status not in _SUCCESSES), None)
        if failed is None:
            return None if len(answers) == wanted else unread
        if failed.status == _CHANGED:
            return self._rejected(CHANGED_MEANWHILE)
        told = {name.title(): value for name, value in failed.headers.items()}
        return refusal(self._name, failed.status, told, reason, content=failed.body, is_write=True, refusals=REFUSALS)

    # ------------------------------------------------------------ what they share

    async def _row(self, call: CallContext, company: str, number: str) -> payload.Order:
        found = (await self._book.rows(call, company, [number])).get(number)
        if isinstance(found, SourceError):
            raise found
        if found is None:
            raise self._rejected("UNKNOWN_ORDER")
        return found.content

    async def _sent(
        self, call: CallContext, operation: Operation, decoder: Any, body: bytes, **more: Any
    ) -> Reply[Any]:
        """With a token; `headers` of the change's own go along."""
        own = more.pop("headers", {})

        async def send(headers: Mapping[str, str]) -> Reply[Any]:
            return await self._client.write(
                call,
                operation,
                decoder=decoder,
                body=body,
                headers={**ACCEPT, **headers, **own},
                headed=self._session.headed,
                **more,
            )

        return await self._session.sent(call, ORDERS, send)

    def _rejected(self, word: str) -> SourceRejected:
        return SourceRejected(self._name, reason=word)
