"""S/4HANA's OData V2 answers in their own spelling: only what is read; these shapes never leave this folder.

Decimals come as texts and dates as `/Date(…)/`: their patterns are checked here, so that one which does not fit breaks here and names its
path, and are read exactly in the mappings. Lengths are the vendor's own, or ample.
"""

from typing import Annotated, Generic, TypeVar

import msgspec

Number = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?\Z")]
Day = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^/Date\((-[0-9]{1,13}|[0-9]{1,14}|1[0-9]{14}|2[0-4][0-9]{13}|25[0-2][0-9]{12}|253[0-3][0-9]{11}|25340[01][0-9]{9}"
        r"|253402[0-2][0-9]{8})([+-][0-9]{4})?\)/\Z"
    ),
]
"""Up to the end of the year 9999, which SAP writes for "for ever"."""

Code = Annotated[str, msgspec.Meta(max_length=10)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=10)]
Product = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Unit = Annotated[str, msgspec.Meta(min_length=1, max_length=3)]
Currency = Annotated[str, msgspec.Meta(min_length=1, max_length=5)]
ItemNumber = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,6}\Z")]
Text = Annotated[str, msgspec.Meta(max_length=255)]
Etag = Annotated[str, msgspec.Meta(max_length=255, pattern=r"^[ -~]*\Z")]

T = TypeVar("T")


class Wire(msgspec.Struct, rename="pascal"):
    """What the services have and we do not read is passed over."""


class Several(msgspec.Struct, Generic[T]):
    """A list inside a row. It is empty where nothing was expanded."""

    results: tuple[T, ...] = ()


class Listing(msgspec.Struct):
    """Rows are read one by one, so that one which does not fit fails alone."""

    results: tuple[msgspec.Raw, ...]
    next: Annotated[str, msgspec.Meta(max_length=16_384)] | None = msgspec.field(name="__next", default=None)
    count: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,12}\Z")] | None = msgspec.field(name="__count", default=None)


class List(msgspec.Struct):
    d: Listing


class Metadata(msgspec.Struct):
    etag: Etag = ""


class Refusal(msgspec.Struct):
    code: str = ""


class Refused(msgspec.Struct):
    error: Refusal


# ---------------------------------------------------------------- products


class Description(Wire):
    language: Code
    product_description: Text = ""


class SalesDelivery(Wire):
    product_sales_org: Code
    product_distribution_chnl: Code
    minimum_order_quantity: Number = "0"
    delivery_quantity: Number = "0"
    delivery_quantity_unit: Code = ""
    product_sales_status: Code = ""
    is_marked_for_deletion: bool = False


class UnitOfMeasure(Wire):
    alternative_unit: Unit
    quantity_numerator: Number
    quantity_denominator: Number


class Material(Wire):
    """A_Product."""

    product: Product
    base_unit: Unit
    product_group: Code = ""
    cross_plant_status: Code = ""
    is_marked_for_deletion: bool = False
    is_relevant_for_hzds_substances: bool = False
    to_description: Several[Description] = msgspec.field(name="to_Description", default_factory=Several)
    to_sales_delivery: Several[SalesDelivery] = msgspec.field(name="to_SalesDelivery", default_factory=Several)
    to_units: Several[UnitOfMeasure] = msgspec.field(name="to_ProductUnitsOfMeasure", default_factory=Several)


class ProductNumber(Wire):
    product: Product


class ProductPlant(Wire):
    product: Product
    plant: Code


class Availability(Wire):
    """AvailabilityRecord: what can be promised from the period's start on."""

    period_start: Day = msgspec.field(name="PeriodStartUTCDateTime")
    quantity: Number = msgspec.field(name="AvailableQuantityInBaseUnit")


# ---------------------------------------------------------------- customers


class PartnerFunction(Wire):
    """A_CustSalesPartnerFunc: who plays which part for whom in a sales area."""

    customer: Key
    sales_organization: Code
    distribution_channel: Code
    division: Code
    partner_function: Code
    other: Code = msgspec.field(name="BPCustomerNumber", default="")


class SalesAreaOf(Wire):
    """A_CustomerSalesArea."""

    sales_organization: Code
    distribution_channel: Code
    division: Code
    currency: Code = ""
    customer_payment_terms: Code = ""
    customer_group: Code = ""
    order_is_blocked_for_customer: Code = ""
    delivery_is_blocked_for_customer: Code = ""
    deletion_indicator: bool = False
    to_partner_function: Several[PartnerFunction] = msgspec.field(name="to_PartnerFunction", default_factory=Several)


