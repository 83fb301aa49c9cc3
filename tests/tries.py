"""What something costs on a machine that others use, too: too much is so each time, and once may be a neighbour's doing."""

from collections.abc import Awaitable, Callable
from typing import Final

TRIES: Final = 3


async def least(cost: Callable[[int], Awaitable[float]], below: float) -> float:
    """The least of a few tries, which are told their number; none is made after one that cost less than `below`."""
    spent = []
    for number in range(TRIES):
        spent.append(await cost(number))
        if spent[-1] < below:
            break
    return min(spent)
