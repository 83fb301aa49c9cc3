"""Sharing: identical reads at the same moment are one call.

The first asks, the others wait for its outcome. Whoever gives up takes nobody along: where the first is cancelled, or its own
time runs out, one of the others asks again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from sources.call import CallContext
from sources.errors import DeadlineExceeded, SourceError

T = TypeVar("T")

_ABANDONED = object()


class Under(NamedTuple):
    """A call under way, and since when."""

    outcome: asyncio.Future[Any]
    since: float


class Sharing:
    """Belongs to one running event loop."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, Under] = {}

    def joinable(self, key: Hashable, call: CallContext) -> asyncio.Future[Any] | None:
        """The call under way that answers this one, unless it began earlier than the caller wants its answer to be."""
        under = self._under_way.get(key)
        if under is None:
            return None
        wanted = call.max_age_seconds
        return under.outcome if wanted is None or time.monotonic() - under.since <= wanted else None

    async def joined(self, outcome: asyncio.Future[Any], call: CallContext) -> Any:
        """The outcome, or None where nothing came of it and one must ask again.

        Raises what the asking one raised, and TimeoutError where the caller's time runs out first.
        """
        async with asyncio.timeout(call.deadline.remaining_seconds()):
            found = await asyncio.shield(outcome)
        if found is _ABANDONED or isinstance(found, DeadlineExceeded):
            return None
        if isinstance(found, SourceError):
            raise found.with_traceback(None)  # else each who waits would lengthen the same traceback
        return found

    async def first(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask for all who come meanwhile."""
        outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        under = self._under_way[key] = Under(outcome, time.monotonic())
        told: Any = _ABANDONED
        try:
            found = told = await ask()
        except SourceError as error:
            told = error
            raise
        else:
            return found
        finally:
            if self._under_way.get(key) is under:
                del self._under_way[key]
            outcome.set_result(told)
