"""The settings of what happens: the bus, webhooks in and out, subscriptions."""

from typing import Annotated

import msgspec

from sources.bus import BusLimits
from sources.dialects import DIALECTS
from sources.polling import PollingLimits
from sources.signatures import SCHEMES, Checking

_Count = Annotated[int, msgspec.Meta(ge=1)]
_Seconds = Annotated[float, msgspec.Meta(gt=0)]


class EventSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bus. `letters` is the file of deliveries that could not be understood."""

    url: str = ""
    namespace: str = "crossdock"
    max_events: _Count = 10_000
    max_age_seconds: _Seconds = 86_400.0
    letters: str = "crossdock-letters.sqlite3"
    max_letters: _Count = 10_000

    def __post_init__(self) -> None:
        if self.url and not self.url.startswith(("redis://", "rediss://")):
            raise ValueError("`url` must begin with redis:// or rediss://")

    def limits(self) -> BusLimits:
        return BusLimits(
            url=self.url, namespace=self.namespace, max_events=self.max_events, max_age_seconds=self.max_age_seconds
        )

    def __repr__(self) -> str:
        return "EventSettings()"


class PollingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parcels of carriers that do not tell; see sources.polling."""

    enabled: bool = False
    carriers: tuple[str, ...] = ()
    min_seconds: _Seconds = 60.0
    max_seconds: _Seconds = 1_800.0
    max_parcels: _Count = 10_000

    def limits(self) -> PollingLimits:
        return PollingLimits(
            carriers=self.carriers,
            min_seconds=self.min_seconds,
            max_seconds=self.max_seconds,
            max_parcels=self.max_parcels,
        )


class OutboundSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One receiver of what happens here. `types` are patterns, such as "shipment.*"."""

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/]")]
    secret: Annotated[str, msgspec.Meta(min_length=1)]
    types: tuple[str, ...] = ("*",)
    company: str = ""
    attempts: _Count = 8
    base_seconds: _Seconds = 1.0
    cap_seconds: _Seconds = 300.0
    timeout_seconds: _Seconds = 10.0

    def __repr__(self) -> str:
        return "OutboundSettings()"


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sender. Two `secrets` at once while one is being replaced. `company` where the sender knows no legal entities."""

    dialect: str = "standard"
    secrets: tuple[str, ...] = ()
    signature: str = ""
    header: str = ""
    company: str = ""
    tolerance_seconds: _Seconds = 300.0
    max_body_bytes: _Count = 1_048_576

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise ValueError(f"`dialect` is none of {', '.join(DIALECTS)}")
        if self.signature and self.signature not in SCHEMES:
            raise ValueError(f"`signature` is none of {', '.join(SCHEMES)}")
        if not any(self.secrets) or not all(self.secrets):
            raise ValueError("`secrets` needs one secret at least, and none that is empty")

    @property
    def scheme(self) -> str:
        return self.signature or DIALECTS[self.dialect].signature

    def checking(self) -> Checking:
        return Checking(self.secrets, self.tolerance_seconds, self.header)

    def __repr__(self) -> str:
        return f"WebhookSettings(dialect={self.dialect!r})"


class SubscriptionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Streams: how many, how patient. A caller is who it is authenticated as."""

    allowed_origins: tuple[str, ...] = ()
    max_connections: _Count = 20_000
    max_connections_per_caller: _Count = 1_000
    max_operations: _Count = 100
    max_pending: _Count = 64
    slow_seconds: _Seconds = 10.0
    init_seconds: _Seconds = 3.0
    ping_seconds: _Seconds = 20.0
    pong_seconds: _Seconds = 10.0

    @property
    def tick_seconds(self) -> float:
        """How often the connections are looked after."""
        return min(1.0, self.slow_seconds, self.init_seconds, self.ping_seconds, self.pong_seconds) / 2

    @property
    def most_waiting(self) -> int:
        """What may wait for one connection: the limit, and one more for each operation and its end."""
        return self.max_pending + 2 * self.max_operations
