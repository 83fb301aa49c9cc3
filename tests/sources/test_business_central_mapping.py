"""Business Central's rows become our facts exactly, and whatever is wrong with one is said by its path or has the documented default."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import models
from sources.business_central import flows, mapping, pages, payload
from sources.business_central.mapping import Entity
from sources.business_central.options import ApiPage, Company, Options
from sources.business_central.reader import read_row, reason
from sources.errors import SourceContractBroken, SourceRejected
from tests.connectors.business_central import balance, customer, item
from tests.connectors.central import COMPANY_ID, order, order_line

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
US = Entity("US", Company(COMPANY_ID, "USD", "MAIN"))
OPTIONS = Options({"US": US.company})
LOCATION = {"id": COMPANY_ID, "code": "EAST"}
PURCHASE = {
    "lineType": "Item", "lineObjectNumber": "I1", "unitOfMeasureCode": "PCS", "quantity": 5, "receivedQuantity": 2,
    "expectedReceiptDate": "2026-12-01", "locationId": COMPANY_ID,
}  # fmt: skip


def read(kind: type[Any], row: Any) -> Any:
    return read_row("erp", msgspec.json.Decoder(kind), msgspec.json.encode(row))


# ---------------------------------------------------------------- exact values


def test_an_item() -> None:
    row = read(payload.Item, item("1996-S", displayName2="2 m", blocked=True))
    assert mapping.item(row, US, NOW, OPTIONS) == models.Item(
        company="US",
        sku="1996-S",
        name="Tape 1996-S",
        status=models.ItemStatus.BLOCKED,
        uom="PCS",
        uoms=(models.ItemUom("PCS", Decimal(1)),),
        quantity_rule=models.QuantityRule(Decimal("0.00001"), Decimal("0.00001")),
        hazardous=False,
        as_of=NOW,
        description="2 m",
        category="TAPE",
    )


def test_an_items_own_price_is_said_to_be_the_list_price() -> None:
    row = {**item("I1"), "unitPrice": msgspec.Raw(b"0.1000000000000000055511151231257827")}
    raw = msgspec.json.encode(row)
    price = mapping.list_price(msgspec.json.decode(raw, type=payload.Item), US, NOW)
    exact = models.Money(Decimal("0.1000000000000000055511151231257827"), "USD")
    assert price.source is models.PriceSource.PRICE_LIST
    assert (price.unit, price.list_price, price.uom) == (exact, exact, "PCS")
    assert price.breaks == (models.PriceBreak(Decimal(1), exact),)


@pytest.mark.parametrize(
    ("code", "is_blocked"),
    [
        ("_x0020_", False),
        (" ", False),
        ("", False),
        ("Ship", True),
        ("Invoice", True),
        ("All", True),
        ("Sleeping", True),
    ],
)
def test_a_customer(code: str, is_blocked: bool) -> None:  # noqa: FBT001 - a parameter of the table
    row = read(payload.Customer, customer("10000", blocked=code, currencyCode="", paymentTerm=None))
    assert mapping.customer(row, US, NOW, "20000") == models.Customer(
        company="US", number="10000", name="Adatum 10000", currency="USD", as_of=NOW, bill_to_number="20000", blocked=is_blocked
    )  # fmt: skip


def test_who_pays_for_itself_is_billed_to_nobody_else() -> None:
    row = read(payload.Customer, customer("10000"))
    assert [mapping.customer(row, US, NOW, payer).bill_to_number for payer in ("10000", "", None, "X")] == [
        None,
        None,
        None,
        "X",
    ]


def test_a_bar_that_is_not_known_is_counted() -> None:
    mapping.UNMAPPED_BLOCKS.clear()
    assert mapping.is_blocked("Only_x0020_Sundays")
    assert dict(mapping.UNMAPPED_BLOCKS) == {"only sundays": 1}


@pytest.mark.parametrize(
    ("limit", "owed", "overdue", "holds", "expected"),
    [
        ("1000", "250.50", "0", False, (Decimal("749.50"), False)),
        ("1000", "1250.50", "10", False, (Decimal("-250.50"), False)),
        ("1000", "1250.50", "10", True, (Decimal("-250.50"), True)),
        ("0", "250.50", "0", True, (None, False)),
    ],
)
def test_credit(limit: str, owed: str, overdue: str, holds: bool, expected: tuple[Decimal | None, bool]) -> None:  # noqa: FBT001 - a parameter of the table
    credit = mapping.credit(
        payload.CreditLimit("C1", "_x0020_", Decimal(limit)), payload.Balance("C1", Decimal(owed), Decimal(overdue)),
        "USD", NOW, overdue_holds=holds,
    )  # fmt: skip
    assert credit.exposure == models.Money(Decimal(owed), "USD")
    assert (credit.available and credit.available.amount, credit.on_hold) == expected
    assert (credit.limit is None) == (limit == "0")


def test_an_order() -> None:
    lines = [
        {"lineType": "Comment", "sequence": 10000, "description": "Customer PO: 4711"},
        order_line(20_000, "I1", 2.5, unitPrice=9.5, shippedQuantity=1, shipmentDate="2026-12-01", netAmount=23.75),
        {"lineType": "Account", "sequence": 30000, "lineObjectNumber": "6810", "quantity": 1, "netAmount": 5},
    ]
    raw = order(
        "S1001", "C1", lines=lines, status="Open", externalDocumentNumber="XD-1", requestedDeliveryDate="2026-12-03"
    )
    made = mapping.order(read(payload.SalesOrder, raw), US, OPTIONS)
    assert made == models.Order(
        company="US",
        number="S1001",
        customer_number="C1",
        status=models.OrderStatus.PARTIALLY_SHIPPED,
        holds=(),
        placed_at=datetime(2026, 11, 20, tzinfo=UTC),
        total=models.Money(Decimal("28.75"), "USD"),
        lines=(
            models.OrderLine(
                company="US",
                number=20_000,
                sku="I1",
                quantity=Decimal("2.5"),
                uom="PCS",
                unit_price=models.Money(Decimal("9.5"), "USD"),
                total=models.Money(Decimal("23.75"), "USD"),
                progress=models.LineProgress(
                    Decimal("2.5"), Decimal(0), Decimal(0), Decimal(1), Decimal(0), Decimal(0)
                ),
                promised_date=date(2026, 12, 1),
            ),
        ),
        po_number="4711",
        source_status="Open",
        requested_date=date(2026, 12, 3),
        external_reference="XD-1",
    )


@pytest.mark.parametrize(
    ("status", "shipped", "expected"),
    [
        ("Draft", (0, 0), models.OrderStatus.OPEN),
        ("In_x0020_Review", (0, 0), models.OrderStatus.OPEN),
        ("Open", (0, 0), models.OrderStatus.RELEASED),
        ("Open", (2, 0), models.OrderStatus.PARTIALLY_SHIPPED),
        ("Draft", (2, 2), models.OrderStatus.SHIPPED),
        ("Posted", (0, 0), models.OrderStatus.UNKNOWN),
        ("Open", (), models.OrderStatus.RELEASED),
    ],
)
def test_an_orders_status_is_its_own_until_something_is_shipped(
    status: str, shipped: tuple[int, ...], expected: models.OrderStatus
) -> None:
    lines = [order_line(10_000 * at, "I1", 2, shippedQuantity=done) for at, done in enumerate(shipped, start=1)]
    row = read(payload.SalesOrder, order("S1", "C1", lines=lines, status=status, fullyShipped=True))
    made = mapping.order(row, US, OPTIONS)
    assert made.status is expected
    assert made.source_status == status.replace("_x0020_", " ")
    assert [hold.code for hold in made.holds] == ([models.HoldCode.MANUAL] if "Review" in status else [])


def test_an_unknown_status_is_counted() -> None:
    mapping.STATUSES.unmapped.clear()
    read_once = mapping.order(read(payload.SalesOrder, order("S1", "C1", lines=[], status="Posted")), US, OPTIONS)
    assert (read_once.source_status, dict(mapping.STATUSES.unmapped)) == ("Posted", {"Posted": 1})


def test_an_order_of_somebody_elses_has_the_customers_number_where_people_write_it() -> None:
    made = mapping.order(
        read(payload.SalesOrder, order("S1", "C1", lines=[], externalDocumentNumber="4711")), US, OPTIONS
    )
    assert (made.po_number, made.external_reference) == ("4711", "4711")


def test_an_order_without_a_day_was_placed_when_it_was_last_touched() -> None:
    row = read(payload.SalesOrder, order("S1", "C1", lines=[], orderDate="0001-01-01"))
    made = mapping.order(row, US, OPTIONS)
    assert made.placed_at == datetime(2026, 11, 20, 8, 0, 0, 123_000, tzinfo=UTC)
    assert made.requested_date is None


# ---------------------------------------------------------------- supply and demand

TODAY = date(2026, 11, 25)
AT = {"e": "EAST", "": "MAIN"}


def test_open_lines_are_supply_and_demand_in_their_place() -> None:
    sales = payload.OpenSales((
        read(payload.SalesLine, order_line(1, "I1", 5, shippedQuantity=2, shipmentDate="2026-11-27", locationId="e")),
        read(payload.SalesLine, order_line(2, "I1", 4, locationId="")),
        read(payload.SalesLine, order_line(3, "I1", 4, shippedQuantity=4)),
        read(payload.SalesLine, order_line(4, "I1", 9, shipmentDate="2027-11-27", locationId="e")),
    ))  # fmt: skip
    bought = payload.OpenPurchases((
        read(payload.PurchaseLine, {**PURCHASE, "locationId": "e"}),
        read(payload.PurchaseLine, {**PURCHASE, "expectedReceiptDate": "0001-01-01"}),
    ))  # fmt: skip
    moved = [*flows.of_sales([sales], AT, TODAY), *flows.of_purchases([bought], AT)]
    assert flows.plans(moved, (), date(2026, 12, 25)) == {
        "I1": (
            models.WarehousePlan(
                "EAST", (models.Flow(date(2026, 12, 1), Decimal(3)),), (models.Flow(date(2026, 11, 27), Decimal(3)),)
            ),
            models.WarehousePlan("MAIN", (), (models.Flow(TODAY, Decimal(4)),)),
        )
    }
    assert [plan.warehouse_code for plan in flows.plans(moved, ("MAIN",), date(2026, 12, 25))["I1"]] == ["MAIN"]


def test_what_is_counted_in_another_unit_cannot_be_added_up() -> None:
    line = read(payload.SalesLine, order_line(1, "I1", 5, unitOfMeasureCode="BOX"))
    moved = list(flows.of_sales([payload.OpenSales((line,))], AT, TODAY))
    refused = flows.refused(moved, {"I1": "PCS", "I2": "PCS"}, "erp")
    assert refused.keys() == {"I1"}
    assert isinstance(refused["I1"], SourceRejected)
    assert refused["I1"].reason == "UNIT_NOT_CONVERTIBLE"
    assert flows.refused(moved, {"I1": "BOX"}, "erp") == {}


# ---------------------------------------------------------------- rows that do not fit

ROWS: dict[type[Any], Any] = {
    payload.Item: item("I1"),
    payload.Customer: customer("C1"),
    payload.CreditLimit: customer("C1"),
    payload.Balance: balance("C1"),
    payload.Location: LOCATION,
    payload.SalesOrder: order("S1001", "C1", lines=[]),
    payload.SalesLine: order_line(1, "I1", 2),
    payload.PurchaseLine: PURCHASE,
}
JSON_TEXTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
DAMAGED = [None, {"a": 1}, [1], True, 7, 7.5, "x" * 10_000, "no date"]
CASES = [(kind, name) for kind in ROWS for name in msgspec.json.decode(msgspec.json.encode(ROWS[kind]))]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_a_field_of_another_kind_or_length_is_named_or_is_none_that_we_read(kind: type[Any], name: str) -> None:
    fields = {each.encode_name: each.name for each in msgspec.structs.fields(kind)}
    for value in DAMAGED:
        row = read(kind, {**ROWS[kind], name: value})
        if name not in fields:
            assert row == read(kind, ROWS[kind])
        elif isinstance(row, SourceContractBroken):
            assert row.path.startswith(f"$.value[...].{name}")
        else:
            kept = getattr(row, fields[name])
            assert not isinstance(kept, float)
            assert msgspec.json.decode(msgspec.json.encode(kept), type=type(kept)) == kept
            assert len(str(kept)) < 300


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_a_field_that_is_missing_breaks_its_row_or_has_its_default(kind: type[Any], name: str) -> None:
    field = {each.encode_name: each for each in msgspec.structs.fields(kind)}.get(name)
    row = read(kind, {key: value for key, value in ROWS[kind].items() if key != name})
    if field is not None and field.required:
        assert isinstance(row, SourceContractBroken)
        assert row.path == "$.value[...]"
    else:
        assert not isinstance(row, SourceContractBroken)
        assert field is None or getattr(row, field.name) == field.default


@given(st.sampled_from(CASES), JSON_TEXTS)
def test_whatever_stands_in_a_field_a_row_is_read_or_broken_at_that_field(
    case: tuple[type[Any], str], value: Any
) -> None:
    kind, name = case
    row = read(kind, {**ROWS[kind], name: value})
    assert not isinstance(row, SourceContractBroken) or row.path.startswith(f"$.value[...].{name}")


@pytest.mark.parametrize("moment", ["2026-11-20T08:00:00", "yesterday", None])
def test_a_moment_without_its_zone_is_none(moment: Any) -> None:
    row = read(payload.SalesOrder, order("S1", "C1", lines=[], lastModifiedDateTime=moment))
    assert isinstance(row, SourceContractBroken)
    assert row.path == "$.value[...].lastModifiedDateTime"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=0, max_value=10**12))
def test_amounts_are_exact(amount: Decimal) -> None:
    raw = f'{{"number":"C1","balance":{amount},"overdueAmount":-{amount}}}'
    row = read_row("erp", msgspec.json.Decoder(payload.Balance), raw.encode())
    assert isinstance(row, payload.Balance)
    assert (row.balance, row.overdue_amount) == (amount, -amount)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"error":{"code":"Internal_RecordNotFound","message":"Customer 10000"}}', "Internal_RecordNotFound"),
        (b'{"error":{"code":"a b"}}', "REJECTED"),
        (b'{"error":{}}', "REJECTED"),
        (b"<html>", "REJECTED"),
    ],
)
def test_of_a_refusal_the_code_is_kept_and_nothing_else(body: bytes, word: str) -> None:
    assert reason(body) == word


# ---------------------------------------------------------------- pages of the installation's own

FLOWS = pages.Fields("erp", ApiPage("/api/x", "flows", {"date": "shipmentDate"}), pages.FLOW_FIELDS)
FLOW = {"itemNumber": "I1", "locationCode": "EAST", "shipmentDate": "2026-12-01", "quantity": -2.5}


def test_a_page_is_read_by_the_names_that_the_installation_gives() -> None:
    moved = models.Flow(date(2026, 12, 1), Decimal("-2.5"))
    assert pages.flow(FLOWS, msgspec.Raw(msgspec.json.encode(FLOW))) == ("I1", "EAST", moved)
    blank = {**FLOW, "locationCode": None}
    assert pages.flow(FLOWS, msgspec.Raw(msgspec.json.encode(blank))) == ("I1", "", moved)


@pytest.mark.parametrize("name", FLOW)
@pytest.mark.parametrize("value", [{"a": 1}, [1], "x" * 10_000, "", "none", msgspec.UNSET], ids=str)
def test_a_field_of_a_page_that_does_not_fit_is_named(name: str, value: Any) -> None:
    row = {key: each for key, each in {**FLOW, name: value}.items() if each is not msgspec.UNSET}
    raw = msgspec.Raw(msgspec.json.encode(row))
    fits = {"itemNumber": ("none",), "locationCode": ("", "none", msgspec.UNSET)}
    if value in fits.get(name, ()):
        assert pages.flow(FLOWS, raw)[2].quantity == Decimal("-2.5")
        return
    with pytest.raises(SourceContractBroken) as raised:
        pages.flow(FLOWS, raw)
    assert raised.value.path == f"$.value[...].{name}"


@pytest.mark.parametrize("raw", [b"7", b'"x"', b"[]"])
def test_a_row_of_a_page_that_is_none_does_not_fit(raw: bytes) -> None:
    with pytest.raises(SourceContractBroken) as raised:
        pages.flow(FLOWS, msgspec.Raw(raw))
    assert raised.value.path == "$.value[...]"
