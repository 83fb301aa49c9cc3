"""From Salesforce's records to canonical facts: pure functions. A value that does not fit raises SourceContractBroken, which names it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple

import msgspec

from sources.changes import NewNote
from sources.errors import SourceContractBroken
from sources.models import Contact, Money, Opportunity, Relationship
from sources.rows import is_plain
from sources.salesforce import payload
from sources.salesforce.options import SalesforceOptions

MAX_SUBJECT, MAX_DESCRIPTION = 255, 32_000
_MAX_WORD = 40


class Known(NamedTuple):
    options: SalesforceOptions
    source: str
    as_of: datetime


def relationship(
    row: payload.AccountRow,
    contacts: Sequence[payload.ContactRow],
    opportunities: Sequence[Opportunity],
    known: Known,
) -> Relationship:
    """Salesforce tells the day of the last activity only: it counts from its beginning in UTC. The account's type is kept as it is."""
    day = row.last_activity_date
    return Relationship(
        contacts=tuple(each for each in map(contact, contacts) if each is not None),
        open_opportunities=tuple(opportunities),
        as_of=known.as_of,
        owner=row.owner.name or None if row.owner else None,
        stage=row.stage or None,
        last_activity_at=None if day is None else datetime.combine(day, time(), UTC),
    )


def contact(row: payload.ContactRow) -> Contact | None:
    """By the name, or else what there is instead of one; None where there is nothing."""
    phone = row.phone or row.mobile_phone or None
    name = row.name or row.email or phone
    return None if not name else Contact(name, row.email or None, phone, row.title or None)


def opportunity(row: payload.OpportunityRow, path: str, known: Known) -> Opportunity:
    """`path`: where the row stands."""
    if row.amount is not None and not is_plain(row.amount):
        raise SourceContractBroken(known.source, path=f"{path}.Amount", detail="no amount")
    currency = row.currency_iso_code or known.options.currency
    return Opportunity(
        name=row.name,
        stage=row.stage_name or None,
        amount=Money(row.amount, currency) if row.amount is not None and currency else None,
        closes_on=row.close_date,
    )


def task(new: NewNote, account: str, options: SalesforceOptions) -> dict[str, str]:
    """A task that is done: it stands among the account's past activities. Its external id goes in the path, never in the body."""
    day: date = new.at.astimezone(UTC).date()
    fields = {
        "WhatId": account,
        "Subject": (f"Order {new.order}" if new.order else new.text)[:MAX_SUBJECT],
        "Description": new.text[:MAX_DESCRIPTION],
        "ActivityDate": day.isoformat(),
        "Status": "Completed",
        "Priority": "Normal",
    }
    return {**fields, options.order_field: new.order} if options.order_field and new.order else fields


class _Refusal(msgspec.Struct, rename="camel"):
    error_code: str = ""


_REFUSALS = msgspec.json.Decoder(tuple[_Refusal, ...])


def reason(body: bytes) -> str:
    """The first error's code; anything else in the body stays behind."""
    try:
        told = _REFUSALS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "REJECTED"
    return word(told[0].error_code if told else "")


def word(text: str) -> str:
    is_plain_word = text.replace("_", "").isalnum() and text.isascii() and len(text) <= _MAX_WORD
    return text if is_plain_word else "REJECTED"
