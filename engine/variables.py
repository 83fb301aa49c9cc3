"""Variables: values of the commonest types are recognised at a glance; graphql-core coerces, and words, all else."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, is_list_type, is_non_null_type
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

Fits = Callable[[Any], bool]
"""Whether coercing the value would give the same value."""

_CLASSES: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}


class Variables:
    """Made once an operation; `of` coerces the values of one request."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        signatures = [get_variable_signature(schema, each) for each in self._definitions]
        self._known = [
            (each, _fits(each.type), not is_non_null_type(each.type) and each.default is None)
            for each in signatures
            if isinstance(each, GraphQLVariableSignature)
        ]
        self._all_known = len(self._known) == len(signatures)

    def of(self, given: Mapping[str, Any] | None) -> VariableValues | list[GraphQLError]:
        """The coerced values, or what is wrong with them."""
        if not self._definitions:
            return VariableValues({}, {})
        return self._at_a_glance(given or {}) or get_variable_values(self._schema, self._definitions, dict(given or {}))

    def _at_a_glance(self, given: Mapping[str, Any]) -> VariableValues | None:
        """None where a value needs a closer look."""
        if not self._all_known:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, fits, may_be_absent in self._known:
            name = signature.name
            if name not in given:
                if not may_be_absent:
                    return None
                sources[name] = VariableValueSource(signature)
                continue
            value = given[name]
            if not fits(value):
                return None
            sources[name] = VariableValueSource(signature, value)
            coerced[name] = value
        return VariableValues(sources, coerced)


def _fits(kind: Any) -> Fits:
    nullable = not is_non_null_type(kind)
    inner = kind if nullable else kind.of_type
    if is_list_type(inner):
        return _fits_list(inner.of_type, nullable=nullable)
    cls = _CLASSES.get(inner.name)
    if cls is None:
        return lambda value: nullable and value is None
    return lambda value: value.__class__ is cls or (nullable and value is None)


def _fits_list(item: Any, *, nullable: bool) -> Fits:
    cls = _CLASSES.get(item.of_type.name) if is_non_null_type(item) and hasattr(item.of_type, "name") else None
    if cls is None:
        return lambda value: nullable and value is None
    only = {cls}
    return lambda value: (value.__class__ is list and only.issuperset(map(type, value))) or (nullable and value is None)
