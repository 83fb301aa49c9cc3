"""What a document costs at ShipHero: before it runs as much as it may return, afterwards as much as it did.

As its examples have it: 100 products with 50 locations each require 5,101 credits.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

DEFAULT_FIRST = 100
"""What a connection returns where nobody says how much."""

Fragments = Mapping[str, SelectionSetNode]


def required(document: DocumentNode) -> int:
    fragments = {
        each.name.value: each.selection_set for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return sum(
        1 + _within(field.selection_set, fragments)
        for each in operations
        for field in each.selection_set.selections
        if isinstance(field, FieldNode)
    )


def _within(selected: SelectionSetNode | None, fragments: Fragments) -> int:
    if selected is None:
        return 0
    cost = 0
    for each in selected.selections:
        if isinstance(each, FragmentSpreadNode):
            cost += _within(fragments[each.name.value], fragments)
        elif isinstance(each, FieldNode):
            inner = _within(each.selection_set, fragments)
            cost += _first(each) * (1 + inner) if _is_connection(each) else inner
    return cost


def _is_connection(field: FieldNode) -> bool:
    selected = field.selection_set.selections if field.selection_set else ()
    return any(isinstance(each, FieldNode) and each.name.value == "edges" for each in selected)


def _first(field: FieldNode) -> int:
    given = next((each.value for each in field.arguments or () if each.name.value == "first"), None)
    return int(given.value) if isinstance(given, IntValueNode) else DEFAULT_FIRST


def returned(data: Any) -> int:
    return len(data or {}) + _rows(data)


def _rows(value: Any) -> int:
    if isinstance(value, dict):
        return sum((len(held) if name == "edges" else 0) + _rows(held) for name, held in value.items())
    return sum(map(_rows, value)) if isinstance(value, list) else 0
