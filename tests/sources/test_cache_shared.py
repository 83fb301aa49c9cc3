"""What several gateways remember together, over a real Redis: what is shared, what an outage costs, what one tells the others."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from ledger import Caller, Ledger
from redis.asyncio import Redis
from redis_server import RedisServer

from sources.cache import Cache, CacheLimits
from sources.errors import SourceUnavailable
from sources.invalidation import Invalidation
from sources.models import Key, PriceTerms
from sources.policy import POLICY, PolicyChange, policies
from sources.remembered import RememberedErp

pytestmark = pytest.mark.alone  # nobody waits for Redis longer than 0.2 s, and then goes on without it
BOLT = Key("US", "BOLT")


@pytest.fixture
async def redis() -> AsyncIterator[RedisServer]:
    async with RedisServer() as server:
        yield server


class Gateway:
    """One process's cache, over a ledger that several may share."""

    def __init__(self, cache: Cache, ledger: Ledger) -> None:
        self.cache, self.ledger = cache, ledger
        self.erp: Any = RememberedErp(ledger, cache)  # type: ignore[arg-type]  # plays the role's tested parts

    async def name(self, sku: str = "BOLT", *, max_age: float | None = None) -> Any:
        (found,) = (await self.erp.items(Caller().call(max_age=max_age), "US", [sku])).values()
        return found.name

    async def written(self) -> None:
        await self.cache.loads.quiet()


@asynccontextmanager
async def gateway(redis: RedisServer, ledger: Ledger, **changes: PolicyChange) -> AsyncIterator[Gateway]:
    table = policies(changes) if changes else POLICY
    async with Cache(CacheLimits(url=redis.url), policies=table) as cache:
        yield Gateway(cache, ledger)


async def told(here: Gateway, invalidation: tuple[str, str]) -> asyncio.Event:
    """An event that is set once this gateway has heard of it."""
    heard = asyncio.Event()

    def listener(each: Invalidation) -> None:
        if (each.fact, each.tag) == invalidation:
            heard.set()

    here.cache.invalidations.listeners.append(listener)
    return heard


# ---------------------------------------------------------------- shared


