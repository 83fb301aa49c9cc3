"""What happens, put together: the bus, the webhooks that feed it, and whatever hangs on it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from gateway.admission import Seats
from gateway.bookkeeping import Bookkeeping
from gateway.fanout import Fanout
from gateway.intake import Intake
from gateway.moving import Moving
from gateway.operations import Operations
from gateway.outbound import Outbound
from gateway.settings import Settings
from gateway.sockets import Sockets
from gateway.streams import Streams
from gateway.webhooks import Webhooks
from gateway.wiring import Opened
from orders.desk import Desk
from sources.bus import Bus, BusUnavailable, MemoryBus
from sources.dialects import CODES
from sources.ending import ended
from sources.invalidating import Invalidating
from sources.letters import LetterFile, LettersUnavailable
from sources.places import MemoryPlaces, Places
from sources.polling import Polling
from sources.replays import MemoryReplays, Replays
from sources.stream_bus import StreamBus

DRAIN_SECONDS = 2.0

_log = logging.getLogger("crossdock.events")


class Eventing(NamedTuple):
    bus: Bus
    webhooks: Webhooks
    letters: LetterFile
    fanout: Fanout
    sockets: Sockets
    streams: Streams
    polling: Polling | None
    outbound: Outbound
    bookkeeping: Bookkeeping | None

    async def state(self) -> dict[str, Any]:
        """What came, what went, and what did not."""
        bus = await self.bus.state()
        return {
            "bus": bus._asdict(),
            "webhooks": {f"{source}: {outcome}": count for (source, outcome), count in self.webhooks.counts.items()},
            "unmapped": {each.vendor: dict(each.unmapped) for each in CODES if each.unmapped},
            "letters": await self.letters.count(),
            "subscriptions": {
                "streams": len(self.sockets.seats),
                "groups": len(self.fanout),
                "members": self.fanout.members,
                **self.fanout.counts,
            },
            "polling": dict(self.polling.counts) if self.polling is not None else {},
            "figures": self.bookkeeping.state() if self.bookkeeping is not None else {},
            "outbound": {name: dict(courier.counts) for name, courier in self.outbound.couriers.items()},
        }

    async def drained(self) -> None:
        """Before the gateway stops: every client that holds a stream open is told to come back, and has a moment to hear it."""
        self.sockets.drain()
        self.streams.drain()
        until = time.monotonic() + DRAIN_SECONDS
        while (self.sockets.open or self.streams.open) and time.monotonic() < until:  # noqa: ASYNC110 - each ends by itself
            await asyncio.sleep(DRAIN_SECONDS / 100)


@asynccontextmanager
async def opened_events(
    settings: Settings, opened: Opened, intake: Intake, operations: Operations
) -> AsyncIterator[Eventing]:
    """Opened in the running loop, closed when the gateway stops."""
    async with AsyncExitStack() as stack:
        bus, replays, places = await _bus(settings, stack)
        bookkeeping: Bookkeeping | None = None
        if opened.ordering.desk is not None:
            bookkeeping = await stack.enter_async_context(Bookkeeping(opened.ordering.desk, bus, opened.moves))
        if opened.cache is not None:
            await stack.enter_async_context(Invalidating(bus, opened.cache, is_shared=bool(settings.events.url)))
        letters = LetterFile(Path(settings.events.letters), limit=settings.events.max_letters)
        stack.push_async_callback(letters.aclose)
        rates = intake.reception.rates
        webhooks = Webhooks(
            settings.webhooks, bus, letters, replays=replays, rates=rates, public_url=settings.public_url
        )
        outbound = await stack.enter_async_context(Outbound(settings.outbound, bus, places=places, letters=letters))
        polling: Polling | None = None
        if settings.polling.enabled:
            polling = await stack.enter_async_context(Polling(bus, opened.sources, settings.polling.limits()))
        fanout = await stack.enter_async_context(Fanout(bus, operations.event_context, polling))
        chosen = settings.subscriptions
        seats = Seats(in_all=chosen.max_connections, a_caller=chosen.max_connections_per_caller)
        sockets = Sockets(fanout, chosen, intake=intake, operations=operations, seats=seats)
        streams = Streams(fanout, chosen, operations=operations, seats=seats)
        await stack.enter_async_context(_running(_replayed(webhooks)))
        await stack.enter_async_context(_running(_watched(sockets, streams, every=chosen.tick_seconds)))
        if opened.ordering.desk is not None:
            await stack.enter_async_context(_moves_told(opened, opened.ordering.desk, bus))
        yield Eventing(bus, webhooks, letters, fanout, sockets, streams, polling, outbound, bookkeeping)


@asynccontextmanager
async def _moves_told(opened: Opened, desk: Desk, bus: Bus) -> AsyncIterator[None]:
    """Orders that are under way at a shutdown end while the bus is still there to be told."""
    moving = Moving(bus, desk.untold)
    opened.moves.listeners.append(moving.hear)
    try:
        async with _running(moving.tell_for_ever()), _running(moving.settle_for_ever()):
            try:
                yield
            finally:
                await desk.quiet()
                await moving.all_told()
    finally:
        opened.moves.listeners.remove(moving.hear)


async def _watched(sockets: Sockets, streams: Streams, *, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        now = time.monotonic()
        sockets.look(now)
        streams.look(now)


async def _bus(settings: Settings, stack: AsyncExitStack) -> tuple[Bus, Replays, Places]:
    if not settings.events.url:
        return MemoryBus(settings.events.limits()), MemoryReplays(), MemoryPlaces()
    shared = await stack.enter_async_context(StreamBus(settings.events.limits()))
    return shared, shared.replays(), shared.places()


async def _replayed(webhooks: Webhooks) -> None:
    """What an earlier version did not understand this one may."""
    try:
        done = await webhooks.replay()
    except (LettersUnavailable, BusUnavailable) as error:
        _log.warning("letters were not read again: %s", error)
        return
    if done:
        _log.info("letters understood at last: %d", done)


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Beside everything else, until it ends or the gateway does."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield
    finally:
        await ended(task)
