"""Which types a client can come to, from the root types along fields, arguments and interfaces."""

from collections.abc import Container, Iterator
from typing import Any

from graphql import GraphQLNamedType, GraphQLSchema, get_named_type, is_abstract_type


def reachable(schema: GraphQLSchema, without: Container[str]) -> frozenset[str]:
    """Names of types; `without`: coordinates of elements that are not followed."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    waiting: list[GraphQLNamedType] = [root for root in roots if root is not None]
    found = {each.name for each in waiting}
    while waiting:
        for kind in _next(schema, waiting.pop(), without):
            if kind.name not in found:
                found.add(kind.name)
                waiting.append(kind)
    return frozenset(found)


def _next(schema: GraphQLSchema, kind: Any, without: Container[str]) -> Iterator[GraphQLNamedType]:
    yield from getattr(kind, "interfaces", ())
    if is_abstract_type(kind):
        yield from schema.get_possible_types(kind)
    for name, field in getattr(kind, "fields", {}).items():
        place = f"{kind.name}.{name}"
        if place not in without:
            yield get_named_type(field.type)
            arguments = getattr(field, "args", {}).items()
            yield from (get_named_type(each.type) for arg, each in arguments if f"{place}({arg}:)" not in without)
