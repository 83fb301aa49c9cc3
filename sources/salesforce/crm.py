"""Salesforce as the CRM: accounts by the ERP's customer number, with their owner, contacts and open opportunities; notes as tasks."""

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from sources.absence import AbsentCrm
from sources.call import CallContext
from sources.changes import NewNote
from sources.errors import SourceContractBroken, SourceError, SourceRejected
from sources.http import Operation, Reply, SourceClient
from sources.models import Key, Relationship
from sources.ports import Found
from sources.rows import Spoilt, each_row, owner_of
from sources.salesforce import mapping, payload, soql
from sources.salesforce.options import SalesforceOptions
from sources.salesforce.session import SalesforceSession

LIMITS = {"REQUEST_LIMIT_EXCEEDED": 30.0}
"""Told with status 403: the day's requests are used up, or too many are under way. Salesforce does not say until when."""

QUERY = Operation("GET", "/services/data/{version}/query", limits=LIMITS)
MORE = Operation("GET", "/services/data/{version}/query/{locator}", limits=LIMITS)
PUT_TASK = Operation(
    "PATCH", "/services/data/{version}/sobjects/Task/{field}/{reference}", refusals=frozenset({300, 400}), limits=LIMITS
)

MAX_KEYS = 100
"""The question travels in the address, which Salesforce takes up to 16,384 bytes of."""

MAX_NUMBER = 255
"""No text field that can be an external id holds more: what is longer is in no account."""

_OPPORTUNITIES = "$.records[...].Opportunities.records"
_LOCATOR = re.compile(r"/services/data/v[0-9.]+/query/([A-Za-z0-9-]+)", re.ASCII)
_ANSWER = msgspec.json.Decoder(payload.QueryAnswer)
_CONTACT, _OPPORTUNITY = msgspec.json.Decoder(payload.ContactRow), msgspec.json.Decoder(payload.OpportunityRow)
_UPSERTED: msgspec.json.Decoder[payload.Upserted | None] = msgspec.json.Decoder(payload.Upserted | None)
_ENCODER = msgspec.json.Encoder()

R = TypeVar("R")
Placed = dict[Key, payload.AccountRow | SourceError]
"""By key: the account, or why it cannot be used."""


