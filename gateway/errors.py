"""What a client may see of an error. Everything that is not meant for clients is masked, and logged under the correlation id."""

import logging
from typing import Any

from graphql import (
    SKIP,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    Visitor,
    VisitorAction,
    visit,
)

from engine import forgotten
from resolvers.errors import ClientError
from sources.errors import SourceError

_log = logging.getLogger("crossdock.errors")

MASKED = "Something went wrong inside the gateway."


def formatted(error: GraphQLError, *, correlation_id: str, document: DocumentNode | None = None) -> dict[str, Any]:
    """An error as it goes over the wire: message, locations, path, and extensions with a code and the correlation id."""
    message, extensions = _shown(error, correlation_id, document)
    forgotten(error)
    forgotten(error.original_error)
    answer: dict[str, Any] = {"message": message}
    if error.locations:
        answer["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        answer["path"] = list(error.path)
    answer["extensions"] = {**extensions, "correlationId": correlation_id}
    return answer


def _shown(error: GraphQLError, correlation_id: str, document: DocumentNode | None) -> tuple[str, dict[str, Any]]:
    cause = error.original_error
    if isinstance(cause, SourceError):
        return str(cause), source_extensions(cause)
    if isinstance(cause, ClientError):
        return str(cause), {"code": cause.code, **cause.extensions}
    if not error.path or cause is None or isinstance(cause, GraphQLError):  # without a path, nothing was executed yet
        return _asked_wrongly(error, document)
    _log.error("masked error, correlation id %s", correlation_id, exc_info=cause)
    return MASKED, {"code": "INTERNAL"}


def source_extensions(error: SourceError) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": error.code, "source": error.source, "retryable": error.retryable}
    if error.retry_after_seconds is not None:
        extensions["retryAfterSeconds"] = error.retry_after_seconds
    return extensions


def _asked_wrongly(error: GraphQLError, document: DocumentNode | None) -> tuple[str, dict[str, Any]]:
    """A document or value that GraphQL itself refused: say which argument it stands in, where it stands in one."""
    argument = _argument_around(error, document)
    if argument is None:
        return error.message, {"code": "BAD_INPUT"}
    return f'Argument "{argument}": {error.message}', {"code": "BAD_INPUT", "argument": argument}


class _Innermost(Visitor):
    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position
        self.name: str | None = None

    def enter(self, node: Node, *_: Any) -> VisitorAction:
        """What does not hold the position is passed by, with all that is in it."""
        if node.loc and not node.loc.start <= self.position < node.loc.end:
            return SKIP
        if isinstance(node, ArgumentNode):
            self.name = node.name.value
        return None


_OUTSIDE = (FieldNode, FragmentSpreadNode, InlineFragmentNode, FragmentDefinitionNode, OperationDefinitionNode)
"""None of these stands in an argument, so nobody need look: a document may have errors by the hundred."""


def _argument_around(error: GraphQLError, document: DocumentNode | None) -> str | None:
    if document is None or not error.positions or (error.nodes and isinstance(error.nodes[0], _OUTSIDE)):
        return None
    search = _Innermost(next(iter(error.positions)))
    visit(document, search)
    return search.name
