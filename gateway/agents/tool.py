"""A trusted document as a tool: what it is called, takes and gives, and who is shown it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from gateway.agents.arguments import KEY, Schema, arguments
from gateway.agents.result import result
from gateway.agents.settings import ToolSettings
from resolvers.subgraph import Scopes, scopes
from sources.viewer import Viewer


class BadTool(Exception):
    """The document cannot be a tool; the message says why."""


class Tool(NamedTuple):
    """`document` is its id. `is_repeatable`: a mutation that is done once, however often it is called with the same arguments."""

    name: str
    title: str
    description: str
    document: str
    takes: Schema
    gives: Schema
    is_query: bool
    is_repeatable: bool
    is_destructive: bool
    scopes: tuple[Scopes, ...]

    def is_for(self, viewer: Viewer) -> bool:
        """Whether the viewer may ask each of its root fields: of what lies deeper, an answer shows what it may."""
        return all(_opens(viewer, each) for each in self.scopes)


def _opens(viewer: Viewer, needed: Scopes) -> bool:
    enough = all if needed.each else any
    return not needed.names or enough(viewer.may(each) for each in needed.names)


def tool(name: str, chosen: ToolSettings, identity: str, parsed: tuple[GraphQLSchema, DocumentNode]) -> Tool:
    """Raises BadTool. `identity`: the document's id; `parsed`: it was validated against that schema."""
    schema, document = parsed
    operation = _only_operation(document)
    description = chosen.description or (operation.description.value if operation.description else "")
    if not description:
        raise BadTool("it has no `description`, by which an agent would know when to call it")
    fields = list(_root_fields(document, operation.selection_set))
    takes, is_query = arguments(schema, document, operation), operation.operation is OperationType.QUERY
    return Tool(
        name,
        chosen.title or name,
        description,
        identity,
        takes,
        result(schema, document, operation),
        is_query=is_query,
        is_repeatable=is_query or all(_has_key(schema, each) for each in fields),
        is_destructive=not is_query and chosen.destructive,
        scopes=tuple(_scopes(schema, operation, each) for each in fields if not each.startswith("__")),
    )


def _only_operation(document: DocumentNode) -> OperationDefinitionNode:
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(found) != 1:
        raise BadTool(f"its document has {len(found)} operations, and a tool is one")
    if found[0].operation is OperationType.SUBSCRIPTION:
        raise BadTool("it is a subscription, and a tool answers once")
    return found[0]


def _root_fields(document: DocumentNode, selections: SelectionSetNode) -> Iterator[str]:
    fragments: Mapping[str, FragmentDefinitionNode] = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        else:
            found: Any = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            yield from _root_fields(document, found.selection_set)


def _scopes(schema: GraphQLSchema, operation: OperationDefinitionNode, field: str) -> Scopes:
    root: Any = schema.get_root_type(operation.operation)
    return scopes(schema, root.name, field)


def _has_key(schema: GraphQLSchema, field: str) -> bool:
    """Whether the mutation takes a key by which it is done once."""
    kind: Any = schema.mutation_type
    given = kind.fields[field].args.values() if field in kind.fields else ()
    return any(KEY in getattr(getattr(each.type, "of_type", each.type), "fields", {}) for each in given)
