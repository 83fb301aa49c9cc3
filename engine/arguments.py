"""Arguments of a step: coerced and converted once a step, not once a parent; what is literal is coerced when compiling."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputType,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, coerce_argument, get_argument_values
from strawberry.types.arguments import StrawberryArgument, convert_argument
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField

from engine.plan import Position

Convert = Callable[[Any, Any], Any]
"""A coerced value and the step's info → what the resolver takes."""


class Arguments:
    """Works out the keyword arguments of one step, for one request."""

    def __init__(self, position: Position, field: StrawberryField | None, schema: Any) -> None:
        self._definition, self._node = position.definition, position.nodes[0]
        self._field, self._schema = field, schema
        self._constants: dict[str, Any] = {}
        self._variables: list[tuple[str, str, bool]] = []
        self._is_complex = False
        self._sort_out()
        self._takes = self._conversions()

    def of(self, variables: VariableValues, info: Any) -> dict[str, Any]:
        """Raises GraphQLError, and whatever a type that builds its own value raises."""
        if not self._definition.args:
            return {}
        coerced = self._coerced(variables)
        if self._field is None:
            return coerced
        return {
            python: convert(coerced[name], info) if convert is not None else coerced[name]
            for name, (python, convert) in self._takes.items()
            if name in coerced
        }

    def named(self, variables: VariableValues) -> dict[str, Any]:
        """The coerced arguments by their GraphQL names, to be shown."""
        return self._coerced(variables) if self._definition.args else {}

    def _coerced(self, variables: VariableValues) -> dict[str, Any]:
        if self._is_complex:
            return get_argument_values(self._definition, self._node, variables)
        given = variables.coerced
        coerced = dict(self._constants)
        for out_name, variable, is_required in self._variables:
            value = given.get(variable, _ABSENT)
            if value is _ABSENT or (value is None and is_required):
                return get_argument_values(self._definition, self._node, variables)
            coerced[out_name] = value
        return coerced

    def _sort_out(self) -> None:
        """Literals are coerced now; plain variables are looked up later; anything else is left to graphql-core."""
        nodes = {each.name.value: each for each in self._node.arguments or ()}
        for name, definition in self._definition.args.items():
            node = nodes.get(name)
            if node is not None and isinstance(node.value, VariableNode):
                out_name = definition.out_name or name
                self._variables.append((out_name, node.value.name.value, is_non_null_type(definition.type)))
                continue
            if node is not None and _holds_variable(node.value):
                self._is_complex = True
                return
            try:
                coerce_argument(self._constants, self._node, name, definition, node, None, None)
            except GraphQLError:
                self._is_complex = True  # it is raised anew for every request, where it belongs
                return
            if self._would_be_shared(self._constants.get(definition.out_name or name), definition.type):
                self._is_complex = True
                return

    def _would_be_shared(self, value: Any, kind: GraphQLInputType) -> bool:
        """Whether a resolver that changes the value would change it for later requests: Strawberry converts all but scalars."""
        is_copied = self._field is not None and not is_leaf_type(get_nullable_type(kind))
        return isinstance(value, list | dict) and not is_copied

    def _conversions(self) -> Mapping[str, tuple[str, Convert | None]]:
        if self._field is None:
            return {}
        name_of = self._schema.config.name_converter.from_argument
        return {
            name_of(argument): (argument.python_name, _conversion(argument, self._schema))
            for argument in self._field.arguments
        }


_ABSENT = object()


def _holds_variable(node: ValueNode) -> bool:
    if isinstance(node, VariableNode):
        return True
    inner = [*getattr(node, "values", ()), *(each.value for each in getattr(node, "fields", ()))]
    return any(_holds_variable(each) for each in inner)


def _conversion(argument: StrawberryArgument, schema: Any) -> Convert | None:
    """None for what the resolver takes as it was coerced."""
    registry, kind = schema.schema_converter.scalar_registry, argument.type
    name = schema.config.name_converter.from_argument(argument)

    def convert(value: Any, info: Any) -> Any:
        return convert_argument(value, kind, registry, schema.config, info, path=(name,))

    return None if _is_plain(kind, registry) else convert


def _is_plain(kind: Any, registry: Mapping[Any, Any]) -> bool:
    """A built-in scalar or one of the registry, optional or not: Strawberry passes it on unchanged."""
    if isinstance(kind, StrawberryOptional) and type(kind) is StrawberryOptional:
        return _is_plain(kind.of_type, registry)
    if isinstance(kind, StrawberryList):
        return False
    return kind in {str, int, float, bool} or (isinstance(kind, type) and kind in registry)
