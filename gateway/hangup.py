"""Work stops when its caller hangs up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request as HttpRequest

T = TypeVar("T")


class HungUp(Exception):
    """The caller has gone; nobody reads an answer any more."""


async def while_there(http: HttpRequest, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of `work`, which is cancelled and awaited when the caller goes. The request's body must have been read."""
    working = asyncio.create_task(work)
    watching = asyncio.create_task(_gone(http))
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise HungUp
        return working.result()
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.wait((working, watching))


async def _gone(http: HttpRequest) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass
