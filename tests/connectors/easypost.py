"""EasyPost, after its documentation: trackers listed by number, youngest first, in pages."""

import base64
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sources.easypost import MANIFEST
from sources.models import TrackingKey
from tests.connectors.case import Case, Read

KNOWN, BAD = ("EZ1000000001", "EZ2000000002", "EZ3000000003"), "EZ0000000BAD"
API_KEY = "EZAK-a-secret-of-ours"
SHOWN = "Basic " + base64.b64encode(f"{API_KEY}:".encode()).decode()
PAGE = 2
"""As if every page were that short: more trackers take more pages."""


def tracker(number: str) -> dict[str, Any]:
    return {
        "id": f"trk_{number}",
        "object": "Tracker",
        "tracking_code": number,
        "status": 7 if number == BAD else "in_transit",
        "carrier": "USPS",
        "created_at": "2026-06-29T10:00:00Z",
        "updated_at": "2026-06-30T10:00:00Z",
        "est_delivery_date": "2026-07-02T00:00:00Z",
        "signed_by": None,
        "tracking_details": [
            {
                "object": "TrackingDetail",
                "message": "Arrived",
                "status": "in_transit",
                "datetime": "2026-06-30T09:00:00-05:00",
                "tracking_location": {"city": "HOUSTON", "state": "TX", "country": None, "zip": "77063"},
            }
        ],
    }


async def trackers(request: Request) -> JSONResponse:
    if request.headers.get("authorization") != SHOWN:
        return JSONResponse({"error": {"code": "APIKEY.INACTIVE", "message": "…"}}, 401)
    query = request.query_params
    rows = [tracker(each) for each in (*KNOWN, BAD) if each in query.getlist("tracking_codes[]")]
    ids = [each["id"] for each in rows]
    begin = ids.index(query["before_id"]) + 1 if "before_id" in query else 0
    end = begin + min(PAGE, int(query["page_size"]))
    return JSONResponse({"trackers": rows[begin:end], "has_more": len(rows) > end})


def server() -> Starlette:
    return Starlette(routes=[Route("/v2/trackers", trackers)])


TRACKING = Read(
    name="tracking",
    ask=lambda carrier, call, numbers: carrier.tracking(call, "usps", numbers),
    key=lambda number: TrackingKey("usps", number),
    known=KNOWN,
    paged=KNOWN,
    bad=BAD,
    limit=100,
    requests=2,
)

CASES = (
    Case(
        manifest=MANIFEST,
        role="carrier",
        server=server,
        path="/v2",
        auth={"username": API_KEY},
        secrets=(API_KEY, SHOWN),
        reads=(TRACKING,),
    ),
)
