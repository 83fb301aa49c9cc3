"""Who holds up the loop: by a call that blocks, or by work that takes long."""

import _posixsubprocess
import _socket
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sources.ending import ended

MOST_CPU_SECONDS = 0.25
"""How much of this thread's own time may pass between two turns of the loop; what other processes take does not count."""

_BLOCKING: dict[Any, str] = {
    time.sleep: "time.sleep",
    _socket.getaddrinfo: "socket.getaddrinfo",
    _socket.gethostbyname: "socket.gethostbyname",
    _posixsubprocess.fork_exec: "subprocess",
    os.system: "os.system",
}


@contextmanager
def nothing_blocks() -> Iterator[list[str]]:
    """The calls of this thread that would have held it up, while this lasted."""
    heard: list[str] = []

    def called(_: Any, event: str, what: Any) -> None:
        if event == "c_call" and (name := _named(what)) is not None:
            heard.append(name)

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield heard
    finally:
        sys.setprofile(before)


def _named(what: Any) -> str | None:
    try:
        return _BLOCKING.get(what)
    except TypeError:  # a bound method of something that cannot be hashed
        return None


@asynccontextmanager
async def ticking() -> AsyncIterator[list[float]]:
    """The longest time between two turns of the loop so far."""
    longest = [0.0]

    async def tick() -> None:
        while True:
            begun = time.thread_time()
            await asyncio.sleep(0)
            longest[0] = max(longest[0], time.thread_time() - begun)

    task = asyncio.create_task(tick())
    try:
        yield longest
    finally:
        await ended(task)
