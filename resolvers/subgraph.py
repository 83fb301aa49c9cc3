"""The schema as a subgraph of a supergraph: keys of the entities, scopes that fields take, types that others may define too.

What a field takes is read from where it is enforced: from the rules of the ports for what asks a source, and from the scopes that
our own code checks for the rest. docs/security.md tells the same for people, and a test holds both together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import strawberry
from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    parse,
    print_ast,
)

import resolvers.enums  # noqa: F401 - describes the enums before they are used, whoever imports this first
from resolvers.entities import ENTITIES
from resolvers.operations import READ as OPERATIONS
from resolvers.ordering import QUOTE_SCOPES
from resolvers.submissions import READ, RESOLVE, SUBMIT
from resolvers.telling import SCOPES_OF_TOPICS
from sources.permitted import RULES

VERSION = "2.9"
"""The newest that both composers know."""

DIRECTIVES = ("@authenticated", "@key", "@requiresScopes", "@shareable", "@tag")
SECURITY = frozenset({"@authenticated", "@requiresScopes"})
"""What a gateway that does not enforce them must refuse, as Apollo's for Node does."""

SHAREABLE = frozenset({"Address", "Money", "PageInfo"})
"""Values that any subgraph may speak of: they are the same wherever they are made, and nobody's own."""

OPERATOR = "source:read"
"""What takes it is tagged, so that a contract can leave it out: it is about this gateway, not about the business."""


class Scopes(NamedTuple):
    """`each`: all of them are needed; else each opens its own part of the answer, and one of them is enough to ask."""

    names: frozenset[str]
    each: bool = True


NONE = Scopes(frozenset())

OWN_SCOPES: Mapping[str, Scopes] = {
    "Mutation.cancelSubmission": Scopes(frozenset({SUBMIT})),
    "Mutation.resolveSubmission": Scopes(frozenset({RESOLVE})),
    "Mutation.retrySubmission": Scopes(frozenset({SUBMIT})),
    "Mutation.submitOrder": Scopes(frozenset({SUBMIT})),
    "OrderSubmission.total": Scopes(frozenset({"price:read"})),
    "OrderValidation.quote": Scopes(QUOTE_SCOPES),
    "Query.operations": Scopes(frozenset({OPERATIONS})),
    "Query.recentOperations": Scopes(frozenset({OPERATOR})),
    "Query.sources": Scopes(frozenset({OPERATOR})),
    "Query.submission": Scopes(frozenset({READ})),
    "Query.submissions": Scopes(frozenset({READ})),
    "Query.validateOrder": Scopes(frozenset({SUBMIT})),
    "SubmissionEvent.submission": Scopes(frozenset({READ})),
    "SubmissionLine.total": Scopes(frozenset({"price:read"})),
    "SubmissionLine.unitPrice": Scopes(frozenset({"price:read"})),
    "Subscription.availabilityChanges": Scopes(frozenset({SCOPES_OF_TOPICS["availability"]})),
    "Subscription.shipmentEvents": Scopes(frozenset({SCOPES_OF_TOPICS["shipments"]})),
    "Subscription.submissionEvents": Scopes(frozenset({SCOPES_OF_TOPICS["submissions"]})),
}
"""Of fields whose own code checks them; `Query.validateOrder` reads what its rules need, for whoever may order."""

IN_PARTS = frozenset({"Query._entities", "Query.node", "Query.nodes", "Query.quote"})
"""They show of each part of the answer what its own scope allows."""


@strawberry.type(name="_Service", description="This gateway as a subgraph.")
class Service:
    sdl: str = strawberry.field(description="Its schema, with what a router goes by.")


def scopes(schema: GraphQLSchema, kind: str, field: str) -> Scopes:
    """What a field of an object type takes, by where it is enforced."""
    place = f"{kind}.{field}"
    if place in OWN_SCOPES:
        return OWN_SCOPES[place]
    found: Any = schema.type_map[kind]
    definition = found.fields[field].extensions.get("strawberry-definition")
    reads: Sequence[str] = definition.metadata.get("reads", ()) if definition is not None else ()
    names = frozenset(scope for each in reads if (scope := RULES[each].scope) is not None)
    return Scopes(names, each=place not in IN_PARTS)


def annotated(text: str, schema: GraphQLSchema, *, with_scopes: bool) -> str:
    """The printed schema with federation's directives."""
    imported = ", ".join(f'"{each}"' for each in DIRECTIVES if with_scopes or each not in SECURITY)
    link = f'extend schema @link(url: "https://specs.apollo.dev/federation/v{VERSION}", import: [{imported}])'
    definitions = parse(text, no_location=True).definitions
    parts = (print_ast(_with_directives(each, schema, with_scopes=with_scopes)) for each in definitions)
    return "\n\n".join([link, *parts]) + "\n"


def _with_directives(node: DefinitionNode, schema: GraphQLSchema, *, with_scopes: bool) -> DefinitionNode:
    if not isinstance(node, ObjectTypeDefinitionNode):
        return node
    name, fields = node.name.value, node.fields or ()
    needed = {each.name.value: scopes(schema, name, each.name.value) for each in fields}
    texts = {field: [*(_security(name, each) if with_scopes else ()), *_tags(each)] for field, each in needed.items()}
    return replace(
        node,
        directives=(*(node.directives or ()), *_of_type(name)),
        fields=tuple(_field(each, texts[each.name.value]) for each in fields),
    )


def _of_type(name: str) -> tuple[ConstDirectiveNode, ...]:
    keys = [f'@key(fields: "{" ".join(fields)}")' for fields in ENTITIES[name].keys] if name in ENTITIES else []
    return _directives([*keys, *(["@shareable"] if name in SHAREABLE else [])])


def _field(node: FieldDefinitionNode, texts: Sequence[str]) -> FieldDefinitionNode:
    return replace(node, directives=(*(node.directives or ()), *_directives(texts))) if texts else node


def _security(kind: str, needed: Scopes) -> Sequence[str]:
    if needed.names:
        return [f"@requiresScopes(scopes: {_alternatives(needed)})"]
    return ["@authenticated"] if kind == "Query" else []


def _tags(needed: Scopes) -> Sequence[str]:
    return ['@tag(name: "operator")'] if OPERATOR in needed.names else []


def _alternatives(needed: Scopes) -> str:
    quoted = [f'"{each}"' for each in sorted(needed.names)]
    return f"[[{', '.join(quoted)}]]" if needed.each else "[" + ", ".join(f"[{each}]" for each in quoted) + "]"


def _directives(texts: Sequence[str]) -> tuple[ConstDirectiveNode, ...]:
    """Read from text, which is how everybody knows them."""
    if not texts:
        return ()
    (holder,) = parse(f"type X {' '.join(texts)}", no_location=True).definitions
    return tuple(getattr(holder, "directives", None) or ())
