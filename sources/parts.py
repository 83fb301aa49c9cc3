"""A batch cut into a source's own: grouped, split at its limit, asked side by side, and aligned to the keys again."""

from __future__ import (
    annotations,  # its inner functions are made for every batch: their annotations cost, evaluated
)

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from sources.errors import SourceError, kept
from sources.ports import Found

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
G = TypeVar("G", bound=Hashable)

MAX_PARTS_AT_ONCE = 8
"""How many parts of one split batch are asked side by side."""


def grouped(keys: Iterable[K], group: Callable[[K], G]) -> dict[G, list[K]]:
    groups: dict[G, list[K]] = {}
    for key in keys:
        groups.setdefault(group(key), []).append(key)
    return groups


async def in_parts(
    groups: Mapping[G, Sequence[K]],
    ask: Callable[[G, Sequence[K]], Awaitable[Found[K, V]]],
    *,
    max_batch: int,
) -> dict[K, V | SourceError]:
    """Ask for each group in parts no larger than `max_batch`. A part that fails fails its own keys, not its neighbours'."""
    parts = [
        (group, keys[start : start + max_batch])
        for group, keys in groups.items()
        for start in range(0, len(keys), max_batch)
    ]

    async def answer(group: G, keys: Sequence[K]) -> Found[K, V]:
        try:
            return await ask(group, keys)
        except SourceError as error:
            return dict.fromkeys(keys, kept(error))

    if len(parts) == 1:
        return dict(await answer(*parts[0]))
    slots = asyncio.Semaphore(MAX_PARTS_AT_ONCE)

    async def in_turn(group: G, keys: Sequence[K]) -> Found[K, V]:
        async with slots:
            return await answer(group, keys)

    async with asyncio.TaskGroup() as side_by_side:
        tasks = [side_by_side.create_task(in_turn(group, keys)) for group, keys in parts]
    found: dict[K, V | SourceError] = {}
    for task in tasks:
        found.update(task.result())
    return found


def aligned(keys: Sequence[K], found: Mapping[K, V | SourceError]) -> list[V | SourceError | None]:
    """An outcome a key, in their order: the one place where a mapping becomes a list. None: does not exist."""
    return [found.get(key) for key in keys]
