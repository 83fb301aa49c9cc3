"""The console in Chromium, over a gateway that takes orders; what is needed for that, or the reason why it is skipped."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from stack import Stack, stack_over

from sandbox.data import load
from tests.gateway.test_explorer import CHROMIUM, QUIET, Traffic
from tests.orders.counter import Counter

PATIENCE_MS = 20_000
ATTEMPTS = 5
expect.set_options(timeout=PATIENCE_MS)  # a busy machine is slow, and what comes is not waited for longer than it takes

WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"there is no {CHROMIUM}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        await opened.close()


@asynccontextmanager
async def visited(browser: Browser, **options: Any) -> AsyncIterator[tuple[Page, Traffic]]:
    """A tab with a storage of its own, and what it asks for and complains of."""
    context = await browser.new_context(**{"viewport": WIDE, "color_scheme": "light", **options})
    tab = await context.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    try:
        yield tab, Traffic(tab)
    finally:
        await context.close()


class Visit:
    """Somebody at the console of a gateway that takes orders."""

    def __init__(self, tab: Page, traffic: Traffic, counter: Counter) -> None:
        self.tab, self.traffic, self.counter = tab, traffic, counter

    @property
    def url(self) -> str:
        return self.counter.stack.url

    async def open(self, place: str = "") -> None:
        await self.tab.goto(f"{self.url}/console{place}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.tab.keyboard.press(key)

    async def ask_by(self, key: str) -> None:
        """The key that opens a dialog; pressed again where the view had not yet begun to listen, as on a busy machine it may not have."""
        dialog = self.tab.locator("dialog[open]")
        await expect(dialog).to_have_count(0)  # while one is open, keys are its own
        for _ in range(ATTEMPTS):
            await self.press(key)
            with suppress(AssertionError):
                await expect(dialog).to_be_visible(timeout=PATIENCE_MS / ATTEMPTS)
                return
        raise AssertionError(f"{key} opens no dialog")

    def is_clean(self) -> bool:
        """Nothing was asked of another origin, nothing went wrong in the page.

        A question that is not needed any more, because another view is shown, is broken off.
        """
        assert self.traffic.elsewhere(self.url) == []
        assert [each for each in self.traffic.complaints if each != f"failed: {self.url}/graphql"] == []
        return True


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The generated distributor taking orders; its systems are left alone soon once they fail."""
    folder = tmp_path_factory.mktemp("console")
    settings = {"submissions": {"url": f"sqlite:///{folder}/submissions.db", "settle_seconds": 0.3}}
    async with stack_over(load("generated"), manner={"retry": {"attempts": 1}}, **settings) as running:
        yield running


@pytest.fixture
async def counter(desk: Stack) -> AsyncIterator[Counter]:
    await desk.calls()
    samples: dict[str, Any] = (await desk.client.get(f"{desk.addresses['erp']}/_sandbox/samples")).json()
    yield Counter(desk, samples)
    await desk.mend()


@pytest.fixture
async def visit(chromium: Browser, counter: Counter) -> AsyncIterator[Visit]:
    async with visited(chromium) as (tab, traffic):
        yield Visit(tab, traffic, counter)
