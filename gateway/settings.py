"""crossdock.toml and the environment become Settings: frozen, read once; a typo is an error that names its path."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from gateway.agents.settings import McpSettings
from gateway.console.page import ConsoleSettings
from gateway.event_settings import (
    EventSettings,
    OutboundSettings,
    PollingSettings,
    SubscriptionSettings,
    WebhookSettings,
)
from gateway.expansion import Expansion, NotThere
from gateway.guard import HttpSettings
from gateway.identity import IdentitySettings
from gateway.limits import LimitSettings
from gateway.rates import RateSettings
from gateway.source_settings import Named, SourcesSettings, Unroutable, check, pinpointed
from gateway.telemetry.settings import TelemetrySettings
from gateway.trusted import DocumentSettings
from orders.policy import OrderPolicy
from orders.settings import SubmissionSettings
from sources.atp import AtpMethod, AtpRules
from sources.cache import CacheLimits
from sources.policy import PolicyChange, policies

_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class SettingsError(Exception):
    """The settings cannot be used; the message says which and why."""


class Deadlines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long an operation may take in all."""

    query_seconds: float = 2.0
    mutation_seconds: float = 5.0


_Days = Annotated[int, msgspec.Meta(ge=0, le=365)]


class AvailabilitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How what can be promised is worked out, where the ERP does not say it itself; see sources.atp.AtpRules."""

    method: Literal["CUMULATIVE_LOOKAHEAD", "DISCRETE"] = "CUMULATIVE_LOOKAHEAD"
    horizon_days: _Days = 90
    overdue_supply_days: _Days | Literal["all"] = 0
    overdue_supply_offset_days: _Days = 0
    overdue_demand_days: _Days | Literal["all"] = "all"
    overdue_demand_offset_days: _Days = 0

    def rules(self) -> AtpRules:
        return AtpRules(
            method=AtpMethod(self.method),
            overdue_supply_days=None if self.overdue_supply_days == "all" else self.overdue_supply_days,
            overdue_supply_offset_days=self.overdue_supply_offset_days,
            overdue_demand_days=None if self.overdue_demand_days == "all" else self.overdue_demand_days,
            overdue_demand_offset_days=self.overdue_demand_offset_days,
        )


class CacheSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is remembered between operations; `policy` changes single figures of sources.policy.POLICY."""

    enabled: bool = True
    url: str = ""
    namespace: str = "crossdock"
    max_entries: Annotated[int, msgspec.Meta(ge=1)] = 200_000
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] = 268_435_456
    policy: dict[str, PolicyChange] = {}

    def __post_init__(self) -> None:
        policies(self.policy)
        if self.url and not self.url.startswith(("redis://", "rediss://")):
            raise ValueError("`url` must begin with redis:// or rediss://")

    def limits(self) -> CacheLimits:
        return CacheLimits(
            max_entries=self.max_entries, max_bytes=self.max_bytes, url=self.url, namespace=self.namespace
        )

    def __repr__(self) -> str:
        return f"CacheSettings(enabled={self.enabled!r})"


class StoppingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`notice_seconds`: for how long a gateway in production that was told to stop says that it is not ready, and serves all the same."""

    notice_seconds: Annotated[float, msgspec.Meta(ge=0, le=300)] = 5.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`today` is the day availability starts from; without it, the warehouses' own date. `public_url`: the gateway as others reach it."""

    sources: SourcesSettings
    mode: Literal["development", "production"] = "production"
    host: str = "127.0.0.1"
    port: int = 8000
    today: date | None = None
    garbage_collection: Literal["tuned", "python"] = "tuned"
    availability: AvailabilitySettings = AvailabilitySettings()
    deadlines: Deadlines = Deadlines()
    cache: CacheSettings = CacheSettings()
    orders: OrderPolicy = OrderPolicy()
    submissions: SubmissionSettings = SubmissionSettings()
    limits: LimitSettings = LimitSettings()
    http: HttpSettings = HttpSettings()
    identity: IdentitySettings = IdentitySettings()
    rates: RateSettings = RateSettings()
    documents: DocumentSettings = DocumentSettings()

    public_url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^/]|$)")] = ""
    events: EventSettings = EventSettings()
    webhooks: dict[_Name, WebhookSettings] = {}
    outbound: dict[_Name, OutboundSettings] = {}
    subscriptions: SubscriptionSettings = SubscriptionSettings()
    polling: PollingSettings = PollingSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    console: ConsoleSettings = ConsoleSettings()
    mcp: McpSettings = McpSettings()
    stopping: StoppingSettings = StoppingSettings()

    @property
    def notice_seconds(self) -> float:
        """In development there is no proxy that would have to notice: Ctrl-C ends at once."""
        return self.stopping.notice_seconds if self.mode == "production" else 0.0

    @property
    def tells_its_schema(self) -> bool:
        """Whether introspection and field suggestions are on."""
        chosen = self.http.introspection
        return self.mode == "development" if chosen == "development" else chosen == "on"


def read_settings(path: Path) -> Settings:
    """Raises SettingsError, which names the file, the setting and what is wrong with it."""
    try:
        table = tomllib.loads(path.read_text())
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from error
    return settings_from(table, origin=str(path))


def settings_from(table: dict[str, Any], *, origin: str) -> Settings:
    expansion = Expansion()
    try:
        expanded = expansion.of(table)
    except NotThere as error:
        raise SettingsError(str(error)) from None
    try:
        settings = msgspec.convert(expanded, Settings)
        _check_systems(settings)
    except (msgspec.ValidationError, Unroutable) as error:
        raise SettingsError(expansion.hidden(f"{origin}: {pinpointed(str(error), expanded)}")) from None
    if settings.mode == "development" and settings.host not in {"127.0.0.1", "localhost", "::1"}:
        raise SettingsError(
            f'{origin}: mode = "development" has no identity, so it serves on loopback only - at `$.host`'
        )
    return settings


def _check_systems(settings: Settings) -> None:
    """Raises Unroutable where the systems of a role do not fit together, or lack what other settings count on."""
    warehouses = [
        Named(code, f"$.orders.routing[{at}].warehouses")
        for at, rule in enumerate(settings.orders.routing)
        for code in rule.warehouses
    ]
    carriers = [Named(name, "$.polling.carriers") for name in settings.polling.carriers]
    check(settings.sources, warehouses=warehouses, carriers=carriers)
