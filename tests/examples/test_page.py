"""The pages' server: what it hands out opens no more than the page is for, and the demo lets its scripts ask."""

from collections.abc import AsyncIterator, Mapping

import httpx
import jwt
import pytest

from examples.page import PAGES, application
from gateway.demo import demo_settings
from gateway.development_key import public_key

GATEWAY = "http://127.0.0.1:9000/graphql"


@pytest.fixture(params=list(PAGES))
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=application(request.param, lambda: GATEWAY))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{request.param}") as opened:
        yield opened


def claims(token: str) -> Mapping[str, object]:
    found: Mapping[str, object] = jwt.decode(token, public_key(), algorithms=["EdDSA"], audience="crossdock")
    return found


@pytest.mark.usefixtures("built")
async def test_a_page_may_reach_its_own_server_and_the_gateway_and_runs_nothing_inline(
    client: httpx.AsyncClient,
) -> None:
    shown = await client.get("/")
    assert shown.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' http://127.0.0.1:9000; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert "<style" not in shown.text
    assert "://" not in shown.text
    assert (await client.get("/../page.py")).status_code == 404


async def test_a_session_is_never_stored_and_bounds_whom_it_is_for(client: httpx.AsyncClient) -> None:
    answer = await client.get("/session")
    assert answer.headers["cache-control"] == "no-store"
    held = answer.json()
    assert held["gateway"] == GATEWAY
    told = claims(held["token"])
    bounds = {"quote-page": (["*"], ["*"]), "portal-page": (["US"], ["US:10297"])}
    assert (told["crossdock_companies"], told["crossdock_customers"]) == bounds[client.base_url.host]


def test_the_demo_lets_exactly_the_example_pages_ask() -> None:
    ports = {9000 + page.after for page in PAGES.values()}
    assert set(demo_settings(9000).http.origins) == {f"http://127.0.0.1:{port}" for port in ports}
