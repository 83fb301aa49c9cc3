"""The dashboard's and the alerts' queries, asked of a real Prometheus that reads a gateway on which a day was acted out."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripted_day import events, submissions
from stack import Stack, stack_over

from gateway.eventing import Eventing
from gateway.telemetry.meters import METERS
from sandbox.facts import Dataset
from sources.events import encoded
from sources.signatures import signed
from tests.prometheus_server import Prometheus, prometheus_over

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "docker" / "grafana" / "dashboards" / "crossdock.json").read_text())
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "docker" / "prometheus" / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
}
SECRET = "shared"
LOOK = 'query Look { item(sku: "BOLT", company: "US") { sku } }'
FACTS: dict[str, Any] = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}, {"code": "CA", "currency": "CAD"}],
    "items": [{"sku": "BOLT", "name": "Bolt", "listPrice": "1.00"}],
}


@pytest.fixture(scope="module")
async def acted(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stack, Prometheus]]:
    folder = tmp_path_factory.mktemp("day")
    given: dict[str, Any] = {
        "submissions": {"url": f"sqlite:///{folder}/submissions.db", "keep_days": 10_000},
        "webhooks": {role: {"secrets": [SECRET]} for role in ("wms", "carrier")},
        "events": {"letters": f"{folder}/letters.sqlite3"},
        "outbound": {"portal": {"url": "http://127.0.0.1:9/", "secret": SECRET, "base_seconds": 60.0}},
        "polling": {"enabled": True},
        "cache": {"enabled": True},
    }
    async with (
        stack_over(Dataset.from_builtins(FACTS), **given) as running,
        prometheus_over(running.url, folder) as prometheus,
    ):
        await _everything(running)
        await prometheus.until('count_over_time(up{job="crossdock"}[1m]) > 2')
        await _everything(running)
        await prometheus.until("crossdock_figures_dropped_total >= 0 and crossdock_bus_connected == 1")
        yield running, prometheus


async def _everything(running: Stack) -> None:
    """What makes every series that there is."""
    eventing: Eventing = running.app.state.eventing
    assert eventing.bookkeeping is not None
    for each in submissions():
        eventing.bookkeeping.hear_submission(each)
    for event in events():
        body, to = encoded(event), event.source.strip("/")
        await running.client.post(f"/webhooks/{to}", content=body, headers=signed(body, SECRET, datetime.now(UTC)))
    await running.client.post("/webhooks/wms", content=b"{}")
    await eventing.bookkeeping.written()
    await running.ask(LOOK)
    await running.ask("{ __schema { queryType { name } } }")
    await running.client.post("/graphql", content=b"{}")
    await running.fault("erp", status=503)
    await running.ask('{ item(sku: "GONE") { sku } }')
    await running.mend()
    running.app.state.scrape._metrics.of("crossdock_source_retries_total", "erp")  # noqa: SLF001 - the test's stack retries nothing


async def test_every_query_of_the_dashboard_has_data(acted: tuple[Stack, Prometheus]) -> None:
    _, prometheus = acted
    await prometheus.until(
        "count(rate(crossdock_webhooks_total[30s])) > 0 and count(rate(crossdock_bus_events_total[30s])) > 0"
    )
    empty = [
        name
        for name, expression in QUERIES.items()
        if not await prometheus.found(expression.replace("$__rate_interval", "30s"))
    ]
    assert empty == []
    assert len(QUERIES) > 30


async def test_every_metric_is_on_the_dashboard_or_in_an_alert_and_no_other_is() -> None:
    text = json.dumps(DASHBOARD) + json.dumps(RULES)
    used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"crossdock_[a-z_]+", text)}
    assert used - set(METERS) == set()
    assert set(METERS) - used == {"crossdock_figures_dropped_total"}


async def test_alerts_are_understood_quiet_on_a_good_day_and_fire_when_a_system_is_down(
    acted: tuple[Stack, Prometheus],
) -> None:
    running, prometheus = acted
    states = await prometheus.alerts()
    assert set(states) == {rule["alert"] for rule in RULES}
    assert states["SourceDown"] == states["CrossdockGone"] == "inactive"
    running.app.state.scrape._metrics.set("crossdock_source_breaker", 2, "other")  # noqa: SLF001 - as of a system that is looked at no more
    await prometheus.until('ALERTS{alertname="SourceDown", source="other"}')


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_happened_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith((".", "wait."))
    assert rule["annotations"]["action"]
