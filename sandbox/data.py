"""Which data set to serve: generated, a facts file, or a folder of Wide World Importers' tables."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sandbox.facts import Dataset
from sandbox.missing import NoSuchDataError

GENERATED = "generated"


def load(source: str) -> Dataset:
    if source == GENERATED:
        from sandbox.generate import generated  # noqa: PLC0415 - the generator's vocabularies only where they are used

        with _without_collector():
            return generated()
    path = Path(source)
    if path.is_dir():
        from sandbox.wide_world_importers import load_wide_world_importers  # noqa: PLC0415 - it needs pyarrow

        with _without_collector():
            return load_wide_world_importers(path)
    return _facts_file(path)


def _facts_file(path: Path) -> Dataset:
    try:
        return Dataset.from_builtins(msgspec.json.decode(path.read_bytes()))
    except OSError as missing:
        raise NoSuchDataError(f"{path}: {missing.strerror}") from missing
    except msgspec.DecodeError as wrong:
        raise NoSuchDataError(f"{path}: {wrong}") from wrong


@contextmanager
def _without_collector() -> Iterator[None]:
    """Half a million new objects and no garbage among them: looking for it would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