class SalesforceCrm(AbsentCrm):
    Options = SalesforceOptions
    batches = {"relationships": MAX_KEYS}  # noqa: RUF012 - a ClassVar where it is declared
    reason = staticmethod(mapping.reason)
    grant = SalesforceSession()

    def __init__(self, client: SourceClient, options: SalesforceOptions) -> None:
        super().__init__(client)
        self._options = options
        self._accounts = payload.account_decoders(options)
        self._version = {"version": options.api_version}

    # ------------------------------------------------------------ relationships

    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]:
        asked = self._asked(company, numbers)
        if not asked:
            return {}
        question = soql.accounts(self._options, company, asked)
        answer, as_of = await self._query(call, question, keys=len(asked))
        known = mapping.Known(self._options, self.name, as_of)
        placed = self._placed(await self._every(call, answer), company, asked)
        return {key: await self._related(call, row, known) for key, row in placed.items()}

    def _asked(self, company: str | None, numbers: Sequence[str]) -> list[str]:
        """Each once; nobody of another company than this org's is known here."""
        if self._options.company and company not in {None, self._options.company}:
            return []
        return [each for each in dict.fromkeys(numbers) if 0 < len(each) <= MAX_NUMBER]

    def _placed(self, rows: Sequence[msgspec.Raw], company: str | None, asked: Sequence[str]) -> Placed:
        """Salesforce does not tell upper from lower case: what it found beyond what was asked is passed over."""
        placed: Placed = {}
        wanted = set(asked)
        for row in each_row(rows, self._accounts.whole, "$.records"):
            own = owner_of(row, self._accounts.own, self.name) if isinstance(row, Spoilt) else row
            home = self._options.company or own.company
            if own.number not in wanted or (home and company not in {None, home}):
                continue
            key = Key(home or company, own.number)
            if isinstance(row, Spoilt):
                placed[key] = row.error(self.name)
            elif not home:
                placed[key] = self._broken(self._options.company_field, "an account of no legal entity")
            elif key in placed:
                placed[key] = self._broken(self._options.customer_field, "two accounts of one number")
            else:
                placed[key] = row
        return placed

    def _broken(self, field: str, detail: str) -> SourceContractBroken:
        return SourceContractBroken(self.name, path=f"$.records[...].{field}", detail=detail)

    async def _related(
        self, call: CallContext, row: payload.AccountRow | SourceError, known: mapping.Known
    ) -> Relationship | SourceError:
        if isinstance(row, SourceError):
            return row
        try:
            contacts = await self._children(call, row.contacts, _CONTACT, "$.records[...].Contacts.records")
            business = await self._children(call, row.opportunities, _OPPORTUNITY, _OPPORTUNITIES)
            told = [mapping.opportunity(each, f"{_OPPORTUNITIES}[...]", known) for each in business]
            return mapping.relationship(row, contacts, told, known)
        except SourceError as error:
            return error

    async def _children(
        self, call: CallContext, answer: payload.QueryAnswer | None, decoder: msgspec.json.Decoder[R], at: str
    ) -> list[R]:
        """Raises SourceContractBroken where one does not fit: an account without it would not be the account."""
        if answer is None:
            return []
        rows: list[R] = []
        for row in each_row(await self._every(call, answer), decoder, at):
            if isinstance(row, Spoilt):
                raise row.error(self.name)
            rows.append(row)
        return rows

    # ------------------------------------------------------------ notes

    async def add_note(self, call: CallContext, note: NewNote) -> None:
        """Once for its reference, which is the task's external id: written again, it is the same task."""
        account = await self._account(call, note)
        body = _ENCODER.encode(mapping.task(note, account, self._options))
        at = {**self._version, "field": self._options.note_field, "reference": note.reference}
        await self._client.write(
            call,
            PUT_TASK,
            decoder=_UPSERTED,
            body=body,
            at=at,
            idempotency_key=note.reference,
            judged=self._unwritten,
        )

    async def _account(self, call: CallContext, note: NewNote) -> str:
        asked = self._asked(note.company, [note.customer])
        if asked:
            answer, _ = await self._query(call, soql.account_ids(self._options, note.company, note.customer), keys=1)
            placed = self._placed(await self._every(call, answer), note.company, asked)
            for row in placed.values():
                if isinstance(row, SourceError):
                    raise row
                return row.id
        raise SourceRejected(self.name, reason="UNKNOWN_CUSTOMER", detail="nobody to leave a note with")

    def _unwritten(self, answer: payload.Upserted | None) -> SourceError | None:
        if answer is None or answer.success:
            return None
        code = answer.errors[0].status_code if answer.errors else ""
        return SourceRejected(self.name, reason=mapping.word(code), detail="not written")

    # ------------------------------------------------------------ what Salesforce is asked

    async def _query(self, call: CallContext, question: str, *, keys: int) -> Reply[payload.QueryAnswer]:
        return await self._client.read(
            call, QUERY, decoder=_ANSWER, at=self._version, params=[("q", question)], keys=keys
        )

    async def _every(self, call: CallContext, answer: payload.QueryAnswer) -> list[msgspec.Raw]:
        """The rows of an answer and of all pages behind it. A page that was there before is followed no more."""
        rows, seen = list(answer.records), set[str]()
        while not answer.done:
            found = _LOCATOR.fullmatch(answer.next_records_url or "")
            if found is None or found[1] in seen:
                raise SourceContractBroken(self.name, path="$.nextRecordsUrl", detail="no next page")
            seen.add(found[1])
            at = {**self._version, "locator": found[1]}
            answer, _ = await self._client.read(call, MORE, decoder=_ANSWER, at=at)
            rows += answer.records
        return rows
