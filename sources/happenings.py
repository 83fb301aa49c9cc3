"""What events carry: a shape a kind of thing that happens. Quantities and money are Decimal, numbers are the systems' own.

`subject` is what it happened to, `said` what tells two events of one subject, type and moment apart.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from sources.models import OrderStatus, TrackingStatus


class Happening(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`company` is None only where the system that tells it knows no legal entities, as carriers do not."""

    company: str | None = None

    @property
    def subject(self) -> str:
        raise NotImplementedError

    @property
    def said(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def customers(self) -> Sequence[str]:
        """Whose it is; empty where that is not known, or where it is nobody's."""
        known = getattr(self, "customer", None)
        return (known,) if known else ()

    def about(self, kind: str, *numbers: str | None) -> str:
        return "/".join((kind, self.company or "", *(each or "" for each in numbers)))


class OrderMoved(Happening, frozen=True, kw_only=True):
    """`reason`: why it is held or cancelled, in the source's words."""

    order: str
    customer: str | None = None
    status: OrderStatus | None = None
    source_status: str | None = None
    reason: str | None = None
    skus: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return self.about("order", self.order)

    @property
    def said(self) -> str:
        return f"{self.status}"


class ShipmentMoved(Happening, frozen=True, kw_only=True):
    """Told by a warehouse of a shipment, or by a carrier of one parcel, of which it may know no more than its number."""

    shipment: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    order: str | None = None
    customer: str | None = None
    status: TrackingStatus | None = None
    source_status: str | None = None
    location: str | None = None
    estimated_delivery: date | None = None
    tracking_numbers: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        if self.tracking_number:
            return f"parcel/{self.tracking_number}"
        return self.about("shipment", self.shipment)

    @property
    def said(self) -> str:
        return f"{self.status}"


class PickShort(Happening, frozen=True, kw_only=True):
    shipment: str
    sku: str
    ordered: Decimal
    picked: Decimal
    order: str | None = None
    customer: str | None = None
    status: TrackingStatus | None = None

    @property
    def subject(self) -> str:
        return self.about("shipment", self.shipment)

    @property
    def said(self) -> str:
        return f"{self.sku}\n{self.picked.normalize()}"


class InventoryAdjusted(Happening, frozen=True, kw_only=True):
    """`on_hand` is what stands there now, where the source says so; `change` by how much it changed."""

    sku: str
    warehouse: str | None = None
    on_hand: Decimal | None = None
    change: Decimal | None = None
    reason: str | None = None

    @property
    def subject(self) -> str:
        return self.about("stock", self.sku, self.warehouse)


class ItemChanged(Happening, frozen=True, kw_only=True):
    sku: str | None = None

    @property
    def subject(self) -> str:
        return self.about("item", self.sku)


class PriceChanged(Happening, frozen=True, kw_only=True):
    sku: str | None = None
    customer: str | None = None

    @property
    def subject(self) -> str:
        return self.about("price", self.sku, self.customer)


class CustomerChanged(Happening, frozen=True, kw_only=True):
    customer: str | None = None

    @property
    def subject(self) -> str:
        return self.about("customer", self.customer)


class AcknowledgedLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    sku: str
    quantity: Decimal
    expected: date | None = None


class PurchaseAcknowledged(Happening, frozen=True, kw_only=True):
    purchase_order: str
    supplier: str | None = None
    lines: tuple[AcknowledgedLine, ...] = ()

    @property
    def subject(self) -> str:
        return self.about("purchase", self.purchase_order)


class InvoicePosted(Happening, frozen=True, kw_only=True):
    invoice: str
    order: str | None = None
    customer: str | None = None
    total: Decimal | None = None
    currency: str | None = None

    @property
    def subject(self) -> str:
        return self.about("invoice", self.invoice)


class ReturnMoved(Happening, frozen=True, kw_only=True):
    return_number: str
    order: str | None = None
    customer: str | None = None
    reason: str | None = None

    @property
    def subject(self) -> str:
        return self.about("return", self.return_number)


class SubmissionMoved(Happening, frozen=True, kw_only=True):
    """`status`: one of the submission's own, as the schema has them. `progress`: its run, and how many steps of it are done."""

    submission: str
    status: str | None = None
    customer: str | None = None
    order: str | None = None
    progress: str | None = None

    @property
    def subject(self) -> str:
        return self.about("submission", self.submission)

    @property
    def said(self) -> str:
        return f"{self.progress} {self.status}"


def skus_of(data: Any) -> Sequence[str]:
    """The items it concerns, as far as it says."""
    own = getattr(data, "sku", None)
    return (own,) if own else getattr(data, "skus", ())
