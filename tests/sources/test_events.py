"""The canonical events: their envelope, the page that documents them, and vendors' codes."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from sources.codes import IN_TRANSIT, UNKNOWN_SHIPMENT, Codes, Read
from sources.events import EVENTS, NotAnEvent, as_message, decoded, encoded, new_event
from sources.happenings import InventoryAdjusted, ShipmentMoved
from sources.models import TrackingStatus

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
RECEIVED = datetime(2026, 6, 30, 13, tzinfo=UTC)


def asyncapi() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "contracts" / "events.yaml").read_text())
    return loaded


def examples() -> list[tuple[str, dict[str, Any]]]:
    messages = asyncapi()["components"]["messages"]
    return [(name, each["payload"]) for name, message in messages.items() for each in message["examples"]]


def delivered(**changes: Any) -> Any:
    data = ShipmentMoved(company="US", shipment="S1", tracking_number="1Z")
    return msgspec.structs.replace(
        new_event("shipment.delivered", data, id="e1", source="/carrier", time=NOON), **changes
    )


def test_every_type_is_documented_with_an_example_and_no_other_is() -> None:
    assert [name for name, _ in examples()] == list(EVENTS)
    page = (ROOT / "docs" / "events.md").read_text()
    assert re.findall(r"^\| `([a-z.]+\.[a-z_]+)` \|", page, re.MULTILINE) == list(EVENTS)


@pytest.mark.parametrize(("name", "example"), examples(), ids=[name for name, _ in examples()])
def test_an_example_is_an_event_and_comes_out_as_it_went_in(name: str, example: dict[str, Any]) -> None:
    event = decoded(msgspec.json.encode(example), received=RECEIVED)
    assert event.type == name
    assert msgspec.json.decode(encoded(event)) == example


def test_the_documented_shapes_are_those_that_are_decoded() -> None:
    kinds = sorted({kind.data for kind in EVENTS.values()}, key=lambda kind: kind.__name__)
    _, shapes = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    documented = asyncapi()["components"]["schemas"]
    assert {name: documented[name] for name in shapes} == msgspec.json.decode(msgspec.json.encode(shapes))


def test_an_event_is_a_cloud_event_of_version_1_0() -> None:
    message = as_message(delivered())
    assert message == {
        "specversion": "1.0",
        "id": "e1",
        "source": "/carrier",
        "type": "shipment.delivered",
        "subject": "parcel/1Z",
        "time": NOON,
        "datacontenttype": "application/json",
        "dataschema": "urn:crossdock:event:shipment.delivered:1",
        "data": ShipmentMoved(company="US", shipment="S1", tracking_number="1Z", status=TrackingStatus.DELIVERED),
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"specversion": "0.3"}, "it is not CloudEvents 1.0"),
        ({"type": "parcel.teleported"}, "its type is not known"),
        ({"dataschema": "urn:crossdock:event:shipment.delivered:2"}, "its data is of another version"),
        ({"id": ""}, "its id or its source is empty"),
        ({"time": "2026-06-30T12:00:00"}, "its time has no time zone"),
        ({"time": "yesterday"}, "it does not fit at `$.time`"),
        ({"data": {"shipment": 7}}, "it does not fit at `$.shipment` of its data"),
    ],
)
def test_a_message_that_is_no_event_says_where_it_breaks_and_nothing_of_what_stands_there(
    change: dict[str, Any], said: str
) -> None:
    message = msgspec.json.decode(encoded(delivered())) | change
    with pytest.raises(NotAnEvent) as refused:
        decoded(msgspec.json.encode(message), received=RECEIVED)
    assert str(refused.value) == said


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'"x"', b"[" * 100_000])
def test_what_is_no_json_object_is_no_event(body: bytes) -> None:
    with pytest.raises(NotAnEvent):
        decoded(body, received=RECEIVED)


def test_an_event_without_a_time_happened_when_it_was_received() -> None:
    message = msgspec.json.decode(encoded(delivered()))
    del message["time"]
    assert decoded(msgspec.json.encode(message), received=RECEIVED).time == RECEIVED


def test_two_ids_for_the_same_thing_mean_the_same_and_another_status_or_moment_does_not() -> None:
    told = delivered()
    assert delivered(id="e2", source="/easypost").meaning == told.meaning
    assert delivered(time=NOON.replace(minute=1)).meaning != told.meaning
    returned = msgspec.structs.replace(told.data, status=TrackingStatus.RETURNED)
    assert delivered(data=returned).meaning != told.meaning


def test_two_counts_of_one_shelf_at_one_moment_mean_two_things() -> None:
    def counted(on_hand: str) -> str:
        data = InventoryAdjusted(company="US", sku="BOLT", warehouse="RNO", on_hand=Decimal(on_hand))
        return new_event("inventory.adjusted", data, id="e", source="/wms", time=NOON).meaning

    assert counted("5") != counted("6")


def test_a_code_that_is_not_in_the_table_is_unknown_and_kept_and_counted() -> None:
    codes = Codes("acme", UNKNOWN_SHIPMENT, {"moving": IN_TRANSIT})
    assert codes.read("MOVING") == Read("shipment.in_transit", TrackingStatus.IN_TRANSIT, "MOVING")
    assert codes.read("beamed_up") == Read("shipment.unknown", TrackingStatus.UNKNOWN, "beamed_up")
    assert codes.read("beamed_up").status is TrackingStatus.UNKNOWN
    assert codes.unmapped == {"beamed_up": 2}


def test_a_vendor_that_invents_codes_without_end_is_counted_within_bounds() -> None:
    codes = Codes("acme", UNKNOWN_SHIPMENT, {})
    for number in range(1_000):
        codes.read(f"code-{number}")
    assert len(codes.unmapped) == 201
    assert codes.unmapped["(others)"] == 800
