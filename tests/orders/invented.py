"""Customers, items, orders and submissions invented for a test: what it is about is given, the rest is plain."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from orders.outlook import Delivery
from orders.policy import OrderPolicy
from orders.problems import (
    CarrierRestricted,
    CreditLimitExceeded,
    DuplicatePurchaseOrder,
    InsufficientAvailability,
    ItemDiscontinued,
    PlainProblem,
    PriceChanged,
    Problem,
    ProblemCode,
    QuantityRuleBroken,
)
from orders.record import Submission, SubmissionStatus
from orders.request import OrderRequest, RequestedLine, fingerprint
from sources import models
from sources.viewer import SERVICE_DESK

MOMENT = datetime(2026, 6, 30, 12, tzinfo=UTC)
TODAY = date(2026, 6, 30)
POLICY = OrderPolicy()
ONE = Decimal(1)
NOTHING = Delivery(complete=False, date=None, portions=(), shortfall=ONE)


def usd(amount: str) -> models.Money:
    return models.Money(Decimal(amount), "USD")


def item(sku: str = "BOLT", **fields: Any) -> models.Item:
    plain: dict[str, Any] = {
        "company": "US",
        "name": sku,
        "status": models.ItemStatus.ACTIVE,
        "uom": "EA",
        "uoms": (models.ItemUom("EA", ONE), models.ItemUom("CS", Decimal(12))),
        "quantity_rule": models.QuantityRule(ONE, ONE),
        "hazardous": False,
        "as_of": MOMENT,
    }
    return models.Item(sku=sku, **{**plain, **fields})


def customer(number: str = "C1", **fields: Any) -> models.Customer:
    plain: dict[str, Any] = {"company": "US", "name": number, "currency": "USD", "as_of": MOMENT}
    return models.Customer(number=number, **{**plain, **fields})


ADDRESS = models.Address("1 Main Street", "Reno", "US", region="NV", postal_code="89501")


def ship_to(code: str = "S1", **fields: Any) -> models.ShipTo:
    plain: dict[str, Any] = {"company": "US", "customer_number": "C1", "name": code, "address": ADDRESS}
    return models.ShipTo(code=code, **{**plain, **fields})


def warehouse(code: str, priority: int = 1) -> models.Warehouse:
    return models.Warehouse("US", code, code, priority)


def stock(*places: models.Warehouse, on_hand: str = "100") -> models.Stock:
    none = Decimal(0)
    rows = tuple(models.WarehouseStock(place, Decimal(on_hand), none, none, none) for place in places)
    return models.Stock(rows, TODAY, MOMENT)


def price(amount: str) -> models.Price:
    return models.Price(usd(amount), "EA", (), models.PriceSource.PRICE_LIST, MOMENT)


def order(number: str, **fields: Any) -> models.Order:
    plain: dict[str, Any] = {
        "company": "US",
        "customer_number": "C1",
        "status": models.OrderStatus.OPEN,
        "holds": (),
        "placed_at": MOMENT,
        "total": usd("1"),
        "lines": (),
        "po_number": "PO-1",
    }
    return models.Order(number=number, **{**plain, **fields})


def line(sku: str = "BOLT", quantity: str = "1", uom: str | None = None, expected: str | None = None) -> RequestedLine:
    return RequestedLine(sku, Decimal(quantity), uom, None if expected is None else Decimal(expected))


def request(*lines: RequestedLine, **fields: Any) -> OrderRequest:
    return OrderRequest(**{"customer": "C1", "ship_to": "S1", "lines": lines or (line(),), **fields})


def submission(number: int = 1, **fields: Any) -> Submission:
    """Each a second after the one before."""
    asked = fields.pop("request", request())
    plain: dict[str, Any] = {
        "id": f"s{number:04}",
        "subject": "desk",
        "idempotency_key": f"key-{number}",
        "fingerprint": fingerprint(asked),
        "viewer": SERVICE_DESK,
        "correlation_id": "test",
        "submitted_at": MOMENT + timedelta(seconds=number),
        "status": SubmissionStatus.RUNNING,
        "version": "1",
        "company": "US",
    }
    return Submission(request=asked, **{**plain, **fields})


def _with_figures() -> dict[ProblemCode, Problem]:
    """One of each kind that has figures."""
    found: list[Problem] = [
        QuantityRuleBroken(ONE, ONE, ONE, "", ("lines", "0", "quantity")),
        ItemDiscontinued("", ("lines", "0")),
        PriceChanged(usd("1"), usd("2"), Decimal("0.01"), "", ("lines", "0", "expectedUnitPrice")),
        InsufficientAvailability(ONE, ONE, "", ("lines", "0", "quantity")),
        CreditLimitExceeded(usd("1"), usd("1"), usd("1"), "", ("customer",)),
        DuplicatePurchaseOrder("PO-1", "1", "", ("poNumber",)),
        CarrierRestricted("AIR", "", "", ("carrierService",)),
    ]
    return {each.code: each for each in found}


WITH_FIGURES = _with_figures()


def problem(code: ProblemCode, path: tuple[str, ...] = ()) -> Problem:
    return WITH_FIGURES.get(code) or PlainProblem(code, code.value.capitalize(), path)
