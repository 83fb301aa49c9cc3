"""Several CRMs as one, by company."""

from collections.abc import Sequence

from sources.call import CallContext
from sources.changes import NewNote
from sources.errors import SourceRejected
from sources.models import Key, Relationship
from sources.ports import Found, NotedCrm
from sources.routed.companies import ByCompany


class RoutedCrm(ByCompany[NotedCrm]):
    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]:
        return await self._found(
            call, "relationships", (company, numbers), lambda crm, own: crm.relationships(call, own, numbers)
        )

    async def add_note(self, call: CallContext, note: NewNote) -> None:
        crm = self._of(note.company)
        if crm is None:
            raise SourceRejected(self.name, reason="UNKNOWN_COMPANY")
        await crm.add_note(call, note)
