"""From the contract's rows to canonical facts: each member lands where it belongs, and codes nobody knows are kept as such."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
import pytest
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sources import models
from sources.call import CallContext, Deadline
from sources.errors import SourceContractBroken, SourceError, SourceRateLimited, SourceRejected, SourceUnavailable
from sources.http import Endpoint, SourceClient
from sources.standard import StandardErp, mapping, payload
from sources.standard.batch import listed_by_key, optional, reason
from sources.viewer import SERVICE_DESK

NOW = datetime(2026, 6, 30, 9, 15, tzinfo=UTC)
D = Decimal
T = TypeVar("T")


def row(kind: type[T], **members: object) -> T:
    """As it comes over the wire."""
    return msgspec.json.decode(msgspec.json.encode(members), type=kind)


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("UNAVAILABLE", SourceUnavailable, True),
        ("INTERNAL", SourceUnavailable, True),
        ("RATE_LIMITED", SourceRateLimited, True),
        ("CREDIT_HOLD", SourceRejected, False),
    ],
)
def test_one_keys_failure_is_told_by_who_must_act(code: str, kind: type[SourceError], *, retryable: bool) -> None:
    error = mapping.failed_key("erp", code)
    assert (type(error), error.source, error.retryable) == (kind, "erp", retryable)
    assert getattr(error, "reason", code) == code


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        ("SHIPPED", None, (models.OrderStatus.SHIPPED, None)),
        ("SHIPPED", "Out", (models.OrderStatus.SHIPPED, "Out")),
        ("LOST", None, (models.OrderStatus.UNKNOWN, "LOST")),
        ("LOST", "Gone", (models.OrderStatus.UNKNOWN, "Gone")),
    ],
)
def test_a_status_nobody_knows_is_unknown_and_its_own_word_is_kept(
    status: str, text: str | None, expected: tuple[models.OrderStatus, str | None]
) -> None:
    kind = models.OrderStatus
    assert (mapping.known(kind, status), mapping.own_word(kind, status, text)) == expected


def test_money_needs_an_amount_and_a_currency() -> None:
    assert mapping.money(D("1.50"), "USD") == models.Money(D("1.50"), "USD")
    assert mapping.money(None, "USD") is None
    assert mapping.money(D("1.50"), None) is None


@pytest.mark.parametrize(
    ("code", "why", "expected"),
    [
        ("CREDIT", "Over the limit", (models.HoldCode.CREDIT, "Over the limit")),
        ("CREDIT", None, (models.HoldCode.CREDIT, "CREDIT")),
        ("CREDIT", "", (models.HoldCode.CREDIT, "")),
        ("Q7", None, (models.HoldCode.OTHER, "Q7")),
    ],
)
def test_a_hold_tells_its_reason_or_else_its_code(
    code: str, why: str | None, expected: tuple[models.HoldCode, str]
) -> None:
    told = row(payload.HoldRow, code=code, reason=why, placedAt=NOW, owner="Ann")
    assert mapping.hold(told) == models.Hold(*expected, NOW, "Ann")


def price_row(source: str) -> payload.PriceRow:
    breaks = [{"minimum": "1", "unit": "0.0375"}, {"minimum": "100", "unit": "0.035"}]
    figures = {"unit": "0.0375", "list": "0.05", "breaks": breaks, "validFrom": "2026-01-01"}
    return row(payload.PriceRow, ref="0", currency="USD", uom="EA", source=source, **figures)


def test_a_price_keeps_every_digit_and_its_breaks_their_order() -> None:
    found = mapping.price(price_row("CONTRACT"), NOW, source="erp")
    assert isinstance(found, models.Price)
    assert str(found.unit.amount) == "0.0375"
    assert found == models.Price(
        unit=models.Money(D("0.0375"), "USD"),
        uom="EA",
        breaks=(
            models.PriceBreak(D(1), models.Money(D("0.0375"), "USD")),
            models.PriceBreak(D(100), models.Money(D("0.035"), "USD")),
        ),
        source=models.PriceSource.CONTRACT,
        as_of=NOW,
        list_price=models.Money(D("0.05"), "USD"),
        valid_from=date(2026, 1, 1),
        valid_to=None,
    )


def test_a_price_of_a_kind_nobody_knows_fails_alone() -> None:
    failed = mapping.price(price_row("GUESS"), NOW, source="erp")
    assert isinstance(failed, SourceContractBroken)
    assert (failed.source, failed.path) == ("erp", "$.prices[...].source")


def test_stock_in_a_warehouse_that_was_not_told_bears_its_code_as_a_name() -> None:
    figures = {"onHand": "20", "allocated": "3", "unsellable": "1", "safetyStock": "2"}
    stock = row(payload.StockRow, company="US", sku="BOLT", warehouse="RNO", **figures)
    reno = models.Warehouse("US", "RNO", "Reno", 2)
    told = mapping.warehouse_stock(stock, {"RNO": reno})
    assert told == models.WarehouseStock(reno, D(20), D(3), D(1), D(2))
    untold = mapping.warehouse_stock(stock, {})
    assert untold == models.WarehouseStock(models.Warehouse("US", "RNO", "RNO"), D(20), D(3), D(1), D(2))


def test_tracking_events_come_oldest_first_whatever_the_carrier_sends() -> None:
    at = [datetime(2026, 6, 29, hour, tzinfo=UTC) for hour in (16, 21)]
    sent = [{"at": moment, "status": "IN_TRANSIT", "description": "Seen"} for moment in reversed(at)]
    found = mapping.tracking(row(payload.TrackingRow, trackingNumber="1Z", status="SOMEWHERE", events=sent), NOW)
    assert [event.at for event in found.events] == at
    assert (found.status, found.source_status) == (models.TrackingStatus.UNKNOWN, "SOMEWHERE")


def test_plans_without_figures_of_the_erps_own_have_none() -> None:
    flow = models.Flow(date(2026, 7, 4), D(240))
    plain = payload.PlanRow("US", "BOLT", "RNO", (flow,), ())
    own = payload.PlanRow("US", "BOLT", "ATL", (), (flow,), (models.AtpBucket(date(2026, 7, 4), D(-4)),))
    found = mapping.grouped([plain, own])
    assert found == {
        models.Key("US", "BOLT"): [
            models.WarehousePlan("RNO", (models.Flow(date(2026, 7, 4), D(240)),), (), None),
            models.WarehousePlan(
                "ATL", (), (models.Flow(date(2026, 7, 4), D(240)),), (models.AtpBucket(date(2026, 7, 4), D(-4)),)
            ),
        ]
    }


def test_freight_of_a_shipment_has_its_own_currency_or_is_not_known() -> None:
    row = payload.ShipmentRow("US", "SH1", models.Warehouse("US", "RNO", "Reno"), "SHIPPED", ())
    assert mapping.shipment(row).freight is None
    paid = msgspec.structs.replace(row, freight=payload.AmountRow(D("9.50"), "CAD"))
    assert mapping.shipment(paid).freight == models.Money(D("9.50"), "CAD")


def test_a_simulated_order_numbers_its_lines_from_one() -> None:
    basket = models.Basket(
        company="US",
        customer="C1",
        ship_to="S1",
        requested_date=None,
        lines=(models.BasketLine("BOLT", D(5), "EA"), models.BasketLine("NUT", D(2), None)),
    )
    assert msgspec.json.decode(msgspec.json.encode(mapping.simulate_question(basket))) == {
        "company": "US",
        "customer": "C1",
        "shipTo": "S1",
        "requestedDate": None,
        "lines": [
            {"line": 1, "sku": "BOLT", "quantity": "5", "uom": "EA"},
            {"line": 2, "sku": "NUT", "quantity": "2", "uom": None},
        ],
    }


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"error": {"reason": "UNKNOWN_SHIP_TO", "code": "REJECTED"}}', "UNKNOWN_SHIP_TO"),
        (b'{"error": {"code": "CREDIT_HOLD"}}', "CREDIT_HOLD"),
        (b'{"error": {}}', "REJECTED"),
        (b'{"error": {"reason": "ask http://erp.local"}}', "REJECTED"),
        (b'{"error": {"reason": "\xc3\x84RGER"}}', "REJECTED"),
        (b'{"error": {"reason": "' + b"A" * 40 + b'"}}', "A" * 40),
        (b'{"error": {"reason": "' + b"A" * 41 + b'"}}', "REJECTED"),
        (b"<html>secret</html>", "REJECTED"),
        (b"\xff", "REJECTED"),
        (b"[" * 100_000, "REJECTED"),
        (b"", "REJECTED"),
    ],
)
def test_of_a_refusals_body_only_a_plain_word_comes_through(body: bytes, word: str) -> None:
    assert reason(body) == word


def test_parameters_that_are_none_are_not_sent() -> None:
    assert optional(company=None, customer="", poNumber="7") == [("customer", ""), ("poNumber", "7")]


def test_a_key_without_rows_holds_an_empty_list_and_rows_keep_their_order() -> None:
    asked = [models.Key("US", "A"), models.Key("US", "B")]
    listed = listed_by_key(asked, ["A2", "A1", "C1"], lambda each: models.Key("US", each[0]), value=str.lower)
    assert listed == {asked[0]: ("a2", "a1"), asked[1]: (), models.Key("US", "C"): ("c1",)}


PRICED = {"ref": "0", "currency": "USD", "unit": "1.5", "uom": "EA", "breaks": [], "source": "PRICE_LIST"}


@pytest.fixture
async def wayward_erp() -> AsyncIterator[StandardErp]:
    """Answers the first line, fails the second, and tells of a line and a failure nobody asked about."""

    async def prices(_request: Request) -> Response:
        failures = [{"key": "1", "code": "UNAVAILABLE"}, {"key": "9", "code": "UNAVAILABLE"}]
        answer: dict[str, Any] = {"prices": [PRICED, {**PRICED, "ref": "8"}], "errors": failures}
        return Response(msgspec.json.encode(answer), media_type="application/json")

    app = Starlette(routes=[Route("/prices", prices, methods=["POST"])])
    async with served(app) as url, SourceClient(Endpoint(name="erp", url=url)) as client:
        yield StandardErp(client)


async def test_prices_and_failures_of_lines_nobody_asked_about_are_passed_over(wayward_erp: StandardErp) -> None:
    terms = [models.PriceTerms("US", "C1", sku, D(1)) for sku in ("BOLT", "NUT", "CABLE")]
    call = CallContext(SERVICE_DESK, Deadline.after(5), "test", lambda _: None)
    found = await wayward_erp.prices(call, terms)
    assert list(found) == terms[:2]
    priced, failed = found[terms[0]], found[terms[1]]
    assert isinstance(priced, models.Price)
    assert priced.unit == models.Money(D("1.5"), "USD")
    assert isinstance(failed, SourceUnavailable)