class Customer(Wire):
    """A_Customer."""

    customer: Key
    customer_name: Text
    order_is_blocked_for_customer: Code = ""
    delivery_is_blocked: Code = ""
    deletion_indicator: bool = False
    to_sales_area: Several[SalesAreaOf] = msgspec.field(name="to_CustomerSalesArea", default_factory=Several)


class Address(Wire):
    street_name: Text = ""
    house_number: Code = ""
    street_prefix_name: Text = ""
    city_name: Text = ""
    postal_code: Code = ""
    region: Code = ""
    country: Code = ""


class Partner(Wire):
    """A_BusinessPartner."""

    customer: Key
    business_partner_name: Text
    to_address: Several[Address] = msgspec.field(name="to_BusinessPartnerAddress", default_factory=Several)


# ---------------------------------------------------------------- orders


class ScheduleLine(Wire):
    confirmed_delivery_date: Day | None = None
    confirmed: Number = msgspec.field(name="ConfdOrderQtyByMatlAvailCheck", default="0")
    delivered: Number = msgspec.field(name="DeliveredQtyInOrderQtyUnit", default="0")


class OrderItem(Wire):
    """A_SalesOrderItem."""

    sales_order_item: ItemNumber
    material: Product
    requested_quantity: Number
    requested_quantity_unit: Unit
    net_amount: Number
    sales_document_rjcn_reason: Code = ""
    to_schedule_line: Several[ScheduleLine] = msgspec.field(name="to_ScheduleLine", default_factory=Several)
    metadata: Metadata = msgspec.field(name="__metadata", default_factory=Metadata)


class OrderPartner(Wire):
    partner_function: Code
    customer: Code | None = None


class Order(Wire):
    """A_SalesOrder."""

    sales_order: Key
    sales_organization: Code
    sold_to_party: Key
    sales_order_date: Day
    total_net_amount: Number
    transaction_currency: Currency
    purchase_order_by_customer: Text = ""
    purchase_order_by_ship_to_party: Text = ""
    requested_delivery_date: Day | None = None
    overall_sd_process_status: Code = msgspec.field(name="OverallSDProcessStatus", default="")
    overall_delivery_status: Code = ""
    rejection_status: Code = msgspec.field(name="OverallSDDocumentRejectionSts", default="")
    total_credit_check_status: Code = ""
    delivery_block_reason: Code = ""
    header_billing_block_reason: Code = ""
    to_item: Several[OrderItem] = msgspec.field(name="to_Item", default_factory=Several)
    to_partner: Several[OrderPartner] = msgspec.field(name="to_Partner", default_factory=Several)
    metadata: Metadata = msgspec.field(name="__metadata", default_factory=Metadata)


class Written(msgspec.Struct):
    """What a created order is answered with."""

    d: Order


# ---------------------------------------------------------------- simulations


class Condition(Wire):
    """A_SalesOrderItmPrcgElmntSimln: one step of the pricing procedure."""

    condition_type: Code = ""
    condition_class: Code = ""
    condition_rate_value: Number = "0"
    condition_currency: Code = ""
    condition_quantity: Number = "0"
    condition_amount: Number = "0"
    condition_inactive_reason: Code = ""
    condition_is_for_statistics: bool = False


class SimulatedItem(Wire):
    sales_order_item: ItemNumber
    requested_quantity: Number
    requested_quantity_unit: Unit
    transaction_currency: Currency
    net_amount: Number
    tax_amount: Number = "0"
    to_pricing_element: Several[Condition] = msgspec.field(name="to_PricingElement", default_factory=Several)


class SimulatedName(Wire):
    """As much of an item as tells which it is, where the rest does not fit."""

    sales_order_item: ItemNumber


class CreditStatus(Wire):
    total_credit_check_status: Code = ""


class SimulatedOrder(Wire):
    to_item: Several[msgspec.Raw] = msgspec.field(name="to_Item")
    to_credit: CreditStatus | None = msgspec.field(name="to_Credit", default=None)


class Simulated(msgspec.Struct):
    d: SimulatedOrder
