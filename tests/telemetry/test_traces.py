"""One operation found again everywhere by its ids; and what is recorded of it."""

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from stack import Stack, stack_over

from gateway.telemetry.tracing import Tracing
from sandbox.facts import Dataset
from sources.trace import Trace
from tests.telemetry.collector import Collector, attributes, collecting

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "shop=1", "X-Correlation-Id": "c-42"}
FACTS = {
    "items": [{"sku": "BOLT", "name": "Bolt", "listPrice": "1.00"}],
    "customers": [{"number": "C1", "name": "One"}],
    "shipTos": [{"code": "S", "customer": "C1"}],
    "stock": [{"sku": "BOLT", "warehouse": "RNO", "onHand": "1"}],
}
QUERY = 'query Rep { item(sku: "BOLT") { sku price(customer: "C1") { unit { amount } } } }'


@pytest.fixture(scope="module")
async def collector() -> AsyncIterator[Collector]:
    async with collecting() as found:
        yield found


@pytest.fixture
async def traced(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    collector.spans.clear()
    telemetry = {"traces": {"endpoint": collector.url, "ratio": 0.5, "headers": {"x-key": "k"}}}
    async with stack_over(Dataset.from_builtins(FACTS), telemetry=telemetry) as running:
        yield running


async def heads(stack: Stack, role: str) -> list[dict[str, str]]:
    answer = await stack.client.get(f"{stack.addresses[role]}/_sandbox/heads")
    found: list[dict[str, str]] = answer.json()["calls"]
    return found


async def test_one_operation_is_found_by_its_ids_from_its_callers_header_to_the_systems(
    traced: Stack, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "crossdock.operation")
    await traced.fault("erp", operation="POST /prices", status=503)
    answer = await traced.client.post("/graphql", json={"query": QUERY}, headers=SAMPLED)
    (error,) = answer.json()["errors"]
    (line,) = [vars(each) for each in caplog.records if each.name == "crossdock.operation"]
    assert (
        answer.headers["x-correlation-id"] == error["extensions"]["correlationId"] == line["correlation_id"] == "c-42"
    )
    assert line["trace_id"] == TRACE
    operation = await collector.operation()
    assert operation.trace_id.hex() == TRACE
    assert operation.parent_span_id.hex() == CALLER
    assert attributes(operation)["crossdock.correlation_id"] == "c-42"
    told = {each["operation"]: each for each in await heads(traced, "erp")}
    calls = {each.name: each for each in collector.spans if each.name.startswith("erp ")}
    assert set(calls) == {f"erp {name}" for name in told} == {"erp GET /items", "erp POST /prices"}
    for name, head in told.items():
        assert head["correlationId"] == "c-42"
        assert head["tracestate"] == "shop=1"
        assert head["traceparent"] == f"00-{TRACE}-{calls[f'erp {name}'].span_id.hex()}-01"


async def test_a_span_an_operation_a_step_and_a_call_each_below_the_operation(
    traced: Stack, collector: Collector
) -> None:
    await traced.ask(QUERY, **SAMPLED)
    operation = await collector.operation()
    names = {each.name: each for each in collector.spans}
    assert set(names) == {"query Rep", "step item", "step item.price", "erp GET /items", "erp POST /prices"}
    assert collector.headers["x-key"] == "k"
    for name, span in names.items():
        assert span.start_time_unix_nano >= operation.start_time_unix_nano
        assert span.start_time_unix_nano <= span.end_time_unix_nano <= operation.end_time_unix_nano
        if name != "query Rep":
            assert span.parent_span_id == operation.span_id
    assert attributes(operation) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Rep",
        "crossdock.correlation_id": "c-42",
        "crossdock.transport": "http",
        "crossdock.outcome": "ok",
        "crossdock.cost": attributes(operation)["crossdock.cost"],
        "crossdock.calls": 2,
        "crossdock.cached_keys": 0,
        "crossdock.engine": "crossdock",
    }
    assert attributes(names["step item.price"]) == {
        "graphql.field.path": "item.price",
        "graphql.field.name": "Item.price",
        "crossdock.parents": 1,
    }
    assert attributes(names["erp POST /prices"]) == {
        "http.request.method": "POST",
        "url.template": "/prices",
        "peer.service": "erp",
        "crossdock.keys": 1,
        "crossdock.how": "sent",
        "http.request.resend_count": 0,
    }


