"""The manifests agree with one another, with the image, and with the settings there are; no cluster has run them."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway import starting
from gateway.serving import STOP_SECONDS
from gateway.settings import settings_from
from gateway.telemetry.meters import METERS

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "kubernetes"
NAME = {"app.kubernetes.io/name": "crossdock"}
OURS = sorted(path.name for path in FOLDER.glob("*.yaml") if path.name != "adapter.yaml")


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


@pytest.fixture
def pod() -> Any:
    return read("deployment.yaml")["spec"]["template"]["spec"]


@pytest.fixture
def container(pod: Any) -> Any:
    (only,) = pod["containers"]
    return only


def table() -> dict[str, Any]:
    return tomllib.loads(read("configmap.yaml")["data"]["crossdock.toml"])


def test_each_file_is_one_manifest_by_the_name_of_the_gateway() -> None:
    manifests = [read(name) for name in OURS]
    assert [each["metadata"]["name"] for each in manifests] == ["crossdock"] * len(OURS)
    assert [each["metadata"]["labels"] for each in manifests] == [NAME] * len(OURS)
    assert sorted(each["kind"] for each in manifests) == [
        "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget", "Service",
    ]  # fmt: skip


def test_whatever_selects_pods_selects_the_deployments() -> None:
    deployment = read("deployment.yaml")["spec"]
    assert deployment["template"]["metadata"]["labels"] == NAME
    assert deployment["selector"]["matchLabels"] == NAME
    assert read("service.yaml")["spec"]["selector"] == NAME
    assert read("disruption.yaml")["spec"]["selector"]["matchLabels"] == NAME
    assert read("network.yaml")["spec"]["podSelector"]["matchLabels"] == NAME
    scaled = read("autoscaler.yaml")["spec"]["scaleTargetRef"]
    assert scaled == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "crossdock"}


def test_the_settings_are_ones_that_a_gateway_in_production_starts_with(monkeypatch: pytest.MonkeyPatch) -> None:
    text = read("configmap.yaml")["data"]["crossdock.toml"]
    for name in set(re.findall(r"\$\{(\w+)\}", text)):
        monkeypatch.setenv(name, {"REDIS_URL": "redis://r:6379/0", "DATABASE_URL": "postgresql://p/c"}.get(name, "x"))
    settings = settings_from(table(), origin="configmap.yaml")
    assert settings.mode == "production"
    starting.check(settings)
    shared = (settings.cache.url, settings.rates.url, settings.events.url)
    assert set(shared) == {"redis://r:6379/0"}
    assert settings.submissions.url == "postgresql://p/c"


def test_ports_and_paths_are_the_settings(container: Any) -> None:
    (port,) = container["ports"]
    assert port == {"name": "http", "containerPort": table()["port"]}
    assert read("service.yaml")["spec"]["ports"][0]["targetPort"] == port["name"]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert {"name": "CROSSDOCK_CONFIG", "value": f"{mounts['settings']}/crossdock.toml"} in container["env"]
    assert table()["events"]["letters"].startswith(f"{mounts['kept']}/")
    image = (ROOT / "Dockerfile").read_text()
    assert f"VOLUME {mounts['kept']}\n" in image


def test_every_volume_is_mounted_and_every_mount_is_a_volume(pod: Any, container: Any) -> None:
    assert {each["name"] for each in pod["volumes"]} == {each["name"] for each in container["volumeMounts"]}


def test_secrets_come_by_name_and_none_is_written_down(container: Any) -> None:
    assert container["envFrom"] == [{"secretRef": {"name": "crossdock"}}]
    text = read("configmap.yaml")["data"]["crossdock.toml"]
    secret = [line for line in text.splitlines() if re.match(r"(token|secrets|password)\b", line)]
    assert len(secret) == 5
    assert [line for line in secret if "${" not in line] == []


def test_the_image_is_the_projects_and_runs_as_its_user(pod: Any, container: Any) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert container["image"] == f"crossdock:{version}"
    assert f"--uid {pod['securityContext']['runAsUser']} " in (ROOT / "Dockerfile").read_text()
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip


def test_probes_ask_for_what_they_are_for(container: Any) -> None:
    paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/health/ready", "readiness": "/health/ready", "liveness": "/health/live"}


def test_a_pod_has_time_to_stop_and_says_so_long_enough_to_be_seen(pod: Any, container: Any) -> None:
    settings = table()
    notice = settings["stopping"]["notice_seconds"]
    probe = container["readinessProbe"]
    assert notice > probe["failureThreshold"] * (probe["periodSeconds"] + probe["timeoutSeconds"])
    grace = settings["submissions"].get("grace_seconds", 5)
    assert pod["terminationGracePeriodSeconds"] > notice + 2 + STOP_SECONDS + grace


def test_one_pod_at_least_is_left_by_updates_and_by_emptied_nodes() -> None:
    deployment, budget = read("deployment.yaml")["spec"], read("disruption.yaml")["spec"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert budget["minAvailable"] < deployment["replicas"] == read("autoscaler.yaml")["spec"]["minReplicas"]


def test_it_is_scaled_by_a_figure_that_the_gateway_tells() -> None:
    pods, _ = read("autoscaler.yaml")["spec"]["metrics"]
    name = pods["pods"]["metric"]["name"]
    assert METERS[name].kind == "gauge"
    (rule,) = read("adapter.yaml")["rules"]["custom"]
    assert rule["name"]["as"] == name
    assert rule["seriesQuery"].startswith(f"{name}{{")
