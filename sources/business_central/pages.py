"""API pages of the installation's own: what they are asked, and how their rows are read by the names that the options give."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec

from sources import models
from sources.atp import Flow
from sources.business_central.odata import NUMBER, Params, all_of, literal, may_exist, one_of
from sources.business_central.options import ApiPage
from sources.business_central.payload import EMPTY_DATE
from sources.business_central.reader import Ask
from sources.errors import SourceContractBroken
from sources.http import broken_path

T = TypeVar("T")
Raws = dict[str, msgspec.Raw]

PRICE_FIELDS: Mapping[str, str] = {
    "item": "itemNumber",
    "customer": "customerNumber",
    "minimum": "minimumQuantity",
    "quantity": "quantity",
    "unit": "unitOfMeasureCode",
    "price": "unitPrice",
    "currency": "currencyCode",
    "from": "startingDate",
    "to": "endingDate",
    "ship_to": "shipToCode",
    "on": "date",
}
SHIP_TO_FIELDS: Mapping[str, str] = {
    "customer": "customerNumber",
    "code": "code",
    "name": "displayName",
    "line1": "addressLine1",
    "line2": "addressLine2",
    "city": "city",
    "region": "state",
    "country": "country",
    "postal_code": "postalCode",
    "location": "locationCode",
}
BILL_TO_FIELDS: Mapping[str, str] = {"customer": "customerNumber", "bill_to": "billToCustomerNumber"}
FLOW_FIELDS: Mapping[str, str] = {
    "item": "itemNumber",
    "location": "locationCode",
    "date": "date",
    "quantity": "quantity",
}

MAX_TEXT = 250
_ROW = msgspec.json.Decoder(Raws)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Fields:
    """One page's spelling: ours, with the installation's own names instead where it gave any."""

    def __init__(self, source: str, page: ApiPage, ours: Mapping[str, str]) -> None:
        self.page, self._source = page, source
        self._names = {**ours, **page.fields}

    def __getitem__(self, name: str) -> str:
        return self._names[name]

    def ask(self, company: str, *filters: str, keys: tuple[str, ...] = ()) -> Ask:
        params: Params = (("$filter", all_of(*filters)),)
        return Ask(self.page.api, company, self.page.entity, params, keys)

    def among(self, name: str, values: tuple[str, ...]) -> str:
        return one_of(self[name], values)

    def row(self, raw: msgspec.Raw) -> Raws:
        try:
            return _ROW.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._broken(broken_path(str(error))) from None

    def read(self, row: Raws, name: str, kind: type[T]) -> T:
        """A field that has to be there. Raises SourceContractBroken with the page's own name of it."""
        if self[name] not in row:
            raise self._broken(f"$.{self[name]}")
        try:
            value: T = msgspec.json.decode(row[self[name]], type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._broken(f"$.{self[name]}{broken_path(str(error))[1:]}") from None
        return value

    def text(self, row: Raws, name: str) -> str:
        """A key: it is there, not empty and no longer than any in Business Central."""
        value = self.read(row, name, str)
        if not may_exist(value, NUMBER):
            raise self._broken(f"$.{self[name]}")
        return value

    def given(self, row: Raws, name: str, kind: type[T]) -> T | None:
        """A field that may be missing or null; an empty date or text is none."""
        if self[name] not in row or bytes(row[self[name]]) == b"null":
            return None
        value = self.read(row, name, kind)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise self._broken(f"$.{self[name]}")
        return None if value in {"", EMPTY_DATE} else value

    def _broken(self, path: str) -> SourceContractBroken:
        return SourceContractBroken(
            self._source, path=f"$.value[...]{path[1:]}", detail="a page of its own does not fit"
        )


# ---------------------------------------------------------------- prices


class Agreed(msgspec.Struct, frozen=True):
    """A row of a price page: what one unit costs a customer from some quantity on, within its days."""

    item: str
    unit: str
    price: models.Money
    minimum: Decimal
    first: date | None
    last: date | None

    def holds_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def agreed(fields: Fields, raw: msgspec.Raw, currency: str) -> Agreed:
    row = fields.row(raw)
    return Agreed(
        item=fields.text(row, "item"),
        unit=fields.given(row, "unit", str) or "",
        price=models.Money(fields.read(row, "price", Decimal), fields.given(row, "currency", str) or currency),
        minimum=fields.given(row, "minimum", Decimal) or Decimal(0),
        first=fields.given(row, "from", date),
        last=fields.given(row, "to", date),
    )


def question(fields: Fields, terms: models.PriceTerms) -> bytes:
    """What a page that works a price out is sent."""
    said = {
        "item": terms.sku,
        "customer": terms.customer,
        "quantity": terms.quantity,
        "unit": terms.uom,
        "ship_to": terms.ship_to,
        "on": terms.on,
    }
    return _ENCODER.encode({fields[name]: value for name, value in said.items() if value is not None})


# ---------------------------------------------------------------- ship-tos and flows


def code_of(customer: str, code: str) -> str:
    """Ship-to codes are a customer's own: with its number before them they are unique."""
    return f"{customer}/{code}"


def ship_to(fields: Fields, raw: msgspec.Raw, company: str) -> models.ShipTo:
    row = fields.row(raw)
    customer = fields.text(row, "customer")
    return models.ShipTo(
        company=company,
        code=code_of(customer, fields.text(row, "code")),
        customer_number=customer,
        name=fields.given(row, "name", str) or "",
        address=models.Address(
            line1=fields.given(row, "line1", str) or "",
            city=fields.given(row, "city", str) or "",
            country=fields.given(row, "country", str) or "",
            line2=fields.given(row, "line2", str),
            region=fields.given(row, "region", str),
            postal_code=fields.given(row, "postal_code", str),
        ),
        warehouse_code=fields.given(row, "location", str),
    )


def ship_to_filter(fields: Fields, customer: str, codes: tuple[str, ...]) -> str:
    return all_of(f"{fields['customer']} eq {literal(customer)}", fields.among("code", codes))


def flow(fields: Fields, raw: msgspec.Raw) -> tuple[str, str, Flow]:
    """Item, location and flow, in the base unit; less than nothing is demand."""
    row = fields.row(raw)
    moved = Flow(fields.read(row, "date", date), fields.read(row, "quantity", Decimal))
    return fields.text(row, "item"), fields.given(row, "location", str) or "", moved
