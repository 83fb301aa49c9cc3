"""HubSpot as the CRM: companies by the ERP's customer number, with their owner, contacts and open deals; notes."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from sources.absence import AbsentCrm
from sources.batches import Batches
from sources.call import CallContext
from sources.changes import NewNote
from sources.errors import SourceContractBroken, SourceError, SourceRejected
from sources.http import Operation, Reply, SourceClient
from sources.hubspot import mapping, payload
from sources.hubspot.options import MAX_INPUTS, HubSpotOptions
from sources.hubspot.records import COMPANIES, CONTACTS, DEALS, LIMITS, NOTES, Ids, Read, Records
from sources.models import Key, Relationship
from sources.ports import Found
from sources.rows import Spoilt, each_row, owner_of

ADD_NOTE = Operation("POST", "/crm/v3/objects/notes", refusals=frozenset({400}), limits=LIMITS)

_COMPANY, _COMPANY_OWN = msgspec.json.Decoder(payload.CompanyRow), msgspec.json.Decoder(payload.CompanyOwn)
_NAMED = msgspec.json.Decoder(payload.Named)
_ENCODER = msgspec.json.Encoder()
_PROPERTIES = (
    "hubspot_owner_id", "lifecyclestage", "notes_last_updated", "num_associated_contacts", "hs_num_open_deals",
)  # fmt: skip

V = TypeVar("V")


class _Linked(NamedTuple):
    """The ids of each company's records; and what became of those records, None where it is of no concern."""

    ids: Read[Ids]
    rows: Read[Any]

    def of(self, company: str) -> list[Any]:
        """Those that are there. Raises the SourceError of any that was not read: an answer without it would be a lie."""
        ids = _raised(self.ids.get(company, ()))
        told = [_raised(self.rows[each]) for each in ids if each in self.rows]
        return [each for each in told if each is not None]


