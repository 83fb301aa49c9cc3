"""@defer and @stream: what they mark is answered with the rest, as the GraphQL drafts allow a server to do.

They are taken out once, when a document has been validated: neither the engine nor graphql-core meets them.
"""

from typing import Any

from graphql import REMOVE, DirectiveNode, DocumentNode, GraphQLDeferDirective, GraphQLStreamDirective, Visitor, visit

INCREMENTAL = (GraphQLDeferDirective, GraphQLStreamDirective)
NAMES = frozenset(directive.name for directive in INCREMENTAL)


class _Whole(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value in NAMES else None


def is_marked(text: str) -> bool:
    """Whether the document may have them: most have not, and need not be walked through."""
    return any(name in text for name in NAMES)


def whole(document: DocumentNode) -> DocumentNode:
    """The same document without them: graphql-core would refuse to answer it in one piece."""
    found: DocumentNode = visit(document, _Whole())
    return found
