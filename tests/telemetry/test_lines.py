"""The canonical line: one an operation, whatever becomes of it; and how lines are written."""

import io
import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from stack import Stack, stack_over

from gateway.telemetry import logs
from gateway.telemetry.logs import formatter, logging_to
from gateway.telemetry.settings import LogSettings
from sandbox.facts import Dataset
from tests.streaming import socket

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()
FACTS = {"items": [{"sku": "BOLT", "name": "Bolt", "listPrice": "1.00"}], "customers": [{"number": "C1"}]}
BASE = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


@pytest.fixture(scope="module")
async def small() -> AsyncIterator[Stack]:
    async with stack_over(Dataset.from_builtins(FACTS), cache={"enabled": True}) as running:
        yield running


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "crossdock")


def fields(caplog: pytest.LogCaptureFixture, event: str = "operation") -> list[dict[str, Any]]:
    """What each line of this event tells."""
    found = [each for each in caplog.records if each.name == "crossdock.operation" and each.getMessage() == event]
    return [{name: value for name, value in vars(each).items() if name not in BASE} for each in found]


async def test_an_operation_has_one_line_with_all_that_it_took(small: Stack, caplog: pytest.LogCaptureFixture) -> None:
    query = 'query Look { item(sku: "BOLT", company: "US") { sku } again: item(sku: "NUT", company: "US") { sku } }'
    for _ in range(2):
        await small.client.post("/graphql", json={"query": query}, headers={"X-Correlation-Id": "c-1"})
    first, second = fields(caplog)
    assert first["sources"] == [
        {"source": "erp", "calls": 1, "keys": 2, "cached": 0, "stale": 0, "ms": first["sources"][0]["ms"], "errors": 0}
    ]
    assert {name: first[name] for name in first.keys() - {"sources", "ms", "trace_id"}} == {
        "correlation_id": "c-1",
        "caller": "development",
        "transport": "http",
        "kind": "query",
        "operation": "Look",
        "outcome": "ok",
        "cost": first["cost"],
        "calls": 1,
        "keys": 2,
        "cached": 0,
        "stale": 0,
        "errors": {},
        "engine": "crossdock",
    }
    assert first["ms"] > 0
    assert re.fullmatch("[0-9a-f]{32}", first["trace_id"])
    assert (second["calls"], second["cached"], second["sources"][0]["cached"]) == (0, 2, 2)


