"""The example pages in Chromium, each from its own server, over one gateway a module; the line between them can be cut."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Literal

import pytest
from pictures import pictured
from playwright.async_api import Browser, Page, expect
from relay import Relay, relay
from stack import CALM, Stack, served, stack_over

from examples.page import BUILT, PAGES, application
from sandbox.data import load
from tests.console.conftest import PATIENCE_MS, chromium, visited
from tests.gateway.test_explorer import Traffic

__all__ = ["chromium"]

SECRET = "shared"
SEEN = {"width": 1280, "height": 900}
TELEPHONE = {"width": 390, "height": 844}
AXE = BUILT.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async tags => (await axe.run(document, { runOnly: tags })).violations.map(
  each => `${each.id}: ${each.nodes.map(node => node.target.join(" ") + " " + node.failureSummary).join("; ")}`)"""
TOO_WIDE = "each => each.scrollWidth - each.clientWidth"
GROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
GROUNDS: Mapping[Literal["light", "dark"], str] = {"light": "rgb(247, 247, 244)", "dark": "rgb(19, 20, 22)"}
HISTORY = 30
"""So many events are kept: a page that is away for more of them is told of a gap."""

expect.set_options(timeout=PATIENCE_MS)


class Stand:
    """The gateway, the pages over it, and the line by which they reach it."""

    def __init__(self, stack: Stack, line: Relay, pages: Mapping[str, str]) -> None:
        self.stack, self.line, self.pages = stack, line, pages

    async def advance(self, role: str, **asked: Any) -> list[dict[str, Any]]:
        """The events that the sandbox has told the gateway, which took each of them."""
        answer = await self.stack.client.post(f"{self.stack.addresses[role]}/_sandbox/advance", json=asked)
        told: dict[str, Any] = answer.raise_for_status().json()
        assert {each["status"] for each in told["sent"]} == {200}
        events: list[dict[str, Any]] = told["events"]
        return events

    def asked_elsewhere(self, traffic: Traffic) -> list[str]:
        ours = tuple(f"{each}/" for each in (self.line.url, *self.pages.values()))
        return [url for url in traffic.urls if not url.startswith(ours)]


@pytest.fixture(scope="session")
def built() -> None:
    if all((BUILT / name / "page.js").exists() for name in PAGES) and AXE.exists():
        return
    reason = "the example pages are not built: make examples"
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="module")
async def stand(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stand]:  # noqa: ARG001 - a fixture that is asked for and has no value
    folder = tmp_path_factory.mktemp("examples")
    told = {"gateway": ""}  # the pages' origins are in the gateway's settings, so they are served before it is there
    async with AsyncExitStack() as opened:
        pages = {
            name: await opened.enter_async_context(served(application(name, lambda: told["gateway"]))) for name in PAGES
        }
        briefly = {"fresh_seconds": 0.001}
        settings: dict[str, Any] = {
            "http": {"origins": list(pages.values())},
            "cache": {"policy": {"stock": briefly, "supply_demand": briefly, "price": briefly}},
            "submissions": {"url": f"sqlite:///{folder}/submissions.db"},
            "events": {"letters": f"{folder}/letters.sqlite3", "max_events": HISTORY},
            "webhooks": {role: {"secrets": [SECRET]} for role in ("wms", "carrier")},
        }
        stack = await opened.enter_async_context(stack_over(load("generated"), manner=CALM, **settings))
        for role in ("wms", "carrier"):
            target = {"url": f"{stack.url}/webhooks/{role}", "secret": SECRET}
            (await stack.client.put(f"{stack.addresses[role]}/_sandbox/webhook", json=target)).raise_for_status()
        line = await opened.enter_async_context(relay(stack.url))
        told["gateway"] = f"{line.url}/graphql"
        yield Stand(stack, line, pages)


class Visit:
    """Somebody at one of the pages."""

    def __init__(self, tab: Page, traffic: Traffic, stand: Stand) -> None:
        self.tab, self.traffic, self.stand = tab, traffic, stand

    async def barriers(self, name: str = "") -> list[str]:
        """What axe finds in light and in dark, each with its picture where it has a name."""
        found: list[str] = []
        for scheme, ground in GROUNDS.items():
            await self.tab.emulate_media(color_scheme=scheme)
            assert await self.tab.evaluate(GROUND) == ground
            found += await self.tab.evaluate(RUN, RULES)
            if name:
                await pictured(self.tab, f"{name}-{scheme}")
        return found

    async def fits(self, part: str = "html") -> bool:
        """Nothing of it lies beyond the right edge."""
        wider: int = await self.tab.locator(part).evaluate(TOO_WIDE)
        return wider == 0

    async def fits_a_telephone(self) -> bool:
        await self.tab.set_viewport_size({"width": TELEPHONE["width"], "height": TELEPHONE["height"]})
        return await self.fits()

    def is_clean(self) -> bool:
        """Nothing was asked of anybody else, and nothing went wrong in the page."""
        assert self.stand.asked_elsewhere(self.traffic) == []
        assert self.traffic.complaints == []
        return True


@pytest.fixture
async def visit(chromium: Browser, stand: Stand) -> AsyncIterator[Visit]:
    async with visited(chromium, viewport=SEEN) as (tab, traffic):
        await tab.add_init_script(AXE.read_text())
        yield Visit(tab, traffic, stand)
    await stand.stack.mend()
