"""A look-up by key whose rows belong to companies: a key may exist in several."""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar


class Owned(Protocol):
    @property
    def company(self) -> str: ...


R = TypeVar("R", bound=Owned)


class Index(Generic[R]):
    """Rows of a key keep the order they came in."""

    def __init__(self, key: Callable[[R], str | None], rows: Iterable[R] = ()) -> None:
        self._key = key
        self._rows: dict[str, list[R]] = {}
        for row in rows:
            self.add(row)

    def add(self, row: R) -> None:
        key = self._key(row)
        if key is not None:
            self._rows.setdefault(key, []).append(row)

    def find(self, key: str, company: str | None = None) -> list[R]:
        rows = self._rows.get(key, [])
        return rows if company is None else [row for row in rows if row.company == company]

    def one(self, company: str, key: str) -> R | None:
        return next((row for row in self._rows.get(key, ()) if row.company == company), None)
