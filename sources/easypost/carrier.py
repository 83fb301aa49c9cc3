"""EasyPost as a carrier, for all those that it tracks: its trackers are listed by number; nothing is made unless that is wanted."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from sources.absence import AbsentCarrier
from sources.call import CallContext
from sources.easypost import mapping, payload
from sources.errors import SourceContractBroken, SourceError
from sources.http import Operation, SourceClient, repeated
from sources.models import Tracking, TrackingKey
from sources.ports import Found

TRACKERS = Operation("GET", "/trackers")
CREATE = Operation("POST", "/trackers", refusals=frozenset({400, 402, 404}))
_TRACKERS = msgspec.json.Decoder(payload.TrackersAnswer)
_CREATED = msgspec.json.Decoder(payload.Tracker)

MAX_NUMBERS = PAGE_SIZE = 100
LONGEST = 50
"""No carrier's number is as long; a longer one is not sent, for its answer would fail those asked with it."""

MOST_PAGES = 10
"""A thousand trackers for a hundred numbers: whoever has more was not asked what we asked."""


class EasypostOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`creates_trackers`: a number that EasyPost has no tracker for gets one, which may cost money; otherwise it is absent.

    `carriers`: carriers' names as the warehouse spells them → as EasyPost does, where they differ by more than upper and lower case.
    """

    creates_trackers: bool = False
    carriers: Mapping[str, str] = {}


class EasypostCarrier(AbsentCarrier):
    Options = EasypostOptions
    batches: ClassVar[Mapping[str, int]] = {"tracking": MAX_NUMBERS}
    reason = staticmethod(mapping.reason)

    def __init__(self, client: SourceClient, options: EasypostOptions = EasypostOptions()) -> None:  # noqa: B008 - frozen
        super().__init__(client)
        self._options = options

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        """Keyed as it was asked. Where a carrier is named, another one's parcel of the same number is not meant."""
        wanted = [number for number in dict.fromkeys(numbers) if 0 < len(number) <= LONGEST]
        if not wanted:
            return {}
        name = mapping.spelled(carrier, self._options.carriers)
        rows, as_of = await self._listed(call, wanted)
        told = mapping.by_number(rows, name, as_of)
        found = {number: told[mapping.same(number)] for number in wanted if mapping.same(number) in told}
        if self._options.creates_trackers:
            found |= await self._created(call, name, [number for number in wanted if number not in found])
        return {TrackingKey(carrier, number): outcome for number, outcome in found.items()}

    async def _listed(self, call: CallContext, numbers: Sequence[str]) -> tuple[list[mapping.Row], datetime]:
        """All pages, youngest first, and when the first of them was asked for."""
        rows: list[mapping.Row] = []
        wanted = [*repeated("tracking_codes[]", numbers), ("page_size", str(PAGE_SIZE))]
        answer, as_of = await self._client.read(call, TRACKERS, decoder=_TRACKERS, params=wanted, keys=len(numbers))
        for _ in range(MOST_PAGES):
            page = [mapping.row(each, source=self.name) for each in answer.trackers]
            rows += page
            if not answer.has_more:
                return rows, as_of
            if not page:
                break
            params = [*wanted, ("before_id", page[-1].id)]
            answer, _ = await self._client.read(call, TRACKERS, decoder=_TRACKERS, params=params, keys=len(numbers))
        raise SourceContractBroken(self.name, path="$.has_more", detail="its pages do not come to an end")

    async def _created(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> dict[str, Tracking | SourceError]:
        outcomes = await asyncio.gather(*[self._create(call, carrier, number) for number in numbers])
        return dict(zip(numbers, outcomes, strict=True))

    async def _create(self, call: CallContext, carrier: str | None, number: str) -> Tracking | SourceError:
        """One that exists comes back as it is: EasyPost makes no second one."""
        body = mapping.question(number, carrier)
        try:
            tracker, as_of = await self._client.write(call, CREATE, decoder=_CREATED, body=body)
        except SourceError as error:
            return error
        return mapping.tracking(tracker, as_of)
