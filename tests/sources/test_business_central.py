"""Business Central in its own ways: batches whose parts fail alone, pages, several companies, its filters; over a real server."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from central_over import EU, PAGES, US, central, good, options
from starlette.responses import Response
from upstream import ONCE, Upstream, call, client_of, json

from sources.business_central.erp import BusinessCentralErp
from sources.business_central.options import Company, Options
from sources.errors import (
    ReachTooWide,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.models import Customer, Item, Key, OrderFilter, OrderStatus, PageRequest, PriceTerms
from tests.connectors.business_central import EAST, WEST, customer, item
from tests.connectors.central import COMPANY_ID, OTHER_ID, Central, Tables, guid, order, order_line

TWO = options(companies={"US": US, "EU": EU})


def both() -> Tables:
    """The same item number in two companies, and orders of both on the same days."""
    tables = good()
    tables[OTHER_ID] = {
        "items": [item("I1", displayName="Klebeband I1", unitPrice=11), item("I9", displayName="Tape I9")],
        "customers": [customer("C1", currencyCode=""), customer("C7")],
        "customerFinancialDetails": [],
        "salesOrders": [
            order("S2001", "C1", lines=[], orderDate="2026-11-21"),
            order("S2002", "C1", lines=[], orderDate="2026-11-20"),
        ],
    }
    return tables


def numbers(found: object) -> list[tuple[str | None, str]]:
    assert isinstance(found, dict)
    return sorted(((key.company, key.number) for key in found), key=lambda each: (each[0] or "", each[1]))


# ---------------------------------------------------------------- several companies, and parts of batches


async def test_the_same_number_in_two_companies_is_two_items_asked_for_in_one_request() -> None:
    server = Central(both())
    async with central(server, TWO) as erp:
        found = await erp.items(call(), None, ["I1", "I9", "none"])
        mine = await erp.items(call(), "EU", ["I1"])
        nobodys = await erp.items(call(), "ASIA", ["I1"])
    assert numbers(found) == [("EU", "I1"), ("EU", "I9"), ("US", "I1")]
    assert [row.name for row in mine.values() if isinstance(row, Item)] == ["Klebeband I1"]
    assert nobodys == {}
    assert len(server.parts) == 3


async def test_amounts_without_a_currency_are_in_the_companys() -> None:
    async with central(Central(both()), TWO) as erp:
        found = await erp.customers(call(), "EU", ["C1"])
    row = found[Key("EU", "C1")]
    assert isinstance(row, Customer)
    assert row.currency == "EUR"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, SourceRateLimited), (503, SourceUnavailable), (403, SourceRefused), (404, SourceContractBroken)],
)
async def test_a_part_that_fails_fails_its_own_keys(status: int, kind: type[SourceError]) -> None:
    server = Central(both())
    server.failing[OTHER_ID] = (status, "X")
    async with central(server, TWO) as erp:
        found = await erp.items(call(), None, ["I1", "I9"])
    assert numbers(found) == [(None, "I9"), ("US", "I1")]
    assert type(found[Key(None, "I9")]) is kind
    assert isinstance(found[Key("US", "I1")], Item)


async def test_a_batch_in_which_everything_is_too_much_is_left_alone_for_a_while() -> None:
    server = Central(both())
    server.failing["items"] = (429, "Application_TooManyRequests")
    async with central(server, TWO) as erp:
        for _ in range(2):
            with pytest.raises(SourceRateLimited):
                await erp.items(call(), None, ["I1", "I9"])
    assert len(server.parts) == 2


async def test_a_part_that_was_not_answered_is_no_absence() -> None:
    upstream = Upstream(json(b'{"responses":[{"id":"0","status":200,"body":{"value":[]}}]}'))
    async with client_of(upstream, retry=ONCE) as client:
        erp = BusinessCentralErp(client, Options({"US": Company(**US), "EU": Company(**EU)}))
        found = await erp.items(call(), None, ["I1"])
    assert [type(each) for each in found.values()] == [SourceContractBroken]


async def test_of_a_company_that_the_settings_do_not_name_there_is_nothing_and_nothing_is_asked() -> None:
    server = Central(good())
    page = PageRequest(5, None, counted=True)
    async with central(server, options(**PAGES)) as erp:
        found = [
            await erp.items(call(), "ASIA", ["I1"]),
            await erp.customers(call(), "ASIA", ["C1"]),
            await erp.customers_by_bill_to(call(), "ASIA", ["C1"], page=page),
            await erp.ship_tos(call(), "ASIA", ["C1", "C1/DOCK"]),
            await erp.credit_by_customer(call(), "ASIA", ["C1"]),
            await erp.prices(call(), [PriceTerms("ASIA", "C1", "I1", Decimal(1))]),
            await erp.supply_demand(call(), "ASIA", ["I1"], warehouses=(), days=1),
            await erp.orders(call(), "ASIA", ["S1001"]),
            await erp.orders_by_customer(call(), "ASIA", ["C1"], statuses=(), page=page),
            await erp.orders_by_reference(call(), "ASIA", ["XD-1"]),
        ]
        pages = [
            await erp.search_items(call(), page, text=None, category=None, company="ASIA"),
            await erp.search_customers(call(), page, text=None, company="ASIA"),
            await erp.search_orders(call(), page, OrderFilter("ASIA")),
        ]
    assert found == [{}] * len(found)
    assert [(each.rows, each.next, each.total) for each in pages] == [((), None, 0)] * 3
    assert server.parts == []


# ---------------------------------------------------------------- keys


async def test_a_key_that_matches_everything_brings_nothing_that_was_not_asked_for() -> None:
    server = Central(good())
    async with central(server) as erp:
        found = await erp.items(call(), "US", ["*", "I1"])
    assert numbers(found) == [("US", "I1")]
    assert [each.partition("$filter=")[2] for each in server.parts] == ["number eq 'I1'", "number eq '*'"]


async def test_what_cannot_be_a_number_is_not_asked_for() -> None:
    server = Central(good())
    async with central(server) as erp:
        assert await erp.items(call(), "US", ["", "x" * 21, "a\nb"]) == {}
        assert await erp.orders_by_reference(call(), "US", ["x" * 36]) == {}
    assert server.parts == []


async def test_keys_with_quotes_are_found() -> None:
    tables = good()
    tables[COMPANY_ID]["items"].append(item("O'H & 1+1"))
    async with central(Central(tables)) as erp:
        found = await erp.items(call(), "US", ["O'H & 1+1", "I1"])
    assert numbers(found) == [("US", "I1"), ("US", "O'H & 1+1")]


# ---------------------------------------------------------------- lists


async def test_a_list_of_several_companies_is_told_one_after_the_other_and_counted_as_one() -> None:
    server = Central(both())
    async with central(server, TWO) as erp:
        rows, cursor, totals = [], None, set()
        for _ in range(9):
            page = await erp.search_items(
                call(), PageRequest(1, cursor, counted=True), text="Tape", category=None, company=None
            )
            rows += [(row.company, row.sku) for row in page.rows]
            totals.add(page.total)
            cursor = page.next
            if cursor is None:
                break
    assert rows == [("US", "I1"), ("US", "I2"), ("EU", "I9")]
    assert totals == {3}


async def test_a_category_and_a_companys_reach_bound_items() -> None:
    async with central(Central(both()), TWO) as erp:
        boxes = await erp.search_items(call(), PageRequest(9), text=None, category="BOX", company=None)
        mine = await erp.search_items(call(), PageRequest(9), text=None, category=None, company=None, reach=("EU:*",))
    assert [row.sku for row in boxes.rows] == ["I2"]
    assert [(row.company, row.sku) for row in mine.rows] == [("EU", "I1"), ("EU", "I9")]


async def test_a_link_to_another_host_is_not_followed_its_place_is_asked_of_ours() -> None:
    server = Central(good(), host="http://elsewhere.invalid")
    async with central(server) as erp:
        first = await erp.search_items(call(), PageRequest(1), text=None, category=None, company="US")
        second = await erp.search_items(call(), PageRequest(1, first.next), text=None, category=None, company="US")
    assert (first.next, [row.sku for row in second.rows]) == ("US~$skiptoken~1", ["I2"])
    assert len(server.parts) == 2


async def test_a_link_to_another_list_is_an_answer_that_does_not_fit() -> None:
    link = b'{"value":[],"@odata.nextLink":"http://elsewhere/x?$skiptoken=1"}'
    async with client_of(Upstream(json(link))) as client:
        erp = BusinessCentralErp(client, Options({"US": Company(**US)}))
        with pytest.raises(SourceContractBroken) as raised:
            await erp.search_items(call(), PageRequest(1), text=None, category=None, company="US")
    assert raised.value.path == "$.@odata.nextLink"


@pytest.mark.parametrize("cursor", ["", "US", "ASIA~~", "US~$filter~x", "2026-11-20~ASIA~S1", "yesterday~US~S1"])
async def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    server = Central(good())
    async with central(server) as erp:
        with pytest.raises(SourceRejected) as orders:
            await erp.search_orders(call(), PageRequest(1, cursor), OrderFilter())
        if cursor != "US":
            with pytest.raises(SourceRejected):
                await erp.search_customers(call(), PageRequest(1, cursor), text=None, company=None)
    assert orders.value.reason == "INVALID_CURSOR"


async def test_customers_within_a_reach_are_those_named_and_those_billed_to_them() -> None:
    server = Central(both())
    chosen = options(companies={"US": US, "EU": EU}, bill_tos=PAGES["bill_tos"])
    server.tables[OTHER_ID]["billTos"] = []
    async with central(server, chosen) as erp:
        found = await erp.search_customers(call(), PageRequest(9), text=None, company=None, reach=("US:C1", "*:C7"))
        rest = await erp.search_customers(
            call(), PageRequest(9, found.next), text=None, company=None, reach=("US:C1", "*:C7")
        )
        everywhere = await erp.search_customers(call(), PageRequest(9), text=None, company="EU", reach=("EU:*",))
        nowhere = await erp.search_customers(
            call(), PageRequest(9, None, counted=True), text=None, company="EU", reach=("US:C1",)
        )
    assert [(row.company, row.number, row.bill_to_number) for row in (*found.rows, *rest.rows)] == [
        ("US", "C1", None), ("US", "C2", "C1"), ("US", "C3", "C1"), ("EU", "C7", None),
    ]  # fmt: skip
    assert [row.number for row in everywhere.rows] == ["C1", "C7"]
    assert (nowhere.rows, nowhere.next, nowhere.total) == ((), None, 0)


async def test_more_accounts_than_a_request_holds_are_too_many() -> None:
    server = Central(good())
    async with central(server) as erp:
        with pytest.raises(ReachTooWide):
            await erp.search_customers(
                call(), PageRequest(9), text=None, company="US", reach=[f"US:CUSTOMER-{at:05}" for at in range(100)]
            )
    assert server.parts == []


# ---------------------------------------------------------------- orders


async def walked(erp: BusinessCentralErp, matching: OrderFilter, limit: int = 1) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    cursor = None
    for _ in range(20):
        page = await erp.search_orders(call(), PageRequest(limit, cursor), matching)
        assert len(page.rows) <= limit
        rows += [(row.company, row.number) for row in page.rows]
        cursor = page.next
        if cursor is None:
            return rows
    raise AssertionError("it does not end")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_orders_of_several_companies_are_told_newest_first_each_once(limit: int) -> None:
    async with central(Central(both()), TWO) as erp:
        rows = await walked(erp, OrderFilter(), limit)
    assert rows == [("US", "S1003"), ("EU", "S2001"), ("US", "S1002"), ("US", "S1001"), ("EU", "S2002")]


@pytest.mark.parametrize(
    ("matching", "expected"),
    [
        (OrderFilter(customer="C1"), ["S1002", "S1001"]),
        (OrderFilter(po_number="XD-2"), ["S1002"]),
        (OrderFilter(statuses=(OrderStatus.PARTIALLY_SHIPPED,)), ["S1002"]),
        (OrderFilter(statuses=(OrderStatus.OPEN,)), ["S1003", "S1001"]),
        (OrderFilter(statuses=(OrderStatus.CLOSED, OrderStatus.CANCELLED)), []),
        (OrderFilter(reach=("US:C2",)), ["S1003"]),
        (OrderFilter(reach=("EU:C2",)), []),
    ],
)
async def test_orders_are_found_by_what_is_asked(matching: OrderFilter, expected: list[str]) -> None:
    async with central(Central(good())) as erp:
        assert [number for _, number in await walked(erp, matching)] == expected


async def test_days_bound_orders_at_both_ends() -> None:
    async with central(Central(both()), TWO) as erp:
        on = date(2026, 11, 21)
        assert await walked(erp, OrderFilter(placed_from=on, placed_to=on)) == [("US", "S1003"), ("EU", "S2001")]


async def test_orders_are_counted_where_nothing_has_to_be_looked_at_to_know() -> None:
    async with central(Central(both()), TWO) as erp:
        page = await erp.search_orders(call(), PageRequest(2, None, counted=True), OrderFilter())
        chosen = await erp.search_orders(
            call(), PageRequest(2, None, counted=True), OrderFilter(statuses=(OrderStatus.OPEN,))
        )
    assert (page.total, chosen.total) == (5, None)


async def test_a_list_of_one_customer_that_fails_fails_alone() -> None:
    server = Central(good())
    server.failing["customerNumber eq 'C2'"] = (503, "X")
    async with central(server) as erp:
        found = await erp.orders_by_customer(call(), "US", ["C1", "C2"], statuses=(), page=PageRequest(5))
    page = found[Key("US", "C1")]
    assert not isinstance(page, SourceError)
    assert [row.number for row in page.rows] == ["S1002", "S1001"]
    assert type(found[Key("US", "C2")]) is SourceUnavailable


# ---------------------------------------------------------------- supply and demand


def stocked(orders: int = 0) -> Tables:
    tables = good()
    tables[COMPANY_ID]["salesOrders"] += [
        order("S2001", "C1", lines=[order_line(1, "I1", 3, shipmentDate="2020-01-05", locationId=EAST)], fullyShipped=True),
        *(order(f"S{at}", "C1", lines=[order_line(1, "I2", 1, locationId=WEST)]) for at in range(3000, 3000 + orders)),
    ]  # fmt: skip
    tables[COMPANY_ID]["purchaseOrders"] = [
        {"id": guid(9), "purchaseOrderLines": [
            {"lineType": "Item", "lineObjectNumber": "I1", "unitOfMeasureCode": "PCS", "quantity": 10, "receivedQuantity": 4,
             "expectedReceiptDate": "2020-01-06", "locationId": EAST}]},
    ]  # fmt: skip
    return tables


async def test_supply_and_demand_come_from_open_documents_by_location() -> None:
    server = Central(stocked())
    async with central(server) as erp:
        found = await erp.supply_demand(call(), "US", ["I1", "I2", "none"], warehouses=(), days=30)
        east = await erp.supply_demand(call(), "US", ["I1"], warehouses=("EAST",), days=30)
    told = {
        key.number: [(plan.warehouse_code, [f.quantity for f in plan.supply], [f.quantity for f in plan.demand]) for plan in each.plans]
        for key, each in found.items()
        if not isinstance(each, SourceError)
    }  # fmt: skip
    assert told == {"I1": [("EAST", [6], [3]), ("MAIN", [], [5])], "I2": [("MAIN", [], [1])], "none": []}
    (only,) = east.values()
    assert not isinstance(only, SourceError)
    assert [plan.warehouse_code for plan in only.plans] == ["EAST"]


async def test_all_pages_of_open_documents_are_read() -> None:
    server = Central(stocked(25), most_rows=10)
    async with central(server) as erp:
        found = await erp.supply_demand(call(), "US", ["I2"], warehouses=("WEST",), days=30)
    (only,) = found.values()
    assert not isinstance(only, SourceError)
    assert sum((flow.quantity for plan in only.plans for flow in plan.demand), Decimal(0)) == 25
    assert len([part for part in server.parts if "salesOrders" in part]) == 3


async def test_a_list_without_an_end_is_not_told_by_half() -> None:
    endless = b'{"value":[],"@odata.nextLink":"http://x/billTos?$skiptoken=1"}'
    async with client_of(upstream := Upstream(json(endless))) as client:
        erp = BusinessCentralErp(client, _with_page("bill_tos"))
        with pytest.raises(SourceContractBroken) as raised:
            await erp.customers_by_bill_to(call(), "US", ["C1"], page=PageRequest(5))
    assert raised.value.detail == "more than 20 pages"
    assert len(upstream.asked) == 20


async def test_an_item_in_another_unit_fails_alone() -> None:
    tables = stocked()
    tables[COMPANY_ID]["salesOrders"][0]["salesOrderLines"][0]["unitOfMeasureCode"] = "BOX"
    async with central(Central(tables)) as erp:
        found = await erp.supply_demand(call(), "US", ["I1", "I2"], warehouses=(), days=30)
    failed = found[Key("US", "I1")]
    assert isinstance(failed, SourceRejected)
    assert failed.reason == "UNIT_NOT_CONVERTIBLE"
    assert not isinstance(found[Key("US", "I2")], SourceError)


def _with_page(name: str) -> Options:
    return msgspec.convert(options(**{name: PAGES[name]}), Options)


# ---------------------------------------------------------------- refusals on the way


async def test_a_gateway_that_times_out_is_unavailable_and_one_that_says_when_is_left_alone() -> None:
    async with client_of(
        upstream := Upstream(Response(status_code=504), json(b"{}", 503, **{"Retry-After": "9"})), retry=ONCE
    ) as client:
        erp = BusinessCentralErp(client, Options({"US": Company(**US)}))
        for _ in range(2):
            with pytest.raises(SourceUnavailable):
                await erp.items(call(), "US", ["I1"])
        with pytest.raises(SourceRateLimited) as raised:
            await erp.items(call(), "US", ["I1"])
    assert 8 < (raised.value.retry_after_seconds or 0) <= 9
    assert len(upstream.asked) == 2
