"""What the cache costs: a batch from the first tier against one bare GET, a batch from Redis against bare redis-py, a million keys.

python benchmarks/cache.py [KEYS]     Redis is started where it is installed; KEYS distinct keys, a million unless said
"""

import asyncio
import gc
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
from redis.asyncio import Redis

from sources.cache import Cache, CacheLimits
from sources.call import CallContext, Deadline
from sources.entry import weighed
from sources.models import (
    Item,
    ItemStatus,
    ItemUom,
    Key,
    Money,
    Price,
    PriceBreak,
    PriceSource,
    PriceTerms,
    QuantityRule,
)
from sources.remembered import RememberedErp
from sources.tier import FirstTier
from sources.viewer import SERVICE_DESK

BATCH, REDIS_BATCH, ROUNDS, TIMES = 50, 100, 15, 200
WANTED_OF_A_GET, WANTED_OF_REDIS = 0.5, 1.3
BODY = (
    b'{"items":[{"company":"US","sku":"BOLT","name":"Bolt M8 x 40, zinc","uom":"EA","status":"ACTIVE","price":"1.25"}]}'
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
UPSTREAM = f"""
import asyncio, sys
class Upstream(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write({ANSWER!r})
async def main():
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", int(sys.argv[1]))
    print("ready", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def item(n: int) -> Item:
    rule = QuantityRule(Decimal(1), Decimal(1))
    uoms = (ItemUom("BX", Decimal(100)), ItemUom("PL", Decimal(4800)))
    return Item(
        "US", f"SKU-{n:06}", f"Bolt M8 x {n}, zinc", ItemStatus.ACTIVE, "EA", uoms, rule,
        hazardous=False, as_of=datetime.now(UTC), description="Hexagon head, full thread", category="bolts",
    )  # fmt: skip


class Erp:
    """Answers from memory: a benchmark of the cache has no upstream."""

    name = "erp"

    def __init__(self) -> None:
        self.max_batch: dict[str, int] = {}
        self.asked = 0

    async def items(self, _call: CallContext, company: str | None, numbers: Sequence[str]) -> dict[Key, Item]:
        self.asked += len(numbers)
        return {Key(company or "US", number): item(int(number[4:])) for number in numbers}

    async def prices(self, _call: CallContext, terms: Sequence[PriceTerms]) -> dict[PriceTerms, Price]:
        self.asked += len(terms)
        unit, less = Money(Decimal("1.25"), "USD"), Money(Decimal("1.10"), "USD")
        price = Price(unit, "EA", (PriceBreak(Decimal(10), less),), PriceSource.CONTRACT, datetime.now(UTC))
        return dict.fromkeys(terms, price)


async def costs(works: dict[str, Callable[[], Awaitable[Any]]]) -> dict[str, float]:
    """CPU microseconds a time, of this process: medians over rounds in which each has its turn."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            began = time.process_time()
            for _ in range(TIMES):
                await work()
            taken[name].append((time.process_time() - began) / TIMES * 1e6)
    return {name: statistics.median(each) for name, each in taken.items()}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def started(command: Sequence[str], ready: str) -> "subprocess.Popen[bytes]":
    """Until it prints this word."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own programs
    assert process.stdout is not None
    while ready.encode() not in process.stdout.readline():
        pass
    return process


async def first_tier() -> bool:
    port, call = free_port(), CallContext(SERVICE_DESK, Deadline.after(3600), "benchmark")
    names = [f"SKU-{n:06}" for n in range(BATCH)]
    terms = [PriceTerms("US", "C1", name, Decimal(5)) for name in names]
    upstream = started([sys.executable, "-c", UPSTREAM, str(port)], "ready")
    try:
        async with aiohttp.ClientSession() as session, Cache() as cache:
            erp: Any = RememberedErp(Erp(), cache)  # type: ignore[arg-type]

            async def bare_get() -> None:
                async with session.get(f"http://127.0.0.1:{port}/items") as answer:
                    assert len(await answer.read()) == len(BODY)

            found = await costs({
                "one bare aiohttp GET": bare_get,
                f"{BATCH} items": lambda: erp.items(call, "US", names),
                f"{BATCH} items, no company named": lambda: erp.items(call, None, names),
                f"{BATCH} prices": lambda: erp.prices(call, terms),
            })  # fmt: skip
    finally:
        upstream.kill()
        upstream.wait()
    bare, *_ = found.values()
    for name, each in found.items():
        print(f"  {name:32} {each:8.1f} µs   {each / bare:5.2f}")
    return all(each / bare < WANTED_OF_A_GET for name, each in found.items() if name.startswith(str(BATCH)))


async def from_redis(port: int) -> bool:
    call, names = (
        CallContext(SERVICE_DESK, Deadline.after(3600), "benchmark"),
        [f"SKU-{n:06}" for n in range(REDIS_BATCH)],
    )
    bare = Redis(host="127.0.0.1", port=port)
    async with Cache(CacheLimits(url=f"redis://127.0.0.1:{port}/0")) as cache:
        source = Erp()
        erp: Any = RememberedErp(source, cache)  # type: ignore[arg-type]
        await erp.items(call, "US", names)
        await cache.loads.quiet()
        assert cache.shared is not None
        decode = cache.shared.cache.serializer.loads
        keys = sorted(key.decode() for key in await bare.keys("crossdock:fact:*"))

        async def by_hand() -> None:
            assert len([decode(each) for each in await bare.mget(keys)]) == REDIS_BATCH

        async def ours() -> None:
            cache.first.empty()
            assert len(await erp.items(call, "US", names)) == REDIS_BATCH

        found = await costs({"redis-py mget and decoding": by_hand, "through the cache": ours})
        assert source.asked == REDIS_BATCH, "all but the first came from Redis"
    await bare.aclose()
    bare_cost, our_cost = found.values()
    for name, each in found.items():
        print(f"  {name:32} {each:8.1f} µs   {each / bare_cost:5.2f}")
    return our_cost / bare_cost <= WANTED_OF_REDIS


def many_keys(count: int, *, max_bytes: int = 64 * 1024 * 1024) -> bool:
    tier = FirstTier(max_entries=count, max_bytes=max_bytes)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    began, most = time.process_time(), 0
    for n in range(count):
        tier.keep(f"items:{n}", weighed(float(n), f"items:{n}", Key("US", f"SKU-{n}"), item(n)))
        most = max(most, tier.bytes)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    each = (time.process_time() - began) / count * 1e6
    print(f"  {count:,} distinct keys: {len(tier):,} kept, at most {most:,} bytes counted of {max_bytes:,};")
    print(f"  the process grew by {grown:,} bytes; {each:.1f} µs a key, the making of the fact included")
    return most <= max_bytes and grown <= 1.1 * max_bytes


async def main() -> int:
    print(f"From the first tier (wanted: less than {WANTED_OF_A_GET} of a GET for {BATCH} keys)")
    passed = [await first_tier()]
    program = shutil.which("redis-server")
    if program is None:
        print("redis-server is not installed: the second tier is not measured")
    else:
        port = free_port()
        redis = started([program, "--port", str(port), "--save", ""], "Ready")
        try:
            print(f"{REDIS_BATCH} items from Redis (wanted: at most {WANTED_OF_REDIS} of bare redis-py)")
            passed.append(await from_redis(port))
        finally:
            redis.kill()
            redis.wait()
    print("The first tier's bound")
    passed.append(many_keys(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
