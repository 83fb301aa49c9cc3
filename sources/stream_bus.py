"""The bus over Redis Streams: one order for all gateways, each of which reads it for itself, so that any of them serves any subscriber.

Whether an event was there before, whether it is late and where it stands is decided inside Redis, by one script a publication.
"""

import asyncio
import contextlib
import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from sources.bus import (
    BusLimits,
    BusState,
    BusUnavailable,
    Cursor,
    Listener,
    Past,
    Placed,
    Taken,
    UnknownCursor,
    microseconds,
    parsed_cursor,
    timely,
)
from sources.ending import ended
from sources.events import Event, NotAnEvent, decoded, encoded
from sources.links import Known, Link, asked, completed, merged, taught
from sources.places import Places, SharedPlaces
from sources.replays import Replays, SharedReplays
from sources.standing import move_of

WAIT_SECONDS = 1.0
"""The most that anything waits for Redis, but for the reader, which waits for events."""

BLOCK_SECONDS = 2.0
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 2.0
_PAGE = 500
_MAX_CONNECTIONS = 10

_PUBLISH = """
local history = redis.call('GET', KEYS[7])
if not history then history = ARGV[1]; redis.call('SET', KEYS[7], history) end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'id'} end
local remember = ARGV[2]
redis.call('SET', KEYS[2], 1, 'PX', remember)
if redis.call('EXISTS', KEYS[3]) == 1 then return {'meaning'} end
redis.call('SET', KEYS[3], 1, 'PX', remember)
local function standing(key)
  local at = redis.call('HMGET', key, 'moment', 'rank', 'floor', 'status')
  return tonumber(at[1] or 0), tonumber(at[2] or 0), tonumber(at[3] or 0), at[4] or ''
end
local moment, rank, floor, status = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local at_moment, at_rank, at_floor, at_status = standing(KEYS[4])
local late = moment < at_moment
if not late and rank > 0 then late = rank < at_floor or (moment == at_moment and rank < at_rank) end
if not late then
  if status ~= '' then
    redis.call('HSET', KEYS[4], 'moment', ARGV[3], 'rank', rank, 'floor', math.max(floor, at_floor), 'status', status)
    at_status = status
  else
    redis.call('HSET', KEYS[4], 'moment', ARGV[3])
  end
  redis.call('PEXPIRE', KEYS[4], remember)
  if ARGV[7] == '1' and status ~= '' then
    local _, _, above_floor, _ = standing(KEYS[5])
    redis.call('HSET', KEYS[5], 'floor', math.max(floor, above_floor), 'status', status)
    redis.call('PEXPIRE', KEYS[5], remember)
  end
end
local place = redis.call('INCR', KEYS[6])
local row = redis.call('XADD', KEYS[1], '*',
  'place', place, 'late', late and 1 or 0, 'status', at_status, 'history', history, 'event', ARGV[8])
redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[9])
local now = redis.call('TIME')
redis.call('XTRIM', KEYS[1], 'MINID', '~', math.max(0, tonumber(now[1]) * 1000 - tonumber(ARGV[10])) .. '-0')
return {'placed', place, row, late and 1 or 0, at_status, history}
"""

_LINK = msgspec.json.Decoder(Link)
Row = tuple[bytes, dict[bytes, bytes]]


