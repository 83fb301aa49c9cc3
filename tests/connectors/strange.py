"""What may not stand in a connector's answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from sources import atp, changes, models
from sources.errors import SourceError

OURS = {models.__name__, atp.__name__, changes.__name__}


def strange(value: Any, path: str = "$") -> list[str]:
    """Where something stands that is no fact of ours: a float, a time without its zone, a struct of the vendor's."""
    if isinstance(value, float) or (isinstance(value, datetime) and value.utcoffset() is None):
        return [f"{path}: {value!r}"]
    if isinstance(value, msgspec.Struct):
        here = [] if type(value).__module__ in OURS else [f"{path}: {type(value).__name__}"]
        fields = [(name, getattr(value, name)) for name in value.__struct_fields__]
        return here + [each for name, held in fields for each in strange(held, f"{path}.{name}")]
    if isinstance(value, Mapping):
        return [each for name, held in value.items() for each in strange(held, f"{path}[{name!r}]")]
    if isinstance(value, list | tuple):
        return [each for at, held in enumerate(value) for each in strange(held, f"{path}[{at}]")]
    return []


def held_in(came: Any) -> list[Any]:
    """The values of an answer, or the answer that is one; a call that failed is its error."""
    return list(came.values()) if isinstance(came, Mapping) else [came]


def errors_in(came: Any) -> list[SourceError]:
    return [each for each in held_in(came) if isinstance(each, SourceError)]
