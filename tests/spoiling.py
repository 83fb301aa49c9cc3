"""An answer spoilt in one place: whatever stands there is missing, null, of another type or absurdly long."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from hypothesis import strategies as st

Path = tuple[str | int, ...]
LONG = "9" * 20_000
_KINDS: tuple[Any, ...] = (7, 1.5, "text", True, [], ["text"], {}, {"text": 1})


class Spoilt(NamedTuple):
    """`answer` with something else at `path`. `how`: "missing", "null", "type" or "long"."""

    answer: Any
    path: Path
    how: str

    @property
    def names(self) -> list[str]:
        return [each for each in self.path if isinstance(each, str)]

    def is_at(self, path: str) -> bool:
        """Whether an error's path leads there, or to what holds it; numbers of rows are left out."""
        told = [each for each in re.sub(r"\[[^]]*\]", "", path.removeprefix("$")).split(".") if each]
        return told == self.names[: len(told)]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in it but the whole."""
    if path:
        yield path
    within = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in within:
        yield from places(each, (*path, name))


@st.composite
def spoilt(draw: st.DrawFn, answer: Any) -> Spoilt:
    path = draw(st.sampled_from(list(places(answer))))
    copy = deepcopy(answer)
    holder = copy
    for name in path[:-1]:
        holder = holder[name]
    stood = holder[path[-1]]
    ways = [
        "null",
        "type",
        *(["missing"] if isinstance(path[-1], str) else []),
        *(["long"] if isinstance(stood, str) else []),
    ]
    how = draw(st.sampled_from(ways))
    if how == "missing":
        del holder[path[-1]]
    else:
        others = [each for each in _KINDS if _json_type(each) != _json_type(stood)]
        holder[path[-1]] = {"null": None, "long": LONG}.get(how) if how != "type" else draw(st.sampled_from(others))
    return Spoilt(copy, path, how)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    return "number" if isinstance(value, int | float) else type(value).__name__
