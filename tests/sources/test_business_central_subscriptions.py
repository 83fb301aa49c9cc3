"""Business Central's subscriptions end after three days: `crossdock subscribe` makes and renews them, over the gateway's own handshake."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from central_over import EU, US, good
from click.testing import CliRunner, Result
from stack import QUIET, ROLES, served
from starlette.requests import Request
from starlette.responses import Response

from gateway.app import create_app
from gateway.cli import main
from gateway.settings import settings_from
from tests.connectors.central import OTHER_ID, Central, _answer, _error

UNTIL = "2026-11-28T22:00:00Z"
SECRET = "shared-with-business-central"


class Telling(Central):
    """Keeps subscriptions, and asks the address to echo a token before it does."""

    def __init__(self) -> None:
        super().__init__({**good(), OTHER_ID: {}})
        self.rows: list[dict[str, Any]] = []
        self.changes: list[tuple[str, str | None]] = []

    async def _asked(self, request: Request) -> Response:
        if "/subscriptions" not in request.url.path:
            return await super()._asked(request)
        if request.method == "GET":
            return _answer(200, {"value": self.rows})
        self.changes.append((request.method, request.headers.get("if-match")))
        given = msgspec.json.decode(await request.body())
        async with httpx.AsyncClient(trust_env=False) as http:
            echoed = await http.post(given["notificationUrl"], params={"validationToken": "tok/1+1"})
        if (echoed.status_code, echoed.text) != (200, "tok/1+1"):
            return _answer(400, _error("BadRequest_HandshakeFailed"))
        if request.method == "PATCH":
            (row,) = [each for each in self.rows if f"('{each['subscriptionId']}')" in request.url.path]
            row |= given
            return _answer(200, row)
        row = {**given, "subscriptionId": f"s{len(self.rows)}", "expirationDateTime": UNTIL, "@odata.etag": 'W/"1"'}
        self.rows.append(row | {"resource": given["resource"].lstrip("/")})
        return _answer(201, row)


@pytest.fixture
async def telling() -> AsyncIterator[tuple[Telling, dict[str, Any]]]:
    server = Telling()
    nobody = {role: {"url": "http://127.0.0.1:9"} for role in ROLES}
    hooks = {"bc": {"dialect": "business_central", "secrets": [SECRET]}}
    given = {"mode": "development", "webhooks": hooks, "sources": nobody, **QUIET}
    async with served(server.app) as erp, served(create_app(settings_from(given, origin="test"))) as gateway:
        options = {"companies": {"US": US, "EU": EU}}
        sources = {**nobody, "erp": {"connector": "business_central", "url": erp, "token": "t", "options": options}}
        yield server, {**given, "sources": sources, "public_url": gateway}


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    return msgspec.json.encode(value).decode()


async def run(given: dict[str, Any], path: Path, *arguments: str) -> Result:
    config = path / "crossdock.toml"
    config.write_text("".join(f"{name} = {_toml(value)}\n" for name, value in given.items()))
    return await asyncio.to_thread(CliRunner().invoke, main, ["subscribe", *arguments, "--config", str(config)])


async def test_what_is_not_told_of_yet_is_registered_and_what_is_is_renewed(
    telling: tuple[Telling, dict[str, Any]], tmp_path: Path
) -> None:
    server, given = telling
    first = await run(given, tmp_path, "bc")
    again = await run(given, tmp_path, "bc")
    lines = [
        f"{code} {entity}: until 2026-11-28 22:00 UTC" for code in ("US", "EU") for entity in ("items", "customers")
    ]
    assert (first.output.splitlines(), first.exit_code) == (lines, 0)
    assert (again.output.splitlines(), again.exit_code) == (lines, 0)
    assert server.changes == [("POST", None)] * 4 + [("PATCH", 'W/"1"')] * 4
    assert {row["clientState"] for row in server.rows} == {SECRET}
    assert {row["notificationUrl"] for row in server.rows} == {f"{given['public_url']}/webhooks/bc"}


async def test_somebody_elses_subscriptions_are_left_alone(
    telling: tuple[Telling, dict[str, Any]], tmp_path: Path
) -> None:
    server, given = telling
    other = {
        "subscriptionId": "x",
        "notificationUrl": "https://elsewhere",
        "resource": "api/v2.0/companies(1)/items",
        "expirationDateTime": UNTIL,
    }
    server.rows.append(dict(other))
    await run(given, tmp_path, "bc")
    assert server.rows[0] == other
    assert [method for method, _ in server.changes] == ["POST"] * 4


async def test_where_our_address_does_not_echo_it_is_said_and_the_secret_is_not(
    telling: tuple[Telling, dict[str, Any]], tmp_path: Path
) -> None:
    server, given = telling
    given["webhooks"]["other"] = given["webhooks"]["bc"]  # the gateway that runs does not know it
    outcome = await run(given, tmp_path, "other")
    assert outcome.exit_code == 1
    assert outcome.output.splitlines()[0] == "US items: The erp system refused this request. HTTP 400"
    assert SECRET not in outcome.output
    assert server.rows == []


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ({}, ["none"], "there is no sender of this name - at `$.webhooks.none`"),
        ({"public_url": ""}, ["bc"], "where deliveries can be sent is not said - at `$.public_url`"),
        ({}, ["bc", "--role", "crm"], "this system is not asked to tell - at `$.sources.crm.connector`"),
    ],
)
async def test_what_is_not_set_for_it_is_said(
    telling: tuple[Telling, dict[str, Any]], tmp_path: Path, change: Any, arguments: list[str], said: str
) -> None:
    server, given = telling
    outcome = await run({**given, **change}, tmp_path, *arguments)
    assert (outcome.exit_code, outcome.output) == (1, f"Error: {said}\n")
    assert server.changes == []


async def test_one_of_several_systems_is_asked_by_its_name(
    telling: tuple[Telling, dict[str, Any]], tmp_path: Path
) -> None:
    server, given = telling
    erp = given["sources"]["erp"]
    two = {"us": {**erp, "companies": ["US"]}, "eu": {**erp, "companies": ["EU"], "url": "http://127.0.0.1:9"}}
    several = {**given, "sources": {**given["sources"], "erp": {"systems": two}}}
    assert (await run(several, tmp_path, "bc", "--role", "erp.us")).exit_code == 0
    assert server.rows != []
    unnamed = await run(several, tmp_path, "bc")
    assert unnamed.output.startswith('Error: "erp" is no source; known: erp.us, erp.eu, crm')


async def test_options_that_make_no_sense_are_said(telling: tuple[Telling, dict[str, Any]], tmp_path: Path) -> None:
    _, given = telling
    given["sources"]["erp"]["options"] = {"companies": {}}
    outcome = await run(given, tmp_path, "bc")
    assert outcome.output == "Error: `companies` names none - at `$.sources.erp.options`\n"


async def test_a_list_of_subscriptions_that_does_not_fit_changes_none(
    telling: tuple[Telling, dict[str, Any]], tmp_path: Path
) -> None:
    server, given = telling
    server.rows.append({"subscriptionId": "x"})
    outcome = await run(given, tmp_path, "bc")
    assert outcome.exit_code == 1
    assert outcome.output.startswith("The erp system gave an answer that the gateway does not understand.")
    assert server.changes == []
