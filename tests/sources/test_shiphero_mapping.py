"""ShipHero's answers with one thing wrong in them: an error names the place, or the README's default stands; and what becomes of values."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.codes import Codes, Meaning
from sources.http import broken_path
from sources.models import Shipment, ShipmentStatus
from sources.shiphero import mapping, payload
from sources.shiphero.options import ShipHeroOptions
from sources.shiphero.statuses import LABELS

OPTIONS = ShipHeroOptions("US", warehouse_codes={"101": "RNO"})
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
Path = tuple[str | int, ...]
LONG = "9" * 20_000
KINDS: tuple[Any, ...] = (7, 1.5, "text", True, [7], {"text": 1})

PAGE = {"hasNextPage": False, "endCursor": "YXJyYXk="}
PLACE = {"legacy_id": 101, "identifier": "Reno"}
SHELF = {
    "sku": "BOLT", "on_hand": 10, "allocated": 3, "non_sellable_quantity": 1, "reserve_inventory": 2, "warehouse": PLACE,
}  # fmt: skip
SHIPPED = {
    "id": "U2hpcG1lbnQ6NTAx", "legacy_id": 501, "created_date": "2026-06-29T16:30:00+00:00", "delivered": False,
    "warehouse": PLACE, "order": {"order_number": "1001"},
    "shipping_labels": [
        {"id": "L1", "tracking_number": "1Z1", "carrier": "UPS", "shipping_method": "Ground", "status": "valid"}
    ],
    "line_items": {
        "pageInfo": PAGE, "edges": [{"node": {"quantity": 4, "shipping_label_id": "L1", "line_item": {"sku": "BOLT"}}}],
    },
}  # fmt: skip
HELD = {
    "id": "T3JkZXI6MQ==", "order_number": "1001", "fulfillment_status": "pending",
    "holds": dict.fromkeys(mapping.HOLDS, False),
}  # fmt: skip


def listed(row: Any) -> Any:
    return {"data": {"pageInfo": PAGE, "edges": [{"node": row}]}}


ANSWERS: dict[str, tuple[Any, Any]] = {
    "stock": (payload.Listed[payload.Shelf], listed(SHELF)),
    "shipment": (payload.Found[payload.Shipment], {"data": SHIPPED}),
    "orders": (payload.Listed[payload.ShippedOrder], listed({"order_number": "1001", "shipments": [SHIPPED]})),
    "held": (payload.Listed[payload.HeldOrder], listed(HELD)),
    "more lines": (payload.Found[payload.MoreLines], {"data": {"line_items": SHIPPED["line_items"]}}),
}
DECODERS = {name: msgspec.json.Decoder(kind) for name, (kind, _) in ANSWERS.items()}
DEFAULTED = {
    "endCursor", "identifier", "non_sellable_quantity", "reserve_inventory", "created_date", "delivered", "order",
    "tracking_number", "carrier", "shipping_method", "status", "shipping_label_id", "shipments", "fulfillment_status",
    *mapping.HOLDS,
}  # fmt: skip
"""What may be missing or null. The `data` of what is found by its id may be null, and no more than that."""


class Spoilt(NamedTuple):
    answer: Any
    path: Path
    how: str


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    within = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in within:
        yield from places(each, (*path, name))


@st.composite
def spoilt(draw: st.DrawFn, answer: Any) -> Spoilt:
    path = draw(st.sampled_from(list(places(answer))))
    copy = msgspec.json.decode(msgspec.json.encode(answer))  # nothing in it stands in two places
    holder = copy
    for name in path[:-1]:
        holder = holder[name]
    stood = holder[path[-1]]
    how = draw(st.sampled_from(["null", "type", "long", *(["missing"] if isinstance(path[-1], str) else [])]))
    if how == "missing":
        del holder[path[-1]]
    elif how == "type":
        holder[path[-1]] = draw(st.sampled_from([each for each in KINDS if type(each) is not type(stood)]))
    else:
        holder[path[-1]] = None if how == "null" else LONG
    return Spoilt(copy, path, how)


def is_defaulted(name: str, wrong: Spoilt) -> bool:
    leaf = wrong.path[-1]
    if name in {"shipment", "more lines"} and wrong.path == ("data",):
        return wrong.how == "null"
    return leaf in DEFAULTED and wrong.how in {"null", "missing"}


def leads_to(told: str, path: Path) -> bool:
    """Whether an error's path is that of the place, or of what holds it; a row's number is as it is told."""
    names = [str(each) for each in path]
    steps = [each for each in told.removeprefix("$").replace("[", ".[").split(".") if each]
    wanted = [f"[{each}]" if each.isdigit() else each for each in names]
    return [each if each != "[...]" else "[0]" for each in steps] == wanted[: len(steps)]


@pytest.mark.parametrize("name", ANSWERS)
@given(data=st.data())
def test_whatever_is_missing_null_of_another_type_or_absurdly_long_is_named_or_has_its_default(
    name: str, data: st.DataObject
) -> None:
    wrong = data.draw(spoilt(ANSWERS[name][1]))
    told = broken_at(name, wrong.answer)
    assert (told is None) == is_defaulted(name, wrong), (told, wrong)
    assert told is None or leads_to(told, wrong.path), (told, wrong.path)


def broken_at(name: str, answer: Any) -> str | None:
    """The path that an error names; None where the answer is one."""
    try:
        DECODERS[name].decode(msgspec.json.encode(answer))
    except msgspec.ValidationError as error:
        return broken_path(str(error))
    return None


def mapped(row: Any, codes: Codes = LABELS) -> Shipment:
    read = msgspec.convert(row, payload.Shipment)
    return mapping.shipment(read, [edge.node for edge in read.line_items.edges], OPTIONS, codes=codes)


@given(st.sampled_from([name for name in SHIPPED if name in DEFAULTED]), st.sampled_from(["null", "missing"]))
def test_a_shipment_without_what_may_be_missing_is_still_one(name: str, how: str) -> None:
    row = {each: value for each, value in SHIPPED.items() if each != name} | ({name: None} if how == "null" else {})
    whole, told = mapped(SHIPPED), mapped(row)
    lost = {"created_date": {"shipped_at": None}, "order": {"order_number": None}, "delivered": {}}[name]
    assert told == msgspec.structs.replace(whole, **lost)


@given(
    st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1), st.one_of(st.none(), st.integers(0, 2**31 - 1))
)
def test_quantities_are_the_very_decimals(on_hand: int, allocated: int, kept: int | None) -> None:
    row = SHELF | {"on_hand": on_hand, "allocated": allocated, "reserve_inventory": kept}
    shelf = msgspec.json.decode(msgspec.json.encode(row), type=payload.Shelf)
    told = mapping.warehouse_stock(shelf, OPTIONS)
    assert (told.on_hand, told.allocated, told.safety_stock) == (
        Decimal(on_hand),
        Decimal(allocated),
        Decimal(kept or 0),
    )
    assert {type(each) for each in (told.on_hand, told.allocated, told.unsellable, told.safety_stock)} == {Decimal}


@given(st.integers().filter(lambda each: not -(2**31) <= each < 2**31))
def test_a_quantity_beyond_graphqls_own_is_named(quantity: int) -> None:
    body = msgspec.json.encode(SHELF | {"on_hand": msgspec.Raw(str(quantity).encode())})
    with pytest.raises(msgspec.ValidationError, match=r"at `\$\.on_hand`"):
        msgspec.json.decode(body, type=payload.Shelf)


@given(st.datetimes(), st.one_of(st.none(), st.integers(-720, 720)))
def test_times_are_aware_and_those_without_a_zone_are_utc(naive: datetime, minutes: int | None) -> None:
    text = naive.isoformat() + (
        "" if minutes is None else f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    )
    told = mapped(SHIPPED | {"created_date": text}).shipped_at
    assert told is not None
    assert told.utcoffset() == timedelta(minutes=minutes or 0)
    assert told.replace(tzinfo=None) == naive


@given(st.text(min_size=1, max_size=40).filter(lambda each: each.strip().lower() not in LABELS.table))
def test_a_label_status_that_nobody_knows_is_unknown_kept_and_counted(status: str) -> None:
    codes = Codes("shiphero", Meaning("shipment.unknown", ShipmentStatus.UNKNOWN), LABELS.table)
    told = mapped(SHIPPED | {"shipping_labels": [{"id": "L1", "tracking_number": "1Z1", "status": status}]}, codes)
    assert (told.status, told.source_status, codes.unmapped) == (ShipmentStatus.UNKNOWN, status, {status: 1})
    assert [each.tracking_number for each in told.parcels] == ["1Z1"]


@pytest.mark.parametrize(
    ("statuses", "delivered", "wanted"),
    [
        (["valid"], False, (ShipmentStatus.SHIPPED, "valid", ["T0"])),
        (["VALID", "void"], False, (ShipmentStatus.SHIPPED, "VALID", ["T0"])),
        (["void", "voided"], False, (ShipmentStatus.CANCELLED, "void", [])),
        (["void"], True, (ShipmentStatus.DELIVERED, "void", [])),
        ([None], None, (ShipmentStatus.SHIPPED, None, ["T0"])),
        ([], False, (ShipmentStatus.SHIPPED, None, [])),
        (["valid", "lost"], False, (ShipmentStatus.UNKNOWN, "lost", ["T0", "T1"])),
    ],
)
def test_a_shipments_status_is_what_its_labels_have_come_to(statuses: list[Any], delivered: Any, wanted: Any) -> None:
    codes = Codes("shiphero", Meaning("shipment.unknown", ShipmentStatus.UNKNOWN), LABELS.table)
    labels = [{"id": f"L{at}", "tracking_number": f"T{at}", "status": each} for at, each in enumerate(statuses)]
    told = mapped(SHIPPED | {"shipping_labels": labels, "delivered": delivered}, codes)
    assert (told.status, told.source_status, [each.tracking_number for each in told.parcels]) == wanted


@pytest.mark.parametrize("text", ["501", "0", str(2**63 - 1)])
def test_what_shiphero_could_have_given_is_a_number(text: str) -> None:
    assert mapping.is_number(text)


@pytest.mark.parametrize("text", ["0501", "", "-1", "\u0663", "1e3", str(2**63), "9" * 20_000])
def test_nothing_else_is_one(text: str) -> None:
    assert not mapping.is_number(text)


def test_an_id_is_the_one_that_the_documentation_has_beside_its_number() -> None:
    assert mapping.shipment_id("315518042") == "U2hpcG1lbnQ6MzE1NTE4MDQy"


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": "../etc/passwd"},
        {"warehouse_codes": {"101": "A", "102": "A"}},
        {"warehouse_codes": {"Reno": "A"}},
        {"release_lifts": ["shipping_method_hold"]},
        {"company": ""},
        {"currency": "USD"},
    ],
)
def test_options_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"company": "US"} | wrong, ShipHeroOptions)
