"""What ShipHero tells of with status 200, and what is made of it: too many, a refusal, a key that failed, a broken contract."""

from decimal import Decimal
from typing import Any

import pytest
from shiphero_account import Account, Refused, label, wms_of
from shiphero_filled import filled_wms, key
from upstream import Clock, call

from sources.errors import (
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
)
from sources.models import Parcel, ParcelItem
from sources.retry import RetrySettings


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
