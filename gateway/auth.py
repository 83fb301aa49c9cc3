"""A token or an API key becomes a Viewer.

Unauthenticated            401: nobody we know; the message says no more than the caller may know
└── IdentityUnavailable    503: the identity provider cannot be asked, and its keys are not held any more

`Authenticator.known` takes the value of an Authorization header, or of a WebSocket's connection_init: "Bearer …".
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final, NamedTuple

import jwt
from jwt.exceptions import ExpiredSignatureError, ImmatureSignatureError, PyJWTError

from gateway import development_key
from gateway.identity import KEY_SUBJECT, ApiKey, IdentitySettings, reach
from gateway.key_set import KeySet, ProviderAway
from resolvers.errors import ClientError
from sources.viewer import SCOPES, SERVICE_DESK, Viewer

MAX_TOKEN: Final = 16_384
MAX_ENTRIES: Final = 5_000
VERIFIED_SECONDS: Final = 60.0
MAX_VERIFIED: Final = 10_000
KEY_PREFIX: Final = "cdk_"
NOT_ACCEPTED: Final = "The token is not accepted."
_NO_HASH: Final = "sha256:" + "0" * 64
_KINDS: Final = frozenset({None, "JWT", "at+jwt", "application/at+jwt"})


class Unauthenticated(ClientError):
    """`reason` is for the log."""

    code = "UNAUTHENTICATED"
    status: ClassVar[int] = 401

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class IdentityUnavailable(Unauthenticated):
    status = 503


class Known(NamedTuple):
    """Who asks, and until when that holds: seconds since the epoch, None for ever."""

    viewer: Viewer
    expires_at: float | None = None


class _Verified(NamedTuple):
    known: Known
    until: float
    generation: int


class Authenticator:
    def __init__(
        self,
        settings: IdentitySettings,
        key_set: KeySet | None,
        *,
        is_development: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._key_set, self._clock = settings, key_set, clock
        self._is_development = is_development
        self._api_keys: Mapping[str, ApiKey] = {key.id: key for key in settings.keys}
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    async def known(self, authorization: str) -> Known:
        """Raises Unauthenticated. In development whoever shows nothing is the service desk."""
        if not authorization and self._is_development:
            return Known(SERVICE_DESK)
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Show a token: Authorization: Bearer.", reason="no token")
        if len(token) > MAX_TOKEN:
            raise Unauthenticated(NOT_ACCEPTED, reason="too long")
        return self._by_key(token) if token.startswith(KEY_PREFIX) else await self._by_token(token)

    # ------------------------------------------------------------ keys of machines

    def _by_key(self, token: str) -> Known:
        name = token.removeprefix(KEY_PREFIX).rpartition("_")[0]
        key = self._api_keys.get(name)
        given = hashed(token)
        # Compared to something whether the id is known or not, so that both take the same time.
        matches = [secrets.compare_digest(given, each) for each in (key.hashes if key else [_NO_HASH])]
        if key is None or not any(matches):
            raise Unauthenticated(NOT_ACCEPTED, reason="unknown key")
        if key.expires_at is not None and self._clock() >= key.expires_at:
            raise Unauthenticated("The key has expired.", reason="expired key")
        return Known(key.viewer(), key.expires_at)

    # ------------------------------------------------------------ tokens of the identity provider

    async def _by_token(self, token: str) -> Known:
        """A token that was verified a moment ago, by the keys that still hold, is not verified again: its end is all that can have come."""
        mark = hashlib.sha256(token.encode()).digest()
        generation = self._key_set.generation if self._key_set is not None else 0
        last = self._verified.get(mark)
        is_held = self._key_set is None or self._key_set.still_holds()
        if last is not None and is_held and last.generation == generation and self._clock() < last.until:
            return last.known
        known = await self._checked(token)
        until = min(known.expires_at or 0.0, self._clock() + VERIFIED_SECONDS)
        self._verified[mark] = _Verified(known, until, generation)
        if len(self._verified) > MAX_VERIFIED:
            self._verified.popitem(last=False)
        return known

    async def _checked(self, token: str) -> Known:
        try:
            header = jwt.get_unverified_header(token)
        except PyJWTError as error:
            raise Unauthenticated(NOT_ACCEPTED, reason=type(error).__name__) from None
        key, algorithms, issuer, audience = await self._key_for(header)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=algorithms,
                issuer=issuer,
                audience=audience,
                leeway=self._settings.skew_seconds,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except ExpiredSignatureError:
            raise Unauthenticated("The token has expired.", reason="expired") from None
        except ImmatureSignatureError:
            raise Unauthenticated("The token does not hold yet.", reason="not yet") from None
        except (PyJWTError, ValueError, TypeError) as error:
            raise Unauthenticated(NOT_ACCEPTED, reason=type(error).__name__) from None
        return Known(self._viewer(claims), float(claims["exp"]))

    async def _key_for(self, header: Mapping[str, Any]) -> tuple[Any, Sequence[str], str, str]:
        """The key that the header's id and algorithm stand for; nothing else that a header may carry is looked at."""
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(kid, str) or not isinstance(algorithm, str) or header.get("typ") not in _KINDS:
            raise Unauthenticated(NOT_ACCEPTED, reason="header")
        if "crit" in header:
            raise Unauthenticated(NOT_ACCEPTED, reason="crit")
        own = development_key
        if self._is_development and kid == own.KID and algorithm == own.ALGORITHM:
            return own.public_key(), [own.ALGORITHM], own.ISSUER, own.AUDIENCE
        if self._key_set is None or algorithm not in self._settings.algorithms:
            raise Unauthenticated(NOT_ACCEPTED, reason="algorithm")
        try:
            key = await self._key_set.find(kid, algorithm)
        except ProviderAway:
            raise IdentityUnavailable("Tokens cannot be checked at the moment.", reason="provider away") from None
        if key is None:
            raise Unauthenticated(NOT_ACCEPTED, reason="unknown key id")
        return key, [algorithm], self._settings.issuer, self._settings.audience

    def _viewer(self, claims: Mapping[str, Any]) -> Viewer:
        chosen = self._settings
        companies, customers = (_entries(claims.get(name)) for name in (chosen.companies_claim, chosen.customers_claim))
        if not companies or not customers:
            raise Unauthenticated("The token does not say which companies and customers it is for.", reason="no reach")
        if str(claims["sub"]).startswith(KEY_SUBJECT):
            raise Unauthenticated(NOT_ACCEPTED, reason="subject of a key")
        scopes = frozenset(SCOPES).intersection(_entries(claims.get(chosen.scopes_claim)))
        return Viewer(str(claims["sub"]), scopes, reach(companies), reach(customers))


def _entries(claim: Any) -> list[str]:
    """A claim that lists something: texts, or one text with spaces between."""
    found = claim.split() if isinstance(claim, str) else claim
    if (
        not isinstance(found, list)
        or len(found) > MAX_ENTRIES
        or not all(isinstance(each, str) and each for each in found)
    ):
        return []
    return found


def hashed(key: str) -> str:
    """How a key is kept. A key has 256 random bits, so one round of SHA-256 is enough."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def new_key(name: str) -> str:
    return f"{KEY_PREFIX}{name}_{secrets.token_hex(32)}"


@asynccontextmanager
async def opened_identity(settings: IdentitySettings, *, is_development: bool) -> AsyncIterator[Authenticator]:
    if not settings.issuer:
        yield Authenticator(settings, None, is_development=is_development)
        return
    async with KeySet(settings) as key_set:
        yield Authenticator(settings, key_set, is_development=is_development)
