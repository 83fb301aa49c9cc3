"""What has to be said of an installation: its companies, and the API pages of its own that tell what the standard API does not."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from sources.models import HoldCode

_API = re.compile(r"(/[A-Za-z0-9._-]+)*", re.ASCII)
_ENTITY = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)

STANDARD_API = "/api/v2.0"


class Company(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`id`: the company's GUID in Business Central. `currency`: its local one, in which list prices, balances and limits are told.

    `blank_location` is the warehouse that lines without a location belong to.
    """

    id: str
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    blank_location: str = ""

    def __post_init__(self) -> None:
        if not _GUID.fullmatch(self.id):
            raise ValueError("`id` is no company id (a GUID)")


class ApiPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API page of the installation's own: where it is, and how it spells what we ask and read (our name → its field)."""

    api: str
    entity: str
    fields: Mapping[str, str] = {}
    method: Literal["GET", "POST"] = "GET"

    def __post_init__(self) -> None:
        if not _API.fullmatch(self.api):
            raise ValueError("`api` is a path such as /api/contoso/sales/v1.0")
        if not all(map(_ENTITY.fullmatch, (self.entity, *self.fields.values()))):
            raise ValueError("`entity` and the fields are plain names")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`companies`: by the code of the legal entity. The pages are told of in the README; where one is missing, so is what only it knows.

    `po_prefix` opens the comment line that carries the customer's own order number. `review_hold` is the hold that an order
    under approval is on. With `overdue_holds` a customer with anything overdue is on hold.
    """

    companies: Mapping[str, Company]
    api: str = STANDARD_API
    prices: ApiPage | None = None
    ship_tos: ApiPage | None = None
    bill_tos: ApiPage | None = None
    flows: ApiPage | None = None
    review_hold: HoldCode = HoldCode.MANUAL
    overdue_holds: bool = False
    po_prefix: str = "Customer PO: "
    smallest_quantity: Decimal = Decimal("0.00001")

    def __post_init__(self) -> None:
        if not self.companies:
            raise ValueError("`companies` names none")
        if not _API.fullmatch(self.api):
            raise ValueError("`api` is a path such as /api/v2.0")
        for name, wanted in _METHODS.items():
            page = getattr(self, name)
            if page is not None and page.method not in wanted:
                raise ValueError(f"`{name}` is read by GET")
        if self.smallest_quantity <= 0:
            raise ValueError("`smallest_quantity` is positive")


_METHODS: Mapping[str, frozenset[str]] = {
    "prices": frozenset({"GET", "POST"}),
    "ship_tos": frozenset({"GET"}),
    "bill_tos": frozenset({"GET"}),
    "flows": frozenset({"GET"}),
}
