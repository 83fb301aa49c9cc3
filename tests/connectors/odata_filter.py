"""`$filter` as Business Central reads it, as far as it is used here: what we send is read by something that is not ours to send by."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

_TOKENS = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z_]\w*)|(\d{4}-\d\d-\d\d)|([(),]))")
_ORDER = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}
Row = Mapping[str, Any]


class NotTaken(Exception):
    """What Business Central answers with 400."""


class Filter:
    """Terms joined by `and` and `or`, the latter over one field only; a value with `*` is a pattern, as the vendor's pages show."""

    def __init__(self, text: str) -> None:
        self._tokens = self._read(text)
        self._at = 0
        self._tree = self._either()
        if self._at != len(self._tokens):
            raise NotTaken("something stands behind the filter")

    def takes(self, row: Row) -> bool:
        return _holds(self._tree, row)

    def _read(self, text: str) -> list[str]:
        tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKENS.match(text, at)
            if found is None:
                raise NotTaken("no filter")
            tokens.append(next(each for each in found.groups() if each is not None))
            at = found.end()
        return tokens

    def _next(self, wanted: str | None = None) -> str:
        if self._at >= len(self._tokens) or (wanted is not None and self._tokens[self._at] != wanted):
            raise NotTaken("the filter breaks off")
        self._at += 1
        return self._tokens[self._at - 1]

    def _is(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == word:
            self._at += 1
            return True
        return False

    def _either(self) -> Any:
        parts = [self._both()]
        while self._is("or"):
            parts.append(self._both())
        if len(parts) > 1 and len({name for part in parts for name in _fields(part)}) > 1:
            raise NotTaken("The 'OR' operator is not supported on distinct fields on an OData filter.")
        return ("or", parts) if len(parts) > 1 else parts[0]

    def _both(self) -> Any:
        parts = [self._term()]
        while self._is("and"):
            parts.append(self._term())
        return ("and", parts) if len(parts) > 1 else parts[0]

    def _term(self) -> Any:
        if self._is("("):
            inner = self._either()
            self._next(")")
            return inner
        name = self._next()
        if name == "contains":
            self._next("(")
            field = self._next()
            self._next(",")
            value = _value(self._next())
            self._next(")")
            return ("contains", field, value)
        word = self._next()
        if word not in {"eq", "ne", *_ORDER} or not name.isidentifier():
            raise NotTaken("no comparison")
        return (word, name, _value(self._next()))


def _value(token: str) -> str:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", token):
        return token
    raise NotTaken("no value")


def _fields(tree: Any) -> set[str]:
    return {name for part in tree[1] for name in _fields(part)} if tree[0] in {"or", "and"} else {tree[1]}


def _holds(tree: Any, row: Row) -> bool:
    word = tree[0]
    if word == "or":
        return any(_holds(part, row) for part in tree[1])
    if word == "and":
        return all(_holds(part, row) for part in tree[1])
    _, field, value = tree
    if field not in row:
        raise NotTaken(f"no field {field}")
    told = str(row[field])
    if word == "contains":
        return value in told
    if word in {"eq", "ne"}:
        is_equal = fnmatchcase(told, value.replace("[", "[[]")) if "*" in value else told == value
        return is_equal == (word == "eq")
    return bool(_ORDER[word](told, value))
