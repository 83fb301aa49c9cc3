"""Salesforce's REST API over the wire, as far as it is read; these shapes never leave this folder."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from sources.salesforce.options import SalesforceOptions


class Wire(msgspec.Struct, rename="pascal"):
    """Fields are spelled by their API names, in PascalCase; what the protocol itself says is in camelCase."""


class QueryAnswer(msgspec.Struct, rename="camel"):
    """A page of rows, which are decoded one by one. The next one is there where it is not `done`."""

    done: bool
    records: tuple[msgspec.Raw, ...]
    next_records_url: str | None = None


class Named(Wire):
    name: str | None = None


class ContactRow(Wire):
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile_phone: str | None = None
    title: str | None = None


class OpportunityRow(Wire):
    name: str
    stage_name: str | None = None
    close_date: date | None = None
    amount: Decimal | None = None
    currency_iso_code: str | None = None


class AccountOwn(msgspec.Struct, kw_only=True):
    """As much of an account as tells whose it is. Which fields these are stands in the options."""

    number: str = ""
    company: str | None = None


class AccountRow(AccountOwn, rename="pascal", kw_only=True):
    stage: str | None = None
    id: str
    last_activity_date: date | None = None
    owner: Named | None = None
    contacts: QueryAnswer | None = None
    opportunities: QueryAnswer | None = None


class AccountDecoders(NamedTuple):
    """Of whole accounts, and of as much as tells whose they are."""

    whole: msgspec.json.Decoder[AccountRow]
    own: msgspec.json.Decoder[AccountOwn]


def account_decoders(options: SalesforceOptions) -> AccountDecoders:
    """The same shapes under this org's own names for the fields that are not every org's."""
    names = {"number": options.customer_field, "stage": options.stage_field}
    own: list[Any] = [("number", str)]
    if options.company_field:
        names["company"] = options.company_field
        own.append(("company", str | None, None))
    stage: list[Any] = [("stage", str | None, None)]
    whole: Any = msgspec.defstruct("OrgAccount", [*own, *stage], bases=(AccountRow,), rename=names, kw_only=True)
    told: Any = msgspec.defstruct("OrgAccountOwn", own, bases=(AccountOwn,), rename=names, kw_only=True)
    return AccountDecoders(msgspec.json.Decoder(whole), msgspec.json.Decoder(told))


# ---------------------------------------------------------------- notes


class Fault(msgspec.Struct, rename="camel"):
    status_code: str = ""


class Upserted(msgspec.Struct):
    """Nothing at all is an answer, too: it was done."""

    success: bool
    errors: tuple[Fault, ...] = ()
