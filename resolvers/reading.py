"""What a loader's keys found, aligned: an outcome a key, also for keys that name no company."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from resolvers.errors import Ambiguous
from sources.errors import SourceError
from sources.models import Key
from sources.parts import aligned, grouped
from sources.viewer import Viewer

V = TypeVar("V")


def aligned_records(
    keys: Sequence[Key], found: Mapping[Key, V | SourceError], viewer: Viewer
) -> list[V | SourceError | Ambiguous | None]:
    """As `aligned`, for keys of which some name no company: those stand for the one record of that number, wherever it is."""
    if all(key.company is not None for key in keys):
        return [*aligned(keys, found)]
    named = grouped((key for key in found if key.company is not None and viewer.sees_company(key.company)), _number)
    return [found.get(key) if key.company else _anywhere(key, found, named.get(key.number, ())) for key in keys]


def _anywhere(
    key: Key, found: Mapping[Key, V | SourceError], matches: Sequence[Key]
) -> V | SourceError | Ambiguous | None:
    if len(matches) > 1:
        return Ambiguous(key.number, [match.company or "" for match in matches])
    return found.get(matches[0] if matches else key)


def _number(key: Key) -> str:
    return key.number
