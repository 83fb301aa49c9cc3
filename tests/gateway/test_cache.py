"""What the gateway remembers, over real sockets: what a second question costs, what it may not be answered from, and several processes."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis_server import RedisServer
from stack import Stack, stack_over

from gateway.settings import SettingsError, settings_from
from sandbox.facts import Dataset
from sources.cache import Cache, CacheLimits
from sources.call import CallContext, Deadline
from sources.http import Endpoint, SourceClient
from sources.policy import PolicyChange, policies
from sources.remembered import RememberedErp
from sources.standard import StandardErp
from sources.viewer import SERVICE_DESK

ROOT = Path(__file__).parents[2]
FACTS = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}, {"code": "CA", "currency": "CAD"}],
    "warehouses": [{"company": "US", "code": "RNO"}],
    "items": [
        {"company": "US", "sku": "BOLT", "name": "Bolt", "listPrice": "1.00"},
        {"company": "CA", "sku": "BOLT", "name": "Boulon", "listPrice": "2.00"},
    ],
    "customers": [{"company": "US", "number": "C1", "name": "Acme"}],
    "stock": [{"company": "US", "sku": "BOLT", "warehouse": "RNO", "onHand": "7"}],
    "orders": [{"company": "US", "number": "1", "customer": "C1", "lines": [{"sku": "BOLT", "quantity": "5"}]}],
}
QUOTE = """{ item(sku: "BOLT", company: "US") {
  name price(customer: "C1") { unit { amount } } availability { available stale } } }"""
ANSWER = {"name": "Bolt", "price": {"unit": {"amount": "1.0000"}}, "availability": {"available": "2", "stale": False}}
BRIEFLY = {"fresh_seconds": 0.001}
BRIEF = {"cache": {"policy": {"stock": BRIEFLY, "supply_demand": BRIEFLY, "price": BRIEFLY}}}


@pytest.fixture
async def remembering() -> AsyncIterator[Stack]:
    async with stack_over(Dataset.from_builtins(FACTS), cache={}) as running:
        yield running


async def test_a_second_question_costs_no_call(remembering: Stack) -> None:
    assert (await remembering.ask(QUOTE))["data"]["item"] == ANSWER
    assert await remembering.calls() == {
        "GET /items": 1, "POST /prices": 1, "GET /stock": 1, "GET /supply-demand": 1,
    }  # fmt: skip
    assert (await remembering.ask(QUOTE))["data"]["item"] == ANSWER
    assert await remembering.calls() == {}


async def test_orders_credit_and_simulations_are_asked_for_every_time(remembering: Stack) -> None:
    query = """{ order(number: "1", company: "US") { number }
      customer(number: "C1", company: "US") { name credit { onHold } } }"""
    calls = []
    for _ in range(2):
        assert "errors" not in await remembering.ask(query)
        calls.append(await remembering.calls())
    assert calls[0] == {"GET /orders": 1, "GET /customers": 1, "GET /customers/credit": 1}
    assert calls[1] == {"GET /orders": 1, "GET /customers/credit": 1}


async def test_two_hundred_identical_operations_at_once_cost_one_call(remembering: Stack) -> None:
    query = '{ item(sku: "BOLT", company: "US") { name } }'
    await remembering.fault("erp", latency_ms=50)
    answers = await asyncio.gather(*[remembering.ask(query) for _ in range(200)])
    assert [each["data"]["item"]["name"] for each in answers] == ["Bolt"] * 200
    assert await remembering.calls() == {"GET /items": 1}


async def test_one_company_never_answers_for_another_and_a_number_in_two_stays_ambiguous(remembering: Stack) -> None:
    async def name(company: str) -> Any:
        answer = await remembering.ask('query ($c: String) { item(sku: "BOLT", company: $c) { name } }', {"c": company})
        return answer["data"]["item"]["name"]

    assert [await name("US"), await name("CA"), await name("US")] == ["Bolt", "Boulon", "Bolt"]
    for _ in range(2):
        (error,) = (await remembering.ask('{ item(sku: "BOLT") { name } }'))["errors"]
        assert error["extensions"]["code"] == "AMBIGUOUS"
    assert await remembering.calls() == {"GET /items": 3}


async def test_on_an_outage_availability_is_stale_and_says_so_a_price_is_missing_and_no_cache_gets_neither() -> None:
    async with stack_over(Dataset.from_builtins(FACTS), **BRIEF) as brief:
        await brief.ask(QUOTE)
        await brief.fault("wms", status=503)
        await brief.fault("erp", status=503)
        answer = await brief.ask(QUOTE)
        stale = {"available": "2", "stale": True}
        assert answer["data"]["item"] == {"name": "Bolt", "price": None, "availability": stale}
        assert [each["path"] for each in answer["errors"]] == [["item", "price"]]
        demanded = await brief.ask(QUOTE, **{"Cache-Control": "no-cache"})
        assert demanded["data"] == {"item": None}
        assert [each["path"] for each in demanded["errors"]] == [["item"]]


async def test_three_processes_with_three_hundred_readers_of_one_expired_key_load_it_twice_at_most(
    remembering: Stack,
) -> None:
    erp = remembering.addresses["erp"]
    async with RedisServer() as redis:
        await expired(redis, erp)
        await remembering.calls()
        await remembering.fault("erp", latency_ms=100)
        processes = await asyncio.gather(*[reader(redis.url, erp) for _ in range(3)])
        for process in processes:
            process.stdin.write(b"\n")
        answered = [int((await process.communicate())[0]) for process in processes]
        assert answered == [100, 100, 100]
        assert (await remembering.calls())["GET /items"] <= 2


async def expired(redis: RedisServer, erp: str) -> None:
    """The item was remembered by somebody, and no longer is."""
    brief = policies({"item": PolicyChange(fresh_seconds=0.05, stale_seconds=0)})
    endpoint = Endpoint(name="erp", url=erp, token="sandbox")
    async with SourceClient(endpoint) as client, Cache(CacheLimits(url=redis.url), policies=brief) as cache:
        call = CallContext(SERVICE_DESK, Deadline.after(5), "earlier")
        assert len(await RememberedErp(StandardErp(client), cache).items(call, "US", ["BOLT"])) == 1
        await cache.loads.quiet()
        assert cache.shared is not None
        assert cache.shared.writes == 1
    seen = Redis.from_url(redis.url)
    async with asyncio.timeout(5):
        while await seen.keys("crossdock:fact:*"):  # noqa: ASYNC110 - Redis does not say when a key has gone
            await asyncio.sleep(0.005)
    await seen.aclose()


async def reader(redis: str, erp: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "tests" / "reader_process.py"), redis, erp, "BOLT", "100",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if process.stdout is None:
        raise TypeError("its output is piped")
    assert await process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize(
    ("cache", "says"),
    [
        ({"policy": {"itm": {}}}, "`itm` is not remembered"),
        ({"policy": {"credit": {"fresh_seconds": 5}}}, "`credit` is not remembered"),
        ({"policy": {"price": {"stale_seconds": 5}}}, "never served stale"),
        ({"policy": {"item": {"fresh": 5}}}, "$.cache.policy"),
        ({"url": "http://127.0.0.1"}, "redis://"),
        ({"max_bytes": 0}, "$.cache.max_bytes"),
        ({"ttl": 1}, "$.cache"),
    ],
)
def test_a_mistake_in_the_caches_settings_names_its_place(cache: dict[str, Any], says: str) -> None:
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    with pytest.raises(SettingsError) as raised:
        settings_from({"sources": sources, "cache": cache}, origin="crossdock.toml")
    assert says in str(raised.value)
    assert "$.cache" in str(raised.value)
