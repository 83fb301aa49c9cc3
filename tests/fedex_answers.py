"""Answers of our own that are shaped as FedEx documents them."""

from datetime import timedelta, timezone
from typing import Any

NUMBER, OTHER = "776094337676", "399368623212"
WEST = timezone(timedelta(hours=-7))


def scan(date: str, kind: str, words: str, **members: Any) -> dict[str, Any]:
    place = {"city": "CLOVIS", "stateOrProvinceCode": "CA", "countryCode": "US", "residential": False}
    return {"date": date, "eventType": kind, "eventDescription": words, "scanLocation": place} | members


def result(**members: Any) -> dict[str, Any]:
    return {
        "trackingNumberInfo": {"trackingNumber": NUMBER, "carrierCode": "FDXE", "trackingNumberUniqueId": "1~FDEG"},
        "latestStatusDetail": {
            "code": "DL",
            "derivedCode": "DL",
            "statusByLocale": "Delivered",
            "description": "Delivered",
        },
        "scanEvents": [
            scan(
                "2026-04-26T09:26:00-07:00",
                "DL",
                "Delivered",
                scanLocation={"streetLines": [""]},
                derivedStatusCode="DL",
            ),
            scan("2026-04-26T08:52:00-07:00", "OD", "On FedEx vehicle for delivery", derivedStatusCode="IT"),
            scan(
                "2026-04-25T11:26:00-07:00",
                "DE",
                "Delivery exception",
                exceptionDescription="Customer not available or business closed",
                exceptionCode="15",
            ),
            scan("2026-04-24T15:30:57-05:00", "OC", "Shipment information sent to FedEx", scanLocation=None),
        ],
        "dateAndTimes": [
            {"type": "ACTUAL_DELIVERY", "dateTime": "2026-04-26T09:26:00-07:00"},
            {"type": "ESTIMATED_DELIVERY", "dateTime": "2026-04-26T23:59:00-07:00"},
            {"type": "SHIP", "dateTime": "2026-04-24T00:00:00-06:00"},
        ],
        "estimatedDeliveryTimeWindow": {"type": "ESTIMATED_DELIVERY", "window": {"begins": "", "ends": ""}},
        "deliveryDetails": {"receivedByName": "D.HERRERA", "signedByName": "", "deliveryAttempts": "1"},
    } | members


def row(*results: dict[str, Any], number: str = NUMBER) -> dict[str, Any]:
    return {"trackingNumber": number, "trackResults": list(results)}


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"transactionId": "624deea6", "output": {"completeTrackResults": list(rows)}}


def failed(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": f"secret {NUMBER}"}}


NOT_FOUND = failed("TRACKING.TRACKINGNUMBER.NOTFOUND")
WHOLE = answer(row(result()))
