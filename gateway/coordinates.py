"""The elements of a schema's text, each by its schema coordinate: Customer, Customer.orders, Customer.orders(first:)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
)

Directives = tuple[ConstDirectiveNode, ...]


def directives(document: DocumentNode) -> Mapping[str, Directives]:
    """By coordinate, of every element there is, what was applied to it; `schema` stands for the schema as a whole."""
    found: dict[str, Directives] = {}
    for definition in document.definitions:
        for coordinate, node in _elements(definition):
            found[coordinate] = (*found.get(coordinate, ()), *(node.directives or ()))
    return found


def _elements(definition: DefinitionNode) -> Iterator[tuple[str, Any]]:
    if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
        yield "schema", definition
    elif isinstance(definition, DirectiveDefinitionNode):
        yield from _arguments(f"@{definition.name.value}", definition.arguments)
    elif isinstance(definition, TypeDefinitionNode | TypeExtensionNode):
        name = definition.name.value
        yield name, definition
        for member in (*(getattr(definition, "fields", None) or ()), *(getattr(definition, "values", None) or ())):
            coordinate = f"{name}.{member.name.value}"
            yield coordinate, member
            yield from _arguments(coordinate, getattr(member, "arguments", None))


def _arguments(owner: str, nodes: Sequence[Any] | None) -> Iterator[tuple[str, Any]]:
    for node in nodes or ():
        yield f"{owner}({node.name.value}:)", node
