"""The second tier: what several gateways remember together, in Redis. It may fail at any moment, and then it is left alone for a while."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
from aiocache import RedisCache
from aiocache.serializers import BaseSerializer
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from sources.entry import Entry
from sources.question import KINDS

T = TypeVar("T")

WAIT_SECONDS = 0.2
"""The most that anything ever waits for Redis."""

CALM_SECONDS, LONGEST_CALM_SECONDS = 1.0, 4.0
"""How long Redis is left alone after a failure, and at most after several."""

MAX_CONNECTIONS, CHANNEL_CONNECTIONS = 20, 4
"""What reads and writes share, and what is left over for the invalidations' channel."""


class Named(NamedTuple):
    """An entry on its way to the second tier."""

    name: str
    operation: str
    entry: Entry[Any]
    seconds: float


class FactSerializer(BaseSerializer):  # type: ignore[misc]  # aiocache is untyped
    """msgpack, decoded into the very types it was made from: the first byte says which. What does not decode is not there."""

    DEFAULT_ENCODING = None

    def __init__(self) -> None:
        super().__init__()
        types: list[Any] = []
        for kind in KINDS.values():  # a record; the rows of all companies
            types += [Entry[kind.value], Entry[tuple[tuple[kind.key, kind.value], ...]]]  # type: ignore[name-defined]  # types as data
        self._encoder = msgspec.msgpack.Encoder()
        self._codes = {operation: 2 * place for place, operation in enumerate(KINDS)}
        self._decode = [msgspec.msgpack.Decoder(each).decode for each in types]
        self.fingerprint = hashlib.sha256(repr(msgspec.json.schema_components(types)).encode()).hexdigest()[:12]

    def dumps(self, value: Named) -> bytes:
        entry = value.entry
        code = self._codes[value.operation] + (entry.key is None)
        return bytes([code]) + self._encoder.encode((entry.stamp, entry.bytes, entry.value))

    def loads(self, value: bytes | None) -> Entry[Any] | None:
        if value is None:
            return None
        try:
            entry: Entry[Any] = self._decode[value[0]](memoryview(value)[1:])
        except (msgspec.DecodeError, IndexError, UnicodeDecodeError):
            return None
        if value[0] & 1:
            entry.key = None
        return entry


class FactCache(RedisCache):  # type: ignore[misc]  # aiocache is untyped
    """aiocache's Redis cache with a pool that waits, names of any text, a lifetime an entry, and a lease a name."""

    def __init__(self, url: str, serializer: FactSerializer, *, namespace: str) -> None:
        at: dict[str, Any] = dict(parse_url(url))
        tls = at.pop("connection_class", None) is not None
        named = {"endpoint": at.pop("host", "127.0.0.1"), "port": at.pop("port", 6379), "db": at.pop("db", 0)}
        super().__init__(
            serializer=serializer,
            timeout=0,
            key_builder=self._spelled,
            password=at.pop("password", None),
            ssl=tls,
            pool_max_size=MAX_CONNECTIONS + CHANNEL_CONNECTIONS,
            connection_pool_class=BlockingConnectionPool,
            connection_pool_kwargs={
                **at,
                "timeout": None,
                "retry": Retry(NoBackoff(), 0),
                "socket_timeout": WAIT_SECONDS,
            },
            create_connection_timeout=WAIT_SECONDS,
            **named,
        )
        self._facts = f"{namespace}:fact:{serializer.fingerprint}:"
        self._leases = f"{namespace}:lease:{serializer.fingerprint}:"

    def _spelled(self, key: str, namespace: str | None = None) -> str:  # noqa: ARG002 - aiocache names it
        return self._facts + key

    async def entries(self, prefix: str, names: Sequence[str]) -> list[Entry[Any] | None]:
        """As aiocache's multi_get, at a third of its cost a name; redis-py sends bytes as they are."""
        start = self._facts + prefix
        return [*map(self.serializer.loads, await self.client.mget([(start + name).encode() for name in names]))]

    async def claim(self, names: Sequence[str], seconds: float) -> list[tuple[Entry[Any] | None, bool]]:
        """Each name's entry, and whether it is now ours to load."""
        token, milliseconds = secrets.token_bytes(8), max(1, int(seconds * 1000))
        async with self.client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.set(self._leases + name, token, nx=True, px=milliseconds)
            pipe.mget([self._facts + name for name in names])
            *claims, values = await pipe.execute()
        return [(self.serializer.loads(value), bool(claim)) for value, claim in zip(values, claims, strict=True)]

    async def look(self, names: Sequence[str]) -> list[tuple[Entry[Any] | None, bool]]:
        """Each name's entry, and whether nobody holds its lease."""
        asked = [self._facts + name for name in names] + [self._leases + name for name in names]
        values = await self.client.mget(asked)
        entries, leases = values[: len(names)], values[len(names) :]
        return [(self.serializer.loads(entry), lease is None) for entry, lease in zip(entries, leases, strict=True)]

    async def store(self, entries: Iterable[Named], done_with: Iterable[str]) -> bool:
        """Entries, then the leases of what was loaded: whoever waits for a lease finds the entry first."""
        async with self.client.pipeline(transaction=False) as pipe:
            for each in entries:
                pipe.set(self._facts + each.name, self.serializer.dumps(each), px=max(1, int(each.seconds * 1000)))
            leases = [self._leases + name for name in done_with]
            if leases:
                pipe.delete(*leases)
            await pipe.execute()
        return True

    async def _close(self, *_: Any, **__: Any) -> None:
        await self.client.aclose()
        await self.client.connection_pool.disconnect()


