"""From a document's text to an answer: parsed and validated once, executed for every request."""

from functools import lru_cache
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from graphql.pyutils import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.errors import formatted
from resolvers.context import Context
from resolvers.schema import schema

MAX_TOKENS = 15_000
"""A document longer than this is refused while it is parsed."""

_SCHEMA = schema._schema  # noqa: SLF001 - graphql-core's schema, which Strawberry builds and does not hand out


class Request(NamedTuple):
    """A GraphQL request, checked for shape."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


class Answer(NamedTuple):
    """`body` is ready to be encoded. `executed` is False where the request was refused before it was executed."""

    body: dict[str, Any]
    executed: bool


class Prepared(NamedTuple):
    document: DocumentNode | None
    errors: tuple[GraphQLError, ...]


@lru_cache(maxsize=512)
def prepared(query: str) -> Prepared:
    """Documents that are asked again are parsed and validated once; the cache is bounded."""
    try:
        document = parse(query, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        return Prepared(None, (error,))
    except RecursionError:
        return Prepared(None, (GraphQLError("The document is nested too deeply."),))
    return Prepared(document, tuple(validate(_SCHEMA, document)))


def is_query(request: Request) -> bool:
    """Whether the request asks for a query: all that a GET may do."""
    document = prepared(request.query).document
    operation = get_operation_ast(document, request.operation_name) if document is not None else None
    return operation is None or operation.operation is OperationType.QUERY


async def answer(request: Request, context: Context) -> Answer:
    document, errors = prepared(request.query)
    correlation_id = context.call.correlation_id
    if errors or document is None:
        refused = [formatted(error, correlation_id=correlation_id, document=document) for error in errors]
        return Answer({"errors": refused}, executed=False)
    outcome = execute(
        _SCHEMA,
        document,
        context_value=context,
        variable_values=request.variables,
        operation_name=request.operation_name,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        operation_extensions=None,
    )
    result: ExecutionResult = await outcome if is_awaitable(outcome) else outcome  # type: ignore[assignment]
    shown = [formatted(error, correlation_id=correlation_id, document=document) for error in result.errors or ()]
    if result.data is None and not any(error.path for error in result.errors or ()):
        return Answer({"errors": shown}, executed=False)  # variables that do not fit, or no such operation
    return Answer({"errors": shown, "data": result.data} if shown else {"data": result.data}, executed=True)
