"""Garbage collection, tuned for a process that answers requests: docs/decisions/0008.

Most of what the process holds after start (modules, the schema) never goes away, and most of what a request makes goes away by
reference counting alone: looking through it all for cycles, over and over, was a third of the CPU of a large answer.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 50, 100)


@contextmanager
def tuned(*, is_tuned: bool = True) -> Iterator[None]:
    """Freeze what is there, and look for cycles a hundred times more seldom; as it was before, afterwards."""
    before = gc.get_threshold()
    if is_tuned:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        if is_tuned:
            gc.set_threshold(*before)
            gc.unfreeze()
