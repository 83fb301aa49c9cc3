"""A carrier, or a carrier aggregator, that speaks the standard contract."""

from collections.abc import Sequence

import msgspec

from sources.call import CallContext
from sources.errors import SourceError
from sources.http import Operation, SourceClient, repeated
from sources.models import Tracking, TrackingKey
from sources.ports import Found
from sources.standard import mapping, payload
from sources.standard.batch import MAX_KEYS, optional, reason

TRACKING = Operation("GET", "/tracking")
_TRACKING = msgspec.json.Decoder(payload.TrackingAnswer)


class StandardCarrier:
    reason = staticmethod(reason)

    def __init__(self, client: SourceClient) -> None:
        self.name = client.name
        self.max_batch = {"tracking": MAX_KEYS}
        self._client = client

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        """Keyed as it was asked: by the carrier given, whichever carrier the answer names."""
        params = [*optional(carrier=carrier), *repeated("trackingNumber", numbers)]
        answer, as_of = await self._client.read(call, TRACKING, decoder=_TRACKING, params=params, keys=len(numbers))
        found: dict[TrackingKey, Tracking | SourceError] = {
            TrackingKey(carrier, row.tracking_number): mapping.tracking(row, as_of) for row in answer.tracking
        }
        for failure in answer.errors:
            found[TrackingKey(carrier, failure.key)] = mapping.failed_key(self.name, failure.code)
        return found
