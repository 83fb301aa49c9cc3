"""The first tier: decoded facts in this process, the longest unused of which make room; bounded by count and by bytes."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from aiocache import SimpleMemoryCache

from sources.entry import UNNAMED, Entry


class Bound(NamedTuple):
    """Only what began to be loaded after this moment answers; "does not exist" has a moment of its own.

    `invalid_since`: what was not checked against the invalidations after this moment has to be.
    """

    since: float
    absent_since: float
    invalid_since: float


class Recollection(NamedTuple):
    """The names that are not there, and those whose entries have to be looked at; the oldest stamps of what was answered, or `inf`."""

    missing: list[str]
    doubtful: list[str]
    eldest: float
    eldest_absent: float


class FirstTier(SimpleMemoryCache):  # type: ignore[misc]  # aiocache is untyped
    """aiocache's memory cache, bounded. Entries are looked up without a task, a copy or an await."""

    def __init__(self, *, max_entries: int, max_bytes: int) -> None:
        super().__init__(timeout=0)
        self._cache: OrderedDict[str, Entry[Any]] = OrderedDict()
        self.max_entries, self.max_bytes = max_entries, max_bytes
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._cache)

    def entry(self, name: str) -> Entry[Any] | None:
        return self._cache.get(name)

    def recall(self, prefix: str, names: Sequence[str], bound: Bound, *, into: dict[Any, Any]) -> Recollection:
        """Answer what can be answered: the hot path of every read, so it is one loop over one dict."""
        get, used = self._cache.get, self._cache.move_to_end
        since, absent_since, invalid_since = bound
        eldest = eldest_absent = float("inf")
        missing: list[str] = []
        doubtful: list[str] = []
        for name in names:
            at = prefix + name
            entry = get(at)
            if entry is None:
                missing.append(name)
                continue
            stamp, key = entry.stamp, entry.key
            if stamp <= since or entry.checked <= invalid_since:
                doubtful.append(name)
                continue
            if key is not None:
                into[key] = entry.value
            elif entry.value:
                into.update(entry.value)
            elif stamp > absent_since:
                eldest_absent = min(eldest_absent, stamp)
                used(at)
                continue
            else:
                doubtful.append(name)
                continue
            used(at)
            if stamp < eldest:  # noqa: PLR1730 - min() costs as much as all the rest of a key
                eldest = stamp
        return Recollection(missing, doubtful, eldest, eldest_absent)

    def adopt(
        self,
        prefix: str,
        arrived: Iterable[tuple[str, Entry[Any] | None]],
        asked: Callable[[str], Any],
        since: float,
        *,
        into: dict[Any, Any],
    ) -> tuple[list[str], float]:
        """Keep what came from the shared tier and answer what can be: again one loop. The names of the rest, and the oldest stamp."""
        kept, grown, eldest = self._cache, 0, float("inf")
        rest: list[str] = []
        for name, entry in arrived:
            if entry is None:
                rest.append(name)
                continue
            key = entry.key
            if key is UNNAMED:
                key = entry.key = asked(name)
            stamp = entry.checked = entry.stamp
            at = prefix + name
            if at in kept:
                self.keep(at, entry)
            else:
                kept[at] = entry
                grown += entry.bytes
            if key is None or stamp <= since:
                rest.append(name)
                continue
            into[key] = entry.value
            if stamp < eldest:  # noqa: PLR1730 - as above
                eldest = stamp
        self.bytes += grown
        self._make_room()
        return rest, eldest

    def keep(self, name: str, entry: Entry[Any]) -> None:
        self.keep_all([(name, entry)])

    def keep_all(self, entries: Iterable[tuple[str, Entry[Any]]]) -> None:
        """Unless younger ones are there. What does not fit at all is not kept."""
        kept, limit, grown = self._cache, self.max_bytes, 0
        for name, entry in entries:
            size = entry.bytes
            there = kept.get(name)
            if size > limit or (there is not None and there.stamp > entry.stamp):
                continue
            if there is not None:
                grown -= kept.pop(name).bytes
            kept[name] = entry
            grown += size
        self.bytes += grown
        self._make_room()

    def _make_room(self) -> None:
        kept = self._cache
        while self.bytes > self.max_bytes or len(kept) > self.max_entries:
            self.bytes -= kept.popitem(last=False)[1].bytes

    def drop(self, name: str) -> bool:
        entry = self._cache.pop(name, None)
        if entry is None:
            return False
        self.bytes -= entry.bytes
        return True

    def empty(self) -> None:
        self._cache.clear()
        self.bytes = 0

    # ------------------------------------------------------------ aiocache's own interface, within the same bounds

    async def _set(self, key: str, value: Entry[Any], **_: Any) -> bool:
        self.keep(key, value)
        return True

    async def _delete(self, key: str, **_: Any) -> int:
        return int(self.drop(key))

    async def _clear(self, *_: Any, **__: Any) -> bool:
        self.empty()
        return True

    async def _expire(self, *_: Any, **__: Any) -> bool:
        """Entries carry their own moment; nothing here runs by a timer."""
        return False
