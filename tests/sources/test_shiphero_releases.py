"""An order is released at ShipHero by lifting its hold: once, all at once, and never somebody else's."""

import pytest
from shiphero_account import Refused, own_id, wms_of
from shiphero_filled import filled, filled_wms, release
from upstream import call

from sources.changes import Released
from sources.errors import (
    OutcomeUnknown,
    SourceError,
    SourceRefused,
    SourceRejected,
)


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
