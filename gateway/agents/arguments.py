"""An operation's variables as JSON Schema: what a tool takes."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    VariableNode,
    Visitor,
    is_required_input_field,
    type_from_ast,
    value_from_ast_untyped,
    visit,
)

Schema = dict[str, Any]

SCALARS: Final[Mapping[str, Schema]] = {
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Decimal": {"type": "string", "pattern": r"^[+-]?\d{1,30}(\.\d{1,30})?$"},
    "Float": {"type": "number"},
    "ID": {"type": "string"},
    "Int": {"type": "integer"},
    "String": {"type": "string"},
}

KEY: Final = "idempotencyKey"
"""The field by which a mutation is done once."""


_KEY_SCHEMA: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "description": "Names this very change: the same key again is the same change, and never a second one.",
}
_PLAIN: Final = frozenset({"Boolean", "Float", "ID", "Int", "String"})
"""Scalars that everybody knows."""


def arguments(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Schema:
    """An object with a property for each variable; nothing else is allowed in it."""
    told, shapes = _told(schema, document), _Shapes(asks_for_key=operation.operation is OperationType.MUTATION)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for each in operation.variable_definitions or ():
        name, kind = each.variable.name.value, type_from_ast(schema, each.type)
        text = each.description.value if each.description else told.get(name)
        properties[name] = _described(shapes.of(kind), text)
        if each.default_value is not None:
            properties[name]["default"] = value_from_ast_untyped(each.default_value)
        elif isinstance(kind, GraphQLNonNull):
            required.append(name)
    return _object(properties, required)


class _Shapes:
    """`asks_for_key`: an agent calls again when in doubt, and has no header to send a key by, so a mutation's is asked of it."""

    def __init__(self, *, asks_for_key: bool) -> None:
        self._asks_for_key = asks_for_key

    def of(self, kind: Any) -> Schema:
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type)
        found = self._present(kind)
        nullable = {**found, "type": [found["type"], "null"]}
        return {**nullable, "enum": [*found["enum"], None]} if "enum" in found else nullable

    def _present(self, kind: Any) -> Schema:
        """Of a value that is not null."""
        if isinstance(kind, GraphQLList):
            return {"type": "array", "items": self.of(kind.of_type)}
        if isinstance(kind, GraphQLEnumType):
            return _described({"type": "string", "enum": list(kind.values)}, _meanings(kind))
        if isinstance(kind, GraphQLInputObjectType):
            properties = {name: self._field(name, field) for name, field in kind.fields.items()}
            required = [name for name, field in kind.fields.items() if self._is_required(name, field)]
            return _described(_object(properties, required), kind.description)
        return _described(dict(SCALARS[kind.name]), kind.description if kind.name not in _PLAIN else None)

    def _field(self, name: str, field: GraphQLInputField) -> Schema:
        if name == KEY and self._asks_for_key:
            return _KEY_SCHEMA
        found, default = _described(self.of(field.type), field.description), field.default_value
        return (
            found
            if default is Undefined or default is None
            else {**found, "default": getattr(default, "name", default)}
        )

    def _is_required(self, name: str, field: GraphQLInputField) -> bool:
        return (name == KEY and self._asks_for_key) or is_required_input_field(field)


def _object(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": required} if required else found


def _meanings(kind: GraphQLEnumType) -> str:
    lines = [f"{name}: {value.description}" for name, value in kind.values.items() if value.description]
    return "\n".join([kind.description or kind.name, *lines])


def _described(found: Schema, text: str | None) -> Schema:
    return {**found, "description": text} if text else found


def _told(schema: GraphQLSchema, document: DocumentNode) -> Mapping[str, str]:
    """What the schema says of the arguments and input fields that variables stand in, the first of each."""
    info = TypeInfo(schema)
    search = _Uses(info)
    visit(document, TypeInfoVisitor(info, search))
    return search.told


class _Uses(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.told: dict[str, str] = {}

    def enter_variable(self, node: VariableNode, _: Any, parent: Node | None, *__: Any) -> None:
        argument: Any = self._info.get_argument()
        if isinstance(parent, ObjectFieldNode):
            holder: Any = self._info.get_parent_input_type()
            argument = getattr(holder, "fields", {}).get(parent.name.value, argument)
        if argument is not None and argument.description:
            self.told.setdefault(node.name.value, argument.description)
