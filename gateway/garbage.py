"""Garbage collection, tuned for a process that answers requests: docs/decisions/0008.

Most of what the process holds after start (modules, the schema) never goes away, and most of what a request makes goes away by
reference counting alone: looking through it all for cycles, over and over, was a third of the CPU of a large answer.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 10, 10)
"""New objects that nobody has let go of, at a time; every tenth time those that outlived one look, too; every hundredth, all."""


@contextmanager
def paused() -> Iterator[None]:
    """Until `tuned` is entered: hardly anything that is loaded at a start goes away again, and looking for it was a seventh of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def tuned(*, is_tuned: bool = True) -> Iterator[None]:
    """Freeze what is there, and look for cycles a hundred times more seldom; as it was before, afterwards."""
    before = gc.get_threshold()
    if is_tuned:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
    gc.enable()
    try:
        yield
    finally:
        if is_tuned:
            gc.set_threshold(*before)
            gc.unfreeze()
