"""Where a system tells what happens: a target, its secret, and how badly it may tell it: twice, out of order, or signed by a stranger."""

import asyncio
import hashlib
import hmac
import random
import time
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec

from sandbox.decoding import decoded

_ATTEMPTS = 3
_PAUSE_SECONDS = 0.2
_TIMEOUT_SECONDS = 5.0
_FOREIGN = "a secret of somebody else's"
_BUSY = 500


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`duplicates`: how often each event is sent again. `shuffle`: what one call tells is sent in any order, the same each time."""

    url: str
    secret: str = ""
    duplicates: int = 0
    shuffle: bool = False
    foreign_secret: bool = False


class Sent(msgspec.Struct, frozen=True, rename="camel"):
    """`status`: what the target answered to the last attempt; 0: nothing."""

    id: str
    type: str
    status: int


class Webhook:
    """One system's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._chance = random.Random(name)
        self.target: Target | None = None

    def aim(self, body: bytes) -> None:
        self.target = decoded(body, Target)
        self._chance = random.Random(self._name)

    def event(self, kind: str, subject: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
        """A CloudEvents 1.0 message with an id of its own."""
        self._count += 1
        return {
            "specversion": "1.0",
            "id": f"{self._name}-{self._count}-{hashlib.sha256(f'{subject}{at}'.encode()).hexdigest()[:8]}",
            "source": f"/{self._name}",
            "type": kind,
            "subject": subject,
            "time": at,
            "datacontenttype": "application/json",
            "data": {key: value for key, value in data.items() if value not in (None, [], ())},
        }

    async def tell(self, events: Sequence[dict[str, Any]]) -> list[Sent]:
        """One after the other; a target that is busy is asked again."""
        target = self.target
        if target is None:
            return []
        sending = [event for event in events for _ in range(target.duplicates + 1)]
        if target.shuffle:
            self._chance.shuffle(sending)
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
            return [Sent(event["id"], event["type"], await _posted(client, target, event)) for event in sending]


async def _posted(client: httpx.AsyncClient, target: Target, event: dict[str, Any]) -> int:
    body = msgspec.json.encode(event)
    status = 0
    for attempt in range(_ATTEMPTS):
        await asyncio.sleep(_PAUSE_SECONDS * attempt)
        try:
            answer = await client.post(target.url, content=body, headers=_signed(body, target))
        except httpx.HTTPError:
            continue
        status = answer.status_code
        if status < _BUSY:
            break
    return status


def _signed(body: bytes, target: Target) -> dict[str, str]:
    secret = _FOREIGN if target.foreign_secret else target.secret
    timestamp = f"{time.time():.6f}"  # every attempt its own: the very same delivery again would be a replay
    digest = hmac.digest(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hex()
    return {
        "Content-Type": "application/cloudevents+json",
        "X-Crossdock-Timestamp": timestamp,
        "X-Crossdock-Signature": f"v1={digest}",
    }
