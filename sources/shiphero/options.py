"""What is to be known of a ShipHero account: whose it is, what its warehouses are called, which hold a release lifts."""

from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

Liftable = Literal["operator_hold", "client_hold", "payment_hold", "fraud_hold", "address_hold"]
"""What ShipHero lets be lifted: not the hold for a shipping method it does not know."""


class ShipHeroOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account belongs to one legal entity: ShipHero knows none.

    `customer_account_id`: whose goods are meant where the account is a 3PL's. `warehouse_codes`: by ShipHero's number of a warehouse,
    the code that the ERP has for it, in the order to ship from; others are called by that number and come last. `timezone`: the
    warehouses' own, for what day it is there. `release_lifts`: the holds that keep an order from the floor until it is released.
    """

    company: Annotated[str, msgspec.Meta(min_length=1)]
    customer_account_id: str = ""
    warehouse_codes: Mapping[str, str] = {}
    timezone: str = "UTC"
    release_lifts: tuple[Liftable, ...] = ("operator_hold",)

    def __post_init__(self) -> None:
        if len(set(self.warehouse_codes.values())) < len(self.warehouse_codes):
            raise ValueError("`warehouse_codes` has one code twice")
        if not all(each.isascii() and each.isdigit() for each in self.warehouse_codes):
            raise ValueError("`warehouse_codes` is by ShipHero's own numbers")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"`timezone`: no such one as {self.timezone!r}") from None

    def is_asked(self, company: str | None) -> bool:
        return company is None or company == self.company
