"""What several systems answered to one question, put together: pure. A system that failed fails only what it alone could have answered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sources.errors import SourceError
from sources.models import Key, Shipment, Stock, WarehouseStock

V = TypeVar("V")


class Answer(NamedTuple):
    """What one system was asked for, and what it said: its mapping, or the error with which it failed as a whole."""

    numbers: Sequence[str]
    found: Mapping[Key, Any] | SourceError

    def failures(self) -> Iterable[tuple[str, SourceError]]:
        if isinstance(self.found, SourceError):
            return [(number, self.found) for number in self.numbers]
        return [(key.number, value) for key, value in self.found.items() if isinstance(value, SourceError)]

    def rows(self) -> Iterable[tuple[Key, Any]]:
        if isinstance(self.found, SourceError):
            return ()
        return [(key, value) for key, value in self.found.items() if not isinstance(value, SourceError)]


def merged(company: str | None, answers: Sequence[Answer]) -> dict[Key, Any]:
    """Records by key, of systems in their order: the first that has one decides.

    Within a company, what is found anywhere is found. Without one, what is found stands under its own key, and the error of a
    system that could not be asked stands beside it under the key without a company: there may be another record of that number.
    An empty list is no record: it stands where nothing else was found and nothing failed.
    """
    found: dict[Key, Any] = {}
    empty: dict[Key, Any] = {}
    for answer in answers:
        for key, value in answer.rows():
            is_empty = isinstance(value, tuple) and not value
            (empty if is_empty else found).setdefault(Key(company, key.number) if is_empty else key, value)
    failed: dict[Key, Any] = {}
    for number, error in (each for answer in answers for each in answer.failures()):
        failed.setdefault(Key(company, number), error)
    known = {key.number for key in found}
    nothing = {key: value for key, value in empty.items() if key.number not in known}
    return nothing | failed | found


def joined(
    company: str | None,
    answers: Sequence[Answer],
    join: Callable[[Sequence[V]], V],
    *,
    may_hold: Callable[[int, str], bool],
) -> dict[Key, V | SourceError]:
    """Of what several hold a part each: the parts put together, and an error where a part could not be read.

    A sum cut short would look like the whole. `may_hold`: whether the system of the answer at this place may hold something of a company.
    """
    parts: dict[Key, list[Any]] = {}
    failed: dict[str, list[tuple[int, SourceError]]] = {}
    for at, answer in enumerate(answers):
        for key, value in answer.rows():
            is_empty = isinstance(value, tuple) and not value
            parts.setdefault(Key(company, key.number) if is_empty else key, []).append(value)
        for number, error in answer.failures():
            failed.setdefault(number, []).append((at, error))
    known = {key.number for key in parts if key.company is not None}
    outcome: dict[Key, V | SourceError] = {}
    for key, values in parts.items():
        missing = [
            error for at, error in failed.get(key.number, ()) if key.company is None or may_hold(at, key.company)
        ]
        if key.company is not None or key.number not in known:
            outcome[key] = missing[0] if missing else join(values)
    return outcome | {Key(company, number): errors[0][1] for number, errors in failed.items()}


# ---------------------------------------------------------------- how parts are put together


def joined_stock(parts: Sequence[Stock]) -> Stock:
    """All rows in routing order. `today` is the latest of the warehouses' dates: no promise lies in the past of any of them."""
    if len(parts) == 1:
        return parts[0]
    return Stock(
        tuple(sorted((row for part in parts for row in part.rows), key=_routing)),
        max(part.today for part in parts),
        min(part.as_of for part in parts),
        any(part.stale for part in parts),
    )


def _routing(row: WarehouseStock) -> tuple[int, str]:
    return row.warehouse.priority, row.warehouse.code


def joined_shipments(parts: Sequence[tuple[Shipment, ...]]) -> tuple[Shipment, ...]:
    """Newest first, what has not left yet before everything that has; one that two systems know stands once."""
    if len(parts) == 1:
        return parts[0]
    rows = {Key(row.company, row.number): row for part in reversed(parts) for row in reversed(part)}
    return tuple(sorted(rows.values(), key=_age, reverse=True))


def _age(row: Shipment) -> tuple[bool, float, str]:
    at = row.shipped_at
    return at is None, at.timestamp() if at is not None else 0.0, row.number
