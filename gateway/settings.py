"""crossdock.toml and the environment become Settings: frozen, read once; a typo is an error that names its path."""

import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from sources.atp import AtpMethod, AtpRules
from sources.http import Endpoint

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class SettingsError(Exception):
    """The settings cannot be used; the message says which and why."""


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One system of record."""

    url: str
    connector: str = "standard"
    token: str = ""
    timeout_seconds: float = 1.5
    max_response_bytes: int = 16_777_216
    max_connections: int = 100

    def endpoint(self, name: str) -> Endpoint:
        return Endpoint(
            name=name,
            url=self.url,
            token=self.token,
            timeout_seconds=self.timeout_seconds,
            max_response_bytes=self.max_response_bytes,
            max_connections=self.max_connections,
        )

    def __repr__(self) -> str:
        return f"SourceSettings(connector={self.connector!r})"


class SourcesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    erp: SourceSettings
    crm: SourceSettings
    wms: SourceSettings
    carrier: SourceSettings


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


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`today` is the day availability starts from; without it, the warehouses' own date."""

    sources: SourcesSettings
    mode: Literal["development", "production"] = "production"
    host: str = "127.0.0.1"
    port: int = 8000
    today: date | None = None
    garbage_collection: Literal["tuned", "python"] = "tuned"
    availability: AvailabilitySettings = AvailabilitySettings()
    deadlines: Deadlines = Deadlines()


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
    try:
        settings = msgspec.convert(_expanded(table), Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{origin}: {error}") from error
    if settings.mode == "development" and settings.host not in {"127.0.0.1", "localhost", "::1"}:
        raise SettingsError(
            f'{origin}: mode = "development" has no identity, so it serves on loopback only - at `$.host`'
        )
    return settings


def _expanded(value: Any) -> Any:
    """`${NAME}` in a text stands for that environment variable, so that no secret need stand in the file."""
    if isinstance(value, dict):
        return {key: _expanded(each) for key, each in value.items()}
    if isinstance(value, str):
        return _VARIABLE.sub(_variable, value)
    return value


def _variable(found: re.Match[str]) -> str:
    value = os.environ.get(found[1])
    if value is None:
        raise SettingsError(f"the environment variable {found[1]} is not set")
    return value
