"""The business figures in the console, on the day that was worked out by hand (tests/gateway/a-day-of-orders.md)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from scripted_day import NEXT_DAY

from tests.console.conftest import visited
from tests.console.test_looks import GROUNDS, pictured
from tests.gateway.test_operations import acted_out, gateway, handed_in

LATE = NEXT_DAY - timedelta(minutes=30)
"""The evening of that day."""


@pytest.fixture(scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with gateway(tmp_path_factory.mktemp("figures")) as running:
        await handed_in(running)
        assert set(await acted_out(running)) == {200}
        yield running.url


def card(tab: Page, name: str) -> Locator:
    return tab.get_by_role("article", name=name, exact=True)


async def shows(found: Locator, value: str, *facts: str) -> None:
    await expect(found.locator(".value")).to_have_text(value)
    assert await found.locator("dl.figures > div").all_inner_texts() == list(facts)


async def test_the_figures_are_those_that_were_worked_out_by_hand(chromium: Browser, url: str) -> None:
    async with visited(chromium, timezone_id="UTC", viewport={"width": 1440, "height": 1100}) as (tab, traffic):
        await tab.clock.set_system_time(LATE)
        await tab.goto(f"{url}/console#/figures")
        await shows(card(tab, "Order cycle time"), "6 h", "9 of 10 within\n10 h", "Orders\n8")
        await shows(card(tab, "Perfect orders"), "57 %", "Judged\n7", "Late\n1", "Short\n1", "With exception\n1")
        await shows(
            card(tab, "Submission success"),
            "71 %",
            *("Ended\n14", "By itself\n7", "After a decision\n3", "Rejected\n2", "Cancelled\n1", "Failed\n1"),
        )
        await shows(card(tab, "Exception resolution"), "30 min", "9 of 10 within\n2 h", "Exceptions\n3")
        await shows(card(tab, "Shipment confirmation"), "1 h 30 min", "9 of 10 within\n3 h", "Shipments\n11")
        await shows(card(tab, "Short picks"), "2", "Orders\n1")
        reasons = card(tab, "Exception resolution").locator("tbody tr")
        assert sorted(await reasons.all_inner_texts()) == [
            "Credit hold\t1\t30 min",
            "Over the credit limit\t1\t2 h",
            "PO number used before\t1\t15 min",
            "Price has changed\t1\t2 h",
        ]
        for scheme in GROUNDS:
            await tab.emulate_media(color_scheme=scheme)
            await pictured(tab, f"figures-{scheme}")
        assert traffic.complaints == []


async def test_hours_are_told_one_by_one(chromium: Browser, url: str) -> None:
    async with visited(chromium, timezone_id="UTC") as (tab, _):
        await tab.clock.set_system_time(LATE)
        await tab.goto(f"{url}/console#/figures?span=day")
        chart = card(tab, "Short picks").get_by_role("slider")
        await expect(chart).to_have_attribute("aria-valuemax", "23")
