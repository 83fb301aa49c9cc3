"""What has changed between two schemas: what breaks clients, what may surprise them, what they need not know.

graphql-core finds the changes. Here each gets its place, what to do about it, and whether it was announced; and what
graphql-core does not look at is added: directives, so deprecations and what routers go by, and new types behind an old interface.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    build_ast_schema,
    is_interface_type,
    is_object_type,
    parse,
    print_ast,
)
from graphql.utilities import BreakingChange, DangerousChange, SchemaChange, find_schema_changes

from gateway.advice import ADVICE, NOT_YET, OF_DIRECTIVE
from gateway.coordinates import directives
from gateway.deprecations import deprecations, last_day
from gateway.reachable import reachable

Severity = Literal["breaking", "dangerous", "safe"]
SEVERITIES: Sequence[Severity] = ("breaking", "dangerous", "safe")

REMOVALS = frozenset({"ARG_REMOVED", "FIELD_REMOVED", "TYPE_REMOVED", "VALUE_REMOVED_FROM_ENUM"})
"""What may be announced by a deprecation."""

WEIGHTS: Mapping[tuple[str, str], Severity] = {
    ("added", "key"): "safe",
    ("added", "shareable"): "safe",
    ("removed", "authenticated"): "safe",
    ("removed", "key"): "breaking",
    ("removed", "requiresScopes"): "safe",
    ("removed", "shareable"): "breaking",
}
"""What a directive means that came or went; any other is dangerous: whoever reads it may go another way."""

_AT_THE_END = re.compile(
    r"(?P<what>\w+(?: flag)?) (?P<did>(?:was )?(?:added to|removed from)) (?P<whose>.* )?(?P<place>@?\w+)\.", re.ASCII
)
_IN_FRONT = re.compile(
    r"(?P<kind>(?:Description of |An? (?:optional|required) )?"
    r"(?:[Ff]ield |[Aa]rgument |[Ee]num value |input-field |Standard scalar |Directive )?)"
    r"(?P<place>@?\w+(?:\.\w+)?(?:\(\w+:?\))?) (?P<what>.*?)\.?",
    re.ASCII | re.DOTALL,
)


class NotASchema(Exception):
    """The text cannot be read as a schema."""


class Change(msgspec.Struct, frozen=True):
    """`place`: a schema coordinate. `announced`: the day, now past, after which it was said to go; null where nothing said so."""

    severity: Severity
    place: str
    told: str
    advice: str = ""
    announced: date | None = None

    @property
    def is_break(self) -> bool:
        return self.severity == "breaking" and self.announced is None


class _Schema(msgspec.Struct, frozen=True):
    document: DocumentNode
    built: GraphQLSchema


def _read(text: str) -> _Schema:
    """Not validated: a subgraph's uses directives that it does not define."""
    try:
        document = parse(text, no_location=True)
        built = build_ast_schema(document, assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        raise NotASchema(str(error).splitlines()[0]) from error
    if built.query_type is None:
        raise NotASchema("it has no Query")
    return _Schema(document, built)


def changes(old: str, new: str, today: date) -> Sequence[Change]:
    """From one schema's text to the other's, the gravest first. Raises NotASchema."""
    before, after = _read(old), _read(new)
    gone = _Goodbyes(before, today)
    found = [gone.judged(each.type.name, _told(each)) for each in find_schema_changes(before.built, after.built)]
    found += _new_members(before.built, after.built)
    found += _deprecations(before, after)
    found += _directive_changes(before, after)
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), each.place))


class _Goodbyes:
    """Removals, judged by what the old schema said of them."""

    def __init__(self, old: _Schema, today: date) -> None:
        self._days = {place: last_day(said) for place, said in deprecations(old.document).items()}
        self._past = {place: day for place, day in self._days.items() if day is not None and day < today}
        self._in_use = reachable(old.built, self._past)

    def judged(self, kind: str, change: Change) -> Change:
        if kind not in REMOVALS:
            return change
        if kind == "TYPE_REMOVED":
            return self._type(change)
        day = self._days.get(change.place)
        if change.place in self._past:
            return msgspec.structs.replace(change, advice=f"announced: deprecated until {day}", announced=day)
        return change if day is None else msgspec.structs.replace(change, advice=NOT_YET.format(day=day))

    def _type(self, change: Change) -> Change:
        """A type cannot be deprecated: it goes with the last element that leads to it."""
        if change.place in self._in_use or not self._past:
            return change
        return msgspec.structs.replace(
            change, advice="announced: all that led to it was", announced=max(self._past.values())
        )


