"""Each way in which rows, batches, orders and doors can break the contract is told, with its figures, and nothing else is."""

import pytest
from homemade import (
    Asked,
    Told,
    Twist,
    changed,
    conform,
    cut,
    deaf,
    each,
    error,
    raw,
    refusals,
    refuses,
    rows,
    systems,
    without,
)

from sources.conformance.server import NOBODY

RESET = "no answer (ConnectionResetError(104, 'Connection reset by peer'))."


def one_line(asked: Asked) -> bool:
    return isinstance(asked.json, dict) and len(asked.json["lines"]) == 1


def fair_simulation(asked: Asked) -> bool:
    return bool(asked.json) and NOBODY not in str(asked.json)


ROWS: dict[str, tuple[str, Twist, list[Told]]] = {
    "the base unit is no unit of factor 1": (
        "erp",
        changed("/items", each("items", lambda row: {"uoms": [{**uom, "factor": "2"} for uom in row["uoms"]]})),
        [error("GET /items", "$.items[*].uoms", "TAPE-48: the base unit EA is not among the units with factor 1.")],
    ),
    "the same in a search": (
        "erp",
        changed("/items/search", each("items", lambda row: {"uoms": [{**uom, "factor": "2"} for uom in row["uoms"]]})),
        [
            error(
                "GET /items/search",
                "$.items[*].uoms",
                "TAPE-48: the base unit EA is not among the units with factor 1.",
            )
        ],
    ),
    "available is not limit minus exposure": (
        "erp",
        changed("/customers/credit", each("credit", lambda _: {"available": "1.00"})),
        [
            error(
                "GET /customers/credit", "$.credit[*].available", "C1: available is 1.00, limit minus exposure is None."
            )
        ],
    ),
    "quantity breaks stand backwards": (
        "erp",
        changed("/prices", each("prices", lambda row: {"breaks": row["breaks"][::-1]})),
        [error("POST /prices", "$.prices[*].breaks", "ref-0: the minimums are 36, 1.")],
    ),
    "events stand backwards": (
        "carrier",
        changed("/tracking", each("tracking", lambda row: {"events": row["events"][::-1]})),
        [error("GET /tracking", "$.tracking[*].events", "1Z001: a later event stands before an earlier one.")],
    ),
    "a warehouse of the stock is left out": (
        "wms",
        changed("/stock", rows("warehouses", lambda found, _: found[1:])),
        [error("GET /stock", "$.warehouses", "Stock rows name RNO.")],
    ),
    "the oldest shipment comes first": (
        "wms",
        changed("/shipments/by-order", rows("shipments", lambda found, _: found[::-1])),
        [error("GET /shipments/by-order", "$.shipments", "Order 1002: a newer shipment stands after an older one.")],
    ),
    "the subtotal is not the lines' sum": (
        "erp",
        changed("/orders/simulate", each("lines", lambda _: {"total": "9.99"})),
        [error("POST /orders/simulate", "$.subtotal", "It is 7.80; the line totals are 9.99.")],
    ),
    "a simulation has no lines": (
        "erp",
        changed("/orders/simulate", rows("lines", lambda *_: [])),
        [
            error("POST /orders/simulate", "$.lines", "Line 1 was asked for, [] came."),
            error("POST /orders/simulate", "$.subtotal", "It is 7.80; there are no line totals."),
        ],
    ),
    "a figure is no number, which is told once": (
        "erp",
        changed("/orders/simulate", lambda data, _: {**data, "tax": "1.2.3"}),
        [
            error(
                "POST /orders/simulate",
                "$.tax",
                r'"1.2.3" does not match "^-?(0|[1-9][0-9]*)(\.[0-9]+)?$" (status 200)',
            )
        ],
    ),
    "a moment and an amount are neither": (
        "carrier",
        changed("/tracking", each("tracking", lambda row: {"events": [{**e, "at": 1} for e in row["events"]]})),
        [error("GET /tracking", "$.tracking[*].events[*].at", '1 is not of type "string" (status 200)')],
    ),
}

