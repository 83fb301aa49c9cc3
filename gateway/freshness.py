"""How fresh a caller wants its answer, how fresh the answer is, and what was asked of which source for it."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from resolvers.whereabouts import Whereabouts
from sources.call import CallMade, Recalled

_MAX_AGE = re.compile(r"max-age=(\d{1,9})", re.ASCII)


class BadHeader(ValueError):
    """A request header cannot be understood; the message names it."""


def max_age_seconds(cache_control: str) -> float | None:
    """What `Cache-Control` of a request demands: 0 for no-cache; None where it leaves it to the policy. RFC 9111, 5.2.1."""
    demanded: list[float] = []
    for part in cache_control.lower().split(","):
        directive = part.strip()
        if directive in {"no-cache", "no-store"}:
            demanded.append(0.0)
        elif directive.startswith("max-age"):
            found = _MAX_AGE.fullmatch(directive)
            if found is None:
                raise BadHeader("Cache-Control: max-age is a whole number of seconds.")
            demanded.append(float(found[1]))
    return min(demanded, default=None)


def timeout_seconds(header: str, allowed_seconds: float) -> float:
    """What `X-Timeout-Ms` leaves of the time that an operation may take: a caller may ask for less, never for more."""
    if not header:
        return allowed_seconds
    if not re.fullmatch(r"[1-9]\d{0,8}", header.strip(), re.ASCII):
        raise BadHeader("X-Timeout-Ms is a whole number of milliseconds, more than 0.")
    return min(allowed_seconds, int(header) / 1000)


def idempotency_key(header: str | None) -> str | None:
    """A structured field's string, `"8e03978e"`, as the draft of the header wants it; the bare text as most clients send it."""
    if header is None:
        return None
    text = header.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    if not text:
        raise BadHeader("Idempotency-Key is empty.")
    return text


class Tally:
    """What this process has learnt from all its operations: where numbers were found, and how much was remembered."""

    def __init__(self) -> None:
        self.whereabouts = Whereabouts()
        self._keys: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()

    def recalled(self, batch: Recalled) -> None:
        self._keys[batch.source] += batch.keys
        self._hits[batch.source] += batch.hits

    def hit_ratio(self, source: str) -> float | None:
        """The share of a source's keys that were answered from memory; None where none was looked for there."""
        keys = self._keys[source]
        return round(self._hits[source] / keys, 4) if keys else None


class Told:
    """What the sources and the cache told of one operation; the tally of them all is told with it."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self.calls: list[CallMade] = []
        self.batches: list[Recalled] = []

    def call_made(self, call: CallMade) -> None:
        self.calls.append(call)

    def recalled(self, batch: Recalled) -> None:
        self.batches.append(batch)
        self._tally.recalled(batch)

    def headers(self, *, keepable: bool) -> Mapping[str, str]:
        """`Cache-Control` and, where anything was remembered, `Age`. An answer may be kept as long as its strictest fact."""
        if not keepable:
            return {"Cache-Control": "no-store"}
        age = max((batch.oldest_seconds for batch in self.batches if batch.hits), default=0.0)
        fresh = min((batch.fresh_for_seconds for batch in self.batches), default=0.0)
        headers = {"Cache-Control": f"private, max-age={int(age) + int(fresh) if fresh >= 1 else 0}"}
        return headers | {"Age": str(int(age))} if age else headers

    def sources(self) -> list[dict[str, Any]]:
        """A row a source that was asked or remembered: calls, keys, how many were cached, and the time its calls took together."""
        found: dict[str, dict[str, Any]] = {}
        for call in self.calls:
            row = found.get(call.source) or found.setdefault(call.source, _row(call.source))
            if call.how == "shared":
                continue
            if call.how == "sent":
                row["calls"] += 1
                row["keys"] += call.keys
            row["ms"] += call.seconds * 1000
            row["errors"] += call.outcome != "ok"
        for batch in self.batches:
            row = found.get(batch.source) or found.setdefault(batch.source, _row(batch.source))
            row["cached"] += batch.hits
            row["stale"] += batch.stale
        for row in found.values():
            row["ms"] = round(row["ms"], 1)
        return list(found.values())


def _row(source: str) -> dict[str, Any]:
    return {"source": source, "calls": 0, "keys": 0, "cached": 0, "stale": 0, "ms": 0.0, "errors": 0}
