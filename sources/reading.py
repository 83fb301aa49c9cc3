"""One batch being read: what it may take, what it took, what is to be told of it."""

from collections.abc import Sequence
from typing import Any

from sources.call import CallContext, Recalled
from sources.entry import Entry, staled
from sources.errors import SourceError
from sources.flight import Load
from sources.policy import Policy
from sources.question import Question
from sources.tier import Bound, Recollection

_NEVER_SEEN = float("inf")


class Reading:
    """Everything is judged by the moment at which the reading began. `demand`: how old an answer may be, here and now."""

    def __init__(self, call: CallContext, question: Question, *, policy: Policy, load: Load, now: float) -> None:
        self.call, self.question, self.policy, self.load, self.now = call, question, policy, load, now
        wanted = call.max_age_seconds
        self.demand = policy.fresh_seconds if wanted is None else min(policy.fresh_seconds, wanted)
        self.takes_stale = wanted is None and policy.stale_on != "never"
        self.is_direct = wanted is not None and wanted <= 0
        self.found: dict[Any, Any] = {}
        self._hits = self._stale = 0
        self._refusal: SourceError | None = None
        self._eldest = self._eldest_absent = self._eldest_hit = _NEVER_SEEN

    def bound(self, invalid_since: float) -> Bound:
        absent = min(self.policy.absent_kept_seconds, self.demand)
        return Bound(self.now - self.demand, self.now - absent, invalid_since)

    def recollected(self, recollection: Recollection, names: Sequence[str]) -> None:
        """What the first tier answered at once."""
        missing, doubtful, self._eldest, self._eldest_absent = recollection
        self._eldest_hit = min(self._eldest, self._eldest_absent)
        self._hits = len(names) - len(missing) - len(doubtful)

    def is_fresh(self, entry: Entry[Any]) -> bool:
        kept = self.policy.absent_kept_seconds if entry.is_absent else self.demand
        return entry.stamp > self.now - min(kept, self.demand)

    def began_since(self, entry: Entry[Any]) -> bool:
        """Loaded for this very reading, or for one that came later: as fresh as can be."""
        return entry.stamp >= self.now

    def may_take_stale(self, entry: Entry[Any]) -> bool:
        return self.takes_stale and not entry.is_absent and entry.stamp > self.now - self.policy.kept_seconds

    def take(self, entry: Entry[Any]) -> None:
        if entry.is_absent:
            self._eldest_absent = min(self._eldest_absent, entry.stamp)
        else:
            self._eldest = min(self._eldest, entry.stamp)
            self.found.update(entry.rows)
        if entry.stamp < self.now:
            self._hits += 1
            self._eldest_hit = min(self._eldest_hit, entry.stamp)

    def recalled(self, count: int, eldest: float) -> None:
        """So many were answered from the shared tier, none older than this."""
        self._hits += count
        self._eldest, self._eldest_hit = min(self._eldest, eldest), min(self._eldest_hit, eldest)

    def take_stale(self, entry: Entry[Any]) -> None:
        self._stale += 1
        self._hits += 1
        self._eldest = self._eldest_hit = min(self._eldest_hit, entry.stamp)
        self.found.update((key, staled(value)) for key, value in entry.rows)

    def fail(self, name: str, error: SourceError, *, whole: bool) -> None:
        self.found[self.question.asked(name)] = error
        if whole:
            self._refusal = error

    def raise_refusal(self) -> None:
        """A call that failed as a whole, and left nothing to answer, is raised as a port raises it."""
        if self._refusal is not None and all(each is self._refusal for each in self.found.values()):
            raise self._refusal

    def tell(self, keys: int) -> None:
        kind, policy = self.question.kind, self.policy
        fresh_for = min(
            policy.fresh_seconds - (self.now - self._eldest),
            policy.absent_kept_seconds - (self.now - self._eldest_absent),
        )
        fresh_for = 0.0 if self._stale or fresh_for == _NEVER_SEEN else max(0.0, fresh_for)
        oldest = max(0.0, self.now - self._eldest_hit) if self._hits else 0.0
        self.call.recalled(Recalled(self.question.source, kind.fact, keys, self._hits, self._stale, oldest, fresh_for))
