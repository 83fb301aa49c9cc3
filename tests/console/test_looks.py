"""Every view in light and in dark: nothing that axe knows to be a barrier, nothing wider than a telephone, and pictures of it.

`make console-pictures` writes the pictures to docs/images/; nobody compares them, people look at them.
"""

import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from gateway.console.page import BUILT
from tests.console.conftest import Visit, visited
from tests.console.test_sources import busy
from tests.orders.counter import Counter

PICTURES = os.environ.get("CONSOLE_PICTURES", "")
"""The folder for them, where they are wished for."""

AXE = BUILT.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUOTE = """query SlowQuote($skus: [String!]!, $customer: String!) {
  items(skus: $skus) { sku price(customer: $customer, quantity: "10") { unit { amount } } availability { available } }
}"""
RUN = """async tags => (await axe.run(document, { runOnly: tags })).violations.map(
  each => `${each.id}: ${each.nodes.map(node => node.target.join(" ") + " " + node.failureSummary).join("; ")}`)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
GROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
LIGHT, DARK = "rgb(246, 246, 243)", "rgb(18, 19, 21)"
TELEPHONE = {"width": 390, "height": 844}

Scheme = Literal["light", "dark"]
GROUNDS: dict[Scheme, str] = {"light": LIGHT, "dark": DARK}


@pytest.fixture(scope="module")
def axe() -> str:
    if AXE.exists():
        return AXE.read_text()
    reason = "axe-core is missing: make console-tools"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
async def filled(counter: Counter) -> Counter:
    """Submissions in every state that a person meets."""
    for code in (
        "DUPLICATE_PO",
        "PRICE_CHANGED",
        "INSUFFICIENT_AVAILABILITY",
        "CREDIT_HOLD",
        "UNKNOWN_ITEM",
        "CREDIT_LIMIT",
    ):
        await counter.submit(counter.problem(code))
    for _ in range(3):
        await counter.submit(counter.sound())
    return counter


async def pictured(tab: Page, name: str) -> None:
    """A picture where one is wished for."""
    if name and PICTURES:
        await tab.mouse.move(0, 0)
        await tab.screenshot(path=Path(PICTURES) / f"console-{name}.png")


async def barriers(tab: Page, name: str = "") -> list[str]:
    """In light and in dark, each with its picture where it has a name."""
    found: list[str] = []
    for scheme, ground in GROUNDS.items():
        await tab.emulate_media(color_scheme=scheme)
        assert await tab.evaluate(GROUND) == ground
        found += await tab.evaluate(RUN, RULES)
        await pictured(tab, name and f"{name}-{scheme}")
    return found


async def slow_quote(counter: Counter) -> None:
    """One that waits for the ERP's prices, longer than anything else takes on a busy machine: the slowest fifty are shown."""
    await counter.stack.fault("erp", operation="POST /prices", latency_ms=700)
    given = {"skus": counter.samples["skus"][:3], "customer": counter.samples["customers"][0]}
    assert "errors" not in await counter.stack.ask(QUOTE, given)
    await counter.stack.mend()


async def test_no_view_has_a_barrier_that_axe_knows(chromium: Browser, filled: Counter, axe: str) -> None:
    async with visited(chromium) as (tab, traffic):
        await tab.add_init_script(axe)
        visit = Visit(tab, traffic, filled)
        await visit.open()
        await tab.get_by_role("link", name="Over the credit limit").first.click()
        await expect(tab.get_by_label("Why it waits")).to_contain_text("Over the limit by")
        assert await barriers(tab, "submission") == []
        await visit.press("a")
        await tab.keyboard.type("Half now, the rest once the invoice is paid")
        assert await barriers(tab, "amend") == []
        await visit.press("Escape", "?")
        assert await barriers(tab, "shortcuts") == []
        await visit.press("Escape", "3")
        await expect(tab.get_by_role("article", name="Submission success")).to_contain_text("%")
        assert await barriers(tab) == []
        await slow_quote(filled)
        await visit.press("4")
        await tab.get_by_role("link", name="SlowQuote").first.click()
        waterfall = tab.get_by_role("article").get_by_role("table")
        await expect(waterfall.get_by_role("row", name="ERP POST /prices")).to_contain_text("3 keys · live")
        await expect(waterfall.get_by_role("row", name="level 2 items.price")).to_contain_text("3 parents")
        assert await barriers(tab, "operations") == []
        assert visit.is_clean()


async def test_a_source_that_is_down_is_no_barrier_either(chromium: Browser, filled: Counter, axe: str) -> None:
    async with visited(chromium) as (tab, traffic), busy(filled.stack, filled.samples["skus"][0]):
        await tab.add_init_script(axe)
        visit = Visit(tab, traffic, filled)
        await visit.open("#/sources")
        await expect(tab.locator("[data-source=wms]")).to_have_attribute("data-state", "UP")
        if PICTURES:
            await tab.wait_for_timeout(45_000)  # a picture of charts wants something in them
        await filled.stack.fault("wms", status=503)
        await expect(tab.locator("[data-source=wms]")).to_have_attribute("data-state", "DOWN")
        assert await barriers(tab, "sources") == []
        assert visit.is_clean()


async def test_on_a_telephone_nothing_is_wider_than_the_screen(chromium: Browser, filled: Counter) -> None:
    async with visited(chromium, viewport=TELEPHONE) as (tab, traffic):
        visit = Visit(tab, traffic, filled)
        await visit.open()
        row = tab.get_by_role("link", name="Over the credit limit").first
        await expect(row).to_be_visible()
        assert await tab.evaluate(TOO_WIDE) == 0
        await pictured(tab, "telephone-list")
        await row.click()
        await expect(tab.get_by_label("Why it waits")).to_be_visible()
        await expect(row).to_be_hidden()
        assert await tab.evaluate(TOO_WIDE) == 0
        await pictured(tab, "telephone-submission")
        await tab.get_by_role("button", name="Back to the list").click()
        await expect(row).to_be_visible()
        for view in ("sources", "figures", "operations"):
            await visit.open(f"#/{view}")
            await expect(tab.locator(".card, table").first).to_be_visible()
            assert await tab.evaluate(TOO_WIDE) == 0
        assert visit.is_clean()


async def test_the_switch_overrules_the_system_and_is_remembered(chromium: Browser, counter: Counter) -> None:
    async with visited(chromium, color_scheme="dark") as (tab, traffic):
        visit = Visit(tab, traffic, counter)
        await visit.open("#/sources")
        await expect(tab.locator("[data-source]")).to_have_count(4)
        assert await tab.evaluate(GROUND) == DARK
        await visit.press("d")
        assert await tab.evaluate(GROUND) == LIGHT
        await tab.reload()
        await expect(tab.locator("[data-source]")).to_have_count(4)
        assert await tab.evaluate(GROUND) == LIGHT
        await visit.press("d", "d")
        assert await tab.evaluate(GROUND) == DARK
        assert await tab.evaluate("() => localStorage.length") == 0
