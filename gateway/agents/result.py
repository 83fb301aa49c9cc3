"""An operation's answer as JSON Schema: what a tool gives back, field by field as the document selects them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from gateway.agents.arguments import SCALARS, Schema

ERRORS: Final[Schema] = {
    "type": "array",
    "description": "What could not be answered, and why: the places that `path` names are null for no other reason.",
    "items": {
        "type": "object",
        "properties": {
            "message": {"type": "string"},
            "path": {"type": "array", "items": {"type": ["string", "integer"]}},
            "extensions": {"type": "object", "properties": {"code": {"type": "string"}}},
        },
        "required": ["message"],
    },
}


class _Within(NamedTuple):
    """Fields of an object of this type; `always`: whatever the variables and the object's own type are."""

    kind: Any
    selections: SelectionSetNode
    always: bool


class _Selected(NamedTuple):
    node: FieldNode
    field: GraphQLField
    always: bool


def result(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Schema:
    """`data` and `errors`, as /graphql answers."""
    root = schema.get_root_type(operation.operation)
    data = _Shapes(schema, document).of([_Within(root, operation.selection_set, always=True)])
    return {"type": "object", "properties": {"data": {**data, "type": ["object", "null"]}, "errors": ERRORS}}


class _Shapes:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }

    def of(self, within: Sequence[_Within]) -> Schema:
        found: dict[str, list[_Selected]] = {}
        for each in within:
            for key, selected in self._selected(each):
                found.setdefault(key, []).append(selected)
        properties = {key: self._field(each) for key, each in found.items()}
        required = [key for key, each in found.items() if any(selected.always for selected in each)]
        return {"type": "object", "properties": properties, "required": required}

    def _selected(self, within: _Within) -> Iterator[tuple[str, _Selected]]:
        """Fields and those of fragments, by the names that they have in the answer."""
        for node in within.selections.selections:
            always = within.always and not node.directives
            if isinstance(node, FieldNode):
                field = self._schema.get_field(within.kind, node.name.value)
                if field is None:
                    raise TypeError("A document that was validated asks only fields that are there.")
                yield node.alias.value if node.alias else node.name.value, _Selected(node, field, always)
            elif isinstance(node, InlineFragmentNode | FragmentSpreadNode):
                yield from self._selected(self._inside(within.kind, node, always=always))

    def _inside(self, kind: Any, node: InlineFragmentNode | FragmentSpreadNode, *, always: bool) -> _Within:
        found = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        condition = found.type_condition
        inner = self._schema.type_map[condition.name.value] if condition else kind
        return _Within(inner, found.selection_set, always and inner is kind)

    def _field(self, selected: Sequence[_Selected]) -> Schema:
        """Fields under one name have one shape, which validation holds: so the first tells whether it is null, or a list."""
        field = selected[0].field
        found = self._typed(field.type, selected)
        return {**found, "description": field.description} if field.description else found

    def _typed(self, kind: Any, selected: Sequence[_Selected]) -> Schema:
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, selected)
        found = self._present(kind, selected)
        nullable = {**found, "type": [found["type"], "null"]}
        return {**nullable, "enum": [*found["enum"], None]} if "enum" in found else nullable

    def _present(self, kind: Any, selected: Sequence[_Selected]) -> Schema:
        if isinstance(kind, GraphQLList):
            return {"type": "array", "items": self._typed(kind.of_type, selected)}
        if isinstance(kind, GraphQLEnumType):
            return {"type": "string", "enum": list(kind.values)}
        if isinstance(kind, GraphQLScalarType):
            return {"type": SCALARS[kind.name]["type"]}
        return self.of([self._below(each, is_only=len(selected) == 1) for each in selected])

    def _below(self, selected: _Selected, *, is_only: bool) -> _Within:
        """Where a field is selected once, what is below it is there whenever the field is."""
        if selected.node.selection_set is None:
            raise TypeError("A document that was validated says what it wants of an object.")
        return _Within(get_named_type(selected.field.type), selected.node.selection_set, selected.always or is_only)
