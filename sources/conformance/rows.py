"""What holds within one answer and no schema can say: sums, orders of events, references between rows. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from sources.conformance.contract import Violation

Row = Mapping[str, Any]


def of_row(rows: str, row: Row) -> Iterator[Violation]:
    """What one row gets wrong; `rows` is the answer's member it stands in."""
    rule = _ROW_RULES.get(rows)
    return rule(row) if rule else iter(())


def of_answer(operation: str, body: Mapping[str, Any]) -> Iterator[Violation]:
    """What the rows of one answer get wrong together."""
    rule = _ANSWER_RULES.get(operation)
    return rule(body) if rule else iter(())


def _item(row: Row) -> Iterator[Violation]:
    base = [each for each in _objects(row, "uoms") if each.get("code") == row.get("uom")]
    if not any(number(each.get("factor")) == 1 for each in base):
        yield Violation(
            "$.items[*].uoms",
            f"{row.get('sku')}: the base unit {row.get('uom')} is not among the units with factor 1.",
            "uoms holds every unit the item is sold in, the base unit with factor 1 included.",
        )


def _credit(row: Row) -> Iterator[Violation]:
    limit, exposure, available = (number(row.get(member)) for member in ("limit", "exposure", "available"))
    wanted = None if limit is None or exposure is None else limit - exposure
    if available != wanted:
        yield Violation(
            "$.credit[*].available",
            f"{row.get('number')}: available is {available}, limit minus exposure is {wanted}.",
            "available is limit minus exposure, and null where there is no limit.",
        )


def _price(row: Row) -> Iterator[Violation]:
    minimums = [number(each.get("minimum")) or Decimal(0) for each in _objects(row, "breaks")]
    if minimums != sorted(set(minimums)):
        yield Violation(
            "$.prices[*].breaks",
            f"{row.get('ref')}: the minimums are {', '.join(map(str, minimums))}.",
            "Quantity breaks come with the smallest minimum first, each minimum once.",
        )


def _tracking(row: Row) -> Iterator[Violation]:
    times = [moment(each.get("at")) for each in _objects(row, "events")]
    if times != sorted(times):
        yield Violation(
            "$.tracking[*].events",
            f"{row.get('trackingNumber')}: a later event stands before an earlier one.",
            "Events come oldest first.",
        )


def _stock(body: Row) -> Iterator[Violation]:
    told = {each.get("code") for each in _objects(body, "warehouses")}
    missing = {str(row.get("warehouse")) for row in _objects(body, "stock") if row.get("warehouse") not in told}
    if missing:
        yield Violation(
            "$.warehouses",
            f"Stock rows name {', '.join(sorted(missing))}.",
            "warehouses holds the warehouse of every stock row.",
        )


def _by_order(body: Row) -> Iterator[Violation]:
    seen: dict[object, str] = {}
    for row in _objects(body, "shipments"):
        # "~" sorts after every digit: what has not left yet is the newest.
        sent = moment(row.get("shippedAt")) or "~"
        if sent > seen.get(row.get("order"), "~"):
            yield Violation(
                "$.shipments",
                f"Order {row.get('order')}: a newer shipment stands after an older one.",
                "The newest comes first in an order.",
            )
        seen[row.get("order")] = sent


def _simulation(body: Row) -> Iterator[Violation]:
    totals = [number(line.get("total")) for line in _objects(body, "lines")]
    subtotal, tax, freight, total = (number(body.get(member)) for member in ("subtotal", "tax", "freight", "total"))
    if None not in totals and subtotal is not None and sum(each for each in totals if each is not None) != subtotal:
        told = f"the line totals are {', '.join(map(str, totals))}" if totals else "there are no line totals"
        yield Violation("$.subtotal", f"It is {subtotal}; {told}.", "subtotal is the sum of the line totals.")
    if subtotal is not None and tax is not None and freight is not None and total != subtotal + tax + freight:
        yield Violation(
            "$.total",
            f"It is {total}, the parts are {subtotal}, {tax}, {freight}.",
            "total is subtotal plus tax plus freight.",
        )


_ROW_RULES: Mapping[str, Callable[[Row], Iterator[Violation]]] = {
    "items": _item,
    "credit": _credit,
    "prices": _price,
    "tracking": _tracking,
}
_ANSWER_RULES: Mapping[str, Callable[[Row], Iterator[Violation]]] = {
    "stock": _stock,
    "shipmentsByOrder": _by_order,
    "simulateOrder": _simulation,
}


def number(value: object) -> Decimal | None:
    """The decimal in a string; None for everything else, which the schema has found already."""
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None


def moment(value: object) -> str:
    """A UTC timestamp so that comparing texts compares times: a second without decimals sorts before one with."""
    return value.removesuffix("Z") if isinstance(value, str) else ""


def _objects(row: Row, member: str) -> Sequence[Mapping[str, Any]]:
    value = row.get(member)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
