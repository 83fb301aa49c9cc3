"""What is to be sent to one client and could not be yet: bounded. Who reads too slowly gets the newest, and is told so."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

CLOSE_SECONDS = 5.0
"""How long a client that was sent away may take to read why."""


class Frame(NamedTuple):
    """`key`: the subscription it belongs to; None: it belongs to none, and is never left out. `lagged`: how many before it were.

    The payload is shared by all who get it; `prefix` and `suffix` are the client's own.
    """

    key: str | None
    payload: str
    prefix: str = ""
    suffix: str = ""
    lagged: int = 0

    def text(self) -> str:
        """With a mark in the answer where any were left out before it."""
        if not self.lagged:
            return f"{self.prefix}{self.payload}{self.suffix}"
        return f'{self.prefix}{self.payload[:-1]},"extensions":{{"lagged":{self.lagged}}}}}{self.suffix}'


class Outbox:
    """`lagging_since` is when it last began to leave things out, until all of it has been sent."""

    __slots__ = ("_frames", "_limit", "_room", "lagged", "lagging_since")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._frames: deque[Frame] | None = None
        self._room: asyncio.Event | None = None
        self.lagging_since: float | None = None
        self.lagged = 0

    def __len__(self) -> int:
        return len(self._frames) if self._frames is not None else 0

    def put(self, frame: Frame, clock: Callable[[], float]) -> None:
        frames = self._frames
        if frames is None:
            frames = self._frames = deque()
        if frame.key is not None and len(frames) >= self._limit:
            frame = self._instead(frames, frame)
            self.lagged += 1
            if self.lagging_since is None:
                self.lagging_since = clock()
        frames.append(frame)

    def _instead(self, frames: deque[Frame], frame: Frame) -> Frame:
        """The newest takes the place of those of its subscription that wait: no more than one a subscription is beyond the limit."""
        waiting = [each for each in frames if each.key == frame.key]
        kept = [each for each in frames if each.key != frame.key]
        frames.clear()
        frames.extend(kept)
        return frame._replace(lagged=sum(1 + each.lagged for each in waiting))

    def take(self) -> Frame | None:
        frames = self._frames
        if not frames:
            return None
        frame = frames.popleft()
        if not frames:
            self._frames, self.lagging_since = None, None
        if self._room is not None:
            self._room.set()
            self._room = None
        return frame

    def drop(self, key: str) -> None:
        """What waits for a subscription that has ended."""
        if self._frames:
            self._frames = deque(each for each in self._frames if each.key != key) or None

    async def room(self) -> None:
        """Until less than half of the limit waits."""
        while len(self) * 2 >= self._limit:
            if self._room is None:
                self._room = asyncio.Event()
            await self._room.wait()
