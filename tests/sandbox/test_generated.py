"""The generated data set: the same everywhere, of the promised shape, and its figures agree with each other."""

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from datetime import time as clock_time
from decimal import Decimal
from pathlib import Path

from sandbox.dice import Dice
from sandbox.facts import Dataset
from sandbox.facts_orders import HOLD_CODES, ORDER_STATUSES
from sandbox.facts_shipments import SHIPMENT_STATUSES, TRACKING_STATUSES
from sandbox.flows import Place
from sandbox.generate import SEED, rolled_rows
from sandbox.reservations import reserved

ROOT = Path(__file__).parents[2]
DIGEST = """
import hashlib, msgspec
from sandbox.dice import Dice
from sandbox.generate import SEED, generated, rolled_rows

def digest(rows, *without):
    parts = [getattr(rows, name) for name in rows.__dataclass_fields__ if name not in {"today", "tracking", *without}]
    tracking = [rows.tracking[number] for number in rows.tracking]
    return hashlib.sha256(msgspec.json.encode([parts, tracking])).hexdigest()

print(digest(generated().rows), digest(rolled_rows(Dice(SEED)), "refusals"))
"""
BEFORE_SPECIALS = "333efc806a140902519aa221ea1c575274ecba522ae96135f9d1b182f5507d8e"


def digests(seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DIGEST]
    made = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)  # noqa: S603 - our own script
    return made.stdout.decode().split()


def test_the_same_bytes_come_out_of_every_process() -> None:
    assert (
        digests("1")
        == digests("2")
        == ["b028dbd92fa9da8d9db0448fad9f3930ee0aed00dc857aa1a5009b84e7de46f4", BEFORE_SPECIALS]
    )


def test_the_special_rows_stand_behind_all_others_and_change_none_of_them(generated: Dataset) -> None:
    rolled, rows = rolled_rows(Dice(SEED)), generated.rows
    added = {}
    for name in rows.__dataclass_fields__:
        before, after = getattr(rolled, name), getattr(rows, name)
        if name not in {"today", "tracking"}:
            added[name] = len(after) - len(before)
            assert list(after)[: len(before)] == list(before)
    assert {name: count for name, count in added.items() if count} == {
        "items": 2,
        "prices": 1,
        "stock": 3,
        "customers": 2,
        "ship_tos": 3,
        "credit": 2,
        "relationships": 2,
        "refusals": 2,
    }


def test_its_shape(generated: Dataset) -> None:
    rows = generated.rows
    assert (len(rows.items), len(rows.customers), len(rows.orders)) == (2_002, 602, 20_000)
    assert [(row.company, row.code) for row in rows.warehouses] == [
        ("US", "RNO"),
        ("US", "DFW"),
        ("US", "ATL"),
        ("CA", "YYZ"),
    ]
    assert [(row.code, row.currency) for row in rows.companies] == [("US", "USD"), ("CA", "CAD")]
    assert len(rows.items) - len({row.sku for row in rows.items}) == 40
    assert len(rows.customers) - len({row.number for row in rows.customers}) == 20


def test_every_status_and_hold_is_in_use(generated: Dataset) -> None:
    rows = generated.rows
    assert {row.status for row in rows.orders} == set(ORDER_STATUSES)
    assert {hold.code for row in rows.orders for hold in row.holds} == set(HOLD_CODES)
    assert {row.status for row in rows.shipments} == set(SHIPMENT_STATUSES)
    assert {row.status for row in rows.items} == {"ACTIVE", "DISCONTINUED", "BLOCKED"}
    assert {each.status for rows_of in rows.tracking.values() for each in rows_of} == set(TRACKING_STATUSES)


def test_about_one_item_in_fifty_is_promised_by_the_erp_itself(generated: Dataset) -> None:
    assert 20 <= len({(row.company, row.sku) for row in generated.rows.atp}) <= 60


def test_some_purchase_orders_are_overdue(generated: Dataset) -> None:
    assert 10 <= sum(row.expected < generated.today for row in generated.rows.inbound) <= 100


