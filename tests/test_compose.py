"""The image, the Compose file and the example settings agree with the tree and with the settings there are."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import yaml

from gateway.console.page import ConsoleSettings
from gateway.event_settings import (
    EventSettings,
    OutboundSettings,
    PollingSettings,
    SubscriptionSettings,
    WebhookSettings,
)
from gateway.guard import HttpSettings
from gateway.identity import ApiKey, IdentitySettings
from gateway.limits import LimitSettings
from gateway.rates import RateSettings
from gateway.settings import CacheSettings, Deadlines, Settings, read_settings
from gateway.source_settings import CarrierSystem, CompanySystem, SystemSettings, WarehouseSystem
from gateway.telemetry.settings import LogSettings, MetricSettings, TraceSettings
from gateway.trusted import DocumentSettings
from orders.policy import NO_HAZARDOUS_BY_AIR, OrderPolicy, Restriction, RoutingRule
from orders.settings import SubmissionSettings
from sources.breaker import BreakerSettings
from sources.bulkhead import BulkheadSettings
from sources.endpoint import TlsSettings
from sources.grant import AuthSettings
from sources.policy import PolicyChange
from sources.retry import RetrySettings

ROOT = Path(__file__).parents[1]
ROLES = ("erp", "crm", "wms", "carrier")


@pytest.fixture
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found: dict[str, Any] = loaded["services"]
    return found


def test_the_services_are_the_sandbox_and_the_gateway(services: dict[str, Any]) -> None:
    assert sorted(services) == ["gateway", "sandbox"]


def test_both_services_are_one_image(services: dict[str, Any]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {service["image"] for service in services.values()} == {f"crossdock:{version}"}
    assert {service["build"] for service in services.values()} == {"."}


def test_the_systems_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    assert services["sandbox"]["ports"] == [f"127.0.0.1:{port}:{port}" for port in (8001, 8002, 8003, 8004)]


def test_the_gateway_serves_on_the_hosts_loopback(services: dict[str, Any]) -> None:
    assert services["gateway"]["network_mode"] == "host"
    assert "ports" not in services["gateway"]


def test_the_commands_are_the_projects_own(services: dict[str, Any]) -> None:
    assert services["sandbox"]["command"][:7] == ["python", "-m", "sandbox", "--host", "0.0.0.0", "--port", "8001"]  # noqa: S104 - inside a container
    assert services["gateway"]["command"] == ["crossdock", "serve"]


def test_the_health_checks_are_python(services: dict[str, Any]) -> None:
    for service in services.values():
        *command, script = service["healthcheck"]["test"]
        assert command == ["CMD", "python", "-c"]
        compile(script, "health check", "exec")


def test_the_gateway_waits_for_healthy_systems(services: dict[str, Any]) -> None:
    assert services["gateway"]["depends_on"] == {"sandbox": {"condition": "service_healthy"}}


def test_mounted_paths_exist_and_the_settings_are_among_them(services: dict[str, Any]) -> None:
    mounts = [volume.split(":") for service in services.values() for volume in service.get("volumes", ())]
    assert [source for source, *_ in mounts if not (ROOT / source).is_file()] == []
    assert services["gateway"]["environment"]["CROSSDOCK_CONFIG"] in [target for _, target, *_ in mounts]


def test_the_gateways_settings_name_the_published_systems(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in services["gateway"]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = read_settings(ROOT / "docker" / "crossdock.toml")
    assert (settings.mode, settings.host, settings.port) == ("development", "127.0.0.1", 8000)
    systems = [getattr(settings.sources, role) for role in ROLES]
    assert [urlsplit(system.url).port for system in systems] == [8001, 8002, 8003, 8004]
    command = services["sandbox"]["command"]
    assert {system.token for system in systems} == {command[command.index("--token") + 1]}


def copied() -> Iterator[str]:
    """What the Dockerfile copies out of the tree, not out of another stage."""
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        word, *rest = line.split() or [""]
        if word == "COPY" and not rest[0].startswith("--from"):
            yield from rest[:-1]


def test_copied_paths_exist_and_are_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert [path for path in copied() if not (ROOT / path).exists() or path in ignored] == []


def test_every_package_of_ours_is_copied() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages <= set(copied())


def test_submissions_are_kept_in_a_volume_that_the_images_user_may_write_to() -> None:
    image = (ROOT / "Dockerfile").read_text()
    (folder,) = re.findall(r"^VOLUME (\S+)$", image, re.MULTILINE)
    assert f"install -d -o crossdock {folder}\n" in image
    table = tomllib.loads((ROOT / "docker" / "crossdock.toml").read_text())
    assert table["submissions"]["url"] == f"sqlite:///{folder}/submissions.db"


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\w+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE) == ["crossdock"]


def test_the_example_has_every_setting_and_is_one_that_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ROLES:
        monkeypatch.setenv(f"{role.upper()}_TOKEN", f"{role}-token")
    for name in ("WMS_WEBHOOK_SECRET", "PORTAL_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "secret")
    example = ROOT / "crossdock.example.toml"
    settings = read_settings(example)
    assert [getattr(settings.sources, role).token for role in ROLES] == [f"{role}-token" for role in ROLES]
    table = tomllib.loads(example.read_text())
    assert set(table) == set(Settings.__struct_fields__)
    assert set(table["sources"]["erp"]) == set(SystemSettings.__struct_fields__)
    assert set(table["deadlines"]) == set(type(settings.deadlines).__struct_fields__)


def test_the_example_states_the_defaults() -> None:
    table = tomllib.loads((ROOT / "crossdock.example.toml").read_text())
    defaults = {
        field.name: msgspec.json.decode(
            msgspec.json.encode(field.default_factory() if field.default is msgspec.NODEFAULT else field.default)
        )
        for field in msgspec.structs.fields(SystemSettings)
        if field.name not in {"url", "token"}
    }
    stated = table["sources"]["erp"]
    for nested in ("auth", "tls"):  # what is empty is no default worth stating
        defaults[nested] = {name: value for name, value in defaults[nested].items() if value != ""}
    assert {name: stated[name] for name in defaults} == defaults
    assert table["deadlines"] == msgspec.to_builtins(Deadlines())
    cache = msgspec.to_builtins(CacheSettings()) | {"policy": table["cache"]["policy"]}
    assert table["cache"] == cache
    assert table["events"] == msgspec.to_builtins(EventSettings())
    subscriptions = msgspec.json.decode(msgspec.json.encode(SubscriptionSettings()))
    assert table["polling"] == msgspec.json.decode(msgspec.json.encode(PollingSettings()))
    assert table["subscriptions"] == subscriptions
    receiver = {field.name: field.default for field in msgspec.structs.fields(OutboundSettings)}
    receiver |= {name: table["outbound"]["portal"][name] for name in ("url", "secret")} | {"types": ["*"]}
    assert table["outbound"]["portal"] == receiver
    sender = {field.name: field.default for field in msgspec.structs.fields(WebhookSettings)}
    assert table["webhooks"]["wms"] == sender | {"secrets": ["${WMS_WEBHOOK_SECRET}"]}
    identity = msgspec.json.decode(msgspec.json.encode(IdentitySettings()))
    assert table["identity"] == identity | {"keys": table["identity"]["keys"]}
    assert set(table["identity"]["keys"][0]) == set(ApiKey.__struct_fields__)
    assert table["rates"] == msgspec.to_builtins(RateSettings())
    assert table["documents"] == msgspec.to_builtins(DocumentSettings())
    assert table["http"] == msgspec.to_builtins(HttpSettings())
    assert table["limits"] == msgspec.to_builtins(LimitSettings())
    assert table["console"] == msgspec.to_builtins(ConsoleSettings())
    assert table["submissions"] == msgspec.to_builtins(SubmissionSettings())


def test_the_example_states_the_defaults_of_orders_and_every_condition_there_is() -> None:
    table = tomllib.loads((ROOT / "crossdock.example.toml").read_text())["orders"]
    policy = msgspec.convert(table, OrderPolicy)
    assert msgspec.structs.replace(policy, routing=()) == OrderPolicy()
    assert policy.restrictions == (NO_HAZARDOUS_BY_AIR,)
    assert set(table) == set(OrderPolicy.__struct_fields__)
    assert set(table["restrictions"][0]) == set(Restriction.__struct_fields__)
    assert set(table["routing"][0]) == set(RoutingRule.__struct_fields__)


def test_the_configuration_page_has_every_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    documented = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    expected = set(Settings.__struct_fields__) - {
        "sources",
        "deadlines",
        "cache",
        "http",
        "identity",
        "rates",
        "documents",
        "submissions",
        "events",
        "webhooks",
        "subscriptions",
        "polling",
        "outbound",
        "telemetry",
        "console",
    }
    expected |= {f"console.{name}" for name in ConsoleSettings.__struct_fields__}
    expected |= {
        f"telemetry.{part}.{name}"
        for part, of in (("logs", LogSettings), ("metrics", MetricSettings), ("traces", TraceSettings))
        for name in of.__struct_fields__
    }
    expected |= {f"rates.{name}" for name in RateSettings.__struct_fields__}
    expected |= {f"documents.{name}" for name in DocumentSettings.__struct_fields__}
    expected |= {f"identity.{name}" for name in IdentitySettings.__struct_fields__}
    expected |= {f"http.{name}" for name in HttpSettings.__struct_fields__}
    expected |= {f"submissions.{name}" for name in SubmissionSettings.__struct_fields__}
    expected |= {f"outbound.<receiver>.{name}" for name in OutboundSettings.__struct_fields__}
    expected |= {f"polling.{name}" for name in PollingSettings.__struct_fields__}
    expected |= {f"subscriptions.{name}" for name in SubscriptionSettings.__struct_fields__}
    expected |= {f"events.{name}" for name in EventSettings.__struct_fields__}
    expected |= {f"webhooks.<source>.{name}" for name in WebhookSettings.__struct_fields__}
    expected |= {f"sources.<role>.{name}" for name in SystemSettings.__struct_fields__}
    own = {
        name
        for kind in (CompanySystem, WarehouseSystem, CarrierSystem)
        for name in kind.__struct_fields__
        if name not in SystemSettings.__struct_fields__
    }
    expected |= {f"sources.<role>.systems.<name>.{name}" for name in own}
    expected |= {f"deadlines.{name}" for name in Deadlines.__struct_fields__}
    expected |= {f"cache.{name}" for name in CacheSettings.__struct_fields__ if name != "policy"}
    expected |= {f"cache.policy.<fact>.{name}" for name in PolicyChange.__struct_fields__}
    assert documented == expected


@pytest.mark.parametrize(
    "kind",
    [
        RetrySettings,
        BreakerSettings,
        BulkheadSettings,
        AuthSettings,
        TlsSettings,
        LimitSettings,
        OrderPolicy,
        Restriction,
        RoutingRule,
    ],
)
def test_the_configuration_page_names_every_figure(kind: type[msgspec.Struct]) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert [name for name in kind.__struct_fields__ if f"`{name}`" not in page] == []
