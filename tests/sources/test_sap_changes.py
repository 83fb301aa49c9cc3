"""Orders written to SAP, blocked and rejected: whole or not at all, and refused with a word."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from s4hana_over import JUNE_18, asked, good, options, s4hana
from upstream import call

from sources.changes import Cancellation, HoldLifted, NewHold, NewOrderLine
from sources.errors import SourceError, SourceRejected
from sources.models import (
    HoldCode,
    Key,
    OrderStatus,
)
from sources.sap.erp import SapErp
from tests.connectors.s4hana import S4Hana, order, order_item
from tests.connectors.sap import new_order


async def test_an_order_is_written_whole_and_found_by_its_reference() -> None:
    server = good()
    lines = (
        NewOrderLine(10, "I1", Decimal("2.5"), "PC", Decimal("9.50")),
        NewOrderLine(20, "I2", Decimal("1E+1"), "CAR", None),
    )
    wanted = new_order(lines=lines, requested_date=JUNE_18, warehouses=("NORTH", "EAST"), allow_backorder=False)
    async with s4hana(server) as erp:
        made = await erp.create_order(call(), wanted)
        found = await erp.orders_by_reference(call(), "US", [wanted.reference, "XD-none"])
    body = next(msgspec.json.decode(body) for method, path, body in server.heard if method == "POST")
    assert body == {
        "SalesOrderType": "OR", "SalesOrganization": "1710", "DistributionChannel": "10", "OrganizationDivision": "00", "SoldToParty": "C1",
        "PurchaseOrderByCustomer": wanted.reference, "PurchaseOrderByShipToParty": "PO-77", "CompleteDeliveryIsDefined": True,
        "RequestedDeliveryDate": "/Date(1781740800000)/", "to_Partner": {"results": [{"PartnerFunction": "SH", "Customer": "D1"}]},
        "to_Item": {"results": [
            {"SalesOrderItem": "10", "Material": "I1", "RequestedQuantity": "2.5",
             "RequestedQuantityUnit": "PC", "ProductionPlant": "1710"},
            {"SalesOrderItem": "20", "Material": "I2", "RequestedQuantity": "10",
             "RequestedQuantityUnit": "CAR", "ProductionPlant": "1710"},
        ]},
    }  # fmt: skip
    assert (made.external_reference, made.po_number, made.status) == (wanted.reference, "PO-77", OrderStatus.OPEN)
    assert {key.number: held.number for key, held in found.items() if not isinstance(held, SourceError)} == {
        wanted.reference: made.number
    }
    assert not erp.is_idempotent_by_reference


async def test_the_reference_stands_where_the_settings_say_and_prices_of_ours_by_the_condition_they_name() -> None:
    server = good()
    async with s4hana(server, options(reference_field="PurchaseOrderByShipToParty", price_condition="PMP0")) as erp:
        made = await erp.create_order(call(), new_order())
        found = await erp.orders_by_reference(call(), "US", [new_order().reference])
    row = server.orders[-1]
    assert (row["PurchaseOrderByShipToParty"], row["PurchaseOrderByCustomer"]) == (new_order().reference, "PO-77")
    assert (made.external_reference, made.po_number) == (new_order().reference, "PO-77")
    assert len(found) == 1
    item = next(msgspec.json.decode(body) for method, _, body in server.heard if method == "POST")["to_Item"][
        "results"
    ][0]
    assert item["to_PricingElement"] == {"results": [
        {"ConditionType": "PMP0", "ConditionRateValue": "9.50", "ConditionCurrency": "USD",
         "ConditionQuantity": "1", "ConditionQuantityUnit": "PC"}
    ]}  # fmt: skip


async def test_of_two_orders_with_one_reference_the_lower_number_stands() -> None:
    server = good()
    server.orders[:] = [
        *server.orders,
        order("4101", "C1", PurchaseOrderByCustomer="XD-1"),
        order("4000", "C1", PurchaseOrderByCustomer="XD-1"),
    ]
    async with s4hana(server) as erp:
        found = (await erp.orders_by_reference(call(), None, ["XD-1"]))[Key("US", "XD-1")]
    assert not isinstance(found, SourceError)
    assert found.number == "4000"


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (new_order(reference="x" * 36), "REFERENCE_TOO_LONG"),
        (new_order(po_number="x" * 36), "PO_NUMBER_TOO_LONG"),
        (msgspec.structs.replace(new_order(), company="JP"), "UNKNOWN_COMPANY"),
    ],
)
async def test_an_order_that_cannot_be_written_as_it_is_is_not_written(wanted: Any, word: str) -> None:
    async with s4hana(server := good()) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.create_order(call(), wanted)
    assert raised.value.reason == word
    assert server.heard == []


async def test_a_hold_is_a_block_and_lifting_it_takes_it_away() -> None:
    server = good()
    async with s4hana(server) as erp:
        held = await erp.hold_order(call(), NewHold("US", "4001", HoldCode.PRICE, "look", "dana"))
        again = await erp.hold_order(call(), NewHold("US", "4001", HoldCode.PRICE, "look", "dana"))
        blocked = dict(server.orders[0])
        lifted = await erp.unhold_order(call(), HoldLifted("US", "4001", HoldCode.PRICE, "dana", "fine"))
        nothing = await erp.unhold_order(call(), HoldLifted("US", "4001", HoldCode.PRICE, "dana", "fine"))
    assert [each.code for each in held.holds] == [each.code for each in again.holds] == [HoldCode.PRICE]
    assert (blocked["HeaderBillingBlockReason"], blocked["DeliveryBlockReason"]) == ("08", "")
    assert (lifted.holds, nothing.holds) == ((), ())
    assert server.orders[0]["HeaderBillingBlockReason"] == ""
    assert [each for each in asked(server) if each.startswith("PATCH")] == [
        "PATCH API_SALES_ORDER_SRV/A_SalesOrder('4001')"
    ] * 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda erp: erp.hold_order(call(), NewHold("US", "4001", HoldCode.COMPLIANCE, "", "")), "HOLD_NOT_CONFIGURED"),
        (lambda erp: erp.hold_order(call(), NewHold("US", "9999", HoldCode.PRICE, "", "")), "UNKNOWN_ORDER"),
        (lambda erp: erp.hold_order(call(), NewHold("JP", "4001", HoldCode.PRICE, "", "")), "UNKNOWN_ORDER"),
        (
            lambda erp: erp.unhold_order(call(), HoldLifted("US", "4003", HoldCode.CREDIT, "", "")),
            "CREDIT_IS_RELEASED_IN_SAP",
        ),
        (lambda erp: erp.cancel_order(call(), Cancellation("US", "4004", "", "")), "NOTHING_TO_CANCEL"),
    ],
)
async def test_what_cannot_be_changed_is_refused_with_a_word_and_nothing_is_sent(change: Any, word: str) -> None:
    server = good()
    server.orders[2]["TotalCreditCheckStatus"] = "B"
    async with s4hana(server) as erp:
        with pytest.raises(SourceRejected) as raised:
            await change(erp)
    assert raised.value.reason == word
    assert {method for method, _, _ in server.heard} <= {"GET"}


async def test_a_cancelled_order_has_all_its_items_rejected_or_none() -> None:
    server = good()
    server.orders[0]["to_Item"]["results"].append(order_item("4001", "20", "I2", "1.000"))
    async with s4hana(server) as erp:
        gone = await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
        items = server.orders[0]["to_Item"]["results"]
        assert [each["SalesDocumentRjcnReason"] for each in items] == ["61", "61"]
        server.orders[0]["OverallSDDocumentRejectionSts"] = "C"
        again = await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
    assert (gone.status, again.status) == (OrderStatus.CANCELLED, OrderStatus.CANCELLED)
    assert [each.progress.cancelled for each in gone.lines] == [Decimal(5), Decimal(1)]
    assert len(asked(server, "$batch")) == 1


async def test_a_change_set_that_sap_refuses_is_rejected_with_its_word_and_nothing_is_changed() -> None:
    class Strict(S4Hana):
        def _changed(self, method: str, service: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
            if "SalesOrderItem='20'" in path:
                return 400, {}, b'{"error": {"code": "V1/123", "message": {"value": "x"}}}'
            return super()._changed(method, service, path, headers, body)

    plain = good()
    server = Strict(plain.tables, prices={}, availability={})
    server.orders[0]["to_Item"]["results"].append(order_item("4001", "20", "I2", "1.000"))
    async with s4hana(server) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
    assert raised.value.reason == "V1/123"
    assert [each["SalesDocumentRjcnReason"] for each in server.orders[0]["to_Item"]["results"]] == ["", ""]


async def test_without_a_rejection_reason_nothing_is_cancelled() -> None:
    async with s4hana(server := good(), options(rejection_reason="")) as erp:
        with pytest.raises(SourceRejected) as raised:
            await erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana"))
    assert raised.value.reason == "NO_REJECTION_REASON"
    assert server.heard == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"error": {"code": "V1/382", "message": {"lang": "en", "value": "Material X"}}}', "V1/382"),
        (b'{"error": {"code": "005056A509B11EE1B9A8FEC11C21578E"}}', "005056A509B11EE1B9A8FEC11C21578E"),
        (b'{"error": {"code": "/IWBEP/CM_MGW_RT/020"}}', "/IWBEP/CM_MGW_RT/020"),
        (b'{"error": {"code": "Customer Smith is unknown"}}', "REJECTED"),
        (b'{"error": {"code": ""}}', "REJECTED"),
        (b'{"error": {"code": "%s"}}' % (b"X" * 61), "REJECTED"),
        (b'{"error": {"code": 5}}', "REJECTED"),
        (b"<error/>", "REJECTED"),
        (b"\xff", "REJECTED"),
        (b"[" * 100_000, "REJECTED"),
    ],
)
def test_of_a_refusal_the_code_is_read_and_nothing_else(body: bytes, word: str) -> None:
    assert SapErp.reason(body) == word
