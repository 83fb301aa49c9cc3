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

from gateway import starting
from gateway.agents.settings import McpSettings, ToolSettings
from gateway.auth import hashed
from gateway.console.page import ConsoleSettings
from gateway.event_settings import (
    EventSettings,
    OutboundSettings,
    PollingSettings,
    SubscriptionSettings,
    WebhookSettings,
)
from gateway.eventing import DRAIN_SECONDS
from gateway.guard import HttpSettings
from gateway.identity import ApiKey, IdentitySettings
from gateway.limits import LimitSettings
from gateway.rates import RateSettings
from gateway.serving import KEEP_ALIVE_SECONDS, STOP_SECONDS
from gateway.settings import CacheSettings, Deadlines, Settings, StoppingSettings, read_settings
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


OWN = ("sandbox", "replica-1", "replica-2", "development")
REPLICAS = ("replica-1", "replica-2")
READY = "http://127.0.0.1:8000/health/ready"


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_the_services_are_two_replicas_behind_a_proxy_with_all_that_they_share(services: dict[str, Any]) -> None:
    shared = {"proxy", "redis", "postgres", "prometheus", "grafana"}
    assert set(services) == {*OWN, *shared}
    assert {name: service["profiles"] for name, service in services.items() if "profiles" in service} == {
        "development": ["development"]
    }


