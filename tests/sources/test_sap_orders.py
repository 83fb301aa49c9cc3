"""Sales orders of SAP's over a server of our own: field by field, by status, in lists of several companies."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from s4hana_over import EU, JUNE_18, PAGE, TWO, good, s4hana, usd
from upstream import call

from sources.errors import SourceContractBroken, SourceError
from sources.models import (
    Hold,
    HoldCode,
    Key,
    LineProgress,
    OrderFilter,
    OrderStatus,
    PageRequest,
)
from sources.sap import documents
from tests.connectors.s4hana import order, order_item, schedule_line


async def test_an_order_is_read_field_by_field() -> None:
    server = good()
    half = order_item("4100", "20", "I2", "10.000", NetAmount="33.33", to_ScheduleLine={"results": [
        schedule_line("4.000", "3.000"), schedule_line("2.000", "0.000", "/Date(1781827200000)/"), schedule_line("0.000", day=None),
    ]})  # fmt: skip
    gone = order_item("4100", "30", "I3", "1.000", SalesDocumentRjcnReason="61")
    server.orders.append(
        order("4100", "C1", [half, gone], OverallDeliveryStatus="B", PurchaseOrderByCustomer="XD-9", PurchaseOrderByShipToParty="PO-9",
              HeaderBillingBlockReason="08", DeliveryBlockReason="99", TotalCreditCheckStatus="B")
    )  # fmt: skip
    before = documents.UNMAPPED_BLOCKS["99"]
    async with s4hana(server) as erp:
        found = (await erp.orders(call(), "US", ["4100"]))[Key("US", "4100")]
    assert not isinstance(found, SourceError)
    assert (found.status, found.source_status) == (OrderStatus.PARTIALLY_SHIPPED, "ABA")
    assert found.placed_at == datetime(2026, 6, 18, tzinfo=UTC)
    assert (found.external_reference, found.po_number, found.ship_to_code) == ("XD-9", "PO-9", "C1")
    assert (found.requested_date, found.total) == (JUNE_18, usd("43.33"))
    assert found.holds == (
        Hold(HoldCode.OTHER, "delivery block 99"), Hold(HoldCode.PRICE, "billing block 08"), Hold(HoldCode.CREDIT, "credit status B"),
    )  # fmt: skip
    assert documents.UNMAPPED_BLOCKS["99"] == before + 1
    first, second = found.lines
    assert (first.number, first.sku, first.quantity, first.uom) == (20, "I2", Decimal(10), "PC")
    assert (first.unit_price, first.total) == (usd("3.333"), usd("33.33"))
    zero = Decimal(0)
    assert first.progress == LineProgress(Decimal(10), Decimal(3), zero, Decimal(3), Decimal(4), zero)
    assert second.progress == LineProgress(Decimal(1), zero, zero, zero, zero, Decimal(1))
    assert first.promised_date == date(2026, 6, 19)


@pytest.mark.parametrize(
    ("rejected", "delivered", "processed", "status"),
    [
        ("A", "A", "A", OrderStatus.OPEN), ("", "", "A", OrderStatus.OPEN), ("B", "B", "B", OrderStatus.PARTIALLY_SHIPPED),
        ("A", "C", "B", OrderStatus.SHIPPED), ("A", "C", "C", OrderStatus.CLOSED), ("A", "", "C", OrderStatus.CLOSED),
        ("C", "A", "C", OrderStatus.CANCELLED), ("A", "X", "A", OrderStatus.UNKNOWN), ("A", "A", "", OrderStatus.OPEN),
    ],
)  # fmt: skip
async def test_a_status_is_read_from_three_letters_and_asked_for_as_it_is_read(
    rejected: str, delivered: str, processed: str, status: OrderStatus
) -> None:
    server = good()
    server.orders[:] = [
        order(
            "1",
            "C1",
            OverallSDDocumentRejectionSts=rejected,
            OverallDeliveryStatus=delivered,
            OverallSDProcessStatus=processed,
        )
    ]
    async with s4hana(server) as erp:
        found = (await erp.orders(call(), "US", ["1"]))[Key("US", "1")]
        by_status = {
            each: len((await erp.search_orders(call(), PAGE, OrderFilter(statuses=(each,)))).rows)
            for each in OrderStatus
        }
    assert not isinstance(found, SourceError)
    assert found.status is status
    if status is not OrderStatus.UNKNOWN:
        assert by_status == {each: int(each is status) for each in OrderStatus}


async def test_an_unknown_status_is_kept_and_counted() -> None:
    server = good()
    server.orders[:] = [order("1", "C1", OverallDeliveryStatus="Z")]
    before = documents.STATUSES.unmapped["AZA"]
    async with s4hana(server) as erp:
        found = (await erp.orders(call(), "US", ["1"]))[Key("US", "1")]
    assert not isinstance(found, SourceError)
    assert (found.status, found.source_status) == (OrderStatus.UNKNOWN, "AZA")
    assert documents.STATUSES.unmapped["AZA"] == before + 1


async def test_orders_are_searched_by_all_that_a_search_may_name() -> None:
    async with s4hana(good()) as erp:

        async def found(**wanted: Any) -> list[str]:
            return [each.number for each in (await erp.search_orders(call(), PAGE, OrderFilter(**wanted))).rows]

        assert await found() == ["4004", "4002", "4001", "4003"]
        assert await found(customer="C1") == ["4002", "4001"]
        assert await found(po_number="PO-1") == ["4001"]
        assert await found(po_number="XD-2") == ["4002"]
        assert await found(placed_from=JUNE_18) == ["4004", "4002", "4001"]
        assert await found(placed_to=date(2026, 6, 17)) == ["4003"]
        assert await found(statuses=(OrderStatus.PARTIALLY_SHIPPED, OrderStatus.CLOSED)) == ["4003"]
        assert await found(statuses=(OrderStatus.RELEASED,)) == []
        assert await found(reach=("US:C2",)) == ["4004", "4003"]
        assert await found(reach=("US:C1",), customer="C9") == []
        assert await found(reach=("EU:C1",)) == []
        assert await found(company="JP") == []


async def test_orders_of_two_companies_are_one_list_and_those_of_neither_are_in_none() -> None:
    async with s4hana(server := good(), TWO) as erp:
        page = await erp.search_orders(call(), PageRequest(2, counted=True), OrderFilter(reach=("US:C2", "EU:*")))
        rest = await erp.search_orders(call(), PageRequest(2, page.next), OrderFilter(reach=("US:C2", "EU:*")))
        own = await erp.orders(call(), None, ["4001", "4007"])
    assert [(each.company, each.number) for each in (*page.rows, *rest.rows)] == [
        ("EU", "4007"),
        ("US", "4004"),
        ("US", "4003"),
    ]
    assert (page.total, rest.next) == (3, None)
    assert set(own) == {Key("US", "4001"), Key("EU", "4007")}
    assert EU["sales_organization"] == "2000"
    assert len(server.heard) >= 3


async def test_orders_by_customer_are_a_page_each_and_one_that_fails_fails_alone() -> None:
    server = good()
    server.orders.append(order("4100", "C5", TotalNetAmount="much"))
    async with s4hana(server) as erp:
        found = await erp.orders_by_customer(
            call(), "US", ["C1", "C5", "C9"], statuses=(), page=PageRequest(1, counted=True)
        )
        assert await erp.orders_by_customer(call(), "JP", ["C1"], statuses=(), page=PAGE) == {}
    first, failed, empty = (found[Key("US", number)] for number in ("C1", "C5", "C9"))
    assert not isinstance(first, SourceError)
    assert not isinstance(empty, SourceError)
    assert ([each.number for each in first.rows], first.next, first.total) == (["4002"], "orders~1", 2)
    assert isinstance(failed, SourceContractBroken)
    assert failed.path == "$.d.results[...].TotalNetAmount"
    assert (empty.rows, empty.total) == ((), 0)
