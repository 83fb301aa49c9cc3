"""Items as the ERP sends them, with their units of measure."""

from decimal import Decimal
from typing import Literal, TypeAlias

from sandbox.amounts import ONE
from sandbox.fact import COMPANY, Fact

ItemStatus: TypeAlias = Literal["ACTIVE", "DISCONTINUED", "BLOCKED"]


class Uom(Fact, frozen=True):
    code: str
    factor: Decimal = ONE


class QuantityRule(Fact, frozen=True):
    minimum: Decimal = ONE
    maximum: Decimal | None = None
    increment: Decimal | None = ONE


class Item(Fact, frozen=True, kw_only=True):
    company: str = COMPANY
    sku: str
    name: str = ""
    description: str | None = None
    category: str | None = None
    status: ItemStatus = "ACTIVE"
    status_text: str | None = None
    replaced_by: str | None = None
    substitutes: tuple[str, ...] = ()
    uom: str = "EA"
    uoms: tuple[Uom, ...] = ()
    quantity_rule: QuantityRule = QuantityRule()
    hazardous: bool = False
    lead_time_days: int | None = None

    def factor(self, uom: str) -> Decimal | None:
        """How many base units one `uom` is; None for a unit the item is not sold in."""
        return next((each.factor for each in self.uoms if each.code == uom), None)
