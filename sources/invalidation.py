"""What has been declared invalid, and when: an entry whose load began before that moment is dead, wherever it is kept.

No index leads from tags to entries. An entry is asked, when it is read, whether its stamp is later than all that concerns it.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

ALL = "*"
"""Stands for every fact, or for every tag."""

MAX_INVALIDATIONS = 10_000


class Invalidation(NamedTuple):
    """`tag` is kind:company:number, such as item:US:BOLT-M8; a fact or a tag that is `ALL` means all of them."""

    fact: str
    tag: str
    at: float


Listener = Callable[[Invalidation], None]


def wide(tag: str) -> tuple[str, ...]:
    """The tag, and those by which questions are found that name no company, or no number: both may have held the record."""
    kind, _, rest = tag.partition(":")
    company, _, number = rest.partition(":")
    return (tag,) if not number else (tag, f"{kind}::{number}", f"{kind}:{company}:")


class Invalidations:
    """Bounded: what is older than anything that is kept is forgotten, and beyond `limit` the older half becomes one floor."""

    def __init__(self, *, kept_seconds: float, limit: int = MAX_INVALIDATIONS) -> None:
        self._kept_seconds, self._limit = kept_seconds, limit
        self._at: dict[tuple[str, str], float] = {}
        self._by_fact: dict[str, dict[str, float]] = {}
        self._latest: dict[str, float] = {}
        self._floor = float("-inf")
        self.listeners: list[Listener] = []

    def __len__(self) -> int:
        return len(self._at)

    def all(self) -> list[Invalidation]:
        return [Invalidation(fact, tag, at) for (fact, tag), at in self._at.items()]

    def add(self, invalidation: Invalidation) -> bool:
        """Whether it says more than was known."""
        fact, tag, at = invalidation
        if self._at.get((fact, tag), float("-inf")) >= at or at <= self._floor:
            return False
        self._at[fact, tag] = at
        self._mark(invalidation)
        if len(self._at) > self._limit:
            self._forget(at)
        for listener in self.listeners:
            listener(invalidation)
        return True

    def raise_floor(self, at: float) -> None:
        """Everything up to this moment is dead: more was declared than is known."""
        self._floor = max(self._floor, at)

    def bound(self, fact: str) -> float:
        """What began after this moment is concerned by none of them: one look for a whole batch."""
        if not self._at:
            return self._floor
        return max(self._floor, self._latest.get(fact, self._floor), self._latest.get(ALL, self._floor))

    def since(self, fact: str, tags: Iterable[str]) -> float:
        """The last moment at which this fact, or one of these tags, was declared invalid."""
        moment = self._floor
        named = (ALL, *tags)
        for each in (fact, ALL):
            of_fact = self._by_fact.get(each)
            if of_fact:
                moment = max(moment, *[of_fact.get(tag, moment) for tag in named])
        return moment

    def _mark(self, invalidation: Invalidation) -> None:
        fact, tag, at = invalidation
        self._latest[fact] = max(at, self._latest.get(fact, at))
        of_fact = self._by_fact.setdefault(fact, {})
        for each in wide(tag):
            of_fact[each] = max(at, of_fact.get(each, at))

    def _forget(self, now: float) -> None:
        oldest = now - self._kept_seconds
        kept = [each for each in self.all() if each.at > oldest]
        kept.sort(key=lambda each: each.at)
        if len(kept) > self._limit // 2:
            dropped, kept = kept[: -(self._limit // 2)], kept[-(self._limit // 2) :]
            self.raise_floor(dropped[-1].at)
        self._at = {(each.fact, each.tag): each.at for each in kept}
        self._by_fact, self._latest = {}, {}
        for each in kept:
            self._mark(each)
