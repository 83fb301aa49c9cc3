"""What each vendor's webhooks are read as."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sources.delivery import Delivery, NotUnderstood, Reading
from sources.dialects import DIALECTS
from sources.easypost.statuses import CODES
from sources.events import encoded, new_event
from sources.happenings import CustomerChanged, InventoryAdjusted, ShipmentMoved, SubmissionMoved
from sources.models import TrackingStatus

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def read(dialect: str, body: Any, *, source: str = "sender", **headers: str) -> Reading:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return DIALECTS[dialect].read(Delivery(source=source, body=raw, received=NOON, company="US", headers=named))


def test_every_scan_of_easyposts_tracker_is_an_event_in_its_own_time() -> None:
    reading = read("easypost", (FIXTURES / "easypost-event-body.json").read_bytes())
    data: list[Any] = [each.data for each in reading.events]
    assert [each.type for each in reading.events] == ["shipment.created"] + ["shipment.in_transit"] * 6
    assert {(each.tracking_number, each.carrier) for each in data} == {("1", "FedEx")}
    assert [each.location for each in data[:2]] == ["US", "ORLANDO, FL, US"]
    assert data[1].estimated_delivery.isoformat() == "2024-08-05"
    assert [each.time for each in reading.events] == sorted(each.time for each in reading.events)
    assert len({each.id for each in reading.events}) == 7


def test_what_easypost_tells_of_other_things_is_ignored_and_what_is_no_event_is_not_understood() -> None:
    assert read("easypost", {"object": "Event", "description": "batch.created"}) == Reading([], ignored=1)
    with pytest.raises(NotUnderstood):
        read("easypost", {"object": "Tracker", "description": "tracker.updated"})


def test_a_code_that_easypost_invents_is_unknown_kept_and_counted() -> None:
    tracker = {
        "id": "trk_9", "tracking_code": "9", "status": "teleported", "updated_at": "2026-06-30T12:00:00Z",
    }  # fmt: skip
    before = CODES.unmapped["teleported"]
    (event,) = read("easypost", {"object": "Event", "description": "tracker.updated", "result": tracker}).events
    assert (event.type, event.data.status, event.data.source_status) == (  # type: ignore[attr-defined]
        "shipment.unknown", TrackingStatus.UNKNOWN, "teleported",
    )  # fmt: skip
    assert CODES.unmapped["teleported"] == before + 1


def test_aftership_tells_of_every_checkpoint() -> None:
    message = {
        "id": "t1", "tracking_number": "1Z", "slug": "ups", "tag": "Delivered", "updated_at": "2026-06-30T12:00:00Z",
        "checkpoints": [
            {"tag": "Delivered", "checkpoint_time": "2026-06-30T11:00:00+02:00", "city": "Reno", "state": "NV"},
            {"tag": "InTransit", "checkpoint_time": "2026-06-29T11:00:00"},
        ],
    }  # fmt: skip
    events = read("aftership", {"event": "tracking_update", "msg": message}).events
    assert [(each.type, each.data.status.value, each.time) for each in events] == [  # type: ignore[attr-defined]
        ("shipment.in_transit", "IN_TRANSIT", datetime(2026, 6, 29, 11, tzinfo=UTC)),
        ("shipment.delivered", "DELIVERED", datetime(2026, 6, 30, 9, tzinfo=UTC)),
    ]
    assert read("aftership", {"event": "tracking_stale"}) == Reading([], ignored=1)


def test_shiphero_tells_of_shipments_and_stock_and_repeats_itself_under_one_id() -> None:
    made = {
        "webhook_type": "Shipment Update",
        "fulfillment": {
            "shipment_id": 77, "order_number": "1001", "created_at": "2026-06-30T12:00:00Z", "tracking_number": "1Z",
            "shipping_carrier": "UPS", "line_items": [{"sku": "BOLT"}],
        },
    }  # fmt: skip
    (event,) = read("shiphero", made, x_shiphero_message_id="m1").events
    assert event.data == ShipmentMoved(
        company="US", shipment="77", order="1001", carrier="UPS", tracking_numbers=("1Z",), skus=("BOLT",),
        status=TrackingStatus.PRE_TRANSIT,
    )  # fmt: skip
    assert read("shiphero", made, x_shiphero_message_id="m1").events[0].id == event.id
    stock = {"webhook_type": "Inventory Update", "inventory": [{"sku": "BOLT", "on_hand": 5, "warehouse_id": 1}]}
    (counted,) = read("shiphero", stock).events
    assert isinstance(counted.data, InventoryAdjusted)
    assert (counted.data.sku, str(counted.data.on_hand), counted.data.warehouse) == ("BOLT", "5", "1")
    (cancelled,) = read("shiphero", {"webhook_type": "Order Canceled", "order_number": "7"}).events
    assert (cancelled.type, cancelled.subject) == ("order.cancelled", "order/US/7")
    assert read("shiphero", {"webhook_type": "Tote Complete"}) == Reading([], ignored=1)


def test_hubspot_and_business_central_tell_that_records_changed_and_not_which() -> None:
    notice = {"eventId": 1, "occurredAt": 1_782_820_800_000, "subscriptionType": "company.propertyChange"}
    reading = read("hubspot", [notice, notice | {"eventId": 2, "subscriptionType": "ticket.creation"}])
    assert ([each.data for each in reading.events], reading.ignored) == ([CustomerChanged(company="US")], 1)
    rows = [
        {"resource": f"api/v2.0/companies(1)/{name}", "changeType": "updated", "lastModifiedDateTime": "2026-06-30T12:00:00Z"}
        for name in ("items(2)", "customers(3)", "vendors(4)", "items?$filter=x")
    ]  # fmt: skip
    reading = read("business_central", {"value": rows})
    assert [each.type for each in reading.events] == ["item.changed", "customer.changed", "item.changed"]
    assert reading.ignored == 1


def cloud_event(kind: str = "shipment.delivered", **changes: Any) -> dict[str, Any]:
    event = new_event(kind, ShipmentMoved(tracking_number="1Z"), id="e1", source="/wms", time=NOON)
    message: dict[str, Any] = msgspec.json.decode(encoded(event))
    return message | changes


def test_the_contracts_own_events_come_alone_or_as_a_list_and_are_the_senders() -> None:
    (one,) = read("standard", cloud_event(), source="wms").events
    assert (one.source, one.data.company) == ("/wms", "US")
    (claimed,) = read("standard", cloud_event(source="/erp"), source="wms").events
    assert claimed.source == "/wms/erp"
    assert len(read("standard", [cloud_event(), cloud_event(id="e2")]).events) == 2


def test_a_status_that_the_contract_does_not_have_is_unknown_and_kept() -> None:
    message = cloud_event(data={"trackingNumber": "1Z", "status": "Beamed Up"})
    (event,) = read("standard", message).events
    assert (event.type, event.data.status, event.data.source_status) == (  # type: ignore[attr-defined]
        "shipment.unknown", TrackingStatus.UNKNOWN, "Beamed Up",
    )  # fmt: skip


def test_of_a_list_what_is_understood_is_taken_and_what_is_not_is_told() -> None:
    reading = read("standard", [cloud_event(), cloud_event(type="a.b"), cloud_event(id="e3")])
    assert [each.id for each in reading.events] == ["e1", "e3"]
    assert reading.left == "message 1: its type is not known"


def test_nobody_outside_tells_what_only_the_gateway_can() -> None:
    event = new_event("submission.moved", SubmissionMoved(submission="s"), id="x", source="/wms", time=NOON)
    with pytest.raises(NotUnderstood, match="the gateway's own"):
        read("standard", encoded(event))


@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"7", b"null", b"[" * 10_000, b'{"a": ' * 5_000])
def test_what_no_sender_means_is_not_understood_and_nothing_worse(dialect: str, body: bytes) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read(dialect, body)
    assert len(str(refused.value)) < 100
