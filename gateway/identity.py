"""Who may be somebody: the settings of the identity provider and of the keys that machines carry."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from sources.viewer import SCOPES, Viewer

KEY_SUBJECT = "key:"
"""Begins the subject of machines with keys, so that no token's subject is taken for one of them."""

ALL = "*"
"""Stands for all companies, or all customers; it must be said, so that a forgotten claim opens nothing."""

_Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_Seconds = Annotated[float, msgspec.Meta(ge=0)]
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ApiKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One machine's key. Two `hashes` hold while it changes from one key to the next."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    hashes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=2)]
    scopes: list[str]
    companies: Annotated[list[str], msgspec.Meta(min_length=1)]
    customers: Annotated[list[str], msgspec.Meta(min_length=1)]
    expires: date | None = None

    def __post_init__(self) -> None:
        if not all(_HASH.fullmatch(each) for each in self.hashes):
            raise ValueError("`hashes` are written sha256: and 64 hexadecimal digits, as `crossdock key` prints them")
        unknown = sorted(set(self.scopes) - set(SCOPES))
        if unknown:
            raise ValueError(f"`{unknown[0]}` is no scope; known: {', '.join(SCOPES)}")

    def viewer(self) -> Viewer:
        return Viewer(KEY_SUBJECT + self.id, frozenset(self.scopes), reach(self.companies), reach(self.customers))

    @property
    def expires_at(self) -> float | None:
        """The end of its last day in UTC."""
        if self.expires is None:
            return None
        return datetime(self.expires.year, self.expires.month, self.expires.day, tzinfo=UTC).timestamp() + 86_400

    def __repr__(self) -> str:
        return f"ApiKey(id={self.id!r})"


def reach(entries: list[str]) -> frozenset[str]:
    """What a Viewer's companies or customers are: empty means all."""
    return frozenset() if ALL in entries else frozenset(entries)


class IdentitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`refresh_seconds`: how often the provider's keys are read anew; `outage_seconds`: how long they hold while it does not answer."""

    issuer: str = ""
    audience: str = ""
    jwks_url: str = ""
    ca_file: str = ""
    algorithms: tuple[_Algorithm, ...] = ("RS256", "ES256")
    skew_seconds: Annotated[float, msgspec.Meta(ge=0, le=300)] = 30.0
    refresh_seconds: _Seconds = 300.0
    outage_seconds: _Seconds = 86_400.0
    scopes_claim: str = "scope"
    companies_claim: str = "crossdock_companies"
    customers_claim: str = "crossdock_customers"
    keys: list[ApiKey] = []

    def __post_init__(self) -> None:
        if self.issuer and not self.audience:
            raise ValueError("`audience` must be given with `issuer`: else tokens made for others would open this door")
        for name in ("issuer", "jwks_url"):
            address = getattr(self, name)
            if address and not is_safe(address):
                raise ValueError(f"`{name}` must begin with https://, or be on this machine")
        if not self.algorithms:
            raise ValueError("`algorithms` must name one at least")
        twice = len({key.id for key in self.keys}) < len(self.keys)
        if twice:
            raise ValueError("two `keys` have the same `id`")

    @property
    def is_given(self) -> bool:
        return bool(self.issuer or self.keys)


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is said."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
