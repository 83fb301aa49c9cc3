"""The console's files as they are served: their policy, their weight, how long they are kept; and what they ask of the gateway."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from stack import stack_over

from gateway.app import create_app
from gateway.console import page
from gateway.limits import LimitSettings, checked_cost
from gateway.operation import documents_within
from gateway.settings import settings_from
from orders.problems import ProblemCode
from orders.record import StepStatus, SubmissionStatus
from resolvers.systems import Standing
from sandbox.facts import Dataset

HEAVIEST = 60_000
"""Bytes, compressed, of all that is loaded to open the console."""

SOURCES = Path(page.__file__).parent / "src"
INDEX = (page.BUILT / "index.html").read_text()
ROLES = ("erp", "crm", "wms", "carrier")


def client(**settings: Any) -> httpx.AsyncClient:
    """Of a gateway that was not started: what it serves of its own needs nothing opened."""
    sources = {role: {"url": "http://127.0.0.1:9"} for role in ROLES}
    app = create_app(settings_from({"mode": "development", "sources": sources, **settings}, origin="test"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1")


def named(extension: str) -> str:
    (found,) = re.findall(rf'"(/console/assets/[^"]+\.{extension})"', INDEX)
    return str(found)


async def test_the_page_has_the_strictest_policy_and_nothing_inline() -> None:
    async with client() as http:
        shown = await http.get("/console")
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
    assert shown.headers["cache-control"] == "no-cache"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["x-frame-options"] == "DENY"
    assert re.findall(r"<script[^>]*>([^<]*)", shown.text) == [""]
    assert not re.search(r"<style|style=|\son\w+=|://", shown.text)


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [("js", "text/javascript; charset=utf-8"), ("css", "text/css; charset=utf-8"), ("svg", "image/svg+xml")],
)
async def test_each_file_is_named_by_its_content_and_kept_for_ever(extension: str, media_type: str) -> None:
    async with client() as http:
        packed = await http.get(named(extension))
        plain = await http.get(named(extension), headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-type"] == plain.headers["content-type"] == media_type
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.content == plain.content == (page.BUILT / "assets" / Path(named(extension)).name).read_bytes()


async def test_only_what_the_page_names_is_there() -> None:
    names = {Path(named(extension)).name for extension in ("js", "css", "svg")}
    assert {path.name for path in (page.BUILT / "assets").iterdir()} == names
    async with client() as http:
        for path in ("none.js", "..%2findex.html", "..%2f..%2fpage.py"):
            assert (await http.get(f"/console/assets/{path}")).status_code == 404


def test_the_console_stays_light() -> None:
    files = [page.BUILT / "index.html", *(page.BUILT / "assets").iterdir()]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < HEAVIEST


async def test_switched_off_there_is_no_console() -> None:
    async with client(console={"enabled": False}) as http:
        assert (await http.get("/console")).status_code == 404
        assert (await http.get(named("js"))).status_code == 404


@pytest.mark.parametrize("text", page.documents().values(), ids=lambda text: text.split()[1].split("(")[0])
def test_what_the_console_asks_is_valid_within_the_limits_and_cheap(text: str) -> None:
    prepared = documents_within(LimitSettings(), introspection=False, subgraph=False).prepared(text)
    assert prepared.errors == ()
    assert checked_cost(prepared.measured, None, {"first": 50}, LimitSettings()) <= 5_000


async def test_a_gateway_that_takes_known_documents_only_knows_the_consoles(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"own": "{ viewer { subject } }"}))
    documents = {"mode": "enforce", "manifest": str(manifest)}
    me = next(text for text in page.documents().values() if "ConsoleViewer" in text)
    async with stack_over(Dataset.from_builtins({"today": "2026-06-30"}), documents=documents) as stack:
        assert (await stack.ask(me))["data"]["viewer"]["subject"] == "development"
        assert (await stack.ask(me + " "))["errors"][0]["extensions"]["code"] == "NOT_TRUSTED"


def words(file: str, name: str) -> set[str]:
    """The keys of a table of words in the console's sources."""
    table = re.search(rf"export const {name}\b[^=]*= \{{(.*?)\n\}};", (SOURCES / file).read_text(), re.DOTALL)
    assert table is not None
    return set(re.findall(r"^  ([A-Z_]+): ", table[1], re.MULTILINE))


def test_everything_that_may_be_told_has_words() -> None:
    assert words("problems.ts", "PROBLEMS") == {each.name for each in ProblemCode}
    assert words("words.ts", "STATUS") == {each.name for each in SubmissionStatus}
    assert words("words.ts", "STEP_STATUS") == {each.name for each in StepStatus}
    assert words("words.ts", "SOURCE") == {each.name for each in Standing}
