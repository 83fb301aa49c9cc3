"""Work stops when its caller hangs up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request as HttpRequest

T = TypeVar("T")


class HungUp(Exception):
    """The caller has gone; nobody reads an answer any more."""


async def while_there(http: HttpRequest, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of `work`, which is cancelled when the caller goes. The request's body must have been read.

    The work stays in its own task; what is started for a request is only what watches.
    """
    working = asyncio.current_task()
    watching = asyncio.create_task(_gone(http))

    def stop(watched: asyncio.Task[None]) -> None:
        if working is not None and not watched.cancelled():
            working.cancel()

    watching.add_done_callback(stop)
    try:
        return await work
    except asyncio.CancelledError:
        has_gone = watching.done() and not watching.cancelled()
        if has_gone and working is not None and working.uncancel() == 0:
            raise HungUp from None
        raise
    finally:
        watching.remove_done_callback(stop)
        watching.cancel()
        await asyncio.wait((watching,))


async def _gone(http: HttpRequest) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass
