"""One subscriber's own way through the events: what it missed first, then what comes. For Strawberry's execution of a subscription.

The gateway tells many subscribers at once by other means (gateway/fanout.py); what is told, and in which order, is the same.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from typing import NamedTuple

from resolvers.context import Context
from resolvers.telling import Telling, is_permitted, tellings
from sources.bus import Placed
from sources.wanted import Wanted

MAX_WAITING = 1_000


class Watch(NamedTuple):
    """What a subscription wants; `cursor` and `part`: behind which event, and which part of it, it goes on."""

    wanted: Wanted
    cursor: str | None = None
    part: int = 0


def unseen(parts: Iterable[Telling], watch: Watch, *, cursor: str) -> list[Telling]:
    """Those behind the part that was told last, where it is this very event that was told in part."""
    return [each for each in parts if not watch.part or cursor != watch.cursor or not 0 < each.part <= watch.part]


async def followed(context: Context, watch: Watch) -> AsyncGenerator[Telling, None]:
    bus = context.bus
    if bus is None:
        return
    waiting: deque[Placed] = deque()
    gap, last = False, 0
    news = asyncio.Event()

    def hear(placed: Placed) -> None:
        nonlocal gap
        if watch.wanted.holds(placed.event):
            if len(waiting) >= MAX_WAITING:
                waiting.popleft()
                gap = True
            waiting.append(placed)
            news.set()

    bus.listeners.append(hear)
    try:
        if watch.cursor is not None:
            past = await bus.since(watch.cursor, inclusive=bool(watch.part))
            waiting.extendleft(reversed([each for each in past.events if watch.wanted.holds(each.event)]))
            gap = gap or past.gap
        while True:
            while waiting:
                placed = waiting.popleft()
                if placed.place <= last or not await is_permitted(placed, watch.wanted, context):
                    continue
                last = placed.place
                for telling in unseen(tellings(placed, watch.wanted, gap=gap), watch, cursor=placed.cursor):
                    yield telling
                gap = False
            news.clear()
            await news.wait()
    finally:
        bus.listeners.remove(hear)
