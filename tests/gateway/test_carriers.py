"""A gateway whose carrier is a vendor's: configured as its README says, asked by GraphQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from stack import CALM, QUIET, Stack, served, stack_over
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from gateway.settings import SettingsError, settings_from
from gateway.wiring import opened_sources
from sandbox.facts import Dataset
from tests.connectors import easypost, fedex, ups

NOWHERE = {"url": "http://127.0.0.1:9", "token": "unused", **CALM}
QUERY = """query ($number: String!, $carrier: String) {
  tracking(trackingNumber: $number, carrier: $carrier) { status sourceStatus estimatedDelivery events { at status description location } }
}"""


async def token(_: Any) -> JSONResponse:
    return JSONResponse({"access_token": "granted", "expires_in": "3600"})


@asynccontextmanager
async def gateway_over(
    vendor: Starlette, connector: str, path: str = "", options: Mapping[str, Any] | None = None, **auth: str
) -> AsyncIterator[Stack]:
    app = Starlette(routes=[Route("/oauth/token", token, methods=["POST"]), Mount("/", vendor)])
    async with served(app) as url:
        shown = auth or {"token_url": f"{url}/oauth/token", "client_id": "us", "client_secret": "ours"}
        carrier = {"connector": connector, "url": url + path, "auth": shown, "options": options or {}, **CALM}
        sources = {"erp": NOWHERE, "crm": NOWHERE, "wms": NOWHERE, "carrier": carrier}
        async with stack_over(Dataset.from_builtins({"items": []}), sources=sources) as stack:
            yield stack


async def test_a_ups_package_is_told_and_an_unknown_one_is_null() -> None:
    async with gateway_over(ups.server(), "ups", "/api", {"transaction_source": "acme"}) as stack:
        told = await stack.ask(QUERY, {"number": ups.KNOWN[0], "carrier": "UPS"})
        unknown = await stack.ask(QUERY, {"number": "1Z9999999999999999"})
    event = {
        "at": "2026-06-30T11:13:56Z", "status": "IN_TRANSIT", "description": "Departed from Facility", "location": "Wayne, NJ, US",
    }  # fmt: skip
    assert told["data"]["tracking"] == {
        "status": "IN_TRANSIT", "sourceStatus": "005", "estimatedDelivery": None, "events": [event],
    }  # fmt: skip
    assert unknown["data"] == {"tracking": None}
    assert "errors" not in unknown


async def test_a_fedex_parcel_is_told_and_one_that_fails_is_null_with_an_error_that_says_so() -> None:
    async with gateway_over(fedex.server(), "fedex") as stack:
        told = await stack.ask(QUERY, {"number": fedex.KNOWN[0]})
        bad = await stack.ask(QUERY, {"number": fedex.BAD})
    assert told["data"]["tracking"]["status"] == "OUT_FOR_DELIVERY"
    assert told["data"]["tracking"]["estimatedDelivery"] == "2026-06-30"
    assert bad["data"] == {"tracking": None}
    assert [each["extensions"]["code"] for each in bad["errors"]] == ["SOURCE_CONTRACT_BROKEN"]


async def test_an_easypost_tracker_is_told() -> None:
    async with gateway_over(easypost.server(), "easypost", "/v2", username=easypost.API_KEY) as stack:
        told = await stack.ask(QUERY, {"number": easypost.KNOWN[0], "carrier": "usps"})
        other = await stack.ask(QUERY, {"number": easypost.KNOWN[0], "carrier": "UPS"})
    assert told["data"]["tracking"]["sourceStatus"] == "in_transit"
    assert other["data"] == {"tracking": None}


@pytest.mark.parametrize(
    ("connector", "options", "said"),
    [
        ("ups", {"transactionSource": "x"}, "transactionSource"),
        ("fedex", {"locale": 1}, "locale"),
        ("easypost", {"creates_trackers": "yes"}, "creates_trackers"),
    ],
)
async def test_an_option_that_is_none_is_refused_at_the_start(
    connector: str, options: dict[str, Any], said: str
) -> None:
    carrier = {**NOWHERE, "connector": connector, "options": options}
    sources = {"erp": NOWHERE, "crm": NOWHERE, "wms": NOWHERE, "carrier": carrier}
    chosen = settings_from({"mode": "development", "sources": sources, **QUIET}, origin="test")
    with pytest.raises(SettingsError, match=f"{said}.*carrier.options|carrier.options.*{said}"):
        async with opened_sources(chosen):
            raise AssertionError("it started")
