"""How often and how much each caller may ask: token buckets, in this process or in a Redis that several gateways share.

A bucket fills evenly, `per_minute` tokens a minute up to `burst`, and every request takes its own: one of `requests`, its cost of `cost`.
While Redis does not answer each process counts for itself: a caller may then have as much again from each of them.
"""

import asyncio
import logging
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.body import Audited, Refused

MAX_BUCKETS: Final = 100_000
MAX_CONNECTIONS: Final = 16
REDIS_SECONDS: Final = 0.1
PAUSE_SECONDS: Final = 1.0
"""So long Redis is left alone once it has not answered."""

_log = logging.getLogger("crossdock.rates")


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    per_minute: Annotated[float, msgspec.Meta(gt=0)]
    burst: Annotated[float, msgspec.Meta(ge=1)]

    @property
    def per_second(self) -> float:
        return self.per_minute / 60


class RateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`webhooks` is apart, so that neither sources that push nor callers who ask can use up the other's."""

    enabled: Literal["production", "on", "off"] = "production"
    url: str = ""
    namespace: str = "crossdock"
    requests: Rate = Rate(600, 120)
    cost: Rate = Rate(500_000, 200_000)
    webhooks: Rate = Rate(60_000, 5_000)

    def __post_init__(self) -> None:
        if self.url and not self.url.startswith(("redis://", "rediss://")):
            raise ValueError("`url` must begin with redis:// or rediss://")

    def __repr__(self) -> str:
        return f"RateSettings(enabled={self.enabled!r})"


class Taken(NamedTuple):
    """What became of taking tokens: how many are left, how long until the bucket is full, and until it would have enough."""

    is_allowed: bool
    remaining: float
    full_seconds: float
    wait_seconds: float


class Store:
    """Buckets in this process; those that nobody has used for longest go first, for they are full again anyway."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, max_buckets: int = MAX_BUCKETS) -> None:
        self._clock, self._max_buckets = clock, max_buckets
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, name: str, amount: float, rate: Rate) -> Taken:
        now = self._clock()
        level, at = self._levels.get(name, (rate.burst, now))
        level = min(rate.burst, level + (now - at) * rate.per_second)
        is_allowed = level >= amount
        if is_allowed:
            level -= amount
        self._levels[name] = level, now
        self._levels.move_to_end(name)
        if len(self._levels) > self._max_buckets:
            self._levels.popitem(last=False)
        return _taken(level, amount, rate, is_allowed=is_allowed)


def _taken(level: float, amount: float, rate: Rate, *, is_allowed: bool) -> Taken:
    missing = 0.0 if is_allowed else amount - level
    return Taken(is_allowed, level, (rate.burst - level) / rate.per_second, missing / rate.per_second)


_TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local burst, per_second, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(known[1]) or burst, tonumber(known[2]) or now
level = math.min(burst, level + math.max(0, now - at) * per_second)
local allowed = level >= amount
if allowed then level = level - amount end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / per_second) + 1)
return {allowed and 1 or 0, string.format('%.6f', level)}
"""


class SharedStore:
    """The same in Redis, by Redis's own clock. Over a few connections: redis-py keeps each it has opened, and refuses the 101st."""

    def __init__(
        self, url: str, *, namespace: str, pause_seconds: float = PAUSE_SECONDS, wait_seconds: float = REDIS_SECONDS
    ) -> None:
        self._client: Redis = Redis.from_url(
            url, socket_timeout=wait_seconds, socket_connect_timeout=wait_seconds, retry=Retry(NoBackoff(), 0)
        )
        self._pause_seconds, self._wait_seconds = pause_seconds, wait_seconds
        self._script: Any = self._client.register_script(_TAKE)
        self._namespace = namespace
        self._own = Store()
        self._left_alone_until = float("-inf")
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)

    async def take(self, name: str, amount: float, rate: Rate) -> Taken:
        async with self._places:  # none is held for longer than Redis is waited for
            if time.monotonic() >= self._left_alone_until:
                try:
                    return await self._taken(name, amount, rate)
                except (RedisError, OSError, TimeoutError) as error:
                    _log.warning("rates are counted here only, Redis does not answer: %s", type(error).__name__)
                    self._left_alone_until = time.monotonic() + self._pause_seconds
        return await self._own.take(name, amount, rate)

    async def _taken(self, name: str, amount: float, rate: Rate) -> Taken:
        async with asyncio.timeout(2 * self._wait_seconds):
            allowed, level = await self._script(
                keys=[f"{self._namespace}:rate:{name}"], args=[rate.burst, rate.per_second, amount]
            )
        return _taken(float(level), amount, rate, is_allowed=allowed == 1)

    async def aclose(self) -> None:
        await self._client.aclose()


class Rates:
    """What callers may take; where rates are off, everything, and nothing is told of it."""

    def __init__(self, settings: RateSettings, store: Store | SharedStore | None) -> None:
        self._settings, self._store = settings, store

    async def take(self, bucket: Literal["requests", "cost", "webhooks"], caller: str, amount: float = 1) -> "Told":
        """Raises Refused (429) where the caller must wait. What is larger than a whole bucket takes all of it."""
        if self._store is None:
            return NOTHING_TOLD
        rate: Rate = getattr(self._settings, bucket)
        taken = await self._store.take(f"{bucket}:{caller}", min(amount, rate.burst), rate)
        told = Told({bucket: (rate, taken)})
        if not taken.is_allowed:
            wait = math.ceil(taken.wait_seconds)
            raise Refused(
                f"Too much was asked for the moment ({bucket}): try again in {wait} seconds.",
                429,
                code="RATE_LIMITED",
                headers={**told.headers(), "Retry-After": str(wait)},
                more={"retryable": True, "retryAfterSeconds": wait},
                audited=Audited(caller, f"rate of {bucket}"),
            )
        return told


class Told:
    """The buckets that a request took from, as headers tell it: `RateLimit` and `RateLimit-Policy`."""

    def __init__(self, buckets: Mapping[str, tuple[Rate, Taken]]) -> None:
        self._buckets = buckets

    def __or__(self, other: "Told") -> "Told":
        return Told({**self._buckets, **other._buckets})

    def headers(self) -> dict[str, str]:
        if not self._buckets:
            return {}
        rows = self._buckets.items()
        policy = [_policy(name, rate) for name, (rate, _) in rows]
        left = [f'"{name}";r={_whole(each.remaining)};t={math.ceil(each.full_seconds)}' for name, (_, each) in rows]
        return {"RateLimit-Policy": ", ".join(policy), "RateLimit": ", ".join(left)}


NOTHING_TOLD = Told({})


@lru_cache(maxsize=16)
def _policy(name: str, rate: Rate) -> str:
    """The same with every answer, of the few rates that there are."""
    return f'"{name}";q={_whole(rate.burst)};w={math.ceil(rate.burst / rate.per_second)}'


def _whole(amount: float) -> int:
    return max(0, math.floor(amount))


@asynccontextmanager
async def opened_rates(settings: RateSettings, *, is_production: bool) -> AsyncIterator[Rates]:
    is_on = is_production if settings.enabled == "production" else settings.enabled == "on"
    if not is_on or not settings.url:
        yield Rates(settings, Store() if is_on else None)
        return
    shared = SharedStore(settings.url, namespace=settings.namespace)
    try:
        yield Rates(settings, shared)
    finally:
        await shared.aclose()