async def test_what_failed_is_marked_and_says_nothing_of_the_systems_answer(
    traced: Stack, collector: Collector
) -> None:
    await traced.fault("erp", operation="POST /prices", status=503)
    await traced.ask(QUERY, **SAMPLED)
    operation = await collector.operation()
    (call,) = [each for each in collector.spans if each.name == "erp POST /prices"]
    assert (operation.status.code, call.status.code) == (2, 2)
    assert attributes(operation)["crossdock.error_codes"] == ["SOURCE_UNAVAILABLE"]
    assert attributes(call)["error.type"] == "SourceUnavailable"
    assert traced.addresses["erp"] not in str(collector.spans)


async def test_without_a_collector_ids_are_handed_on_and_nothing_is_recorded(
    collector: Collector, stack: Stack, samples: dict[str, list[str]]
) -> None:
    collector.spans.clear()
    query = f'{{ item(sku: "{samples["skus"][0]}") {{ sku }} }}'
    answer = await stack.client.post("/graphql", json={"query": query}, headers={"traceparent": SAMPLED["traceparent"]})
    assert answer.headers["x-correlation-id"] == TRACE
    last = (await heads(stack, "erp"))[-1]
    assert (last["correlationId"], last["traceparent"][:36], last["traceparent"][-2:]) == (TRACE, f"00-{TRACE}-", "00")
    assert collector.spans == []


async def test_the_gateway_stops_while_its_collector_does_not_answer() -> None:
    telemetry = {"traces": {"endpoint": "http://127.0.0.1:9/v1/traces", "ratio": 1.0}}
    async with stack_over(Dataset.from_builtins(FACTS), telemetry=telemetry) as running:
        assert (await running.ask(QUERY))["data"]["item"]["sku"] == "BOLT"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        f"00-{'0' * 32}-{CALLER}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{CALLER}-01",
        f"00-{TRACE}-{CALLER}-01-more",
        f"00-{TRACE.upper()}-{CALLER}-01",
    ],
)
def test_a_header_that_is_no_trace_context_begins_a_trace_of_our_own(header: str) -> None:
    begun = Tracing(ratio=1.0, follows=True).begun({"traceparent": header})
    assert begun.trace_id != TRACE
    assert (begun.parent_id, begun.is_sampled) == ("", True)


@pytest.mark.parametrize(
    ("ratio", "follows", "flags", "is_sampled"),
    [
        (0.0, True, "01", False),
        (0.01, True, "01", True),
        (0.01, True, "00", False),
        (0.01, False, "01", False),
        (1.0, False, "00", True),
    ],
)
def test_whether_a_callers_trace_is_recorded(*, ratio: float, follows: bool, flags: str, is_sampled: bool) -> None:
    begun = Tracing(ratio=ratio, follows=follows).begun({"traceparent": f"00-{TRACE}-{CALLER}-{flags}"})
    assert (begun.trace_id, begun.parent_id, begun.is_sampled) == (TRACE, CALLER, is_sampled)
    assert begun.span_id not in {CALLER, "0" * 16}


def test_a_later_version_of_the_header_is_read_as_far_as_it_is_known() -> None:
    begun = Tracing(ratio=0.5, follows=True).begun({"traceparent": f"cc-{TRACE}-{CALLER}-01-what-comes"})
    assert (begun.trace_id, begun.parent_id, begun.is_sampled) == (TRACE, CALLER, True)


def test_a_state_that_may_not_stand_in_a_header_is_left_out() -> None:
    for state in ("a=1\nX-Evil: 1", "a=" + "x" * 600):
        begun = Tracing(ratio=1.0, follows=True).begun({"traceparent": SAMPLED["traceparent"], "tracestate": state})
        assert begun.state == ""


def test_of_many_traces_the_wanted_share_is_recorded_and_the_same_ones_everywhere() -> None:
    one, other = Tracing(ratio=0.1, follows=True), Tracing(ratio=0.1, follows=True)
    begun = [one.begun() for _ in range(5_000)]
    assert 350 < sum(each.is_sampled for each in begun) < 650
    for each in begun:
        again = other.begun({"traceparent": f"00-{each.trace_id}-{each.span_id}-00"})
        assert again.is_sampled is each.is_sampled


def test_calls_of_what_nobody_records_go_by_the_operations_own_span() -> None:
    trace = Trace(TRACE, CALLER)
    assert trace.child_id() == CALLER
    assert Trace(TRACE, CALLER, is_sampled=True).child_id() != CALLER


def test_the_page_names_every_attribute_and_no_other() -> None:
    root = Path(__file__).parents[2]
    table = (root / "docs" / "observability.md").read_text().partition("## Traces")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| [^|]*\| `([a-z_.]+)` \|", table, re.MULTILINE))
    code = (root / "gateway" / "telemetry" / "spans.py").read_text()
    assert documented == set(re.findall(r'"((?:crossdock|graphql|http|url|peer|error)\.[a-z_.]+)"', code))
