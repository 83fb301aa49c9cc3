"""FedEx as a carrier: up to thirty numbers a request."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from sources.absence import AbsentCarrier
from sources.call import CallContext
from sources.errors import SourceContractBroken, SourceError, SourceRejected
from sources.fedex import mapping, payload
from sources.http import Operation, SourceClient
from sources.models import Tracking, TrackingKey
from sources.ports import Found

TRACK = Operation("POST", "/track/v1/trackingnumbers", refusals=frozenset({400, 404}))
_TRACK = msgspec.json.Decoder(payload.TrackAnswer)
MAX_NUMBERS = 30
LONGEST = 50
"""No number of FedEx's is as long; a longer one is not sent, for its answer would fail those asked with it."""


class FedexOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`locale` is the language of FedEx's descriptions."""

    locale: str = "en_US"


class FedexCarrier(AbsentCarrier):
    Options = FedexOptions
    batches: ClassVar[Mapping[str, int]] = {"tracking": MAX_NUMBERS}
    reason = staticmethod(mapping.reason)

    def __init__(self, client: SourceClient, options: FedexOptions = FedexOptions()) -> None:  # noqa: B008 - frozen
        super().__init__(client)
        self._options = options

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        """Keyed as it was asked; whoever is named as the carrier, it is FedEx that is asked."""
        wanted = [number for number in dict.fromkeys(numbers) if 0 < len(number) <= LONGEST]
        if not wanted:
            return {}
        try:
            told = await self._told(call, wanted)
        except SourceRejected as refused:
            if refused.reason == mapping.ABSENT and len(wanted) == 1:
                return {}
            raise
        outcomes = {number: told.get(mapping.same(number)) for number in wanted}
        return {TrackingKey(carrier, number): outcome for number, outcome in outcomes.items() if outcome is not None}

    async def _told(self, call: CallContext, numbers: Sequence[str]) -> dict[str, Tracking | SourceError]:
        answer, as_of = await self._client.read(
            call,
            TRACK,
            decoder=_TRACK,
            headers={"X-locale": self._options.locale},
            body=msgspec.json.encode(mapping.question(numbers)),
            keys=len(numbers),
            judged=self._judged,
        )
        rows = answer.output.complete_track_results if answer.output is not None else ()
        return mapping.by_number(rows, as_of, source=self.name)

    def _judged(self, answer: payload.TrackAnswer) -> SourceError | None:
        """FedEx tells of failures with status 200, too."""
        if answer.output is not None:
            return None
        if answer.errors:
            return mapping.failure(answer.errors[0].code, source=self.name, detail="told with 200")
        return SourceContractBroken(self.name, path="$.output", detail="neither results nor errors")
