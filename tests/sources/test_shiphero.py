"""ShipHero over an account of our own making: facts by their keys, what is asked for them, what it costs; credentials and webhooks."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from graphql import parse, validate
from shiphero_account import GRANTED, REFRESH, SCHEMA, label, own_id, wms_of
from shiphero_credits import required
from shiphero_filled import filled, filled_wms, key, release
from upstream import call

from sources.delivery import Delivery
from sources.errors import (
    SourceError,
    SourceRefused,
    SourceRejected,
)
from sources.events import Event
from sources.grant import AuthSettings
from sources.happenings import InventoryAdjusted, ShipmentMoved
from sources.models import Parcel, ParcelItem, Shipment, ShipmentStatus, Warehouse
from sources.shiphero import documents
from sources.shiphero.mapping import today
from sources.shiphero.options import ShipHeroOptions
from sources.shiphero.webhook import read as read_webhook
from sources.shiphero.wms import ShipHeroWms

RNO, ATL = Warehouse("US", "RNO", "Reno", 2), Warehouse("US", "ATL", "Atlanta", 1)


async def test_warehouses_have_the_erps_codes_in_the_order_to_ship_from() -> None:
    async with filled_wms() as (account, wms):
        found = await wms.warehouses(call(), None, ["RNO", "ATL", "103", "NONE"])
        assert found == {key("RNO"): RNO, key("ATL"): ATL, key("103"): Warehouse("US", "103", "103", 3)}
        assert len(account.bodies) == 1


async def test_stock_is_by_sku_and_warehouse_in_decimals_on_the_warehouses_own_day() -> None:
    async with filled_wms() as (_, wms):
        found = await wms.stock(call(), "US", ["BOLT", "NUT", "NONE"], warehouses=())
        bolts = found[key("BOLT")]
        assert not isinstance(bolts, SourceError)
        assert found.keys() == {key("BOLT"), key("NUT")}
        rows = [(row.warehouse, row.on_hand, row.allocated, row.unsellable, row.safety_stock) for row in bolts.rows]
        assert rows == [
            (ATL, Decimal(7), Decimal(0), Decimal(0), Decimal(0)),
            (RNO, Decimal(10), Decimal(3), Decimal(1), Decimal(2)),
        ]
        assert abs(bolts.today - datetime.now(UTC).date()).days <= 1
        only = await wms.stock(call(), "US", ["BOLT", "NUT"], warehouses=["RNO"])
        assert {
            key: [row.warehouse for row in held.rows] for key, held in only.items() if not isinstance(held, SourceError)
        } == {key("BOLT"): [RNO]}


async def test_a_shipment_has_its_labels_as_parcels_with_what_is_in_them() -> None:
    wanted = Shipment(
        company="US",
        number="501",
        warehouse=RNO,
        status=ShipmentStatus.SHIPPED,
        parcels=(
            Parcel("1Z1", (ParcelItem("BOLT", Decimal(4)),), "UPS"),
            Parcel("1Z2", (ParcelItem("NUT", Decimal(1)),), "UPS"),
        ),
        order_number="1001",
        source_status="valid",
        carrier="UPS",
        service="Ground",
        shipped_at=datetime(2026, 6, 29, 16, 30, tzinfo=UTC),
    )
    async with filled_wms() as (account, wms):
        found = await wms.shipments(call(), None, ["501", "999", "no number", "0501"])
        assert found == {key("501"): wanted}
        assert account.bodies[0]["variables"] == {"k0": own_id("Shipment", 501), "k1": own_id("Shipment", 999)}
        by_order = await wms.shipments_by_order(call(), "US", ["1001", "2001", "NONE"])
        assert by_order.keys() == {key("1001"), key("2001")}
        shipped = by_order[key("1001")]
        assert not isinstance(shipped, SourceError)
        assert [(each.number, each.status, each.parcels) for each in shipped] == [
            ("501", ShipmentStatus.SHIPPED, wanted.parcels),
            ("502", ShipmentStatus.DELIVERED, (Parcel("1Z9", (ParcelItem("BOLT", Decimal(6)),), "UPS"),)),
        ]
        assert by_order[key("2001")] == ()


async def test_orders_of_one_number_are_followed_over_their_pages_and_told_as_one() -> None:
    async with filled_wms() as (account, wms):
        place = account.warehouses[0]
        for number in range(601, 606):
            account.shipment(number, account.order("3001"), place, [label(f"L{number}", f"1Z{number}")], [])
        shipped = (await wms.shipments_by_order(call(), "US", ["3001", "1001"]))[key("3001")]
        assert not isinstance(shipped, SourceError)
        assert [each.number for each in shipped] == ["601", "602", "603", "604", "605"]
        asked = [sorted(body["variables"]) for body in account.bodies]
        assert asked == [["k0", "k1"], ["a0", "k0"], ["a0", "k0"]]


async def test_a_shipments_lines_are_followed_to_the_last() -> None:
    async with filled_wms() as (account, wms):
        lines = [{"sku": f"S{each}", "quantity": each + 1, "label": "L7"} for each in range(130)]
        account.shipment(700, account.order("7001"), account.warehouses[0], [label("L7", "1Z7")], lines)
        held = (await wms.shipments(call(), "US", ["700", "501"]))[key("700")]
        assert isinstance(held, Shipment)
        assert [(each.sku, each.quantity) for each in held.parcels[0].contents] == [
            (f"S{each}", Decimal(each + 1)) for each in range(130)
        ]
        assert len(account.bodies) == 4


async def test_another_companys_questions_and_empty_keys_are_answered_with_nothing_and_nothing_is_sent() -> None:
    async with filled_wms() as (account, wms):
        assert await wms.warehouses(call(), "CA", ["RNO"]) == {}
        assert await wms.stock(call(), "CA", ["BOLT"], warehouses=()) == {}
        assert await wms.stock(call(), "US", [""], warehouses=()) == {}
        assert await wms.shipments(call(), "CA", ["501"]) == {}
        assert await wms.shipments_by_order(call(), "CA", ["1001"]) == {}
        assert await wms.shipments_by_order(call(), "US", [""]) == {}
        with pytest.raises(SourceRejected):
            await wms.release_order(call(), release(company="CA"))
        assert account.bodies == []


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize("asked", ["STOCK", "SHIPMENTS", "MORE_LINES", "SHIPPED_ORDERS", "HELD_ORDERS"])
def test_a_question_fits_the_schema_and_the_credits_with_as_many_keys_as_go_at_once(asked: str) -> None:
    costs = {"STOCK": 275, "SHIPMENTS": 650, "MORE_LINES": 1275, "SHIPPED_ORDERS": 1325, "HELD_ORDERS": 75}
    for keys in (1, documents.MAX_KEYS):
        document = parse(documents.document(getattr(documents, asked), keys))
        assert validate(SCHEMA, document) == []
    assert required(document) == costs[asked]


def test_credits_are_reckoned_as_in_the_documentations_example() -> None:
    products = "{ products { data(first: 100) { edges { node { locations(first: 50) { edges { node { id } } } } } } } }"
    assert required(parse(products)) == 5101


async def test_keys_stand_in_variables_only_whatever_they_hold() -> None:
    nasty = '") { __typename } #'
    async with filled_wms() as (account, wms):
        account.shelf(nasty, account.warehouses[0], 1)
        assert (await wms.stock(call(), "US", [nasty], warehouses=())).keys() == {key(nasty)}
        assert nasty not in account.bodies[0]["query"]


async def test_a_3pl_asks_for_its_customers_goods() -> None:
    account = filled()
    async with wms_of(account, {"customer_account_id": "Q3VzdG9tZXI6MQ=="}) as wms:
        await wms.stock(call(), "US", ["BOLT"], warehouses=())
        await wms.shipments(call(), "US", ["501"])
        await wms.release_order(call(), release())
    accounts = [body["variables"].get("account") for body in account.bodies]
    assert accounts == ["Q3VzdG9tZXI6MQ==", None, "Q3VzdG9tZXI6MQ==", None]
    assert account.bodies[3]["variables"]["data"]["customer_account_id"] == "Q3VzdG9tZXI6MQ=="


# ---------------------------------------------------------------- credentials and webhooks


async def test_a_refresh_token_is_sent_to_buy_a_token_and_shows_in_no_repr() -> None:
    async with filled_wms() as (account, wms):
        await wms.warehouses(call(), "US", ["RNO"])
        assert account.refreshed == 1
    auth = AuthSettings(refresh_token=REFRESH)
    asked = ShipHeroWms.grant.request(auth, "https://wms.example")
    assert asked is not None
    assert (asked.url, msgspec.json.decode(asked.body)) == (
        "https://wms.example/auth/refresh",
        {"refresh_token": REFRESH},
    )
    granted = ShipHeroWms.grant.granted(auth, b'{"access_token": "t", "expires_in": 2419200}')
    assert (granted.headers, granted.life_seconds) == ({"Authorization": "Bearer t"}, 28 * 86_400)
    assert REFRESH not in f"{auth!r} {asked!r} {granted!r}"


async def test_a_token_of_ones_own_is_shown_as_it_is_and_nothing_is_fetched() -> None:
    async with filled_wms(auth=AuthSettings(token=f"{GRANTED}-by-hand")) as (account, wms):
        await wms.warehouses(call(), "US", ["RNO"])
        assert (account.refreshed, len(account.bodies)) == (0, 1)


async def test_a_refresh_token_that_is_nobodys_is_a_refusal() -> None:
    async with filled_wms(auth=AuthSettings(refresh_token="of nobody")) as (account, wms):
        with pytest.raises(SourceRefused):
            await wms.warehouses(call(), "US", ["RNO"])
        assert account.bodies == []


async def test_what_the_webhook_calls_a_shipment_an_order_and_a_warehouse_is_what_is_read_here() -> None:
    shipped = {
        "webhook_type": "Shipment Update",
        "fulfillment": {"shipment_id": 501, "order_number": "1001", "created_at": "2026-06-29T16:30:00Z"},
    }
    counted = {"webhook_type": "Inventory Update", "inventory": [{"sku": "NUT", "on_hand": 0, "warehouse_id": 103}]}
    told = [event.data for body in (shipped, counted) for event in heard(body)]
    moved, adjusted = told
    assert isinstance(moved, ShipmentMoved)
    assert isinstance(adjusted, InventoryAdjusted)
    async with filled_wms() as (_, wms):
        shipment = (await wms.shipments(call(), "US", [moved.shipment or ""]))[key("501")]
        stock = (await wms.stock(call(), "US", [adjusted.sku], warehouses=[adjusted.warehouse or ""]))[key("NUT")]
    assert isinstance(shipment, Shipment)
    assert (shipment.number, shipment.order_number) == (moved.shipment, moved.order)
    assert not isinstance(stock, SourceError)
    assert [row.on_hand for row in stock.rows] == [adjusted.on_hand]


@pytest.mark.parametrize("told", ["2022-12-26 15:29:26", "2022-12-26T15:29:26Z", "2022-12-26T10:29:26-05:00"])
async def test_the_webhooks_times_are_aware_and_those_without_a_zone_are_utc(told: str) -> None:
    shipped = {
        "webhook_type": "Shipment Update",
        "fulfillment": {"shipment_id": 501, "order_number": "1001", "created_at": told},
    }
    (event,) = heard(shipped)
    assert event.time == datetime(2022, 12, 26, 15, 29, 26, tzinfo=UTC)


def heard(body: dict[str, Any]) -> list[Event]:
    now = datetime(2026, 6, 30, tzinfo=UTC)
    return list(read_webhook(Delivery(source="wms", body=msgspec.json.encode(body), received=now, company="US")).events)


def test_a_day_is_the_warehouses_own() -> None:
    assert today(ShipHeroOptions("US", timezone="America/New_York"), datetime(2026, 7, 1, 3, tzinfo=UTC)) == date(
        2026, 6, 30
    )
