"""Orders written and taken back. An order goes out with all its lines in one transaction, so that half of one is never left behind."""

from collections.abc import Sequence

import msgspec

from sources import changes
from sources.business_central import mapping, payload
from sources.business_central.lookup import Lookup
from sources.business_central.mapping import Entity
from sources.business_central.odata import CODE, REFERENCE
from sources.business_central.reader import REFUSALS
from sources.call import CallContext
from sources.errors import OutcomeUnknown, SourceError, SourceRejected
from sources.http import Operation, SourceClient
from sources.models import Order, OrderStatus, ShipTo

ENTITY = "salesOrders"
MAX_COMMENT = 100

_RESPONSES = msgspec.json.Decoder(payload.Responses)
_ORDER = msgspec.json.Decoder(payload.SalesOrder)
_LOCATION = msgspec.json.Decoder(payload.Location)
_NOTHING = msgspec.json.Decoder(type(None))
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NAME = "0"


class Writer:
    def __init__(self, client: SourceClient, lookup: Lookup) -> None:
        self._client, self._lookup, self._name = client, lookup, lookup.name
        self._options = lookup.options
        self._batch = Operation("POST", f"{self._options.api}/$batch", refusals=REFUSALS)
        place = f"{self._options.api}/companies({{company}})/{ENTITY}({{order}})"
        self._delete = Operation("DELETE", place, refusals=REFUSALS)

    def entity(self, code: str) -> Entity:
        if code not in self._options.companies:
            raise SourceRejected(self._name, reason="UNKNOWN_COMPANY")
        return self._lookup.entity(code)

    # ------------------------------------------------------------ an order

    async def create(self, call: CallContext, order: changes.NewOrder, place: ShipTo | None) -> Order:
        """Raises OutcomeUnknown where it may have been written: `Isolation: snapshot` takes back all of it or nothing."""
        entity = self.entity(order.company)
        location = await self._location(call, order)
        body = _ENCODER.encode(self._new_order(order, place, location))
        address = f"companies({entity.company.id})/{ENTITY}"
        request = payload.Request(_NAME, "POST", address, {"Content-Type": "application/json"}, msgspec.Raw(body))
        reply = await self._client.write(
            call,
            self._batch,
            decoder=_RESPONSES,
            body=_ENCODER.encode(payload.Requests([request])),
            headers={"Isolation": "snapshot", "Accept": "application/json"},
            judged=self._judged,
        )
        return mapping.order(self._written(reply.content), entity, self._options)

    def _judged(self, answer: payload.Responses) -> SourceError | None:
        response = next((each for each in answer.responses if each.id == _NAME), None)
        if response is None:
            return OutcomeUnknown(self._name, detail="the batch was answered, its only part was not")
        return self._lookup.reader.failure(response, is_write=True, refusals=REFUSALS)

    def _written(self, answer: payload.Responses) -> payload.SalesOrder:
        try:
            return _ORDER.decode(next(each.body for each in answer.responses if each.id == _NAME))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise OutcomeUnknown(self._name, detail="it was done, but the answer does not decode") from error

    def _new_order(self, order: changes.NewOrder, place: ShipTo | None, location: str | None) -> payload.NewOrder:
        if len(order.reference) > REFERENCE:
            raise SourceRejected(self._name, reason="REFERENCE_TOO_LONG", detail=f"over {REFERENCE} characters")
        return payload.NewOrder(
            customer_number=order.customer,
            external_document_number=order.reference,
            partial_shipping=order.allow_backorder,
            sales_order_lines=[*self._comments(order), *_lines(order.lines, location)],
            requested_delivery_date=order.requested_date,
            **_addressed(place),
        )

    def _comments(self, order: changes.NewOrder) -> list[payload.NewLine]:
        """The customer's own number, for which an order of the API has no other place once ours stands in it."""
        if not order.po_number or not self._options.po_prefix:
            return []
        text = f"{self._options.po_prefix}{order.po_number}"
        if len(text) > MAX_COMMENT:
            raise SourceRejected(self._name, reason="PO_NUMBER_TOO_LONG", detail=f"over {MAX_COMMENT} characters")
        return [payload.NewLine(line_type="Comment", description=text)]

    async def _location(self, call: CallContext, order: changes.NewOrder) -> str | None:
        """The id of the first warehouse to ship from; None leaves it to Business Central, as does the one of lines without a location."""
        code = order.warehouses[0] if order.warehouses else ""
        if not code or code == self._options.companies[order.company].blank_location:
            return None
        asks = self._lookup.asks(order.company, [code], "locations", field="code", length=CODE)
        answers = await self._lookup.reader.ask(call, asks) if asks else {}
        for answer in answers.values():
            if isinstance(answer, SourceError):
                raise answer
            for row in self._lookup.reader.rows(_LOCATION, answer):
                if row.code == code:
                    return row.id
        raise SourceRejected(self._name, reason="UNKNOWN_WAREHOUSE")

    # ------------------------------------------------------------ taken back

    async def cancel(self, call: CallContext, row: payload.SalesOrder, entity: Entity) -> Order:
        """Deletes it, which is all that the API can do: afterwards there is no such order any more."""
        order = mapping.order(row, entity, self._options)
        if order.status in {OrderStatus.SHIPPED, OrderStatus.PARTIALLY_SHIPPED}:
            raise SourceRejected(self._name, reason="ALREADY_SHIPPED")
        await self._client.write(
            call,
            self._delete,
            decoder=_NOTHING,
            body=b"",
            at={"company": entity.company.id, "order": row.id},
            headers={"If-Match": row.etag or "*"},
        )
        return msgspec.structs.replace(order, status=OrderStatus.CANCELLED)


def _addressed(place: ShipTo | None) -> dict[str, str | None]:
    """Orders of the API have no ship-to code: where one is to go is written out."""
    if place is None:
        return {}
    address = place.address
    return {
        "ship_to_name": place.name,
        "ship_to_address_line1": address.line1,
        "ship_to_address_line2": address.line2,
        "ship_to_city": address.city,
        "ship_to_state": address.region,
        "ship_to_country": address.country,
        "ship_to_post_code": address.postal_code,
    }


def _lines(lines: Sequence[changes.NewOrderLine], location: str | None) -> list[payload.NewLine]:
    """In the order's own; Business Central numbers them 10000, 20000, and so on."""
    return [
        payload.NewLine(
            line_type="Item",
            line_object_number=line.sku,
            quantity=line.quantity,
            unit_of_measure_code=line.uom,
            unit_price=line.unit_price,
            location_id=location,
        )
        for line in sorted(lines, key=lambda each: each.number)
    ]
