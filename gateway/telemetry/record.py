"""All that one operation tells of itself: collected while it runs, told once when it is over."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from engine import StepDone
from gateway.freshness import Told
from sources.trace import Trace

Transport = Literal["http", "websocket", "sse", "event", "mcp"]
Outcome = Literal["ok", "errors", "refused", "hung_up", "failed"]
"""Answered whole; answered with errors; refused before it was executed; nobody waited for it any more; something of ours broke."""


class About(NamedTuple):
    """What is known of an operation when it begins. `subject` is who asks, `cost` in points."""

    kind: str
    name: str | None
    transport: Transport
    subject: str
    correlation_id: str
    trace: Trace
    cost: int = 0


class Record:
    """Times by the monotonic clock; `at` is when it began by the wall's. `left`: why graphql-core executed it, if it did."""

    __slots__ = ("about", "at", "ended", "errors", "left", "outcome", "started", "steps", "told")

    def __init__(self, about: About, told: Told) -> None:
        self.about, self.told = about, told
        self.at, self.started, self.ended = datetime.now(UTC), time.monotonic(), 0.0
        self.steps: list[StepDone] = []
        self.errors: Mapping[str, int] = {}
        self.left: str | None = None
        self.outcome: Outcome = "failed"

    @property
    def seconds(self) -> float:
        return (self.ended or time.monotonic()) - self.started

    @property
    def engine(self) -> str:
        return "crossdock" if self.left is None else "graphql-core"

    def step_done(self, step: StepDone) -> None:
        self.steps.append(step)

    def answered(self, body: Mapping[str, Any], *, executed: bool) -> None:
        errors = body.get("errors")
        if errors:
            self.errors = Counter(each.get("extensions", {}).get("code", "GRAPHQL") for each in errors)
        self.outcome = "refused" if not executed else "errors" if errors else "ok"