class StreamBus:
    """Opened, used and closed inside one running event loop."""

    def __init__(self, limits: BusLimits) -> None:
        self._limits = limits
        space = f"{limits.namespace}:events"
        self._stream, self._history_key, self._place_key = f"{space}:stream", f"{space}:history", f"{space}:place"
        self._space = space
        self._redis: Any = _client(limits.url, WAIT_SECONDS, _MAX_CONNECTIONS)
        self._reading_redis: Any = _client(limits.url, BLOCK_SECONDS + WAIT_SECONDS, 2)
        self._script = self._redis.register_script(_PUBLISH)
        self._reader: asyncio.Task[None] | None = None
        self._row, self._place, self._history = "", 0, ""
        self._connected = False
        self.listeners: list[Listener] = []
        self.taken: list[Taken] = []
        self.lost: list[Callable[[], None]] = []
        self.counts: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        """Waits a moment for Redis, and goes on without it."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await self._begin()
        self._reader = asyncio.get_running_loop().create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._reader)
        for client in (self._redis, self._reading_redis):
            await client.aclose()
            await client.connection_pool.disconnect()

    def replays(self) -> Replays:
        """Webhooks' deliveries, remembered for all gateways in the same Redis."""
        return SharedReplays(self._redis, self._limits.namespace)

    def places(self) -> Places:
        """How far each receiver of outbound webhooks has been told, for all gateways."""
        return SharedPlaces(self._redis, self._limits.namespace)

    # ------------------------------------------------------------ writing

    async def publish(self, event: Event) -> Placed | None:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await self._publish(event)
        except (RedisError, OSError, TimeoutError) as error:
            raise BusUnavailable(type(error).__name__) from None

    async def _publish(self, event: Event) -> Placed | None:
        event = timely(event, datetime.now(UTC).timestamp())
        names: list[str] = []
        while new := [name for name in asked(event) if name not in names]:
            names += new
            event = completed(event, await self.known(new))
        answer = await self._place_it(event)
        for taken in self.taken:
            taken(event)
        outcome = answer[0].decode()
        if outcome != "placed":
            self.counts[f"duplicate by {outcome}"] += 1
            return None
        self.counts["published"] += 1
        self.counts["late"] += int(answer[3])
        links = taught(event)
        if links:
            with contextlib.suppress(RedisError, OSError):  # the event is on the bus: a link less is no reason to fail
                await self.learn(links)
        _, place, row, late, status, history = answer
        cursor = Cursor(history.decode(), place, row.decode())
        return Placed(place, str(cursor), event, bool(late), status.decode(), _at(row))

    async def _place_it(self, event: Event) -> Any:
        move = move_of(event, microseconds(event))
        remember = round(max(self._limits.max_age_seconds, 86_400) * 1000)
        keys = [
            self._stream,
            f"{self._space}:had:{event.key}",
            f"{self._space}:had:{event.meaning}",
            f"{self._space}:at:{move.subject}",
            f"{self._space}:at:{move.above}",
            self._place_key,
            self._history_key,
        ]
        values: list[Any] = [secrets.token_hex(4), remember, move.moment, move.rank, move.floor, move.status]
        values += [int(bool(move.above)), encoded(event), self._limits.max_events]
        return await self._script(keys=keys, args=[*values, round(self._limits.max_age_seconds * 1000)])

    async def learn(self, links: Mapping[str, Link]) -> None:
        before = await self.known([*links])
        seconds = round(max(self._limits.max_age_seconds, 30 * 86_400))
        async with self._redis.pipeline(transaction=False) as pipe:
            for name, link in links.items():
                whole = merged(link, before.get(name))
                if whole != before.get(name):
                    pipe.set(f"{self._space}:link:{name}", msgspec.json.encode(whole), ex=seconds)
            await pipe.execute()

    async def known(self, names: list[str]) -> Known:
        if not names:
            return {}
        values = await self._redis.mget([f"{self._space}:link:{name}" for name in names])
        return {name: _LINK.decode(value) for name, value in zip(names, values, strict=True) if value is not None}

    # ------------------------------------------------------------ reading

    async def _begin(self) -> None:
        """From here on: what was on the stream before is for those who ask for it by cursor."""
        async with asyncio.timeout(WAIT_SECONDS):
            history = await self._redis.get(self._history_key)
            rows: list[Row] = await self._redis.xrevrange(self._stream, count=1)
        self._history = history.decode() if history else ""
        self._row, self._place = (rows[0][0].decode(), int(rows[0][1][b"place"])) if rows else ("0-0", 0)
        self._connected = True

    async def _read(self) -> None:
        pause = _PAUSE_SECONDS
        while True:
            try:
                if not self._row:
                    await self._begin()
                found = await self._reading_redis.xread(
                    {self._stream: self._row}, count=_PAGE, block=round(BLOCK_SECONDS * 1000)
                )
                self._connected, pause = True, _PAUSE_SECONDS
            except (RedisError, OSError, TimeoutError):
                self._connected = False
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            for _, rows in found or ():
                for row in rows:
                    self._tell(row)

    def _tell(self, row: Row) -> None:
        self._row = row[0].decode()
        history = row[1][b"history"].decode()
        if history != self._history:
            was_known, self._history = bool(self._history), history
            if was_known:
                self.counts["history lost"] += 1
                for lost in tuple(self.lost):
                    lost()
        placed = self._placed(row)
        if placed is None:
            return
        self._place = placed.place
        for listener in tuple(self.listeners):
            listener(placed)

    def _placed(self, row: Row) -> Placed | None:
        """None for what a gateway of another version put there and this one does not know."""
        name, fields = row
        place, at = int(fields[b"place"]), _at(name)
        cursor = Cursor(fields[b"history"].decode(), place, name.decode())
        try:
            event = decoded(fields[b"event"], received=datetime.fromtimestamp(at, UTC))
        except NotAnEvent:
            self.counts["not understood"] += 1
            return None
        return Placed(place, str(cursor), event, fields[b"late"] == b"1", fields[b"status"].decode(), at)

    async def since(self, cursor: str, *, inclusive: bool = False) -> Past:
        asked_for = parsed_cursor(cursor)
        try:
            return await self._since(asked_for, inclusive=inclusive)
        except (RedisError, OSError, TimeoutError) as error:
            raise BusUnavailable(type(error).__name__) from None

    async def _since(self, cursor: Cursor, *, inclusive: bool) -> Past:
        async with asyncio.timeout(WAIT_SECONDS):
            history, count = await self._redis.mget([self._history_key, self._place_key])
            first: list[Row] = await self._redis.xrange(self._stream, count=1)
        if history is not None and cursor.history == history.decode() and not cursor.row:
            raise UnknownCursor
        if history is None or cursor.history != history.decode():
            return Past(await self._rows("-"), gap=True)
        following = int(first[0][1][b"place"]) if first else int(count or 0) + 1
        start = cursor.row if inclusive else f"({cursor.row}"
        return Past(await self._rows(start), gap=cursor.place + (not inclusive) < following)

    async def _rows(self, start: str) -> list[Placed]:
        found: list[Placed] = []
        while True:
            async with asyncio.timeout(WAIT_SECONDS):
                rows: list[Row] = await self._redis.xrange(self._stream, min=start, count=_PAGE)
            found += [placed for row in rows if (placed := self._placed(row)) is not None]
            if len(rows) < _PAGE:
                return found
            start = f"({rows[-1][0].decode()}"

    async def state(self) -> BusState:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                kept, count = await self._redis.xlen(self._stream), await self._redis.get(self._place_key)
                unseen: list[Row] = await self._redis.xrange(self._stream, min=f"({self._row or '0-0'}", count=1)
        except (RedisError, OSError, TimeoutError):
            return BusState(dict(self.counts), 0, len(self.listeners), 0, 0.0, connected=False)
        waits = datetime.now(UTC).timestamp() - _at(unseen[0][0]) if unseen else 0.0
        lag = int(count or 0) - self._place if unseen else 0
        return BusState(dict(self.counts), kept, len(self.listeners), lag, max(0.0, waits), connected=self._connected)


def _at(row: bytes) -> float:
    """A row's name begins with the milliseconds at which it was added."""
    return int(row.partition(b"-")[0]) / 1000


def _client(url: str, wait_seconds: float, connections: int) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=WAIT_SECONDS,
        socket_timeout=wait_seconds,
        socket_connect_timeout=WAIT_SECONDS,
        retry=Retry(NoBackoff(), 1),  # a connection that Redis closed meanwhile; publishing twice is publishing once
    )
    return Redis(connection_pool=pool)
