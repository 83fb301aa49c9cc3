"""Documents: parsed, validated and compiled once; the cache is bounded by count and by size."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    Token,
    get_operation_ast,
    parse,
    validate,
)

from engine.compilation import compiled
from engine.plan import NotTaken, Plan
from engine.whole import is_marked, whole


class Passing(GraphQLError):
    """A refusal that says nothing of the document: asked again, it may be taken."""


MAX_CAUSES = 10

MAX_REFUSED = 16_384
"""A longer text is not kept once it was refused."""


def _unseen(_: Any) -> None:
    """Nobody looks."""


class Prepared:
    """A document that was asked: its errors, or its operations, each with its plan once it has been asked for."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode | None,
        errors: tuple[GraphQLError, ...],
        measured: Any = None,
    ) -> None:
        self.document, self.errors, self.measured = document, errors, measured
        self._schema = schema
        self._plans: dict[str | None, Plan | NotTaken] = {}

    def operation(self, name: str | None = None) -> OperationDefinitionNode | None:
        """None where the document has no such operation, or several and none is named."""
        return get_operation_ast(self.document, name) if self.document is not None else None

    def plan(self, name: str | None = None) -> Plan | NotTaken | None:
        """The operation's plan, or why it has none; None where there is no such operation."""
        if name in self._plans:
            return self._plans[name]
        operation = self.operation(name)
        if operation is None or self.document is None:
            return None
        try:
            plan: Plan | NotTaken = compiled(self._schema, self.document, operation)
        except NotTaken as reason:
            plan = reason.with_traceback(None)  # whose frames would hold this very document
        self._plans[name] = plan
        return plan

    @property
    def code(self) -> int:
        """How many characters of code its plans were compiled into: the memory they take goes with it, about ten bytes each."""
        return sum(len(each.source) for each in self._plans.values() if isinstance(each, Plan))


class Documents:
    """The cache, by text. `max_characters` bounds the texts kept together, `max_code` what their plans were compiled into.

    Few characters can make much code: an interface's fields are planned once a type. `scan` looks at a text before it is parsed and
    `measure` at a document before it is checked: both refuse by raising a GraphQLError, and what `measure` returns stays with it.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        max_documents: int = 512,
        max_characters: int = 2_000_000,
        max_code: int = 20_000_000,
        max_tokens: int | None = None,
        check: Callable[[DocumentNode], Any] | None = None,
        scan: Callable[[str], None] = _unseen,
        measure: Callable[[DocumentNode], Any] = _unseen,
    ) -> None:
        self._schema, self._max_tokens = schema, max_tokens
        self._max_documents, self._max_characters, self._max_code = max_documents, max_characters, max_code
        self._check = check or (lambda document: validate(schema, document))
        self._scan, self._measure = scan, measure
        self._kept: OrderedDict[str, Prepared] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def prepared(self, text: str) -> Prepared:
        """What is refused is remembered, too, unless it is long: it would take the place of many that are not."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            return known
        prepared = self._prepare(text)
        if not prepared.errors or (len(text) <= MAX_REFUSED and not isinstance(prepared.errors[0], Passing)):
            self._kept[text] = prepared
            self._make_room()
        return prepared

    def _make_room(self) -> None:
        characters, code = sum(map(len, self._kept)), sum(each.code for each in self._kept.values())
        while len(self._kept) > self._max_documents or characters > self._max_characters or code > self._max_code:
            text, dropped = self._kept.popitem(last=False)
            characters, code = characters - len(text), code - dropped.code

    def _prepare(self, text: str) -> Prepared:
        try:
            self._scan(text)
            document = parse(text, max_tokens=self._max_tokens)
            measured = self._measure(document)
            errors = tuple(map(_alone, self._check(document)))
        except GraphQLError as error:
            return Prepared(self._schema, None, (_alone(error),))
        except RecursionError:
            return Prepared(self._schema, None, (GraphQLError("The document is nested too deeply."),))
        _unchain(document)
        told = whole(document) if is_marked(text) and not errors else document
        return Prepared(self._schema, told, errors, measured)


def _alone(error: GraphQLError) -> GraphQLError:
    """Without the frames that it and its causes came through, which hold the document and all that looked at it."""
    seen: BaseException | None = error
    for _ in range(MAX_CAUSES):
        if seen is None:
            break
        seen.__traceback__ = None
        seen = getattr(seen, "original_error", None) or seen.__cause__ or seen.__context__
    return error


def _unchain(document: DocumentNode) -> None:
    """Nobody goes from token to token any more; as a chain they would be freed by a search for cycles only."""
    token: Token | None = document.loc.start_token if document.loc is not None else None
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following
