"""How far each receiver of outbound webhooks has been told, and which gateway tells it: one at a time."""

import secrets
from typing import Any, Protocol

LEASE_SECONDS = 10.0

_RENEW = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


class Places(Protocol):
    async def hold(self, name: str) -> bool:
        """Whether it is ours to tell, for `LEASE_SECONDS` from now."""
        ...

    async def release(self, name: str) -> None: ...

    async def at(self, name: str) -> str | None:
        """The cursor of what was told last; None: nothing was told ever."""
        ...

    async def put(self, name: str, cursor: str) -> None: ...


class MemoryPlaces:
    """One process, which tells all by itself; its history ends with it."""

    def __init__(self) -> None:
        self._at: dict[str, str] = {}

    async def hold(self, name: str) -> bool:  # noqa: ARG002 - the protocol's
        return True

    async def release(self, name: str) -> None:
        """Nobody else waits for it."""

    async def at(self, name: str) -> str | None:
        return self._at.get(name)

    async def put(self, name: str, cursor: str) -> None:
        self._at[name] = cursor


class SharedPlaces:
    """In Redis, beside the events themselves."""

    def __init__(self, redis: Any, namespace: str) -> None:
        self._redis, self._space = redis, f"{namespace}:outbound:"
        self._token = secrets.token_hex(8)
        self._renew, self._release = redis.register_script(_RENEW), redis.register_script(_RELEASE)

    async def hold(self, name: str) -> bool:
        milliseconds = round(LEASE_SECONDS * 1000)
        return bool(await self._renew(keys=[f"{self._space}{name}:lease"], args=[self._token, milliseconds]))

    async def release(self, name: str) -> None:
        await self._release(keys=[f"{self._space}{name}:lease"], args=[self._token])

    async def at(self, name: str) -> str | None:
        cursor = await self._redis.get(f"{self._space}{name}:at")
        return cursor.decode() if cursor is not None else None

    async def put(self, name: str, cursor: str) -> None:
        await self._redis.set(f"{self._space}{name}:at", cursor)
