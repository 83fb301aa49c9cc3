"""An operation executed twice: by the engine and by graphql-core, and what must be the same of the two answers."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, experimental_execute_incrementally
from graphql.pyutils import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine import Documents, NotTaken, Plan, Prepared, executed

Path = tuple[str | int, ...]
Told = tuple[Path, str, tuple[Any, ...]]
"""Where, what, and the lines and columns of the document that it is about."""


async def by_engine(
    schema: GraphQLSchema,
    text: str,
    variables: Mapping[str, Any] | None = None,
    *,
    context: Any = None,
    root: Any = None,
) -> ExecutionResult:
    """Fails where the document is refused, or the engine does not take the operation."""
    return await by_plan(Documents(schema).prepared(text), variables, context=context, root=root)


async def by_plan(
    prepared: Prepared, variables: Mapping[str, Any] | None = None, *, context: Any = None, root: Any = None
) -> ExecutionResult:
    assert not prepared.errors, prepared.errors
    plan = prepared.plan()
    assert isinstance(plan, Plan), plan
    coerced = plan.variables.of(variables)
    if isinstance(coerced, list):
        return ExecutionResult(None, coerced)
    try:
        return await executed(plan, coerced, context=context, root=root)
    except NotTaken as reason:
        raise AssertionError("not taken") from reason


async def by_core(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any] | None = None,
    *,
    context: Any = None,
    root: Any = None,
) -> ExecutionResult:
    """As the gateway calls it: plain `execute` refuses a schema that knows @defer."""
    given = dict(variables) if variables is not None else None
    options: dict[str, Any] = {}
    if getattr(schema, "_strawberry_schema", None) is not None:
        options = {"executor_class": StrawberryGraphQLCoreExecutionContext, "operation_extensions": None}
    result: Any = experimental_execute_incrementally(schema, document, root, context, given, **options)
    result = await result if is_awaitable(result) else result
    assert isinstance(result, ExecutionResult), "answered in pieces: the document was not prepared"
    return result


def same(ours: ExecutionResult, theirs: ExecutionResult) -> None:
    """The data to the letter, and the errors, as far as they are determined.

    Where a null has spread upwards, several failures may have been its cause, and which of them is told hangs on timing: one
    of them, at least, must be told for each such place. Every other error is told by both, in the same words.
    """
    assert json.dumps(ours.data) == json.dumps(theirs.data)
    mine, others = _by_place(ours), _by_place(theirs)
    assert mine.keys() == others.keys()
    for place, told in mine.items():
        if all(path == place for path, _, _ in (*told, *others[place])):
            assert told == others[place]


def _by_place(result: ExecutionResult) -> dict[Path, Counter[Told]]:
    """The errors by the place that is null for them."""
    places: dict[Path, Counter[Told]] = defaultdict(Counter)
    for error in result.errors or ():
        told = tuple(error.path or ()), error.message, tuple(error.locations or ())
        places[_null_above(result.data, told[0], error)][told] += 1
    return places


def _null_above(data: Any, path: Path, error: GraphQLError) -> Path:
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        data = data[key]
    assert data is None, f"an error at a place that is not null: {error}"
    return path


def spread(result: ExecutionResult) -> bool:
    """Whether a null stands higher than the failure that it stands for."""
    return any(path != place for place, told in _by_place(result).items() for path, _, _ in told)
