"""One call of an operation: what was asked, which of its keys a fault lets fail, and what it hides for now."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sandbox.books import Books
from sandbox.clock import FrozenDay
from sandbox.decoding import decoded
from sandbox.facts import Dataset
from sandbox.facts_orders import Order
from sandbox.problems import Problem
from sandbox.query import Query

B = TypeVar("B")
R = TypeVar("R")


class Call:
    """`failing` maps a key to the problem its reading runs into; `settling` maps a key, or all by None, to seconds of hiding."""

    def __init__(self, query: Query, body: bytes, *, books: Books, clock: FrozenDay) -> None:
        self.query = query
        self.body = body
        self.books = books
        self.clock = clock
        self.failing: Mapping[str, Problem] = {}
        self.settling: Mapping[str | None, float] = {}

    @property
    def dataset(self) -> Dataset:
        return self.books.dataset

    def has_settled(self, key: str, order: Order) -> bool:
        """Real time: the books' own day stands still."""
        written = self.books.written.written_at(order)
        wait = max(self.settling.get(None, 0.0), self.settling.get(key, 0.0))
        return written is None or not wait or time.time() - written >= wait

    def read(self, shape: type[B]) -> B:
        return decoded(self.body, shape)

    def batch(self, keys: Iterable[str], rows_of: Callable[[str], Iterable[R]]) -> tuple[list[R], list[dict[str, str]]]:
        """Rows of all the keys that can be read, and an error for each that cannot."""
        rows: list[R] = []
        errors: list[dict[str, str]] = []
        for key in keys:
            problem = self.failing.get(key)
            if problem is None:
                rows.extend(rows_of(key))
            else:
                errors.append(key_error(key, problem))
        return rows, errors


def key_error(key: str, problem: Problem) -> dict[str, str]:
    return {"key": key, "code": problem.code, "message": problem.message}
