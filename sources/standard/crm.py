"""A CRM that speaks the standard contract."""

from collections.abc import Sequence

import msgspec

from sources.call import CallContext
from sources.changes import NewNote
from sources.http import Operation, SourceClient, repeated
from sources.models import Key, Relationship
from sources.ports import Found
from sources.standard import mapping, payload
from sources.standard.batch import MAX_KEYS, by_key, failures, optional, reason

RELATIONSHIPS = Operation("GET", "/relationships")
ADD_NOTE = Operation("POST", "/notes")
_RELATIONSHIPS = msgspec.json.Decoder(payload.RelationshipsAnswer)
_NOTE = msgspec.json.Decoder(payload.NoteRow)


class StandardCrm:
    reason = staticmethod(reason)

    def __init__(self, client: SourceClient) -> None:
        self.name = client.name
        self.max_batch = {"relationships": MAX_KEYS}
        self._client = client

    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]:
        params = [*optional(company=company), *repeated("customer", numbers)]
        answer, as_of = await self._client.read(
            call, RELATIONSHIPS, decoder=_RELATIONSHIPS, params=params, keys=len(numbers)
        )
        return by_key(
            answer.relationships,
            lambda row: Key(row.company, row.customer),
            lambda row: mapping.relationship(row, as_of),
            failed=failures(self.name, company, answer.errors),
        )

    async def add_note(self, call: CallContext, note: NewNote) -> None:
        body = msgspec.json.encode(mapping.note(note))
        await self._client.write(call, ADD_NOTE, decoder=_NOTE, body=body, idempotency_key=note.reference)
