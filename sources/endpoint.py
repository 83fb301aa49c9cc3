"""Where a source is, how it is spoken to and how far it is trusted: all that can be set of one. docs/resilience.md gives the reasons."""

import ssl
from collections.abc import Mapping

import msgspec

from sources.asked import Operation
from sources.breaker import BreakerSettings
from sources.bulkhead import BulkheadSettings
from sources.grant import AuthSettings
from sources.retry import RetrySettings


class TlsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files in PEM: authorities to trust instead of the system's, and a certificate of our own with its key."""

    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""

    def __post_init__(self) -> None:
        if self.key_file and not self.certificate_file:
            raise ValueError("`key_file` lacks its `certificate_file`")

    def context(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError among them) for files that are not there or hold something else."""
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file or None)
        return context


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One source. No secret shows in its repr.

    `timeouts` names operations ("GET /items") that take another time than `timeout_seconds`. `honours_idempotency_key`: the
    source does a write only once for each key, so that one which may have been done may be sent again.
    """

    name: str
    url: str
    token: str = ""
    system: str = "standard"
    timeout_seconds: float = 1.5
    timeouts: Mapping[str, float] = {}
    max_response_bytes: int = 16_777_216
    max_connections: int = 100
    keep_alive_seconds: float = 15.0
    honours_idempotency_key: bool = False
    auth: AuthSettings = AuthSettings()
    tls: TlsSettings = TlsSettings()
    retry: RetrySettings = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    bulkhead: BulkheadSettings = BulkheadSettings()

    def __repr__(self) -> str:
        return f"Endpoint(name={self.name!r})"

    def credentials(self) -> AuthSettings:
        return AuthSettings(token=self.token) if self.token else self.auth

    def seconds(self, operation: Operation) -> float:
        return self.timeouts.get(str(operation), self.timeout_seconds) if self.timeouts else self.timeout_seconds

    def places(self) -> BulkheadSettings:
        """A call that has its place finds a connection: it never waits where nobody counts it."""
        places = self.bulkhead
        return msgspec.structs.replace(places, max_in_flight=min(places.max_in_flight, self.max_connections))
