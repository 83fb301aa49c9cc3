"""Seeded chance: the same choices on every machine, for only `random.random()` is asked, which Python keeps stable."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, bound: int) -> int:
        return int(self._random() * bound)

    def between(self, lowest: int, highest: int) -> int:
        return lowest + int(self._random() * (highest - lowest + 1))

    def chance(self, share: float) -> bool:
        return self._random() < share

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._random() * len(choices))]

    def share(self) -> float:
        return self._random()

    def weighted(self, choices: Sequence[tuple[T, float]]) -> T:
        """Weights add up to 1."""
        left = self._random()
        for choice, weight in choices:
            left -= weight
            if left < 0:
                return choice
        return choices[-1][0]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different ones, in their own order; all of them when there are not more."""
        if count >= len(choices):
            return list(choices)
        found: set[int] = set()
        while len(found) < count:
            found.add(self.below(len(choices)))
        return [choices[at] for at in sorted(found)]
