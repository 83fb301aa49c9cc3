"""Refusals a data set asks for: an order the ERP does not take, or one the WMS does not let go."""

from typing import Annotated, Literal, Protocol, TypeAlias

import msgspec

from sandbox.fact import COMPANY, Fact

Reason: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9_]*\Z")]


class Delivery(Protocol):
    """An order, or one to be."""

    @property
    def company(self) -> str: ...
    @property
    def customer(self) -> str: ...
    @property
    def ship_to(self) -> str | None: ...


class Refusal(Fact, frozen=True, kw_only=True):
    """For this customer, to this ship-to; for all of them where neither is named."""

    company: str = COMPANY
    system: Literal["erp", "wms"]
    customer: str | None = None
    ship_to: str | None = None
    reason: Reason
    text: str | None = None

    def strikes(self, order: Delivery) -> bool:
        same = self.company == order.company and self.customer in {None, order.customer}
        return same and self.ship_to in {None, order.ship_to}

    @property
    def sentence(self) -> str:
        return self.text or f"Orders like this one are refused: {self.reason}."
