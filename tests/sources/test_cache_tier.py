"""The first tier's bounds: what it says that it holds is what it holds, and the longest unused makes room."""

import gc
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from ledger import item

from sources import models
from sources.entry import weighed
from sources.models import Key
from sources.tier import Bound, FirstTier

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rich_item(n: int) -> models.Item:
    rule = models.QuantityRule(Decimal(f"{n}.5"), Decimal(1))
    uoms = tuple(models.ItemUom(f"BX{n}{each}", Decimal(f"{n}.{each}")) for each in range(3))
    return models.Item(
        "US", f"SKU-{n}", f"Bolt of some length {n}", models.ItemStatus.ACTIVE, "EA", uoms, rule,
        hazardous=False, as_of=datetime.fromtimestamp(n, UTC), description=f"Zinc, {n} " * 8, category=f"bolts {n}",
    )  # fmt: skip


def price(n: int) -> models.Price:
    unit = models.Money(Decimal(f"{n}.25"), "USD")
    breaks = tuple(
        models.PriceBreak(Decimal(f"{n}{each}"), models.Money(Decimal(f"{n}.1"), "USD")) for each in range(3)
    )
    return models.Price(unit, "EA", breaks, models.PriceSource.CONTRACT, datetime.fromtimestamp(n, UTC))


def ship_to(n: int) -> models.ShipTo:
    address = models.Address(f"{n} Elm Street", f"Town {n}", "US", postal_code=f"{n:05}")
    return models.ShipTo("US", f"S{n}", f"C{n}", f"Dock {n}", address, None, {f"W{n}{each}": each for each in range(4)})


def plan(n: int) -> models.SupplyDemand:
    flows = tuple(models.Flow(date(2026, 1, 1 + each), Decimal(f"{n}.{each}")) for each in range(8))
    return models.SupplyDemand((models.WarehousePlan(f"W{n}", flows, flows[:2]),), datetime.fromtimestamp(n, UTC))


@pytest.mark.parametrize("fact", [rich_item, price, ship_to, plan])
def test_the_bytes_that_are_counted_are_the_bytes_that_are_taken(fact: Callable[[int], Any]) -> None:
    tier = FirstTier(max_entries=10**6, max_bytes=10**9)
    gc.collect()
    tracemalloc.start()
    try:
        for n in range(5_000):
            tier.keep(
                f"a prefix that all have {n}",
                weighed(1.0 + n, f"a prefix that all have {n}", Key("US", f"SKU-{n}"), fact(n)),
            )
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken <= tier.bytes <= 1.6 * taken


def test_a_hundred_thousand_distinct_keys_stay_within_the_bytes_and_count_exactly() -> None:
    tier = FirstTier(max_entries=10**6, max_bytes=10_000_000)
    held: dict[str, int] = {}
    for n in range(100_000):
        entry = weighed(float(n), str(n), Key("US", str(n)), item("US", str(n), "x"))
        tier.keep(str(n), entry)
        held[str(n)] = entry.bytes
        assert tier.bytes <= 10_000_000
    kept = [name for name in held if tier.entry(name) is not None]
    assert tier.bytes == sum(held[name] for name in kept)
    assert kept == [str(n) for n in range(100_000 - len(kept), 100_000)]
    assert len(kept) == len(tier) > 5_000


def test_what_was_used_last_stays_longest() -> None:
    tier = FirstTier(max_entries=3, max_bytes=10**6)
    for n, name in enumerate("abc"):
        tier.keep(name, weighed(float(n), name, Key("US", name), name))
    found: dict[Any, Any] = {}
    assert tier.recall("", ["a"], Bound(-1, -1, -1), into=found).missing == []
    tier.keep("d", weighed(9.0, "d", Key("US", "d"), "d"))
    assert [name for name in "abcd" if tier.entry(name)] == ["a", "c", "d"]


def test_an_older_answer_never_takes_the_place_of_a_younger_one() -> None:
    tier = FirstTier(max_entries=3, max_bytes=10**6)
    tier.keep("a", weighed(2.0, "a", Key("US", "a"), "younger"))
    tier.keep("a", weighed(1.0, "a", Key("US", "a"), "older"))
    entry = tier.entry("a")
    assert entry is not None
    assert entry.value == "younger"
    assert tier.bytes == entry.bytes


def test_what_is_larger_than_the_whole_tier_is_not_kept_and_drives_nothing_out() -> None:
    tier = FirstTier(max_entries=3, max_bytes=1_000)
    tier.keep("a", weighed(1.0, "a", Key("US", "a"), "small"))
    tier.keep("b", weighed(1.0, "b", Key("US", "b"), "x" * 2_000))
    assert (tier.entry("b"), len(tier)) == (None, 1)


async def test_aiocaches_own_interface_keeps_the_same_bounds() -> None:
    tier = FirstTier(max_entries=2, max_bytes=10**6)
    for name in "abc":
        await tier.set(name, weighed(1.0, name, Key("US", name), name), ttl=60)
    assert len(tier) == 2
    assert (await tier.get("a"), (await tier.get("c")).value) == (None, "c")
    assert [await tier.delete("b"), await tier.delete("b")] == [1, 0]
    assert await tier.expire("c", 1) is False
    await tier.clear()
    assert (len(tier), tier.bytes) == (0, 0)
