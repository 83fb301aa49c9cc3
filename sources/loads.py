"""Everything that is being loaded: one flight a question, refreshes behind the callers' backs, and the way through the shared tier."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from sources.call import CallContext, Deadline
from sources.ending import ended
from sources.entry import UNNAMED, Entry
from sources.errors import SourceError, SourceRateLimited, SourceUnavailable, kept
from sources.flight import Flight, landed
from sources.invalidation import Invalidations
from sources.policy import Policy
from sources.reading import Reading
from sources.shared import Named, SharedTier
from sources.tier import FirstTier, Recollection

FLIGHT_SECONDS = 5.0
"""A flight belongs to all who wait for it, so it is given this long even where the first of them has less left."""

LEASE_SECONDS = 2.0
"""How long one gateway may keep the others waiting for a load; they wait no longer than half of what their operation has left."""

MAX_REFRESHES, MAX_WRITES = 32, 64
"""Beyond these, a stale fact is not refreshed, and a loaded one is not shared."""

_LOOK_AGAIN_SECONDS = (0.01, 0.03)

OUTAGE = (SourceUnavailable, SourceRateLimited)
"""What a fact past its policy may stand in for."""


class Loads:
    """Owns its tasks: they are cancelled and awaited when it is closed, and by nobody else."""

    def __init__(
        self,
        first: FirstTier,
        shared: SharedTier | None,
        *,
        invalidations: Invalidations,
        policies: Mapping[str, Policy],
        clock: Callable[[], float],
    ) -> None:
        self._first, self._shared, self._invalidations, self._clock = first, shared, invalidations, clock
        self._policies = policies
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._lookups: dict[tuple[str, ...], asyncio.Future[list[Entry[Any] | None] | None]] = {}
        self._refreshes = self._writes = self._waiting = 0

    @property
    def is_waiting(self) -> bool:
        """Whether another gateway's load is being waited for."""
        return self._waiting > 0

    async def fetch(self, reading: Reading, recollection: Recollection) -> None:
        """Answer what the first tier did not answer at once."""
        wanted = recollection.missing
        if recollection.doubtful:
            wanted += self._remembered(reading, recollection.doubtful)
        is_direct = reading.is_direct
        if wanted and self._shared is not None and self._shared.ready and not is_direct:
            wanted = await self._recalled(self._shared, reading, wanted)
        while wanted:
            remaining = reading.call.deadline.remaining_seconds()
            if remaining <= 0:
                boarded = dict.fromkeys(wanted, _nowhere(reading))
            else:
                boarded = self._board(reading, wanted, is_direct=is_direct)
                await landed(dict.fromkeys(boarded.values()), within=remaining)
            wanted = [name for name, flight in boarded.items() if not self._settled(reading, name, flight)]
            is_direct = True

    def _remembered(self, reading: Reading, doubtful: Sequence[str]) -> list[str]:
        """Take what is valid after all, and what may be served stale while it is read anew. The rest is wanted."""
        wanted: list[str] = []
        aging: list[str] = []
        for name in doubtful:
            entry = self._first.entry(reading.question.prefix + name)
            if entry is None or not self._is_valid(reading, name, entry):
                wanted.append(name)
            elif reading.is_fresh(entry):
                entry.checked = reading.now
                reading.take(entry)
            elif reading.policy.stale_on == "refresh" and reading.may_take_stale(entry):
                reading.take_stale(entry)
                aging.append(name)
            else:
                wanted.append(name)
        self._refresh(reading, aging)
        return wanted

    def _is_valid(self, asker: Reading | Flight, name: str, entry: Entry[Any]) -> bool:
        question = asker.question
        return entry.stamp > self._invalidations.since(question.kind.fact, question.tags(name, entry.rows))

    def _settled(self, reading: Reading, name: str, flight: Flight) -> bool:
        """Whether the flight's outcome is an answer to this reading."""
        if flight.failure is not None:
            raise flight.failure
        outcome = flight.outcome(name)
        if isinstance(outcome, SourceError):
            entry = self._first.entry(reading.question.prefix + name)
            if (
                isinstance(outcome, OUTAGE)
                and entry is not None
                and reading.may_take_stale(entry)
                and self._is_valid(reading, name, entry)
            ):
                reading.take_stale(entry)
            else:
                reading.fail(name, outcome, whole=outcome is flight.refusal)
            return True
        if reading.began_since(outcome) or reading.is_fresh(outcome):
            reading.take(outcome)
            return True
        if reading.may_take_stale(outcome):
            reading.take_stale(outcome)
            return True
        return False

    # ------------------------------------------------------------ flights

    def _board(self, reading: Reading, names: Iterable[str], *, is_direct: bool) -> dict[str, Flight]:
        """Join what is under way and began late enough; the rest leaves in a flight of its own."""
        boarded: dict[str, Flight] = {}
        own: list[str] = []
        for name in dict.fromkeys(names):
            flight = self._flights.get(reading.question.prefix + name)
            if flight is None or is_direct or not self._may_join(reading, name, flight):
                own.append(name)
            else:
                boarded[name] = flight
        if own:
            flight = Flight(self._clock(), reading.question, self._call(reading.call), reading.load)
            flight.is_direct = is_direct
            flight.patience_seconds = min(LEASE_SECONDS, reading.call.deadline.remaining_seconds() / 2)
            self._depart(flight, own)
            boarded |= dict.fromkeys(own, flight)
        return boarded

    def _may_join(self, reading: Reading, name: str, flight: Flight) -> bool:
        question = reading.question
        invalid_since = self._invalidations.since(question.kind.fact, question.tags(name, ()))
        return flight.began > max(invalid_since, reading.now - reading.demand)

    def _call(self, call: CallContext) -> CallContext:
        """The flight's own: with time for all who wait for it, and joining no request that began before the flight did."""
        seconds = max(FLIGHT_SECONDS, call.deadline.remaining_seconds())
        return msgspec.structs.replace(call, deadline=Deadline.after(seconds), max_age_seconds=0.0)

    def _depart(self, flight: Flight, names: Sequence[str]) -> None:
        for name in names:
            self._flights[flight.question.prefix + name] = flight
        flight.task = self._owned(self._fly(flight, names))

    def _refresh(self, asker: Reading | Flight, names: Sequence[str]) -> None:
        """Read anew what was served stale, unless it is being read already."""
        prefix = asker.question.prefix
        names = [name for name in names if prefix + name not in self._flights]
        if not names or self._refreshes >= MAX_REFRESHES:
            return
        flight = Flight(self._clock(), asker.question, self._call(asker.call), asker.load)
        flight.is_refresh, flight.patience_seconds = True, LEASE_SECONDS
        self._refreshes += 1
        self._depart(flight, names)

    async def _fly(self, flight: Flight, names: Sequence[str]) -> None:
        try:
            wanted = names
            if self._shared is not None and not flight.is_direct:
                wanted = await self._through(self._shared, flight, names)
            if wanted:
                await self._load(flight, wanted)
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait, and is raised there
            flight.failure = error
        finally:
            self._refreshes -= flight.is_refresh
            for name in names:
                at = flight.question.prefix + name
                if self._flights.get(at) is flight:
                    del self._flights[at]

    async def _load(self, flight: Flight, names: Sequence[str], *, claimed_at: float | None = None) -> None:
        """Ask the source. Remember what came, unless it became invalid meanwhile."""
        stamp = self._clock()
        good: dict[str, Entry[Any]] = {}
        try:
            found = await flight.load(flight.call, names)
        except SourceError as error:
            flight.refusal = kept(error)
            flight.outcomes.update(dict.fromkeys(names, error))
        else:
            outcomes = flight.question.answers(found, names, stamp=stamp)
            flight.outcomes.update(outcomes)
            good = {name: each for name, each in outcomes.items() if isinstance(each, Entry)}
            good = {name: each for name, each in good.items() if self._is_valid(flight, name, each)}
            self._first.keep_all((flight.question.prefix + name, entry) for name, entry in good.items())
        self._share(flight, good, names if _is_ours(claimed_at) else ())

    # ------------------------------------------------------------ the shared tier

    async def _recalled(self, shared: SharedTier, reading: Reading, names: Sequence[str]) -> list[str]:
        """Answer what the shared tier can, in one round trip and one loop; whatever it holds is in the first tier from now on."""
        question = reading.question
        entries = await self._looked_up(shared, question.prefix, names)
        since = max(reading.now - reading.demand, self._invalidations.bound(question.kind.fact))
        arrived = zip(names, entries, strict=True)
        rest, eldest = self._first.adopt(question.prefix, arrived, question.asked, since, into=reading.found)
        reading.recalled(len(names) - len(rest), eldest)
        return self._remembered(reading, rest) if rest else rest

    async def _looked_up(self, shared: SharedTier, prefix: str, names: Sequence[str]) -> list[Entry[Any] | None]:
        """The same batch at the same moment is looked up once."""
        batch = (prefix, *names)
        asked = self._lookups.get(batch)
        if asked is not None:
            return await asyncio.shield(asked) or [None] * len(names)
        asked = self._lookups[batch] = asyncio.get_running_loop().create_future()
        entries: list[Entry[Any] | None] | None = None
        try:
            entries = await shared.entries(prefix, names)
        finally:
            del self._lookups[batch]
            asked.set_result(entries)
        return entries

    async def _through(self, shared: SharedTier, flight: Flight, names: Sequence[str]) -> Sequence[str]:
        """Load what nobody else is loading, wait for what somebody is. Whatever is left has to be loaded anyway."""
        if not shared.ready:
            return names
        claimed_at = time.monotonic()
        ours, others = await self._claimed(shared, flight, names)
        async with asyncio.TaskGroup() as together:
            if ours:
                together.create_task(self._load(flight, ours, claimed_at=claimed_at))
            if others:
                together.create_task(self._wait_for_others(shared, flight, others))
        return ()

    async def _claimed(self, shared: SharedTier, flight: Flight, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """What is ours to load, and what others are loading; not what has been loaded meanwhile."""
        seen = await shared.claim([flight.question.prefix + name for name in names], LEASE_SECONDS)
        ours: list[str] = []
        others: list[str] = []
        spare: list[str] = []
        for name, (entry, is_ours) in zip(names, seen, strict=True):
            if self._taken_over(flight, name, entry):
                spare += [name] if is_ours else []
            else:
                (ours if is_ours else others).append(name)
        self._share(flight, {}, spare)
        return ours, others

    async def _wait_for_others(self, shared: SharedTier, flight: Flight, names: Sequence[str]) -> None:
        self._waiting += 1
        try:
            await self._await_others(shared, flight, names)
        finally:
            self._waiting -= 1

    async def _await_others(self, shared: SharedTier, flight: Flight, names: Sequence[str]) -> None:
        """Another gateway is loading these: look until they are there, or it gave up, or it took too long."""
        prefix, until = flight.question.prefix, time.monotonic() + flight.patience_seconds
        while names and shared.ready and time.monotonic() < until:
            await asyncio.sleep(random.uniform(*_LOOK_AGAIN_SECONDS))  # noqa: S311 - jitter, no secret
            seen = await shared.look([prefix + name for name in names])
            held: list[str] = []
            free: list[str] = []
            for name, (entry, is_free) in zip(names, seen, strict=True):
                if not self._taken_over(flight, name, entry):
                    (free if is_free else held).append(name)
            if free:
                claimed_at = time.monotonic()
                ours, others = await self._claimed(shared, flight, free)
                held += others
                if ours:
                    await self._load(flight, ours, claimed_at=claimed_at)
            names = held
        if names:
            await self._load(flight, names)

    def _taken_over(self, flight: Flight, name: str, entry: Entry[Any] | None) -> bool:
        """Whether what the shared tier holds answers the flight."""
        if entry is None:
            return False
        if entry.key is UNNAMED:
            entry.key = flight.question.asked(name)
        entry.checked = entry.stamp
        policy = self._policies[flight.question.kind.fact]
        kept = policy.absent_kept_seconds if entry.is_absent else policy.fresh_seconds
        if self._clock() - entry.stamp >= kept or not self._is_valid(flight, name, entry):
            return False
        self._first.keep(flight.question.prefix + name, entry)
        flight.outcomes[name] = entry
        return True

    def _share(self, flight: Flight, good: Mapping[str, Entry[Any]], claimed: Sequence[str]) -> None:
        """Write to the shared tier, without keeping anybody waiting."""
        shared = self._shared
        if shared is None or not shared.ready or not (good or claimed) or self._writes >= MAX_WRITES:
            return
        kind, prefix = flight.question.kind, flight.question.prefix
        policy = self._policies[kind.fact]
        named = [
            Named(
                prefix + name,
                kind.operation,
                entry,
                policy.absent_kept_seconds if entry.is_absent else policy.kept_seconds,
            )
            for name, entry in good.items()
        ]
        self._writes += 1
        _ = self._owned(self._written(shared, named, [prefix + name for name in claimed]))

    async def _written(self, shared: SharedTier, named: Sequence[Named], claimed: Sequence[str]) -> None:
        try:
            await shared.store(named, claimed)
        finally:
            self._writes -= 1

    # ------------------------------------------------------------ tasks

    def _owned(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def quiet(self) -> None:
        """Until nothing is under way any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def aclose(self) -> None:
        while self._tasks:
            await ended(*self._tasks)


def _nowhere(reading: Reading) -> Flight:
    """A flight that never left, for there was no time for it."""
    return Flight(reading.now, reading.question, reading.call, reading.load)


def _is_ours(claimed_at: float | None) -> bool:
    """Whether a lease is surely still held: one that ran out may be somebody else's by now."""
    return claimed_at is not None and time.monotonic() - claimed_at < LEASE_SECONDS / 2
