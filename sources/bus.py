"""The bus: every event gets a place in one order, is told once to whoever listens, and is kept for a while for those who come back.

In one process by `MemoryBus`; over several by Redis Streams (sources/stream_bus.py). Both drop what they have had, by id and by
meaning, and mark what comes late (sources/standing.py).
"""

import secrets
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from sources.errors import SourceError
from sources.events import Event
from sources.links import Known, Link, Links, asked, completed, taught
from sources.standing import NOWHERE, Move, Standing, is_late, lifted, move_of, moved

K = TypeVar("K")
V = TypeVar("V")

MAX_CURSOR = 120
AHEAD_SECONDS = 60
"""An event may say that it happens this much later than now, by a clock that runs ahead; beyond it, it happened now."""


class BusUnavailable(SourceError):
    """The event is not on the bus: whoever sent it must send it again."""

    code = "SOURCE_UNAVAILABLE"
    retryable = True
    sentence = "The gateway's event bus does not answer at the moment."

    def __init__(self, detail: str = "") -> None:
        super().__init__("bus", detail=detail)


class UnknownCursor(ValueError):
    """The text is no cursor that a bus gave out."""


class BusLimits(msgspec.Struct, frozen=True, kw_only=True):
    """`url`: a Redis over which several gateways share events; without one, each has its own. History is kept by count and by age."""

    url: str = ""
    namespace: str = "crossdock"
    max_events: int = 10_000
    max_age_seconds: float = 86_400.0

    def __repr__(self) -> str:
        return f"BusLimits(max_events={self.max_events}, max_age_seconds={self.max_age_seconds})"


class Placed(msgspec.Struct, frozen=True):
    """An event in its place. `status`: where its subject stands after it, which a late event does not change."""

    place: int
    cursor: str
    event: Event
    late: bool
    status: str
    at: float


class Past(NamedTuple):
    """What followed a cursor, oldest first; `gap`: more did, and is no longer kept."""

    events: list[Placed]
    gap: bool


class BusState(NamedTuple):
    """`lag`: how many events this process has not yet seen, and for how long the oldest of them has been there."""

    counts: Mapping[str, int]
    kept: int
    listeners: int
    lag: int
    lag_seconds: float
    connected: bool


Listener = Callable[[Placed], None]
Taken = Callable[[Event], None]


class Bus(Protocol):
    """Opened, used and closed inside one running event loop. Listeners are called in order and must not wait."""

    listeners: list[Listener]
    taken: list[Taken]
    """Called for each event that this process published, also where it had been there before: the answer may have been lost then."""

    lost: list[Callable[[], None]]
    """Called when the history was lost: whoever listens has missed nobody knows what."""

    async def publish(self, event: Event) -> Placed | None:
        """None: it had been there already. Raises BusUnavailable; then nothing is on the bus."""
        ...

    async def since(self, cursor: str, *, inclusive: bool = False) -> Past:
        """`inclusive`: from the very event on. Raises UnknownCursor, BusUnavailable."""
        ...

    async def learn(self, links: Mapping[str, Link]) -> None: ...

    async def known(self, names: list[str]) -> Known: ...

    async def state(self) -> BusState: ...


def timely(event: Event, now: float) -> Event:
    latest = datetime.fromtimestamp(now, UTC) + timedelta(seconds=AHEAD_SECONDS)
    return event if event.time <= latest else msgspec.structs.replace(event, time=datetime.fromtimestamp(now, UTC))


def microseconds(event: Event) -> int:
    return round(event.time.timestamp() * 1_000_000)


class Cursor(NamedTuple):
    """`history` names one unbroken history: a bus that lost its own begins another."""

    history: str
    place: int
    row: str = ""

    def __str__(self) -> str:
        return ".".join((self.history, str(self.place), *([self.row] if self.row else [])))


def parsed_cursor(text: str) -> Cursor:
    history, _, rest = text.partition(".")
    place, _, row = rest.partition(".")
    if not (
        history.isascii() and history.isalnum() and place.isascii() and place.isdecimal() and len(text) <= MAX_CURSOR
    ):
        raise UnknownCursor
    if row and not row.replace("-", "", 1).isdecimal():
        raise UnknownCursor
    return Cursor(history, int(place), row)


class Bounded(OrderedDict[K, V]):
    """The last so many entries."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def put(self, key: K, value: V) -> None:
        self[key] = value
        self.move_to_end(key)
        if len(self) > self._limit:
            self.popitem(last=False)


class MemoryBus:
    """Everything in this process; what it forgets first is what came first."""

    def __init__(self, limits: BusLimits | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._limits, self._clock = limits or BusLimits(), clock
        remembered = max(self._limits.max_events * 4, 10_000)
        self._history = secrets.token_hex(4)
        self._kept: deque[Placed] = deque()
        self._had: Bounded[str, None] = Bounded(remembered * 2)
        self._standing: Bounded[str, Standing] = Bounded(remembered)
        self._links = Links()
        self._place = 0
        self.listeners: list[Listener] = []
        self.taken: list[Taken] = []
        self.lost: list[Callable[[], None]] = []
        self.counts: Counter[str] = Counter()

    async def publish(self, event: Event) -> Placed | None:
        return self.put(event)

    def put(self, event: Event) -> Placed | None:
        now = self._clock()
        event = timely(event, now)
        for _ in range(2):  # a parcel leads to its order, and the order to its customer
            event = completed(event, self._links.known(asked(event)))
        placed = self._place_it(event, now)
        for taken in self.taken:
            taken(event)
        return placed

    def _place_it(self, event: Event, now: float) -> Placed | None:
        if event.key in self._had or event.meaning in self._had:
            self.counts["duplicate by id" if event.key in self._had else "duplicate by meaning"] += 1
            self._had.put(event.key, None)
            return None
        self._had.put(event.key, None)
        self._had.put(event.meaning, None)
        self._links.learn(taught(event))
        late, status = self._judge(move_of(event, microseconds(event)))
        self._place += 1
        placed = Placed(self._place, str(Cursor(self._history, self._place)), event, late, status, now)
        self.counts["published"] += 1
        self.counts["late"] += late
        self._kept.append(placed)
        self._forget(now)
        for listener in tuple(self.listeners):
            listener(placed)
        return placed

    def _judge(self, move: Move) -> tuple[bool, str]:
        at = self._standing.get(move.subject, NOWHERE)
        if is_late(move, at):
            return True, at.status
        after = moved(move, at)
        self._standing.put(move.subject, after)
        if move.above:
            self._standing.put(move.above, lifted(move, self._standing.get(move.above, NOWHERE)))
        return False, after.status

    def _forget(self, now: float) -> None:
        oldest = now - self._limits.max_age_seconds
        while self._kept and (len(self._kept) > self._limits.max_events or self._kept[0].at < oldest):
            self._kept.popleft()

    async def since(self, cursor: str, *, inclusive: bool = False) -> Past:
        history, place, _ = parsed_cursor(cursor)
        place -= inclusive
        self._forget(self._clock())
        if history != self._history:
            return Past(list(self._kept), gap=True)
        first = self._kept[0].place if self._kept else self._place + 1
        return Past([each for each in self._kept if each.place > place], gap=place + 1 < first)

    async def learn(self, links: Mapping[str, Link]) -> None:
        self._links.learn(links)

    async def known(self, names: list[str]) -> Known:
        return self._links.known(names)

    async def state(self) -> BusState:
        self._forget(self._clock())
        return BusState(dict(self.counts), len(self._kept), len(self.listeners), 0, 0.0, connected=True)