class HubSpotCrm(AbsentCrm):
    Options = HubSpotOptions
    batches = {"relationships": MAX_INPUTS}  # noqa: RUF012 - a ClassVar where it is declared
    reason = staticmethod(mapping.reason)

    def __init__(self, client: SourceClient, options: HubSpotOptions) -> None:
        super().__init__(client)
        self.max_batch = Batches(relationships=options.max_keys)
        self._options, self._records = options, Records(client)

    # ------------------------------------------------------------ relationships

    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]:
        asked = self._options.asked(company, numbers)
        if not asked:
            return {}
        answer, as_of = await self._companies(call, asked, *_PROPERTIES)
        rows, failed = self._placed(answer, asked, company)
        return {**failed, **await self._related(call, rows, mapping.Known(self._options, self.name, as_of))}

    async def _companies(self, call: CallContext, asked: Mapping[str, Key], *properties: str) -> Reply[payload.Batch]:
        own = self._options
        named = [each for each in (own.customer_property, own.company_property) if each]
        return await self._records.batch(
            call, COMPANIES, asked, properties=(*named, *properties), by=own.customer_property
        )

    def _placed(
        self, answer: payload.Batch, asked: Mapping[str, Key], company: str | None
    ) -> tuple[dict[Key, payload.CompanyRow], dict[Key, SourceError]]:
        """The records under their keys, and the keys that failed. Another company's record is none that was asked for."""
        rows: dict[Key, payload.CompanyRow] = {}
        failed: dict[Key, SourceError] = {}
        met: set[str] = set()
        for row in each_row(answer.results, _COMPANY, "$.results"):
            told = owner_of(row, _COMPANY_OWN, self.name) if isinstance(row, Spoilt) else row
            value = told.properties.get(self._options.customer_property)
            if not isinstance(value, str):
                raise self._nameless()
            if value not in asked:
                continue
            met.add(value)
            key = self._key(asked[value], told.properties)
            if key is not None and company not in {None, key.company}:
                continue
            if isinstance(row, Spoilt):
                failed[key or Key(company, asked[value].number)] = row.error(self.name)
            elif key is None:
                failed[Key(company, asked[value].number)] = self._homeless()
            else:
                rows[key] = row
        for value, error in mapping.failures(self.name, answer.errors, asked, met).items():
            failed[Key(asked[value].company or company, asked[value].number)] = error
        return rows, failed

    def _key(self, key: Key, properties: Mapping[str, Any]) -> Key | None:
        """None where the record is to tell its company and does not."""
        if key.company is not None:
            return key
        told = properties.get(self._options.company_property)
        return Key(told, key.number) if isinstance(told, str) and told else None

    def _nameless(self) -> SourceContractBroken:
        """It was found by this property: without it, it may be anybody that was asked for."""
        path = f"$.results[...].properties.{self._options.customer_property}"
        return SourceContractBroken(self.name, path=path, detail="a company of no number")

    def _homeless(self) -> SourceContractBroken:
        path = f"$.results[...].properties.{self._options.company_property}"
        return SourceContractBroken(self.name, path=path, detail="a company of no legal entity")

    async def _related(
        self, call: CallContext, rows: Mapping[Key, payload.CompanyRow], known: mapping.Known
    ) -> dict[Key, Relationship | SourceError]:
        """HubSpot counts contacts and open deals itself: where it counts none, none are asked for."""
        contacts, deals, owners = await asyncio.gather(
            self._contacts(call, [row.id for row in rows.values() if mapping.may_have(row, "num_associated_contacts")]),
            self._deals(call, [row.id for row in rows.values() if mapping.may_have(row, "hs_num_open_deals")], known),
            self._owners(call, rows.values()),
        )
        related: dict[Key, Relationship | SourceError] = {}
        for key, row in rows.items():
            try:
                names = _raised(owners) if mapping.owner_id(row) else {}
                related[key] = mapping.relationship(
                    row, contacts.of(row.id), deals.of(row.id), owners=names, known=known
                )
            except SourceError as error:
                related[key] = error
        return related

    async def _contacts(self, call: CallContext, companies: Sequence[str]) -> _Linked:
        ids = await self._records.links(call, CONTACTS, companies, self._options.contacts)
        return _Linked(ids, await self._records.rows(call, CONTACTS, _together(ids)))

    async def _deals(self, call: CallContext, companies: Sequence[str], known: mapping.Known) -> _Linked:
        """As opportunities; None for a deal that is closed."""
        ids = await self._records.links(call, DEALS, companies, self._options.deals)
        wanted = _together(ids)
        if not wanted:
            return _Linked(ids, {})
        rows, stages = await asyncio.gather(
            self._records.rows(call, DEALS, wanted), _caught(self._records.stages(call))
        )
        return _Linked(ids, {number: _told(row, stages, known) for number, row in rows.items()})

    async def _owners(self, call: CallContext, rows: Iterable[payload.CompanyRow]) -> dict[str, str] | SourceError:
        return await _caught(self._records.owners(call)) if any(map(mapping.owner_id, rows)) else {}

    # ------------------------------------------------------------ notes

    async def add_note(self, call: CallContext, note: NewNote) -> None:
        """Once for its reference: it is looked for before, and HubSpot refuses a second one, for the property's values are unique."""
        company, was_left = await asyncio.gather(
            _caught(self._noted_company(call, note)), _caught(self._was_left(call, note))
        )
        if _raised(was_left):
            return
        body = _ENCODER.encode(mapping.note(note, _raised(company), self._options))
        once = note.reference if self._options.note_property else None
        try:
            await self._client.write(call, ADD_NOTE, decoder=_NAMED, body=body, idempotency_key=once)
        except SourceRejected:
            if not await self._was_left(call, note):
                raise

    async def _noted_company(self, call: CallContext, note: NewNote) -> str:
        asked = self._options.asked(note.company, [note.customer])
        if asked:
            answer, _ = await self._companies(call, asked)
            rows, failed = self._placed(answer, asked, note.company)
            for error in failed.values():
                raise error
            for row in rows.values():
                return row.id
        raise SourceRejected(self.name, reason="UNKNOWN_CUSTOMER", detail="nobody to leave a note with")

    async def _was_left(self, call: CallContext, note: NewNote) -> bool:
        by = self._options.note_property
        if not by:
            return False
        answer, _ = await self._records.batch(call, NOTES, [note.reference], properties=[by], by=by)
        for error in mapping.failures(self.name, answer.errors, [note.reference], ()).values():
            raise error
        return bool(answer.results)


async def _caught(asked: Awaitable[V]) -> V | SourceError:
    """So that what is asked side by side ends side by side, and who needs it meets the failure."""
    try:
        return await asked
    except SourceError as error:
        return error


def _raised(found: V | SourceError) -> V:
    if isinstance(found, SourceError):
        raise found
    return found


def _together(ids: Read[Ids]) -> list[str]:
    """All records of all companies, each once."""
    return list(dict.fromkeys(each for some in ids.values() if not isinstance(some, SourceError) for each in some))


def _told(row: payload.DealRow | SourceError, stages: mapping.Stages | SourceError, known: mapping.Known) -> Any:
    if isinstance(row, SourceError) or mapping.is_closed(row):
        return row if isinstance(row, SourceError) else None
    if isinstance(stages, SourceError):
        return stages
    try:
        return mapping.opportunity(row, stages, known)
    except SourceError as error:
        return error
