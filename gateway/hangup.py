"""Work stops when its caller hangs up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request as HttpRequest

from sources.ending import ended

T = TypeVar("T")


class HungUp(Exception):
    """The caller has gone; nobody reads an answer any more."""


WATCH_AFTER_SECONDS = 0.02
"""What is answered sooner is not watched: it costs less than watching it."""


async def while_there(http: HttpRequest, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of `work`, which is cancelled when the caller goes. The request's body must have been read."""
    watch = _Watch(http, asyncio.current_task())
    try:
        return await work
    except asyncio.CancelledError:
        if watch.was_the_caller():
            raise HungUp from None
        raise
    finally:
        await watch.over()


class _Watch:
    """Begins a moment later, in a task of its own; the work stays in its caller's."""

    def __init__(self, http: HttpRequest, working: "asyncio.Task[Any] | None") -> None:
        self._http, self._working = http, working
        self._watching: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER_SECONDS, self._begin)

    def _begin(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(_gone(self._http))
        self._watching.add_done_callback(self._stop)

    def _stop(self, watched: "asyncio.Task[None]") -> None:
        if self._working is not None and not watched.cancelled():
            self._working.cancel()

    def was_the_caller(self) -> bool:
        """Whether the work was cancelled because its caller has gone, and by nobody else."""
        has_gone = self._watching is not None and self._watching.done() and not self._watching.cancelled()
        return has_gone and self._working is not None and self._working.uncancel() == 0

    async def over(self) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.remove_done_callback(self._stop)
            await ended(self._watching)


async def _gone(http: HttpRequest) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass
