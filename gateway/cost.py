"""What an operation may cost: objects in its answer and keys asked of its sources, with list sizes taken from its arguments.

    cost of a field = what its sources ask for each parent + for each object it answers with: 1 + the cost of its selection

A list is as long as its slicing argument says (`first`, `skus`, `ids`, `input.lines`), else as `ASSUMED` says. Where the length hangs on
a variable the cost stays a sum with that factor open, so that a document is walked once and each request only fills in its values.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
)

DEFAULT_SIZE = 10
ASSUMED: Mapping[str, int] = {
    "Availability.timeline": 30,
    "Availability.warehouses": 5,
    "Customer.shipTos": 10,
    "DeliveryPromise.portions": 3,
    "Item.substitutes": 5,
    "Item.uoms": 3,
    "Operations.series": 200,
    "OperationsFigures.exceptionReasons": 5,
    "OperationsFigures.submissionChannels": 6,
    "Order.holds": 2,
    "Order.lines": 20,
    "Order.shipments": 3,
    "Parcel.contents": 10,
    "Parcel.tracking": 1,
    "Price.breaks": 5,
    "Query.sources": 4,
    "QuoteLine.problems": 2,
    "Shipment.parcels": 5,
    "Tracking.events": 10,
}
"""How many rows a list without a slicing argument is taken to have; `DEFAULT_SIZE` where it is not named."""

SLICED: Mapping[str, str] = {"Query.nodes": "ids", "Query.quote": "input.lines", "Query.validateOrder": "input.lines"}
"""Slicing arguments that fields do not declare themselves (`answers=`)."""

MOST: Mapping[str, int] = {"first": 100, "ids": 100, "skus": 500, "representations": 500, "input.lines": 500}
"""A longer one is refused by the field itself, which names the argument; it costs no more than this until then."""

SIZED = frozenset({"edges", "lines"})
"""Lists right below a sliced field that its argument is about."""

DEFAULT_WEIGHT = 1
WEIGHTS: Mapping[str, int] = {
    "carrier.tracking": 5,
    "erp.credit_by_customer": 5,
    "erp.customers_by_bill_to": 5,
    "erp.orders_by_customer": 5,
    "erp.prices": 2,
    "erp.search_customers": 10,
    "erp.search_items": 10,
    "erp.search_orders": 10,
    "erp.supply_demand": 2,
}
"""What one key asked of a source costs, by its operation."""

WRITE = 50
"""What a mutation costs besides what it answers with."""

CEILING = 10**12
"""Beyond it nothing is told apart: a fragment bomb's cost has as many digits as it has fragments."""


class Size(NamedTuple):
    """How long a list may be: a number, or what a variable will say; `path` leads into the variable's value."""

    number: int
    variable: str | None = None
    path: tuple[str, ...] = ()
    most: int = CEILING

    def of(self, variables: Mapping[str, Any]) -> int:
        if self.variable is None:
            return self.number
        value = variables.get(self.variable, Undefined)
        for name in self.path:
            value = value.get(name, Undefined) if isinstance(value, dict) else Undefined
        if isinstance(value, list):
            return min(self.most, len(value))
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return max(0, min(self.most, value)) if is_number else self.number


ONE = Size(1)


class Sum:
    """A cost: a constant, and terms that hang on variables."""

    __slots__ = ("constant", "terms")

    def __init__(self, constant: int = 0) -> None:
        self.constant = constant
        self.terms: list[tuple[Size, Sum]] = []

    def add(self, size: Size, each: "Sum") -> None:
        """`size` times `each`, worked out as far as it is known."""
        if size.variable is not None:
            self.terms.append((size, each))
            return
        self.constant = min(CEILING, self.constant + size.number * each.constant)
        if each.terms and size.number:
            self.terms.append((size, _only_terms(each)))

    def of(self, variables: Mapping[str, Any], known: dict[int, int] | None = None) -> int:
        """Each shared part is worked out once, however often its fragment is spread."""
        if not self.terms:
            return self.constant
        known = {} if known is None else known
        found = known.get(id(self))
        if found is None:
            parts = (size.of(variables) * each.of(variables, known) for size, each in self.terms)
            found = known[id(self)] = min(CEILING, self.constant + sum(parts))
        return found


def _only_terms(cost: Sum) -> Sum:
    rest = Sum()
    rest.terms = cost.terms
    return rest


# ---------------------------------------------------------------- sizes and weights


def weight(definition: GraphQLField) -> int:
    reads: Sequence[str] = _metadata(definition).get("reads", ())
    return sum(WEIGHTS.get(each, DEFAULT_WEIGHT) for each in reads)


def slicing(
    place: str, node: FieldNode, definition: GraphQLField, defaults: Mapping[str, ValueNode | None]
) -> Size | None:
    """What the field's slicing argument says; None where it has none."""
    named = SLICED.get(place) or _metadata(definition).get("answers")
    if not named:
        return None
    name, *path = str(named).split(".")
    given = next((each.value for each in node.arguments or () if each.name.value == name), None)
    argument = definition.args.get(name)
    default = argument.default_value if argument is not None else Undefined
    assumed = default if isinstance(default, int) else DEFAULT_SIZE
    found = _size(given, tuple(path), defaults, assumed=assumed)
    most = MOST.get(str(named), CEILING)
    return found._replace(number=min(most, found.number), most=most)


def _size(
    value: ValueNode | None, path: tuple[str, ...], defaults: Mapping[str, ValueNode | None], *, assumed: int
) -> Size:
    for at, name in enumerate(path):
        if isinstance(value, VariableNode):
            return _by_variable(value, path[at:], defaults, assumed=assumed)
        fields = value.fields if isinstance(value, ObjectValueNode) else ()
        value = next((each.value for each in fields if each.name.value == name), None)
    if isinstance(value, VariableNode):
        return _by_variable(value, (), defaults, assumed=assumed)
    if isinstance(value, ListValueNode):
        return Size(len(value.values))
    return Size(_number(value)) if isinstance(value, IntValueNode) else Size(assumed)


def _by_variable(
    node: VariableNode, path: tuple[str, ...], defaults: Mapping[str, ValueNode | None], *, assumed: int
) -> Size:
    name = node.name.value
    default = defaults.get(name)
    fallback = _size(default, path, {}, assumed=assumed).number if default is not None else assumed
    return Size(fallback, name, path)


def _number(node: IntValueNode) -> int:
    return max(0, int(node.value)) if len(node.value) <= len(str(CEILING)) else CEILING


def _metadata(definition: GraphQLField) -> Mapping[str, Any]:
    field: Any = definition.extensions.get("strawberry-definition")
    found: Mapping[str, Any] = field.metadata if field is not None else {}
    return found