def test_services_of_our_own_are_one_image(services: dict[str, Any]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {services[name]["image"] for name in OWN} == {f"crossdock:{version}"}
    assert {services[name]["build"] for name in OWN} == {"."}


def test_others_are_the_versions_that_were_tested_where_tests_run_them(services: dict[str, Any]) -> None:
    tested = {"proxy": "haproxy:2.6", "redis": "redis:7.0", "postgres": "postgres:15"}
    assert {name: services[name]["image"] for name in tested} == tested
    assert not [name for name, service in services.items() if service["image"].endswith(":latest")]


def test_every_service_is_without_privileges_over_a_root_that_is_read_only(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("user") != "root", name


def test_all_that_is_published_is_on_loopback(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {
        "sandbox": [f"127.0.0.1:{port}:{port}" for port in (8001, 8002, 8003, 8004)],
        "proxy": ["127.0.0.1:8080:8080"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    assert services["development"]["network_mode"] == "host"


def test_the_commands_are_the_projects_own(services: dict[str, Any]) -> None:
    assert services["sandbox"]["command"][:7] == ["python", "-m", "sandbox", "--host", "0.0.0.0", "--port", "8001"]  # noqa: S104 - inside a container
    assert services["development"]["command"] == ["crossdock", "serve"]
    for name in REPLICAS:
        assert services[name]["command"] == ["crossdock", "serve", "--workers", "2"]


def test_health_is_asked_for_in_python_by_the_image_and_by_the_sandbox_in_its_own_way(
    services: dict[str, Any],
) -> None:
    *command, script = services["sandbox"]["healthcheck"]["test"]
    assert command == ["CMD", "python", "-c"]
    compile(script, "health check", "exec")
    (asked,) = re.findall(r"^  CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert READY in yaml.safe_load(asked)[2]
    compile(yaml.safe_load(asked)[2], "health check", "exec")
    assert not [name for name in (*REPLICAS, "development") if "healthcheck" in services[name]]


def test_everything_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    def waits(name: str) -> set[str]:
        return {other for other, how in services[name]["depends_on"].items() if how["condition"] == "service_healthy"}

    assert waits("development") == {"sandbox"}
    assert {name: waits(name) for name in REPLICAS} == {name: {"sandbox", "redis", "postgres"} for name in REPLICAS}
    assert waits("proxy") == set(REPLICAS)


def test_a_replica_has_time_to_stop(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replica_settings(services, monkeypatch)
    seconds = settings.notice_seconds + DRAIN_SECONDS + STOP_SECONDS + settings.submissions.grace_seconds
    for name in REPLICAS:
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > seconds


def test_mounted_paths_exist_and_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    mounts = [volume.split(":") for service in compose["services"].values() for volume in service.get("volumes", ())]
    paths = {source for source, *_ in mounts if source.startswith(".")}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    assert {source for source, *_ in mounts} - paths == set(compose["volumes"])
    for name in ("development", *REPLICAS):
        service = compose["services"][name]
        targets = [volume.split(":")[1] for volume in service["volumes"]]
        assert service["environment"]["CROSSDOCK_CONFIG"] in targets


def test_the_developments_settings_name_the_published_systems(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in services["development"]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = read_settings(ROOT / "docker" / "crossdock.toml")
    assert (settings.mode, settings.host, settings.port) == ("development", "127.0.0.1", 8000)
    systems = [getattr(settings.sources, role) for role in ROLES]
    assert [urlsplit(system.url).port for system in systems] == [8001, 8002, 8003, 8004]
    command = services["sandbox"]["command"]
    assert {system.token for system in systems} == {command[command.index("--token") + 1]}


def replica_settings(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    chosen = {"CROSSDOCK_KEY_HASH": hashed("key"), "POSTGRES_PASSWORD": "chosen"}
    for name, value in services["replica-1"]["environment"].items():
        found = re.sub(r"\$\{(\w+):\?[^}]+\}", lambda match: chosen[match[1]], value)
        monkeypatch.setenv(name, found)
    return read_settings(ROOT / "docker" / "replica.toml")


def test_replicas_share_what_they_must_and_start_in_production(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replica_settings(services, monkeypatch)
    assert settings.mode == "production"
    starting.check(settings)
    assert {settings.cache.url, settings.rates.url, settings.events.url} == {"redis://redis:6379/0"}
    database = urlsplit(settings.submissions.url)
    assert (database.scheme, database.hostname, database.path) == ("postgresql", "postgres", "/crossdock")
    assert services["postgres"]["environment"]["POSTGRES_DB"] == "crossdock"
    assert [urlsplit(getattr(settings.sources, role).url).netloc for role in ROLES] == [
        f"sandbox:{port}" for port in (8001, 8002, 8003, 8004)
    ]


def test_no_secret_of_production_is_written_down(services: dict[str, Any]) -> None:
    written = {
        name: value
        for service in services.values()
        for name, value in service.get("environment", {}).items()
        if re.search(r"PASSWORD|HASH", name)
    }
    assert set(written) == {"CROSSDOCK_KEY_HASH", "POSTGRES_PASSWORD", "GF_SECURITY_ADMIN_PASSWORD"}
    assert [name for name, value in written.items() if not re.fullmatch(r"\$\{\w+:\?.+\}", value)] == []


def test_the_proxy_knows_both_replicas_and_tells_nobody_outside_of_metrics(services: dict[str, Any]) -> None:
    config = (ROOT / "docker" / "haproxy.cfg").read_text()
    given = services["proxy"]["environment"]
    assert set(re.findall(r'"\$\{(\w+)\}"', config)) == set(given)
    assert [given[f"CROSSDOCK_REPLICA_{at}"] for at in (1, 2)] == [f"{name}:8000" for name in REPLICAS]
    assert services["proxy"]["ports"][0].endswith(given["CROSSDOCK_LISTEN"])
    assert "http-request return status 404" in config
    idle = re.search(r"pool-purge-delay (\d+)s", config)
    assert idle is not None
    assert int(idle[1]) * 2 < KEEP_ALIVE_SECONDS


def test_prometheus_asks_each_replica_by_itself(services: dict[str, Any]) -> None:
    asked = yaml.safe_load((ROOT / "docker" / "prometheus" / "prometheus.yml").read_text())
    targets = [each for job in asked["scrape_configs"] for of in job["static_configs"] for each in of["targets"]]
    assert targets == [f"{name}:8000" for name in REPLICAS]
    (source,) = yaml.safe_load(
        (ROOT / "docker" / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text()
    )["datasources"]
    assert urlsplit(source["url"]).hostname in services


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
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "deploy", "examples"}
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
    (tool,) = table["mcp"]["tools"].values()
    assert tool == msgspec.to_builtins(ToolSettings(document=tool["document"]))
    assert table["mcp"] | {"tools": {}} == msgspec.to_builtins(McpSettings())
    assert table["stopping"] == msgspec.to_builtins(StoppingSettings())


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
        "mcp",
        "stopping",
    }
    expected |= {f"console.{name}" for name in ConsoleSettings.__struct_fields__}
    expected |= {f"mcp.{name}" for name in McpSettings.__struct_fields__ if name != "tools"}
    expected |= {f"mcp.tools.<name>.{name}" for name in ToolSettings.__struct_fields__}
    expected |= {f"stopping.{name}" for name in StoppingSettings.__struct_fields__}
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
