"""The key of development tokens: public to all who can read this file, so it opens a gateway in development mode and no other."""

import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KID: Final = "crossdock-development"
ISSUER: Final = "https://development.crossdock.invalid/"
AUDIENCE: Final = "crossdock"
ALGORITHM: Final = "EdDSA"
PUBLIC_X: Final = "wjkhBHPkt0nyYJ-gbi2maiSYf6Ex5taZo-IXNvKNbcM"
"""As a JWK has it."""

_PRIVATE: Final = "8426bafd30f1db29545216488d5cbc29304fa91ebac653a1578de9d962e8614e"


class Bearer(NamedTuple):
    """Whom a development token is for; "*" is all."""

    subject: str
    scopes: Iterable[str]
    companies: Iterable[str] = ("*",)
    customers: Iterable[str] = ("*",)


@lru_cache(maxsize=1)
def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_PRIVATE))


@lru_cache(maxsize=1)
def public_key() -> Ed25519PublicKey:
    return _private_key().public_key()


def is_development_key(row: Mapping[str, Any]) -> bool:
    return row.get("kid") == KID or row.get("x") == PUBLIC_X


def token(bearer: Bearer, *, hours: float = 12.0) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": bearer.subject,
        "iat": now,
        "exp": now + int(hours * 3600),
        "scope": " ".join(bearer.scopes),
        "crossdock_companies": list(bearer.companies),
        "crossdock_customers": list(bearer.customers),
    }
    return jwt.encode(claims, _private_key(), algorithm=ALGORITHM, headers={"kid": KID})
