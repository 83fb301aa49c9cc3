"""Whatever is wrong with a row of SAP's is told by its path, or what is made of it still holds true: exact decimals, aware times."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.http import broken_path
from sources.sap import documents, mapping, payload, simulations
from sources.sap.options import Options
from tests.connectors.mutations import mutations
from tests.connectors.s4hana import order, order_item, schedule_line
from tests.connectors.sap import OPTIONS, customer, partner, product
from tests.connectors.strange import strange

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CHOSEN = msgspec.convert(OPTIONS, Options)

SIMULATED = {
    "SalesOrderItem": "000010", "RequestedQuantity": "3.000", "RequestedQuantityUnit": "PC", "TransactionCurrency": "USD",
    "NetAmount": "28.50", "TaxAmount": "1.25",
    "to_PricingElement": {"results": [{
        "ConditionType": "PPR0", "ConditionClass": "B", "ConditionRateValue": "12.500", "ConditionCurrency": "USD",
        "ConditionQuantity": "1", "ConditionAmount": "28.50", "ConditionInactiveReason": "", "ConditionIsForStatistics": False,
    }]},
}  # fmt: skip

Kind = tuple[Mapping[str, Any], type[Any], Callable[[Any], Any]]
KINDS: Mapping[str, Kind] = {
    "product": (product("I1"), payload.Material, lambda row: mapping.item(row, "US", NOW, CHOSEN)),
    "customer": (customer("C1", "C2"), payload.Customer, lambda row: mapping.customer(row, "US", NOW, CHOSEN)),
    "partner": (partner("D1"), payload.Partner, lambda row: mapping.ship_to(row, "US", "C1")),
    "order": (
        order("4001", "C1", [order_item("4001", "10", "I1", "5.000", to_ScheduleLine={"results": [schedule_line("4.000", "1.000")]})]),
        payload.Order,
        lambda row: documents.order(row, "US", CHOSEN),
    ),
    "simulated": (SIMULATED, payload.SimulatedItem, lambda row: simulations.price(row, CHOSEN, NOW)),
    "availability": (
        {"PeriodStartUTCDateTime": "/Date(1767225600000)/", "AvailableQuantityInBaseUnit": "3.000"},
        payload.Availability,
        lambda row: mapping.buckets([row], NOW),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_one_thing_wrong_is_told_by_its_path_or_makes_no_difference_to_what_is_true(kind: Kind) -> None:
    row, wire, made = kind
    outcomes = [(what, read_as(wire, spoilt)) for what, spoilt in mutations(msgspec.json.encode(row))]
    broken = [(what, each) for what, each in outcomes if isinstance(each, msgspec.ValidationError)]
    paths = {what: broken_path(str(each)) for what, each in broken}
    assert {what: path for what, path in paths.items() if not is_at(path, what)} == {}
    kept = [(what, each) for what, each in outcomes if not isinstance(each, msgspec.ValidationError)]
    assert [what for what, each in kept if strange(made(each)) != []] == []
    assert broken


def is_at(path: str, what: str) -> bool:
    """What is missing is told by what it is missing from."""
    place, _, how = what.partition(" ")
    return path == (place.rpartition(".")[0] if how == "missing" else place)


def read_as(wire: type[Any], content: bytes) -> Any:
    try:
        return msgspec.json.decode(content, type=wire)
    except msgspec.ValidationError as error:
        return error


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("product", "$.BaseUnit"), ("customer", "$.CustomerName"), ("partner", "$.BusinessPartnerName"), ("order", "$.SalesOrderDate"),
        ("order", "$.TotalNetAmount"), ("simulated", "$.NetAmount"), ("availability", "$.PeriodStartUTCDateTime"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrong", [None, 7, "x" * 100_000, {}, [], True])
def test_what_must_be_there_names_itself_where_it_is_anything_else(kind: str, path: str, wrong: Any) -> None:
    row, wire, _ = KINDS[kind]
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(msgspec.json.encode({**row, path[2:]: wrong}), type=wire)
    assert broken_path(str(raised.value)) == path


def test_what_is_missing_has_the_default_that_stands_in_the_payload() -> None:
    bare = {"SalesOrder": "1", "SalesOrganization": "1710", "SoldToParty": "C1", "SalesOrderDate": "/Date(0)/", "TotalNetAmount": "1.10",
            "TransactionCurrency": "USD"}  # fmt: skip
    read = documents.order(msgspec.convert(bare, payload.Order), "US", CHOSEN)
    assert (read.lines, read.holds, read.po_number, read.ship_to_code, read.requested_date) == (
        (),
        (),
        None,
        None,
        None,
    )
    assert (read.external_reference, read.source_status, read.status.value) == (None, "---", "OPEN")


AMOUNTS = st.decimals(-999_999_999, 999_999_999, allow_nan=False, places=3)
QUANTITIES = st.decimals(Decimal("0.001"), 999_999, allow_nan=False, places=3)


@given(AMOUNTS, QUANTITIES)
def test_amounts_and_quantities_are_exact_and_a_units_price_is_within_half_a_millionth(
    net: Decimal, quantity: Decimal
) -> None:
    row = msgspec.convert(
        {**SIMULATED, "NetAmount": f"{net}", "RequestedQuantity": f"{quantity}"}, payload.SimulatedItem
    )
    found = simulations.price(row, CHOSEN, NOW)
    assert found.breaks[0].minimum == quantity
    assert abs(found.unit.amount * quantity - net) <= quantity * Decimal("0.0000005") + Decimal("1e-18") * abs(net)
    line = order_item("1", "10", "I1", "1.000", RequestedQuantity=f"{quantity}", NetAmount=f"{net}")
    told = documents.line(msgspec.convert(line, payload.OrderItem), "US", "USD")
    assert (told.total.amount, told.quantity) == (net, quantity)


@given(st.lists(st.tuples(QUANTITIES, QUANTITIES), max_size=4), QUANTITIES, st.booleans())
def test_a_lines_progress_adds_up(
    schedule: list[tuple[Decimal, Decimal]],
    ordered: Decimal,
    is_rejected: bool,  # noqa: FBT001 - drawn
) -> None:
    lines = [schedule_line(f"{confirmed}", f"{min(delivered, confirmed)}") for confirmed, delivered in schedule]
    item = order_item(
        "1",
        "10",
        "I1",
        f"{ordered}",
        to_ScheduleLine={"results": lines},
        SalesDocumentRjcnReason="61" if is_rejected else "",
    )
    told = documents.line(msgspec.convert(item, payload.OrderItem), "US", "USD").progress
    assert min(told.allocated, told.picked, told.shipped, told.backordered, told.cancelled) >= 0
    whole = told.allocated + told.shipped + told.backordered + told.cancelled
    confirmed = sum((each for each, _ in schedule), Decimal(0))
    shipped = sum((min(each) for each in schedule), Decimal(0))
    if is_rejected:
        assert (whole, told.allocated, told.backordered) == (max(ordered, shipped), 0, 0)
    else:
        assert (whole, told.cancelled) == (max(ordered, confirmed) if schedule else 0, 0)


def test_nothing_ordered_has_no_price_and_a_rate_in_another_currency_is_no_list_price() -> None:
    row = {**SIMULATED, "RequestedQuantity": "0", "to_PricingElement": {"results": [
        {"ConditionType": "X", "ConditionClass": "B", "ConditionInactiveReason": "X", "ConditionRateValue": "1", "ConditionCurrency": "USD",
         "ConditionQuantity": "1"},
        {"ConditionType": "Y", "ConditionClass": "B", "ConditionRateValue": "2", "ConditionCurrency": "EUR", "ConditionQuantity": "1"},
    ]}}  # fmt: skip
    found = simulations.price(msgspec.convert(row, payload.SimulatedItem), CHOSEN, NOW)
    assert (found.unit.amount, found.list_price) == (Decimal(0), None)


def test_a_name_is_told_in_the_language_of_the_settings_else_in_another_else_by_its_number() -> None:
    rows = [payload.Description("FR", "Ruban"), payload.Description("EN", "Tape"), payload.Description("DE", "")]
    assert mapping.description(rows, "EN") == "Tape"
    assert mapping.description(rows, "DE") == "Tape"
    assert mapping.description(rows, "FR") == "Ruban"
    assert mapping.description([], "EN") == ""


def test_a_unit_without_a_denominator_is_none_and_one_that_does_not_divide_is_a_decimal() -> None:
    units = [("CAR", "12", "1"), ("HLF", "1", "2"), ("BAD", "1", "0"), ("NIL", "0", "1"), ("PC", "1", "1")]
    rows = [{"AlternativeUnit": unit, "QuantityNumerator": up, "QuantityDenominator": down} for unit, up, down in units]
    row = msgspec.convert(product("I1", to_ProductUnitsOfMeasure={"results": rows}), payload.Material)
    assert {each.code: each.factor for each in mapping.units(row)} == {"PC": 1, "CAR": 12, "HLF": Decimal("0.5")}


def test_a_day_without_promise_is_zero_and_the_last_of_a_day_stands() -> None:
    rows = [
        payload.Availability(f"/Date({at})/", quantity)
        for at, quantity in ((3_600_000, "2"), (0, "5"), (86_400_000, "-1"))
    ]
    told = mapping.buckets(rows, NOW)
    assert [(each.date, each.available) for each in told] == [
        (date(1970, 1, 1), Decimal(2)),
        (date(1970, 1, 2), Decimal(0)),
    ]
