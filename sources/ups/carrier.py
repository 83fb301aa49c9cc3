"""UPS as a carrier: one number a request."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import uuid4

import msgspec

from sources.absence import AbsentCarrier
from sources.call import CallContext
from sources.errors import SourceError, SourceRejected
from sources.grant import ClientCredentials
from sources.http import Operation, SourceClient
from sources.models import Tracking, TrackingKey
from sources.ports import Found
from sources.ups import mapping, payload
from sources.ups.moments import decoded

DETAILS = Operation("GET", "/track/v1/details/{inquiryNumber}", refusals=frozenset({400, 404}))
_DETAILS = msgspec.json.Decoder(payload.TrackAnswer, dec_hook=decoded)

SHORTEST, LONGEST = 7, 34
"""A number has so many characters; another one is none of UPS's, and is not sent."""


class UpsOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`transaction_source` tells UPS who calls; `locale` is the language of its descriptions."""

    transaction_source: str = "crossdock"
    locale: str = "en_US"


class UpsCarrier(AbsentCarrier):
    Options = UpsOptions
    batches: ClassVar[Mapping[str, int]] = {"tracking": 1}
    reason = staticmethod(mapping.reason)
    grant = ClientCredentials(by_header=True)

    def __init__(self, client: SourceClient, options: UpsOptions = UpsOptions()) -> None:  # noqa: B008 - frozen
        super().__init__(client)
        self._options = options

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        """Keyed as it was asked; whoever is named as the carrier, it is UPS that is asked."""
        found: dict[TrackingKey, Tracking | SourceError] = {}
        for number in dict.fromkeys(numbers):
            tracking = await self._of(call, number)
            if tracking is not None:
                found[TrackingKey(carrier, number)] = tracking
        return found

    async def _of(self, call: CallContext, number: str) -> Tracking | SourceError | None:
        if not SHORTEST <= len(number) <= LONGEST:
            return None
        try:
            answer, as_of = await self._client.read(
                call,
                DETAILS,
                decoder=_DETAILS,
                at={"inquiryNumber": number},
                params=[("locale", self._options.locale)],
                headers={"transId": uuid4().hex, "transactionSrc": self._options.transaction_source},
            )
        except SourceRejected as refused:
            if refused.reason in mapping.ABSENT:
                return None
            raise
        return mapping.tracking(answer, number, as_of, source=self.name)
