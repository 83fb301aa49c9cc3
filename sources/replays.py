"""Deliveries that were had before: remembered as long as their timestamp would let them pass again."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

MAX_REMEMBERED = 100_000


class Replays(Protocol):
    async def first(self, name: str, seconds: float) -> bool:
        """Whether it is the first with this name; from now on it is not."""
        ...

    async def forget(self, name: str) -> None:
        """It was not taken in after all: it may come again."""
        ...


class MemoryReplays:
    """In this process. Beyond the bound nothing new is admitted until something has run out: memory is never bought with trust."""

    def __init__(self, *, limit: int = MAX_REMEMBERED, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._until: OrderedDict[str, float] = OrderedDict()

    async def first(self, name: str, seconds: float) -> bool:
        now = self._clock()
        while self._until and next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)
        if self._until.get(name, now) > now or len(self._until) >= self._limit:
            return False
        self._until[name] = now + seconds
        return True

    async def forget(self, name: str) -> None:
        self._until.pop(name, None)


class SharedReplays:
    """In Redis, for all gateways. What Redis does not answer, its caller must not take in."""

    def __init__(self, redis: Any, namespace: str) -> None:
        self._redis, self._space = redis, f"{namespace}:replay:"

    async def first(self, name: str, seconds: float) -> bool:
        return bool(await self._redis.set(self._space + name, 1, nx=True, px=max(1, round(seconds * 1000))))

    async def forget(self, name: str) -> None:
        await self._redis.delete(self._space + name)
