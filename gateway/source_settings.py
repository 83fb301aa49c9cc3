"""The settings of the systems of record: one a role, or several by name, each with what it answers for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from sources.breaker import BreakerSettings
from sources.bulkhead import BulkheadSettings
from sources.endpoint import Endpoint, TlsSettings
from sources.grant import AuthSettings
from sources.retry import RetrySettings
from sources.routed.territory import Territory, faults, serves_carrier, serves_company, serves_warehouse

ROLES: Final = ("erp", "crm", "wms", "carrier")

_Url = Annotated[str, msgspec.Meta(pattern=r"^(https?://[^/]|$)")]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,15}$")]
_Code = Annotated[str, msgspec.Meta(min_length=1)]
_Seconds = Annotated[float, msgspec.Meta(gt=0)]
_Operation = Annotated[str, msgspec.Meta(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /")]


class Unroutable(ValueError):
    """Systems that leave something open, or claim it twice; the message says where."""


_NOT_THE_ENDPOINTS = {"connector", "options"}


class SystemSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One system of record. `options` are its connector's own: which they are its README says."""

    url: _Url = ""
    connector: str = "standard"
    options: dict[str, Any] = {}
    token: str = ""
    timeout_seconds: _Seconds = 1.5
    timeouts: dict[_Operation, _Seconds] = {}
    max_response_bytes: Annotated[int, msgspec.Meta(ge=1)] = 16_777_216
    max_connections: Annotated[int, msgspec.Meta(ge=1)] = 100
    keep_alive_seconds: Annotated[float, msgspec.Meta(ge=0)] = 15.0
    honours_idempotency_key: bool = False
    auth: AuthSettings = AuthSettings()
    tls: TlsSettings = TlsSettings()
    retry: RetrySettings = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    bulkhead: BulkheadSettings = BulkheadSettings()

    def __post_init__(self) -> None:
        if not self.url:
            raise ValueError("the required field `url` is missing")
        if self.token and self.auth != AuthSettings():
            raise ValueError("`token` and `auth` are two ways: give one")

    def endpoint(self, name: str) -> Endpoint:
        fields = [field for field in SystemSettings.__struct_fields__ if field not in _NOT_THE_ENDPOINTS]
        chosen = {field: getattr(self, field) for field in fields}
        return Endpoint(name=name, system=self.connector, **chosen)

    def territory(self) -> Territory:
        """Of everything."""
        return Territory()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(connector={self.connector!r})"


class CompanySystem(SystemSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of several ERPs or CRMs."""

    companies: tuple[_Code, ...] = ()

    def territory(self) -> Territory:
        return Territory(self.companies)


class WarehouseSystem(SystemSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of several WMSs."""

    companies: tuple[_Code, ...] = ()
    warehouses: tuple[_Code, ...] = ()

    def territory(self) -> Territory:
        return Territory(self.companies, self.warehouses)


class CarrierSystem(SystemSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of several carriers."""

    carriers: tuple[_Code, ...] = ()

    def territory(self) -> Territory:
        return Territory(carriers=self.carriers)


S = TypeVar("S", bound=SystemSettings)


class SourceSettings(SystemSettings, Generic[S], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A role: one system, or several in `systems`, and then nothing beside them."""

    systems: dict[_Name, S] = {}

    def __post_init__(self) -> None:
        if not self.systems:
            super().__post_init__()
            return
        given = [name for name in SystemSettings.__struct_fields__ if getattr(self, name) != _DEFAULTS[name]]
        if given:
            raise ValueError(f"`{given[0]}` and `systems` are two ways: give one, or say it of each system")
        if len(self.systems) == 1:
            raise ValueError("`systems` has one only: write it without a name")

    def named(self, role: str) -> dict[str, SystemSettings]:
        """By the name that each has in errors, logs and states: its role's, or `erp.us` where it is one of several."""
        return {f"{role}.{name}": each for name, each in self.systems.items()} or {role: self}

    def territories(self) -> dict[str, Territory]:
        return {name: each.territory() for name, each in self.systems.items()}


_DEFAULTS: Mapping[str, Any] = msgspec.structs.asdict(SystemSettings(url="http://x")) | {"url": ""}


class SourcesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    erp: SourceSettings[CompanySystem]
    crm: SourceSettings[CompanySystem]
    wms: SourceSettings[WarehouseSystem]
    carrier: SourceSettings[CarrierSystem]

    def role(self, role: str) -> SourceSettings[Any]:
        chosen: SourceSettings[Any] = getattr(self, role)
        return chosen

    def named(self) -> dict[str, SystemSettings]:
        """Every system by its name."""
        return {name: each for role in ROLES for name, each in self.role(role).named(role).items()}


def path_of(name: str) -> str:
    """Where in the settings a system of this name stands."""
    role, _, own = name.partition(".")
    return f"$.sources.{role}.systems.{own}" if own else f"$.sources.{role}"


# ---------------------------------------------------------------- whether the systems of a role fit together


_OF_ROLE: Mapping[str, type[SystemSettings]] = {
    "erp": CompanySystem,
    "crm": CompanySystem,
    "wms": WarehouseSystem,
    "carrier": CarrierSystem,
}


def pinpointed(message: str, table: Mapping[str, Any]) -> str:
    """The same message about these settings, with the name of the system that it is about: msgspec names no keys."""
    for role, kind in _OF_ROLE.items():
        place = f"$.sources.{role}.systems[...]"
        if place not in message:
            continue
        for name, each in table["sources"][role]["systems"].items():
            try:
                msgspec.convert(each, kind)
            except msgspec.ValidationError:
                return message.replace(place, f"$.sources.{role}.systems.{name}")
    return message


class Named(NamedTuple):
    """A key that some setting names, and where."""

    key: str
    path: str


def check(sources: SourcesSettings, *, warehouses: Iterable[Named] = (), carriers: Iterable[Named] = ()) -> None:
    """Raises Unroutable. `warehouses` and `carriers`: what other settings count on."""
    for role in ROLES:
        for fault in faults(sources.role(role).territories()):
            place = f".{fault.system}" if fault.system else ""
            raise Unroutable(f"{fault.told} - at `$.sources.{role}.systems{place}{fault.field and '.' + fault.field}`")
    for role in ("erp", "crm", "wms"):
        _demand(sources, role, _companies(sources), serves_company)
    _demand(sources, "wms", warehouses, serves_warehouse)
    _demand(sources, "carrier", carriers, serves_carrier)


def _companies(sources: SourcesSettings) -> Iterator[Named]:
    for role in ROLES:
        for name, territory in sources.role(role).territories().items():
            for company in territory.companies:
                yield Named(company, f"$.sources.{role}.systems.{name}.companies")


def _demand(
    sources: SourcesSettings, role: str, wanted: Iterable[Named], serves: Callable[[Iterable[Territory], str], bool]
) -> None:
    territories = sources.role(role).territories().values()
    for each in wanted:
        if territories and not serves(territories, each.key):
            raise Unroutable(
                f'none of them has "{each.key}", which `{each.path}` names - at `$.sources.{role}.systems`'
            )
