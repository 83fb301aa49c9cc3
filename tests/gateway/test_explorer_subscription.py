"""The explorer follows what happens: a subscription of the real gateway, in Chromium, over the page's own WebSocket."""

import asyncio
import os
from pathlib import Path

import pytest
from happened import life
from playwright.async_api import Browser, expect
from subscribers import gateway, publish, subscribed, subscribed_by_nobody

from tests.gateway.test_explorer import STORED, Traffic, browser, needs_browser_and_assets

__all__ = ["browser", "needs_browser_and_assets"]

SUBSCRIPTION = "subscription { shipmentEvents { type status } }"


@pytest.mark.usefixtures("needs_browser_and_assets")
async def test_a_subscription_shows_each_event_as_it_comes_and_ends_when_it_is_stopped(
    tmp_path: Path, browser: Browser
) -> None:
    async with gateway(tmp_path) as running:
        tab = await browser.new_page(viewport={"width": 1400, "height": 800})
        tab.set_default_timeout(20_000)
        traffic = Traffic(tab)
        await tab.goto(f"{running.url}/explorer")
        editor = tab.locator(".graphiql-query-editor .CodeMirror")
        await expect(editor).to_contain_text("searchItems", timeout=20_000)
        await editor.click()
        await tab.keyboard.press("Control+A")
        await tab.keyboard.insert_text(SUBSCRIPTION)
        await asyncio.wait_for(tab.evaluate(STORED, SUBSCRIPTION), 20)  # it reads what was typed a moment later
        await tab.get_by_role("button", name="Execute query").click()
        await subscribed(running)
        shown = tab.locator(".result-window")
        for event in life():
            await publish(running, event)
            await expect(shown).to_contain_text(event.type, timeout=20_000)
        if picture := os.environ.get("EXPLORER_PICTURE"):
            await tab.screenshot(path=picture)
        await tab.get_by_role("button", name="Stop query").click()
        await subscribed_by_nobody(running)
        assert traffic.complaints == []
        assert traffic.elsewhere(running.url) == [f"{running.url.replace('http', 'ws')}/graphql"]
