"""What UPS and FedEx push is read by the same tables as what they answer."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fedex_answers import NUMBER, answer, failed, result, row, scan

from sources.delivery import Delivery, NotUnderstood, Reading
from sources.dialects import DIALECTS
from sources.happenings import ShipmentMoved
from sources.models import TrackingStatus

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def read(dialect: str, body: Any) -> Reading:
    return DIALECTS[dialect].read(Delivery(source="carrier", body=json.dumps(body).encode(), received=NOON))


ALERT = {
    "trackingNumber": "1Z204W4R0308071865", "localActivityDate": "20260423", "localActivityTime": "091519",
    "activityLocation": {"city": "Charlotte", "stateProvince": "NC", "postalCode": "30004", "country": "US"},
    "activityStatus": {"type": "I", "code": "OT", "description": "Out for Delivery", "descriptionCode": "021"},
    "scheduledDeliveryDate": "20260424", "actualDeliveryDate": "", "gmtActivityDate": "20260423",
    "gmtActivityTime": "131519", "gmtOffset": "-04.00", "deliveryTimeDescription": "end of day",
}  # fmt: skip


def test_ups_tells_one_event_of_one_package_in_its_own_time() -> None:
    (event,) = read("ups", ALERT).events
    assert (event.type, event.time) == ("shipment.in_transit", datetime(2026, 4, 23, 13, 15, 19, tzinfo=UTC))
    assert event.data == ShipmentMoved(
        tracking_number="1Z204W4R0308071865", carrier="UPS", status=TrackingStatus.OUT_FOR_DELIVERY, source_status="021",
        location="Charlotte, NC, US", estimated_delivery=date(2026, 4, 24),
    )  # fmt: skip
    assert read("ups", ALERT).events[0].id == event.id
    local = {name: value for name, value in ALERT.items() if not name.startswith("gmtActivity")}
    assert read("ups", local).events[0].time == event.time
    (later,) = read("ups", ALERT | {"gmtActivityTime": "131520"}).events
    assert later.id != event.id


@pytest.mark.parametrize(
    ("status", "kind", "meant", "told"),
    [
        ({"type": "D", "descriptionCode": "011"}, "shipment.delivered", TrackingStatus.DELIVERED, "011"),
        ({"type": "MV"}, "shipment.cancelled", TrackingStatus.CANCELLED, "MV"),
        ({"type": "U"}, "shipment.in_transit", TrackingStatus.IN_TRANSIT, "U"),
        ({"type": "Q?"}, "shipment.unknown", TrackingStatus.UNKNOWN, "Q?"),
        ({}, "shipment.unknown", TrackingStatus.UNKNOWN, None),
    ],
)
def test_ups_statuses_are_those_of_its_answers(
    status: dict[str, str], kind: str, meant: TrackingStatus, told: str | None
) -> None:
    bare = {"trackingNumber": "1Z204W4R0308071865", "activityStatus": status}
    (event,) = read("ups", bare).events
    data: Any = event.data
    assert (event.type, data.status, data.source_status, event.time) == (kind, meant, told, NOON)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"trackingNumber": ""}, "trackingNumber"),
        ({"gmtActivityDate": "2026-04-23"}, "gmtActivityDate"),
        ({"activityStatus": None}, "activityStatus"),
    ],
)
def test_an_alert_that_does_not_fit_is_not_understood_and_says_where(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(NotUnderstood, match=path):
        read("ups", ALERT | changes)


def push(*rows: dict[str, Any]) -> dict[str, Any]:
    return answer(*rows) | {"outputMetaData": [{"timestamp": "2026-04-26T16:30:00Z", "attempt": 1}]}


def test_every_scan_that_fedex_pushes_is_an_event_in_its_own_time() -> None:
    reading = read("fedex", push(row(result())))
    data: list[Any] = [each.data for each in reading.events]
    assert [(each.type, each.time) for each in reading.events] == [
        ("shipment.created", datetime(2026, 4, 24, 20, 30, 57, tzinfo=UTC)),
        ("shipment.exception", datetime(2026, 4, 25, 18, 26, tzinfo=UTC)),
        ("shipment.in_transit", datetime(2026, 4, 26, 15, 52, tzinfo=UTC)),
        ("shipment.delivered", datetime(2026, 4, 26, 16, 26, tzinfo=UTC)),
    ]
    assert data[2] == ShipmentMoved(
        tracking_number=NUMBER, carrier="FedEx", status=TrackingStatus.OUT_FOR_DELIVERY, source_status="OD",
        location="CLOVIS, CA, US", estimated_delivery=date(2026, 4, 26),
    )  # fmt: skip
    again = read("fedex", push(row(result(deliveryDetails={"signedByName": "D.HERRERA"}))))
    assert [each.id for each in again.events] == [each.id for each in reading.events]
    assert len({each.id for each in reading.events}) == 4
    assert (reading.ignored, reading.left) == (0, None)


def test_a_push_without_a_scan_tells_nothing_and_is_no_mistake() -> None:
    bare = row(result(scanEvents=None))
    undated = row(result(scanEvents=[scan("", "IT", "On the way")]))
    assert read("fedex", push(bare, undated, row(failed("X")))) == Reading([], ignored=3)


def test_of_fedexs_rows_what_fits_is_taken_and_what_does_not_is_told() -> None:
    spoilt = row(result(scanEvents=[scan("tomorrow", "IT", "x")]))
    reading = read("fedex", push(spoilt, row(result())))
    assert len(reading.events) == 4
    assert reading.left == "row 0: it does not fit at `$.trackResults[0].scanEvents[0].date`"
    with pytest.raises(NotUnderstood, match="row 0"):
        read("fedex", push(spoilt))


@pytest.mark.parametrize("body", [{}, {"output": None}, {"output": {}}, [], {"errors": [{"code": "X"}]}])
def test_a_push_without_results_is_not_understood(body: Any) -> None:
    with pytest.raises(NotUnderstood):
        read("fedex", body)
