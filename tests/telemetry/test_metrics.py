"""Metrics: what is counted, that it is bounded, who may read it, and that several processes' figures are one."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from stack import Stack, stack_over

from gateway.auth import hashed, new_key
from gateway.telemetry.looking import look
from gateway.telemetry.meters import METERS
from gateway.telemetry.metrics import Metrics
from sandbox.facts import Dataset
from tests.streaming import socket

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()
FACTS = {"items": [{"sku": "BOLT", "name": "Bolt", "listPrice": "1.00"}], "customers": [{"number": "C1"}]}
LOOK = 'query Look { item(sku: "BOLT", company: "US") { sku } }'


@pytest.fixture
async def small() -> AsyncIterator[Stack]:
    async with stack_over(Dataset.from_builtins(FACTS), cache={"enabled": True}) as running:
        yield running


def figures(page: str) -> dict[tuple[str, ...], float]:
    """By name and the labels' values in the order of their names; without buckets."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


async def told(stack: Stack) -> dict[tuple[str, ...], float]:
    answer = await stack.client.get("/metrics")
    assert answer.status_code == 200
    return figures(answer.text)


async def test_operations_calls_and_memory_are_counted(small: Stack) -> None:
    for _ in range(3):
        await small.ask(LOOK)
    await small.fault("erp", status=503)
    await small.ask('{ item(sku: "NUT", company: "US") { sku } }')
    await small.ask("{ nothing }")
    await small.client.post("/graphql", content=b"{}")
    found = await told(small)
    assert {key: value for key, value in found.items() if key[0] == "crossdock_operations_total"} == {
        ("crossdock_operations_total", "query", "Look", "ok"): 3,
        ("crossdock_operations_total", "query", "unnamed", "errors"): 1,
        ("crossdock_operations_total", "query", "unnamed", "refused"): 1,
    }
    assert found["crossdock_operation_seconds_count", "query", "Look"] == 3
    assert found["crossdock_operations_in_flight",] == 0
    assert found["crossdock_operation_errors_total", "SOURCE_UNAVAILABLE"] == 1
    assert found["crossdock_requests_refused_total", "BAD_INPUT"] == 1
    assert found["crossdock_source_calls_total", "sent", "GET /items", "ok", "erp"] == 1
    assert found["crossdock_source_calls_total", "sent", "GET /items", "SourceUnavailable", "erp"] == 1
    assert found["crossdock_source_call_seconds_count", "GET /items", "erp"] == 2
    assert found["crossdock_source_keys_total", "GET /items", "erp"] == 2
    assert found["crossdock_cache_keys_total", "item", "fresh", "erp"] == 2
    assert found["crossdock_cache_keys_total", "item", "none", "erp"] == 2


async def test_what_nobody_tells_is_looked_at(small: Stack) -> None:
    async with socket(small.url) as client:
        await client.subscribe("subscription { shipmentEvents { type } }")
        await client.silence()
        metrics: Metrics = small.app.state.scrape._metrics  # noqa: SLF001 - the gateway's own, to look now and not in five seconds
        await look(metrics, small.app.state.looked)
        found = await told(small)
    assert found["crossdock_streams_open",] == 1
    assert found["crossdock_subscribers",] == 1
    assert found["crossdock_bus_connected",] == 1
    assert [found["crossdock_source_breaker", role] for role in ("erp", "crm", "wms", "carrier")] == [0, 0, 0, 0]


async def test_every_metric_is_on_the_page_with_its_kind_and_labels_and_no_other_is() -> None:
    table = PAGE.partition("## Metrics")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(crossdock_[a-z_]+)` \| (\w+) \| ([^|]*)\|", table, re.MULTILINE)
    documented = {name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    assert documented == {name: (meter.kind, meter.labels) for name, meter in METERS.items()}
    assert len(rows) == len(documented)


async def test_callers_cannot_make_more_series_than_are_allowed() -> None:
    async with stack_over(Dataset.from_builtins(FACTS), telemetry={"metrics": {"operation_names": 3}}) as running:
        for at in range(10):
            await running.ask(f'query N{at} {{ item(sku: "BOLT") {{ sku }} }}')
        for at in range(10):
            await running.ask(f"query Wrong{at} {{ nothing }}")
        found = await told(running)
    counted = {
        key[2]: value for key, value in found.items() if key[0] == "crossdock_operations_total" and key[3] == "ok"
    }
    assert counted == {"N0": 1, "N1": 1, "N2": 1, "other": 7}
    assert found["crossdock_operations_total", "query", "other", "refused"] == 10


async def test_in_production_metrics_take_a_scope_of_their_own() -> None:
    keys = {name: new_key(name) for name in ("gatherer", "other")}
    scopes = {"gatherer": ["metrics:read"], "other": ["item:read"]}
    rows: list[dict[str, Any]] = [
        {"id": name, "hashes": [hashed(key)], "scopes": scopes[name], "companies": ["*"], "customers": ["*"]}
        for name, key in keys.items()
    ]
    settings = {"mode": "production", "http": {"hosts": ["127.0.0.1"]}, "identity": {"keys": rows}}
    async with stack_over(Dataset.from_builtins(FACTS), **settings) as running:
        statuses = [(await running.client.get("/metrics")).status_code]
        for key in keys.values():
            answer = await running.client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
            statuses.append(answer.status_code)
    assert statuses == [401, 200, 403]


@pytest.mark.parametrize(("access", "status"), [("open", 200), ("off", 404)])
async def test_metrics_may_be_open_or_off(access: str, status: int) -> None:
    key = {"id": "a", "hashes": [hashed(new_key("a"))], "scopes": ["item:read"], "companies": ["*"], "customers": ["*"]}
    settings: dict[str, Any] = {"mode": "production", "http": {"hosts": ["127.0.0.1"]}, "identity": {"keys": [key]}}
    settings["telemetry"] = {"metrics": {"access": access}}
    async with stack_over(Dataset.from_builtins(FACTS), **settings) as running:
        assert (await running.client.get("/metrics")).status_code == status


PROCESS = """
import sys
from gateway.telemetry.metrics import Metrics
metrics = Metrics(operation_names=1)
metrics.of("crossdock_requests_refused_total", "BAD_INPUT").inc(int(sys.argv[1]))
metrics.set("crossdock_source_in_flight", 2, "erp")
metrics.set("crossdock_source_breaker", int(sys.argv[1]) - 1, "erp")
metrics.set("crossdock_bus_connected", int(sys.argv[1]) % 2)
print("ready", flush=True)
sys.stdin.readline()
page, _ = metrics.told("")
print(page.decode())
"""


async def test_several_processes_figures_are_told_as_one_by_each_of_them(tmp_path: Path) -> None:
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    made = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, str(at), env=environment, **pipes)
        for at in (1, 2)
    ]
    for each in made:
        assert each.stdout is not None
        assert (await each.stdout.readline()) == b"ready\n"
    pages = [figures((await each.communicate(b"\n"))[0].decode()) for each in made[:1]]
    await made[1].communicate(b"\n")
    (found,) = pages
    assert found["crossdock_requests_refused_total", "BAD_INPUT"] == 3
    assert found["crossdock_source_in_flight", "erp"] == 4
    assert found["crossdock_source_breaker", "erp"] == 1
    assert found["crossdock_bus_connected",] == 0


def test_what_others_count_is_caught_up_with_and_never_counted_twice() -> None:
    metrics = Metrics(operation_names=1)
    for total in (3, 3, 5, 1):
        metrics.rose("crossdock_bus_events_total", total, "published")
    assert figures(metrics.told("")[0].decode())["crossdock_bus_events_total", "published"] == 5
