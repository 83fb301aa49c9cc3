"""Two distributors' customers who may not know of each other, and every path that the schema opens to one of them.

`facts(with_foreign=False)` is the same world without the other customer: whatever a viewer is told must be the same in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_leaf_type,
)

from resolvers.nodes import GlobalId
from resolvers.opaque import sealed
from resolvers.schema import schema as served

MARK = "Zebra"
"""In every text of the foreign customer's that is no key."""

AMOUNT = "666.66"
"""In every amount of the foreign customer's."""

KEYS: Mapping[str, tuple[str, str, str]] = {
    "customer": ("A1", "B1", "X1"),
    "child": ("A2", "B2", "X2"),
    "shipTo": ("SA", "SB", "SX"),
    "order": ("1001", "2001", "3001"),
    "shipment": ("SHA", "SHB", "SHX"),
    "tracking": ("1ZA", "1ZB", "1ZX"),
    "po": ("PO-A", "PO-B", "PO-X"),
}
"""Keys of one's own, of the other's, and of nobody's; equally long."""

WHO = ("own", "foreign", "absent")


def _of(letter: str, mark: str, amount: str, *, company: str = "US") -> dict[str, list[dict[str, Any]]]:
    """All that one customer has."""
    at = {"A": 0, "B": 1}[letter]
    number, child, ship_to, order = (KEYS[name][at] for name in ("customer", "child", "shipTo", "order"))
    line = {"sku": "BOLT", "quantity": "2", "unitPrice": amount, "progress": {"shipped": "2"}}
    hold = {"code": "MANUAL", "reason": f"{mark} reason", "owner": f"{mark} owner"}
    first = {
        "company": company, "number": order, "customer": number, "shipTo": ship_to, "poNumber": KEYS["po"][at], "status": "SHIPPED",
        "statusText": f"{mark} status", "placedAt": "2026-06-29T08:00:00Z", "holds": [hold], "lines": [line],
    }  # fmt: skip
    second = {
        "company": company,
        "number": f"{order[0]}002",
        "customer": child,
        "status": "CLOSED",
        "backorderOf": order,
        "lines": [line],
    }
    parcel = {
        "trackingNumber": KEYS["tracking"][at],
        "weightKg": "1.5",
        "contents": [{"sku": "BOLT", "quantity": "2", "lots": [mark]}],
    }
    shipment = {
        "company": company, "number": KEYS["shipment"][at], "order": order, "carrier": "UPS", "service": f"{mark} service",
        "freight": {"amount": amount, "currency": "USD"}, "shippedAt": "2026-06-29T16:00:00Z", "parcels": [parcel],
    }  # fmt: skip
    return {
        "customers": [
            {"company": company, "number": number, "name": f"{mark} one", "segment": f"{mark} segment", "paymentTerms": f"{mark} terms"},
            {"company": company, "number": child, "name": f"{mark} two", "billTo": number},
        ],
        "shipTos": [{"company": company, "code": ship_to, "customer": number, "name": f"{mark} dock",
                     "warehouse": "RNO" if company == "US" else None}],
        "credit": [{"company": company, "number": each, "limit": amount, "exposure": amount} for each in (number, child)],
        "prices": [{"company": company, "sku": "BOLT", "customer": each, "unit": amount} for each in (number, child)],
        "orders": [first, second],
        "shipments": [shipment],
        "tracking": [{"trackingNumber": KEYS["tracking"][at], "carrier": "UPS", "status": "DELIVERED", "signedBy": mark,
                      "events": [{"at": "2026-06-29T16:00:00Z", "status": "DELIVERED", "description": f"{mark} event"}]}],
        "relationships": [{"company": company, "customer": each, "owner": f"{mark} owner", "contacts": [{"name": f"{mark} contact"}],
                           "opportunities": [{"name": f"{mark} chance", "amount": amount, "currency": "USD"}]} for each in (number, child)],
    }  # fmt: skip


