"""Two vendors' carriers in one gateway, each spoken to as it wants: UPS for its own parcels, EasyPost for all others."""

from typing import Any

from stack import CALM, served, stack_over
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from sandbox.facts import Dataset
from tests.connectors import easypost, ups

NOWHERE = {"url": "http://127.0.0.1:9", "token": "unused", **CALM}
QUERY = """query ($own: String!, $second: String!, $other: String!, $bad: String!) {
  own: tracking(trackingNumber: $own) { status sourceStatus }
  second: tracking(trackingNumber: $second, carrier: "Ups") { status sourceStatus }
  other: tracking(trackingNumber: $other, carrier: "USPS") { status sourceStatus }
  bad: tracking(trackingNumber: $bad, carrier: "USPS") { status }
  unknown: tracking(trackingNumber: "EZ-NONE") { status }
}"""


async def token(_: Any) -> JSONResponse:
    return JSONResponse({"access_token": "granted", "expires_in": "3600"})


async def test_each_vendor_tracks_its_own_parcels_and_fails_by_its_own_name() -> None:
    signing_in = Starlette(routes=[Route("/oauth/token", token, methods=["POST"]), Mount("/", ups.server())])
    async with served(signing_in) as at_ups, served(easypost.server()) as at_easypost:
        systems = {
            "ups": {
                "connector": "ups",
                "url": f"{at_ups}/api",
                "carriers": ["UPS"],
                "auth": {"token_url": f"{at_ups}/oauth/token", "client_id": "us", "client_secret": "ours"},
                **CALM,
            },
            "others": {
                "connector": "easypost",
                "url": f"{at_easypost}/v2",
                "auth": {"username": easypost.API_KEY},
                **CALM,
            },
        }
        sources = {"erp": NOWHERE, "crm": NOWHERE, "wms": NOWHERE, "carrier": {"systems": systems}}
        asked = {"own": ups.KNOWN[0], "second": ups.KNOWN[1], "other": easypost.KNOWN[0], "bad": easypost.BAD}
        async with stack_over(Dataset.from_builtins({"items": []}), sources=sources) as stack:
            answer = await stack.ask(QUERY, asked)
            systems_told = (await stack.ask("{ sources { name system } }"))["data"]["sources"]
    assert answer["data"] == {
        "own": {"status": "IN_TRANSIT", "sourceStatus": "005"},
        "second": {"status": "IN_TRANSIT", "sourceStatus": "005"},
        "other": {"status": "IN_TRANSIT", "sourceStatus": "in_transit"},
        "bad": None,
        "unknown": None,
    }
    assert [(row["path"], row["extensions"]["source"]) for row in answer["errors"]] == [(["bad"], "carrier.others")]
    assert systems_told[3:] == [
        {"name": "carrier.ups", "system": "ups"},
        {"name": "carrier.others", "system": "easypost"},
    ]
