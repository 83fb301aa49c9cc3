"""Freshness demanded and told: request headers, response headers, and what was asked of which source."""

from typing import Any

import pytest
from stack import Stack

from gateway.freshness import BadHeader, Tally, Told, max_age_seconds, timeout_seconds
from sources.call import CallMade, Recalled

ITEM = "query ($sku: String!) { item(sku: $sku) { sku availability { available } } }"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None),
        ("max-stale=5, only-if-cached", None),
        ("no-cache", 0),
        ("No-Cache", 0),
        ("no-store", 0),
        ("max-age=30", 30),
        ("max-age=0", 0),
        (" max-age=30 , no-cache", 0),
        ("max-age=30, max-age=10", 10),
    ],
)
def test_a_request_says_how_old_an_answer_may_be(header: str, seconds: float | None) -> None:
    assert max_age_seconds(header) == seconds


@pytest.mark.parametrize("header", ["max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=x", "max-age=\uff11"])
def test_an_age_that_is_no_number_is_refused(header: str) -> None:
    with pytest.raises(BadHeader, match="whole number of seconds"):
        max_age_seconds(header)


@pytest.mark.parametrize(("header", "seconds"), [("", 2.0), ("500", 0.5), ("2000", 2.0), ("60000", 2.0), ("1", 0.001)])
def test_a_caller_may_ask_for_less_time_but_not_for_more(header: str, seconds: float) -> None:
    assert timeout_seconds(header, 2.0) == seconds


@pytest.mark.parametrize("header", ["0", "-5", "1.5", "soon", "1e3", "9999999999"])
def test_a_time_that_is_no_number_of_milliseconds_is_refused(header: str) -> None:
    with pytest.raises(BadHeader, match="X-Timeout-Ms"):
        timeout_seconds(header, 2.0)


def recalled(hits: int, oldest: float, fresh_for: float) -> Recalled:
    return Recalled("erp", "item", 3, hits, 0, oldest, fresh_for)


@pytest.mark.parametrize(
    ("batches", "headers"),
    [
        ([], {"Cache-Control": "private, max-age=0"}),
        ([recalled(0, 0, 600)], {"Cache-Control": "private, max-age=600"}),
        ([recalled(3, 120.7, 479.3)], {"Cache-Control": "private, max-age=599", "Age": "120"}),
        ([recalled(3, 120, 480), recalled(0, 0, 30)], {"Cache-Control": "private, max-age=150", "Age": "120"}),
        ([recalled(3, 120, 480), recalled(0, 0, 0)], {"Cache-Control": "private, max-age=0", "Age": "120"}),
    ],
)
def test_an_answer_may_be_kept_as_long_as_its_strictest_fact(batches: list[Recalled], headers: dict[str, str]) -> None:
    told = Told(Tally())
    for batch in batches:
        told.recalled(batch)
    assert told.headers(keepable=True) == headers
    assert told.headers(keepable=False) == {"Cache-Control": "no-store"}


def test_calls_keys_and_time_are_told_by_source() -> None:
    told = Told(Tally())
    told.call_made(CallMade("erp", "GET /items", 3, 0.0101, "ok", "", "c"))
    told.call_made(CallMade("erp", "POST /prices", 2, 0.02, "SourceUnavailable", "HTTP 503", "c"))
    told.recalled(Recalled("wms", "stock", 5, 4, 1, 3.0, 0.0))
    assert told.sources() == [
        {"source": "erp", "calls": 2, "keys": 5, "cached": 0, "stale": 0, "ms": 30.1, "errors": 1},
        {"source": "wms", "calls": 0, "keys": 0, "cached": 4, "stale": 1, "ms": 0, "errors": 0},
    ]


async def test_a_caller_that_asks_is_told_what_was_asked_of_which_source(stack: Stack, samples: dict[str, Any]) -> None:
    variables = {"sku": samples["skus"][0]}
    assert "extensions" not in await stack.ask(ITEM, variables)
    answer = await stack.ask(ITEM, variables, **{"X-Crossdock-Sources": "true"})
    rows = {row["source"]: (row["calls"], row["keys"], row["errors"]) for row in answer["extensions"]["sources"]}
    assert rows == {"erp": (2, 2, 0), "wms": (1, 1, 0)}


async def test_a_header_that_cannot_be_understood_is_named_and_nothing_is_asked(stack: Stack) -> None:
    for header, value in (("Cache-Control", "max-age=soon"), ("X-Timeout-Ms", "soon")):
        answer = await stack.client.post("/graphql", json={"query": "{ __typename }"}, headers={header: value})
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "BAD_INPUT"
        assert header in error["message"]
    assert await stack.calls() == {}


async def test_an_answer_comes_within_the_time_the_caller_gave(stack: Stack, samples: dict[str, Any]) -> None:
    await stack.fault("wms", hang=True)
    answer = await stack.ask(ITEM, {"sku": samples["skus"][0]}, **{"X-Timeout-Ms": "300"})
    assert answer["data"]["item"] == {"sku": samples["skus"][0], "availability": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DEADLINE_EXCEEDED"]
