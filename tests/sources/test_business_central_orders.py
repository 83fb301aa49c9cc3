"""Orders written to Business Central: all of one or nothing, found by their reference, taken back while nothing was shipped."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from central_over import PAGES, central, good, options
from upstream import ONCE, Upstream, call, client_of, json

from sources.business_central.erp import BusinessCentralErp
from sources.business_central.options import Options
from sources.changes import Cancellation, HoldLifted, NewHold, NewOrder, NewOrderLine
from sources.errors import NotOffered, OutcomeUnknown, SourceContractBroken, SourceRejected
from sources.models import Basket, HoldCode, Key, Order, OrderStatus
from tests.connectors.business_central import EAST
from tests.connectors.central import COMPANY_ID, Central

LINES = (
    NewOrderLine(2, "I2", Decimal(1), "PCS", None),
    NewOrderLine(1, "I1", Decimal("2.5"), "PCS", Decimal("9.50")),
)
WITH_SHIP_TOS = options(ship_tos=PAGES["ship_tos"])


def new(**more: Any) -> NewOrder:
    given: dict[str, Any] = {"reference": "XD-abc", "company": "US", "customer": "C1", "ship_to": "C1", "lines": LINES}
    return NewOrder(**{**given, **more})


def written(server: Central) -> dict[str, Any]:
    return server.tables[COMPANY_ID]["salesOrders"][-1]


async def test_an_order_goes_out_with_all_it_is_and_comes_back_by_its_reference() -> None:
    server = Central(good())
    asked = new(
        ship_to="C1/DOCK", po_number="4711", requested_date=date(2026, 12, 3), warehouses=("EAST", "WEST"), allow_backorder=False
    )  # fmt: skip
    async with central(server, WITH_SHIP_TOS) as erp:
        order = await erp.create_order(call(), asked)
        found = await erp.orders_by_reference(call(), "US", ["XD-abc", "XD-other"])
    assert found == {Key("US", "XD-abc"): order}
    assert (order.number, order.customer_number, order.status) == ("S1004", "C1", OrderStatus.OPEN)
    assert (order.external_reference, order.po_number, order.requested_date) == ("XD-abc", "4711", date(2026, 12, 3))
    assert [(line.sku, line.quantity, line.unit_price.amount) for line in order.lines] == [
        ("I1", Decimal("2.5"), Decimal("9.5")),
        ("I2", Decimal(1), Decimal("12.5")),
    ]
    row = written(server)
    assert (row["shipToName"], row["shipToCity"], row["partialShipping"]) == ("Dock", "Ely", False)
    assert [line.get("locationId") for line in row["salesOrderLines"]] == [None, EAST, EAST]
    assert row["salesOrderLines"][1]["quantity"] == 2.5  # a number, not a text


async def test_a_lines_price_is_told_last_for_what_comes_after_it_would_find_another() -> None:
    upstream = Upstream(json(b'{"responses":[]}'))
    async with client_of(upstream, retry=ONCE) as client:
        erp = BusinessCentralErp(client, msgspec.convert(options(), Options))
        with pytest.raises(OutcomeUnknown):
            await erp.create_order(call(), new())
    (request,) = msgspec.json.decode(upstream.bodies[0])["requests"]
    assert next(iter(request["body"])) == "customerNumber"
    assert [list(line) for line in request["body"]["salesOrderLines"]] == [
        ["lineType", "lineObjectNumber", "unitOfMeasureCode", "quantity", "unitPrice"],
        ["lineType", "lineObjectNumber", "unitOfMeasureCode", "quantity"],
    ]


async def test_an_order_to_the_customers_own_address_says_nothing_of_where() -> None:
    server = Central(good())
    async with central(server) as erp:
        await erp.create_order(call(), new(warehouses=("MAIN",)))
    assert not any(name.startswith("shipTo") for name in written(server))
    assert {line.get("locationId") for line in written(server)["salesOrderLines"]} == {
        "00000000-0000-0000-0000-000000000000"
    }


async def test_of_an_order_whose_line_is_refused_nothing_is_left() -> None:
    server = Central(good())
    lines = (*LINES, NewOrderLine(3, "none", Decimal(1), "PCS", None))
    async with central(server) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.create_order(call(), new(lines=lines))
        assert await erp.orders_by_reference(call(), "US", ["XD-abc"]) == {}
    assert raised.value.reason == "Application_FieldValidationException"
    assert "4711" not in f"{raised.value} {raised.value.detail} {raised.value!r}"
    assert len(server.tables[COMPANY_ID]["salesOrders"]) == 3


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"reference": "X" * 36}, "REFERENCE_TOO_LONG"),
        ({"po_number": "1" * 100}, "PO_NUMBER_TOO_LONG"),
        ({"company": "ASIA"}, "UNKNOWN_COMPANY"),
        ({"ship_to": "C1/GATE"}, "UNKNOWN_SHIP_TO"),
        ({"customer": "C2", "ship_to": "C1/DOCK"}, "UNKNOWN_SHIP_TO"),
        ({"warehouses": ("NORTH",)}, "UNKNOWN_WAREHOUSE"),
        ({"warehouses": ("NORTH-NORTH-WEST",)}, "UNKNOWN_WAREHOUSE"),
    ],
)
async def test_what_cannot_be_written_is_refused_before_anything_is_sent(more: dict[str, Any], word: str) -> None:
    server = Central(good())
    async with central(server, WITH_SHIP_TOS) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.create_order(call(), new(**more))
    assert raised.value.reason == word
    assert not any(part.startswith("POST") for part in server.parts)


async def test_an_order_that_cannot_be_read_again_was_written_all_the_same() -> None:
    server = Central(good())
    server.failing["number eq 'S1004'"] = (503, "X")
    async with central(server) as erp:
        order = await erp.create_order(call(), new())
    assert (order.number, order.lines, order.total.amount) == ("S1004", (), Decimal("36.25"))


@pytest.mark.parametrize(
    "answer",
    [
        b'{"responses":[]}',
        b'{"responses":[{"id":"0","status":500,"body":null}]}',
        b'{"responses":[{"id":"0","status":503,"headers":{"retry-after":"3"}}]}',
        b'{"responses":[{"id":"0","status":201,"body":{"number":"S1"}}]}',
    ],
)
async def test_what_became_of_it_is_unknown_where_its_part_does_not_say(answer: bytes) -> None:
    async with client_of(upstream := Upstream(json(answer)), retry=ONCE) as client:
        erp = BusinessCentralErp(client, msgspec.convert(options(), Options))
        with pytest.raises(OutcomeUnknown):
            await erp.create_order(call(), new())
    assert len(upstream.asked) == 1
    assert upstream.asked[0].headers["Isolation"] == "snapshot"


async def test_an_order_that_does_not_fit_is_not_taken_for_one_that_is_missing() -> None:
    server = Central(good())
    server.tables[COMPANY_ID]["salesOrders"][0]["status"] = None
    async with central(server) as erp:
        found = await erp.orders_by_reference(call(), "US", ["XD-1", "XD-2"])
    assert isinstance(found[Key("US", "XD-1")], SourceContractBroken)
    assert isinstance(found[Key("US", "XD-2")], Order)


async def test_of_two_orders_with_one_reference_the_first_is_found() -> None:
    server = Central(good())
    async with central(server) as erp:
        first = await erp.create_order(call(), new())
        await erp.create_order(call(), new())
        found = await erp.orders_by_reference(call(), None, ["XD-abc"])
    assert found == {Key("US", "XD-abc"): first}
    assert not BusinessCentralErp.is_idempotent_by_reference


# ---------------------------------------------------------------- taken back


def cancellation(number: str) -> Cancellation:
    return Cancellation("US", number, "mistaken", "us")


async def test_an_order_is_taken_back_by_deleting_it_as_it_was_read() -> None:
    server = Central(good())
    async with central(server) as erp:
        order = await erp.cancel_order(call(), cancellation("S1001"))
        assert await erp.orders(call(), "US", ["S1001"]) == {}
        with pytest.raises(SourceRejected) as again:
            await erp.cancel_order(call(), cancellation("S1001"))
    assert (order.number, order.status) == ("S1001", OrderStatus.CANCELLED)
    assert again.value.reason == "UNKNOWN_ORDER"


class Changing(Central):
    """Somebody else is always quicker."""

    def _deleted(self, *given: Any, **more: Any) -> None:
        self.tables[COMPANY_ID]["salesOrders"][0]["@odata.etag"] = 'W/"newer"'
        super()._deleted(*given, **more)


async def test_an_order_that_was_changed_meanwhile_is_not_deleted() -> None:
    changing = Changing(good())
    row = changing.tables[COMPANY_ID]["salesOrders"][0]
    async with central(changing) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.cancel_order(call(), cancellation("S1001"))
    assert raised.value.reason == "Request_EntityChanged"
    assert row in changing.tables[COMPANY_ID]["salesOrders"]


async def test_what_was_shipped_is_not_taken_back() -> None:
    server = Central(good())
    async with central(server) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.cancel_order(call(), cancellation("S1002"))
    assert raised.value.reason == "ALREADY_SHIPPED"
    assert not any(part.startswith("DELETE") for part in server.parts)


async def test_an_order_that_cannot_be_read_is_not_deleted() -> None:
    server = Central(good())
    server.tables[COMPANY_ID]["salesOrders"][0]["status"] = None
    async with central(server) as erp:
        with pytest.raises(SourceContractBroken):
            await erp.cancel_order(call(), cancellation("S1001"))
    assert len(server.tables[COMPANY_ID]["salesOrders"]) == 3


async def test_holds_and_simulations_are_not_offered_and_nothing_is_asked() -> None:
    server = Central(good())
    async with central(server) as erp:
        for asking in (
            erp.hold_order(call(), NewHold("US", "S1001", HoldCode.CREDIT, "x", "us")),
            erp.unhold_order(call(), HoldLifted("US", "S1001", HoldCode.CREDIT, "us", "")),
            erp.simulate(call(), Basket("US", "C1", ())),
        ):
            with pytest.raises(NotOffered):
                await asking
    assert server.parts == []
