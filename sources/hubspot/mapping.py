"""From HubSpot's records to canonical facts: pure functions. A value that does not fit raises SourceContractBroken, which names it."""

import html
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from sources.changes import NewNote
from sources.errors import (
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.hubspot import payload
from sources.hubspot.options import HubSpotOptions
from sources.models import Contact, Money, Opportunity, Relationship
from sources.rows import is_plain

LIFECYCLE_STAGES = {
    "subscriber": "Subscriber",
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing qualified lead",
    "salesqualifiedlead": "Sales qualified lead",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "evangelist": "Evangelist",
    "other": "Other",
}
"""HubSpot's own; a stage that an account has added is kept by its code."""

FAILED_INPUT: dict[str, type[SourceError]] = {
    "RATE_LIMITS": SourceRateLimited,
    "INTERNAL_ERROR": SourceUnavailable,
    "SERVICE_UNAVAILABLE": SourceUnavailable,
    "MISSING_SCOPES": SourceRefused,
    "INVALID_AUTHENTICATION": SourceRefused,
    "EXPIRED_AUTHENTICATION": SourceRefused,
    "BANNED": SourceRefused,
}
"""What one input's failure means; any other category is a refusal with HubSpot's word."""

NOT_FOUND = "OBJECT_NOT_FOUND"
NOTE_TO_COMPANY = payload.AssociationType("HUBSPOT_DEFINED", 190)
MAX_NOTE = 65_536
_MAX_WORD, _MAX_TEXT = 40, 60
_FIGURE = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST_MILLISECONDS = 15

Stages = Mapping[tuple[str, str], str]
"""A deal stage's label by its pipeline and its own code."""


class Known(NamedTuple):
    """What deals and companies are read with: names that stand in other records."""

    options: HubSpotOptions
    source: str
    as_of: datetime


# ---------------------------------------------------------------- values


def amount(text: str | None, source: str, path: str) -> Decimal | None:
    """None where nothing stands there. What no sum of money is does not fit."""
    if not text:
        return None
    value = Decimal(text) if len(text) <= _MAX_TEXT and _FIGURE.fullmatch(text) else None
    if value is None or not is_plain(value):
        raise SourceContractBroken(source, path=path, detail="no amount")
    return value


def moment(text: str | None, source: str, path: str) -> datetime | None:
    """ISO 8601 with its offset, or milliseconds since 1970."""
    if not text:
        return None
    try:
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_MILLISECONDS:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        value = msgspec.convert(text, datetime)
    except (msgspec.ValidationError, OverflowError, ValueError):
        value = None
    if value is None or value.tzinfo is None:
        raise SourceContractBroken(source, path=path, detail="no moment")
    return value.astimezone(UTC)


def full_name(first: str | None, last: str | None) -> str:
    return f"{first or ''} {last or ''}".strip()


# ---------------------------------------------------------------- records


def owner_id(row: payload.CompanyRow) -> str:
    """Empty where nobody looks after it."""
    return row.properties.get("hubspot_owner_id") or ""


def may_have(row: payload.CompanyRow, counted: str) -> bool:
    """Only a count of HubSpot's own that says none is believed; a missing one says nothing."""
    return row.properties.get(counted) != "0"


def is_closed(row: payload.DealRow) -> bool:
    return row.properties.hs_is_closed == "true"


def relationship(
    row: payload.CompanyRow,
    contacts: Sequence[payload.ContactRow],
    deals: Sequence[Opportunity],
    *,
    owners: Mapping[str, str],
    known: Known,
) -> Relationship:
    """An owner that HubSpot no longer lists has left: there is none."""
    told = row.properties
    stage = told.get("lifecyclestage") or None
    path = "$.results[...].properties.notes_last_updated"
    return Relationship(
        contacts=tuple(each for each in map(contact, contacts) if each is not None),
        open_opportunities=tuple(deals),
        as_of=known.as_of,
        owner=owners.get(owner_id(row)),
        stage=LIFECYCLE_STAGES.get(stage, stage) if stage else None,
        last_activity_at=moment(told.get("notes_last_updated"), known.source, path),
    )


def contact(row: payload.ContactRow) -> Contact | None:
    """By the name, or else what there is instead of one; None where there is nothing."""
    told = row.properties
    phone = told.phone or told.mobilephone or None
    name = full_name(told.firstname, told.lastname) or told.email or phone
    return None if not name else Contact(name, told.email or None, phone, told.jobtitle or None)


def opportunity(row: payload.DealRow, stages: Stages, known: Known) -> Opportunity:
    """A deal without a name is named by its stage. The day is that in UTC."""
    told, at = row.properties, "$.results[...].properties"
    stage = stages.get((told.pipeline or "", told.dealstage or "")) or told.dealstage or None
    worth = amount(told.amount, known.source, f"{at}.amount")
    currency = told.deal_currency_code or known.options.currency
    closing = moment(told.closedate, known.source, f"{at}.closedate")
    return Opportunity(
        name=told.dealname or stage or "",
        stage=stage,
        amount=Money(worth, currency) if worth is not None and currency else None,
        closes_on=None if closing is None else closing.date(),
    )


def stages(pipelines: Iterable[payload.PipelineRow]) -> Stages:
    return {(each.id, stage.id): stage.label for each in pipelines for stage in each.stages}


def owner_names(rows: Iterable[payload.OwnerRow]) -> dict[str, str]:
    named = {row.id: full_name(row.first_name, row.last_name) or row.email for row in rows}
    return {number: name for number, name in named.items() if name}


def note(new: NewNote, company: str, options: HubSpotOptions) -> payload.NewNote:
    """A note's body is HTML: what somebody typed stays text in it, line by line."""
    body = html.escape(new.text).replace("\n", "<br>")
    properties = {"hs_timestamp": new.at.astimezone(UTC).isoformat(), "hs_note_body": body[:MAX_NOTE]}
    if options.note_property:
        properties[options.note_property] = new.reference
    if options.order_property and new.order:
        properties[options.order_property] = new.order
    return payload.NewNote(properties, (payload.Association(payload.Input(company), (NOTE_TO_COMPANY,)),))


# ---------------------------------------------------------------- failures


def failed_input(source: str, category: str) -> SourceError:
    kind, detail = FAILED_INPUT.get(category), "one input failed"
    return kind(source, detail=detail) if kind else SourceRejected(source, reason=word(category), detail=detail)


def failures(
    source: str, errors: Iterable[payload.Failure], asked: Collection[str], found: Collection[str]
) -> dict[str, SourceError]:
    """By input. One that is not there is none; a failure that names no input may be that of any which has no answer."""
    known = frozenset(asked)
    failed: dict[str, SourceError] = {}
    answered = set(found)
    nameless: list[str] = []
    for each in errors:
        named = _named(each) & known
        if each.category == NOT_FOUND:
            answered |= named
        elif named:
            failed |= {number: failed_input(source, each.category) for number in sorted(named)}
        else:
            nameless.append(each.category)
    if nameless:
        open_ = [number for number in asked if number not in answered and number not in failed]
        failed |= {number: failed_input(source, nameless[0]) for number in open_}
    return failed


def _named(failure: payload.Failure) -> set[str]:
    listed = [values for values in failure.context.values() if isinstance(values, list)]
    return {each for values in listed for each in values if isinstance(each, str)}


def word(text: str) -> str:
    """A machine word, or the one that stands for none: nothing else of a refusal goes on."""
    is_plain = text.replace("_", "").isalnum() and text.isascii() and len(text) <= _MAX_WORD
    return text if is_plain else "REJECTED"


class _Refusal(msgspec.Struct, rename="camel"):
    policy_name: str | None = None
    category: str | None = None
    error_type: str | None = None


_REFUSAL = msgspec.json.Decoder(_Refusal)


def reason(body: bytes) -> str:
    """Which limit was met, or else the category of the refusal."""
    try:
        told = _REFUSAL.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "REJECTED"
    return word(told.policy_name or told.category or told.error_type or "")
