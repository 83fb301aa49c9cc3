"""How gateways tell one another what has become invalid: a channel for those who listen, a sorted set for those who come later."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError

from sources.invalidation import MAX_INVALIDATIONS, Invalidation, Invalidations

HEARTBEAT_SECONDS = 1.0
_PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.25, 2.0
_SAME_SECONDS = 1.0


class _Message(msgspec.Struct, array_like=True):
    origin: str
    fact: str
    tag: str
    at: float


_MESSAGE = msgspec.json.Decoder(_Message)
_MEMBER = msgspec.json.Decoder(tuple[str, str])
_ENCODER = msgspec.json.Encoder()


class Channel:
    """`joined` and `lost` are told when what others declare can, and can no longer, be heard. `joined` hears whether it was lost before."""

    def __init__(
        self,
        redis: Redis,
        invalidations: Invalidations,
        *,
        namespace: str,
        kept_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._redis, self._invalidations, self._clock = redis, invalidations, clock
        self._set, self._name = f"{namespace}:invalidations", f"{namespace}:invalidated"
        self._kept_seconds = kept_seconds
        self._origin = secrets.token_hex(8)
        self._unsent: dict[tuple[str, str], Invalidation] = {}
        self._was_lost = False
        self.joined: Callable[[bool], None] = lambda _: None
        self.lost: Callable[[], None] = lambda: None

    async def tell(self, invalidation: Invalidation) -> None:
        """Tell the others, now if possible, else once they can be reached again."""
        self._unsent[invalidation.fact, invalidation.tag] = invalidation
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._send()

    async def listen(self) -> None:
        """Until cancelled. A channel that is lost is joined again."""
        pause = _PAUSE_SECONDS
        while True:
            try:
                await self._hear()
            except (RedisError, OSError, TimeoutError):
                pause = _PAUSE_SECONDS if not self._was_lost else min(pause * 2, _LONGEST_PAUSE_SECONDS)
                self._was_lost = True
                self.lost()
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret

    async def _hear(self) -> None:
        async with self._redis.pubsub() as channel:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await channel.subscribe(self._name)
                await self._catch_up()
            self.joined(self._was_lost)
            self._was_lost = False
            is_answered = True
            while True:
                message = await channel.get_message(timeout=HEARTBEAT_SECONDS)
                if message is not None:
                    is_answered = True
                    self._heard(message)
                    continue
                if not is_answered:
                    raise ConnectionLost("the channel fell silent")
                is_answered = False
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await channel.ping()
                    await self._send()

    def _heard(self, message: dict[str, Any]) -> None:
        if message["type"] != "message":
            return
        try:
            told = _MESSAGE.decode(message["data"])
        except msgspec.DecodeError:
            return
        if told.origin != self._origin:
            # By this clock, too, all that has begun until now is dead: clocks of two machines differ.
            self._invalidations.add(Invalidation(told.fact, told.tag, max(told.at, self._clock())))

    async def _catch_up(self) -> None:
        rows: Any = await self._redis.zrange(self._set, 0, MAX_INVALIDATIONS, desc=True, withscores=True)
        known: dict[tuple[str, str], float] = {_MEMBER.decode(member): at for member, at in rows}
        for (fact, tag), at in known.items():
            self._invalidations.add(Invalidation(fact, tag, at))
        if len(rows) > MAX_INVALIDATIONS:
            self._invalidations.raise_floor(rows[-1][1])
        for each in self._invalidations.all():
            if known.get((each.fact, each.tag), float("-inf")) < each.at - _SAME_SECONDS:
                self._unsent[each.fact, each.tag] = each
        await self._send()

    async def _send(self) -> None:
        if not self._unsent:
            return
        sending = dict(self._unsent)
        async with self._redis.pipeline(transaction=True) as pipe:
            for each in sending.values():
                pipe.execute_command("ZADD", self._set, "GT", each.at, _ENCODER.encode((each.fact, each.tag)))
                pipe.execute_command("PUBLISH", self._name, _ENCODER.encode((self._origin, *each)))
            pipe.execute_command("ZREMRANGEBYSCORE", self._set, "-inf", self._clock() - self._kept_seconds)
            await pipe.execute()
        for at, each in sending.items():
            if self._unsent.get(at) is each:
                del self._unsent[at]
