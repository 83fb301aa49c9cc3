"""Reading through the cache: what is remembered and still good is answered at once, the rest is asked for once, whoever asks.

`POLICY` says what may be remembered. An entry's stamp is the moment its load began; its age counts from there.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import msgspec

from sources.call import CallContext, Recalled
from sources.channel import Channel
from sources.ending import ended
from sources.flight import Load
from sources.invalidation import ALL, Invalidation, Invalidations
from sources.loads import Loads
from sources.policy import POLICY, Policy
from sources.question import Question
from sources.reading import Reading
from sources.shared import WAIT_SECONDS, SharedTier
from sources.tier import FirstTier

__all__ = ["POLICY", "Cache", "CacheLimits"]

Clock = Callable[[], float]


def steady_clock() -> Clock:
    """The time of day, which machines share, made monotonic within this process."""
    offset = time.time() - time.monotonic()
    return lambda: offset + time.monotonic()


class CacheLimits(msgspec.Struct, frozen=True, kw_only=True):
    """`url`: a Redis that several gateways share; without one, each remembers for itself. `namespace` begins every name in it."""

    max_entries: int = 200_000
    max_bytes: int = 268_435_456
    url: str = ""
    namespace: str = "crossdock"

    def __repr__(self) -> str:
        return f"CacheLimits(max_entries={self.max_entries}, max_bytes={self.max_bytes})"


class Cache:
    """Opened, used and closed inside one running event loop."""

    def __init__(
        self,
        limits: CacheLimits | None = None,
        *,
        policies: Mapping[str, Policy] = POLICY,
        clock: Clock | None = None,
    ) -> None:
        limits = limits or CacheLimits()
        self._policies, self._clock = policies, clock or steady_clock()
        kept = max(policy.kept_seconds for policy in policies.values())
        self.invalidations = Invalidations(kept_seconds=kept)
        self.first = FirstTier(max_entries=limits.max_entries, max_bytes=limits.max_bytes)
        self.shared = SharedTier(limits.url, namespace=limits.namespace) if limits.url else None
        self.loads = Loads(
            self.first, self.shared, invalidations=self.invalidations, policies=policies, clock=self._clock
        )
        self._channel: Channel | None = None
        self._listening: asyncio.Task[None] | None = None
        if self.shared is not None:
            self._channel = Channel(
                self.shared.cache.client,
                self.invalidations,
                namespace=limits.namespace,
                kept_seconds=kept,
                clock=self._clock,
            )

    async def __aenter__(self) -> Self:
        """Waits a moment for Redis, and goes on without it."""
        if self._channel is not None:
            in_step = asyncio.Event()
            self._channel.joined = lambda was_lost: self._in_step(was_lost=was_lost, event=in_step)
            self._channel.lost = self._out_of_step
            self._listening = asyncio.get_running_loop().create_task(self._channel.listen())
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS):
                    await in_step.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.loads.aclose()
        await ended(self._listening)
        if self.shared is not None:
            await self.shared.aclose()

    async def read(self, call: CallContext, question: Question, names: Sequence[str], load: Load) -> dict[Any, Any]:
        """What `load` would find for these names, remembered as far as the fact's policy and the caller's demand allow."""
        policy = self._policies[question.kind.fact]
        if policy.fresh_seconds <= 0:
            found = dict(await load(call, names))
            call.recalled(Recalled(question.source, question.kind.fact, len(names), 0, 0, 0.0, 0.0))
            return found
        reading = Reading(call, question, policy=policy, load=load, now=self._clock())
        bound = reading.bound(self.invalidations.bound(question.kind.fact))
        recollection = self.first.recall(question.prefix, names, bound, into=reading.found)
        reading.recollected(recollection, names)
        if recollection.missing or recollection.doubtful:
            await self.loads.fetch(reading, recollection)
        reading.tell(len(names))
        reading.raise_refusal()
        return reading.found

    def is_scoped(self, fact: str) -> bool:
        """Whether a fact's answers depend on the caller's rights."""
        return self._policies[fact].scoped

    async def invalidate(self, fact: str | None = None, tag: str | None = None) -> None:
        """All that began to be loaded until now: of this fact, or of all; with this tag (item:US:BOLT-M8), or with any.

        Here it holds when this is called; in the other gateways as soon as they hear of it.
        """
        await self.tell(self.declare(fact, tag))

    def declare(self, fact: str | None = None, tag: str | None = None) -> Invalidation:
        """Here, and nowhere else."""
        invalidation = Invalidation(fact or ALL, tag or ALL, self._clock())
        self.invalidations.add(invalidation)
        return invalidation

    async def tell(self, invalidation: Invalidation) -> None:
        """The other gateways."""
        if self._channel is not None:
            await self._channel.tell(invalidation)

    def _in_step(self, *, was_lost: bool, event: asyncio.Event) -> None:
        if was_lost:
            self.first.empty()
        if self.shared is not None:
            self.shared.step_in()
        event.set()

    def _out_of_step(self) -> None:
        if self.shared is not None:
            self.shared.is_in_step = False
