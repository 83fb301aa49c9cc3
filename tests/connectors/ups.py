"""UPS, as its description has it: one number a request."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sources.models import TrackingKey
from sources.ups import MANIFEST
from tests.connectors.case import Case, Read

KNOWN, BAD = ("1Z023E2X0214323462", "1Z023E2X0214323471"), "1Z023E2X02BADBAD00"


def package(number: str) -> dict[str, Any]:
    return {
        "trackingNumber": number,
        "currentStatus": {"code": "005", "description": "In Transit", "type": "I"},
        "activity": [
            {
                "status": {"type": "I", "code": "DP", "statusCode": "005", "description": "Departed from Facility"},
                "location": {"address": {"city": "Wayne", "stateProvince": "NJ", "country": "US"}},
                "date": "20260630",
                "time": "071356",
                "gmtDate": "20260630",
                "gmtTime": "111356",
                "gmtOffset": "-04:00",
            }
        ],
    }


async def details(request: Request) -> JSONResponse:
    number = request.path_params["number"]
    if not {"transid", "transactionsrc"} <= set(request.headers):
        return JSONResponse({"response": {"errors": [{"code": "VSS002", "message": "Missing transId"}]}}, 400)
    shipment: dict[str, Any] = {"inquiryNumber": number}
    if number == BAD:
        shipment["warnings"] = [{"code": "TW0002", "message": "Details are not to be had"}]
    elif number in KNOWN:
        shipment["package"] = [package(number)]
    else:
        shipment["warnings"] = [{"code": "TW0001", "message": "Tracking Information Not Found"}]
    return JSONResponse({"trackResponse": {"shipment": [shipment]}})


def server() -> Starlette:
    return Starlette(routes=[Route("/api/track/v1/details/{number:path}", details)])


TRACKING = Read(
    name="tracking",
    ask=lambda carrier, call, numbers: carrier.tracking(call, "UPS", numbers),
    key=lambda number: TrackingKey("UPS", number),
    known=KNOWN,
    bad=BAD,
    limit=1,
)

CASES = (
    Case(
        manifest=MANIFEST,
        role="carrier",
        server=server,
        path="/api",
        auth={"client_id": "us", "client_secret": "a-secret-of-ours"},
        reads=(TRACKING,),
    ),
)
