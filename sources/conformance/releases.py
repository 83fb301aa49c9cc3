"""POST /orders/release on a sample order, twice."""

from sources.conformance.contract import Operation
from sources.conformance.keys import Keys
from sources.conformance.refusals import check_refusal
from sources.conformance.server import NOBODY, Answer, Server

_MADE = (200, 201)
"""A sample order may have been released before."""


async def check_release(server: Server, operation: Operation, *, keys: Keys) -> None:
    order = next(iter(keys.of("order")), None)
    company = None if order is None else await _company(server, order)
    if order is None or company is None:
        server.tell(
            operation,
            "$",
            what="No sample order can be released.",
            hint="Give an order that has a shipment: --sample order=…",
            severity="skipped",
        )
        return
    body: dict[str, object] = {
        "company": company,
        "order": order,
        "warehouses": [],
        "carrierService": None,
        "reference": "crossdock-conform",
    }
    unknown = {**body, "order": NOBODY}
    await check_refusal(server, operation.name, body=unknown, reason="UNKNOWN_ORDER", path="order")
    first = await server.ask(operation, body=body, expect=(*_MADE, 422), asked="An order to let go")
    if first is None or first.status not in _MADE:
        _unproven(server, operation, first)
        return
    again = await server.ask(operation, body=body, asked="The same order again")
    if again and [again.text(name) for name in _KEPT] != [first.text(name) for name in _KEPT]:
        server.tell(
            operation,
            "$",
            what="Another release came when the same order was released again.",
            hint="An order of a company is released once.",
        )


_KEPT = ("company", "order", "reference", "releasedAt")


async def _company(server: Server, order: str) -> str | None:
    operation = server.contract.operations["shipmentsByOrder"]
    answer = await server.ask(operation, [("order", order)], asked="The shipments of a sample order")
    companies = [row.get("company") for row in answer.rows("shipments")] if answer else []
    return next((each for each in companies if isinstance(each, str)), None)


def _unproven(server: Server, operation: Operation, answer: Answer | None) -> None:
    error = answer.body.get("error") if answer and isinstance(answer.body, dict) else None
    if isinstance(error, dict):
        what = f"The sample order is refused: {error.get('reason')} {error.get('message')}"
        server.tell(
            operation, "status", what=what, hint="Give an order that may go: --sample order=…", severity="skipped"
        )
