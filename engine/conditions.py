"""@skip and @include: what is known beforehand is worked out when compiling, what hangs on variables at run time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import BooleanValueNode, DirectiveNode, VariableNode

from engine.plan import Condition, NotTaken

Literals = frozenset[tuple[str, bool]]
"""All of them must hold: (variable, the value it must have)."""

ALWAYS: Literals = frozenset()

_WANTED = {"include": True, "skip": False}


def under(outer: Literals, directives: Sequence[DirectiveNode] | None) -> Literals | None:
    """What must hold for a node below `outer` to be included; None where it never is."""
    for directive in directives or ():
        wanted = _WANTED.get(directive.name.value)
        if wanted is None:
            continue
        value = directive.arguments[0].value if directive.arguments else None
        if isinstance(value, BooleanValueNode):
            if value.value is not wanted:
                return None
        elif isinstance(value, VariableNode):
            name = value.name.value
            if (name, not wanted) in outer:
                return None
            outer |= {(name, wanted)}
        else:
            raise NotTaken("a condition that is neither a variable nor a literal")
    return outer


def either(alternatives: Iterable[Literals]) -> Condition | None:
    """The alternatives without those that another one covers; None where one of them always holds."""
    kept: list[Literals] = []
    for each in sorted(set(alternatives), key=len):
        if not each:
            return None
        if not any(other <= each for other in kept):
            kept.append(each)
    return tuple(kept)


def holds(condition: Condition, variables: Mapping[str, Any]) -> bool:
    """Raises NotTaken where a variable has no value that a condition could use: graphql-core words that error."""
    if not all(isinstance(variables.get(name), bool) for literals in condition for name, _ in literals):
        raise NotTaken("a condition without a value")
    return any(all(variables[name] is wanted for name, wanted in literals) for literals in condition)