def facts(*, with_foreign: bool = True) -> dict[str, Any]:
    """One's own records point at the other's, too: a ship-to, an order, a payer."""
    world: dict[str, Any] = {
        "today": "2026-06-30",
        "companies": [{"code": "US", "currency": "USD"}, {"code": "CA", "currency": "CAD"}, {"code": "MX", "currency": "MXN"}],
        "warehouses": [{"code": "RNO", "name": "Reno"}],
        "items": [{"sku": "BOLT", "name": "Bolt", "listPrice": "1.00", "substitutes": ["NUT"]},
                  {"sku": "NUT", "name": "Nut", "replacedBy": "BOLT"},
                  {"company": "CA", "sku": "MAPLE", "name": "Maple"}],
        "stock": [{"sku": "BOLT", "warehouse": "RNO", "onHand": "100"}],
    }  # fmt: skip
    crossing = {
        "number": "1003",
        "customer": "A1",
        "shipTo": "SB",
        "backorderOf": "2001",
        "status": "CLOSED",
        "lines": [{"sku": "BOLT"}],
    }
    parts = [
        _of("A", "Apple", "3.33"),
        {"customers": [{"number": "A3", "name": "Apple three", "billTo": "B1"}], "orders": [crossing]},
    ]
    if with_foreign:
        parts += [
            _of("B", MARK, AMOUNT),
            _of("B", MARK, AMOUNT, company="MX"),
            _another_companys("CA"),
            _another_companys("MX"),
        ]
    for part in parts:
        for name, rows in part.items():
            world.setdefault(name, []).extend(rows)
    return world


def _another_companys(company: str) -> dict[str, list[dict[str, Any]]]:
    """The same numbers as one's own, in a company that one is no customer of."""
    found = _of("A", MARK, AMOUNT, company=company)
    del found["tracking"]  # a parcel's number is the carrier's, and there is one of each
    return found


# ---------------------------------------------------------------- every path of the schema

NODES = {"Customer": "customer", "ShipTo": "shipTo", "Order": "order", "Shipment": "shipment"}
SHARED = ['{__typename: "Item", sku: "BOLT", company: "US"}', '{__typename: "Warehouse", code: "RNO"}']
"""Nobody's own: entities that stand beside those that are asked for."""


def _id(kind: str, who: int) -> str:
    return sealed(GlobalId(kind, "US", KEYS[NODES[kind]][who]))


def _entities(kind: str, who: int) -> str:
    """One record by each of its keys."""
    number = "code" if kind == "ShipTo" else "number"
    by_number = f'{{__typename: "{kind}", {number}: "{KEYS[NODES[kind]][who]}", company: "US"}}'
    return f'{{__typename: "{kind}", id: "{_id(kind, who)}"}} {by_number}'


def arguments(place: str, who: int) -> list[str]:
    """What a field is asked with, for keys of one's own (0), of the other (1), of nobody (2). A field that is not here must be added."""
    customer, order = KEYS["customer"][who], KEYS["order"][who]
    line = '[{sku: "BOLT", quantity: "1"}]'
    table: dict[str, list[str]] = {
        "Query.node": [f'(id: "{_id(kind, who)}")' for kind in NODES],
        "Query.nodes": [f'(ids: ["{_id(kind, who)}", "{_id(kind, 0)}"])' for kind in NODES],
        "Query._entities": [f'(representations: [{" ".join([*(_entities(kind, who) for kind in NODES), *SHARED])}])'],
        "Query.customer": [
            f'(number: "{KEYS[name][who]}"{company})' for name in ("customer", "child") for company in ("", ', company: "US"')
        ],
        "Query.customers": [
            "", "(first: 1)",
            '(search: "{}")'.format(("Apple", MARK, "Xylem")[who]),
            '(company: "{}")'.format(("US", "MX", "XX")[who]),
        ],
        "Query.item": ['(sku: "BOLT")', '(sku: "{}")'.format(("NUT", "XAPLE", "XAPLE")[who])],
        "Query.items": ['(skus: ["BOLT", "NUT"])'],
        "Query.searchItems": ['(text: "{}")'.format(("bolt", MARK, "Xylem")[who]), '(company: "{}")'.format(("US", "MX", "XX")[who])],
        "Query.quote": [
            f'(input: {{customer: "{customer}", lines: {line}}})',
            f'(input: {{company: "US", customer: "A1", shipTo: "{KEYS["shipTo"][who]}", lines: {line}}})',
        ],
        "Query.order": [f'(number: "{order}")', f'(number: "{order[0]}002", company: "US")'],
        "Query.orders": [
            "", "(first: 1)", f'(customer: "{customer}")',
            f'(customer: "{KEYS["child"][who]}", company: "US")', f'(poNumber: "{KEYS["po"][who]}")',
            '(company: "{}")'.format(("US", "MX", "XX")[who]), "(status: [CLOSED])", '(placedTo: "2026-06-29")',
        ],
        "Query.shipment": [f'(number: "{KEYS["shipment"][who]}")'],
        "Query.tracking": [f'(trackingNumber: "{KEYS["tracking"][who]}")', f'(trackingNumber: "{KEYS["tracking"][who]}", carrier: "UPS")'],
        "Query.validateOrder": [
            f'(input: {{company: "US", customer: "{customer}", shipTo: "SA", lines: {line}}})',
            f'(input: {{company: "US", customer: "A1", shipTo: "{KEYS["shipTo"][who]}", lines: {line}}})',
            f'(input: {{customer: "A1", shipTo: "SA", poNumber: "{KEYS["po"][who]}", lines: {line}}})',
        ],
        "Query.submission": ['(id: "{}")'.format(sealed(GlobalId("OrderSubmission", "", "0" * 24)))],
        "Query.operations": ['(since: "2026-06-30T00:00:00Z", until: "2026-07-01T00:00:00Z")'],
        "Query.recentOperations": [""],
        "Query.submissions": ["", f'(customer: "{customer}")'],
        "Item.price": [f'(customer: "{customer}")', f'(customer: "A1", shipTo: "{KEYS["shipTo"][who]}")'],
        "Item.availability": ["", f'(shipTo: "{KEYS["shipTo"][who]}")'],
        "Availability.promise": ['(quantity: "1")'],
        "Customer.children": ["", "(first: 1)"],
        "Customer.orders": ["", "(status: [SHIPPED])"],
    }  # fmt: skip
    return table[place]


