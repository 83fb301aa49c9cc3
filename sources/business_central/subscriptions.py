"""Webhook subscriptions of Business Central: registered where there are none, renewed where there are, for they end after three days.

Each time it asks our own address to echo a token (gateway/webhooks.py does), so the gateway must be reachable while this runs.
"""

from datetime import datetime

import msgspec

from sources.business_central import payload
from sources.business_central.options import Options
from sources.business_central.reader import REFUSALS, read_row
from sources.call import CallContext
from sources.errors import SourceContractBroken, SourceError
from sources.http import Operation, SourceClient

TOLD_OF = ("items", "customers")
"""The lists whose changes are read (webhook.py)."""

_LIST = msgspec.json.Decoder(payload.List)
_SUBSCRIPTION = msgspec.json.Decoder(payload.Subscription)


class Subscriptions:
    def __init__(self, client: SourceClient, options: Options) -> None:
        self._client, self._options, self._name = client, options, client.name
        place = f"{options.api}/subscriptions"
        self._all, self._new = Operation("GET", place), Operation("POST", place, refusals=REFUSALS)
        self._one = Operation("PATCH", f"{place}('{{subscription}}')", refusals=REFUSALS)

    async def renew(self, call: CallContext, address: str, secret: str) -> dict[str, datetime | SourceError]:
        """Until when each list of each company is told of at `address`; `secret` comes back with each notification.

        Raises where the subscriptions cannot be read; a single one that fails holds its place.
        """
        answer = await self._client.read(call, self._all, decoder=_LIST)
        own = [row for row in map(self._read, answer.content.value) if row.notification_url == address]
        found: dict[str, datetime | SourceError] = {}
        for code, company in self._options.companies.items():
            for entity in TOLD_OF:
                resource = f"{self._options.api}/companies({company.id})/{entity}"
                held = next((row for row in own if _is_of(row, resource)), None)
                body = msgspec.json.encode(payload.NewSubscription(address, resource, secret))
                found[f"{code} {entity}"] = await self._renewed(call, held, body)
        return found

    async def _renewed(
        self, call: CallContext, held: payload.Subscription | None, body: bytes
    ) -> datetime | SourceError:
        try:
            if held is None:
                answer = await self._client.write(call, self._new, decoder=_SUBSCRIPTION, body=body)
            else:
                answer = await self._client.write(
                    call,
                    self._one,
                    decoder=_SUBSCRIPTION,
                    body=body,
                    at={"subscription": held.subscription_id},
                    headers={"If-Match": held.etag or "*"},
                )
        except SourceError as error:
            return error
        return answer.content.expiration_date_time

    def _read(self, raw: msgspec.Raw) -> payload.Subscription:
        row = read_row(self._name, _SUBSCRIPTION, raw)
        if isinstance(row, SourceContractBroken):
            raise row
        return row


def _is_of(row: payload.Subscription, resource: str) -> bool:
    """Resources are told with or without what stands before them."""
    return row.resource.lower().rstrip("/").endswith(resource.lower().lstrip("/"))
