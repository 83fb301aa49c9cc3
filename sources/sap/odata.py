"""OData V2 as SAP reads and writes it: literals, filters, dates, next links. Pure functions: no key can leave its place."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

MAX_QUERY = 6_000
"""How long a filter may become, escaped: a request line has 8 KiB before most servers, and the rest of it wants some, too."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"/Date\((-?[0-9]+)(?:[+-][0-9]{4})?\)/", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_TOKENS = ("$skiptoken", "$skip")

Params = tuple[tuple[str, str], ...]


def literal(text: str) -> str:
    """A string as OData spells it: in single quotes, each of its own doubled."""
    return "'" + text.replace("'", "''") + "'"


def day_literal(day: date) -> str:
    return f"datetime'{day.isoformat()}T00:00:00'"


def one_of(field: str, values: Iterable[str]) -> str:
    return " or ".join(f"{field} eq {literal(value)}" for value in values)


def any_of(*filters: str) -> str:
    return " or ".join(f"({each})" if " and " in each else each for each in filters)


def all_of(*filters: str | None) -> str:
    """Those that are there, joined by `and`."""
    given = [each for each in filters if each]
    return given[0] if len(given) == 1 else " and ".join(f"({each})" if " or " in each else each for each in given)


def may_exist(key: str, length: int) -> bool:
    """Whether a column of that length could hold it: what is longer, or holds what no key does, is not asked about."""
    return 0 < len(key) <= length and not _UNPRINTABLE.search(key)


def parted(field: str, values: Iterable[str]) -> list[list[str]]:
    """The values in parts whose filters keep the bound, duplicates once."""
    parts: list[list[str]] = []
    room = 0
    for value in dict.fromkeys(values):
        size = len(quote(f"{field} eq {literal(value)} or ", safe=""))
        if size > room:
            parts.append([])
            room = MAX_QUERY
        parts[-1].append(value)
        room -= size
    return parts


def query(params: Sequence[tuple[str, str]]) -> str:
    """As it stands behind the `?` of a request inside a batch."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in params)


def token_of(link: str) -> tuple[str, str]:
    """Where a list goes on: the one parameter of a next link that is used, never its address. Raises ValueError where it does not say."""
    found = {name.lower(): value for name, value in parse_qsl(urlsplit(link).query, keep_blank_values=True)}
    for name in _TOKENS:
        if found.get(name):
            return name, found[name]
    raise ValueError("the link does not say where to go on")


def moment(text: str) -> datetime:
    """`/Date(1492041600000)/`: milliseconds since 1970 in UTC, exactly. What may stand behind them is how to show it."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("no date of OData")
    return _EPOCH + timedelta(milliseconds=int(found[1]))


def day(text: str | None) -> date | None:
    """A date without a time is told as its midnight in UTC."""
    return None if text is None else moment(text).date()


def wire_day(day: date) -> str:
    """A date as it is written into a body."""
    return f"/Date({(day - _EPOCH.date()).days * 86_400_000})/"
