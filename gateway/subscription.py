"""A subscription, checked and prepared: what it wants, and how one event becomes one answer. Nothing here waits or is sent."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationType,
    VariableNode,
    Visitor,
    experimental_execute_incrementally,
    visit,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from graphql.pyutils import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine import NotTaken, Plan, Prepared, executed
from gateway import operation
from gateway.errors import formatted
from resolvers.context import Context
from resolvers.errors import ClientError
from resolvers.following import Watch
from resolvers.subscriptions import WATCHES
from resolvers.telling import Telling

_AFTER = "after"


class Refused(Exception):
    """The subscription cannot be begun; `errors` are as they go over the wire."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("the subscription cannot be begun")
        self.errors = errors


class Subscription(NamedTuple):
    """`alike` is the same for all that get the same answers to the same events, if their callers may see the same."""

    prepared: Prepared
    request: operation.Request
    variables: VariableValues
    field: str
    watch: Watch
    alike: str

    async def answer(self, telling: Telling, context: Context) -> str:
        """One event's answer, encoded."""
        plan = self.prepared.plan(self.request.operation_name)
        if isinstance(plan, Plan):
            try:
                result = await executed(
                    plan, self.variables, context=context, root=SimpleNamespace(**{self.field: telling})
                )
            except NotTaken:
                result = await self._by_graphql_core(telling, context)
        else:
            result = await self._by_graphql_core(telling, context)
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = _shown(result.errors, self.prepared, context.call.correlation_id)
        return orjson.dumps(body).decode()

    async def _by_graphql_core(self, telling: Telling, context: Context) -> ExecutionResult:
        """Strawberry's fields of Subscription answer with the root itself."""
        if self.prepared.document is None:
            raise TypeError("A document without errors is there.")
        outcome: Any = experimental_execute_incrementally(
            operation.SCHEMA,
            self.prepared.document,
            root_value=telling,
            context_value=context,
            variable_values=self.request.variables,
            operation_name=self.request.operation_name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
            operation_extensions=None,
        )
        result: ExecutionResult = await outcome if is_awaitable(outcome) else outcome
        return result


def is_subscription(prepared: Prepared, name: str | None) -> bool:
    found = prepared.operation(name)
    return found is not None and found.operation is OperationType.SUBSCRIPTION


def subscription_of(request: operation.Request, prepared: Prepared, *, correlation_id: str) -> Subscription:
    """Raises Refused. The document must be one of a subscription, and valid."""
    found = prepared.operation(request.operation_name)
    if found is None or prepared.errors:
        raise Refused(_shown(prepared.errors, prepared, correlation_id))
    coerced = get_variable_values(operation.SCHEMA, found.variable_definitions or (), dict(request.variables or {}))
    if isinstance(coerced, list):
        raise Refused(_shown(coerced, prepared, correlation_id))
    node = _field(found.selection_set, prepared)
    kind = operation.SCHEMA.subscription_type
    if node is None or kind is None or node.name.value not in WATCHES:
        raise Refused(_shown([GraphQLError("Subscribe to a field of the schema.")], prepared, correlation_id))
    try:
        arguments = get_argument_values(kind.fields[node.name.value], node, coerced)
        watch = WATCHES[node.name.value].watch(arguments)
    except GraphQLError as error:
        raise Refused(_shown([error], prepared, correlation_id)) from None
    except ClientError as error:
        name = node.alias.value if node.alias else node.name.value
        cause = GraphQLError(str(error), [node], path=[name], original_error=error)
        raise Refused(_shown([cause], prepared, correlation_id)) from None
    return Subscription(prepared, request, coerced, node.name.value, watch, _alike(request, prepared, node))


def _field(selections: Any, prepared: Prepared) -> FieldNode | None:
    """The one root field: validation has seen to it that there is one, perhaps inside fragments."""
    for node in selections.selections:
        if isinstance(node, FieldNode):
            return node
        inner = getattr(node, "selection_set", None)
        if inner is None:
            definitions: Any = prepared.document.definitions if prepared.document is not None else ()
            fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
            inner = fragments[node.name.value].selection_set
        found = _field(inner, prepared)
        if found is not None:
            return found
    return None


class _Uses(Visitor):
    """How often a variable is used."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.count = name, 0

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.count += node.name.value == self.name


def _alike(request: operation.Request, prepared: Prepared, node: FieldNode) -> str:
    """Query, operation and variables, but for the cursor: where each goes on is its own affair."""
    values: Mapping[str, Any] = request.variables or {}
    cursor = next((each.value for each in node.arguments or () if each.name.value == _AFTER), None)
    if isinstance(cursor, VariableNode) and prepared.document is not None:
        uses = _Uses(cursor.name.value)
        visit(prepared.document, uses)
        if uses.count == len((cursor, "its definition")):
            values = {name: value for name, value in values.items() if name != cursor.name.value}
    # The standard library's: a variable may be a whole number that 64 bits do not hold.
    return json.dumps([request.query, request.operation_name, values], sort_keys=True)


def _shown(errors: Any, prepared: Prepared, correlation_id: str) -> list[dict[str, Any]]:
    return [formatted(each, correlation_id=correlation_id, document=prepared.document) for each in errors]
