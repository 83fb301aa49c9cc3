"""Who may hold a stream open: who they are, from where their page comes, and how many they have."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from sources.viewer import SERVICE_DESK, Viewer


class Admitted(NamedTuple):
    """Who it is, and until when that holds: seconds since the epoch, None for ever."""

    viewer: Viewer
    expires_at: float | None = None


class NotAdmitted(Exception):
    """The caller is nobody we know; the message is for its eyes."""


Admit = Callable[[str], Awaitable[Admitted]]
"""By the value of an Authorization header, which a WebSocket may also give with its connection_init. Raises NotAdmitted."""


async def service_desk(_: str) -> Admitted:
    """Development's: everybody."""
    return Admitted(SERVICE_DESK)


def is_own_page(headers: Mapping[str, str], allowed: Sequence[str]) -> bool:
    """Whether a browser's page that opens a WebSocket is our own, or one that is allowed. What is no browser names no origin."""
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    host = headers.get("host", "")
    return bool(host) and urlsplit(origin).netloc.lower() == host.lower()


class Seats:
    """How many streams are open, in all and for each caller."""

    def __init__(self, *, in_all: int, a_caller: int) -> None:
        self._in_all, self._a_caller = in_all, a_caller
        self._taken: Counter[str] = Counter()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def take(self, caller: str) -> bool:
        if self._count >= self._in_all or self._taken[caller] >= self._a_caller:
            return False
        self._taken[caller] += 1
        self._count += 1
        return True

    def leave(self, caller: str) -> None:
        self._count -= 1
        self._taken[caller] -= 1
        if not self._taken[caller]:
            del self._taken[caller]
