"""What a client selected under a field, by name: for what costs its source something extra."""

from collections.abc import Iterable
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, SelectionNode

from resolvers.context import Info


def selects(info: Info, name: str) -> bool:
    """Whether the field now being resolved has a subfield of this name, in fragments too."""
    raw: Any = info._raw_info  # noqa: SLF001 - Strawberry's own view of it copies the whole selection
    return any(
        _holds(node.selection_set.selections, name, raw.fragments) for node in raw.field_nodes if node.selection_set
    )


def _holds(selections: Iterable[SelectionNode], name: str, fragments: dict[str, FragmentDefinitionNode]) -> bool:
    for node in selections:
        if isinstance(node, FieldNode):
            if node.name.value == name:
                return True
            continue
        named = getattr(node, "name", None)
        inner: Any = fragments[named.value] if named is not None else node
        if _holds(inner.selection_set.selections, name, fragments):
            return True
    return False