BATCHES: dict[str, tuple[str, Twist, list[Told]]] = {
    "rows come that nobody asked for": (
        "wms",
        changed(
            "/warehouses", rows("warehouses", lambda found, _: [*found, *({**row, "code": "ATL"} for row in found[:1])])
        ),
        [
            error("GET /warehouses", "$.warehouses[*].code", "Rows of ATL, which nobody asked for."),
            error("GET /warehouses", "$.warehouses", "RNO alone: 2 rows, where the same keys had 1 before."),
        ],
    ),
    "a key cannot be read now, which is a warning": (
        "erp",
        changed(
            "/customers",
            lambda data, asked: (
                {**data, "errors": [{"key": "C1", "code": "UNAVAILABLE", "message": "Later."}]}
                if "C1" in asked.keys("number")
                else data
            ),
        ),
        [("warning", "GET /customers", "$.errors", "C1: UNAVAILABLE Later.")],
    ),
    "a key that exists is absent": (
        "erp",
        changed("/customers", rows("customers", lambda found, _: [row for row in found if row["number"] != "C5"])),
        [error("GET /customers", "$.customers", "1 of 2 known keys are absent: C5.")],
    ),
    "no row names a carrier to filter by, so nothing is told": (
        "carrier",
        changed("/tracking", each("tracking", lambda _: {"carrier": None})),
        [],
    ),
    "a filter loses the row that has it": (
        "carrier",
        changed("/tracking", rows("tracking", lambda found, asked: [] if asked.keys("carrier") else found)),
        [error("GET /tracking", "query carrier", "carrier=UPS for 1Z001: its row is missing.")],
    ),
    "a filter of a batch is passed over": (
        "wms",
        deaf("/stock", without("warehouse")),
        [error("GET /stock", "query warehouse", "warehouse=RNO for TAPE-48: rows of others come along.")],
    ),
    "nothing has a price": (
        "erp",
        changed("/prices", lambda *_: {"prices": [], "errors": []}),
        [("skipped", "POST /prices", "$.prices", "No price to look at: no sample line has one.")],
    ),
    "a price depends on the lines beside it": (
        "erp",
        changed(
            "/prices",
            rows(
                "prices", lambda found, asked: [{**row, "unit": "1.00"} for row in found] if one_line(asked) else found
            ),
        ),
        [error("POST /prices", "$.prices", "One line: 1 prices, not the same as the 1 before.")],
    ),
    "prices are never answered": (
        "erp",
        cut("/prices"),
        [
            error("POST /prices", "connection", f"A request without a token: {RESET}"),
            ("skipped", "POST /prices", "$.prices", "No price to look at: no sample line has one."),
        ],
    ),
}

ORDERS: dict[str, tuple[str, Twist, list[Told]]] = {
    "the sample order is refused": (
        "erp",
        refuses("/orders/simulate", code="REJECTED", reason="CREDIT_HOLD"),
        [("skipped", "POST /orders/simulate", "status", "The sample order is refused: CREDIT_HOLD Not today.")],
    ),
    "a simulation is not answered": (
        "erp",
        cut("/orders/simulate", fair_simulation),
        [error("POST /orders/simulate", "connection", f"A simulation: {RESET}")],
    ),
    "a refusal has another reason": (
        "erp",
        refusals("/orders/simulate", 422, reason="NO"),
        [
            error(
                "POST /orders/simulate",
                "$.error.reason",
                "NO at lines[0].sku, where UNKNOWN_ITEM at lines[0].sku is expected.",
            )
        ],
    ),
}

DOORS: dict[str, tuple[str, Twist, list[Told]]] = {
    "an unknown path is not answered": (
        "crm",
        cut("/crossdock-no-such-path"),
        [error("GET /relationships", "connection", f"GET /crossdock-no-such-path: {RESET}")],
    ),
    "an unserved method is not answered": (
        "crm",
        cut("/relationships", lambda asked: asked.method == "PATCH"),
        [error("GET /relationships", "connection", f"PATCH /relationships: {RESET}")],
    ),
    "a refusal names another place": (
        "erp",
        refusals("/items/search", 400, path="lmit"),
        [error("GET /items/search", "$.error.path", "A broken cursor: answered 'lmit' where 'cursor' is expected.")],
    ),
    "an answer is no JSON": (
        "crm",
        raw("/relationships", lambda got: got._replace(body=b"<html>\xff</html>")),
        [error("GET /relationships", "$", "Not JSON on a 200: <html>\ufffd</html>")],
    ),
    "an answer does not say what it is": (
        "crm",
        raw("/relationships", lambda got: got._replace(headers={})),
        [error("GET /relationships", "header Content-Type", "nothing on a 200.")],
    ),
    "the path of the sandbox's samples is cut off, which is no finding": ("erp", cut("/_sandbox/samples"), []),
}

MISTAKES = {**ROWS, **BATCHES, **ORDERS, **DOORS}


@pytest.mark.parametrize(("role", "twist", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
async def test_what_is_wrong_is_told_and_nothing_else(role: str, twist: Twist, expected: list[Told]) -> None:
    found = await conform(systems()[role], role, twist)
    assert [(each.severity, each.operation, each.where, each.what) for each in found] == expected
