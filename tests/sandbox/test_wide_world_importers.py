"""Wide World Importers as a data set."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.facts import Dataset
from sandbox.flows import Place
from sandbox.missing import NoSuchDataError
from sandbox.pricing import Question, price_of
from sandbox.wide_world_importers import load_wide_world_importers


def test_everything_loads_and_the_clock_stands_at_its_last_day(wwi: Dataset) -> None:
    rows = wwi.rows
    assert (len(rows.orders), sum(len(order.lines) for order in rows.orders)) == (73_595, 231_412)
    assert (len(rows.customers), len(rows.items), len(rows.shipments)) == (663, 227, 70_510)
    assert wwi.today == date(2016, 5, 31)


def test_what_was_not_picked_is_open_and_what_was_picked_has_shipped(wwi: Dataset) -> None:
    assert Counter(order.status for order in wwi.rows.orders) == {"CLOSED": 68_534, "OPEN": 3_085, "SHIPPED": 1_976}
    lacking = [line for order in wwi.open_orders for line in order.lines if line.progress.open]
    assert len(lacking) == 3_147


def test_backorders_point_to_their_original_which_has_the_same_po_number(wwi: Dataset) -> None:
    children = [order for order in wwi.rows.orders if order.backorder_of]
    assert len(children) == 7_538
    for child in children:
        (original,) = wwi.orders.find(child.backorder_of or "")
        assert int(original.number) < int(child.number)
        assert original.po_number == child.po_number


def test_an_order_is_what_the_tables_say(wwi: Dataset) -> None:
    (order,) = wwi.orders.find("45")
    assert (order.customer, order.po_number, order.backorder_of, order.total) == (
        "832",
        "12126",
        "1",
        Decimal("5600.00"),
    )
    (line,) = order.lines
    assert (line.sku, line.quantity, line.uom, line.unit_price) == ("164", Decimal(50), "EA", Decimal("112.00"))


def test_purchase_orders_in_outers_become_base_units(wwi: Dataset) -> None:
    inbound = {row.sku: row for row in wwi.rows.inbound}
    assert len(inbound) == 9
    assert (inbound["77"].number, inbound["77"].quantity) == ("2073", Decimal(3_401 * 12))
    assert wwi.flows.supply[Place("WWI", "77", "WWI")] == {date(2016, 6, 20): Decimal(40_812)}


def test_a_head_office_stands_for_its_branches(wwi: Dataset) -> None:
    assert len(wwi.children.find("1")) == 200
    assert [row.code for row in wwi.ship_tos_of.find("1")][:3] == ["1", "1-2", "1-3"]
    assert wwi.exposure["WWI", "1"] > 1_000_000


def test_special_deals_are_promotions_of_the_buying_group_in_their_time(wwi: Dataset) -> None:
    (customer,) = wwi.customers.find("2")
    (item,) = wwi.items.find("1")

    def unit(on: date) -> tuple[str, str] | None:
        price = price_of(wwi, Question("", customer, item, "EA", Decimal(1), on))
        return None if price is None else (str(price.unit), price.source)

    assert customer.buying_group == "Tailspin Toys"
    assert unit(date(2016, 5, 31)) == ("21.2500", "PROMOTION")
    assert unit(date(2016, 3, 31)) == ("25.0000", "PRICE_LIST")


def test_recorded_deliveries_are_tracked_by_their_note(wwi: Dataset) -> None:
    (shipment,) = wwi.shipments_of.find("71554")
    (parcel,) = shipment.parcels
    (tracking,) = wwi.tracking[parcel.tracking_number]
    assert (parcel.tracking_number, tracking.signed_by) == ("EAN-125-69630", "Hanita Nookala")
    assert tracking.delivered_at == datetime(2016, 5, 3, 8, 30, tzinfo=UTC)
    assert [event.description for event in tracking.events] == [
        "Ready for collection",
        "DeliveryAttempt: Receiver not present",
        "Delivered, received by Hanita Nookala",
    ]


def test_what_is_made_up_says_so(wwi: Dataset) -> None:
    (tracking,) = wwi.tracking["SYN-1"]
    assert all("(synthetic)" in event.description for event in tracking.events)
    assert tracking.status_text == "Delivered (synthetic)"
    assert all("(synthetic)" in (row.segment or "") for row in wwi.rows.customers)
    assert sum(row.hazardous for row in wwi.rows.items) == sum(
        "hazardous flag (synthetic)" in (row.status_text or "") for row in wwi.rows.items
    )


def test_a_folder_without_the_tables_says_which_are_missing(tmp_path: Path) -> None:
    with pytest.raises(NoSuchDataError, match=r"lacks Sales\.Customers\.parquet, Warehouse\.StockItems\.parquet"):
        load_wide_world_importers(tmp_path)
