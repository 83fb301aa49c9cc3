"""@defer and @stream: what they mark is answered with the rest, as the GraphQL drafts allow a server to do."""

from typing import Any

from graphql import REMOVE, DirectiveNode, DocumentNode, GraphQLDeferDirective, GraphQLStreamDirective, Visitor, visit

INCREMENTAL = (GraphQLDeferDirective, GraphQLStreamDirective)
NAMES = frozenset(directive.name for directive in INCREMENTAL)


class _Whole(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value in NAMES else None


def whole(document: DocumentNode) -> DocumentNode:
    """The same document without them: graphql-core would refuse to answer it in one piece."""
    found: DocumentNode = visit(document, _Whole())
    return found