def _told(change: SchemaChange) -> Change:
    severity: Severity = "safe"
    if isinstance(change, BreakingChange):
        severity = "breaking"
    elif isinstance(change, DangerousChange):
        severity = "dangerous"
    place, told = _in_words(change.description)
    return Change(severity, place, told, ADVICE[change.type.name])


def _in_words(description: str) -> tuple[str, str]:
    """graphql-core tells the place within a sentence."""
    if match := _AT_THE_END.fullmatch(description):
        implements = "interfaces" in (match["whose"] or "")
        return match["place"], f"implements {match['what']}" if implements else f"{match['what']} {match['did']} it"
    match = _IN_FRONT.fullmatch(description)
    if match is None:
        return "schema", description
    kind, place = match["kind"].strip().lower(), re.sub(r"(?<=\w)\)", ":)", match["place"])
    if kind.startswith("description"):
        return place, "is described otherwise"
    return place, f"{kind} {match['what']}".strip()


def _new_members(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """To graphql-core they are new types and no more; a client that tells an interface's types apart meets one that it does not know."""
    for name, kind in new.type_map.items():
        if name not in old.type_map and (is_object_type(kind) or is_interface_type(kind)):
            for interface in kind.interfaces:
                if interface.name in old.type_map:
                    yield Change("dangerous", interface.name, f"{name} is one, too", ADVICE["TYPE_ADDED_TO_UNION"])


def _deprecations(old: _Schema, new: _Schema) -> Iterator[Change]:
    """Of what stays. The day that was told may be put off, and not brought forward."""
    before, after, there = deprecations(old.document), deprecations(new.document), directives(new.document)
    for place in (before.keys() | after.keys()) & there.keys():
        if place not in after:
            yield Change("safe", place, "is no longer deprecated")
        elif after[place] != before.get(place):
            was, now = last_day(before.get(place, "")), last_day(after[place])
            sooner = was is not None and (now is None or now < was)
            advice = f"go by the day that was told, {was}" if sooner else ""
            yield Change("breaking" if sooner else "safe", place, f"is deprecated: {after[place]}", advice)


def _directive_changes(old: _Schema, new: _Schema) -> Iterator[Change]:
    before, after = _applied(old.document), _applied(new.document)
    for place in before.keys() & after.keys():
        yield from (_of_directive("removed", place, each) for each in before[place] if each not in after[place])
        yield from (_of_directive("added", place, each) for each in after[place] if each not in before[place])


def _applied(document: DocumentNode) -> Mapping[str, Sequence[str]]:
    """As text, and without deprecations: those are told in words."""
    return {
        place: [print_ast(each) for each in applied if each.name.value != "deprecated"]
        for place, applied in directives(document).items()
    }


def _of_directive(did: Literal["added", "removed"], place: str, text: str) -> Change:
    name = text.removeprefix("@").partition("(")[0]
    severity = WEIGHTS.get((did, name), "dangerous")
    return Change(severity, place, f"{text} was {did}", OF_DIRECTIVE[severity])


def as_text(found: Collection[Change]) -> str:
    wide = max((len(each.place) for each in found), default=0)
    lines = [f"{each.severity:9}  {each.place:{wide}}  {_line(each)}" for each in found]
    return "\n".join([*lines, summary(found)])


def _line(change: Change) -> str:
    told = " ".join(change.told.split())
    return f"{told}; {change.advice}" if change.advice else told


def summary(found: Collection[Change]) -> str:
    counts = {severity: sum(each.severity == severity for each in found) for severity in SEVERITIES}
    announced = sum(each.announced is not None for each in found)
    words = [f"{count} {severity}" for severity, count in counts.items()]
    if announced:
        words[0] += f" ({announced} of them announced)"
    return ", ".join(words)


def as_plain(found: Collection[Change]) -> dict[str, Any]:
    return {"changes": msgspec.to_builtins(found), "breaks": sum(each.is_break for each in found)}
