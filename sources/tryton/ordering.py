"""Orders written to Tryton: drawn up as a draft under the gateway's reference, offered, confirmed. And taken back.

Tryton knows no write that is done once a key. So a sale is looked up by its reference before one is drawn up, what an earlier try
left unconfirmed is removed, and only one of a reference is ever confirmed. A draft that turns up late binds nobody.
"""

from collections.abc import Sequence
from typing import Any

from sources.call import CallContext
from sources.changes import Cancellation, NewOrder
from sources.errors import OutcomeUnknown, SourceError, SourceRejected
from sources.models import Order
from sources.tryton import sales
from sources.tryton.composing import Composing, Party, WantedLine
from sources.tryton.directory import Company, Directory, place_code, tidy
from sources.tryton.order_book import PLACED, OrderBook
from sources.tryton.payload import SaleHead, SaleRow
from sources.tryton.refusals import Warned
from sources.tryton.rpc import Context, Question, Rpc, day, question

HEAD = question("model.sale.sale.on_change_party", SaleHead)
CREATE = question("model.sale.sale.create", tuple[int, ...])
QUOTE = question("model.sale.sale.quote", object)
CONFIRM = question("model.sale.sale.confirm", object)
PROCESS = question("model.sale.sale.process", object)
CANCEL = question("model.sale.sale.cancel", object)
DRAFT = question("model.sale.sale.draft", object)
DELETE = question("model.sale.sale.delete", object)
PASS_OVER = question("model.res.user.warning.skip", object)

CONFLICT = "CONFLICT"
BACKORDERED = "INSUFFICIENT_AVAILABILITY"
MAX_WARNINGS = 600
"""One for each line at most, and a few for the whole."""