async def test_what_one_gateway_has_loaded_another_does_not_ask_for(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        assert await one.name() == "1"
        await one.written()
        ledger.version = 2
        assert await other.name() == "1"
    assert ledger.calls["items"] == 1


@pytest.mark.parametrize("company", ["US", None])
async def test_facts_come_back_from_redis_equal_and_of_their_own_types(redis: RedisServer, company: str | None) -> None:
    ledger = Ledger("US", "CA")
    ledger.absent.add("NONE")
    terms = [PriceTerms("US", "C1", "BOLT", 5)]  # type: ignore[arg-type]  # any number spells a quantity
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        call = Caller().call()
        items, prices = await one.erp.items(call, company, ["BOLT", "NONE"]), await one.erp.prices(call, terms)
        await one.written()
        ledger.is_down = True
        assert await other.erp.items(call, company, ["BOLT", "NONE"]) == items
        assert await other.erp.prices(call, terms) == prices


async def test_no_cache_asks_the_source_past_redis_too(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        await one.name()
        await one.written()
        ledger.version = 2
        assert await other.name(max_age=0) == "2"
        ledger.is_down = True
        with pytest.raises(SourceUnavailable):
            await other.name(max_age=0)


async def test_what_does_not_decode_is_as_if_it_were_not_there(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        await one.name()
        await one.written()
        client = Redis.from_url(redis.url)
        (key,) = await client.keys("crossdock:fact:*")
        for garbage in (b"\x00\xc1", b"", b"\xff"):
            await client.set(key, garbage)
            ledger.version += 1
            other.cache.first.empty()
            assert await other.name() == str(ledger.version)
            await other.written()
        await client.aclose()


async def test_entries_leave_redis_when_nobody_may_use_them_any_more(redis: RedisServer) -> None:
    ledger = Ledger()
    ledger.absent.add("NONE")
    async with gateway(redis, ledger) as one:
        await one.erp.items(Caller().call(), "US", ["BOLT", "NONE"])
        await one.written()
        client = Redis.from_url(redis.url)
        left = {key: await client.pttl(key) / 1000 for key in await client.keys("crossdock:fact:*")}
        assert await client.keys("crossdock:lease:*") == []
        await client.aclose()
    assert {key[-4:]: round(seconds) for key, seconds in left.items()} == {b"BOLT": 4200, b"NONE": 5}


async def test_a_key_of_any_text_can_be_shared(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        for sku, asked in {"ж" * 300: 1, "a\x00b\r\n": 1, "*": 1, "\ud800": 2}.items():  # the last is no text at all
            await one.name(sku)
            await one.written()
            await other.name(sku)
            assert ledger.asked[sku] == asked


# ---------------------------------------------------------------- a lease


async def test_a_gateway_waits_for_what_another_is_loading(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        ledger.gate.clear()
        first = asyncio.create_task(one.name())
        await ledger.entered.wait()
        second = asyncio.create_task(other.name())
        while not other.cache.loads.is_waiting:  # until it has seen that the lease is taken  # noqa: ASYNC110
            await asyncio.sleep(0)
        ledger.gate.set()
        assert await asyncio.gather(first, second) == ["1", "1"]
    assert ledger.calls["items"] == 1


async def test_a_load_that_fails_gives_its_lease_to_the_next(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        ledger.is_down = True
        with pytest.raises(SourceUnavailable):
            await one.name()
        await one.written()
        ledger.is_down = False
        began = time.monotonic()
        assert await other.name() == "1"
        assert time.monotonic() - began < 0.5


async def test_who_waits_for_a_gateway_that_died_loads_in_time(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        prefix = "5:items,3:erp,-,2:US,"
        assert await one.cache.shared.claim([f"{prefix}BOLT"], 60.0) == [(None, True)]  # type: ignore[union-attr]  # there is a url
        found = await other.erp.items(Caller().call(seconds=0.6), "US", ["BOLT"])
        assert found[BOLT].name == "1"


# ---------------------------------------------------------------- outages


async def test_without_redis_a_gateway_starts_and_remembers_for_itself() -> None:
    ledger = Ledger()
    nobody = CacheLimits(url="redis://127.0.0.1:1/0")
    async with Cache(nobody) as cache:
        alone = Gateway(cache, ledger)
        assert [await alone.name(), await alone.name()] == ["1", "1"]
    assert ledger.calls["items"] == 1


async def test_no_operation_fails_while_redis_is_killed_and_started_again_and_it_is_soon_in_use(
    redis: RedisServer,
) -> None:
    ledger = Ledger()
    no_memory = PolicyChange(fresh_seconds=0.02, stale_seconds=0)  # so that nearly every read goes to Redis
    async with gateway(redis, ledger, item=no_memory) as one:
        running, failures, done = True, [], 0

        async def load() -> None:
            nonlocal done
            while running:
                try:
                    await one.erp.items(Caller().call(), "US", [f"SKU-{done % 50}", "BOLT"])
                except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
                    failures.append(error)
                done += 1
                await asyncio.sleep(0)

        loaders = [asyncio.create_task(load()) for _ in range(8)]
        await reached(lambda: done > 200)
        await redis.kill()
        at_kill = done
        await reached(lambda: done > at_kill + 200)
        assert one.cache.shared is not None
        await reached(lambda: not one.cache.shared.ready)  # type: ignore[union-attr]
        await redis.start()
        started = time.monotonic()
        await reached(lambda: one.cache.shared.ready)  # type: ignore[union-attr]
        stored_again = one.cache.shared.writes
        await reached(lambda: one.cache.shared.writes > stored_again)  # type: ignore[union-attr]
        assert time.monotonic() - started < 5
        running = False
        await asyncio.gather(*loaders)
    assert failures == []


async def test_a_redis_that_hangs_holds_nobody_up_for_long(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one:
        await one.name("BEFORE")
        await one.written()
        redis.freeze()
        began = time.monotonic()
        assert await asyncio.gather(*[one.name(f"SKU-{n}") for n in range(50)]) == ["1"] * 50
        assert time.monotonic() - began < 0.6  # one wait of 0.2 s, for all of them together
        assert one.cache.shared is not None
        assert not one.cache.shared.ready
        began = time.monotonic()
        await one.name("AFTER")
        assert time.monotonic() - began < 0.1  # it is left alone by now


async def reached(condition: Any, *, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - another task's progress
            await asyncio.sleep(0.001)


async def reached_there(client: Any, count: int = 1) -> None:
    """Until so many facts are stored."""
    async with asyncio.timeout(10):
        while len(await client.keys("crossdock:fact:*")) != count:  # noqa: ASYNC110 - another program's progress
            await asyncio.sleep(0.005)


# ---------------------------------------------------------------- invalidation


async def test_what_one_gateway_declares_invalid_is_invalid_in_the_other_within_a_tenth_of_a_second(
    redis: RedisServer,
) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        assert [await one.name(), await other.name()] == ["1", "1"]
        await one.written()
        ledger.version = 2
        heard = await told(other, ("item", "item:US:BOLT"))
        await one.cache.invalidate("item", "item:US:BOLT")
        await asyncio.wait_for(heard.wait(), 0.1)
        assert await other.name() == "2"
        assert await one.name() == "2"


async def test_a_gateway_that_starts_later_knows_what_was_declared_before(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one:
        await one.name()
        await one.written()
        await one.cache.invalidate("item", "item:US:BOLT")
        ledger.version = 2
        async with gateway(redis, ledger) as later:
            assert await later.name() == "2"


async def test_a_gateway_whose_channel_was_lost_forgets_what_it_held_and_tells_what_it_could_not(
    redis: RedisServer,
) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        assert [await one.name(), await other.name()] == ["1", "1"]
        heard = await told(other, ("item", "item:US:BOLT"))
        await redis.kill()
        await reached(lambda: not one.cache.shared.is_in_step and not other.cache.shared.is_in_step)  # type: ignore[union-attr]
        ledger.version = 2
        await one.cache.invalidate("item", "item:US:BOLT")
        assert await other.name() == "1"  # it cannot know
        await redis.start()
        await asyncio.wait_for(heard.wait(), 5)
        assert await other.name() == "2"


async def test_nonsense_on_the_channel_is_passed_over(redis: RedisServer) -> None:
    ledger = Ledger()
    async with gateway(redis, ledger) as one, gateway(redis, ledger) as other:
        client = Redis.from_url(redis.url)
        await client.publish("crossdock:invalidated", b"nonsense")
        await client.aclose()
        heard = await told(other, ("item", "*"))
        await one.cache.invalidate("item")
        await asyncio.wait_for(heard.wait(), 1)


async def test_leaving_takes_everything_along(redis: RedisServer) -> None:
    before = asyncio.all_tasks()
    async with gateway(redis, Ledger()) as one:
        await one.name()
    with contextlib.suppress(asyncio.CancelledError):
        assert asyncio.all_tasks() - before == set()
