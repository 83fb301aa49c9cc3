"""An operation's variables as JSON Schema: what a tool takes."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    VariableNode,
    Visitor,
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


def arguments(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Schema:
    """An object with a property for each variable; nothing else is allowed in it."""
    told = _told(schema, document)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for each in operation.variable_definitions or ():
        name, kind = each.variable.name.value, type_from_ast(schema, each.type)
        found = _typed(kind)
        text = each.description.value if each.description else told.get(name, "")
        properties[name] = _described(found, text)
        if each.default_value is not None:
            properties[name]["default"] = value_from_ast_untyped(each.default_value)
        elif isinstance(kind, GraphQLNonNull):
            required.append(name)
    return _object(properties, required)


def _object(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": required} if required else found


def _typed(kind: Any) -> Schema:
    if isinstance(kind, GraphQLNonNull):
        return _present(kind.of_type)
    found = _present(kind)
    nullable = {**found, "type": [found["type"], "null"]}
    return {**nullable, "enum": [*found["enum"], None]} if "enum" in found else nullable


def _present(kind: GraphQLInputType) -> Schema:
    """The schema of a value that is not null."""
    if isinstance(kind, GraphQLList):
        return {"type": "array", "items": _typed(kind.of_type)}
    if isinstance(kind, GraphQLEnumType):
        return _described({"type": "string", "enum": list(kind.values)}, _of_values(kind))
    if isinstance(kind, GraphQLInputObjectType):
        properties = {name: _field(field) for name, field in kind.fields.items()}
        required = [name for name, field in kind.fields.items() if _is_required(name, field)]
        return _described(_object(properties, required), kind.description)
    return _described(dict(SCALARS[kind.name]), kind.description if kind.name not in _PLAIN else None)  # type: ignore[union-attr]  # lists and wrappers are handled above


_PLAIN = {"Boolean", "Float", "ID", "Int", "String"}


def _of_values(kind: GraphQLEnumType) -> str:
    lines = [f"{name}: {value.description}" for name, value in kind.values.items() if value.description]
    return "\n".join([kind.description or kind.name, *lines])


def _field(field: GraphQLInputField) -> Schema:
    found = _described(_typed(field.type), field.description)
    default = field.default_value
    if default is Undefined or default is None:
        return found
    return {**found, "default": getattr(default, "name", default)}


def _is_required(name: str, field: GraphQLInputField) -> bool:
    """An agent asks again when in doubt, and has no header to send a key by: so the key is asked of it."""
    return name == KEY or (isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined)


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
