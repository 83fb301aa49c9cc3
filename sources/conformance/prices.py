"""POST /prices: a batch whose keys are the lines' refs."""

from collections.abc import Mapping, Sequence
from typing import Any

from sources.conformance.batches import look
from sources.conformance.contract import Operation
from sources.conformance.keys import Keys, Purchase
from sources.conformance.limits import takes
from sources.conformance.server import NOBODY, Server

Line = Mapping[str, object]


async def check_prices(server: Server, operation: Operation, *, keys: Keys) -> None:
    lines = [_line(f"ref-{number}", purchase) for number, purchase in enumerate(keys.purchases)]
    await _refusals(server, operation)
    await _limit(server, operation, lines=lines)
    rows = await _asked(server, operation, lines=lines, asked="Known lines") if lines else None
    if not rows:
        server.tell(
            operation,
            "$.prices",
            what="No price to look at: no sample line has one.",
            hint="Give a company, a customer and items it can buy: --sample company=… --sample customer=… --sample sku=…",
            severity="skipped",
        )
        return
    await _same_prices(server, operation, lines=lines, rows=rows)


def _line(ref: str, purchase: Purchase) -> Line:
    return {
        "ref": ref,
        "company": purchase.company,
        "customer": purchase.customer,
        "sku": purchase.sku,
        "quantity": purchase.quantity,
        "uom": None,
        "shipTo": None,
        "on": None,
    }


_NOTHING = Purchase(NOBODY, NOBODY, NOBODY, "1")


async def _asked(
    server: Server, operation: Operation, *, lines: Sequence[Line], asked: str
) -> dict[str, dict[str, Any]] | None:
    answer = await server.ask(operation, body={"lines": lines}, asked=asked)
    if answer is None:
        return None
    refs = [str(line["ref"]) for line in lines]
    look(server, operation, answer, rows="prices", key="ref", identity=["ref"], keys=refs)
    return {str(row.get("ref")): row for row in answer.rows("prices")}


async def _refusals(server: Server, operation: Operation) -> None:
    line = _line("a", _NOTHING)
    await server.refused(operation, body={"lines": []}, code="BAD_REQUEST", asked="No line at all")
    await server.refused(operation, body=[], code="BAD_REQUEST", asked="A body that is no object")
    await server.refused(operation, body={"lines": [{**line, "sku": ""}]}, code="BAD_REQUEST", asked="An empty sku")
    await server.refused(
        operation, body={"lines": [{**line, "quantity": 1.5}]}, code="BAD_REQUEST", asked="A quantity that is a number"
    )
    await server.refused(operation, body={"lines": [line, line]}, code="BAD_REQUEST", asked="A ref used twice")


async def _limit(server: Server, operation: Operation, *, lines: Sequence[Line]) -> None:
    limit = operation.max_keys
    padding = (_line(f"{NOBODY}-{number}", _NOTHING) for number in range(limit))
    full = [*lines, *padding][:limit]
    answer = await server.ask(operation, body={"lines": full}, expect=(200, 400), asked=f"{limit} lines")
    if answer and takes(server, operation, answer, limit=limit):
        over = [*full, _line(f"{NOBODY}-over", _NOTHING)]
        await server.refused(operation, body={"lines": over}, code="LIMIT_EXCEEDED", asked=f"{limit + 1} lines")


async def _same_prices(
    server: Server, operation: Operation, *, lines: Sequence[Line], rows: Mapping[str, Mapping[str, Any]]
) -> None:
    ref = next(iter(rows))
    one = [line for line in lines if line["ref"] == ref]
    unknown = _line(f"{NOBODY}-unknown", _NOTHING)
    asked = {
        "One line": one,
        "An unknown line beside a known one": [unknown, *one],
        "The same lines backwards": list(reversed(lines)),
    }
    for what, some in asked.items():
        found = await _asked(server, operation, lines=some, asked=what)
        wanted = {str(line["ref"]) for line in some if line["ref"] in rows}
        if found is not None and {name: found[name].get("unit") for name in found} != {
            name: rows[name].get("unit") for name in wanted
        }:
            server.tell(
                operation,
                "$.prices",
                what=f"{what}: {len(found)} prices, not the same as the {len(wanted)} before.",
                hint="A line's price does not depend on the other lines, nor on their order.",
            )
