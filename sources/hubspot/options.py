"""What is to be known of a HubSpot account: which of its properties hold the ERP's numbers."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from sources.models import Key

MAX_INPUTS = 100
"""What HubSpot's batch reads of records take at once."""

Property = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
MaybeProperty = Annotated[str, msgspec.Meta(pattern=r"^([a-z][a-z0-9_]*)?$")]
Count = Annotated[int, msgspec.Meta(ge=1, le=500)]


class HubSpotOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each customer is a company record, found by a property whose values are unique.

    `customer_property` holds `customer_value`. Which legal entity a record belongs to stands in its `company_property`, or else in
    `customer_value` if that holds `{company}`, or else there is but one: `companies`. `contacts` and `deals`: how many of each are
    read for one record at most. `currency`: that of deals which name none.
    """

    companies: tuple[str, ...] = ()
    customer_property: Property = "erp_customer_number"
    customer_value: str = "{number}"
    company_property: MaybeProperty = ""
    note_property: MaybeProperty = "crossdock_reference"
    order_property: MaybeProperty = ""
    contacts: Count = 25
    deals: Count = 100
    currency: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{3})?$")] = ""

    def __post_init__(self) -> None:
        if self.customer_value.count("{number}") != 1:
            raise ValueError("`customer_value` must hold `{number}` once")
        if bool(self.companies) == bool(self.company_property):
            raise ValueError("give one of `companies` and `company_property`")
        if self.company_property and self._is_by_company:
            raise ValueError("`customer_value` holds `{company}`: give `companies`, not `company_property`")
        if len(self.companies) > 1 and not self._is_by_company:
            raise ValueError("with several `companies`, `customer_value` must hold `{company}`")
        if len(self.companies) > MAX_INPUTS:
            raise ValueError(f"at most {MAX_INPUTS} `companies`")

    @property
    def _is_by_company(self) -> bool:
        return "{company}" in self.customer_value

    @property
    def max_keys(self) -> int:
        """A question without a company is one input for each company."""
        return MAX_INPUTS // max(1, len(self.companies))

    def asked(self, company: str | None, numbers: Sequence[str]) -> dict[str, Key]:
        """The property's values to look for, and whose they are; the company is None where the record tells it."""
        if self.company_property:
            companies: Sequence[str | None] = (None,)
        else:
            companies = self.companies if company is None else [each for each in self.companies if each == company]
        return {self._value(each, number): Key(each, number) for each in companies for number in numbers if number}

    def _value(self, company: str | None, number: str) -> str:
        """Each place is filled once: a number that holds a place's name fills nothing."""
        before, _, after = self.customer_value.partition("{number}")
        return before.replace("{company}", company or "") + number + after.replace("{company}", company or "")
