"""ShipHero over an account of our own making: what is asked and what it costs, how it fails with status 200, what a release does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from graphql import parse, validate
from shiphero_account import GRANTED, REFRESH, SCHEMA, Account, Refused, label, own_id, wms_of
from shiphero_credits import required
from upstream import Clock, call

from sources.changes import NewRelease, Released
from sources.delivery import Delivery
from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
)
from sources.events import Event
from sources.grant import AuthSettings
from sources.happenings import InventoryAdjusted, ShipmentMoved
from sources.models import Key, Parcel, ParcelItem, Shipment, ShipmentStatus, Warehouse
from sources.retry import RetrySettings
from sources.shiphero import documents
from sources.shiphero.mapping import today
from sources.shiphero.options import ShipHeroOptions
from sources.shiphero.webhook import read as read_webhook
from sources.shiphero.wms import ShipHeroWms

OPTIONS: dict[str, Any] = {"warehouse_codes": {"102": "ATL", "101": "RNO"}, "timezone": "America/New_York"}
RNO, ATL = Warehouse("US", "RNO", "Reno", 2), Warehouse("US", "ATL", "Atlanta", 1)


def filled() -> Account:
    """Two warehouses and one that the options do not name; an order in two shipments; orders on hold."""
    account = Account(Clock())
    reno, atlanta, other = (account.warehouse(*each) for each in ((101, "Reno"), (102, "Atlanta"), (103, None)))
    account.shelf("BOLT", reno, 10, 3, non_sellable_quantity=1, reserve_inventory=2)
    account.shelf("BOLT", atlanta, 7)
    account.shelf("NUT", other, 0, 5)
    order = account.order("1001", status="fulfilled")
    labels = [label("L1", "1Z1"), label("L2", "1Z2"), label("L3", "1Z3", "void"), label("L4", None)]
    lines = [
        {"sku": "BOLT", "quantity": 4, "label": "L1"},
        {"sku": "NUT", "quantity": 1, "label": "L2"},
        {"sku": "NUT", "quantity": 9},
    ]
    account.shipment(501, order, reno, labels, lines)
    account.shipment(502, order, atlanta, [label("L9", "1Z9")], [{"sku": "BOLT", "quantity": 6}], delivered=True)
    account.order("2001", "operator_hold")
    return account


@asynccontextmanager
async def filled_wms(**settings: Any) -> AsyncIterator[tuple[Account, ShipHeroWms]]:
    account = filled()
    async with wms_of(account, OPTIONS, **settings) as wms:
        yield account, wms


def key(number: str) -> Key:
    return Key("US", number)


def release(order: str = "2001", company: str = "US") -> NewRelease:
    return NewRelease(company, order, (), "r-1")


# ---------------------------------------------------------------- facts


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


# ---------------------------------------------------------------- failures with status 200


async def test_without_credits_it_is_left_alone_for_as_long_as_it_says() -> None:
    clock = Clock()
    account = Account(clock)
    account.shelf("BOLT", account.warehouse(101, "Reno"), 1)
    async with wms_of(account, clock=clock) as wms:
        account.credits = 5.0
        with pytest.raises(SourceRateLimited) as raised:
            await wms.stock(call(), "US", [f"S{each}" for each in range(25)], warehouses=())
        assert raised.value.retry_after_seconds == 5.0  # 270 are missing, 60 are restored a second
        clock.now += 4.9
        with pytest.raises(SourceRateLimited):
            await wms.stock(call(), "US", ["BOLT"], warehouses=())
        assert len(account.bodies) == 1
        clock.now += 0.2
        assert len(await wms.stock(call(), "US", ["BOLT"], warehouses=())) == 1


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ({"code": 30, "time_remaining": "8 seconds", "message": "…In 3 seconds you will have enough credits"}, 8.0),
        ({"code": 30, "time_remaining": "1 second"}, 1.0),
        ({"code": 30, "time_remaining": "2 minutes"}, 60.0),
        ({"message": "There are not enough credits… In 18 seconds you will have enough credits"}, 18.0),
        ({"code": 30, "required_credits": 302, "remaining_credits": 2}, 5.0),
        ({"code": 30, "time_remaining": "soon"}, None),
    ],
)
async def test_how_long_to_wait_is_read_however_it_is_told(told: dict[str, Any], wait: float | None) -> None:
    async with filled_wms() as (account, wms):
        account.is_shut = {"errors": [told], "data": None}
        waits = []
        for asking in (wms.stock(call(), "US", ["BOLT"], warehouses=()), wms.warehouses(call(), "US", ["RNO"])):
            with pytest.raises(SourceRateLimited) as raised:
                await asking
            waits.append(raised.value.retry_after_seconds)
        assert waits == [wait, 1.0 if wait is None else wait]
        assert len(account.bodies) == 1


async def test_what_needs_more_credits_than_there_ever_are_is_no_later() -> None:
    async with filled_wms() as (account, wms):
        account.is_shut = {"errors": [{"code": 30, "required_credits": 5101, "remaining_credits": 4004}]}
        with pytest.raises(SourceContractBroken) as raised:
            await wms.stock(call(), "US", ["BOLT"], warehouses=())
        assert raised.value.path == "$.errors[...].required_credits"


@pytest.mark.parametrize(
    "told",
    [{"code": "token_expired", "message": ""}, {"message": "Unauthorized", "code": 3}, {"message": "Token is expired"}],
)
async def test_a_refusal_with_status_200_has_the_token_renewed_once_and_the_read_made_again(
    told: dict[str, Any],
) -> None:
    clock = Clock()
    async with filled_wms(clock=clock, retry=RetrySettings(base_seconds=0)) as (account, wms):
        await wms.stock(call(), "US", ["BOLT"], warehouses=())
        clock.now += 10
        account.is_shut = {"errors": [told], "data": {"k0": None}}
        with pytest.raises(SourceRefused):
            await wms.stock(call(), "US", ["BOLT"], warehouses=())
        assert (len(account.bodies), account.refreshed) == (3, 2)


async def test_a_document_that_does_not_fit_is_a_broken_contract() -> None:
    async with filled_wms() as (account, wms):
        account.is_shut = {"errors": [{"message": "Cannot query field", "locations": [{"line": 1, "column": 2}]}]}
        with pytest.raises(SourceContractBroken) as raised:
            await wms.stock(call(), "US", ["BOLT"], warehouses=())
        account.is_shut = {}
        with pytest.raises(SourceContractBroken) as nothing:
            await wms.stock(call(), "US", ["BOLT"], warehouses=())
        assert (raised.value.path, nothing.value.path) == ("$.errors", "$.data")


@pytest.mark.parametrize("names_paths", [True, False])
async def test_an_error_fails_its_key_only_whether_or_not_it_says_where_it_belongs(names_paths: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with filled_wms() as (account, wms):
        account.names_paths = names_paths
        account.failing["NUT"] = Refused("Something about an upstream", 9)
        found = await wms.stock(call(), "US", ["BOLT", "NUT"], warehouses=())
        failed = found[key("NUT")]
        assert isinstance(failed, SourceRejected)
        assert (failed.reason, "upstream" in f"{failed} {failed.detail}") == ("CODE_9", False)
        assert not isinstance(found[key("BOLT")], SourceError)


async def test_an_error_of_no_key_where_nothing_is_null_fails_them_all() -> None:
    async with filled_wms() as (account, wms):
        empty = {"data": {"pageInfo": {"hasNextPage": False}, "edges": []}}
        account.is_shut = {
            "errors": [{"message": "half of it is missing", "code": 7}],
            "data": {"k0": empty, "k1": empty},
        }
        found = await wms.stock(call(), "US", ["BOLT", "NUT"], warehouses=())
        assert [type(held) for held in found.values()] == [SourceRejected, SourceRejected]


async def test_a_null_that_nobody_explains_is_a_broken_contract_of_its_key() -> None:
    async with filled_wms() as (account, wms):
        account.is_shut = {"data": {"k0": None, "k1": {"data": {"pageInfo": {"hasNextPage": False}, "edges": []}}}}
        found = await wms.stock(call(), "US", ["BOLT", "NUT"], warehouses=())
        broken = found[key("BOLT")]
        assert isinstance(broken, SourceContractBroken)
        assert (broken.path, len(found)) == ("$.data.k0", 1)


async def test_what_is_null_where_there_is_none_is_absent() -> None:
    async with filled_wms() as (account, wms):
        account.is_shut = {"data": {"k0": {"data": None}, "account": {"data": None}}}
        assert await wms.shipments(call(), "US", ["501"]) == {}
        assert await wms.warehouses(call(), "US", ["RNO"]) == {}
        account.is_shut = {"data": {"account": None}}
        with pytest.raises(SourceContractBroken) as raised:
            await wms.warehouses(call(), "US", ["RNO"])
        assert raised.value.path == "$.data.account"
        account.is_shut = {"data": {"account": None}, "errors": [{"message": "Not here", "code": 9}]}
        with pytest.raises(SourceRejected):
            await wms.warehouses(call(), "US", ["RNO"])
        account.is_shut = {"data": {"account": None}, "errors": [{"message": "Not Found", "code": 5}]}
        with pytest.raises(SourceContractBroken):
            await wms.warehouses(call(), "US", ["RNO"])


@pytest.mark.parametrize(
    ("code", "word"),
    [(9, "CODE_9"), ("no_such_shop", "NO_SUCH_SHOP"), ("a sentence of theirs", "REJECTED"), (None, "REJECTED")],
)
async def test_a_reason_is_a_word_and_never_a_text_of_theirs(code: Any, word: str) -> None:
    async with filled_wms() as (account, wms):
        account.failing["NUT"] = Refused("Zebra", code)
        found = await wms.stock(call(), "US", ["BOLT", "NUT"], warehouses=())
        failed = found[key("NUT")]
        assert isinstance(failed, SourceRejected)
        assert (failed.reason, "Zebra" in f"{failed} {failed.detail}") == (word, False)


async def test_a_shipment_that_two_merged_orders_have_in_common_is_told_with_each_and_counted_once() -> None:
    async with filled_wms() as (account, wms):
        shipped = account.shipment(
            700, account.order("8001"), account.warehouses[0], [label("L", "1Z")], [{"sku": "BOLT", "quantity": 4}]
        )
        account.order("8002")["shipments"].append(shipped)
        found = await wms.shipments_by_order(call(), "US", ["8001", "8002"])
        for number in ("8001", "8002"):
            told = found[key(number)]
            assert not isinstance(told, SourceError)
            assert [each.parcels for each in told] == [(Parcel("1Z", (ParcelItem("BOLT", Decimal(4)),), "UPS"),)]


async def test_a_cursor_that_leads_nowhere_is_not_followed_for_ever() -> None:
    async with filled_wms() as (account, wms):
        page = {"pageInfo": {"hasNextPage": True, "endCursor": "x"}, "edges": []}
        account.is_shut = {"data": {"k0": {"data": page}}}
        found = await wms.stock(call(), "US", ["BOLT"], warehouses=())
        assert isinstance(found[key("BOLT")], SourceContractBroken)
        assert len(account.bodies) == 2


async def test_a_failure_behind_the_first_page_is_its_own_keys() -> None:
    async with filled_wms() as (account, wms):
        for _ in range(3):
            account.order("3001")
        account.failing_pages["3001"] = Refused("Unexpected error", 9)
        found = await wms.shipments_by_order(call(), "US", ["3001", "1001"])
        assert isinstance(found[key("3001")], SourceRejected)
        assert not isinstance(found[key("1001")], SourceError)
        account.is_shut, account.shut_after = {"errors": [{"code": 30, "time_remaining": "3 seconds"}]}, 3
        found = await wms.shipments_by_order(call(), "US", ["3001", "1001"])
        assert isinstance(found[key("3001")], SourceRateLimited)
        assert not isinstance(found[key("1001")], SourceError)
        assert len(account.bodies) == 4


async def test_a_shipment_whose_further_lines_fail_is_told_as_failed_and_not_as_half_a_shipment() -> None:
    async with filled_wms() as (account, wms):
        lines = [{"sku": f"S{each}", "quantity": 1} for each in range(30)]
        long, short = account.order("7001"), account.order("7002")
        for number, order in ((700, long), (701, short)):
            account.shipment(
                number, order, account.warehouses[0], [label("L", "1Z")], lines[: 30 if order is long else 1]
            )
        account.is_shut, account.shut_after = (
            {"errors": [{"message": "Unexpected error", "code": 1}], "data": {"k0": None}},
            1,
        )
        found = await wms.shipments_by_order(call(), "US", ["7001", "7002"])
        assert isinstance(found[key("7001")], SourceRejected)
        assert not isinstance(found[key("7002")], SourceError)


# ---------------------------------------------------------------- release


async def test_a_release_lifts_its_hold_once_and_a_second_one_sends_nothing() -> None:
    async with filled_wms() as (account, wms):
        released = await wms.release_order(call(), release())
        assert isinstance(released, Released)
        assert (released.company, released.order, released.shipments) == ("US", "2001", ())
        assert released.released_at.utcoffset() is not None
        assert account.bodies[1]["variables"] == {"data": {"order_id": own_id("Order", 2), "operator_hold": False}}
        assert account.orders[1]["holds"] == {"operator_hold": False}
        await wms.release_order(call(), release())
        assert len(account.bodies) == 3


@pytest.mark.parametrize(
    ("holds", "word"),
    [
        (("operator_hold", "fraud_hold", "address_hold"), "FRAUD_HOLD"),
        (("operator_hold", "payment_hold"), "PAYMENT_HOLD"),
        (("shipping_method_hold",), "SHIPPING_METHOD_HOLD"),
        (("client_hold",), "CLIENT_HOLD"),
    ],
)
async def test_holds_of_others_refuse_a_release_and_nothing_is_lifted(holds: tuple[str, ...], word: str) -> None:
    async with filled_wms() as (account, wms):
        account.order("2002", *holds)
        with pytest.raises(SourceRejected) as raised:
            await wms.release_order(call(), release("2002"))
        assert raised.value.reason == word
        assert (len(account.bodies), account.orders[-1]["holds"]) == (1, dict.fromkeys(holds, True))


async def test_what_a_release_lifts_is_a_setting_and_all_of_it_is_one_change() -> None:
    account = filled()
    account.order("2002", "operator_hold", "client_hold")
    async with wms_of(account, {"release_lifts": ["operator_hold", "client_hold"]}) as wms:
        await wms.release_order(call(), release("2002"))
    assert account.bodies[1]["variables"]["data"] == {
        "order_id": own_id("Order", 3), "operator_hold": False, "client_hold": False,
    }  # fmt: skip


async def test_what_is_not_there_is_there_twice_or_will_never_ship_is_not_released() -> None:
    async with filled_wms() as (account, wms):
        account.order("2003", "operator_hold", status="canceled")
        account.order("2004", "operator_hold")
        account.order("2004", "operator_hold")
        words = []
        for number in ("NONE", "", "2003", "2004"):
            with pytest.raises(SourceRejected) as raised:
                await wms.release_order(call(), release(number))
            words.append(raised.value.reason)
        assert words == ["UNKNOWN_ORDER", "UNKNOWN_ORDER", "ORDER_CANCELLED", "AMBIGUOUS_ORDER"]
        assert ["order_update_holds" in body["query"] for body in account.bodies] == [False] * 3


async def test_a_change_that_is_refused_was_not_done_and_one_of_an_unknown_code_may_have_been() -> None:
    async with filled_wms() as (account, wms):
        told: list[SourceError] = []
        for failure in (
            Refused("Order not found", 5),
            Refused("Unexpected error", 1),
            Refused("You lack the permission", 2),
        ):
            account.failing["order_update_holds"] = failure
            with pytest.raises(SourceError) as raised:
                await wms.release_order(call(), release())
            told.append(raised.value)
        assert [type(each) for each in told] == [SourceRejected, OutcomeUnknown, SourceRefused]
        assert isinstance(told[0], SourceRejected)
        assert told[0].reason == "NOT_FOUND"
        assert account.orders[1]["holds"] == {"operator_hold": True}


async def test_a_hold_that_came_meanwhile_refuses_the_release() -> None:
    async with filled_wms() as (account, wms):
        account.meanwhile = {"fraud_hold": True}
        with pytest.raises(SourceRejected) as raised:
            await wms.release_order(call(), release())
        assert raised.value.reason == "FRAUD_HOLD"


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


def heard(body: dict[str, Any]) -> list[Event]:
    now = datetime(2026, 6, 30, tzinfo=UTC)
    return list(read_webhook(Delivery(source="wms", body=msgspec.json.encode(body), received=now, company="US")).events)


def test_a_day_is_the_warehouses_own() -> None:
    assert today(ShipHeroOptions("US", timezone="America/New_York"), datetime(2026, 7, 1, 3, tzinfo=UTC)) == date(
        2026, 6, 30
    )
