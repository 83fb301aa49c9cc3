"""How much may be asked in one request: the figures, and the refusals that name figure and limit.

Order of the checks: bytes (gateway.body), JSON, tokens and nesting of the text, figures of the document, validation within its time,
cost with the variables' values.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    NoSchemaIntrospectionCustomRule,
    ValidationRule,
    specified_rules,
    validate,
)

from engine import Documents, Passing
from gateway.measuring import Measured, measured
from gateway.scan import scanned
from resolvers.errors import ClientError

MAX_ERRORS = 20
"""So many of a document's errors are told."""

TRIES = 2
"""A collection of garbage or a machine that stood still may use up a validation's time: neither comes twice in a row."""

_Count = Annotated[int, msgspec.Meta(ge=1)]


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that one request may have of each."""

    body_bytes: _Count = 1_048_576
    body_seconds: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    json_depth: _Count = 32
    json_values: _Count = 20_000
    digits: _Count = 30
    list_length: _Count = 1_000
    characters: _Count = 100_000
    escapes: _Count = 10_000
    tokens: _Count = 5_000
    nesting: _Count = 100
    depth: _Count = 20
    fields: _Count = 1_000
    aliases: _Count = 100
    root_fields: _Count = 50
    directives: _Count = 100
    fragments: _Count = 300
    comparisons: _Count = 40_000
    validation_ms: _Count = 200
    cost: _Count = 50_000


class TooMuch(ClientError):
    """A request is larger than a limit; the message and the extensions name the figure and the limit."""

    code = "LIMIT_EXCEEDED"

    def __init__(self, what: str, *, asked: float, limit: float, unit: str) -> None:
        super().__init__(f"{what}: {asked} {unit}, the limit is {limit}.", asked=asked, limit=limit)


def _refusal(what: str, *, asked: int, limit: int, unit: str) -> GraphQLError:
    error = TooMuch(what, asked=asked, limit=limit, unit=unit)
    return GraphQLError(str(error), original_error=error)


_WORDS: Mapping[str, tuple[str, str]] = {
    "depth": ("The document is nested too deeply", "levels"),
    "fields": ("The document has too many fields", "fields"),
    "aliases": ("The document has too many aliases", "aliases"),
    "root_fields": ("The operation has too many root fields", "fields"),
    "directives": ("The document has too many directives", "directives"),
    "fragments": ("The document has too many fragments", "definitions and spreads"),
    "comparisons": ("The document repeats the same names too often", "comparisons"),
}


def documents(
    schema: GraphQLSchema,
    limits: LimitSettings,
    *,
    introspection: bool,
    subgraph: bool = False,
    clock: Callable[[], float] = time.thread_time,
) -> Documents:
    """Documents that are looked at before they are parsed, and measured before they are validated.

    `subgraph`: whether routers are told the schema although nobody else is. `clock`: seconds of CPU, for a busy machine is not the
    document's fault.
    """
    rules: list[type[ASTValidationRule]] = [_within(limits.validation_ms, clock), *specified_rules]
    rules += [] if introspection else [NoSchemaIntrospectionCustomRule]
    rules += [] if introspection or subgraph else [_NoSubgraph]
    desk = _Checks(schema, limits, rules, hides=not introspection)
    return Documents(schema, max_tokens=limits.tokens, scan=desk.scan, measure=desk.measure, check=desk.check)


class _Checks:
    """`hides`: whether errors leave out which names there are."""

    def __init__(
        self, schema: GraphQLSchema, limits: LimitSettings, rules: Sequence[type[ASTValidationRule]], *, hides: bool
    ) -> None:
        self._schema, self._limits, self._rules, self._hides = schema, limits, rules, hides

    def scan(self, text: str) -> None:
        most = self._limits
        if len(text) > most.characters:
            raise _refusal("The document is too long", asked=len(text), limit=most.characters, unit="characters")
        if (escapes := text.count("\\")) > most.escapes:  # the parser takes a microsecond for each
            raise _refusal("The document has too many escapes", asked=escapes, limit=most.escapes, unit="backslashes")
        found = scanned(text, max_tokens=most.tokens, max_nesting=most.nesting)
        if found.tokens > most.tokens:
            raise _refusal("The document is too long", asked=found.tokens, limit=most.tokens, unit="tokens or more")
        if found.nesting > most.nesting:
            raise _refusal(
                "The document is nested too deeply", asked=found.nesting, limit=most.nesting, unit="brackets"
            )

    def measure(self, document: DocumentNode) -> Measured:
        found = measured(self._schema, document)
        for name, (what, unit) in _WORDS.items():
            asked, limit = getattr(found.figures, name), getattr(self._limits, name)
            if asked > limit:
                raise _refusal(what, asked=asked, limit=limit, unit=unit)
        return found

    def check(self, document: DocumentNode) -> Sequence[GraphQLError]:
        for _ in range(TRIES):
            with suppress(_TooSlow):
                return validate(
                    self._schema, document, self._rules, max_errors=MAX_ERRORS, hide_suggestions=self._hides
                )
        most = self._limits.validation_ms
        error = TooMuch("The document takes too long to validate", asked=most, limit=most, unit="ms or more")
        return (Passing(str(error), original_error=error),)


class _NoSubgraph(ValidationRule):
    """`_service { sdl }` is introspection by another name."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value == "_service":
            self.report_error(GraphQLError('The schema is not told here: "_service" has been disabled.', node))


class _TooSlow(Exception):
    """Validation has used up its time."""


def _within(milliseconds: int, clock: Callable[[], float]) -> type[ValidationRule]:
    """A rule that refuses nothing, but looks at the clock at every node."""

    class Clock(ValidationRule):
        def __init__(self, context: Any) -> None:
            super().__init__(context)
            self._until = clock() + milliseconds / 1000

        def enter(self, _node: Node, *_: Any) -> None:
            if clock() > self._until:
                raise _TooSlow

    return Clock


def checked_cost(found: Measured, name: str | None, variables: Mapping[str, Any] | None, limits: LimitSettings) -> int:
    """What the operation costs with these variables. Raises TooMuch."""
    cost = found.cost(name, variables or {})
    if cost > limits.cost:
        raise TooMuch("The operation costs too much", asked=cost, limit=limits.cost, unit="points")
    return cost
