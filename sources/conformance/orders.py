"""POST /orders/simulate, which saves nothing, and POST /orders, which saves once for each reference."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sources.conformance.changes import MadeOrder
from sources.conformance.contract import Operation
from sources.conformance.keys import Keys, Purchase
from sources.conformance.refusals import check_refusal
from sources.conformance.rows import of_answer
from sources.conformance.server import NOBODY, Answer, Server

Body = Mapping[str, object]

_HINT = "Give a company, a customer and items it can buy: --sample company=… --sample customer=… --sample sku=…"


async def check_simulation(server: Server, operation: Operation, *, keys: Keys) -> None:
    await server.refused(operation, body={}, code="BAD_REQUEST", asked="An empty body")
    if not keys.purchases:
        server.tell(operation, "$", what="No sample order can be made.", hint=_HINT, severity="skipped")
        return
    purchase = keys.purchases[0]
    body = _simulated(purchase)
    before = await _orders_of(server, purchase)
    await _simulation(server, operation, body=body)
    after = await _orders_of(server, purchase)
    if before is not None and after is not None and before != after:
        server.tell(
            operation,
            "GET /orders/search",
            what=f"{purchase.customer} had {before} orders before a simulation and {after} after it.",
            hint="A simulation saves nothing.",
        )
    line = {"line": 1, "sku": NOBODY, "quantity": purchase.quantity, "uom": None}
    await check_refusal(
        server, operation.name, body={**body, "lines": [line]}, reason="UNKNOWN_ITEM", path="lines[0].sku"
    )
    await check_refusal(
        server, operation.name, body={**body, "customer": NOBODY}, reason="UNKNOWN_CUSTOMER", path="customer"
    )
    await check_refusal(
        server, operation.name, body={**body, "shipTo": NOBODY}, reason="UNKNOWN_SHIP_TO", path="shipTo"
    )


def _simulated(purchase: Purchase) -> dict[str, object]:
    line = {"line": 1, "sku": purchase.sku, "quantity": purchase.quantity, "uom": None}
    return {
        "company": purchase.company,
        "customer": purchase.customer,
        "shipTo": None,
        "requestedDate": None,
        "lines": [line],
    }


async def _simulation(server: Server, operation: Operation, *, body: Body) -> None:
    answer = await server.ask(operation, body=body, expect=(200, 422), asked="A simulation")
    if answer is None:
        return
    if answer.status != 200:  # noqa: PLR2004 - the status says it
        _unproven(server, operation, answer)
        return
    lines = [line.get("line") for line in answer.rows("lines")]
    if lines != [1]:
        server.tell(
            operation, "$.lines", what=f"Line 1 was asked for, {lines} came.", hint="One line for each line asked for."
        )
    for violation in of_answer(operation.name, answer.body if isinstance(answer.body, dict) else {}):
        server.tell(operation, violation.where, what=violation.what, hint=violation.hint)


def _unproven(server: Server, operation: Operation, answer: Answer) -> None:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    told = error if isinstance(error, dict) else {}
    what = f"The sample order is refused: {told.get('reason')} {told.get('message')}"
    server.tell(operation, "status", what=what, hint=_HINT, severity="skipped")


async def _orders_of(server: Server, purchase: Purchase) -> int | None:
    params = [("company", purchase.company), ("customer", purchase.customer), ("count", "true"), ("limit", "1")]
    answer = await server.ask(server.contract.operations["searchOrders"], params, asked="Orders of one customer")
    total: Any = answer.body.get("total") if answer and isinstance(answer.body, dict) else None
    return total if isinstance(total, int) else None


async def check_creation(server: Server, operation: Operation, *, keys: Keys) -> MadeOrder | None:
    """Saves one order, so only when the caller said so; None where it came to nothing."""
    purchase = next((each for each in keys.purchases if each.ship_to), None)
    if purchase is None:
        server.tell(
            operation,
            "$",
            what="No sample order can be made.",
            hint=f"{_HINT} The customer needs a ship-to.",
            severity="skipped",
        )
        return None
    body = {
        **_simulated(purchase),
        "externalReference": f"crossdock-conform-{uuid4().hex}",
        "shipTo": purchase.ship_to,
        "approvals": [],
        "warehouses": [],
        "allowBackorder": True,
        "carrierService": None,
        "backorderOf": None,
    }
    first = await server.ask(operation, body=body, expect=(201, 422), asked="A new order")
    if first is None:
        return None
    if first.status != 201:  # noqa: PLR2004 - the status says it
        _unproven(server, operation, first)
        return None
    await _again(server, operation, body=body, number=first.text("number"))
    await server.ask(
        operation, body={**body, "poNumber": NOBODY}, expect=(409,), asked="The same reference with another body"
    )
    await _found(server, body=body, number=first.text("number"))
    number = first.text("number")
    return MadeOrder(purchase.company, number) if number else None


async def _again(server: Server, operation: Operation, *, body: Body, number: str | None) -> None:
    again = await server.ask(operation, body=body, asked="The same order again")
    if again and again.text("number") != number:
        server.tell(
            operation,
            "$.number",
            what=f"The same reference made {number} and then {again.text('number')}.",
            hint="The same externalReference with the same body is the same order.",
        )


async def _found(server: Server, *, body: Body, number: str | None) -> None:
    operation = server.contract.operations["ordersByReference"]
    answer = await server.ask(
        operation, [("reference", str(body["externalReference"]))], asked="The reference of a new order"
    )
    if answer and [row.get("number") for row in answer.rows("orders")] != [number]:
        server.tell(
            operation,
            "$.orders",
            what=f"Order {number} is not found by its reference.",
            hint="An order is found by its reference from the moment it is saved.",
        )
