"""HubSpot's CRM API over the wire, as far as it is read; these shapes never leave this folder. A property's value is always a text."""

from typing import Any

import msgspec


class Wire(msgspec.Struct, rename="camel"):
    """HubSpot spells in camelCase; properties by their own names."""


# ---------------------------------------------------------------- what is asked


class Input(Wire, omit_defaults=True):
    id: str
    after: str | None = None


class BatchRead(Wire, kw_only=True):
    inputs: tuple[Input, ...]
    properties: tuple[str, ...]
    properties_with_history: tuple[str, ...] = ()
    id_property: str | msgspec.UnsetType = msgspec.UNSET


class Linked(Wire):
    """Whose associations are asked for."""

    inputs: tuple[Input, ...]


class AssociationType(Wire):
    association_category: str
    association_type_id: int


class Association(Wire):
    to: Input
    types: tuple[AssociationType, ...]


class NewNote(Wire):
    properties: dict[str, str]
    associations: tuple[Association, ...]


# ---------------------------------------------------------------- what is answered


class Failure(Wire):
    """Of one or more inputs. Which they are stands in the context, under a name that depends on the operation; all of it may be missing."""

    category: str = ""
    context: dict[str, Any] = {}


class Batch(Wire, kw_only=True):
    """Rows are decoded one by one. With status 207 some inputs failed."""

    status: str
    results: tuple[msgspec.Raw, ...]
    errors: tuple[Failure, ...] = ()


class Named(Wire):
    id: str


class CompanyRow(Wire):
    id: str
    properties: dict[str, str | None]


class CompanyOwn(Wire):
    """As much of a company as tells whose it is."""

    properties: dict[str, Any]


class ContactProperties(msgspec.Struct):
    firstname: str | None = None
    lastname: str | None = None
    email: str | None = None
    phone: str | None = None
    mobilephone: str | None = None
    jobtitle: str | None = None


class ContactRow(Wire):
    id: str
    properties: ContactProperties


class DealProperties(msgspec.Struct):
    dealname: str | None = None
    pipeline: str | None = None
    dealstage: str | None = None
    amount: str | None = None
    deal_currency_code: str | None = None
    closedate: str | None = None
    hs_is_closed: str | None = None


class DealRow(Wire):
    id: str
    properties: DealProperties


class Next(Wire):
    after: str


class Paging(Wire):
    next: Next | None = None


class Target(Wire):
    """Documented as a text, and seen as a number."""

    to_object_id: int | str


class LinkRow(Wire, kw_only=True):
    from_: Named = msgspec.field(name="from")
    to: tuple[Target, ...]
    paging: Paging | None = None


class LinkOwn(Wire):
    from_: Named = msgspec.field(name="from")


class OwnerRow(Wire):
    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class Owners(Wire):
    results: tuple[OwnerRow, ...]
    paging: Paging | None = None


class StageRow(Wire):
    id: str
    label: str


class PipelineRow(Wire):
    id: str
    stages: tuple[StageRow, ...]


class Pipelines(Wire):
    results: tuple[PipelineRow, ...]
