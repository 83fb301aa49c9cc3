"""As much of OData V2 as the server of our own speaks: filters that are read for what they say, and lists in pages."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

_TOKEN = re.compile(r"\s*(?:(datetime)?'((?:[^']|'')*)'|([A-Za-z_][A-Za-z0-9_]*)|([(),]))")
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = Mapping[str, Any]


class NotTaken(ValueError):
    """No filter that the vendor takes."""


class Filter:
    """`or` under `and`, comparisons of a column with a literal, substringof, brackets."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise NotTaken(text[at:])
            at = found.end()
            if found[2] is not None:
                self._tokens.append(("date" if found[1] else "text", found[2].replace("''", "'")))
            else:
                self._tokens.append(("word", found[3]) if found[3] else ("sign", found[4]))
        self._at = 0
        self._tree = self._any()
        if self._at != len(self._tokens):
            raise NotTaken(text)

    def takes(self, row: Row) -> bool:
        return _holds(self._tree, row)

    def _next(self, *wanted: tuple[str, str]) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] in wanted:
            self._at += 1
            return True
        return False

    def _take(self, kind: str, value: str | None = None) -> str:
        if self._at >= len(self._tokens):
            raise NotTaken("the filter ends too soon")
        found = self._tokens[self._at]
        if found[0] != kind or value not in {None, found[1]}:
            raise NotTaken(found[1])
        self._at += 1
        return found[1]

    def _any(self) -> Any:
        parts = [self._all()]
        while self._next(("word", "or")):
            parts.append(self._all())
        return ("or", parts)

    def _all(self) -> Any:
        parts = [self._one()]
        while self._next(("word", "and")):
            parts.append(self._one())
        return ("and", parts)

    def _one(self) -> Any:
        if self._next(("sign", "(")):
            inner = self._any()
            self._take("sign", ")")
            return inner
        if self._next(("word", "substringof")):
            self._take("sign", "(")
            text = self._take("text")
            self._take("sign", ",")
            column = self._take("word")
            self._take("sign", ")")
            return ("in", column, text)
        column, how = self._take("word"), self._take("word")
        if how not in {"eq", "ne", "ge", "le"}:
            raise NotTaken(how)
        kind = self._tokens[self._at][0] if self._at < len(self._tokens) else ""
        value = self._take("date" if kind == "date" else "text")
        return (how, column, datetime.fromisoformat(value).replace(tzinfo=UTC) if kind == "date" else value)


def _holds(tree: Any, row: Row) -> bool:
    if tree[0] in {"or", "and"}:
        return (any if tree[0] == "or" else all)(_holds(each, row) for each in tree[1])
    how, column, value = tree
    there = row.get(column)
    if isinstance(value, datetime):
        there = moment(there)
    if how == "in":
        return value.lower() in str(there).lower()
    if how in {"eq", "ne"}:
        return (there == value) == (how == "eq")
    return there is not None and bool(there >= value if how == "ge" else there <= value)


def moment(text: Any) -> datetime | None:
    found = _DATE.fullmatch(str(text))
    return None if found is None else _EPOCH + timedelta(milliseconds=int(found[1]))


def listed(rows: Sequence[Row], query: Mapping[str, str], link: str, most: int) -> dict[str, Any]:
    """`most`: how many rows the server gives at a time; `link` is where it is asked for more."""
    chosen = [row for row in rows if "$filter" not in query or Filter(query["$filter"]).takes(row)]
    for clause in reversed(query.get("$orderby", "").split(",")):
        column, _, how = clause.strip().partition(" ")
        if column:
            chosen.sort(key=lambda row: str(row.get(column)), reverse=how == "desc")
    skip = int(query.get("$skiptoken", query.get("$skip", "0")))
    top = int(query.get("$top", len(chosen)))
    size = min(top, most)
    here = chosen[skip : skip + size]
    answer: dict[str, Any] = {"results": [_expanded(row, query.get("$expand", "")) for row in here]}
    if top > most and len(chosen) > skip + size:
        answer["__next"] = f"{link}?$skiptoken={skip + size}"
    if query.get("$inlinecount") == "allpages":
        answer["__count"] = str(len(chosen))
    return {"d": answer}


def _expanded(row: Row, expand: str) -> dict[str, Any]:
    """What was not asked for is a link, as the vendor does it."""
    wanted: dict[str, list[str]] = {}
    for path in filter(None, expand.split(",")):
        name, _, rest = path.partition("/")
        wanted.setdefault(name, []).append(rest)
    return {
        name: value
        if not name.startswith("to_")
        else {"results": [_expanded(each, ",".join(wanted[name])) for each in value["results"]]}
        if name in wanted
        else {"__deferred": {"uri": name}}
        for name, value in row.items()
    }
