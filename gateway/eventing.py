"""What happens, put together: the bus, the webhooks that feed it, and whatever hangs on it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from gateway.settings import Settings
from gateway.webhooks import Webhooks
from sources.bus import Bus, BusUnavailable, MemoryBus
from sources.letters import LetterFile, LettersUnavailable
from sources.replays import MemoryReplays, Replays
from sources.stream_bus import StreamBus

_log = logging.getLogger("crossdock.events")


class Eventing(NamedTuple):
    bus: Bus
    webhooks: Webhooks
    letters: LetterFile


@asynccontextmanager
async def opened_events(settings: Settings) -> AsyncIterator[Eventing]:
    """Opened in the running loop, closed when the gateway stops."""
    async with AsyncExitStack() as stack:
        bus, replays = await _bus(settings, stack)
        letters = LetterFile(Path(settings.events.letters), limit=settings.events.max_letters)
        stack.push_async_callback(letters.aclose)
        webhooks = Webhooks(settings.webhooks, bus, letters, replays=replays, public_url=settings.public_url)
        await stack.enter_async_context(_running(_replayed(webhooks)))
        yield Eventing(bus, webhooks, letters)


async def _bus(settings: Settings, stack: AsyncExitStack) -> tuple[Bus, Replays]:
    if not settings.events.url:
        return MemoryBus(settings.events.limits()), MemoryReplays()
    shared = await stack.enter_async_context(StreamBus(settings.events.limits()))
    return shared, shared.replays()


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
        task.cancel()
        await asyncio.wait([task])
