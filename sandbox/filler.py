"""A JSON body of any length that is never whole in memory."""

_HEAD = b'{"filler":"'
_TAIL = b'"}'
LEAST_BYTES = len(_HEAD) + len(_TAIL)
MOST_BYTES = 200_000_000


class Filler:
    """An object of one long string; slices of it are made when they are asked for."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: slice, /) -> bytes:
        start, stop, _ = at.indices(self._size)
        tail = self._size - len(_TAIL)
        filled = max(min(stop, tail) - max(start, len(_HEAD)), 0)
        return _HEAD[start:stop] + b"x" * filled + _TAIL[max(start - tail, 0) : max(stop - tail, 0)]
