"""What a row may be without harm: a member missing, null, of another type or absurdly long is told by its path, or is its default."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stack import served
from starlette.applications import Starlette
from starlette.routing import Route
from tryton_process import endpoint
from upstream import Upstream, call, json

from sources import models
from sources.errors import SourceContractBroken
from sources.http import SourceClient, broken_path
from sources.tryton import mapping, payload, sales
from sources.tryton.directory import Company, Directory, factor, tidy
from sources.tryton.rpc import Rpc, Search, fields_of, pattern, searched, whole
from tests.connectors import tryton_books as books

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
US = Company(1, "US", "USD", 1, None)
PLACES = msgspec.convert(books.PLACES, tuple[payload.PlaceRow, ...])
UNITS = {row.id: row for row in msgspec.convert(books.UNITS, tuple[payload.UnitRow, ...], strict=False)}
DIRECTORY = Directory({"US": US}, PLACES, UNITS)
TODAY = date(2026, 6, 30)

ROWS: Mapping[str, tuple[type[Any], dict[str, Any], Callable[[Any], Any]]] = {
    "product": (payload.ProductRow, books.product(1, "TAPE", lead_time={"__class__": "timedelta", "seconds": 86400.0}),
                lambda row: mapping.item(row, (US, DIRECTORY), NOON)),
    "party": (payload.PartyRow, books.party(1, "C1"), lambda row: mapping.customer(row, US, NOON)),
    "address": (payload.AddressRow, books.address(1, "C1", postal_code="60540"), lambda row: mapping.ship_to(row, US)),
    "credit": (payload.CreditRow, books.party(1, "C1"), lambda row: mapping.credit(row, NOON)),
    "move": (payload.MoveRow, books.move(1, "TAPE", left=(3, 30)),
             lambda row: mapping.plans([row], PLACES, DIRECTORY, today=TODAY)),
    "sale": (payload.SaleRow, books.sale(1, "1001", "processing"), lambda row: sales.order(row, "US")),
    "shipment": (payload.ShipmentRow, books.shipment(1, "S1", "1001", effective_date=books.day(30)),
                 lambda row: sales.shipment(row, "US", DIRECTORY)),
    "unit": (payload.UnitRow, books.UNITS[1], lambda row: factor(row, row)),
    "priced": (payload.PricedRow, books.product(1, "TAPE"), lambda row: row.code),
    "buyer": (payload.BuyerRow, books.party(1, "C1"), lambda row: row.code),
}  # fmt: skip
"""Row by row: its shape, a good one, and what is made of it."""

SPOILERS: Mapping[str, Any] = {
    "null": None,
    "a number": 5,
    "a text": "x",
    "a truth": True,
    "a list": [1],
    "an object": {"strange": 1},
    "absurdly long": "9" * 20_000,
    "beyond all measure": 10**30,
    "no number": {"__class__": "Decimal", "decimal": "NaN"},
    "no day": {"__class__": "date", "year": 2026, "month": 2, "day": 31},
    "the end of all days": {"__class__": "date", "year": 10**6, "month": 1, "day": 1},
}
MISSING = object()


def decoded(row: type[Any], given_: dict[str, Any]) -> Any:
    """As the connector decodes one: the error names the path."""
    search: Search[Any] = searched("any.model", row)
    return search.row.decode(msgspec.json.encode(given_))


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, each in inner for place in ((*at, name), *paths(each, (*at, name)))]


def spoilt(value: Any, path: tuple[Any, ...], instead: Any) -> Any:
    copied = msgspec.json.decode(msgspec.json.encode(value))
    *way, last = path
    holder = copied
    for step in way:
        holder = holder[step]
    if instead is MISSING:
        del holder[last]
    else:
        holder[last] = instead
    return copied


@pytest.mark.parametrize("name", ROWS)
def test_a_good_row_is_a_fact(name: str) -> None:
    row, good, made = ROWS[name]
    assert made(decoded(row, good)) is not None


@pytest.mark.parametrize("name", ROWS)
def test_whatever_is_spoilt_is_told_by_its_path_or_stands_as_its_default(name: str) -> None:
    """Nothing else may come of it: no other exception, and no float or endless number in a fact."""
    row, good, made = ROWS[name]
    told = stood = 0
    for path in paths(good):
        for instead in (MISSING, *SPOILERS.values()):
            try:
                fact = made(decoded(row, spoilt(good, path, instead)))
            except msgspec.ValidationError as error:
                told += told_where(error)
            else:
                stood += 1
                assert [each for each in numbers(fact) if not each.is_finite() or abs(each) >= 10**27] == []
    assert told > 0
    assert stood > 0


def numbers(fact: Any) -> list[Decimal]:
    if isinstance(fact, Decimal):
        return [fact]
    if isinstance(fact, float):
        raise TypeError("a float")
    if isinstance(fact, msgspec.Struct):
        return [each for name in fact.__struct_fields__ for each in numbers(getattr(fact, name))]
    if isinstance(fact, Mapping):
        return [each for held in fact.values() for each in numbers(held)]
    return [each for held in fact for each in numbers(held)] if isinstance(fact, tuple | list) else []


@given(st.sampled_from(sorted(ROWS)), st.data())
def test_two_things_spoilt_at_once_are_no_worse(name: str, data: st.DataObject) -> None:
    row, good, made = ROWS[name]
    broken = good
    for _ in range(2):
        places = paths(broken)
        place, instead = data.draw(st.sampled_from(places)), data.draw(st.sampled_from([MISSING, *SPOILERS.values()]))
        broken = spoilt(broken, place, instead)
        if not paths(broken):
            break
    try:
        made(decoded(row, broken))
    except msgspec.ValidationError as error:
        told_where(error)


def told_where(error: msgspec.ValidationError) -> int:
    """Only a member of the row itself that is missing has no path of its own: it names itself."""
    path = broken_path(str(error))
    assert path.startswith("$")
    assert path != "$" or str(error).startswith(("Object missing required field", "a number "))
    return 1


async def test_a_row_that_does_not_fit_says_where_and_fails_its_key_only() -> None:
    """The path is the one in Tryton's answer."""
    rows = [books.product(1, "TAPE"), books.product(2, "BOX", name=5), {"id": 3}]
    upstream = Upstream(
        json(msgspec.json.encode({"id": 0, "result": rows[:2]})), json(msgspec.json.encode({"id": 0, "result": rows}))
    )
    search = searched("product.product", payload.ProductRow, "code")
    app = Starlette(routes=[Route("/{anything:path}", upstream.answered, methods=["POST"])])
    async with served(app) as url, SourceClient(endpoint(url, user="", password="")) as client:
        rpc = Rpc(client)
        found = await rpc.search(call(), search, [], context={})
        assert [row.code for row in found.content] == ["TAPE"]
        assert {code: error.path for code, error in found.failed.items()} == {"BOX": "$.result[1].name"}
        with pytest.raises(SourceContractBroken) as one:
            whole(found)
        assert one.value.path == "$.result[1].name"
        with pytest.raises(SourceContractBroken) as told:
            await rpc.search(call(), search, [], context={})
        assert told.value.path == "$.result[2]"


