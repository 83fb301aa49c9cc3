"""What is to be known of a Salesforce org: which of its fields hold the ERP's numbers, and how much of a record is read."""

from typing import Annotated

import msgspec

Field = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
MaybeField = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z][A-Za-z0-9_]{0,79})?$")]
Count = Annotated[int, msgspec.Meta(ge=1, le=200)]


class SalesforceOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each customer is an Account whose `customer_field` holds its number in the ERP.

    Which legal entity it belongs to stands in its `company_field`, or else there is but one: `company`. `note_field` is the external
    id of a Task, and `order_field`, where it is given, takes the ERP's order number there. `contacts` and `opportunities`: how many of
    each are read for one account at most. `currency`: that of an org which has only one; `multi_currency` reads each opportunity's own.
    """

    company: str = ""
    api_version: Annotated[str, msgspec.Meta(pattern=r"^v[1-9]\d{1,2}\.0$")] = "v62.0"
    customer_field: Field = "ERP_Customer_Number__c"
    company_field: MaybeField = ""
    stage_field: Field = "Type"
    note_field: Field = "Crossdock_Reference__c"
    order_field: MaybeField = ""
    contacts: Count = 25
    opportunities: Count = 25
    currency: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{3})?$")] = ""
    multi_currency: bool = False

    def __post_init__(self) -> None:
        if bool(self.company) == bool(self.company_field):
            raise ValueError("give one of `company` and `company_field`")
        own = [each for each in (self.customer_field, self.company_field, self.stage_field) if each]
        if len({*map(str.lower, own), "id", "owner"}) < len(own) + 2:
            raise ValueError("`customer_field`, `company_field` and `stage_field` are fields of their own")
        if self.multi_currency and self.currency:
            raise ValueError("give one of `currency` and `multi_currency`")
