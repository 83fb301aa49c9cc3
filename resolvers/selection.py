"""What a client selected under a field, by name: for what costs its source something extra."""

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLIncludeDirective, GraphQLSkipDirective, SelectionNode, get_directive_values
from graphql.execution.values import VariableValues

from resolvers.context import Info


def selects(info: Info, name: str) -> bool:
    """Whether the field now being resolved has a subfield of this name that is included, in fragments too."""
    raw: Any = info._raw_info  # noqa: SLF001 - Strawberry's own view of it copies the whole selection
    return any(_holds(node.selection_set.selections, name, raw) for node in raw.field_nodes if node.selection_set)


def _holds(selections: Iterable[SelectionNode], name: str, raw: Any) -> bool:
    for node in selections:
        given: Any = node
        if not _is_included(given, raw):
            continue
        inner = given if given.kind != "fragment_spread" else raw.fragments[given.name.value]
        if given.kind == "field":
            if given.name.value == name:
                return True
        elif _holds(inner.selection_set.selections, name, raw):
            return True
    return False


def _is_included(node: Any, raw: Any) -> bool:
    if not node.directives:
        return True
    values = VariableValues({}, raw.variable_values)
    skip = get_directive_values(GraphQLSkipDirective, node, values)
    include = get_directive_values(GraphQLIncludeDirective, node, values)
    return not (skip and skip["if"]) and not (include and not include["if"])