class Ordering:
    def __init__(self, rpc: Rpc, book: OrderBook, composing: Composing) -> None:
        self._rpc, self._book, self._composing = rpc, book, composing

    # ------------------------------------------------------------ a new order

    async def create(self, call: CallContext, directory: Directory, order: NewOrder) -> Order:
        """The confirmed order; the same again where it is there already. What is refused leaves nothing behind."""
        party = await self._composing.party(call, directory, order.company, order.customer)
        earlier = await self._under(call, party.company, order.reference)
        placed = next((sale for sale in earlier if sale.state in sales.PLACED), None)
        if placed is not None:
            return self._same(placed, party, order)
        record = await self._record(call, party, order)
        await self._remove(call, party.company, earlier)
        numbers = await self._rpc.write(call, CREATE, [record], context=_in(party.company))
        if not numbers:
            raise OutcomeUnknown(self._rpc.name, detail="it has no number")
        number = numbers[0]
        try:
            for step in (QUOTE, CONFIRM):
                await self._step(call, party.company, step, number=number, passes=_passes(order))
        except SourceRejected:
            await self._remove(call, party.company, await self._under(call, party.company, order.reference))
            raise
        return await self._written(call, party.company, number)

    def _same(self, placed: SaleRow, party: Party, order: NewOrder) -> Order:
        found = sales.order(placed, party.company.code)
        has = [(line.sku, line.quantity, line.uom) for line in found.lines]
        wanted = [(line.sku, tidy(line.quantity), line.uom) for line in order.lines]
        if found.customer_number != order.customer or has != wanted:
            raise self._composing.refused(CONFLICT)
        return found

    async def _record(self, call: CallContext, party: Party, order: NewOrder) -> dict[str, Any]:
        wanted = [WantedLine(line.number, line.sku, line.quantity, line.uom, line.unit_price) for line in order.lines]
        lines = await self._composing.lines(call, party, wanted)
        company = party.company.id
        start = {"company": company, "party": party.buyer.id}
        head, _ = await self._rpc.read(call, HEAD, start, context={"company": company})
        if not (order.ship_to.isascii() and order.ship_to.isdigit()):
            raise self._composing.refused("UNKNOWN_SHIP_TO")
        address = int(order.ship_to[:18])
        return {
            **start,
            "currency": party.currency_id,
            "invoice_method": head.invoice_method,
            "shipment_method": head.shipment_method,
            "invoice_address": head.invoice_address or address,
            "shipment_address": address,
            "payment_term": head.payment_term,
            "price_list": head.price_list,
            "warehouse": self._warehouse(party.directory, order.warehouses),
            "description": order.reference,
            "reference": order.po_number,
            "shipping_date": day(order.requested_date) if order.requested_date is not None else None,
            "comment": _comment(order),
            "lines": [["create", [{**line, "taxes": [["add", line["taxes"]]]} for line in lines]]],
        }

    def _warehouse(self, directory: Directory, codes: Sequence[str]) -> int:
        """A sale leaves one warehouse: the first that is wanted."""
        known = {place_code(place): place.id for place in directory.places}
        if not codes and known:
            return min(known.values())
        if not codes or codes[0] not in known:
            raise self._composing.refused("UNKNOWN_WAREHOUSE")
        return known[codes[0]]

    # ------------------------------------------------------------ the steps of its writing

    async def _step(
        self, call: CallContext, company: Company, step: Question[object], *, number: int, passes: set[str]
    ) -> None:
        """Take it, passing over the warnings that may be."""
        for _ in range(MAX_WARNINGS):
            try:
                await self._rpc.write(call, step, [number], context=_in(company))
            except Warned as warning:
                if warning.reason not in passes:
                    raise
                await self._rpc.write(call, PASS_OVER, warning.name, False, context=_in(company))  # noqa: FBT003 - Tryton's `always`
            else:
                return
        raise self._composing.refused("TOO_MANY_WARNINGS")

    async def _under(self, call: CallContext, company: Company, reference: str) -> tuple[SaleRow, ...]:
        """Oldest first."""
        domain = [["description", "=", reference], ["state", "!=", "cancelled"]]
        return await self._book.rows(call, company, domain)

    async def _remove(self, call: CallContext, company: Company, rows: Sequence[SaleRow]) -> None:
        """Drafts and offers. One that cannot be removed is only paper: the next try meets it again."""
        context = _in(company)
        for row in rows:
            if row.state in {"draft", "quotation"}:
                try:
                    if row.state == "quotation":
                        await self._rpc.write(call, CANCEL, [row.id], context=context)
                    await self._rpc.write(call, DELETE, [row.id], context=context)
                except SourceError:
                    continue

    async def _written(self, call: CallContext, company: Company, number: int) -> Order:
        try:
            rows = await self._book.rows(call, company, [["id", "=", number]])
        except SourceError as error:
            raise OutcomeUnknown(self._rpc.name, detail=f"it was done, then {type(error).__name__}") from error
        if not rows:
            raise OutcomeUnknown(self._rpc.name, detail="it was done, and is not there")
        return sales.order(rows[0], company.code)

    # ------------------------------------------------------------ an order taken back, or given to the warehouse

    async def cancel(self, call: CallContext, directory: Directory, asked: Cancellation) -> Order:
        """Tryton lets an order go until it is processed; from then on there are shipments to be cancelled, by a person."""
        company, row = await self.placed(call, directory, asked.company, asked.number)
        if row.state == "cancelled":
            return sales.order(row, company.code)
        if row.state != "confirmed":
            raise self._composing.refused("ALREADY_PROCESSED")
        for step in (DRAFT, CANCEL):
            await self._step(call, company, step, number=row.id, passes=set())
        return await self._written(call, company, row.id)

    async def process(self, call: CallContext, directory: Directory, company: str, number: str) -> None:
        """So that it has shipments. Tryton does it by itself when an order is confirmed, unless it is set to wait."""
        within, row = await self.placed(call, directory, company, number)
        if row.state == "cancelled":
            raise self._composing.refused("ORDER_CANCELLED")
        if row.state == "confirmed":
            await self._step(call, within, PROCESS, number=row.id, passes=set())

    async def placed(
        self, call: CallContext, directory: Directory, company: str, number: str
    ) -> tuple[Company, SaleRow]:
        for within in directory.chosen(company):
            rows = await self._book.rows(call, within, [["number", "=", number], *PLACED])
            if rows:
                return within, rows[0]
        raise self._composing.refused("UNKNOWN_ORDER")


def _in(company: Company) -> Context:
    return {"company": company.id}


def _passes(order: NewOrder) -> set[str]:
    """The warnings to pass over: what a person let pass, and shortage where the rest may come later."""
    let = {approval.code for approval in order.approvals}
    return let | ({BACKORDERED} if order.allow_backorder else set())


def _comment(order: NewOrder) -> str | None:
    """What a sale has no field of its own for."""
    told = {"Carrier service": order.carrier_service, "Channel": order.channel, "Backorder of": order.backorder_of}
    lines = [f"{name}: {value}" for name, value in told.items() if value is not None]
    lines += [f"{each.code} let pass by {each.by}: {each.note}" for each in order.approvals]
    return "\n".join(lines) or None
