"""Submissions that move become events on the bus, in the order in which they moved."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

from orders.record import StepStatus, Submission, SubmissionStatus
from sources.bus import Bus, BusUnavailable
from sources.events import Event, new_event
from sources.happenings import OrderMoved, SubmissionMoved

SOURCE = "/crossdock"
MAX_WAITING = 10_000
PAUSE_SECONDS = 0.5
LAST_SECONDS = 2.0

_log = logging.getLogger("crossdock.events")


class Moving:
    """What the bus does not take for the moment waits here, the newest of it; the submissions themselves are safe in their database."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
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
                await self._told(self._waiting[0])
                self._waiting.popleft()

    async def all_told(self) -> None:
        """Until nothing waits any more; a bus that is away is not waited for."""
        until = asyncio.get_running_loop().time() + LAST_SECONDS
        while self._waiting and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - `tell_for_ever` tells them
            await asyncio.sleep(LAST_SECONDS / 100)
        if self._waiting:
            _log.warning("%d moves of submissions were not told: the bus did not take them", len(self._waiting))

    async def _told(self, event: Event) -> None:
        while True:
            try:
                await self._bus.publish(event)
            except BusUnavailable as error:
                _log.warning("event %s waits: %s", event.key, error.detail)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return


def events_of(submission: Submission, now: datetime) -> Iterator[Event]:
    """That it moved; and, once it is accepted, that the ERP has an order, for whatever hangs on what can be promised."""
    done = sum(step.status is StepStatus.DONE for step in submission.steps)
    status = submission.status.value
    place = f"{submission.reference}/{submission.run}/{done}/{status}"
    customer, number = submission.request.customer, submission.erp_order_number
    moved = SubmissionMoved(
        company=submission.company,
        submission=submission.id,
        status=status,
        customer=customer,
        order=number,
        progress=f"{submission.run}.{done}",
    )
    yield new_event("submission.moved", moved, id=place, source=SOURCE, time=now)
    if submission.status is SubmissionStatus.ACCEPTED and number is not None:
        skus = tuple(dict.fromkeys(line.sku for line in submission.lines))
        accepted = OrderMoved(company=submission.company, order=number, customer=customer, skus=skus)
        yield new_event("order.accepted", accepted, id=f"{place}/order", source=SOURCE, time=now)
