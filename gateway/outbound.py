"""Outbound webhooks: what happened is told to those who are configured, one event after the other, signed, until they have it.

A receiver that cannot be told after all attempts gets a dead letter for that event, which `crossdock letters` sends again; the next event
goes on. With a shared bus one gateway at a time tells a receiver, from where the last one stopped.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Any, Self

import httpx
from redis.exceptions import RedisError

from gateway.event_settings import OutboundSettings
from sources.bus import Bus, BusUnavailable, Placed, UnknownCursor
from sources.ending import ended
from sources.events import Event, encoded
from sources.letters import Letter, Letters, LettersUnavailable
from sources.places import LEASE_SECONDS, Places
from sources.signatures import signed

LETTER_PREFIX = "outbound:"
_RETRY_AFTER_CAP = 3_600.0
_IDLE_SECONDS = LEASE_SECONDS / 3
_FAILURES = (RedisError, OSError, TimeoutError, BusUnavailable, LettersUnavailable)
_log = logging.getLogger("crossdock.events")


async def told(client: httpx.AsyncClient, receiver: OutboundSettings, body: bytes) -> tuple[str, float]:
    """Empty where it was taken; else why not, in few words, and how long to wait at least. Every attempt is signed anew."""
    headers = signed(body, receiver.secret, datetime.now(UTC)) | {"Content-Type": "application/cloudevents+json"}
    try:
        async with asyncio.timeout(receiver.timeout_seconds):
            answer = await client.post(receiver.url, content=body, headers=headers)
    except (httpx.HTTPError, TimeoutError) as error:
        return type(error).__name__, 0.0
    if answer.is_success:
        return "", 0.0
    after = answer.headers.get("retry-after", "")
    seconds = float(after) if after.isascii() and after.isdecimal() and len(after) < len("100000") else 0.0
    return f"status {answer.status_code}", min(seconds, _RETRY_AFTER_CAP)


def wants(receiver: OutboundSettings, event: Event) -> bool:
    if receiver.company and event.data.company != receiver.company:
        return False
    return any(fnmatchcase(event.type, pattern) for pattern in receiver.types)


class Courier:
    """Tells one receiver."""

    def __init__(self, name: str, receiver: OutboundSettings, bus: Bus, *, places: Places, letters: Letters) -> None:
        self._name, self._receiver, self._bus, self._places, self._letters = name, receiver, bus, places, letters
        self._news = asyncio.Event()
        self._first: Placed | None = None
        self.counts: Counter[str] = Counter()

    def hear(self, placed: Placed) -> None:
        self._first = self._first or placed
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
            try:
                while True:
                    try:
                        await self._tell_news(client)
                    except _FAILURES as error:
                        _log.warning("outbound %s waits: %s", self._name, type(error).__name__)
                        await asyncio.sleep(_IDLE_SECONDS)
                    except Exception:  # noqa: BLE001 - one event that goes wrong does not end the telling of all
                        _log.exception("outbound %s failed", self._name)
                        await asyncio.sleep(_IDLE_SECONDS)
            finally:
                with suppress(*_FAILURES):
                    async with asyncio.timeout(1):
                        await self._places.release(self._name)

    async def _tell_news(self, client: httpx.AsyncClient) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._news.wait()
        if not await self._places.hold(self._name):
            await asyncio.sleep(_IDLE_SECONDS)  # the news stays news, for the day that the other one tells no more
            return
        self._news.clear()
        for placed in await self._missed():
            if wants(self._receiver, placed.event):
                await self._deliver(client, placed.event)
            await self._places.put(self._name, placed.cursor)
            if not await self._places.hold(self._name):
                return

    async def _missed(self) -> list[Placed]:
        """What followed the last that was told; the very first time, what was heard since the start."""
        cursor = await self._places.at(self._name)
        if cursor is None:
            return (await self._bus.since(self._first.cursor, inclusive=True)).events if self._first is not None else []
        try:
            past = await self._bus.since(cursor)
        except UnknownCursor:  # of a bus that is configured no longer
            past = await self._bus.since("none.0")
        if past.gap:
            self.counts["gap"] += 1
            _log.warning("outbound %s: events that it was not told of are no longer kept", self._name)
        return past.events

    async def _deliver(self, client: httpx.AsyncClient, event: Event) -> None:
        body, receiver = encoded(event), self._receiver
        why = ""
        for attempt in range(receiver.attempts):
            why, after = await told(client, receiver, body)
            if not why:
                self.counts["told"] += 1
                return
            self.counts["failed"] += 1
            if attempt + 1 < receiver.attempts:
                await self._pause(attempt, after)
        await self._letters.keep(
            Letter(source=f"{LETTER_PREFIX}{self._name}", reason=why, received=datetime.now(UTC), body=body)
        )
        self.counts["dead letters"] += 1
        _log.warning("outbound %s: %s could not be told (%s); kept as a letter", self._name, event.type, why)

    async def _pause(self, attempt: int, at_least: float) -> None:
        """Full jitter; the lease is renewed while it waits."""
        receiver = self._receiver
        longest = min(receiver.cap_seconds, receiver.base_seconds * 2**attempt)
        left = max(at_least, longest * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret
        while left > 0:
            await asyncio.sleep(min(left, _IDLE_SECONDS))
            left -= _IDLE_SECONDS
            await self._places.hold(self._name)


class Outbound:
    """All the couriers of this process."""

    def __init__(
        self, receivers: Mapping[str, OutboundSettings], bus: Bus, *, places: Places, letters: Letters
    ) -> None:
        self._bus = bus
        self.couriers = {
            name: Courier(name, receiver, bus, places=places, letters=letters) for name, receiver in receivers.items()
        }
        self._tasks: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> Self:
        for courier in self.couriers.values():
            self._bus.listeners.append(courier.hear)
            self._tasks.append(asyncio.get_running_loop().create_task(courier.run()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for courier in self.couriers.values():
            self._bus.listeners.remove(courier.hear)
        await ended(*self._tasks)