def test_shipments_have_up_to_four_parcels_with_lots_and_serials(generated: Dataset) -> None:
    rows = generated.rows.shipments
    assert {len(row.parcels) for row in rows} == {0, 1, 2, 3, 4}
    contents = [content for row in rows for parcel in row.parcels for content in parcel.contents]
    assert any(content.lots for content in contents)
    assert all(len(content.serials) in {0, content.quantity} for content in contents)
    assert any(content.serials for content in contents)


def test_what_replaces_an_item_is_active(generated: Dataset) -> None:
    gone = [row for row in generated.rows.items if row.status == "DISCONTINUED"]
    heirs = [generated.items.one(row.company, row.replaced_by or "") for row in gone]
    assert {heir.status for heir in heirs if heir} == {"ACTIVE"}
    assert None not in heirs


def test_totals_are_the_sums_of_their_lines(generated: Dataset) -> None:
    for order in generated.rows.orders:
        assert order.total == sum(line.total for line in order.lines)
        for line in order.lines:
            assert abs(line.total - line.unit_price * line.quantity) <= Decimal("0.005")


def test_each_ordered_unit_is_in_one_place(generated: Dataset) -> None:
    for order in generated.rows.orders:
        for line in order.lines:
            made = line.progress
            parts = (made.allocated, made.picked, made.shipped, made.backordered, made.cancelled)
            assert made.ordered == line.quantity == sum(parts)
            assert min(parts) >= 0


def test_what_was_shipped_is_what_the_shipments_carried(generated: Dataset) -> None:
    carried: Counter[tuple[str, str]] = Counter()
    shipped: Counter[tuple[str, str]] = Counter()
    for row in generated.rows.shipments:
        if row.shipped_at is not None:
            for parcel in row.parcels:
                for content in parcel.contents:
                    carried[row.order or "", content.sku] += content.quantity  # type: ignore[assignment]
    for order in generated.rows.orders:
        for line in order.lines:
            factor = generated.line_factor(order.company, line)
            shipped[order.number, line.sku] += line.progress.shipped * factor  # type: ignore[assignment]
    assert +carried == +shipped


def test_allocations_are_those_of_open_orders_and_never_above_what_is_on_hand(generated: Dataset) -> None:
    held = reserved(generated)
    assert held
    for row in generated.rows.stock:
        assert row.allocated == held.get(Place(row.company, row.sku, row.warehouse), 0)
        assert 0 <= row.allocated <= row.on_hand


def test_shipping_follows_ordering_and_tracking_follows_shipping(generated: Dataset) -> None:
    midnight = datetime.combine(generated.today, clock_time(), UTC)
    for row in generated.rows.shipments:
        (order,) = generated.orders.find(row.order or "")
        assert order.placed_at < midnight
        assert row.shipped_at is None or order.placed_at < row.shipped_at < midnight
        for parcel in row.parcels:
            (tracking,) = generated.tracking[parcel.tracking_number]
            moments = [event.at for event in tracking.events]
            assert 2 <= len(moments) <= 8
            assert moments == sorted(moments)
            assert (row.shipped_at or order.placed_at) <= moments[0]
            assert moments[-1] < midnight
            assert tracking.events[-1].status == tracking.status
            assert (tracking.status == "DELIVERED") == (row.status == "DELIVERED")


def test_backorders_point_to_an_earlier_order_with_the_same_po_number(generated: Dataset) -> None:
    children = [row for row in generated.rows.orders if row.backorder_of]
    assert 400 <= len(children) <= 1_200
    for child in children:
        (parent,) = generated.orders.find(child.backorder_of or "")
        assert (parent.company, parent.customer, parent.po_number) == (child.company, child.customer, child.po_number)
        assert parent.placed_at < child.placed_at
        left = sum(line.progress.backordered for line in parent.lines)
        assert sum(line.quantity for line in child.lines) == left