async def test_errors_are_told_by_code_and_what_was_asked_and_answered_is_not(
    small: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    query = 'query ($sku: String!) { a: item(sku: $sku) { sku } b: item(sku: "PRIVATE-2") { name } }'
    await small.fault("erp", status=500)
    answer = await small.ask(query, {"sku": "PRIVATE-1"})
    await small.mend()
    assert len(answer["errors"]) == 2
    (line,) = fields(caplog)
    assert (line["outcome"], line["errors"], line["operation"]) == ("errors", {"SOURCE_UNAVAILABLE": 2}, None)
    for record in caplog.records:
        text = formatter("json").format(record)
        assert "PRIVATE" not in text
        assert small.addresses["erp"] not in text


async def test_what_graphql_core_executed_says_why(small: Stack, caplog: pytest.LogCaptureFixture) -> None:
    await small.ask("{ __schema { queryType { name } } }")
    (line,) = fields(caplog)
    assert (line["engine"], line["outcome"]) == ("graphql-core", "ok")
    assert line["left_because"]


async def test_what_is_refused_before_it_is_executed_has_a_line_too(
    small: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    await small.ask("{ nothingOfTheKind }")
    await small.client.post("/graphql", content=b"{", headers={"Content-Type": "application/json"})
    (line,) = fields(caplog)
    assert (line["outcome"], line["calls"]) == ("refused", 0)
    (refused,) = fields(caplog, "refused")
    assert {name: refused[name] for name in ("status", "code", "caller")} == {
        "status": 400,
        "code": "BAD_INPUT",
        "caller": "",
    }


async def test_operations_over_a_socket_have_lines_too(small: Stack, caplog: pytest.LogCaptureFixture) -> None:
    async with socket(small.url) as client:
        await client.subscribe('query Over { item(sku: "BOLT") { sku } }')
        assert (await client.hear())["type"] == "next"
        assert (await client.hear())["type"] == "complete"
    (line,) = fields(caplog)
    assert (line["transport"], line["operation"], line["outcome"]) == ("websocket", "Over", "ok")


@pytest.mark.parametrize(
    ("which", "told"), [("all", [True, True]), ("failed", [False, True]), ("none", [False, False])]
)
async def test_which_operations_have_lines_is_set(
    which: str, told: list[bool], caplog: pytest.LogCaptureFixture
) -> None:
    async with stack_over(Dataset.from_builtins(FACTS), telemetry={"logs": {"operations": which}}) as running:
        for query, is_told in zip(('{ item(sku: "BOLT") { sku } }', "{ nothing }"), told, strict=True):
            caplog.clear()
            await running.ask(query)
            assert bool(fields(caplog)) is is_told


async def test_the_page_names_every_field_and_no_other(small: Stack, caplog: pytest.LogCaptureFixture) -> None:
    await small.ask("{ __schema { queryType { name } } }")
    await small.client.post("/graphql", content=b"{", headers={"Content-Type": "application/json"})
    await small.fault("erp", status=500)
    await small.ask('{ item(sku: "X") { sku } }')
    await small.mend()
    found = {name for event in ("operation", "refused") for line in fields(caplog, event) for name in line}
    failed = [vars(each) for each in caplog.records if each.name == "crossdock.source" and "outcome" in vars(each)]
    found |= {name for each in failed for name in each if name not in BASE} | {"timestamp", "level", "logger", "event"}
    table = PAGE.partition("## Logs")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == found | {"audit", "breaker", "exception"}


# ---------------------------------------------------------------- how they are written


def said(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_whatever_is_logged_becomes_one_line_of_json() -> None:
    stream, log = io.StringIO(), logging.getLogger("anybody")
    with logging_to(stream, LogSettings()):
        log.warning("a\nb %s", "c", extra={"figure": 1})
        log.debug("too little")
        try:
            {}["gone"]
        except KeyError:
            log.exception("failed")
    first, second = said(stream)
    assert {name: first[name] for name in ("event", "figure", "level", "logger")} == {
        "event": "a\nb c",
        "figure": 1,
        "level": "warning",
        "logger": "anybody",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first["timestamp"])
    assert second["exception"].endswith("KeyError: 'gone'")


def test_pretty_lines_show_no_variables_and_nothing_that_a_terminal_obeys() -> None:
    stream = io.StringIO()
    with logging_to(stream, LogSettings(format="pretty")):
        secret = f"hunter{2}"
        try:
            {}[len(secret)]
        except KeyError:
            logging.getLogger("x").exception("failed", extra={"caller": "\x1b[2Jann"})
    assert "KeyError: 7" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_a_pipe_that_nobody_reads_holds_nobody_up_and_what_is_dropped_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading  # noqa: PLC0415

    monkeypatch.setattr(logs, "MAX_WAITING", 10)
    monkeypatch.setattr(logs, "STOP_SECONDS", 0.01)
    unread = threading.Event()

    class Pipe(io.StringIO):
        def write(self, text: str) -> int:
            unread.wait(30)
            return super().write(text)

    log = logging.getLogger("x")
    with logging_to(Pipe(), LogSettings()) as writer:
        for _ in range(100):
            log.warning("more")
        assert logs.dropped_lines() == writer.dropped >= 80
    unread.set()


def test_logging_is_as_before_when_the_gateway_has_stopped() -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    with logging_to(io.StringIO(), LogSettings(level="ERROR")):
        assert logging.getLogger().level == logging.ERROR
    assert (logging.getLogger().handlers, logging.getLogger().level) == before
