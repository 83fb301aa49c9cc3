"""The query page: in Chromium from our own files, and as text where they are missing."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest
import strawberry
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.explorer import install, page

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
QUERY = "query Greeting($name: String!) {\n  hello(name: $name)\n}"
VARIABLES = '{\n  "name": "Tailspin Toys"\n}'

# The page's policy forbids wait_for_function, which evaluates text inside the page.
STORED = """typed => new Promise(resolve => {
  const look = () => localStorage.getItem("graphiql:query") === typed ? resolve() : requestAnimationFrame(look);
  look();
})"""


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str) -> str:
        return f"Hello, {name}"


SCHEMA = strawberry.Schema(query=Query)


async def answer(request: Request) -> JSONResponse:
    asked = orjson.loads(await request.body())
    result = await SCHEMA.execute(
        asked["query"], variable_values=asked.get("variables"), operation_name=asked.get("operationName")
    )
    errors = [error.formatted for error in result.errors or ()]
    return JSONResponse({"data": result.data, **({"errors": errors} if errors else {})})


async def explain(_: Request) -> JSONResponse:
    """The panels have tests of their own, over the real gateway."""
    nothing = {"kind": "query", "name": None, "engine": "crossdock", "reason": None, "steps": [], "cost": None}
    return JSONResponse(nothing)


async def defaults() -> dict[str, str]:
    return {"query": QUERY, "variables": VARIABLES}


def application() -> Starlette:
    asked = [Route("/graphql", answer, methods=["POST"]), Route("/explain", explain, methods=["POST"])]
    return Starlette(routes=[*page.routes(defaults), *asked])


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=application()), base_url="http://gateway")


@pytest.fixture
def needs_browser_and_assets() -> None:
    missing = [
        reason
        for present, reason in (
            (CHROMIUM.exists(), f"there is no {CHROMIUM}"),
            (page.assets_present(), "the explorer's assets are missing: python -m gateway.explorer.install"),
        )
        if not present
    ]
    if missing and os.environ.get("CI") == "true":
        pytest.fail("; ".join(missing))
    if missing:
        pytest.skip("; ".join(missing))


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application(), ws="none", log_level="warning", timeout_graceful_shutdown=2))
    # Connections made before the server accepts wait in the socket's backlog, so nobody has to wait for it to start.
    serving = asyncio.create_task(server._serve([listening]))  # noqa: SLF001 - serve() would take over SIGINT from pytest
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await asyncio.wait_for(serving, 10)
    listening.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        await opened.close()


class Traffic:
    """What a tab asked for and complained of."""

    def __init__(self, tab: Page) -> None:
        self.urls: list[str] = []
        self.complaints: list[str] = []
        tab.on("request", lambda request: self.urls.append(request.url))
        tab.on("websocket", lambda socket: self.urls.append(socket.url))
        tab.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def elsewhere(self, origin: str) -> list[str]:
        return [url for url in self.urls if not url.startswith((f"{origin}/", "data:"))]


@pytest.mark.usefixtures("needs_browser_and_assets")
async def test_the_page_runs_the_default_query_and_asks_nothing_of_another_origin(
    origin: str, browser: Browser
) -> None:
    tab = await browser.new_page(viewport={"width": 1400, "height": 800})
    tab.set_default_timeout(20_000)
    traffic = Traffic(tab)

    await tab.goto(f"{origin}/explorer")
    await expect(tab.locator(".graphiql-query-editor .CodeMirror")).to_contain_text("hello", timeout=20_000)
    # Once it has a plan the editor has read the operation's name, too.
    await expect(tab.locator(".panels")).to_contain_text("asks no system", timeout=20_000)
    # The answer to introspection may come in meanwhile, from the same address.
    async with tab.expect_response(lambda given: "Greeting" in (given.request.post_data or "")) as running:
        await tab.get_by_role("button", name="Execute query").click()
    sent = (await running.value).request.post_data_json

    await expect(tab.locator(".result-window")).to_contain_text('"hello": "Hello, Tailspin Toys"', timeout=20_000)
    assert sent == {"query": QUERY, "variables": {"name": "Tailspin Toys"}, "operationName": "Greeting"}
    assert traffic.elsewhere(origin) == []
    assert traffic.complaints == []
    if picture := os.environ.get("EXPLORER_PICTURE"):
        await tab.screenshot(path=picture)


@pytest.mark.usefixtures("needs_browser_and_assets")
async def test_the_explorer_plugin_lists_the_schemas_fields(origin: str, browser: Browser) -> None:
    tab = await browser.new_page(viewport={"width": 1400, "height": 800})
    tab.set_default_timeout(20_000)
    traffic = Traffic(tab)

    await tab.goto(f"{origin}/explorer")
    await tab.get_by_role("button", name="Show GraphiQL Explorer").click()

    await expect(tab.locator(".graphiql-explorer-root")).to_contain_text("hello", timeout=20_000)
    assert traffic.elsewhere(origin) == []
    assert traffic.complaints == []


@pytest.mark.usefixtures("needs_browser_and_assets")
async def test_what_the_reader_typed_is_still_there_after_a_reload(origin: str, browser: Browser) -> None:
    tab = await browser.new_page()
    tab.set_default_timeout(20_000)
    editor = tab.locator(".graphiql-query-editor .CodeMirror")

    await tab.goto(f"{origin}/explorer")
    await expect(editor).to_contain_text("Greeting", timeout=20_000)
    await editor.click()
    await tab.keyboard.press("Control+A")
    await tab.keyboard.insert_text("query Mine { __typename }")
    await asyncio.wait_for(tab.evaluate(STORED, "query Mine { __typename }"), 20)
    await tab.reload()

    await expect(editor).to_contain_text("query Mine { __typename }", timeout=20_000)


async def test_the_page_carries_the_strict_policy_and_no_inline_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "assets_present", lambda: True)
    async with client() as http:
        shown = await http.get("/explorer")
        scripts = [await http.get(f"/explorer/{name}") for name in page.OWN_FILES if name.endswith(".js")]
        style = await http.get("/explorer/explorer.css")

    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert (
        shown.text.count("<script")
        == len(re.findall(r'<script (defer|type="module") src="/explorer/', shown.text))
        == 6
    )
    assert "<style" not in shown.text
    assert not any("://" in each.text for each in (shown, style, *scripts))
    kinds = {each.headers["content-type"].split(";")[0] for each in scripts}
    assert kinds <= {"text/javascript", "application/javascript"}
    assert (len(scripts), style.headers["content-type"].split(";")[0]) == (6, "text/css")


def test_every_file_of_the_page_is_served() -> None:
    assert set(page.OWN_FILES) == {file.name for file in page.HERE.iterdir() if file.suffix in {".js", ".css"}}


async def test_the_defaults_are_what_the_callable_gives() -> None:
    async with client() as http:
        given = await http.get("/explorer/defaults.json")

    assert given.json() == {"query": QUERY, "variables": VARIABLES}
    assert given.headers["cache-control"] == "no-store"


async def test_without_assets_strawberrys_page_is_served_against_graphql_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(page, "assets_present", lambda: False)
    async with client() as http:
        shown = await http.get("/explorer")

    assert shown.status_code == 200
    assert "<title>Strawberry GraphiQL</title>" in shown.text
    assert 'const fetchURL = new URL("/graphql", window.location.href).href;' in shown.text
    assert [(record.levelname, record.message) for record in caplog.records if record.name == page.__name__] == [
        ("WARNING", "explorer: assets are missing, /explorer loads GraphiQL from its CDN (gateway.explorer.install)")
    ]


def test_files_with_another_hash_are_refused_and_nothing_is_copied(tmp_path: Path) -> None:
    modules, assets = tmp_path / "node_modules", tmp_path / "assets"
    for file in install.FILES:
        (modules / file.source).parent.mkdir(parents=True, exist_ok=True)
        (modules / file.source).write_text("another file")

    assert install.copy(modules, assets) == [file.source for file in install.FILES]
    assert not assets.exists()


def test_without_npm_the_install_says_so_and_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert install.install(tmp_path / "assets") == 0
    assert capsys.readouterr().out == (
        "explorer: npm is not installed, so /explorer will load GraphiQL from its CDN; /graphql is complete\n"
    )
