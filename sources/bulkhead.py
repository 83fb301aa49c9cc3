"""The bulkhead: how many calls to a source are on their way at once, how many may wait for that, and how many start a second."""

import asyncio
from collections import deque
from typing import Annotated

import msgspec
from aiolimiter import AsyncLimiter


class BulkheadSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`max_queued` calls wait at most `max_wait_seconds` for a place among `max_in_flight`, and for their turn.

    `per_second`: how many calls start a second, 0 for no limit; `burst`: how many may start at once after a rest.
    """

    max_in_flight: Annotated[int, msgspec.Meta(ge=1)] = 64
    max_queued: Annotated[int, msgspec.Meta(ge=0)] = 64
    max_wait_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    per_second: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    burst: Annotated[int, msgspec.Meta(ge=1)] = 1


class Full(Exception):
    """There is no place for the call, and none to wait in."""


class Bulkhead:
    """Belongs to one running event loop. Whoever has entered must leave, whatever happened."""

    def __init__(self, settings: BulkheadSettings) -> None:
        self._settings = settings
        self._max_in_flight = settings.max_in_flight
        self._waiting: deque[asyncio.Future[None]] = deque()
        rate = settings.per_second
        self._limiter = AsyncLimiter(settings.burst, settings.burst / rate) if rate else None
        self.in_flight = 0
        self.queued = 0

    def enters_at_once(self) -> bool:
        """Take a place if one is free and nobody waits: the way of nearly every call, without a wait of its own."""
        if self._waiting or self.in_flight >= self._max_in_flight or self._limiter is not None:
            return False
        self.in_flight += 1
        return True

    async def enter(self, remaining_seconds: float) -> None:
        """Raises Full, or TimeoutError where the caller's own time ran out first."""
        if self.queued >= self._settings.max_queued and not self._is_free():
            raise Full("too many wait already")
        patience = self._settings.max_wait_seconds
        self.queued += 1
        try:
            async with asyncio.timeout(min(patience, remaining_seconds)):
                await self._place()
                await self._turn()
        except TimeoutError:
            if remaining_seconds < patience:
                raise
            raise Full("no place came free in time") from None
        finally:
            self.queued -= 1

    def leave(self) -> None:
        self.in_flight -= 1
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)
                return

    def _is_free(self) -> bool:
        """A call that need not wait is no burden on the queue."""
        return not self._waiting and self.in_flight < self._max_in_flight and self._has_turn()

    def _has_turn(self) -> bool:
        return self._limiter is None or self._limiter.has_capacity()

    async def _place(self) -> None:
        if self.in_flight < self._max_in_flight and not self._waiting:
            self.in_flight += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # it was given a place in the very moment that it gave up
            place.cancel()
            raise

    async def _turn(self) -> None:
        """After the place: calls that wait for a place with their turn taken would all start at once later."""
        if self._limiter is None:
            return
        try:
            await self._limiter.acquire()
        except asyncio.CancelledError:
            self.leave()
            raise
