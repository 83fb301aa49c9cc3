"""Answers of our own that are shaped as UPS's description says."""

from typing import Any

NUMBER = "1Z023E2X0214323462"


def activity(**members: Any) -> dict[str, Any]:
    return {
        "location": {"address": {"city": "Wayne", "stateProvince": "NJ", "countryCode": "US", "country": "US"}},
        "status": {"type": "I", "code": "DP", "statusCode": "005", "description": "Departed from Facility "},
        "date": "20260630",
        "time": "071356",
        "gmtDate": "20260630",
        "gmtTime": "11:13:56",
        "gmtOffset": "-04:00",
    } | members


DELIVERY = activity(
    status={"type": "D", "code": "FS", "statusCode": "011", "description": "DELIVERED"},
    date="20260701",
    time="150405",
    gmtDate="20260701",
    gmtTime="190405",
    location={"address": {"city": "WESTFIELD", "stateProvince": "", "country": "US"}},
)
MADE = activity(
    status={"type": "M", "code": "MP", "statusCode": "003", "description": "Shipper created a label"},
    date="20260629",
    time="230000",
    gmtDate="20260630",
    gmtTime="30000",
    location={"address": {"countryCode": "US"}},
)


def package(**members: Any) -> dict[str, Any]:
    return {
        "trackingNumber": NUMBER,
        "alternateTrackingNumber": [{"number": "92419900000033499522966220", "type": "USPS_PIC"}],
        "currentStatus": {"code": "011", "description": "Delivered", "simplifiedTextDescription": "Delivered"},
        "activity": [DELIVERY, activity(), MADE],
        "deliveryDate": [{"type": "SDD", "date": "20260702"}, {"type": "DEL", "date": "20260701"}],
        "deliveryTime": {"type": "DEL", "startTime": "", "endTime": "150405"},
        "deliveryInformation": {"location": "Front Door", "receivedBy": "HERRERA"},
        "packageCount": 1,
    } | members


def answer(*packages: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"trackResponse": {"shipment": [{"inquiryNumber": NUMBER, "package": list(packages), **members}]}}


WHOLE = answer(package(), userRelation=["SHIPPER"])