ELSEWHERE = {"OrderSubmission", "_Service"}
"""Submissions are taken by one gateway of a process: tests/orders/test_callers.py asks for those of others. The SDL is nobody's."""


class Path(NamedTuple):
    """A query down one path, for each of the three whose keys it is asked with; what does not depend on keys is the same in all."""

    place: str
    steps: tuple[str, ...]
    own: str
    foreign: str
    absent: str


def paths(schema: GraphQLSchema | None = None, *, hops: int = 7, visits: int = 2) -> Iterator[Path]:
    """Down to so many fields, through no type more often than `visits` times."""
    schema = schema or build_schema(served.as_str())
    walk = _Walk(schema, hops, visits)
    root = schema.query_type
    if root is not None:
        yield from walk.below(root, (), ())


class _Step(NamedTuple):
    place: str
    name: str
    has_arguments: bool


class _Walk:
    def __init__(self, schema: GraphQLSchema, hops: int, visits: int) -> None:
        self._schema, self._hops, self._visits = schema, hops, visits

    def below(self, kind: GraphQLNamedType, steps: tuple[_Step, ...], types: tuple[str, ...]) -> Iterator[Path]:
        for concrete in self._concrete(kind):
            if types.count(concrete.name) >= self._visits:
                continue
            under = (
                (*steps, _Step("", f"... on {concrete.name}", has_arguments=False)) if concrete is not kind else steps
            )
            leaves = [
                name
                for name, field in concrete.fields.items()
                if is_leaf_type(get_named_type(field.type)) and not field.args
            ]
            if steps and leaves:
                yield from _asked(under, leaves)
            if len(steps) < self._hops:
                for name, field in concrete.fields.items():
                    if not is_leaf_type(get_named_type(field.type)):
                        step = _Step(f"{concrete.name}.{name}", name, has_arguments=bool(field.args))
                        yield from self.below(get_named_type(field.type), (*under, step), (*types, concrete.name))

    def _concrete(self, kind: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        found = (
            self._schema.get_possible_types(kind)
            if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType)
            else [kind]
        )
        return [each for each in found if isinstance(each, GraphQLObjectType) and each.name not in ELSEWHERE]


def _asked(steps: tuple[_Step, ...], leaves: Sequence[str]) -> Iterator[Path]:
    """Each step's arguments in turn with everybody's keys, the others' with one's own."""
    place = "/".join(step.name for step in steps)
    fields = tuple(step.place or step.name for step in steps)
    turning = [at for at, step in enumerate(steps) if step.has_arguments]
    if not turning:
        text = _query(steps, leaves, {})
        yield Path(place, fields, text, text, text)
    for at in turning:
        for variant in range(len(arguments(steps[at].place, 0))):
            texts = [_query(steps, leaves, {at: arguments(steps[at].place, who)[variant]}) for who in range(len(WHO))]
            yield Path(place, fields, *texts)


def _query(steps: tuple[_Step, ...], leaves: Sequence[str], given: Mapping[int, str]) -> str:
    text = "{ " + " ".join(leaves) + " }"
    for at, step in reversed(list(enumerate(steps))):
        chosen = given.get(at, arguments(step.place, 0)[0] if step.has_arguments else "")
        text = f"{{ {step.name}{chosen} {text} }}"
    return text


def all_fields(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__"):
            yield from ((f"{name}.{field}", definition) for field, definition in kind.fields.items())
