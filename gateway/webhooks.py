"""POST /webhooks/{source}: verified before it is looked at, on the bus before it is answered, and never lost in between."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from gateway.body import Refused
from gateway.event_settings import WebhookSettings
from gateway.rates import Rates
from sources.bus import Bus, BusUnavailable
from sources.delivery import Delivery, NotUnderstood, Reading
from sources.dialects import DIALECTS
from sources.letters import Letter, Letters, LettersUnavailable
from sources.replays import Replays
from sources.signatures import SCHEMES, Unverified

BODY_SECONDS = 10.0
MAX_TOKEN = 512
_KEPT_HEADER = "x-shiphero-message-id"
_log = logging.getLogger("crossdock.webhooks")


class _Refused(Exception):
    def __init__(self, status: int, outcome: str, message: str) -> None:
        super().__init__(message)
        self.status, self.outcome = status, outcome


class Webhooks:
    """Made when the gateway starts. `counts` says how often each source's deliveries came to which end."""

    def __init__(
        self,
        senders: Mapping[str, WebhookSettings],
        bus: Bus,
        letters: Letters,
        *,
        replays: Replays,
        rates: Rates,
        public_url: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._senders, self._bus, self._letters, self._replays = senders, bus, letters, replays
        self._rates = rates
        self._public_url, self._clock = public_url.rstrip("/"), clock
        self.counts: Counter[tuple[str, str]] = Counter()

    async def handle(self, request: Request) -> Response:
        name = request.path_params["source"]
        sender = self._senders.get(name)
        if sender is None:
            return _answer(404, {"error": "There is no such webhook."})
        try:
            return await self._taken(request, name, sender)
        except _Refused as refused:
            self._count(name, refused.outcome)
            return _answer(refused.status, {"error": str(refused)})
        except Refused as refused:
            self._count(name, "too many")
            return _answer(refused.status, {"error": str(refused)}, refused.headers)

    async def _taken(self, request: Request, name: str, sender: WebhookSettings) -> Response:
        shaken = _handshake(request, sender)
        if shaken is not None:
            self._count(name, "handshake")
            return shaken
        body = await _body(request, sender.max_body_bytes)
        delivery = Delivery(
            source=name,
            body=body,
            received=self._clock(),
            method=request.method,
            url=self._url(request),
            headers={key.lower(): value for key, value in request.headers.items()},
            company=sender.company or None,
        )
        try:
            once = SCHEMES[sender.scheme](delivery, sender.checking())
        except Unverified as refused:
            raise _Refused(401, refused.reason, "The delivery cannot be verified.") from None
        # Only now: a stranger's deliveries must not use up what its source may send.
        await self._rates.take("webhooks", name)
        if once is None:
            return _answer(200, await self._publish(delivery, sender))
        return await self._publish_once(delivery, sender, f"{name}:{once}")

    async def _publish_once(self, delivery: Delivery, sender: WebhookSettings, name: str) -> Response:
        """What does not reach the bus may come again under the same signature."""
        try:
            is_first = await self._replays.first(name, sender.tolerance_seconds * 2)
        except (RedisError, OSError, TimeoutError):
            raise _unavailable() from None
        if not is_first:
            raise _Refused(401, "replay", "The delivery cannot be verified.")
        try:
            return _answer(200, await self._publish(delivery, sender))
        except BaseException:
            try:
                await self._replays.forget(name)
            except (RedisError, OSError, TimeoutError):
                _log.warning("webhook source=%s: a delivery that failed will be taken for a replay", delivery.source)
            raise

    async def _publish(self, delivery: Delivery, sender: WebhookSettings) -> dict[str, Any]:
        try:
            reading = DIALECTS[sender.dialect].read(delivery)
        except NotUnderstood as refused:
            reading = Reading([], left=str(refused))
        published = await self._put(reading)
        if reading.left is not None:
            await self._keep(delivery, reading.left)
        self._count(delivery.source, "not understood" if reading.left else "taken")
        told = {"published": published, "duplicates": len(reading.events) - published, "ignored": reading.ignored}
        return told | ({"kept": reading.left} if reading.left else {})

    async def _put(self, reading: Reading) -> int:
        published = 0
        try:
            for event in reading.events:
                published += await self._bus.publish(event) is not None
        except BusUnavailable:
            raise _unavailable() from None
        return published

    async def _keep(self, delivery: Delivery, reason: str) -> None:
        letter = Letter(
            source=delivery.source,
            reason=reason,
            received=delivery.received,
            body=delivery.body,
            message_id=delivery.headers.get(_KEPT_HEADER, ""),
        )
        try:
            number = await self._letters.keep(letter)
        except LettersUnavailable as full:
            _log.error("webhook source=%s: %s; its sender must keep the delivery", delivery.source, full)
            raise _unavailable() from None
        _log.warning("webhook source=%s not understood: %s; kept as letter %d", delivery.source, reason, number)

    async def replay(self) -> int:
        """Read again what was kept: a newer version may understand it. How many are done with."""
        done = 0
        for letter in await self._letters.all():
            sender = self._senders.get(letter.source)
            if sender is None:
                continue
            headers = {_KEPT_HEADER: letter.message_id} if letter.message_id else {}
            delivery = Delivery(
                source=letter.source,
                body=letter.body,
                received=letter.received,
                headers=headers,
                company=sender.company or None,
            )
            try:
                reading = DIALECTS[sender.dialect].read(delivery)
            except NotUnderstood as refused:
                reading = Reading([], left=str(refused))
            for event in reading.events:
                await self._bus.publish(event)
            if reading.left is None:
                done += await self._letters.drop(letter.number)
            else:
                await self._letters.tried(letter.number, reading.left)
        return done

    def _url(self, request: Request) -> str:
        query = request.url.query
        root = self._public_url or f"{request.url.scheme}://{request.url.netloc}"
        path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1")
        return f"{root}{path}{'?' + query if query else ''}"

    def _count(self, source: str, outcome: str) -> None:
        self.counts[source, outcome] += 1
        if outcome != "taken":
            _log.info("webhook", extra={"source": source, "outcome": outcome})


def _unavailable() -> _Refused:
    return _Refused(503, "unavailable", "The delivery could not be taken in: send it again.")


def _handshake(request: Request, sender: WebhookSettings) -> Response | None:
    """A subscription is made only if its token is echoed: as plain text, so that it can be nothing else."""
    parameter = DIALECTS[sender.dialect].handshake
    token = request.query_params.get(parameter, "") if parameter else ""
    if not token or len(token) > MAX_TOKEN:
        return None
    return PlainTextResponse(token, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"})


async def _body(request: Request, limit: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    raise _Refused(413, "too large", f"The body is larger than {limit} bytes.")
    except TimeoutError:
        raise _Refused(408, "too slow", f"The body took longer than {BODY_SECONDS:.0f} seconds.") from None
    except (ClientDisconnect, HTTPException):
        raise _Refused(400, "gone", "The body did not come whole.") from None
    return bytes(body)


def _answer(status: int, body: dict[str, Any], more: Mapping[str, str] | None = None) -> Response:
    headers = {"Cache-Control": "no-store", **({"Retry-After": "1"} if status == 503 else {}), **(more or {})}  # noqa: PLR2004 - Service Unavailable
    return Response(orjson.dumps(body), status, headers, "application/json")
