"""The explorer's panels beneath the answer, in Chromium: the plan before an operation runs, and what ran for it."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from pictures import pictured
from playwright.async_api import Browser, Page, Route, expect
from stack import Stack, stack_over

from gateway import development_key
from sandbox.data import load
from tests.gateway.test_explorer import STORED, Traffic, browser, needs_browser_and_assets

__all__ = ["browser", "needs_browser_and_assets"]

pytestmark = pytest.mark.usefixtures("needs_browser_and_assets")

QUOTE = """query Quote($skus: [String!]!, $customer: String!) {
  items(skus: $skus) {
    sku
    name
    price(customer: $customer, quantity: "10") {
      unit { amount currency }
    }
    availability { available }
  }
  customer(number: $customer) {
    name
    relationship { owner stage }
  }
}"""
ITEMS = "query ($skus: [String!]!) { items(skus: $skus) { sku } }"
STEPS = ["items", "items.price", "items.availability", "customer", "customer.relationship"]
CALLS = {"POST /prices": 1, "GET /supply-demand": 1, "GET /stock": 1, "GET /customers": 1, "GET /relationships": 1}

CONTRAST = """panels => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const ground = node => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(parts(getComputedStyle(at).backgroundColor));
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = colour => {
    const [r, g, b] = colour.map(c => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const texts = [...panels.querySelectorAll("*")].filter(node => !node.matches(".sr-only, [aria-hidden]")
    && [...node.childNodes].some(each => each.nodeType === 3 && each.textContent.trim()));
  return Math.min(...texts.map(node => {
    const below = ground(node), above = light(over(parts(getComputedStyle(node).color), below)), under = light(below);
    return (Math.max(above, under) + 0.05) / (Math.min(above, under) + 0.05);
  }));
}"""
"""The worst contrast of any text in the panels, by WCAG 2's formula."""


@pytest.fixture
async def fresh() -> AsyncIterator[Stack]:
    """A gateway that remembers nothing yet."""
    async with stack_over(load("generated"), cache={"enabled": True}) as running:
        yield running


@pytest.fixture
async def variables(generated: Stack) -> dict[str, Any]:
    answer = await generated.client.get(f"{generated.addresses['erp']}/_sandbox/samples")
    found = answer.json()
    return {"skus": found["skus"][:5], "customer": found["customers"][0]}


class Explorer:
    """The page as a reader has it before them."""

    def __init__(self, tab: Page, traffic: Traffic, url: str) -> None:
        self.tab, self.traffic, self.url = tab, traffic, url
        self.query = tab.locator(".graphiql-query-editor .CodeMirror")
        self.steps = tab.locator(".plan-steps li[data-path]")
        self.panels = tab.locator(".panels")

    async def typed(self, query: str) -> None:
        await self.query.click()
        await self.replaced(query)
        await asyncio.wait_for(self.tab.evaluate(STORED, query), 20)

    async def given(self, variables: Any) -> None:
        await self.tab.locator(".graphiql-editor-tool .CodeMirror").first.click()
        await self.replaced(json.dumps(variables, indent=2))

    async def headed(self, headers: dict[str, str]) -> None:
        await self.tab.get_by_role("button", name="Headers").click()
        await self.tab.locator(".graphiql-editor-tool .CodeMirror").last.click()
        await self.replaced(json.dumps(headers))

    async def replaced(self, text: str) -> None:
        await self.tab.keyboard.press("Control+A")
        await self.tab.keyboard.insert_text(text)

    async def answer(self) -> dict[str, Any]:
        """All of it; the page renders only what is in view."""
        editor = self.tab.locator(".result-window .CodeMirror")
        found: dict[str, Any] = json.loads(await editor.evaluate("each => each.CodeMirror.getValue()"))
        return found

    async def planned(self) -> list[str]:
        return [str(await each.get_attribute("data-path")) for each in await self.steps.all()]

    async def kinds(self) -> list[str]:
        rows = await self.tab.locator(".waterfall-rows tr[data-kind]").all()
        return [str(await row.get_attribute("data-kind")) for row in rows]


async def explorer(browser: Browser, stack: Stack, scheme: Literal["light", "dark"] = "light") -> Explorer:
    opened = await browser.new_context(color_scheme=scheme, viewport={"width": 1440, "height": 1080})
    tab = await opened.new_page()
    tab.set_default_timeout(20_000)
    found = Explorer(tab, Traffic(tab), stack.url)
    await tab.goto(f"{stack.url}/explorer")
    await expect(found.query).to_contain_text("searchItems")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_plan_is_shown_before_anything_is_asked_and_then_what_ran(
    fresh: Stack, variables: dict[str, Any], browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    page = await explorer(browser, fresh, scheme)
    await page.given(variables)
    await page.typed(QUOTE)
    await expect(page.steps).to_have_count(len(STEPS))
    assert await page.planned() == STEPS
    await expect(page.panels).to_contain_text("2 levels")
    await expect(page.panels).to_contain_text("costs 54 of 50,000 points")
    price = page.tab.locator('li[data-path="items.price"]')
    await expect(price).to_contain_text("at most 5 keys in 1 call")
    await expect(price).to_contain_text("remembered for 30 s")
    assert await fresh.calls() == {}
    assert await page.tab.evaluate(CONTRAST, await page.panels.element_handle()) >= 4.5
    await pictured(page.tab, f"explorer-plan-{scheme}")

    await fresh.ask(ITEMS, variables)
    await fresh.fault("crm", status=503)
    await fresh.calls()
    await page.tab.get_by_role("button", name="Execute query").click()
    await expect(page.tab.get_by_role("tab", name="Waterfall")).to_have_attribute("aria-selected", "true")
    assert await fresh.calls() == CALLS
    assert Counter(await page.kinds()) == {"step": len(STEPS), "live": 4, "failed": 1, "cached": 1}
    summary = page.tab.locator(".panels-summary")
    for part in ("Quote: ", "5 steps", "5 calls", "1 failed", "5 keys from memory", "answered with errors"):
        await expect(summary).to_contain_text(part)
    await page.tab.locator('tr[data-kind="failed"]').hover()
    details = page.tab.locator(".waterfall-details")
    await expect(details).to_contain_text("Outcome SourceUnavailable", use_inner_text=True)
    answer = await page.answer()
    assert (set(answer), answer["data"]["customer"]["relationship"]) == ({"data", "errors"}, None)
    assert await page.tab.evaluate(CONTRAST, await page.panels.element_handle()) >= 4.5
    await pictured(page.tab, f"explorer-waterfall-{scheme}")
    assert page.traffic.elsewhere(fresh.url) == []
    assert page.traffic.complaints == []


async def test_everything_is_done_by_keyboard(stack: Stack, variables: dict[str, Any], browser: Browser) -> None:
    page = await explorer(browser, stack)
    keyboard, has_focus = page.tab.keyboard, "each => each.contains(document.activeElement)"
    for _ in range(20):
        if await page.query.evaluate(has_focus):
            break
        await keyboard.press("Tab")
    await page.replaced(
        ITEMS.replace("$skus)", json.dumps(variables["skus"]) + ")").replace("($skus: [String!]!) ", "")
    )
    await expect(page.steps).to_have_count(1)
    await keyboard.press("Control+Enter")
    await expect(page.tab.get_by_role("tab", name="Waterfall")).to_have_attribute("aria-selected", "true")

    await keyboard.press("Alt+KeyW")
    await expect(page.tab.get_by_role("tab", name="Waterfall")).to_be_focused()
    await keyboard.press("ArrowLeft")
    await expect(page.tab.get_by_role("tab", name="Plan")).to_be_focused()
    await expect(page.steps).to_have_count(1)
    await keyboard.press("ArrowLeft")
    await keyboard.press("Tab")
    await expect(page.tab.get_by_role("button", name="Close the panels")).to_be_focused()
    await keyboard.press("Tab")
    await expect(page.tab.get_by_role("tabpanel", name="Waterfall")).to_be_focused()
    await keyboard.press("Tab")
    details = page.tab.locator(".waterfall-details")
    await expect(details).to_contain_text("Field Query.items", use_inner_text=True)
    await keyboard.press("ArrowDown")
    await expect(details).to_contain_text("Asked GET /items", use_inner_text=True)
    await keyboard.press("Home")
    await expect(details).to_contain_text("Field Query.items", use_inner_text=True)

    await keyboard.press("Escape")
    assert await page.query.evaluate(has_focus)
    border = page.tab.get_by_role("separator", name="Height of the panels")
    before = (await page.panels.bounding_box() or {})["height"]
    await border.focus()
    await keyboard.press("ArrowUp")
    await expect(border).to_have_attribute("aria-valuenow", "60")
    assert (await page.panels.bounding_box() or {})["height"] > before
    assert page.traffic.complaints == []


async def test_mistakes_are_told_in_words_and_the_last_plan_stays_in_view(stack: Stack, browser: Browser) -> None:
    page = await explorer(browser, stack)
    await expect(page.steps).to_have_count(1)
    await page.typed("{ searchItems { nothing } }")
    note = page.tab.locator(".panels-note")
    await expect(note).to_contain_text("Cannot query field 'nothing' on type 'ItemConnection'. (line 1, column 17)")
    await expect(page.tab.locator(".is-old")).to_contain_text("searchItems")
    await page.typed("query One { viewer { subject } } query Two { __typename }")
    await expect(page.tab.locator('li[data-path="viewer"]')).to_be_visible()
    await page.typed("{ __schema { queryType { name } } }")
    await expect(note).to_have_text(
        "graphql-core executes this operation field by field, because it asks about the schema itself, for which no system"
        " is asked."
    )
    await page.given(["no object"])
    await expect(page.tab.locator(".panels-note.is-failed")).to_contain_text("The variables are no JSON object.")
    await page.tab.set_viewport_size({"width": 700, "height": 800})
    box = await page.panels.bounding_box() or {}
    assert box["x"] + box["width"] <= 700
    assert box["y"] + box["height"] <= 800
    await page.tab.set_viewport_size({"width": 1440, "height": 1080})
    await page.typed("# nothing yet")
    await expect(page.panels).to_contain_text("Type an operation")
    assert page.traffic.complaints == []


async def test_who_may_not_see_the_systems_is_told_so_and_still_gets_the_answer(stack: Stack, browser: Browser) -> None:
    page = await explorer(browser, stack)
    await expect(page.steps).to_have_count(1)
    token = development_key.token(development_key.Bearer("ann", ("item:read",), ("*",), ("*",)), hours=1)
    await page.headed({"Authorization": f"Bearer {token}"})
    await expect(page.tab.locator(".panels-note")).to_contain_text("This takes the scope source:read.")
    await page.tab.get_by_role("button", name="Execute query").click()
    await page.tab.get_by_role("tab", name="Waterfall").click()
    await expect(page.panels).to_contain_text("What ran is told to those who may see the systems")
    assert len((await page.answer())["data"]["searchItems"]["edges"]) == 5


async def test_a_gateway_that_is_away_is_said_to_be_and_asked_again(stack: Stack, browser: Browser) -> None:
    page = await explorer(browser, stack)
    await expect(page.steps).to_have_count(1)

    async def away(route: Route) -> None:
        await route.abort()

    await page.tab.route("**/explain", away)
    await page.typed("{ viewer { subject } }")
    await expect(page.tab.locator(".panels-note")).to_contain_text("The gateway does not answer.")
    await page.tab.unroute("**/explain")
    await expect(page.tab.locator('li[data-path="viewer"]')).to_be_visible(timeout=10_000)
    await expect(page.tab.locator(".panels-note")).to_have_count(0)


async def test_a_reader_who_asks_for_the_trace_finds_it_in_the_answer(stack: Stack, browser: Browser) -> None:
    page = await explorer(browser, stack)
    await page.headed({"x-crossdock-trace": "true"})
    await page.tab.get_by_role("button", name="Execute query").click()
    await expect(page.tab.locator('tr[data-kind="live"]')).to_have_count(1)
    trace = (await page.answer())["extensions"]["trace"]
    assert [each["path"] for each in trace["steps"]] == ["searchItems"]
    assert page.traffic.complaints == []
