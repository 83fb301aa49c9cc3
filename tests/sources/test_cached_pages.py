"""A remembered page is dead as soon as a record on it is invalidated, and after its fifteen seconds."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from ledger import Clock

from sources.cache import Cache, CacheLimits
from sources.call import CallContext, Deadline
from sources.models import Customer, Item, ItemStatus, Page, PageRequest, QuantityRule
from sources.remembered import RememberedErp
from sources.viewer import SERVICE_DESK

NOW = datetime(2026, 6, 30, tzinfo=UTC)
RULE = QuantityRule(Decimal(1), Decimal(1))
PAGE = PageRequest(20)


class Lists:
    """An ERP that knows lists only, and counts how often it was asked."""

    name = "erp"
    max_batch: dict[str, int] = {}  # noqa: RUF012 - as a port has it

    def __init__(self) -> None:
        self.asked = 0

    async def search_items(self, *_: Any, **__: Any) -> Page[Item]:
        self.asked += 1
        rows = [Item("US", sku, sku, ItemStatus.ACTIVE, "EA", (), RULE, False, NOW) for sku in ("A", "B")]  # noqa: FBT003 - hazardous
        return Page(tuple(rows), None, 2)

    async def search_customers(self, *_: Any, **__: Any) -> Page[Customer]:
        self.asked += 1
        return Page((Customer("US", "1", "Acme", "USD", NOW),), None)


def call() -> CallContext:
    return CallContext(SERVICE_DESK, Deadline.after(2), "id")


@pytest.mark.parametrize(("tag", "asked"), [("item:US:A", 2), ("item:US:C", 1), ("item:CA:A", 1), ("customer:US:A", 1)])
async def test_a_page_of_items_lives_until_one_of_them_changes(tag: str, asked: int) -> None:
    lists, clock = Lists(), Clock()
    async with Cache(CacheLimits(max_entries=10, max_bytes=100_000), clock=clock) as cache:
        erp: Any = RememberedErp(lists, cache)  # type: ignore[arg-type]  # it need not know the rest
        for _ in range(2):
            page = await erp.search_items(call(), PAGE, text=None, category=None, company=None)
            assert [item.sku for item in page.rows] == ["A", "B"]
            clock.now += 1
            await cache.invalidate(tag=tag)
            clock.now += 1
    assert lists.asked == asked


async def test_a_page_of_customers_lives_for_fifteen_seconds() -> None:
    lists, clock = Lists(), Clock()
    async with Cache(CacheLimits(max_entries=10, max_bytes=100_000), clock=clock) as cache:
        erp: Any = RememberedErp(lists, cache)  # type: ignore[arg-type]  # as above
        for seconds, asked in ((0, 1), (14, 1), (2, 2)):
            clock.now += seconds
            assert (await erp.search_customers(call(), PAGE, text="a", company=None)).rows[0].number == "1"
            assert lists.asked == asked
        await cache.invalidate(fact="list")
        clock.now += 1
        await erp.search_customers(call(), PAGE, text="a", company=None)
        assert lists.asked == 3
