"""What has to be said of an installation: its sales areas and plants, and what its own codes mean."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from sources.models import HoldCode, ItemStatus, PriceSource

Code2 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,2}\Z")]
Code4 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,4}\Z")]
ReferenceField = Literal["PurchaseOrderByCustomer", "PurchaseOrderByShipToParty"]


class SalesArea(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one legal entity sells by. `plants`: the warehouse that each plant is, by the plant's code."""

    sales_organization: Code4
    distribution_channel: Code2
    division: Code2
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    order_type: Code4 = "OR"
    plants: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        if len(set(self.plants.values())) != len(self.plants):
            raise ValueError("`plants`: two are one warehouse")
        if not all(0 < len(plant) <= 4 and plant.isalnum() and plant.isascii() for plant in self.plants):  # noqa: PLR2004 - a plant's length
            raise ValueError("`plants` are named by codes of at most four letters and digits")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`companies`: the sales area by the code of the legal entity.

    `reference_field`: where our own reference of an order stands; the customer's own number stands in the other of the two.
    `delivery_blocks` and `billing_blocks`: what a block's code means; a hold is placed by the first code that means it, a delivery
    block before a billing block. `rejection_reason`: by which a cancelled order's items are rejected; without one nothing is
    cancelled. `price_condition`: the condition type by which a price of ours is written into an order; without one SAP finds it.
    `price_sources`: what a condition type is, where it is no price list's. `freight_conditions`: the condition types that are freight.
    `item_statuses`: what a product's status means.
    """

    companies: Mapping[str, SalesArea]
    checking_rule: Code2 = "A"
    reference_field: ReferenceField = "PurchaseOrderByCustomer"
    delivery_blocks: Mapping[str, HoldCode] = {}
    billing_blocks: Mapping[str, HoldCode] = {}
    rejection_reason: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{0,2}\Z")] = ""
    ship_to_function: Code2 = "SH"
    price_condition: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{0,4}\Z")] = ""
    price_sources: Mapping[str, PriceSource] = {}
    freight_conditions: tuple[str, ...] = ()
    item_statuses: Mapping[str, ItemStatus] = {}
    language: Code2 = "EN"
    smallest_quantity: Decimal = Decimal("0.001")

    def __post_init__(self) -> None:
        if not self.companies:
            raise ValueError("`companies` names none")
        organizations = [area.sales_organization for area in self.companies.values()]
        if len(set(organizations)) != len(organizations):
            raise ValueError("`companies`: two have one sales organization, by which orders are told apart")
        if self.smallest_quantity <= 0:
            raise ValueError("`smallest_quantity` is positive")

    def company_of(self, sales_organization: str) -> str | None:
        """The legal entity that sells by it."""
        found = (code for code, area in self.companies.items() if area.sales_organization == sales_organization)
        return next(found, None)

    @property
    def po_field(self) -> str:
        """Where the customer's own number of an order of ours stands."""
        first, second = "PurchaseOrderByCustomer", "PurchaseOrderByShipToParty"
        return second if self.reference_field == first else first
