"""What may be remembered, and for how long: one table, each figure of which crossdock.toml may set anew.

Whatever is not in the table is asked for every time, such as credit and simulations.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

ABSENT_SECONDS = 5.0


class Policy(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """`fresh_seconds` from the moment its load began a fact is as good as asked; 0: never remembered.

    `stale_on`: whether it may be served for `stale_seconds` more, marked as stale: on an outage only, or at once while it is
    being read anew. `absent_seconds`: how long "does not exist" is believed, never longer than a fact.
    `scoped`: the answer depends on the caller's rights, so that callers whose rights differ share nothing.
    """

    fresh_seconds: float
    stale_seconds: float = 0.0
    stale_on: Literal["never", "outage", "refresh"] = "never"
    absent_seconds: float = ABSENT_SECONDS
    scoped: bool = False

    @property
    def kept_seconds(self) -> float:
        return self.fresh_seconds + self.stale_seconds

    @property
    def absent_kept_seconds(self) -> float:
        return min(self.absent_seconds, self.fresh_seconds)


_SLOW = Policy(fresh_seconds=600, stale_seconds=3600, stale_on="refresh")
_ACCOUNT = Policy(fresh_seconds=120, stale_seconds=600, stale_on="refresh")
_POSITION = Policy(fresh_seconds=2, stale_seconds=30, stale_on="outage", absent_seconds=2)
_NEVER = Policy(fresh_seconds=0)

POLICY: Mapping[str, Policy] = {
    "item": _SLOW,
    "warehouse": _SLOW,
    "customer": _ACCOUNT,
    "ship_to": _ACCOUNT,
    "relationship": _ACCOUNT,
    "price": Policy(fresh_seconds=30, scoped=True),
    "stock": _POSITION,
    "supply_demand": _POSITION,
    "list": Policy(fresh_seconds=15),
    "tracking": Policy(fresh_seconds=60, stale_seconds=600, stale_on="refresh"),
    "order": _NEVER,
    "shipment": _NEVER,
}


class PolicyChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What crossdock.toml may say about one fact; what it leaves out stays as in `POLICY`. Negative times fail the check."""

    fresh_seconds: float | None = None
    stale_seconds: float | None = None
    absent_seconds: float | None = None
    scoped: bool | None = None

    def applied(self, policy: Policy) -> Policy:
        """Raises ValueError for a time below 0, and for a stale time where a fact may never be served stale."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        if any(value < 0 for value in given.values()):
            raise ValueError("a time may not be negative")
        if given.get("stale_seconds") and policy.stale_on == "never":
            raise ValueError("this fact is never served stale")
        return msgspec.structs.replace(policy, **given)


def policies(changes: Mapping[str, PolicyChange]) -> dict[str, Policy]:
    """The table with its changes. Raises ValueError, which names the fact."""
    unknown = [fact for fact in changes if fact not in POLICY]
    if unknown:
        raise ValueError(f"`{unknown[0]}` is not remembered; known: {', '.join(POLICY)}")
    table = dict(POLICY)
    for fact, change in changes.items():
        try:
            table[fact] = change.applied(POLICY[fact])
        except ValueError as error:
            raise ValueError(f"`{fact}`: {error}") from None
    return table
