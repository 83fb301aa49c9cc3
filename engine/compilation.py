"""From an operation to its plan: selections are merged per object type, as graphql-core would while it executes, once."""

from collections.abc import Iterable
from typing import TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import does_fragment_condition_match

from engine.calling import caller
from engine.conditions import ALWAYS, Literals, either, under
from engine.plan import (
    Abstract,
    Attribute,
    Call,
    Condition,
    Entry,
    Leaf,
    List,
    NotTaken,
    Object,
    Plan,
    Position,
    Selection,
    Shape,
    Step,
    Typename,
    unwrapped,
)
from engine.projection import generate
from engine.variables import Variables

S = TypeVar("S", bound=Shape)

MAX_FIELDS = 20_000
"""Selected fields of a plan, fragments written out. What is larger is left to graphql-core, field by field."""

MAX_STEPS = 2_000
"""Calls of a plan. An interface's fields are planned once a type, at each level anew, so few characters can ask for many."""

MAX_DEPTH = 60
"""How deep selections may be nested; deeper ones are left to graphql-core."""

Sets = Iterable[tuple[SelectionSetNode, Literals]]
Occurrences = list[tuple[FieldNode, Literals]]
Above = tuple[Shape | None, tuple[str | None, ...]]


def compiled(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Plan:
    """Raises NotTaken for what the engine leaves to graphql-core; the document must have been validated.

    A subscription's plan answers one event: its root has the event under the field's own name, and nothing is called for it.
    """
    return _Compilation(schema, document, operation).plan()


class _Found:
    """The fields of a selection by response key, and the places where a key may stand.

    A key's place is that of its first occurrence that is included: which one that is, hangs on the conditions.
    """

    def __init__(self) -> None:
        self.occurrences: dict[str, Occurrences] = {}
        self.places: list[tuple[str, Literals]] = []
        self.spread: dict[str, list[Literals]] = {}

    def add(self, node: FieldNode, literals: Literals) -> None:
        key = node.alias.value if node.alias else node.name.value
        earlier = self.occurrences.setdefault(key, [])
        if any(each is node and others <= literals for each, others in earlier):
            return  # it was spread here before, under conditions that cover these
        if not any(others <= literals for _, others in earlier):
            self.places.append((key, literals))
        earlier.append((node, literals))

    def is_spread(self, fragment: str, literals: Literals) -> bool:
        """Whether the fragment was spread here before, under conditions that cover these; it is from now on."""
        earlier = self.spread.setdefault(fragment, [])
        if any(others <= literals for others in earlier):
            return True
        earlier.append(literals)
        return False


class _Compilation:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema, self._operation = schema, operation
        self._strawberry = getattr(schema, "_strawberry_schema", None)
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        if any(each.variable_definitions for each in self._fragments.values()):
            raise NotTaken("fragment variables")
        self._conditions: dict[Condition, int] = {}
        self._steps: list[Step] = []
        self._shapes: list[Shape] = []
        self._selected: set[str] = set()
        self._fields = 0

    def plan(self) -> Plan:
        root_type = self._schema.get_root_type(self._operation.operation)
        if root_type is None:
            raise NotTaken("no such root type")
        root = self._selection(root_type, [(self._operation.selection_set, ALWAYS)], None, (None, ()))
        plan = Plan(
            self._schema,
            self._operation,
            self._fragments,
            root,
            _steps_of(root),
            self._steps,
            list(self._conditions),
            Variables(self._schema, self._operation),
            self._strawberry,
            self._shapes,
            frozenset(self._selected),
        )
        generate(plan)
        return plan

    # ------------------------------------------------------------ which fields, in which order, under which conditions

    def _collected(self, kind: GraphQLObjectType, sets: Sets) -> _Found:
        found = _Found()
        for nodes, literals in sets:
            self._visit(kind, nodes, literals, found)
        return found

    def _visit(self, kind: GraphQLObjectType, nodes: SelectionSetNode, outer: Literals, found: _Found) -> None:
        for node in nodes.selections:
            self._fields += 1
            if self._fields > MAX_FIELDS:
                raise NotTaken("too large")
            literals = under(outer, node.directives)
            if literals is None:
                continue
            if isinstance(node, FieldNode):
                found.add(node, literals)
                continue
            fragment = self._fragment(node, literals, found)
            if fragment is not None and does_fragment_condition_match(self._schema, fragment, kind):
                self._visit(kind, fragment.selection_set, literals, found)

    def _fragment(
        self, node: SelectionNode, literals: Literals, found: _Found
    ) -> FragmentDefinitionNode | InlineFragmentNode | None:
        if isinstance(node, InlineFragmentNode):
            return node
        if not isinstance(node, FragmentSpreadNode):
            raise NotTaken("unknown selection")
        return None if found.is_spread(node.name.value, literals) else self._fragments.get(node.name.value)

    def _when(self, alternatives: Iterable[Literals]) -> int | None:
        condition = either(alternatives)
        if condition is None:
            return None
        return self._conditions.setdefault(condition, len(self._conditions))

    # ------------------------------------------------------------ what stands at each place

    def _selection(self, kind: GraphQLObjectType, sets: Sets, position: Position | None, above: Above) -> Selection:
        if len(above[1]) > MAX_DEPTH:
            raise NotTaken("too deep")
        selection = Selection(kind, position)
        found = self._collected(kind, sets)
        sources = {key: self._source(kind, key, nodes, above) for key, nodes in found.occurrences.items()}
        for key, literals in found.places:
            selection.entries.append(Entry(key, self._when([literals]), sources[key]))
        selection.steps.extend(each for each in sources.values() if isinstance(each, Step))
        return selection

    def _source(
        self, kind: GraphQLObjectType, key: str, occurrences: Occurrences, above: Above
    ) -> Typename | Attribute | Step:
        node = occurrences[0][0]
        name = node.name.value
        if name == "__typename":
            return Typename(kind.name)
        if name.startswith("__"):
            raise NotTaken("introspection")
        definition: GraphQLField | None = self._schema.get_field(kind, name)
        if definition is None:
            raise NotTaken("unknown field")
        self._selected.add(f"{kind.name}.{name}")
        nodes, conditions = [each for each, _ in occurrences], [literals for _, literals in occurrences]
        position = Position(kind, name, key, definition, nodes, conditions)
        is_event = position.parent_type is self._schema.subscription_type
        called = name if is_event else caller(position, self._strawberry)
        if isinstance(called, str):
            below = (above[0], (*above[1], key))
            return Attribute(called, self._shape(definition.type, position, _below(occurrences), below))
        return self._step(position, called, occurrences, above)

    def _step(self, position: Position, called: Call, occurrences: Occurrences, above: Above) -> Step:
        if len(self._steps) >= MAX_STEPS:
            raise NotTaken("too large")
        when = self._when(literals for _, literals in occurrences)
        step = Step(len(self._steps), position.key, position, called, when)
        self._steps.append(step)
        below = (above[0], (*above[1], position.key))
        step.shape = self._shape(position.definition.type, position, _below(occurrences), below)
        step.children = _directly_below(step.shape)
        if called.foresee is not None:
            step.foreseeable = [each for each in _of_records(step.shape) if each.call.ahead is not None]
        return step

    def _shape(
        self, output: GraphQLOutputType, position: Position, sets: list[tuple[SelectionSetNode, Literals]], at: Above
    ) -> Shape:
        above, route = at
        kind, nullable = unwrapped(output)
        if isinstance(kind, GraphQLList):
            listed = self._made(List(position, nullable, above, route))
            listed.item = self._shape(kind.of_type, position, sets, (listed, (*route, None)))
            return listed
        if is_leaf_type(kind):
            leaf: GraphQLLeafType = kind
            return self._made(Leaf(position, nullable, above, route, leaf))
        if is_abstract_type(kind):
            abstract = self._made(Abstract(position, nullable, above, route, kind, {}))
            abstract.selections = {
                each.name: self._selection(each, sets, position, (abstract, route))
                for each in self._schema.get_possible_types(kind)
            }
            return abstract
        shape = self._made(Object(position, nullable, above, route))
        shape.selection = self._selection(kind, sets, position, (shape, route))
        return shape

    def _made(self, shape: S) -> S:
        self._shapes.append(shape)
        return shape


def _below(occurrences: Occurrences) -> list[tuple[SelectionSetNode, Literals]]:
    """The selection sets to merge. One occurrence's own conditions hold wherever its fields are looked at."""
    sets = [(node.selection_set, literals) for node, literals in occurrences if node.selection_set is not None]
    if len({literals for _, literals in occurrences}) == 1:
        return [(nodes, ALWAYS) for nodes, _ in sets]
    return sets


def _directly_below(shape: Shape) -> list[Step]:
    """The steps whose parents this shape's projection collects."""
    if isinstance(shape, List):
        return _directly_below(shape.item)
    if isinstance(shape, Abstract):
        return [step for selection in shape.selections.values() for step in _steps_of(selection)]
    return _steps_of(shape.selection) if isinstance(shape, Object) else []


def _steps_of(selection: Selection) -> list[Step]:
    nested = [
        step
        for entry in {id(each.source): each for each in selection.entries}.values()
        if isinstance(entry.source, Attribute)
        for step in _directly_below(entry.source.shape)
    ]
    return [*selection.steps, *nested]


def _of_records(shape: Shape) -> list[Step]:
    """The steps of the very records that a step answers with, not of what hangs below them."""
    if isinstance(shape, List):
        return _of_records(shape.item)
    if isinstance(shape, Abstract):
        return [step for selection in shape.selections.values() for step in selection.steps]
    return shape.selection.steps if isinstance(shape, Object) else []
