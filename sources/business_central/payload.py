"""Business Central's API v2.0 as it answers: only what we read, in its spelling; these shapes never leave this folder.

Lengths are the vendor's own columns, so that an answer of absurd length breaks here. The date 0001-01-01 is its way of leaving one empty.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec

EMPTY_DATE = date.min
EMPTY_MOMENT_YEAR = 1

Code10 = Annotated[str, msgspec.Meta(max_length=10)]
Code20 = Annotated[str, msgspec.Meta(max_length=20)]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
Text35 = Annotated[str, msgspec.Meta(max_length=35)]
Text = Annotated[str, msgspec.Meta(max_length=250)]
Guid = Annotated[str, msgspec.Meta(max_length=36)]
Option = Annotated[str, msgspec.Meta(max_length=100)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


Link = Annotated[str, msgspec.Meta(max_length=16_384)]


class Wire(msgspec.Struct, rename="camel"):
    """What the API has and we do not read is passed over."""


class List(msgspec.Struct):
    """One page of a list. Rows are read one by one, so that one which does not fit fails alone."""

    value: tuple[msgspec.Raw, ...]
    next_link: Link | None = msgspec.field(name="@odata.nextLink", default=None)
    count: int | None = msgspec.field(name="@odata.count", default=None)


# ---------------------------------------------------------------- batches and errors


class Request(msgspec.Struct, omit_defaults=True):
    id: str
    method: str
    url: str
    headers: dict[str, str] = {}
    body: msgspec.Raw | None = None


class Requests(msgspec.Struct):
    requests: list[Request]


class Response(msgspec.Struct):
    id: str
    status: int
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw(b"null")


class Responses(msgspec.Struct):
    responses: tuple[Response, ...]


class Refusal(msgspec.Struct):
    code: str = ""


class Refused(msgspec.Struct):
    error: Refusal


# ---------------------------------------------------------------- master data


class Item(Wire):
    number: Number
    display_name: Text
    base_unit_of_measure_code: Code10
    blocked: bool
    unit_price: Decimal
    display_name2: Text = msgspec.field(name="displayName2", default="")
    item_category_code: Code20 = ""
    price_includes_tax: bool = False


class PaymentTerm(Wire):
    code: Code10 = ""


class Customer(Wire):
    number: Number
    display_name: Text
    blocked: Option
    currency_code: Code10 = ""
    payment_term: PaymentTerm | None = None
    address_line1: Text = msgspec.field(name="addressLine1", default="")
    address_line2: Text = msgspec.field(name="addressLine2", default="")
    city: Text = ""
    state: Text = ""
    country: Code10 = ""
    postal_code: Code20 = ""


class Buyer(Wire):
    """A customer as far as its prices go."""

    number: Number
    currency_code: Code10 = ""


class CreditLimit(Wire):
    number: Number
    blocked: Option
    credit_limit: Decimal


class Balance(Wire):
    number: Number
    balance: Decimal
    overdue_amount: Decimal


class Location(Wire):
    id: Guid
    code: Code10


# ---------------------------------------------------------------- documents


class SalesLine(Wire):
    line_type: Option
    sequence: int
    line_object_number: Code20 = ""
    description: Text = ""
    unit_of_measure_code: Code10 = ""
    quantity: Decimal = Decimal(0)
    unit_price: Decimal = Decimal(0)
    net_amount: Decimal = Decimal(0)
    shipment_date: date = EMPTY_DATE
    shipped_quantity: Decimal = Decimal(0)
    location_id: Guid = ""


class SalesOrder(Wire):
    id: Guid
    number: Number
    customer_number: Number
    status: Option
    order_date: date
    total_amount_excluding_tax: Decimal
    last_modified_date_time: Moment
    etag: Text = msgspec.field(name="@odata.etag", default="")
    external_document_number: Text35 = ""
    currency_code: Code10 = ""
    requested_delivery_date: date = EMPTY_DATE
    sales_order_lines: tuple[SalesLine, ...] = ()


class PurchaseLine(Wire):
    line_type: Option
    line_object_number: Code20 = ""
    unit_of_measure_code: Code10 = ""
    quantity: Decimal = Decimal(0)
    received_quantity: Decimal = Decimal(0)
    expected_receipt_date: date = EMPTY_DATE
    location_id: Guid = ""


class OpenSales(Wire):
    """A sales order as supply and demand reads it."""

    sales_order_lines: tuple[SalesLine, ...]


class OpenPurchases(Wire):
    purchase_order_lines: tuple[PurchaseLine, ...]


# ---------------------------------------------------------------- what is written


class NewLine(Wire, omit_defaults=True, kw_only=True):
    """In the order in which Business Central looks at them: place, unit and quantity each find a price, so our own comes last."""

    line_type: str
    line_object_number: str | None = None
    description: str | None = None
    location_id: str | None = None
    unit_of_measure_code: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None


class NewOrder(Wire, omit_defaults=True, kw_only=True):
    customer_number: str
    external_document_number: str
    partial_shipping: bool
    sales_order_lines: list[NewLine]
    requested_delivery_date: date | None = None
    ship_to_name: str | None = None
    ship_to_address_line1: str | None = msgspec.field(name="shipToAddressLine1", default=None)
    ship_to_address_line2: str | None = msgspec.field(name="shipToAddressLine2", default=None)
    ship_to_city: str | None = None
    ship_to_state: str | None = None
    ship_to_country: str | None = None
    ship_to_post_code: str | None = None


# ---------------------------------------------------------------- subscriptions


class Subscription(Wire):
    subscription_id: Annotated[str, msgspec.Meta(min_length=1, max_length=150)]
    notification_url: Annotated[str, msgspec.Meta(max_length=2_000)]
    resource: Annotated[str, msgspec.Meta(max_length=2_000)]
    expiration_date_time: Moment
    etag: Text = msgspec.field(name="@odata.etag", default="")


class NewSubscription(Wire):
    """`client_state` is the secret by which notifications are known as the vendor's."""

    notification_url: str
    resource: str
    client_state: str

    def __repr__(self) -> str:
        return "NewSubscription(…)"
