"""What happens to orders goes into the ledger, beside the bus and never in its way: docs/metrics.md says what comes of it."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Self

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from orders.desk import Desk
from orders.milestones import News, news_of_event, news_of_submission
from orders.moves import SOURCE, Moves
from orders.record import Submission
from sources.bus import Bus
from sources.ending import ended
from sources.events import Event

MAX_WAITING = 10_000
AT_ONCE = 200
PAUSE_SECONDS = 0.5
CLOSE_SECONDS = 2.0
FORGET_SECONDS = 3_600.0

_log = logging.getLogger("crossdock.figures")


class Bookkeeping:
    """Told of what this process puts on the bus and of the submissions that it moves, and writes it down as it comes.

    What the database does not take for the moment waits here; beyond MAX_WAITING what comes is dropped, and counted.
    """

    def __init__(
        self, desk: Desk, bus: Bus, moves: Moves, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._desk, self._bus, self._moves, self._now = desk, bus, moves, now
        self._waiting: deque[News] = deque()
        self._news, self._idle = asyncio.Event(), asyncio.Event()
        self._forgot_at, self._singly = float("-inf"), 0
        self._writer: asyncio.Task[None] | None = None
        self.counts: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self._bus.taken.append(self.hear)
        self._moves.listeners.append(self.hear_submission)
        self._writer = asyncio.get_running_loop().create_task(self._write_for_ever())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What still waits has a moment."""
        self._bus.taken.remove(self.hear)
        self._moves.listeners.remove(self.hear_submission)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.written()
        except TimeoutError:
            _log.warning("figures: %d milestones were not written", len(self._waiting))
        await ended(self._writer)

    def state(self) -> dict[str, int]:
        return {**self.counts, "waiting": len(self._waiting)}

    async def written(self) -> None:
        """Once everything that was heard so far is in the database, or given up."""
        await self._idle.wait()

    def hear(self, event: Event) -> None:
        if event.source == SOURCE:
            return  # its own record tells more of a submission than its events do
        news = news_of_event(event)
        if news is not None:
            self._put([news])

    def hear_submission(self, submission: Submission) -> None:
        self._put(news_of_submission(submission))

    def _put(self, news: Sequence[News]) -> None:
        if not news:
            return
        if len(self._waiting) + len(news) > MAX_WAITING:
            self.counts["dropped"] += len(news)
            return
        self._waiting.extend(news)
        self._idle.clear()
        self._news.set()

    # ------------------------------------------------------------ writing

    async def _write_for_ever(self) -> None:
        await self._catch_up()
        while True:
            await self._forget()
            while self._waiting:
                await self._write()
            self._idle.set()
            await self._news_or_an_hour()

    async def _news_or_an_hour(self) -> None:
        try:
            async with asyncio.timeout(FORGET_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _write(self) -> None:
        """Taken out of what waits once it is written. What the database cannot take at all is looked for one by one, and dropped."""
        news = list(islice(self._waiting, 1 if self._singly else AT_ONCE))
        try:
            await self._desk.ledger.learn(news, self._now())
        except (OperationalError, InterfaceError) as error:
            _log.warning("figures wait: the database does not answer: %s", type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
            return
        except Exception as error:  # noqa: BLE001 - one milestone that nobody can make sense of must not end the books
            if len(news) > 1:
                self._singly = len(news)
                return
            _log.warning("figures: a milestone cannot be kept: %s", type(error).__name__)
            self.counts["unfit"] += 1
        else:
            self.counts["written"] += len(news)
        self._singly = max(0, self._singly - 1)
        for _ in news:
            self._waiting.popleft()

    async def _catch_up(self) -> None:
        """Submissions that ended while nobody wrote it down: a process was killed, or they were there before the ledger was."""
        earlier = ""
        try:
            while (found := await self._desk.unsettled(AT_ONCE)) and found[0].id != earlier:
                earlier = found[0].id
                news = [each for submission in found for each in news_of_submission(submission)]
                await self._desk.ledger.learn(news, self._now())
                self.counts["caught up"] += len(found)
        except SQLAlchemyError as error:
            _log.warning("figures: what ended earlier is not caught up with: %s", type(error).__name__)

    async def _forget(self) -> None:
        at = time.monotonic()
        if at - self._forgot_at < FORGET_SECONDS:
            return
        self._forgot_at = at
        try:
            await self._desk.forget()
        except SQLAlchemyError as error:
            _log.warning("figures: nothing is forgotten for an hour: %s", type(error).__name__)
