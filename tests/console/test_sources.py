"""The sources in the console: what goes down is seen within five seconds, on every view, and so is that it is back."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect
from stack import Stack

from sources.ending import ended
from tests.console.conftest import Visit

AVAILABILITY = "query($skus: [String!]!) { items(skus: $skus) { availability { available } } }"


@asynccontextmanager
async def busy(stack: Stack, sku: str) -> AsyncIterator[None]:
    """Somebody who asks ten times a second: an outage that nobody meets is seen by nobody."""

    async def ask() -> None:
        while True:
            await stack.ask(AVAILABILITY, {"skus": [sku]})
            await asyncio.sleep(0.1)

    asking = asyncio.get_running_loop().create_task(ask())
    try:
        yield
    finally:
        await ended(asking)


@pytest.mark.alone
async def test_a_source_that_is_taken_down_is_shown_within_five_seconds_and_so_is_its_return(visit: Visit) -> None:
    tab, stack = visit.tab, visit.counter.stack
    wms = tab.locator("[data-source=wms]")
    await visit.open("#/sources")
    async with busy(stack, visit.counter.samples["skus"][0]):
        await expect(wms).to_have_attribute("data-state", "UP")
        await expect(tab.get_by_text("1 down")).to_have_count(0)
        await stack.fault("wms", status=503)
        began = time.monotonic()
        await expect(wms).to_have_attribute("data-state", "DOWN", timeout=5_000)
        assert time.monotonic() - began < 5
        await expect(wms.get_by_role("img")).to_have_attribute("aria-label", lately("Up", "Down"))
        await expect(wms.get_by_role("slider", name="Calls that failed")).not_to_have_attribute(
            "aria-valuetext", lately(" 0 %")
        )
        await expect(wms).to_contain_text("open")
        await expect(tab.get_by_role("alert").filter(has_text="WMS is down.")).to_be_visible()
        await visit.press("4")
        await expect(tab.get_by_role("link", name="Sources 1 down")).to_be_visible()
        await stack.mend()
        await expect(tab.get_by_role("link", name="Sources 1 down")).to_have_count(0)
        await expect(tab.locator(".told")).to_contain_text("WMS answers again.")
    assert visit.is_clean()


def lately(*told: str) -> re.Pattern[str]:
    return re.compile(".*".join(told) + "[^,]*$")


async def test_the_arrow_keys_read_a_chart_moment_by_moment(visit: Visit) -> None:
    tab = visit.tab
    await visit.open("#/sources")
    chart = tab.locator("[data-source=erp]").get_by_role("slider", name="Latency")
    await expect(chart).not_to_have_attribute("aria-valuemax", "0")  # two moments at least
    await chart.focus()
    newest = int(await chart.get_attribute("aria-valuenow") or "")
    await visit.press("ArrowLeft")
    await expect(chart).to_have_attribute("aria-valuenow", str(newest - 1))
    await visit.press("Escape")
    await expect(chart).not_to_have_attribute("aria-valuenow", str(newest - 1))
