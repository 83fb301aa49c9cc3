"""What a document asks for, in figures: one pass, each fragment measured once, however often it is spread."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from gateway.cost import ASSUMED, CEILING, DEFAULT_SIZE, ONE, SIZED, SLICED, WRITE, Size, Sum, slicing, weight

_ROOTS = {OperationType.QUERY: "query_type", OperationType.MUTATION: "mutation_type"}


class Figures(NamedTuple):
    """Of the whole document; a fragment counts once, but for depth, root fields and cost, which count where it is spread.

    `comparisons`: how many pairs of fields validation has to compare because they go by the same name.
    """

    depth: int
    fields: int
    aliases: int
    root_fields: int
    directives: int
    fragments: int
    comparisons: int


class Measured(NamedTuple):
    figures: Figures
    costs: Mapping[str | None, Sum]

    def told(self) -> dict[str, int]:
        """As an answer tells them."""
        found = self.figures._asdict()
        return {"rootFields" if name == "root_fields" else name: value for name, value in found.items()}

    def cost(self, operation: str | None, variables: Mapping[str, object]) -> int:
        """Of the operation with this name, or of the only one."""
        if operation is None and len(self.costs) == 1:
            (only,) = self.costs.values()
            return only.of(variables)
        found = self.costs.get(operation)
        return found.of(variables) if found is not None else 0


class _Part(NamedTuple):
    """What a selection adds where it stands: levels below it, fields right in it, and its cost."""

    depth: int
    fields: int
    cost: Sum


_NOTHING = _Part(0, 0, Sum())


def measured(schema: GraphQLSchema, document: DocumentNode) -> Measured:
    """Takes documents that nobody has validated yet: what the schema does not know costs nothing and is refused later."""
    return _Measuring(schema, document).measured()


class _Measuring:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema, self._document = schema, document
        self._definitions = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._parts: dict[tuple[str, Size | None], _Part] = {}
        self._defaults: Mapping[str, ValueNode | None] = {}
        self._seen: set[int] = set()
        self._names: Counter[str] = Counter()
        self._aliases = self._directives = self._spreads = 0

    def measured(self) -> Measured:
        costs: dict[str | None, Sum] = {}
        depth = fields = 0
        for operation in self._operations():
            part = self._operation(operation)
            costs[operation.name.value if operation.name else None] = part.cost
            depth, fields = max(depth, part.depth), max(fields, part.fields)
        for definition in self._definitions.values():  # those that nobody spreads are parsed and validated, too
            depth = max(depth, self._fragment(definition.name.value, None).depth)
        figures = Figures(
            depth=depth,
            fields=sum(self._names.values()),
            aliases=self._aliases,
            root_fields=fields,
            directives=self._directives,
            fragments=len(self._definitions) + self._spreads,
            comparisons=sum(count * count for count in self._names.values()),
        )
        return Measured(figures, costs)

    def _operations(self) -> Iterable[OperationDefinitionNode]:
        return (each for each in self._document.definitions if isinstance(each, OperationDefinitionNode))

    def _operation(self, operation: OperationDefinitionNode) -> _Part:
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
        self._parts.clear()  # what a variable defaults to is the operation's own
        self._directives += len(operation.directives or ())
        self._directives += sum(len(each.directives or ()) for each in operation.variable_definitions or ())
        root = getattr(self._schema, _ROOTS.get(operation.operation, "subscription_type"))
        part = self._selection(operation.selection_set, root, None)
        if operation.operation is OperationType.MUTATION:
            part.cost.add(ONE, Sum(WRITE * part.fields))
        return part

    def _selection(self, selection: SelectionSetNode, parent: GraphQLNamedType | None, size: Size | None) -> _Part:
        """`size`: how long the sized lists right in it are."""
        depth, fields, cost = 0, 0, Sum()
        for node in selection.selections:
            part = self._node(node, parent, size)
            depth, fields = max(depth, part.depth), min(CEILING, fields + part.fields)
            cost.add(ONE, part.cost)
        return _Part(depth, fields, cost)

    def _node(self, node: object, parent: GraphQLNamedType | None, size: Size | None) -> _Part:
        first = id(node) not in self._seen
        self._seen.add(id(node))
        if first:
            self._directives += len(getattr(node, "directives", None) or ())
        if isinstance(node, FieldNode):
            if first:
                self._aliases += node.alias is not None
                self._names[(node.alias or node.name).value] += 1
            return self._field(node, parent, size)
        if isinstance(node, FragmentSpreadNode):
            self._spreads += first
            return self._fragment(node.name.value, size)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            inner = self._schema.get_type(condition.name.value) if condition else parent
            return self._selection(node.selection_set, inner, size)
        return _NOTHING

    def _fragment(self, name: str, size: Size | None) -> _Part:
        known = self._parts.get((name, size))
        definition = self._definitions.get(name)
        if known is not None or definition is None:
            return known or _NOTHING
        self._parts[name, size] = _NOTHING  # what spreads itself is refused by validation
        if id(definition) not in self._seen:
            self._seen.add(id(definition))
            self._directives += len(definition.directives or ())
        on = self._schema.get_type(definition.type_condition.name.value)
        part = self._parts[name, size] = self._selection(definition.selection_set, on, size)
        return part

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, size: Size | None) -> _Part:
        definition = _definition(parent, node.name.value)
        if node.selection_set is None or definition is None:
            inner = self._selection(node.selection_set, None, None) if node.selection_set else _NOTHING
            return _Part(inner.depth + 1, 1, _leaf_cost(definition))
        place = f"{parent.name if parent else ''}.{node.name.value}"
        own = slicing(place, node, definition, self._defaults)
        is_list = _is_list(definition)
        below = self._selection(node.selection_set, get_named_type(definition.type), None if is_list else own)
        rows = _rows(place, node, size if node.name.value in SIZED else own) if is_list else ONE
        each = Sum(0 if is_leaf_type(get_named_type(definition.type)) else 1)
        each.add(ONE, below.cost)
        cost = Sum()
        is_each = own is not None and (is_list or place in SLICED)  # a source is asked for each entry
        cost.add(own if is_each and own is not None else ONE, Sum(weight(definition)))
        cost.add(rows, each)
        return _Part(below.depth + 1, 1, cost)


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    return parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None


def _leaf_cost(definition: GraphQLField | None) -> Sum:
    return Sum(weight(definition) if definition is not None else 0)


def _rows(place: str, node: FieldNode, size: Size | None) -> Size:
    if size is not None:
        return size
    return Size(ASSUMED.get(place, DEFAULT_SIZE)) if node.selection_set else ONE


def _is_list(definition: GraphQLField) -> bool:
    kind = definition.type.of_type if is_non_null_type(definition.type) else definition.type
    return is_list_type(kind)
