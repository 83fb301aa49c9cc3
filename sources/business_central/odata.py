"""OData as Business Central reads it: literals, filters and queries, so that no key can leave its place. Pure functions."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

MAX_QUERY = 2_000
"""How long a query may become, escaped. The vendor names no bound; a request line and its headers have 16 KiB before most servers."""

NUMBER, REFERENCE, CODE = 20, 35, 10
"""How long a record's number, an external document number and a code are at most in Business Central: what is longer cannot exist."""

_FILTER_SIGNS = re.compile(r"[*?@|&<>=()%']|\.\.")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TOKENS = ("$skiptoken", "$skip")

Params = tuple[tuple[str, str], ...]


class Token(NamedTuple):
    """Where a list goes on: the one parameter of a next link that is used, never its address."""

    name: str
    value: str


def literal(text: str) -> str:
    """A string as OData spells it: in single quotes, each of its own doubled."""
    return "'" + text.replace("'", "''") + "'"


def one_of(field: str, values: Iterable[str]) -> str:
    """Business Central takes `or` between values of one field, and of one field only."""
    return " or ".join(f"{field} eq {literal(value)}" for value in values)


def all_of(*filters: str | None) -> str:
    """Those that are there, joined by `and`."""
    given = [each for each in filters if each]
    return given[0] if len(given) == 1 else " and ".join(f"({each})" if " or " in each else each for each in given)


def may_exist(key: str, length: int) -> bool:
    return 0 < len(key) <= length and not _UNPRINTABLE.search(key)


def parted(field: str, values: Sequence[str]) -> list[list[str]]:
    """The values in parts whose filters keep the bound, duplicates once.

    Business Central reads some signs in a compared value as a filter of its own (`*` stands for anything). A value that holds one is asked
    alone, so that what it matches crowds out nobody else's row.
    """
    alone = [[value] for value in dict.fromkeys(values) if _FILTER_SIGNS.search(value)]
    parts: list[list[str]] = []
    room = 0
    for value in dict.fromkeys(values):
        if _FILTER_SIGNS.search(value):
            continue
        size = len(quote(f"{field} eq {literal(value)} or ", safe=""))
        if size > room:
            parts.append([])
            room = MAX_QUERY // 2
        parts[-1].append(value)
        room -= size
    return parts + alone


def query(params: Params) -> str:
    """As it stands behind the `?` of a request inside a batch."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in params)


def token_of(link: str, entity: str) -> Token:
    """Raises ValueError for a link that does not go on with the same list: nothing of it would be used."""
    parts = urlsplit(link)
    if not parts.path.endswith(f"/{entity}"):
        raise ValueError("the link leads to another list")
    found = {name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    for name in _TOKENS:
        if found.get(name):
            return Token(name, found[name])
    raise ValueError("the link does not say where to go on")


def option(code: str) -> str:
    """A name of an enumeration as people read it: `_x0020_` is a space. One that is blank is the empty text."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), code).strip()