class SharedTier:
    """Every wait is bounded, every failure answers as if nothing were there; left alone, too, while invalidations go unheard."""

    def __init__(self, url: str, *, namespace: str) -> None:
        self.cache = FactCache(url, FactSerializer(), namespace=namespace)
        self.is_in_step = False
        self.writes = 0
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._calm = self._calm_until = self._failed_at = 0.0

    @property
    def ready(self) -> bool:
        return self.is_in_step and time.monotonic() >= self._calm_until

    def step_in(self) -> None:
        """Redis was heard again: no need to wait any longer."""
        self.is_in_step, self._calm, self._calm_until = True, 0.0, 0.0

    async def entries(self, prefix: str, names: Sequence[str]) -> list[Entry[Any] | None]:
        return await self._bounded(lambda: self.cache.entries(prefix, names)) or [None] * len(names)

    async def claim(self, names: Sequence[str], seconds: float) -> list[tuple[Entry[Any] | None, bool]]:
        """Where Redis does not answer, everything is ours."""
        return await self._bounded(lambda: self.cache.claim(names, seconds)) or [(None, True)] * len(names)

    async def look(self, names: Sequence[str]) -> list[tuple[Entry[Any] | None, bool]]:
        return await self._bounded(lambda: self.cache.look(names)) or [(None, True)] * len(names)

    async def store(self, entries: Iterable[Named], done_with: Iterable[str]) -> None:
        if await self._bounded(lambda: self.cache.store(entries, done_with)):
            self.writes += 1

    async def _bounded(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        if not self.ready:
            return None
        began = time.monotonic()
        if self._calm:  # one tries whether Redis is back; the others go on without it
            self._calm_until = began + WAIT_SECONDS
        try:
            # A slot of ours, because redis-py's pool may swallow the cancellation of one who waits in it, who then waits on.
            async with asyncio.timeout(WAIT_SECONDS), self._slots:
                answer = await ask()
        except UnicodeEncodeError:  # half a character is part of no real record, and no fault of Redis
            return None
        except (RedisError, OSError, TimeoutError):
            if began > self._failed_at:  # those that were under way together fail as one
                self._failed_at = time.monotonic()
                self._calm = min(LONGEST_CALM_SECONDS, self._calm * 2 or CALM_SECONDS)
                self._calm_until = self._failed_at + self._calm
            return None
        self._calm = self._calm_until = 0.0
        return answer

    async def aclose(self) -> None:
        await self.cache.close()
