"""Token buckets: for each caller, in this process and in Redis; what is told, what is refused, and what happens without Redis."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis_server import RedisServer
from stack import stack_over

from gateway import development_key
from gateway.body import Refused
from gateway.rates import MAX_CONNECTIONS, Rate, Rates, RateSettings, SharedStore, Store
from sandbox.facts import Dataset

FACTS = {"today": "2026-06-30", "items": [{"company": "US", "sku": "BOLT", "name": "Bolt"}]}
SLOW = Rate(60, 3)  # one a second, three at once


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def bearer(subject: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {development_key.token(development_key.Bearer(subject, ['item:read']))}"}


async def test_a_bucket_gives_its_burst_and_then_what_flows_in() -> None:
    clock = Clock()
    store = Store(clock)
    assert [(await store.take("a", 1, SLOW)).is_allowed for _ in range(5)] == [True, True, True, False, False]
    refused = await store.take("a", 1, SLOW)
    assert (refused.remaining, refused.full_seconds, refused.wait_seconds) == (0, 3, 1)
    clock.now += 0.5
    assert (await store.take("a", 1, SLOW)).wait_seconds == 0.5
    clock.now += 0.5
    assert (await store.take("a", 1, SLOW)).is_allowed
    assert (await store.take("b", 3, SLOW)).is_allowed  # another caller's is another bucket
    clock.now += 3600
    assert (await store.take("a", 1, SLOW)).remaining == 2  # never more than the burst


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3)), max_size=60))
async def test_nobody_gets_more_than_burst_and_flow(steps: list[tuple[float, int]]) -> None:
    clock, given_out = Clock(), 0
    store = Store(clock)
    for pause, amount in steps:
        clock.now += pause
        given_out += amount if (await store.take("a", amount, SLOW)).is_allowed else 0
    assert given_out <= SLOW.burst + (clock.now - 1000) * SLOW.per_second + 1e-6


async def test_the_number_of_buckets_is_bounded_and_the_oldest_goes() -> None:
    store = Store(Clock(), max_buckets=2)
    for name in ("a", "a", "b", "c"):
        await store.take(name, 1, SLOW)
    assert (await store.take("c", 1, SLOW)).remaining == 1
    assert (await store.take("a", 1, SLOW)).remaining == 2  # forgotten, so full


async def test_what_is_larger_than_a_bucket_takes_all_of_it() -> None:
    rates = Rates(RateSettings(cost=SLOW), Store(Clock()))
    assert (await rates.take("cost", "a", 1000)).headers()["RateLimit"] == '"cost";r=0;t=3'
    with pytest.raises(Refused):
        await rates.take("cost", "a", 1000)


async def test_webhooks_and_requests_do_not_use_up_each_others() -> None:
    rates = Rates(RateSettings(requests=SLOW, webhooks=SLOW), Store(Clock()))
    for _ in range(3):
        await rates.take("webhooks", "erp")
    with pytest.raises(Refused):
        await rates.take("webhooks", "erp")
    await rates.take("requests", "erp")


async def test_a_caller_is_told_what_is_left_and_when_to_come_back() -> None:
    settings = {"enabled": "on", "requests": {"per_minute": 6, "burst": 2}, "cost": {"per_minute": 60, "burst": 100}}
    async with stack_over(Dataset.from_builtins(FACTS), rates=settings) as stack:
        asked = {"query": '{ item(sku: "BOLT") { sku } }'}
        first = await stack.client.post("/graphql", json=asked, headers=bearer("ann"))
        assert first.headers["ratelimit-policy"] == '"requests";q=2;w=20, "cost";q=100;w=100'
        assert first.headers["ratelimit"] == '"requests";r=1;t=10, "cost";r=98;t=2'
        await stack.client.post("/graphql", json=asked, headers=bearer("ann"))
        await stack.calls()
        refused = await stack.client.post("/graphql", json=asked, headers=bearer("ann"))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        extensions = refused.json()["errors"][0]["extensions"]
        assert (extensions["code"], extensions["retryable"], extensions["retryAfterSeconds"]) == (
            "RATE_LIMITED",
            True,
            10,
        )
        assert await stack.calls() == {}
        assert (await stack.client.post("/graphql", json=asked, headers=bearer("bob"))).status_code == 200


async def test_what_costs_too_much_for_the_moment_is_not_executed() -> None:
    settings = {"enabled": "on", "cost": {"per_minute": 1, "burst": 3}}
    async with stack_over(Dataset.from_builtins(FACTS), rates=settings) as stack:
        asked = {"query": '{ item(sku: "BOLT") { sku } }'}
        statuses = [(await stack.client.post("/graphql", json=asked)).status_code for _ in range(3)]
        assert statuses == [200, 429, 429]
        assert await stack.calls() == {"GET /items": 1}


async def test_in_development_nothing_is_limited_nor_told(stack_answer: dict[str, str]) -> None:
    assert [name for name in stack_answer if name.startswith(("ratelimit", "retry"))] == []


@pytest.fixture
async def stack_answer() -> dict[str, str]:
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        return dict((await stack.client.post("/graphql", json={"query": "{ __typename }"})).headers)


# ---------------------------------------------------------------- Redis


@pytest.mark.alone
async def test_several_gateways_count_together_in_redis() -> None:
    async with RedisServer() as redis:
        one, other = (SharedStore(redis.url, namespace="test", wait_seconds=10) for _ in range(2))
        rate = Rate(0.6, 20)  # so slow that nothing flows in meanwhile
        taken = await asyncio.gather(*(store.take("a", 1, rate) for store in (one, other) for _ in range(20)))
        assert sum(each.is_allowed for each in taken) == 20
        refused = await one.take("a", 1, rate)
        assert 99 < refused.wait_seconds <= 100
        await one.aclose()
        await other.aclose()


@pytest.mark.alone
async def test_a_burst_is_counted_in_redis_over_a_few_connections() -> None:
    async with RedisServer() as redis, Redis.from_url(redis.url) as looking:
        store, rate = SharedStore(redis.url, namespace="test", wait_seconds=10), Rate(0.6, 1_000)
        await asyncio.gather(*(store.take("a", 1, rate) for _ in range(300)))
        other = SharedStore(redis.url, namespace="test", wait_seconds=10)
        assert (await other.take("a", 1, rate)).remaining == pytest.approx(699, abs=0.5)
        assert len(await looking.client_list()) <= MAX_CONNECTIONS + 2
        await store.aclose()
        await other.aclose()


@pytest.mark.alone
async def test_without_redis_each_counts_for_itself_and_redis_is_taken_up_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with RedisServer() as redis:
        store, rate = SharedStore(redis.url, namespace="test", pause_seconds=0.3), Rate(0.6, 5)
        assert (await store.take("a", 4, rate)).remaining == pytest.approx(1, abs=0.01)
        redis.freeze()
        began = asyncio.get_running_loop().time()
        taken = [(await store.take("a", 1, rate)).is_allowed for _ in range(7)]
        assert taken == [True] * 5 + [False] * 2
        assert asyncio.get_running_loop().time() - began < 0.5  # it was waited for once
        assert redis.url not in caplog.text
        await redis.kill()
        await redis.start()
        other = SharedStore(redis.url, namespace="test")
        async with asyncio.timeout(5):
            while (await other.take("b", 1, rate)).remaining > 3.5:  # the first one's tokens are not in it yet
                await store.take("b", 1, rate)
        await store.aclose()
        await other.aclose()


@pytest.mark.alone
async def test_a_gateway_counts_in_redis_where_its_settings_say_so() -> None:
    async with RedisServer() as redis:
        settings = {"enabled": "on", "url": redis.url, "requests": {"per_minute": 0.6, "burst": 2}}
        async with (
            stack_over(Dataset.from_builtins(FACTS), rates=settings) as one,
            stack_over(Dataset.from_builtins(FACTS), rates=settings) as other,
        ):
            asked = {"query": "{ __typename }"}
            statuses = [
                (await each.client.post("/graphql", json=asked)).status_code for each in (one, other, one, other)
            ]
            assert statuses == [200, 200, 429, 429]
