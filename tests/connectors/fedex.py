"""FedEx, after its documentation: thirty numbers a request, and each one's error inside the answer."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sources.fedex import MANIFEST
from sources.models import TrackingKey
from tests.connectors.case import Case, Read

KNOWN, BAD = ("128667043726", "399368623212"), "770000000007"
MOST = 30


def result(number: str) -> dict[str, Any]:
    if number == BAD:
        return {"scanEvents": [{"date": "yesterday", "eventType": "IT"}]}
    if number not in KNOWN:
        return {"error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "Tracking number cannot be found."}}
    return {
        "trackingNumberInfo": {"trackingNumber": number, "carrierCode": "FDXE", "trackingNumberUniqueId": "1"},
        "latestStatusDetail": {"code": "OD", "derivedCode": "IT", "statusByLocale": "In transit"},
        "scanEvents": [
            {
                "date": "2026-06-30T08:52:00-07:00",
                "eventType": "OD",
                "derivedStatusCode": "IT",
                "eventDescription": "On FedEx vehicle for delivery",
                "scanLocation": {"city": "CLOVIS", "stateOrProvinceCode": "CA", "countryCode": "US"},
            }
        ],
        "dateAndTimes": [{"type": "ESTIMATED_DELIVERY", "dateTime": "2026-06-30T20:00:00-07:00"}],
    }


async def track(request: Request) -> JSONResponse:
    question = await request.json()
    numbers = [each["trackingNumberInfo"]["trackingNumber"] for each in question["trackingInfo"]]
    if not 0 < len(numbers) <= MOST or question["includeDetailedScans"] is not True:
        return JSONResponse({"transactionId": "1", "errors": [{"code": "TRACKING.LIMIT", "message": "…"}]}, 400)
    rows = [{"trackingNumber": number, "trackResults": [result(number)]} for number in numbers]
    return JSONResponse({"transactionId": "1", "output": {"completeTrackResults": rows}})


def server() -> Starlette:
    return Starlette(routes=[Route("/track/v1/trackingnumbers", track, methods=["POST"])])


TRACKING = Read(
    name="tracking",
    ask=lambda carrier, call, numbers: carrier.tracking(call, "FEDEX", numbers),
    key=lambda number: TrackingKey("FEDEX", number),
    known=KNOWN,
    bad=BAD,
    limit=MOST,
)

CASES = (
    Case(
        manifest=MANIFEST,
        role="carrier",
        server=server,
        auth={"client_id": "us", "client_secret": "a-secret-of-ours"},
        reads=(TRACKING,),
    ),
)
