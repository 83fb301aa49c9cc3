"""The data loader: keys asked one by one become batches, each key is asked once an operation.

It closes what Strawberry's own leaves open: a caller that gives up takes no neighbour with it, a load function that is
cancelled leaves nobody waiting, a failure is not remembered, and keys that arrive a few ticks apart share a batch.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from strawberry.dataloader import DataLoader

from sources.ending import ended

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LoadFunction = Callable[[list[K]], Awaitable[Sequence[V | BaseException]]]

_MAX_TICKS = 3
"""How many turns of the event loop a batch waits while keys keep coming."""


class LoadAbandoned(Exception):
    """The load function was cancelled from outside before it had answered."""


class _Batch(Generic[K, V]):
    """Keys that are asked together; `done` is set once `outcomes` holds one for each of them."""

    __slots__ = ("done", "keys", "outcomes")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.keys: list[K] = []
        self.outcomes: dict[K, V | BaseException] = {}
        self.done: asyncio.Future[None] = loop.create_future()


class Loader(DataLoader[K, V]):
    """Made, used and closed inside one operation. Nothing but answers is remembered."""

    def __init__(self, load_fn: LoadFunction[K, V]) -> None:
        super().__init__(load_fn, cache=False)
        self._answers: dict[K, V] = {}
        self._on_the_way: dict[K, _Batch[K, V]] = {}
        self._expected: set[K] = set()
        self._failed: dict[K, BaseException] = {}
        self._open: _Batch[K, V] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, key: K) -> V:
        (outcome,) = await self.load_each((key,))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def load_many(self, keys: Iterable[K]) -> list[V]:
        """All or nothing: the first failure is raised."""
        return [_answer(outcome) for outcome in await self.load_each(keys)]

    async def load_each(self, keys: Iterable[K]) -> list[V | BaseException]:
        """An outcome a key, in their order; one key's failure stands in its own place."""
        wanted = list(keys)
        if self._expected:
            self._expected.difference_update(wanted)
        early = self._failures_of(wanted) if self._failed else {}
        batches = self._batches(key for key in wanted if key not in early) if early else self._batches(wanted)
        for batch in dict.fromkeys(batches.values()):
            if not batch.done.done():
                await asyncio.shield(batch.done)
        answers = self._answers
        try:
            return [answers[key] for key in wanted]
        except KeyError:  # a failure is no answer: it is found only with those who asked
            outcomes = {**early, **{key: batch.outcomes[key] for key, batch in batches.items()}}
            return [outcomes[key] if key in outcomes else answers[key] for key in wanted]

    def expect(self, keys: Iterable[K]) -> None:
        """Begin to ask for what will be asked for. A failure, too, is kept for the first who asks: no key is asked twice."""
        self._expected.update(self._batches(keys))

    async def load_linked(self, keys: Sequence[K | None]) -> list[V | BaseException | None]:
        """As `load_each`, for links that some records do not have: None stays None."""
        loaded = iter(await self.load_each(key for key in keys if key is not None))
        return [None if key is None else next(loaded) for key in keys]

    def prime(self, key: K, value: V, force: bool = False) -> None:  # noqa: FBT001, FBT002 - the parent's signature
        """Remember an answer that came along with another question."""
        if force or key not in self._on_the_way:
            self._answers.setdefault(key, value)

    def prime_many(self, data: Mapping[K, V], force: bool = False) -> None:  # noqa: FBT001, FBT002 - the parent's signature
        for key, value in data.items():
            self.prime(key, value, force)

    def clear(self, key: K) -> None:
        self._answers.pop(key, None)

    def clear_many(self, keys: Iterable[K]) -> None:
        for key in keys:
            self.clear(key)

    def clear_all(self) -> None:
        self._answers.clear()

    async def aclose(self) -> None:
        """Cancel and await what is still being asked, and let go of all that was answered.

        A load function often knows its loader; left as it is, that cycle would keep every fact of the operation until
        the next garbage collection.
        """
        if self._tasks:
            await ended(*self._tasks)
        self.load_fn = _closed
        self._answers.clear()
        self._failed.clear()

    def _failures_of(self, keys: Iterable[K]) -> dict[K, BaseException]:
        return {key: self._failed.pop(key) for key in dict.fromkeys(keys) if key in self._failed}

    def _batches(self, keys: Iterable[K]) -> dict[K, _Batch[K, V]]:
        """The batch that will answer each key, but for those that are answered already."""
        answers, on_the_way = self._answers, self._on_the_way
        batches: dict[K, _Batch[K, V]] = {}
        for key in keys:
            if key in answers:
                continue
            batch = on_the_way.get(key)
            if batch is None:
                batch = on_the_way[key] = self._open or self._collecting()
                batch.keys.append(key)
            batches[key] = batch
        return batches

    def _collecting(self) -> _Batch[K, V]:
        loop = asyncio.get_running_loop()
        self._open = _Batch(loop)
        loop.call_soon(self._tick, self._open, 0, 1)
        return self._open

    def _tick(self, batch: _Batch[K, V], seen: int, tick: int) -> None:
        """Send the batch once a turn of the loop brought no more keys, at the latest after `_MAX_TICKS`."""
        if len(batch.keys) > seen and tick < _MAX_TICKS:
            asyncio.get_running_loop().call_soon(self._tick, batch, len(batch.keys), tick + 1)
            return
        self._open = None
        task = asyncio.get_running_loop().create_task(self._send(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, batch: _Batch[K, V]) -> None:
        try:
            values = await self.load_fn(list(batch.keys))
            batch.outcomes = dict(zip(batch.keys, values, strict=True))
        except Exception as error:  # noqa: BLE001 - it belongs to those who asked, and is raised there
            batch.outcomes = dict.fromkeys(batch.keys, error)
        finally:
            self._settle(batch)

    def _settle(self, batch: _Batch[K, V]) -> None:
        if not batch.outcomes:
            batch.outcomes = dict.fromkeys(
                batch.keys, LoadAbandoned("the question was given up before it was answered")
            )
        if len(self._on_the_way) == len(batch.outcomes):
            self._on_the_way.clear()
        else:
            for key in batch.outcomes:
                del self._on_the_way[key]
        failed = {key: outcome for key, outcome in batch.outcomes.items() if isinstance(outcome, BaseException)}
        if not failed:
            self._answers.update(batch.outcomes)  # type: ignore[arg-type]  # no failure is among them
        else:
            self._answers.update({key: each for key, each in batch.outcomes.items() if key not in failed})  # type: ignore[misc]  # as above
            self._failed.update({key: each for key, each in failed.items() if key in self._expected})
        if self._expected:
            self._expected.difference_update(batch.outcomes)
        if not batch.done.done():
            batch.done.set_result(None)


async def _closed(_: list[K]) -> Sequence[V | BaseException]:
    raise LoadAbandoned("the operation is over")


def _answer(outcome: V | BaseException) -> V:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
