"""Who is at the console: nobody is asked in development, a token or a key in production; and what happens while the gateway is away."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from relay import relay
from stack import Stack, stack_over

from gateway.auth import hashed, new_key
from sandbox.facts import Dataset
from tests.console.conftest import visited

CLERK, WATCH = new_key("clerk"), new_key("watch")
FACTS = {"today": "2026-06-30", "customers": [{"company": "US", "number": "C1", "name": "Acme"}]}
STORED = "() => [sessionStorage.length, localStorage.length]"


def key(name: str, secret: str, scopes: Sequence[str]) -> dict[str, Any]:
    return {"id": name, "hashes": [hashed(secret)], "scopes": list(scopes), "companies": ["US"], "customers": ["*"]}


@pytest.fixture(scope="module")
async def production(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    keys = [key("clerk", CLERK, ["submission:read", "customer:read"]), key("watch", WATCH, ["source:read"])]
    settings = {
        "mode": "production",
        "http": {"hosts": ["127.0.0.1"]},
        "identity": {"keys": keys},
        "submissions": {"url": f"sqlite:///{tmp_path_factory.mktemp('session')}/submissions.db"},
    }
    async with stack_over(Dataset.from_builtins(FACTS), **settings) as running:
        yield running


@pytest.fixture
async def tab(chromium: Browser, production: Stack) -> AsyncIterator[Page]:
    async with visited(chromium) as (opened, traffic):
        await opened.goto(f"{production.url}/console")
        yield opened
        assert traffic.elsewhere(production.url) == []
        wrong = [each for each in traffic.complaints if "401" not in each and not each.startswith("failed: ")]
        assert wrong == []  # a reload breaks off what is under way


async def sign_in(tab: Page, secret: str) -> None:
    await tab.get_by_label("Token or API key").fill(secret)
    await tab.get_by_role("button", name="Sign in").click()


async def test_production_asks_for_a_key_and_says_when_it_is_none(tab: Page) -> None:
    await expect(tab.get_by_label("Token or API key")).to_be_focused()
    await sign_in(tab, "cdk_clerk_wrong")
    await expect(tab.get_by_role("alert").filter(has_text="not accepted")).to_have_text("The token is not accepted.")
    await sign_in(tab, CLERK)
    await expect(tab.get_by_text("key:clerk")).to_be_visible()
    await expect(tab.get_by_text("Nobody is waiting")).to_be_visible()


async def test_a_key_outlives_a_reload_only_if_that_was_wished_and_never_signing_out(tab: Page) -> None:
    await sign_in(tab, CLERK)
    await expect(tab.get_by_text("key:clerk")).to_be_visible()
    assert await tab.evaluate(STORED) == [1, 0]
    await tab.reload()
    await expect(tab.get_by_text("key:clerk")).to_be_visible()
    await tab.get_by_role("button", name="Sign out").click()
    assert await tab.evaluate(STORED) == [0, 0]
    await tab.get_by_role("checkbox").uncheck()
    await sign_in(tab, CLERK)
    await expect(tab.get_by_text("key:clerk")).to_be_visible()
    assert await tab.evaluate(STORED) == [0, 0]
    await tab.reload()
    await expect(tab.get_by_label("Token or API key")).to_be_visible()


async def test_what_one_may_not_see_is_said_and_not_asked_for(tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.post_data or ""))
    await sign_in(tab, WATCH)
    await expect(tab.get_by_role("heading", name="You may not see submissions")).to_be_visible()
    await expect(tab.get_by_text("submission:read")).to_be_visible()
    await tab.get_by_role("link", name="Figures", exact=True).click()
    await expect(tab.get_by_role("heading", name="You may not see business figures")).to_be_visible()
    await tab.get_by_role("link", name="Operations", exact=True).click()
    await expect(tab.get_by_role("heading", name="You may not see this")).to_be_visible()  # it is bound to a company
    await tab.get_by_role("link", name="Sources", exact=True).click()
    await expect(tab.locator("[data-source]")).to_have_count(4)
    assert not [body for body in asked if "ubmissions" in body or "ConsoleFigures" in body]


async def test_while_the_gateway_is_away_that_is_said_and_it_comes_back_by_itself(
    chromium: Browser, production: Stack
) -> None:
    async with relay(production.url) as line, visited(chromium) as (tab, _):
        await tab.goto(f"{line.url}/console#/sources")
        await sign_in(tab, WATCH)
        await expect(tab.locator("[data-source]")).to_have_count(4)
        await line.cut()
        away = tab.get_by_text("The gateway does not answer.")
        await expect(away).to_be_visible()
        await expect(tab.locator("[data-source]")).to_have_count(4)  # what was known stays
        await line.mend()
        await expect(away).to_have_count(0)
        chart = tab.locator("[data-source=erp]").get_by_role("slider", name="Latency")
        newest = await chart.get_attribute("aria-valuemax") or ""
        await expect(chart).not_to_have_attribute("aria-valuemax", newest)
