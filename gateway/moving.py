"""Submissions that move become events on the bus, in the order in which they moved."""

import asyncio
import logging
from collections import deque
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from orders.moves import events_of
from orders.record import Submission
from orders.untold import Untold
from sources.bus import Bus, BusUnavailable
from sources.events import Event

MAX_WAITING = 10_000
PAUSE_SECONDS = 0.5
SETTLE_SECONDS = 1.0
LAST_SECONDS = 2.0

_log = logging.getLogger("crossdock.events")


class Moving:
    """What the bus does not take for the moment waits here, the newest of it; all of it is written down with the submissions.

    What was told is forgotten there once a second. What a dead process left behind is told, too: the bus knows what it has by its id.
    """

    def __init__(self, bus: Bus, untold: Untold) -> None:
        self._bus, self._untold = bus, untold
        self._told: list[str] = []
        self._waiting: deque[Event] = deque(maxlen=MAX_WAITING)
        self._news = asyncio.Event()

    def hear(self, submission: Submission) -> None:
        self._waiting.extend(events_of(submission, datetime.now(UTC)))
        self._news.set()

    async def tell_for_ever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._published(self._waiting[0])
                self._told.append(self._waiting.popleft().id)

    async def all_told(self) -> None:
        """Until nothing waits any more; a bus that is away is not waited for."""
        until = asyncio.get_running_loop().time() + LAST_SECONDS
        while self._waiting and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - `tell_for_ever` tells them
            await asyncio.sleep(LAST_SECONDS / 100)
        if self._waiting:
            _log.warning("%d moves of submissions are left to be told: the bus did not take them", len(self._waiting))
        try:
            await self._forget()
        except SQLAlchemyError:
            _log.warning("what was told last of submissions is told again: it could not be noted")

    async def settle_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            try:
                await self._forget()
                if not self._waiting:
                    await self._take_up()
            except SQLAlchemyError as error:
                _log.warning("what was told of submissions cannot be noted: %s", type(error).__name__)

    async def _forget(self) -> None:
        told = list(self._told)
        if told:
            await self._untold.forget(told)
            del self._told[: len(told)]

    async def _take_up(self) -> None:
        """What others left behind when they died."""
        if events := await self._untold.left_behind():
            _log.warning("%d moves of submissions are told for processes that have ended", len(events))
            self._waiting.extend(events)
            self._news.set()

    async def _published(self, event: Event) -> None:
        while True:
            try:
                await self._bus.publish(event)
            except BusUnavailable as error:
                _log.warning("event %s waits: %s", event.key, error.detail)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return
