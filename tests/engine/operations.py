"""Operations made at random, yet valid: each response key has one meaning throughout, so that whatever meets can be merged."""

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

KEYS = (
    "run", "h", "v", "complete", "None", "class", "lambda", "True", "holders", "outcomes", "d1", "r2", "v3", "a", "admit",
    "__import__", "_", "append", "self",
)  # fmt: skip
"""Aliases: Python's keywords and what generated code might call its own."""


@dataclass
class Operation:
    text: str
    variables: dict[str, Any]


@dataclass
class Maker:
    """`dice` may be hypothesis's own, which remembers each throw and looks for the least that fails."""

    schema: GraphQLSchema
    dice: Random
    depth: int = 4
    budget: int = 40
    meanings: dict[str, tuple[str, str]] = field(default_factory=dict)
    fragments: list[tuple[str, Any, str]] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)

    def operation(self, kind: str) -> Operation:
        root = self.schema.query_type if kind == "query" else self.schema.mutation_type
        selection = self._selection(root, self.depth)
        body = "\n".join([selection, *(f"fragment {name} on {on} {each}" for name, on, each in self.fragments)])
        used = set(re.findall(r"\$(\w+)", body))  # an argument that was given up has left its variables behind
        variables = ", ".join(f"${name}: {each}" for name, each in self.definitions.items() if name in used)
        return Operation(f"{kind} Op({variables}) {body}" if variables else f"{kind} {body}", self.given)

    def _chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent

    # ------------------------------------------------------------ selections

    def _selection(self, kind: Any, depth: int) -> str:
        members = [self._member(kind, depth) for _ in range(self.dice.randrange(1, 5))]
        return "{ " + " ".join(members) + " }"

    def _member(self, kind: Any, depth: int) -> str:
        self.budget -= 1
        roll = self.dice.randrange(100)
        if roll < 6:
            return f"__typename{self._condition()}"
        if self.budget > 0 and roll < (50 if is_abstract_type(kind) else 18):
            return self._fragment(kind, depth)
        fields = getattr(kind, "fields", {})
        if depth <= 0 or self.budget <= 0:
            fields = {name: each for name, each in fields.items() if not is_composite_type(get_named_type(each.type))}
        if not fields:
            return f"__typename{self._condition()}"
        return self._field(fields, depth)

    def _field(self, fields: dict[str, Any], depth: int) -> str:
        name = self.dice.choice(list(fields))
        definition = fields[name]
        arguments = self._arguments(definition)
        key = self._key(name, arguments)
        if key is None:
            return f"__typename{self._condition()}"
        head = name if key == name else f"{key}: {name}"
        text = f"{head}{arguments}{self._condition()}"
        below = get_named_type(definition.type)
        return f"{text} {self._selection(below, depth - 1)}" if is_composite_type(below) else text

    def _key(self, name: str, arguments: str) -> str | None:
        """A key with just this meaning; None where none of a few is free."""
        pick = [name, self.dice.choice(KEYS)] if self._chance(75) else [self.dice.choice(KEYS), name]
        for key in (*pick, self.dice.choice(KEYS)):
            if key.startswith("__") and key != "__import__":
                continue
            if self.meanings.setdefault(key, (name, arguments)) == (name, arguments):
                return key
        return None

    def _fragment(self, kind: Any, depth: int) -> str:
        overlapping = [each for each in self._composites() if self._overlap(each, kind)]
        known = [name for name, on, _ in self.fragments if on in overlapping]
        if known and self._chance(40):
            return f"...{self.dice.choice(known)}{self._condition()}"
        on = self.dice.choice(overlapping)
        if self._chance(35):
            body = self._selection(
                on, depth
            )  # what is spread in it is defined by now, so that no fragment holds itself
            name = f"F{len(self.fragments)}"
            self.fragments.append((name, on, body))
            return f"...{name}{self._condition()}"
        if on is kind and self._chance(30):
            return f"...{self._condition()} {self._selection(kind, depth)}"
        return f"... on {on}{self._condition()} {self._selection(on, depth)}"

    def _composites(self) -> list[Any]:
        kinds = self.schema.type_map.values()
        return [each for each in kinds if is_composite_type(each) and not each.name.startswith("__")]

    def _overlap(self, one: Any, other: Any) -> bool:
        return not self._possible(one).isdisjoint(self._possible(other))

    def _possible(self, kind: Any) -> set[str]:
        return {each.name for each in self.schema.get_possible_types(kind)} if is_abstract_type(kind) else {kind.name}

    def _condition(self) -> str:
        text = ""
        for directive in ("skip", "include"):
            if self._chance(88):
                continue
            literal = self._chance(25)
            text += f" @{directive}(if: {self.dice.choice(('true', 'false')) if literal else self._switch()})"
        return text

    def _switch(self) -> str:
        name = f"on{self.dice.randrange(3)}"
        if name not in self.definitions:
            form = self.dice.choice(("Boolean!", "Boolean!", "Boolean! = true", "Boolean = false"))
            self.definitions[name] = form
            if "=" not in form or self._chance(50):
                self.given[name] = self._chance(60)
        return f"${name}"

    # ------------------------------------------------------------ arguments

    def _arguments(self, definition: Any) -> str:
        texts: list[str] = []
        for name, argument in definition.args.items():
            required = is_non_null_type(argument.type) and argument.default is None
            if required or self._chance(35):
                texts.append(f"{name}: {self._input(argument.type, 2)}")
        return f"({', '.join(texts)})" if texts else ""

    def _input(self, kind: Any, depth: int) -> str:
        return self._variable(kind) if self._chance(35) else self._literal(kind, depth)

    def _variable(self, kind: Any) -> str:
        fitting = [name for name, each in self.definitions.items() if each == str(kind)]
        if fitting and self._chance(50):
            return f"${self.dice.choice(fitting)}"
        name = f"v{len(self.definitions)}"
        has_default = self._chance(30)
        self.definitions[name] = f"{kind} = {_written(self._value(kind, 2), kind)}" if has_default else str(kind)
        if self._chance(70) or (is_non_null_type(kind) and not has_default):
            self.given[name] = self._value(kind, 2)
        return f"${name}"

    def _literal(self, kind: Any, depth: int) -> str:
        """A literal; variables may stand within."""
        inner = kind.of_type if is_non_null_type(kind) else kind
        if inner is kind and self._chance(15):
            return "null"
        if is_list_type(inner):
            if self._chance(15) and not is_list_type(inner.of_type):
                return self._literal(inner.of_type, depth)  # one item stands for a list of it
            return f"[{', '.join(self._input(inner.of_type, depth - 1) for _ in range(self.dice.randrange(3)))}]"
        if is_input_object_type(inner):
            fields = {name: each for name, each in inner.fields.items() if self._wanted(each, depth)}
            return (
                "{" + ", ".join(f"{name}: {self._input(each.type, depth - 1)}" for name, each in fields.items()) + "}"
            )
        return _written(self._value(kind, depth), kind)

    def _wanted(self, definition: Any, depth: int) -> bool:
        is_required = is_non_null_type(definition.type) and definition.default is None
        return is_required or (depth > 0 and self._chance(40))

    def _value(self, kind: Any, depth: int) -> Any:
        inner = kind.of_type if is_non_null_type(kind) else kind
        if inner is kind and self._chance(15):
            return None
        if is_list_type(inner):
            return [self._value(inner.of_type, depth - 1) for _ in range(self.dice.randrange(3))]
        if is_input_object_type(inner):
            fields = {name: each for name, each in inner.fields.items() if self._wanted(each, depth)}
            return {name: self._value(each.type, depth - 1) for name, each in fields.items()}
        if is_enum_type(inner):
            return self.dice.choice(list(inner.values))
        return self.dice.choice(VALUES[inner.name])


VALUES: dict[str, tuple[Any, ...]] = {
    "Int": (0, 1, -5),
    "Float": (0.5, 2, -1.25),
    "String": ("", "x", 'a"b'),
    "ID": ("i", 7),
    "Boolean": (True, False),
}


def _written(value: Any, kind: Any) -> str:
    """A value as it stands in a document."""
    inner = kind.of_type if is_non_null_type(kind) else kind
    if value is None or value is Undefined:
        return "null"
    if is_list_type(inner):
        return f"[{', '.join(_written(each, inner.of_type) for each in value)}]"
    if is_input_object_type(inner):
        rows = [f"{name}: {_written(each, inner.fields[name].type)}" for name, each in value.items()]
        return "{" + ", ".join(rows) + "}"
    if is_enum_type(inner):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else '"' + value.replace('"', '\\"') + '"'
