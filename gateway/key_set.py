"""The identity provider's public keys: read when needed, read anew when they change, held while the provider is away."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from gateway.development_key import is_development_key
from gateway.identity import IdentitySettings
from sources.authorities import trusted
from sources.ending import ended

MAX_BYTES: Final = 262_144
MAX_KEYS: Final = 50
FETCH_SECONDS: Final = 3.0
PAUSE_SECONDS: Final = 5.0
"""Between two attempts: whoever sends unknown key ids makes us ask no more often than this."""

MIN_RSA_BITS: Final = 2_048

_log = logging.getLogger("crossdock.identity")


class ProviderAway(Exception):
    """The provider's keys cannot be read, and none are held any more."""


class KeySet:
    """`clock` is monotonic seconds. A key is found by id and algorithm together, so that none serves another algorithm than its own."""

    def __init__(self, settings: IdentitySettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._client = httpx.AsyncClient(timeout=FETCH_SECONDS, verify=trusted(settings.ca_file), trust_env=False)
        self._keys: Mapping[str, Mapping[str, Any]] = {}
        self._ready: dict[tuple[str, str], PyJWK] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self.generation = 0
        """Which reading of the keys this is: what was verified by an earlier one is verified anew."""

    async def __aenter__(self) -> Self:
        """Asks at once, so that the first caller need not wait; the provider may be away."""
        await self._fresh()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._reading)
        await self._client.aclose()

    async def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """None for a key that there is not. Raises ProviderAway."""
        age = self._clock() - self._read_at
        held = self._settings.refresh_seconds + self._settings.outage_seconds
        if kid not in self._keys or age > held:
            await self._fresh()
            is_away = self._tried_at > self._read_at
            if is_away and (kid not in self._keys or self._clock() - self._read_at > held):
                raise ProviderAway
        elif age > self._settings.refresh_seconds:
            self._begin()  # the key is held meanwhile
        return self._key(kid, algorithm)

    def still_holds(self) -> bool:
        """Whether the keys read last may be used; they are read anew meanwhile, where it is time."""
        age = self._clock() - self._read_at
        if age > self._settings.refresh_seconds:
            self._begin()
        return age <= self._settings.refresh_seconds + self._settings.outage_seconds

    def _key(self, kid: str, algorithm: str) -> PyJWK | None:
        found = self._ready.get((kid, algorithm))
        if found is None and kid in self._keys:
            found = _usable(self._keys[kid], algorithm)
            if found is not None:
                self._ready[kid, algorithm] = found
        return found

    async def _fresh(self) -> None:
        reading = self._begin()
        if reading is not None:
            await asyncio.wait([reading])

    def _begin(self) -> "asyncio.Task[None] | None":
        """One attempt at a time, and a pause between two."""
        if self._reading is not None and not self._reading.done():
            return self._reading
        if self._clock() - self._tried_at < PAUSE_SECONDS:
            return None
        self._tried_at = self._clock()
        self._reading = asyncio.get_running_loop().create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(2 * FETCH_SECONDS):
                found = await self._json(self._settings.jwks_url or await self._discovered())
            keys = _named(found)
        except (httpx.HTTPError, TimeoutError, ValueError, OSError) as error:
            _log.warning("the identity provider's keys could not be read: %s", type(error).__name__)
            return
        if keys != self._keys:
            self._keys, self._ready = keys, {}
            self.generation += 1
        self._read_at = max(self._clock(), self._tried_at)

    async def _discovered(self) -> str:
        issuer = self._settings.issuer
        found = await self._json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise ValueError("the provider calls itself otherwise")
        return str(found["jwks_uri"]) if "jwks_uri" in found else ""

    async def _json(self, url: str) -> dict[str, Any]:
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
            raise ValueError("no safe address")
        async with self._client.stream("GET", url) as answer:
            answer.raise_for_status()
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MAX_BYTES:
                    raise ValueError("too large")
        found = orjson.loads(content)
        if not isinstance(found, dict):
            raise ValueError("no JSON object")  # noqa: TRY004 - as below
        return found


def _named(found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The keys that sign, by id. A shared secret is no public key, and the development key opens nothing but development."""
    rows = found.get("keys")
    if not isinstance(rows, list):
        raise ValueError("no keys")  # noqa: TRY004 - one kind of error for whatever the provider gets wrong
    keys: dict[str, Mapping[str, Any]] = {}
    for row in rows[:MAX_KEYS]:
        if not isinstance(row, dict) or not isinstance(row.get("kid"), str):
            continue
        if is_development_key(row):
            _log.error("the identity provider publishes the development key: it is left out")
        elif row.get("kty") in {"RSA", "EC", "OKP"} and row.get("use", "sig") == "sig":
            keys[row["kid"]] = row
    return keys


def _usable(row: Mapping[str, Any], algorithm: str) -> PyJWK | None:
    if row.get("alg", algorithm) != algorithm:
        return None
    try:
        key = PyJWK.from_dict(dict(row), algorithm=algorithm)
    except (PyJWTError, ValueError):
        return None
    return None if getattr(key.key, "key_size", MIN_RSA_BITS) < MIN_RSA_BITS and row["kty"] == "RSA" else key
