"""From a document's text to an answer: parsed, validated and planned once, executed for every request."""

from collections import Counter
from typing import Any, NamedTuple

from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationType, experimental_execute_incrementally
from graphql.pyutils import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine import Documents, NotTaken, Plan, Prepared, executed
from gateway import limits
from gateway.errors import formatted
from gateway.telemetry.record import Record
from resolvers.context import Context
from resolvers.schema import schema

SCHEMA = schema._schema  # noqa: SLF001 - graphql-core's schema, which Strawberry builds and does not hand out

documents = limits.documents(SCHEMA, limits.LimitSettings(), introspection=True)
"""With the limits as they are unless crossdock.toml sets others, for whoever has no documents of its own."""

NEEDS_A_STREAM = (
    "A subscription needs a stream: send it over a WebSocket (graphql-transport-ws), or accept text/event-stream"
    " or multipart/mixed;subscriptionSpec=1.0."
)

left_to_graphql_core: Counter[str] = Counter()
"""How many operations the engine did not take, by reason."""


class Request(NamedTuple):
    """A GraphQL request, checked for shape."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


class Answer(NamedTuple):
    """`body` is ready to be encoded. `executed` is False where the request was refused before it was executed."""

    body: dict[str, Any]
    executed: bool


def documents_within(chosen: limits.LimitSettings, *, introspection: bool, subgraph: bool) -> Documents:
    return limits.documents(SCHEMA, chosen, introspection=introspection, subgraph=subgraph)


def is_query(prepared: Prepared, name: str | None) -> bool:
    """Whether the request asks for a query: all that a GET may do, and all that stops when the caller hangs up."""
    operation = prepared.operation(name)
    return operation is None or operation.operation is OperationType.QUERY


async def answer(
    request: Request, context: Context, prepared: Prepared | None = None, record: Record | None = None
) -> Answer:
    """`record` is told of each step, and of why graphql-core executed the operation, if it did."""
    prepared = prepared or documents.prepared(request.query)
    if prepared.errors:
        return _refused(prepared.errors, context, prepared.document)
    found = prepared.operation(request.operation_name)
    if found is not None and found.operation is OperationType.SUBSCRIPTION:
        return _refused([GraphQLError(NEEDS_A_STREAM)], context, prepared.document)
    plan = prepared.plan(request.operation_name)
    if not isinstance(plan, Plan):
        return await _by_graphql_core(prepared, request, context, _noted(plan, record))
    variables = plan.variables.of(request.variables)
    if isinstance(variables, list):
        return _refused(variables, context, prepared.document)
    try:
        context.selected = plan.selected
        observer = record.step_done if record is not None else None
        result = await executed(plan, variables, context=context, observer=observer)
    except NotTaken as reason:
        return await _by_graphql_core(prepared, request, context, _noted(reason, record))
    return _answered(result, context, prepared.document)


def _noted(reason: NotTaken | None, record: Record | None) -> NotTaken | None:
    if record is not None and reason is not None:
        record.left = str(reason)
    return reason


async def _by_graphql_core(prepared: Prepared, request: Request, context: Context, reason: NotTaken | None) -> Answer:
    """What the engine leaves out, and requests that name no operation: graphql-core says what is wrong with those."""
    if prepared.document is None:
        raise TypeError("A document without errors is there.")
    if reason is not None:
        left_to_graphql_core[str(reason)] += 1
    # Nothing incremental is left in the document; but `execute` takes no schema that has @defer, whatever is asked.
    outcome = experimental_execute_incrementally(
        SCHEMA,
        prepared.document,
        context_value=context,
        variable_values=request.variables,
        operation_name=request.operation_name,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        operation_extensions=None,
    )
    result: ExecutionResult = await outcome if is_awaitable(outcome) else outcome  # type: ignore[assignment]
    if result.data is None and not any(error.path for error in result.errors or ()):
        return _refused(
            result.errors or (), context, prepared.document
        )  # variables that do not fit, or no such operation
    return _answered(result, context, prepared.document)


def _refused(errors: Any, context: Context, document: DocumentNode | None) -> Answer:
    return Answer({"errors": _shown(errors, context, document)}, executed=False)


def _answered(result: ExecutionResult, context: Context, document: DocumentNode | None) -> Answer:
    if not result.errors:
        return Answer({"data": result.data}, executed=True)
    return Answer({"errors": _shown(result.errors, context, document), "data": result.data}, executed=True)


def _shown(errors: Any, context: Context, document: DocumentNode | None) -> list[dict[str, Any]]:
    correlation_id = context.call.correlation_id
    found: list[GraphQLError] = list(errors)
    return [formatted(error, correlation_id=correlation_id, document=document) for error in found]
