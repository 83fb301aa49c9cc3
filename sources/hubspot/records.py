"""HubSpot's records in batches: by their ids or by a property whose values are unique, and those that are linked to companies."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from sources.call import CallContext
from sources.errors import SourceError, SourceUnavailable
from sources.http import Operation, Reply, SourceClient
from sources.hubspot import mapping, payload
from sources.hubspot.options import MAX_INPUTS
from sources.parts import in_parts
from sources.rows import Spoilt, each_row, owner_of

LIMITS = {"DAILY": 60.0, "TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
"""HubSpot's policies, and how long to leave it alone where it does not say. The daily one is tried again once a minute."""

MAX_LINKED = 1000
"""Of how many records the associations are read at once."""

_BOTH = frozenset({200, 207})
OWNERS = Operation("GET", "/crm/v3/owners", limits=LIMITS)
PIPELINES = Operation("GET", "/crm/v3/pipelines/deals", limits=LIMITS)

_BATCH, _OWNERS = msgspec.json.Decoder(payload.Batch), msgspec.json.Decoder(payload.Owners)
_PIPELINES, _NAMED = msgspec.json.Decoder(payload.Pipelines), msgspec.json.Decoder(payload.Named)
_LINK, _LINK_OWN = msgspec.json.Decoder(payload.LinkRow), msgspec.json.Decoder(payload.LinkOwn)
_ENCODER = msgspec.json.Encoder()

V = TypeVar("V")
Ids = tuple[str, ...]
Read = dict[str, V | SourceError]
"""By HubSpot's id: a record that is not there is not in it; one whose reading failed holds why."""


class Kind(NamedTuple):
    """How records of one kind are read, and how those of a company are found."""

    read: Operation
    links: Operation
    decoder: msgspec.json.Decoder[Any]
    properties: tuple[str, ...]


def _reading(of: str) -> Operation:
    return Operation("POST", f"/crm/v3/objects/{of}/batch/read", answers=_BOTH, limits=LIMITS)


def _linking(to: str) -> Operation:
    return Operation("POST", f"/crm/v4/associations/companies/{to}/batch/read", answers=_BOTH, limits=LIMITS)


def _kind(of: str, row: type[Any], properties: type[msgspec.Struct]) -> Kind:
    return Kind(_reading(of), _linking(of), msgspec.json.Decoder(row), properties.__struct_fields__)


COMPANIES, NOTES = _reading("companies"), _reading("notes")
CONTACTS = _kind("contacts", payload.ContactRow, payload.ContactProperties)
DEALS = _kind("deals", payload.DealRow, payload.DealProperties)


class Records:
    """Whatever fails of a batch that was cut in parts fails those whose it is."""

    def __init__(self, client: SourceClient) -> None:
        self._client, self._source = client, client.name

    async def batch(
        self,
        call: CallContext,
        operation: Operation,
        asked: Collection[str],
        *,
        properties: Sequence[str],
        by: str | msgspec.UnsetType = msgspec.UNSET,
    ) -> Reply[payload.Batch]:
        """At most MAX_INPUTS records, by their ids or by the property `by`."""
        inputs = tuple(payload.Input(each) for each in asked)
        body = _ENCODER.encode(payload.BatchRead(inputs=inputs, properties=tuple(properties), id_property=by))
        return await self._read(call, operation, body, keys=len(inputs))

    async def rows(self, call: CallContext, kind: Kind, ids: Collection[str]) -> Read[Any]:
        async def part(_: None, some: Sequence[str]) -> Read[Any]:
            answer, _as_of = await self.batch(call, kind.read, some, properties=kind.properties)
            found: Read[Any] = {}
            for row in each_row(answer.results, kind.decoder, "$.results"):
                if isinstance(row, Spoilt):
                    found[owner_of(row, _NAMED, self._source).id] = row.error(self._source)
                else:
                    found[row.id] = row
            return {**found, **mapping.failures(self._source, answer.errors, some, found)}

        return await in_parts({None: list(ids)} if ids else {}, part, max_batch=MAX_INPUTS)

    # ------------------------------------------------------------ what is linked to a company

    async def links(self, call: CallContext, kind: Kind, companies: Sequence[str], limit: int) -> Read[Ids]:
        """The first of each company's in HubSpot's order; a company that has none is not in it."""

        async def part(_: None, some: Sequence[str]) -> Read[Ids]:
            return await self._links(call, kind.links, some, limit)

        return await in_parts({None: companies} if companies else {}, part, max_batch=MAX_LINKED)

    async def _links(self, call: CallContext, operation: Operation, companies: Sequence[str], limit: int) -> Read[Ids]:
        """Follows the pages of those that have more, all of them in one call a turn, until each has enough."""
        found: dict[str, Ids] = {}
        failed: dict[str, SourceError] = {}
        inputs = tuple(payload.Input(each) for each in companies)
        while inputs:
            body = _ENCODER.encode(payload.Linked(inputs))
            answer, _ = await self._read(call, operation, body, keys=len(inputs))
            more: list[payload.Input] = []
            for row in each_row(answer.results, _LINK, "$.results"):
                if isinstance(row, Spoilt):
                    failed[owner_of(row, _LINK_OWN, self._source).from_.id] = row.error(self._source)
                else:
                    more += self._gathered(found, row, limit)
            asked = [each.id for each in inputs]
            failed |= mapping.failures(self._source, answer.errors, asked, found)
            inputs = tuple(more)
        return {**found, **failed}

    def _gathered(self, found: dict[str, Ids], row: payload.LinkRow, limit: int) -> list[payload.Input]:
        """What to ask next; a page that brings nothing new is the last."""
        had = found.get(row.from_.id, ())
        have = tuple(dict.fromkeys((*had, *(str(each.to_object_id) for each in row.to))))
        found[row.from_.id] = have[:limit]
        following = row.paging.next if row.paging else None
        goes_on = following is not None and len(had) < len(have) < limit
        return [payload.Input(row.from_.id, following.after)] if following and goes_on else []

    # ------------------------------------------------------------ what is read as a whole

    async def owners(self, call: CallContext) -> dict[str, str]:
        """All the account's, by id: its pages hold 500."""
        names: dict[str, str] = {}
        after: str | None = ""
        seen: set[str] = set()
        while after is not None and after not in seen:
            seen.add(after)
            params = [("limit", "500"), *([("after", after)] if after else [])]
            answer, _ = await self._client.read(call, OWNERS, decoder=_OWNERS, params=params)
            names |= mapping.owner_names(answer.results)
            following = answer.paging.next if answer.paging else None
            after = following.after if following else None
        return names

    async def stages(self, call: CallContext) -> mapping.Stages:
        answer, _ = await self._client.read(call, PIPELINES, decoder=_PIPELINES)
        return mapping.stages(answer.results)

    # ------------------------------------------------------------ one call

    async def _read(self, call: CallContext, operation: Operation, body: bytes, *, keys: int) -> Reply[payload.Batch]:
        return await self._client.read(call, operation, decoder=_BATCH, body=body, keys=keys, judged=self._unfinished)

    def _unfinished(self, answer: payload.Batch) -> SourceError | None:
        """What a batch has not come to yet is not there, and not absent either."""
        if answer.status == "COMPLETE":
            return None
        return SourceUnavailable(self._source, detail="the batch is not complete")