# ---------------------------------------------------------------- single facts


def test_a_state_that_is_new_is_unknown_kept_and_counted() -> None:
    row = decoded(payload.SaleRow, books.sale(1, "1", "processing", shipment_state="teleported"))
    order = sales.order(row, "US")
    assert (order.status, order.source_status) == (models.OrderStatus.UNKNOWN, "processing/teleported")
    assert sales.ORDER_STATES.unmapped["processing/teleported"] >= 1
    shipment = sales.shipment(decoded(payload.ShipmentRow, books.shipment(1, "S", "1", state="lost")), "US", DIRECTORY)
    assert (shipment.status, shipment.source_status) == (models.ShipmentStatus.UNKNOWN, "lost")
    assert sales.SHIPMENT_STATES.unmapped["lost"] >= 1


def test_an_order_whose_shipment_was_given_up_waits_for_a_person() -> None:
    row = decoded(payload.SaleRow, books.sale(1, "1", "processing", shipment_state="exception"))
    order = sales.order(row, "US")
    assert (order.status, [hold.code for hold in order.holds]) == (
        models.OrderStatus.RELEASED,
        [models.HoldCode.INVENTORY],
    )


def test_every_status_leads_back_to_states_that_mean_it() -> None:
    for status, ways in sales.STATES_OF.items():
        for state, shipping in ways:
            for each in shipping or ("none",):
                code = f"{state}/{each}" if state == "processing" else state
                assert sales.ORDER_STATES.read(code).status is status
    assert sales.STATES_OF.keys() == set(models.OrderStatus)


def test_titles_and_comments_are_no_lines_of_an_order() -> None:
    title = {"id": 7, "type": "title", "moves.": []}
    good = books.sale(1, "1", "done")
    order = sales.order(decoded(payload.SaleRow, {**good, "lines.": [title, *good["lines."]]}), "US")
    assert [(line.number, line.sku) for line in order.lines] == [(1, "TAPE")]


def test_what_moves_between_warehouses_leaves_one_and_reaches_the_other() -> None:
    moves = [
        decoded(payload.MoveRow, books.move(1, "TAPE", left=(3, 12))),
        decoded(payload.MoveRow, books.move(2, "TAPE", left=(2, 3))),
    ]
    (to_dallas, from_chicago) = sorted(
        mapping.plans(moves, PLACES, DIRECTORY, today=TODAY)["TAPE"], key=lambda plan: plan.warehouse_code, reverse=True
    )
    assert ([flow.quantity for flow in to_dallas.supply], to_dallas.demand) == ([Decimal(5)], ())
    assert (from_chicago.supply, [flow.quantity for flow in from_chicago.demand]) == ((), [Decimal(5)])


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_tidying_changes_no_number_that_a_warehouse_counts(number: Decimal) -> None:
    assert tidy(number) == number
    assert tidy(Decimal(str(float(number)))) == number
    assert "E" not in f"{tidy(number):f}"


@given(st.text(max_size=30))
def test_a_text_is_looked_for_as_it_is(text: str) -> None:
    wild = pattern(text).removeprefix("%").removesuffix("%")
    for sign in "%_":
        assert wild.count(sign) == wild.count(f"\\{sign}") == text.count(sign)


def test_the_fields_to_read_are_those_of_the_row() -> None:
    assert fields_of(payload.CompanyRow) == ["id", "party.id", "party.code", "currency.id", "currency.code"]
    assert "lines.product.code" in fields_of(payload.SaleRow)
    assert "lines.moves.quantity" in fields_of(payload.SaleRow)
